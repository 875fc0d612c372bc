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

import { misuse } from "../errors.js";
import { type DenseInput, toDense } from "../interop/dense.js";
import { requireSquare } from "./dense.js";
import type { DenseMatrix, Vector } from "./matrix.js";
import { axpyAt, copyInto, dotAt, norm2, powerOfTwoScale } from "./vec.js";

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
  const a = new Float64Array((n * (n + 1)) / 2);
  const unit = packInto(a, A);
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(Math.max(0, n - 1));
  const tau = new Float64Array(n);
  // The pending update is A −= u wᵀ + w uᵀ, and v the vector of this step.
  const u = new Float64Array(n);
  const w = new Float64Array(n);
  const v = new Float64Array(n);
  const p = new Float64Array(n);
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
    updateAndMultiply(a, i, u, w, v, p);
    pending = t !== 0;
    if (!pending) continue;
    // H A H = A − v wᵀ − w vᵀ with w = τ A v − ½ τ² (vᵀA v) v.
    const half = 0.5 * t * t * dotAt(p, 0, v, 0, i);
    for (let k = 0; k < i; k++) {
      u[k] = v[k];
      w[k] = t * p[k] - half * v[k];
    }
  }
  return { kind: "tridiagonal", n, diagonal, offDiagonal, reflectors: a, tau };
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

/** A −= u wᵀ + w uᵀ and p += A v on the leading m rows of the packed triangle, in one pass. */
function updateAndMultiply(a: Vector, m: number, u: Vector, w: Vector, v: Vector, p: Vector): void {
  let j = 0;
  for (; j + 3 < m; j += 4) {
    fourRows(a, j, u, w, v, p);
    corner(a, j, j, j + 4, u, w, v, p);
  }
  corner(a, j, 0, m, u, w, v, p);
}

/** Columns 0 … j − 1 of rows j … j + 3. */
function fourRows(a: Vector, j: number, u: Vector, w: Vector, v: Vector, p: Vector): void {
  const r0 = (j * (j + 1)) / 2;
  const r1 = r0 + j + 1;
  const r2 = r1 + j + 2;
  const r3 = r2 + j + 3;
  const u0 = u[j];
  const u1 = u[j + 1];
  const u2 = u[j + 2];
  const u3 = u[j + 3];
  const w0 = w[j];
  const w1 = w[j + 1];
  const w2 = w[j + 2];
  const w3 = w[j + 3];
  const v0 = v[j];
  const v1 = v[j + 1];
  const v2 = v[j + 2];
  const v3 = v[j + 3];
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < j; k++) {
    const uk = u[k];
    const wk = w[k];
    const vk = v[k];
    const a0 = a[r0 + k] - u0 * wk - w0 * uk;
    const a1 = a[r1 + k] - u1 * wk - w1 * uk;
    const a2 = a[r2 + k] - u2 * wk - w2 * uk;
    const a3 = a[r3 + k] - u3 * wk - w3 * uk;
    a[r0 + k] = a0;
    a[r1 + k] = a1;
    a[r2 + k] = a2;
    a[r3 + k] = a3;
    s0 += a0 * vk;
    s1 += a1 * vk;
    s2 += a2 * vk;
    s3 += a3 * vk;
    p[k] += a0 * v0 + a1 * v1 + (a2 * v2 + a3 * v3);
  }
  p[j] += s0;
  p[j + 1] += s1;
  p[j + 2] += s2;
  p[j + 3] += s3;
}

/** Rows first … end − 1, from column `left` to the diagonal. */
function corner(a: Vector, first: number, left: number, end: number, u: Vector, w: Vector, v: Vector, p: Vector): void {
  for (let i = first; i < end; i++) {
    const row = (i * (i + 1)) / 2;
    let sum = 0;
    for (let k = left; k < i; k++) {
      const t = a[row + k] - u[i] * w[k] - w[i] * u[k];
      a[row + k] = t;
      sum += t * v[k];
      p[k] += t * v[i];
    }
    const t = a[row + i] - 2 * u[i] * w[i];
    a[row + i] = t;
    p[i] += sum + t * v[i];
  }
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

/** Qᵀ as a row-major n × n matrix (its rows are the columns of Q), 4/3 n³ operations. */
export function formQTranspose({ n, reflectors, tau }: Tridiagonal): Vector {
  const W = new Float64Array(n * n);
  for (let j = 0; j < n; j++) W[j * n + j] = 1;
  // Hᵢ changes the first i coordinates only, so row j = Q eⱼ begins with H_{j+1}.
  let j = 0;
  for (; j + 3 < n; j += 4) {
    for (let i = j + 1; i < n; i++) if (tau[i] !== 0) reflectFourRows(W, j * n, n, reflectors, i, tau[i]);
  }
  for (; j < n; j++) {
    const row = W.subarray(j * n, (j + 1) * n);
    for (let i = j + 1; i < n; i++) reflect(row, reflectors, i, tau[i]);
  }
  return W;
}

function reflectFourRows(W: Vector, r0: number, n: number, reflectors: Vector, length: number, tau: number): void {
  const start = (length * (length + 1)) / 2;
  const r1 = r0 + n;
  const r2 = r1 + n;
  const r3 = r2 + n;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < length; k++) {
    const v = reflectors[start + k];
    s0 += W[r0 + k] * v;
    s1 += W[r1 + k] * v;
    s2 += W[r2 + k] * v;
    s3 += W[r3 + k] * v;
  }
  s0 *= tau;
  s1 *= tau;
  s2 *= tau;
  s3 *= tau;
  for (let k = 0; k < length; k++) {
    const v = reflectors[start + k];
    W[r0 + k] -= s0 * v;
    W[r1 + k] -= s1 * v;
    W[r2 + k] -= s2 * v;
    W[r3 + k] -= s3 * v;
  }
}
