// A P = Q R by Householder reflections, Q kept as such; with or without column pivoting.
// Golub, Van Loan, "Matrix Computations" (2013), Algorithms 5.2.1 and 5.4.1 (Businger, Golub 1965). The matrix is held by columns here (its
// transpose row by row), so that a reflection walks contiguous memory.
import { misuse } from "../errors.js";
import { transposeDense } from "./dense.js";
import type { DenseMatrix, Vector } from "./matrix.js";
import { norm2 } from "./vec.js";

export interface Qr {
  readonly kind: "qr";
  readonly rows: number;
  readonly cols: number;
  /** Column j in row j: R above the diagonal, the Householder vector from the diagonal on (its first entry is not 1). */
  readonly columns: Vector;
  /** The diagonal of R. */
  readonly diagonal: Vector;
  /** τ of each reflection I − τ v vᵀ. */
  readonly tau: Vector;
  /** permutation[k] is the column of A in place k. */
  readonly permutation: Int32Array;
  /** How many diagonal entries of R stand above the rank tolerance. */
  readonly rank: number;
}

export interface QrOptions {
  /** Choose at each step the column of largest remaining norm: R's diagonal falls, and shows the rank. Default false. */
  readonly pivot?: boolean;
  /** Diagonal entries below tolerance · |R₁₁| count as zero. Default max(m, n) ε. */
  readonly tolerance?: number;
}

export function qrFactorize(A: DenseMatrix, { pivot = false, tolerance = Math.max(A.rows, A.cols) * Number.EPSILON }: QrOptions = {}): Qr {
  const { rows: m, cols: n } = A;
  const columns = transposeDense(A).data;
  const steps = Math.min(m, n);
  const diagonal = new Float64Array(steps);
  const tau = new Float64Array(steps);
  const permutation = Int32Array.from({ length: n }, (_, j) => j);
  const rest = (j: number, k: number) => norm2(columns.subarray(j * m + k, (j + 1) * m));
  for (let k = 0; k < steps; k++) {
    if (pivot) {
      let best = k;
      let largest = rest(k, k);
      for (let j = k + 1; j < n; j++) {
        const size = rest(j, k);
        if (size > largest * (1 + 1e-14)) {
          largest = size;
          best = j;
        }
      }
      if (best !== k) {
        const held = columns.slice(k * m, (k + 1) * m);
        columns.copyWithin(k * m, best * m, (best + 1) * m);
        columns.set(held, best * m);
        const t = permutation[k]!;
        permutation[k] = permutation[best]!;
        permutation[best] = t;
      }
    }
    const x = columns.subarray(k * m + k, (k + 1) * m);
    const size = norm2(x);
    const first = x[0]!;
    if (size === 0) continue;
    const beta = first >= 0 ? -size : size;
    diagonal[k] = beta;
    if (size === Math.abs(first)) {
      // Already zero below: H = I would give R = first.
      diagonal[k] = first;
      continue;
    }
    // v = (x − βe₁)/(first − β): its first entry is 1.
    const scale = 1 / (first - beta);
    x[0] = 1;
    for (let i = 1; i < x.length; i++) x[i] = x[i]! * scale;
    tau[k] = (beta - first) / beta;
    for (let j = k + 1; j < n; j++) reflect(columns.subarray(j * m + k, (j + 1) * m), x, tau[k]!);
  }
  let rank = 0;
  let top = 0;
  for (let k = 0; k < steps; k++) top = Math.max(top, Math.abs(diagonal[k]!));
  for (let k = 0; k < steps; k++) if (Math.abs(diagonal[k]!) > tolerance * top) rank++;
  return { kind: "qr", rows: m, cols: n, columns, diagonal, tau, permutation, rank };
}

function reflect(y: Vector, v: Vector, tau: number): void {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i]! * y[i]!;
  const factor = tau * sum;
  for (let i = 0; i < v.length; i++) y[i] = y[i]! - factor * v[i]!;
}

/** out = Q y (length m). `out` may be y. */
export function qrApplyQInto(out: Vector, { rows: m, columns, tau }: Qr, y: Vector): Vector {
  if (out !== y) out.set(y);
  for (let k = tau.length - 1; k >= 0; k--) if (tau[k] !== 0) reflect(out.subarray(k, m), columns.subarray(k * m + k, (k + 1) * m), tau[k]!);
  return out;
}

/** out = Qᵀ y (length m). `out` may be y. */
export function qrApplyQTransposeInto(out: Vector, { rows: m, columns, tau }: Qr, y: Vector): Vector {
  if (out !== y) out.set(y);
  for (let k = 0; k < tau.length; k++) if (tau[k] !== 0) reflect(out.subarray(k, m), columns.subarray(k * m + k, (k + 1) * m), tau[k]!);
  return out;
}

/** Entry (i, j) of R. */
export const qrEntry = ({ rows: m, columns, diagonal }: Qr, i: number, j: number): number =>
  i > j ? 0 : i === j ? diagonal[i]! : columns[j * m + i]!;

/**
 * Writes a minimizer of ‖A x − b‖₂ into `out` (length n) and answers the residual's norm. Where the rank is below n, the columns
 * beyond it get 0: the basic solution, not the one of least norm (see `svdSolveInto`). Factor with `pivot` when the rank is in doubt.
 */
export function leastSquaresInto(out: Vector, F: Qr, b: Vector): number {
  const { rows: m, cols: n, rank, diagonal, columns, permutation } = F;
  if (b.length !== m) misuse("leastSquaresInto", "b", `of length ${b.length}`, `length ${m}, the rows of A`);
  const y = qrApplyQTransposeInto(new Float64Array(m), F, b);
  const residual = norm2(y.subarray(Math.min(rank, m)));
  out.fill(0);
  const x = new Float64Array(n);
  for (let i = rank - 1; i >= 0; i--) {
    let sum = y[i]!;
    for (let j = i + 1; j < rank; j++) sum -= columns[j * m + i]! * x[j]!;
    x[i] = sum / diagonal[i]!;
  }
  for (let k = 0; k < n; k++) out[permutation[k]!] = x[k]!;
  return residual;
}
