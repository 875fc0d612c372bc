// Symmetric matrices in tridiagonal form.
//
//   A = Q T Qᵀ, T tridiagonal, Q a product of Householder reflections that is kept as such
//
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), Algorithm 8.3.1; the order of elimination (last row first) is that
// of Martin, Reinsch, Wilkinson 1968, since it walks the rows of the lower triangle, which lie together in memory.
//
// Deviations:
// 1. The rank-two update of one step and the matrix-vector product of the next are one pass over the triangle, four rows at
//    a time: the reduction is bound by memory, and this halves the traffic.
// 2. The triangle is packed: row i begins at i (i + 1)/2.
// 3. A matrix of extreme size is scaled by a power of two first, and the rest of a row below 1e-290 of that is taken as zero,
//    so that no square overflows or underflows.

import { misuse } from "../../errors.js";
import { type DenseInput, toDense } from "../../interop/dense.js";
import type { DenseMatrix, Vector } from "../matrix.js";
import { axpyAt, copyInto, dotAt, norm2, powerOfTwoScale } from "../vec.js";
import { blockSize, denseBackend } from "./backend.js";
import { applyWyToRows, compactWyInto, reflectorBlock } from "./compact-wy.js";
import { requireSquare } from "./dense.js";

export {
  countBelow,
  tridiagonalEigenvalues,
  tridiagonalEigenvector,
  tridiagonalLowestEigenvalue,
} from "./tridiagonal-eigen.js";

import type { TridiagonalEntries } from "./tridiagonal-solve.js";

export {
  shiftedTridiagonalFactorizeInto,
  shiftedTridiagonalSolveInto,
  type TridiagonalEntries,
  type TridiagonalFactor,
  type TridiagonalLu,
  tridiagonalFactor,
  tridiagonalLu,
  tridiagonalLuSolveInto,
} from "./tridiagonal-solve.js";

/** A = Q T Qᵀ as plain data. */
export interface Tridiagonal extends TridiagonalEntries {
  readonly kind: "tridiagonal";
  /** Packed: the i entries from i (i + 1)/2 on are the Householder vector vᵢ, whose last entry is 1. */
  readonly reflectors: Vector;
  /** τᵢ in Hᵢ = I − τᵢ vᵢ vᵢᵀ; 0 where there is nothing to reflect. */
  readonly tau: Vector;
}

/**
 * Reduces a symmetric matrix (its lower triangle is read): 4/3 n³ operations.
 * @throws ArgumentError when A isn't square or its lower triangle isn't finite.
 */
export function tridiagonalize(matrix: DenseInput): Tridiagonal {
  const A = toDense(matrix, "tridiagonalize", "A");
  requireSquare("tridiagonalize", "A", A);
  const n = A.rows;
  const backend = denseBackend();
  const packed = (n * (n + 1)) / 2;
  // The triangle and the vectors of a step together, so that the kernels work in place.
  const memory = n <= blockSize ? new Float64Array(packed + 4 * n) : backend.allocate(packed + 4 * n);
  const a = memory.subarray(0, packed);
  const unit = packInto(a, A);
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(Math.max(0, n - 1));
  const tau = new Float64Array(n);
  // The pending update is A −= u wᵀ + w uᵀ, and v the vector of this step.
  const vector = (k: number) => memory.subarray(packed + k * n, packed + (k + 1) * n);
  const u = vector(0);
  const w = vector(1);
  const v = vector(2);
  const p = vector(3);
  let pending = false;
  for (let i = n - 1; i >= 0; i--) {
    const row = (i * (i + 1)) / 2;
    if (pending) for (let k = 0; k <= i; k++) a[row + k] -= u[i] * w[k] + w[i] * u[k];
    diagonal[i] = a[row + i] / unit;
    if (i === 0) break;
    const t = reflector(a, row, i, offDiagonal);
    tau[i] = t;
    offDiagonal[i - 1] /= unit;
    if (t === 0 && !pending) continue;
    for (let k = 0; k < i; k++) {
      v[k] = a[row + k];
      p[k] = 0;
    }
    if (!pending) {
      u.fill(0, 0, i);
      w.fill(0, 0, i);
    }
    backend.packedUpdateMultiply(i, a, u, w, v, p);
    pending = t !== 0;
    if (!pending) continue;
    // H A H = A − v wᵀ − w vᵀ with w = τ A v − ½ τ² (vᵀA v) v.
    const half = 0.5 * t * t * dotAt(p, 0, v, 0, i);
    for (let k = 0; k < i; k++) {
      u[k] = v[k];
      w[k] = t * p[k] - half * v[k];
    }
  }
  const reflectors = a.slice();
  backend.release(memory);
  return { kind: "tridiagonal", n, diagonal, offDiagonal, reflectors, tau };
}

