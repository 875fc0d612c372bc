import { describe, misuse } from "../../errors.js";
import { type DenseMatrix, denseMatrix, type Vector } from "../matrix.js";
import { axpyAt, dotAt, norm2, normInf } from "../vec.js";
import { denseBackend } from "./backend.js";

const shape = (A: DenseMatrix) => `${A.rows} × ${A.cols}`;

/** What {@link multiplyInto} may be told. */
export interface MultiplyOptions {
  /** Take Aᵀ in place of A. Default false. */
  readonly transposeA?: boolean;
  /** Take Bᵀ in place of B. Default false. */
  readonly transposeB?: boolean;
  /** Default 1. */
  readonly alpha?: number;
  /** Default 0: then C isn't read and may hold anything, NaN too. */
  readonly beta?: number;
}

/**
 * C ← α op(A) op(B) + β C; answers C.
 * @throws ArgumentError when the shapes don't fit or C shares its data with A or B.
 */
export function multiplyInto(
  C: DenseMatrix,
  A: DenseMatrix,
  B: DenseMatrix,
  options: MultiplyOptions = {},
): DenseMatrix {
  const { transposeA = false, transposeB = false, alpha = 1, beta = 0 } = options;
  const m = transposeA ? A.cols : A.rows;
  const k = transposeA ? A.rows : A.cols;
  const n = transposeB ? B.rows : B.cols;
  const kB = transposeB ? B.cols : B.rows;
  if (kB !== k)
    misuse(
      "multiplyInto",
      "B",
      `${transposeB ? "(transposed) " : ""}${kB} × ${n}`,
      `${k} rows, as op(A) is ${m} × ${k}`,
    );
  if (C.rows !== m || C.cols !== n) misuse("multiplyInto", "C", shape(C), `${m} × ${n}`);
  if (m * n > 0 && (C.data === A.data || C.data === B.data)) {
    misuse("multiplyInto", "C", `the same array as ${C.data === A.data ? "A" : "B"}`, "memory of its own");
  }
  if (beta === 0) C.data.fill(0);
  else if (beta !== 1) for (let i = 0; i < C.data.length; i++) C.data[i] *= beta;
  const [aRow, aCol] = transposeA ? [1, m] : [k, 1];
  const [bRow, bCol] = transposeB ? [1, k] : [n, 1];
  denseBackend().gemmStrided(m, n, k, alpha, A.data, 0, aRow, aCol, B.data, 0, bRow, bCol, C.data, 0, n);
  return C;
}

/** out ← A x. `out` may not be x. */
export function multiplyVectorInto(out: Vector, A: DenseMatrix, x: Vector): Vector {
  checkVectors("multiplyVectorInto", out, A.rows, x, A.cols);
  const { rows, cols, data } = A;
  for (let i = 0; i < rows; i++) out[i] = dotAt(data, i * cols, x, 0, cols);
  return out;
}

/** out ← Aᵀ x. `out` may not be x. */
export function multiplyTransposeVectorInto(out: Vector, A: DenseMatrix, x: Vector): Vector {
  checkVectors("multiplyTransposeVectorInto", out, A.cols, x, A.rows);
  denseBackend().gemvTranspose(A.rows, A.cols, A.data, 0, A.cols, x, out);
  return out;
}

function checkVectors(routine: string, out: Vector, outLength: number, x: Vector, xLength: number): void {
  if (x.length !== xLength) misuse(routine, "x", `of length ${x.length}`, `length ${xLength}`);
  if (out.length !== outLength) misuse(routine, "out", `of length ${out.length}`, `length ${outLength}`);
  if (out === x && outLength > 0) misuse(routine, "out", "the same array as x", "memory of its own");
}

/** A ← A + α x yᵀ; answers A. */
export function rankOneUpdate(A: DenseMatrix, alpha: number, x: Vector, y: Vector): DenseMatrix {
  if (x.length !== A.rows) misuse("rankOneUpdate", "x", `of length ${x.length}`, `length ${A.rows}`);
  if (y.length !== A.cols) misuse("rankOneUpdate", "y", `of length ${y.length}`, `length ${A.cols}`);
  for (let i = 0; i < A.rows; i++) axpyAt(A.data, i * A.cols, alpha * x[i], y, 0, A.cols);
  return A;
}

/** A ← A + α (x yᵀ + y xᵀ) for a square A, both triangles; a symmetric A stays symmetric to the bit. Answers A. */
export function symmetricRankTwoUpdate(A: DenseMatrix, alpha: number, x: Vector, y: Vector): DenseMatrix {
  const n = A.rows;
  if (A.cols !== n) misuse("symmetricRankTwoUpdate", "A", shape(A), "a square matrix");
  if (x.length !== n) misuse("symmetricRankTwoUpdate", "x", `of length ${x.length}`, `length ${n}`);
  if (y.length !== n) misuse("symmetricRankTwoUpdate", "y", `of length ${y.length}`, `length ${n}`);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const xi = x[i];
    const yi = y[i];
    for (let j = 0; j < n; j++) A.data[row + j] += alpha * (xi * y[j] + yi * x[j]);
  }
  return A;
}

