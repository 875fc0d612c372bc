import { describe, misuse, requireNumber } from "../../errors.js";
import { type DenseMatrix, denseMatrix, type SparseMatrix, type Vector } from "../matrix.js";

/** What {@link sparseFromTriplets} may be told. */
export interface TripletOptions {
  /** The triplets give one triangle or both of a symmetric matrix: entries are moved to the lower triangle. Default false. */
  readonly symmetric?: boolean;
}

/**
 * A sparse matrix from triplets (iₖ, jₖ, vₖ); duplicates are summed. With `symmetric`, an entry above the diagonal stands for its
 * mirror image, so give each pair (i, j), (j, i) once.
 * @throws ArgumentError when the lists differ in length, an index is out of range or a value isn't finite.
 */
export function sparseFromTriplets(
  rows: number,
  cols: number,
  i: ArrayLike<number>,
  j: ArrayLike<number>,
  v: ArrayLike<number>,
  { symmetric = false }: TripletOptions = {},
): SparseMatrix {
  const routine = "sparseFromTriplets";
  requireNumber(routine, "rows", rows, { atLeast: 0, integer: true });
  requireNumber(routine, "cols", cols, { atLeast: 0, integer: true });
  const count = v.length;
  if (i.length !== count || j.length !== count) {
    misuse(routine, "i, j, v", `of lengths ${i.length}, ${j.length}, ${count}`, "three lists of one length");
  }
  if (symmetric && rows !== cols)
    misuse(routine, "rows, cols", `${rows}, ${cols}`, "a square matrix when `symmetric` is true");
  // Sorting by row and then, stably, by column leaves each column's rows ascending.
  const rowStarts = new Int32Array(rows + 1);
  const rowOf = new Int32Array(count);
  const colOf = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const ik = i[k];
    const jk = j[k];
    if (!(Number.isInteger(ik) && ik >= 0 && ik < rows))
      misuse(routine, `i[${k}]`, describe(ik), `a row number from 0 to ${rows - 1}`);
    if (!(Number.isInteger(jk) && jk >= 0 && jk < cols))
      misuse(routine, `j[${k}]`, describe(jk), `a column number from 0 to ${cols - 1}`);
    if (!Number.isFinite(v[k])) misuse(routine, `v[${k}]`, describe(v[k]), "a finite number");
    rowOf[k] = symmetric && ik < jk ? jk : ik;
    colOf[k] = symmetric && ik < jk ? ik : jk;
    rowStarts[rowOf[k] + 1]++;
  }
  for (let r = 0; r < rows; r++) rowStarts[r + 1] = rowStarts[r + 1] + rowStarts[r];
  const byRow = new Int32Array(count);
  for (let k = 0; k < count; k++) byRow[rowStarts[rowOf[k]]++] = k;
  const colPointers = new Int32Array(cols + 1);
  const last = new Int32Array(cols).fill(-1);
  for (let s = 0; s < count; s++) {
    const k = byRow[s];
    if (last[colOf[k]] !== rowOf[k]) {
      last[colOf[k]] = rowOf[k];
      colPointers[colOf[k] + 1]++;
    }
  }
  for (let c = 0; c < cols; c++) colPointers[c + 1] = colPointers[c + 1] + colPointers[c];
  const rowIndices = new Int32Array(colPointers[cols]);
  const values = new Float64Array(colPointers[cols]);
  const next = colPointers.slice(0, cols);
  last.fill(-1);
  for (let s = 0; s < count; s++) {
    const k = byRow[s];
    const c = colOf[k];
    if (last[c] !== rowOf[k]) {
      last[c] = rowOf[k];
      rowIndices[next[c]] = rowOf[k];
      next[c]++;
    }
    const p = next[c] - 1;
    values[p] = values[p] + v[k];
  }
  return { kind: "sparse", rows, cols, colPointers, rowIndices, values, symmetric };
}

/** Aᵀ. A symmetric matrix is answered as it is. */
export function transposeSparse(A: SparseMatrix): SparseMatrix {
  if (A.symmetric) return A;
  const { rows, cols, colPointers, rowIndices, values } = A;
  const pointers = new Int32Array(rows + 1);
  for (let p = 0; p < values.length; p++) pointers[rowIndices[p] + 1]++;
  for (let r = 0; r < rows; r++) pointers[r + 1] = pointers[r + 1] + pointers[r];
  const next = pointers.slice(0, rows);
  const indices = new Int32Array(values.length);
  const moved = new Float64Array(values.length);
  for (let j = 0; j < cols; j++) {
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      const q = next[rowIndices[p]]++;
      indices[q] = j;
      moved[q] = values[p];
    }
  }
  return {
    kind: "sparse",
    rows: cols,
    cols: rows,
    colPointers: pointers,
    rowIndices: indices,
    values: moved,
    symmetric: false,
  };
}

