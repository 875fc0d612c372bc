// A P = Q R by Householder reflections, Q kept as such; with or without column pivoting.
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), Algorithms 5.2.1 and 5.4.1 (Businger, Golub 1965).
//
// Deviations:
// 1. The matrix is held by columns here (its transpose row by row), so that a reflection walks contiguous memory.
// 2. Column norms are carried from step to step and computed anew where cancellation has eaten half of their digits
//    (Drmač, Bujanović 2008, "On the failure of rank-revealing QR factorization software").
// 3. Without pivoting 32 reflections are taken together (compact-wy.ts); with it they are applied one by one, since the next pivot needs all norms.

import { misuse, requireKnownOptions, requireNumber } from "../../errors.js";
import { type DenseInput, toDense } from "../../interop/dense.js";
import { type DenseMatrix, denseMatrix, type Vector } from "../matrix.js";
import { axpyAt, copyInto, dotAt, norm2, scale } from "../vec.js";
import { denseBackend } from "./backend.js";
import { applyWyToRows, compactWyInto, reflectorBlock } from "./compact-wy.js";
import { requireFiniteMatrix, transposeDense } from "./dense.js";

export interface Qr {
  readonly kind: "qr";
  readonly rows: number;
  readonly cols: number;
  /** Column j in row j: R above the diagonal, the Householder vector (its first entry 1) from the diagonal on. */
  readonly columns: Vector;
  /** The diagonal of R. */
  readonly diagonal: Vector;
  /** τ of each reflection I − τ v vᵀ. */
  readonly tau: Vector;
  /** permutation[k] is the column of A in place k. */
  readonly permutation: Int32Array;
  /** How many diagonal entries of R, from the first on, stand above the tolerance. The numerical rank when pivoted. */
  readonly rank: number;
}

export interface QrOptions {
  /** Choose at each step the column of largest remaining norm: R's diagonal falls, and shows the rank. Default false. */
  readonly pivot?: boolean;
  /** Diagonal entries up to tolerance · max|Rᵢᵢ| count as zero; ≥ 0. Default max(m, n) ε. */
  readonly tolerance?: number;
}

/**
 * Factors A (m × n): 2 n² (m − n/3) operations for m ≥ n.
 * @throws ArgumentError when A isn't finite or an option is wrong.
 */
export function qrFactorize(matrix: DenseInput, options: QrOptions = {}): Qr {
  const A = toDense(matrix, "qrFactorize", "A");
  requireFiniteMatrix("qrFactorize", "A", A);
  requireKnownOptions("qrFactorize", options, ["pivot", "tolerance"]);
  const { rows: m, cols: n } = A;
  const { pivot = false, tolerance = Math.max(m, n) * Number.EPSILON } = options;
  requireNumber("qrFactorize", "options.tolerance", tolerance, { atLeast: 0 });
  const steps = Math.min(m, n);
  const diagonal = new Float64Array(steps);
  const tau = new Float64Array(steps);
  const permutation = Int32Array.from({ length: n }, (_, j) => j);
  const held = transposeDense(A).data;
  const blocked = !pivot && steps > reflectorBlock;
  const columns = blocked
    ? factorBlocks(held, m, n, diagonal, tau)
    : factorOneByOne(held, m, n, diagonal, tau, pivot ? permutation : undefined);
  let top = 0;
  for (let k = 0; k < steps; k++) top = Math.max(top, Math.abs(diagonal[k]));
  let rank = 0;
  while (rank < steps && Math.abs(diagonal[rank]) > tolerance * top) rank++;
  return { kind: "qr", rows: m, cols: n, columns, diagonal, tau, permutation, rank };
}

/** In place of `columns`; with `permutation`, by column pivoting. */
function factorOneByOne(
  columns: Vector,
  m: number,
  n: number,
  diagonal: Vector,
  tau: Vector,
  permutation: Int32Array | undefined,
): Vector {
  const steps = diagonal.length;
  // The norms of what is left of each column, and what they were when last computed.
  const norms = new Float64Array(n);
  const computed = new Float64Array(n);
  for (let j = 0; permutation !== undefined && j < n; j++)
    computed[j] = norms[j] = norm2(columns.subarray(j * m, (j + 1) * m));
  for (let k = 0; k < steps; k++) {
    if (permutation !== undefined) {
      let best = k;
      for (let j = k + 1; j < n; j++) if (norms[j] > norms[best]) best = j;
      if (best !== k) {
        const held = columns.slice(k * m, (k + 1) * m);
        columns.copyWithin(k * m, best * m, (best + 1) * m);
        columns.set(held, best * m);
        [permutation[k], permutation[best]] = [permutation[best], permutation[k]];
        norms[best] = norms[k];
        computed[best] = computed[k];
      }
    }
    tau[k] = reflector(columns.subarray(k * m + k, (k + 1) * m), diagonal, k);
    for (let j = k + 1; j < n; j++) {
      reflect(columns, j * m + k, columns, k * m + k, m - k, tau[k]);
      if (permutation === undefined || norms[j] === 0) continue;
      const ratio = Math.abs(columns[j * m + k]) / norms[j];
      const left = Math.max(0, (1 - ratio) * (1 + ratio));
      const loss = left * (norms[j] / computed[j]) ** 2;
      if (loss <= 1.5e-8) computed[j] = norms[j] = norm2(columns.subarray(j * m + k + 1, (j + 1) * m));
      else norms[j] *= Math.sqrt(left);
    }
  }
  return columns;
}

