import { describe, misuse } from "../errors.js";
import { type DenseMatrix, denseMatrix, type SparseMatrix, type Vector } from "./matrix.js";

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
  const count = v.length;
  if (i.length !== count || j.length !== count) {
    misuse(routine, "i, j, v", `of lengths ${i.length}, ${j.length}, ${count}`, "three lists of one length");
  }
  if (symmetric && rows !== cols) misuse(routine, "rows, cols", `${rows}, ${cols}`, "a square matrix when `symmetric` is true");
  // Sorting by row and then, stably, by column leaves each column's rows ascending.
  const rowStarts = new Int32Array(rows + 1);
  const rowOf = new Int32Array(count);
  const colOf = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const ik = i[k]!;
    const jk = j[k]!;
    if (!(Number.isInteger(ik) && ik >= 0 && ik < rows)) misuse(routine, `i[${k}]`, describe(ik), `a row number from 0 to ${rows - 1}`);
    if (!(Number.isInteger(jk) && jk >= 0 && jk < cols)) misuse(routine, `j[${k}]`, describe(jk), `a column number from 0 to ${cols - 1}`);
    if (!Number.isFinite(v[k]!)) misuse(routine, `v[${k}]`, describe(v[k]), "a finite number");
    rowOf[k] = symmetric && ik < jk ? jk : ik;
    colOf[k] = symmetric && ik < jk ? ik : jk;
    rowStarts[rowOf[k]! + 1]!++;
  }
  for (let r = 0; r < rows; r++) rowStarts[r + 1] = rowStarts[r + 1]! + rowStarts[r]!;
  const byRow = new Int32Array(count);
  for (let k = 0; k < count; k++) byRow[rowStarts[rowOf[k]!]!++] = k;
  const colPointers = new Int32Array(cols + 1);
  const last = new Int32Array(cols).fill(-1);
  for (let s = 0; s < count; s++) {
    const k = byRow[s]!;
    if (last[colOf[k]!] !== rowOf[k]) {
      last[colOf[k]!] = rowOf[k]!;
      colPointers[colOf[k]! + 1]!++;
    }
  }
  for (let c = 0; c < cols; c++) colPointers[c + 1] = colPointers[c + 1]! + colPointers[c]!;
  const rowIndices = new Int32Array(colPointers[cols]!);
  const values = new Float64Array(colPointers[cols]!);
  const next = colPointers.slice(0, cols);
  last.fill(-1);
  for (let s = 0; s < count; s++) {
    const k = byRow[s]!;
    const c = colOf[k]!;
    if (last[c] !== rowOf[k]) {
      last[c] = rowOf[k]!;
      rowIndices[next[c]!] = rowOf[k]!;
      next[c]!++;
    }
    const p = next[c]! - 1;
    values[p] = values[p]! + v[k]!;
  }
  return { kind: "sparse", rows, cols, colPointers, rowIndices, values, symmetric };
}

/** Aᵀ. A symmetric matrix is answered as it is. */
export function transposeSparse(A: SparseMatrix): SparseMatrix {
  if (A.symmetric) return A;
  const { rows, cols, colPointers, rowIndices, values } = A;
  const pointers = new Int32Array(rows + 1);
  for (let p = 0; p < values.length; p++) pointers[rowIndices[p]! + 1]!++;
  for (let r = 0; r < rows; r++) pointers[r + 1] = pointers[r + 1]! + pointers[r]!;
  const next = pointers.slice(0, rows);
  const indices = new Int32Array(values.length);
  const moved = new Float64Array(values.length);
  for (let j = 0; j < cols; j++) {
    for (let p = colPointers[j]!; p < colPointers[j + 1]!; p++) {
      const q = next[rowIndices[p]!]!++;
      indices[q] = j;
      moved[q] = values[p]!;
    }
  }
  return { kind: "sparse", rows: cols, cols: rows, colPointers: pointers, rowIndices: indices, values: moved, symmetric: false };
}