/** Copies the lower triangle, checked and scaled by a power of two; answers the scale. */
function packInto(a: Vector, { rows: n, data }: DenseMatrix): number {
  let size = 0;
  for (let i = 0, to = 0; i < n; i++) {
    for (let j = 0; j <= i; j++, to++) {
      const value = data[i * n + j];
      if (!Number.isFinite(value)) misuse("tridiagonalize", "A", `${value} at (${i}, ${j})`, "finite entries");
      a[to] = value;
      size = Math.max(size, Math.abs(value));
    }
  }
  const unit = size > 1e100 || (size > 0 && size < 1e-100) ? powerOfTwoScale(size) : 1;
  if (unit !== 1) for (let k = 0; k < a.length; k++) a[k] *= unit;
  return unit;
}

/** Turns `length` entries from `start` into the Householder vector that maps them to a multiple of the last; answers τ. */
function reflector(a: Vector, start: number, length: number, offDiagonal: Vector): number {
  const x = a.subarray(start, start + length);
  const last = x[length - 1];
  const norm = norm2(x);
  x[length - 1] = 0;
  let rest = false;
  for (let k = 0; k + 1 < length; k++) rest ||= x[k] !== 0;
  if (!rest || norm < 1e-290) {
    x.fill(0);
    x[length - 1] = 1;
    offDiagonal[length - 1] = last;
    return 0;
  }
  const beta = last >= 0 ? -norm : norm;
  offDiagonal[length - 1] = beta;
  // v = x − β e, scaled so that its last entry is 1.
  for (let k = 0; k + 1 < length; k++) x[k] /= last - beta;
  x[length - 1] = 1;
  return (beta - last) / beta;
}

/** out ← Q x, 2n² operations. `out` may be x. */
export function applyQInto(out: Vector, { n, reflectors, tau }: Tridiagonal, x: Vector): Vector {
  checkLengths("applyQInto", out, x, n);
  copyInto(out, x);
  for (let i = 1; i < n; i++) reflect(out, reflectors, i, tau[i]);
  return out;
}

/** out ← Qᵀ x, 2n² operations. `out` may be x. */
export function applyQTransposeInto(out: Vector, { n, reflectors, tau }: Tridiagonal, x: Vector): Vector {
  checkLengths("applyQTransposeInto", out, x, n);
  copyInto(out, x);
  for (let i = n - 1; i >= 1; i--) reflect(out, reflectors, i, tau[i]);
  return out;
}

function checkLengths(routine: string, out: Vector, x: Vector, n: number): void {
  if (x.length !== n) misuse(routine, "x", `of length ${x.length}`, `length ${n}`);
  if (out.length !== n) misuse(routine, "out", `of length ${out.length}`, `length ${n}`);
}

function reflect(x: Vector, reflectors: Vector, i: number, tau: number): void {
  if (tau === 0) return;
  const start = (i * (i + 1)) / 2;
  axpyAt(x, 0, -tau * dotAt(reflectors, start, x, 0, i), reflectors, start, i);
}

/**
 * Rows of R ← R Qᵀ, that is, each row r to Q r: 2n³ operations for n rows. With `identity` R is known to be the identity, and it takes 4/3 n³. Fastest where R
 * is of one allocation with `work`, which has room for {@link applyQToRowsRoom} numbers from `workStart`.
 */
export function applyQToRows(
  R: Vector,
  { n, reflectors, tau }: Tridiagonal,
  work: Vector,
  workStart: number,
  identity = false,
): void {
  const backend = denseBackend();
  const v = workStart + 2 * n * reflectorBlock;
  const t = v + n * reflectorBlock;
  for (let first = 1; first < n; first += reflectorBlock) {
    const count = Math.min(reflectorBlock, n - first);
    const length = first + count - 1;
    // Row k is the vector of reflection first + k, which has first + k entries.
    for (let k = 0; k < count; k++) {
      const size = first + k;
      const start = (size * (size + 1)) / 2;
      work.set(reflectors.subarray(start, start + size), v + k * length);
      work.fill(0, v + k * length + size, v + (k + 1) * length);
    }
    compactWyInto(work, t, count, length, work, v, length, tau, first);
    // A reflection changes its first coordinates only: of the identity later rows are still without them.
    const rows = identity ? length : n;
    applyWyToRows(backend, rows, length, R, 0, n, count, work, v, length, work, t, false, work, workStart);
  }
}

/** Numbers of scratch memory that {@link applyQToRows} takes. */
export const applyQToRowsRoom = (n: number): number => reflectorBlock * (3 * n + reflectorBlock);

/** Qᵀ as a row-major n × n matrix (its rows are the columns of Q), 4/3 n³ operations. */
export function formQTranspose(T: Tridiagonal): Vector {
  const { n } = T;
  const backend = denseBackend();
  const length = n * n + applyQToRowsRoom(n);
  const memory = n <= blockSize ? new Float64Array(length) : backend.allocate(length);
  for (let j = 0; j < n; j++) memory[j * n + j] = 1;
  applyQToRows(memory.subarray(0, n * n), T, memory, n * n, true);
  const W = memory.slice(0, n * n);
  backend.release(memory);
  return W;
}