/** Blocks of columns one by one, and then what is right of them by products. */
function factorBlocks(given: Vector, m: number, n: number, diagonal: Vector, tau: Vector): Vector {
  const backend = denseBackend();
  const v = m * n;
  const t = v + reflectorBlock * m;
  const scratch = t + reflectorBlock * reflectorBlock;
  const memory = backend.allocate(scratch + 2 * n * reflectorBlock);
  memory.set(given);
  const steps = diagonal.length;
  for (let first = 0; first < steps; first += reflectorBlock) {
    const count = Math.min(reflectorBlock, steps - first);
    const end = first + count;
    const length = m - first;
    for (let k = first; k < end; k++) {
      tau[k] = reflector(memory.subarray(k * m + k, (k + 1) * m), diagonal, k);
      for (let j = k + 1; j < end; j++) reflect(memory, j * m + k, memory, k * m + k, m - k, tau[k]);
      const row = v + (k - first) * length;
      memory.fill(0, row, row + k - first);
      memory.copyWithin(row + k - first, k * m + k, (k + 1) * m);
    }
    if (end === n) break;
    compactWyInto(memory, t, count, length, memory, v, length, tau, first);
    const rest = end * m + first;
    applyWyToRows(
      backend,
      n - end,
      length,
      memory,
      rest,
      m,
      count,
      memory,
      v,
      length,
      memory,
      t,
      false,
      memory,
      scratch,
    );
  }
  const columns = memory.slice(0, m * n);
  backend.release(memory);
  return columns;
}

/** Turns x into the Householder vector that maps it to a multiple of its first axis (written into diagonal[k]); answers τ. */
function reflector(x: Vector, diagonal: Vector, k: number): number {
  // Numbers near the end of the range lack digits for the ratios below.
  const size = norm2(x);
  const unit = size > 0 && size < 1e-280 ? 2 ** 300 : 1;
  const norm = unit === 1 ? size : norm2(scale(x, unit));
  const first = x[0];
  x[0] = 0;
  if (x.every((entry) => entry === 0)) {
    diagonal[k] = first / unit;
    x[0] = 1;
    return 0;
  }
  const beta = first >= 0 ? -norm : norm;
  diagonal[k] = beta / unit;
  // v = (x − βe₁)/(first − β).
  for (let i = 1; i < x.length; i++) x[i] /= first - beta;
  x[0] = 1;
  return (beta - first) / beta;
}

/** y ← (I − τ v vᵀ) y on stretches of `count` entries. */
function reflect(y: Vector, yStart: number, v: Vector, vStart: number, count: number, tau: number): void {
  if (tau !== 0) axpyAt(y, yStart, -tau * dotAt(v, vStart, y, yStart, count), v, vStart, count);
}

/** out ← Q y (length m). `out` may be y. */
export function qrApplyQInto(out: Vector, { rows: m, columns, tau }: Qr, y: Vector): Vector {
  checkLengths("qrApplyQInto", out, y, m);
  copyInto(out, y);
  for (let k = tau.length - 1; k >= 0; k--) reflect(out, k, columns, k * m + k, m - k, tau[k]);
  return out;
}

/** out ← Qᵀ y (length m). `out` may be y. */
export function qrApplyQTransposeInto(out: Vector, { rows: m, columns, tau }: Qr, y: Vector): Vector {
  checkLengths("qrApplyQTransposeInto", out, y, m);
  copyInto(out, y);
  for (let k = 0; k < tau.length; k++) reflect(out, k, columns, k * m + k, m - k, tau[k]);
  return out;
}

function checkLengths(routine: string, out: Vector, y: Vector, m: number): void {
  if (y.length !== m) misuse(routine, "y", `of length ${y.length}`, `length ${m}`);
  if (out.length !== m) misuse(routine, "out", `of length ${out.length}`, `length ${m}`);
}

/** Entry (i, j) of R. */
export const qrEntry = ({ rows: m, columns, diagonal }: Qr, i: number, j: number): number =>
  i > j ? 0 : i === j ? diagonal[i] : columns[j * m + i];

/** R as a matrix, min(m, n) × n. */
export function qrUpper(F: Qr): DenseMatrix {
  const R = denseMatrix(Math.min(F.rows, F.cols), F.cols);
  for (let i = 0; i < R.rows; i++) for (let j = i; j < R.cols; j++) R.data[i * R.cols + j] = qrEntry(F, i, j);
  return R;
}

/**
 * Writes a minimizer of ‖A x − b‖₂ into `out` (length n) and answers it. Where the rank is below n, the columns beyond it get 0:
 * the basic solution, not the one of least norm (see `svdSolveInto`). Factor with `pivot` when the rank is in doubt: without,
 * columns behind the first dependent one aren't used.
 * @throws ArgumentError when a length doesn't fit.
 */
export function leastSquaresInto(out: Vector, F: Qr, b: Vector): Vector {
  const { rows: m, cols: n, rank, diagonal, columns, permutation } = F;
  if (b.length !== m) misuse("leastSquaresInto", "b", `of length ${b.length}`, `length ${m}, the rows of A`);
  if (out.length !== n) misuse("leastSquaresInto", "out", `of length ${out.length}`, `length ${n}, the columns of A`);
  const y = qrApplyQTransposeInto(new Float64Array(m), F, b);
  out.fill(0);
  for (let j = rank - 1; j >= 0; j--) {
    y[j] /= diagonal[j];
    axpyAt(y, 0, -y[j], columns, j * m, j);
    out[permutation[j]] = y[j];
  }
  return out;
}