/** out = A x; a symmetric matrix is taken as whole. */
export function multiplySparseVectorInto(out: Vector, A: SparseMatrix, x: Vector): Vector {
  const { cols, colPointers, rowIndices, values, symmetric } = A;
  out.fill(0);
  for (let j = 0; j < cols; j++) {
    const xj = x[j]!;
    const end = colPointers[j + 1]!;
    if (symmetric) {
      let sum = 0;
      for (let p = colPointers[j]!; p < end; p++) {
        const i = rowIndices[p]!;
        const a = values[p]!;
        out[i] = out[i]! + a * xj;
        if (i !== j) sum += a * x[i]!;
      }
      out[j] = out[j]! + sum;
    } else {
      for (let p = colPointers[j]!; p < end; p++) out[rowIndices[p]!] = out[rowIndices[p]!]! + values[p]! * xj;
    }
  }
  return out;
}

/** out = Aᵀ y; a symmetric matrix is taken as whole. */
export function multiplyTransposeSparseVectorInto(out: Vector, A: SparseMatrix, y: Vector): Vector {
  if (A.symmetric) return multiplySparseVectorInto(out, A, y);
  const { cols, colPointers, rowIndices, values } = A;
  for (let j = 0; j < cols; j++) {
    let sum = 0;
    for (let p = colPointers[j]!; p < colPointers[j + 1]!; p++) sum += values[p]! * y[rowIndices[p]!]!;
    out[j] = sum;
  }
  return out;
}

/** The same matrix, dense; a symmetric one is written whole. */
export function toDenseMatrix({ rows, cols, colPointers, rowIndices, values, symmetric }: SparseMatrix): DenseMatrix {
  const D = denseMatrix(rows, cols);
  for (let j = 0; j < cols; j++) {
    for (let p = colPointers[j]!; p < colPointers[j + 1]!; p++) {
      const i = rowIndices[p]!;
      D.data[i * cols + j] = values[p]!;
      if (symmetric) D.data[j * cols + i] = values[p]!;
    }
  }
  return D;
}

/** The non-zero entries of a dense matrix; with `symmetric`, of its lower triangle. */
export function sparseFromDense({ rows, cols, data }: DenseMatrix, { symmetric = false }: TripletOptions = {}): SparseMatrix {
  const i: number[] = [];
  const j: number[] = [];
  const v: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < (symmetric ? r + 1 : cols); c++) {
      const a = data[r * cols + c]!;
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
 * Checks that a sparse matrix is well formed: monotone pointers, ascending indices within range, finite values, and nothing above the
 * diagonal when symmetric. Throws ArgumentError naming the first fault.
 */
export function checkSparse(routine: string, argument: string, A: SparseMatrix): void {
  const { rows, cols, colPointers, rowIndices, values, symmetric } = A;
  if (colPointers.length !== cols + 1 || colPointers[0] !== 0) {
    misuse(routine, `${argument}.colPointers`, describe(colPointers), `${cols + 1} numbers that begin with 0`);
  }
  if (colPointers[cols] !== values.length || rowIndices.length !== values.length) {
    misuse(routine, argument, `with ${rowIndices.length} row indices and ${values.length} values`, `as many as the last column pointer says, ${colPointers[cols]}`);
  }
  for (let j = 0; j < cols; j++) {
    if (colPointers[j + 1]! < colPointers[j]!) misuse(routine, `${argument}.colPointers`, `falling at column ${j}`, "ascending numbers");
    for (let p = colPointers[j]!; p < colPointers[j + 1]!; p++) {
      const i = rowIndices[p]!;
      if (i < (symmetric ? j : 0) || i >= rows) misuse(routine, `${argument}.rowIndices`, `${i} in column ${j}`, symmetric ? `rows ${j} to ${rows - 1} (the lower triangle)` : `rows 0 to ${rows - 1}`);
      if (p > colPointers[j]! && i <= rowIndices[p - 1]!) misuse(routine, `${argument}.rowIndices`, `not ascending in column ${j}`, "ascending rows without repetition");
      if (!Number.isFinite(values[p]!)) misuse(routine, `${argument}.values`, `${values[p]} at row ${i}, column ${j}`, "finite numbers");
    }
  }
}