/** out = A x; a symmetric matrix is taken as whole. `out` may not be x. Throws ArgumentError when a length doesn't fit. */
export function multiplySparseVectorInto(out: Vector, A: SparseMatrix, x: Vector): Vector {
  const { cols, colPointers, rowIndices, values, symmetric } = A;
  checkVectors("multiplySparseVectorInto", out, A.rows, "x", x, cols);
  out.fill(0);
  for (let j = 0; j < cols; j++) {
    const xj = x[j];
    const end = colPointers[j + 1];
    if (symmetric) {
      let sum = 0;
      for (let p = colPointers[j]; p < end; p++) {
        const i = rowIndices[p];
        const a = values[p];
        out[i] = out[i] + a * xj;
        if (i !== j) sum += a * x[i];
      }
      out[j] = out[j] + sum;
    } else {
      for (let p = colPointers[j]; p < end; p++) out[rowIndices[p]] = out[rowIndices[p]] + values[p] * xj;
    }
  }
  return out;
}

/** out = Aᵀ y; a symmetric matrix is taken as whole. `out` may not be y. Throws ArgumentError when a length doesn't fit. */
export function multiplyTransposeSparseVectorInto(out: Vector, A: SparseMatrix, y: Vector): Vector {
  if (A.symmetric) return multiplySparseVectorInto(out, A, y);
  const { cols, colPointers, rowIndices, values } = A;
  checkVectors("multiplyTransposeSparseVectorInto", out, cols, "y", y, A.rows);
  for (let j = 0; j < cols; j++) {
    let sum = 0;
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) sum += values[p] * y[rowIndices[p]];
    out[j] = sum;
  }
  return out;
}

function checkVectors(
  routine: string,
  out: Vector,
  outLength: number,
  argument: string,
  x: Vector,
  xLength: number,
): void {
  if (x.length !== xLength) misuse(routine, argument, `of length ${x.length}`, `length ${xLength}`);
  if (out.length !== outLength) misuse(routine, "out", `of length ${out.length}`, `length ${outLength}`);
  if (out === x && outLength > 0) misuse(routine, "out", `the same array as ${argument}`, "memory of its own");
}

/** The same matrix, dense; a symmetric one is written whole. */
export function toDenseMatrix({ rows, cols, colPointers, rowIndices, values, symmetric }: SparseMatrix): DenseMatrix {
  const D = denseMatrix(rows, cols);
  for (let j = 0; j < cols; j++) {
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      const i = rowIndices[p];
      D.data[i * cols + j] = values[p];
      if (symmetric) D.data[j * cols + i] = values[p];
    }
  }
  return D;
}

/** The non-zero entries of a dense matrix; with `symmetric`, of its lower triangle. */
export function sparseFromDense(
  { rows, cols, data }: DenseMatrix,
  { symmetric = false }: TripletOptions = {},
): SparseMatrix {
  const i: number[] = [];
  const j: number[] = [];
  const v: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < (symmetric ? r + 1 : cols); c++) {
      const a = data[r * cols + c];
      if (a !== 0) {
        i.push(r);
        j.push(c);
        v.push(a);
      }
    }
  }
  return sparseFromTriplets(rows, cols, i, j, v, { symmetric });
}

/**
 * P A Pᵀ of a symmetric matrix in lower storage: entry (i, j) of the result is entry (permutation[i], permutation[j]) of A.
 * @throws ArgumentError when A isn't symmetric storage or `permutation` isn't one.
 */
export function permuteSymmetric(A: SparseMatrix, permutation: ArrayLike<number>): SparseMatrix {
  requireSymmetricStorage("permuteSymmetric", A);
  const n = A.cols;
  const place = inversePermutation("permuteSymmetric", "permutation", permutation, n);
  const i = new Int32Array(A.values.length);
  const j = new Int32Array(A.values.length);
  for (let c = 0; c < n; c++) {
    for (let p = A.colPointers[c]; p < A.colPointers[c + 1]; p++) {
      i[p] = place[A.rowIndices[p]];
      j[p] = place[c];
    }
  }
  return sparseFromTriplets(n, n, i, j, A.values, { symmetric: true });
}

/** The inverse of a permutation of 0 … n − 1: result[permutation[k]] is k. Throws ArgumentError when it isn't one. */
export function inversePermutation(
  routine: string,
  argument: string,
  permutation: ArrayLike<number>,
  n: number,
): Int32Array {
  const inverse = new Int32Array(n).fill(-1);
  const wanted = `a permutation of 0 … ${n - 1}`;
  if (permutation.length !== n) misuse(routine, argument, describe(permutation), wanted);
  for (let k = 0; k < n; k++) {
    const i = permutation[k];
    if (!(i >= 0 && i < n) || inverse[i] !== -1) misuse(routine, argument, describe(permutation), wanted);
    inverse[i] = k;
  }
  return inverse;
}

