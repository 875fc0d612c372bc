// Dense matrices of other libraries, in and out. Nothing is imported: they are known by their shape.
import { describe, misuse } from "../errors.js";
import { type DenseMatrix, denseMatrix, type SparseMatrix } from "../linear/matrix.js";
import { toDenseMatrix } from "../linear/sparse/csc.js";

/** The part of ml-matrix's `Matrix` that is used. */
export interface MlMatrixLike {
  readonly rows: number;
  readonly columns: number;
  get(row: number, column: number): number;
}

/** The part of a mathjs matrix (dense or sparse) that is used. */
export interface MathjsMatrixLike {
  size(): number[];
  toArray(): unknown;
}

/** Whatever may stand where a dense matrix is wanted. */
export type DenseInput = DenseMatrix | SparseMatrix | readonly ArrayLike<number>[] | MlMatrixLike | MathjsMatrixLike;

/**
 * A dense matrix from Hessia's own, nested arrays, ml-matrix or mathjs. Hessia's own dense matrix is answered as it is, not copied.
 * @throws ArgumentError when the input is none of these, its rows differ in length, or an entry is no number.
 */
export function toDense(input: DenseInput, routine = "toDense", argument = "input"): DenseMatrix {
  if (isObject(input)) {
    if ("kind" in input && input.kind === "dense") return checkShape(input as DenseMatrix, routine, argument);
    if ("kind" in input && input.kind === "sparse") return toDenseMatrix(input as SparseMatrix);
    if (Array.isArray(input)) return fromNested(input as readonly ArrayLike<number>[], routine, argument);
    if ("toArray" in input && "size" in input && typeof input.size === "function") {
      const array = (input as MathjsMatrixLike).toArray();
      if (Array.isArray(array)) return fromNested(array as readonly ArrayLike<number>[], routine, argument);
    }
    // A mathjs matrix has `columns` and `get` too, but as methods with another meaning.
    if ("columns" in input && typeof input.columns === "number" && "get" in input && typeof input.get === "function") {
      return fromMlMatrix(input as MlMatrixLike, routine, argument);
    }
  }
  return misuse(
    routine,
    argument,
    describe(input),
    "a dense or sparse matrix, nested arrays, or a matrix of ml-matrix or mathjs",
  );
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function fromNested(rows: readonly ArrayLike<number>[], routine: string, argument: string): DenseMatrix {
  const cols = rows[0]?.length ?? 0;
  const A = denseMatrix(rows.length, cols);
  rows.forEach((row, i) => {
    if (!isObject(row) || row.length !== cols) {
      misuse(routine, `${argument}[${i}]`, describe(row), `a row of ${cols} numbers, as the first`);
    }
    for (let j = 0; j < cols; j++) {
      const value: unknown = row[j];
      if (typeof value !== "number") misuse(routine, `${argument}[${i}][${j}]`, describe(value), "a number");
      A.data[i * cols + j] = value;
    }
  });
  return A;
}

function checkShape(A: DenseMatrix, routine: string, argument: string): DenseMatrix {
  if (!(A.data instanceof Float64Array) || A.data.length !== A.rows * A.cols) {
    misuse(routine, `${argument}.data`, describe(A.data), `a Float64Array of length rows * cols = ${A.rows * A.cols}`);
  }
  return A;
}

function fromMlMatrix(matrix: MlMatrixLike, routine: string, argument: string): DenseMatrix {
  const { rows, columns } = matrix;
  const A = denseMatrix(rows, columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value: unknown = matrix.get(i, j);
      if (typeof value !== "number") misuse(routine, `${argument}.get(${i}, ${j})`, describe(value), "a number");
      A.data[i * columns + j] = value;
    }
  }
  return A;
}

/** Gives a matrix back to ml-matrix: `toMlMatrix(A, Matrix)`, with its class. */
export function toMlMatrix<M>(
  A: DenseMatrix,
  MatrixClass: { from1DArray(rows: number, columns: number, data: number[]): M },
): M {
  return MatrixClass.from1DArray(A.rows, A.cols, Array.from(A.data));
}

/** Gives a matrix back to mathjs: `toMathjs(A, math)`, with the library (or anything with its `matrix`). */
export function toMathjs<M>(A: DenseMatrix, math: { matrix(rows: number[][]): M }): M {
  return math.matrix(
    Array.from({ length: A.rows }, (_, i) => Array.from(A.data.subarray(i * A.cols, (i + 1) * A.cols))),
  );
}
