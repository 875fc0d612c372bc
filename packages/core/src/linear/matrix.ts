import { describe, misuse } from "../errors.js";

/** A real vector in float64. */
export type Vector = Float64Array;

/** A dense matrix, row-major: entry (i, j) is `data[i * cols + j]`. Plain data. */
export interface DenseMatrix {
  readonly kind: "dense";
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

/**
 * A sparse matrix in compressed columns (CSC): the row indices of column j, ascending and without repetition, are
 * `rowIndices[colPointers[j]] … rowIndices[colPointers[j + 1] - 1]`. Plain data; pattern and values apart.
 * When `symmetric` is true the matrix is square and only entries with row ≥ column (the lower triangle) are stored.
 */
export interface SparseMatrix {
  readonly kind: "sparse";
  readonly rows: number;
  readonly cols: number;
  readonly colPointers: Int32Array;
  readonly rowIndices: Int32Array;
  readonly values: Float64Array;
  readonly symmetric: boolean;
}

export type Matrix = DenseMatrix | SparseMatrix;

/** What is known of a linear operator; algorithms may rely on what is stated and check what is not. */
export interface OperatorTraits {
  readonly symmetric?: boolean;
  readonly positiveDefinite?: boolean;
}

/** A matrix known by its action: `applyInto(out, x)` writes A x into `out` (not aliasing x) and returns it. */
export interface LinearOperator {
  readonly rows: number;
  readonly cols: number;
  readonly traits: OperatorTraits;
  applyInto(out: Vector, x: Vector): Vector;
  /** Writes Aᵀ y into `out`; needed by least-squares methods only. */
  applyTransposeInto?(out: Vector, y: Vector): Vector;
}

/** A zero matrix of the given shape, or one over the given row-major data (not copied). */
export function denseMatrix(rows: number, cols: number, data?: Float64Array): DenseMatrix {
  if (!Number.isInteger(rows) || rows < 0) misuse("denseMatrix", "rows", describe(rows), "a non-negative integer");
  if (!Number.isInteger(cols) || cols < 0) misuse("denseMatrix", "cols", describe(cols), "a non-negative integer");
  if (data !== undefined && data.length !== rows * cols) {
    misuse("denseMatrix", "data", `of length ${data.length}`, `length rows * cols = ${rows * cols}`);
  }
  return { kind: "dense", rows, cols, data: data ?? new Float64Array(rows * cols) };
}