/** Writes the diagonal of A into `out` (length min(rows, cols)); zero where no entry is stored. */
export function diagonalOf(out: Vector, A: SparseMatrix): Vector {
  const n = Math.min(A.rows, A.cols);
  if (out.length !== n) misuse("diagonalOf", "out", `of length ${out.length}`, `length ${n}`);
  out.fill(0);
  for (let j = 0; j < n; j++) {
    for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) if (A.rowIndices[p] === j) out[j] = A.values[p];
  }
  return out;
}

/**
 * The lower triangle of a full matrix, as symmetric storage; what stands above the diagonal is dropped unread. A matrix that is
 * symmetric storage is answered as it is.
 * @throws ArgumentError when A isn't square.
 */
export function symmetricFromFull(A: SparseMatrix): SparseMatrix {
  if (A.symmetric) return A;
  if (A.rows !== A.cols) misuse("symmetricFromFull", "A", `${A.rows} × ${A.cols}`, "a square matrix");
  const n = A.cols;
  const colPointers = new Int32Array(n + 1);
  const kept: number[] = [];
  for (let j = 0; j < n; j++) {
    for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) if (A.rowIndices[p] >= j) kept.push(p);
    colPointers[j + 1] = kept.length;
  }
  const rowIndices = Int32Array.from(kept, (p) => A.rowIndices[p]);
  const values = Float64Array.from(kept, (p) => A.values[p]);
  return { kind: "sparse", rows: n, cols: n, colPointers, rowIndices, values, symmetric: true };
}

function requireSymmetricStorage(routine: string, A: SparseMatrix): void {
  if (A.rows === A.cols && A.symmetric) return;
  misuse(
    routine,
    "A",
    `${A.rows} × ${A.cols}, symmetric: ${A.symmetric}`,
    "a square matrix with `symmetric: true` (lower triangle)",
  );
}

/**
 * Checks that a sparse matrix is well formed: monotone pointers, ascending indices within range, finite values, and nothing above the
 * diagonal when symmetric. Throws ArgumentError naming the first fault.
 */
export function checkSparse(routine: string, argument: string, A: SparseMatrix): void {
  const { cols, colPointers, rowIndices, values } = A;
  if (colPointers.length === cols + 1 && rowIndices.length !== values.length) {
    misuse(
      routine,
      argument,
      `with ${rowIndices.length} row indices and ${values.length} values`,
      `as many as the last column pointer says, ${colPointers[cols]}`,
    );
  }
  checkPattern(routine, argument, A);
  for (let j = 0; j < cols; j++) {
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      if (!Number.isFinite(values[p])) {
        misuse(routine, `${argument}.values`, `${values[p]} at row ${rowIndices[p]}, column ${j}`, "finite numbers");
      }
    }
  }
}

/** {@link checkSparse} without a look at the values. */
export function checkPattern(routine: string, argument: string, A: Omit<SparseMatrix, "kind" | "values">): void {
  const { rows, cols, colPointers, rowIndices, symmetric } = A;
  if (symmetric && rows !== cols) misuse(routine, argument, `${rows} × ${cols}`, "a square matrix");
  if (colPointers.length !== cols + 1 || colPointers[0] !== 0) {
    misuse(routine, `${argument}.colPointers`, describe(colPointers), `${cols + 1} numbers that begin with 0`);
  }
  if (colPointers[cols] !== rowIndices.length) {
    misuse(
      routine,
      `${argument}.rowIndices`,
      `of length ${rowIndices.length}`,
      `as many as the last column pointer says, ${colPointers[cols]}`,
    );
  }
  for (let j = 0; j < cols; j++) {
    if (!(colPointers[j + 1] >= colPointers[j])) {
      misuse(routine, `${argument}.colPointers`, `falling at column ${j}`, "ascending numbers");
    }
  }
  for (let j = 0; j < cols; j++) {
    const begin = colPointers[j];
    const end = colPointers[j + 1];
    for (let p = begin; p < end; p++) {
      const i = rowIndices[p];
      if (!(i >= (symmetric ? j : 0) && i < rows)) {
        const wanted = symmetric ? `rows ${j} to ${rows - 1} (the lower triangle)` : `rows 0 to ${rows - 1}`;
        misuse(routine, `${argument}.rowIndices`, `${i} in column ${j}`, wanted);
      }
      if (p > begin && i <= rowIndices[p - 1]) {
        misuse(routine, `${argument}.rowIndices`, `not ascending in column ${j}`, "ascending rows without repetition");
      }
    }
  }
}
