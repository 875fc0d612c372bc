import { misuse } from "../errors.js";
import { denseBackend } from "./backend.js";
import { type DenseMatrix, denseMatrix, type Vector } from "./matrix.js";
import { dot } from "./vec.js";

/** The n × n identity. */
export function identity(n: number): DenseMatrix {
  const I = denseMatrix(n, n);
  for (let i = 0; i < n; i++) I.data[i * n + i] = 1;
  return I;
}

/** A matrix from its rows. Throws ArgumentError when they differ in length. */
export function fromRows(rows: readonly ArrayLike<number>[]): DenseMatrix {
  const cols = rows[0]?.length ?? 0;
  const A = denseMatrix(rows.length, cols);
  rows.forEach((row, i) => {
    if (row.length !== cols) misuse("fromRows", `rows[${i}]`, `of length ${row.length}`, `length ${cols}, that of the first row`);
    for (let j = 0; j < cols; j++) A.data[i * cols + j] = row[j]!;
  });
  return A;
}

/** The rows as nested arrays. */
export const toRows = ({ rows, cols, data }: DenseMatrix): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)));

/** Aᵀ, a new matrix. */
export function transposeDense({ rows, cols, data }: DenseMatrix): DenseMatrix {
  const T = denseMatrix(cols, rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) T.data[j * rows + i] = data[i * cols + j]!;
  return T;
}

/** Which operands of {@link multiplyInto} are transposed, and C = α op(A) op(B) + β C. */
export interface MultiplyOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Default 1. */
  readonly alpha?: number;
  /** Default 0: C is overwritten. */
  readonly beta?: number;
}

/** C = α op(A) op(B) + β C; C is neither A nor B. Throws ArgumentError when the shapes don't fit. */
export function multiplyInto(C: DenseMatrix, A: DenseMatrix, B: DenseMatrix, options: MultiplyOptions = {}): DenseMatrix {
  const { transposeA = false, transposeB = false, alpha = 1, beta = 0 } = options;
  const left = transposeA ? transposeDense(A) : A;
  const right = transposeB ? transposeDense(B) : B;
  if (left.cols !== right.rows) misuse("multiplyInto", "B", `${right.rows} × ${right.cols} (as used)`, `${left.cols} rows, the columns of A as used`);
  if (C.rows !== left.rows || C.cols !== right.cols) misuse("multiplyInto", "C", `${C.rows} × ${C.cols}`, `${left.rows} × ${right.cols}`);
  denseBackend().gemm(C.data, left.data, right.data, left.rows, right.cols, left.cols, alpha, beta);
  return C;
}

/** C = BᵀB, symmetric, written whole. */
export function symmetricProductInto(C: DenseMatrix, B: DenseMatrix): DenseMatrix {
  const n = B.cols;
  if (C.rows !== n || C.cols !== n) misuse("symmetricProductInto", "C", `${C.rows} × ${C.cols}`, `${n} × ${n}, the columns of B`);
  denseBackend().syrk(C.data, transposeDense(B).data, n, B.rows);
  return C;
}

/** out = A x. */
export function multiplyVectorInto(out: Vector, { rows, cols, data }: DenseMatrix, x: Vector): Vector {
  for (let i = 0; i < rows; i++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    const start = i * cols;
    let j = 0;
    for (; j + 3 < cols; j += 4) {
      s0 += data[start + j]! * x[j]!;
      s1 += data[start + j + 1]! * x[j + 1]!;
      s2 += data[start + j + 2]! * x[j + 2]!;
      s3 += data[start + j + 3]! * x[j + 3]!;
    }
    for (; j < cols; j++) s0 += data[start + j]! * x[j]!;
    out[i] = s0 + s1 + (s2 + s3);
  }
  return out;
}

/** out = Aᵀ y, walking A by rows. */
export function multiplyTransposeVectorInto(out: Vector, { rows, cols, data }: DenseMatrix, y: Vector): Vector {
  out.fill(0);
  for (let i = 0; i < rows; i++) {
    const yi = y[i]!;
    if (yi === 0) continue;
    const start = i * cols;
    for (let j = 0; j < cols; j++) out[j] = out[j]! + yi * data[start + j]!;
  }
  return out;
}

/** A ← A + a x yᵀ. */
export function rankOneUpdate(A: DenseMatrix, a: number, x: Vector, y: Vector): DenseMatrix {
  const { rows, cols, data } = A;
  for (let i = 0; i < rows; i++) {
    const factor = a * x[i]!;
    for (let j = 0; j < cols; j++) data[i * cols + j] = data[i * cols + j]! + factor * y[j]!;
  }
  return A;
}

/** ‖A‖_F. */
export const normFrobenius = ({ data }: DenseMatrix): number => Math.sqrt(dot(data, data));

/** The largest column sum of |A|. */
export function normOne({ rows, cols, data }: DenseMatrix): number {
  const sums = new Float64Array(cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) sums[j] = sums[j]! + Math.abs(data[i * cols + j]!);
  return sums.reduce((a, b) => Math.max(a, b), 0);
}

/** Throws ArgumentError naming the first entry that isn't finite. */
export function requireFiniteMatrix(routine: string, argument: string, { cols, data }: DenseMatrix): void {
  for (let k = 0; k < data.length; k++) {
    if (!Number.isFinite(data[k]!)) misuse(routine, argument, `${data[k]} at (${Math.floor(k / cols)}, ${k % cols})`, "finite entries");
  }
}

/** Throws ArgumentError when A isn't square, finite and symmetric to `tolerance` (relative to its largest entry, default 1e-12). */
export function requireSymmetric(routine: string, argument: string, A: DenseMatrix, tolerance = 1e-12): void {
  const { rows: n, cols, data } = A;
  if (n !== cols) misuse(routine, argument, `${n} × ${cols}`, "a square matrix");
  requireFiniteMatrix(routine, argument, A);
  let largest = 0;
  for (let k = 0; k < data.length; k++) largest = Math.max(largest, Math.abs(data[k]!));
  let worst = 0;
  let at = "";
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const gap = Math.abs(data[i * n + j]! - data[j * n + i]!);
      if (gap > worst) {
        worst = gap;
        at = `(${i}, ${j}) is ${data[i * n + j]}, (${j}, ${i}) is ${data[j * n + i]}`;
      }
    }
  }
  if (worst > tolerance * largest) misuse(routine, argument, `not symmetric: ${at}`, "a symmetric matrix", "Use (A + Aᵀ)/2 if the difference is noise.");
}