/**
 * C ← Aᵀ A, both triangles, at half the price of a general product; answers C.
 * @throws ArgumentError when C isn't cols × cols or shares its data with A.
 */
export function symmetricProductInto(C: DenseMatrix, A: DenseMatrix): DenseMatrix {
  const n = A.cols;
  if (C.rows !== n || C.cols !== n) misuse("symmetricProductInto", "C", shape(C), `${n} × ${n}`);
  if (n > 0 && C.data === A.data) misuse("symmetricProductInto", "C", "the same array as A", "memory of its own");
  C.data.fill(0);
  denseBackend().syrk(n, A.rows, 1, transposeDense(A).data, 0, A.rows, C.data, 0, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) C.data[j * n + i] = C.data[i * n + j];
  return C;
}

/** Aᵀ, a new matrix; written in tiles, so that both sides stay in cache. */
export function transposeDense(A: DenseMatrix): DenseMatrix {
  const { rows, cols, data } = A;
  const T = denseMatrix(cols, rows);
  const tile = 16;
  for (let i0 = 0; i0 < rows; i0 += tile) {
    const i1 = Math.min(rows, i0 + tile);
    for (let j0 = 0; j0 < cols; j0 += tile) {
      const j1 = Math.min(cols, j0 + tile);
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) T.data[j * rows + i] = data[i * cols + j];
    }
  }
  return T;
}

/** The n × n identity. */
export function identity(n: number): DenseMatrix {
  const I = denseMatrix(n, n);
  for (let i = 0; i < n; i++) I.data[i * n + i] = 1;
  return I;
}

/**
 * A matrix from its rows; `cols` says the width where there is no row.
 * @throws ArgumentError when the rows differ in length or an entry isn't a number.
 */
export function fromRows(rows: readonly ArrayLike<number>[], cols = rows.length > 0 ? rows[0].length : 0): DenseMatrix {
  const A = denseMatrix(rows.length, cols);
  rows.forEach((row, i) => {
    if (row.length !== cols)
      misuse("fromRows", `rows[${i}]`, `of length ${row.length}`, `length ${cols}, as the first row has`);
    for (let j = 0; j < cols; j++) {
      if (typeof row[j] !== "number") misuse("fromRows", `rows[${i}][${j}]`, describe(row[j]), "a number");
      A.data[i * cols + j] = row[j];
    }
  });
  return A;
}

/** The rows of A as arrays of numbers. */
export function toRows(A: DenseMatrix): number[][] {
  return Array.from({ length: A.rows }, (_, i) => Array.from(A.data.subarray(i * A.cols, (i + 1) * A.cols)));
}

/** Throws ArgumentError when A isn't square. */
export function requireSquare(routine: string, argument: string, A: DenseMatrix): void {
  if (A.rows !== A.cols) misuse(routine, argument, shape(A), "a square matrix");
}

/** Throws ArgumentError naming the first entry of A that isn't finite; with `lower`, of the lower triangle. */
export function requireFiniteMatrix(routine: string, argument: string, A: DenseMatrix, { lower = false } = {}): void {
  for (let i = 0; i < A.rows; i++) {
    const end = lower ? Math.min(i + 1, A.cols) : A.cols;
    for (let j = 0; j < end; j++) {
      const value = A.data[i * A.cols + j];
      if (!Number.isFinite(value)) misuse(routine, argument, `${value} at (${i}, ${j})`, "finite entries");
    }
  }
}

/**
 * Throws ArgumentError naming the worst pair of entries when A isn't square or some |a_ij − a_ji| is above `tolerance` times
 * the largest |a_ij|.
 */
export function requireSymmetric(routine: string, argument: string, A: DenseMatrix, tolerance = 1e-12): void {
  requireSquare(routine, argument, A);
  requireFiniteMatrix(routine, argument, A);
  const { rows: n, data } = A;
  const allowed = tolerance * normMax(A);
  let worst = allowed;
  let at = -1;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const difference = Math.abs(data[i * n + j] - data[j * n + i]);
      if (difference > worst) {
        worst = difference;
        at = i * n + j;
      }
    }
  }
  if (at < 0) return;
  const i = Math.floor(at / n);
  const j = at % n;
  misuse(
    routine,
    argument,
    `not symmetric: entry (${i}, ${j}) is ${data[at]} and entry (${j}, ${i}) is ${data[j * n + i]}`,
    `a symmetric matrix, to ${tolerance} of its largest entry`,
    "Use (A + Aᵀ)/2 if the difference is noise.",
  );
}

/** ‖A‖_F, safe against overflow and underflow. */
export const normFrobenius = (A: DenseMatrix): number => norm2(A.data);

/** max |a_ij|; NaN if an entry is NaN. */
export const normMax = (A: DenseMatrix): number => normInf(A.data);

/** ‖A‖₁, the largest sum of absolute values of a column; NaN if an entry is NaN. */
export function normOne(A: DenseMatrix): number {
  const { rows, cols, data } = A;
  const sums = new Float64Array(cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) sums[j] += Math.abs(data[i * cols + j]);
  return normInf(sums);
}
