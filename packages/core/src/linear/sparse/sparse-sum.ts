// Sums, multiples and permutations of sparse matrices.
import { describe, misuse } from "../../errors.js";
import type { SparseMatrix } from "../matrix.js";
import { inversePermutation, sparseFromTriplets } from "./csc.js";

/** Both triangles of a matrix in symmetric storage; any other is answered as it is. */
export function fullFromSymmetric(A: SparseMatrix): SparseMatrix {
  if (!A.symmetric) return A;
  const { rows, cols, colPointers, rowIndices, values } = A;
  const i: number[] = [];
  const j: number[] = [];
  const v: number[] = [];
  for (let c = 0; c < cols; c++) {
    for (let p = colPointers[c]; p < colPointers[c + 1]; p++) {
      i.push(rowIndices[p]);
      j.push(c);
      v.push(values[p]);
      if (rowIndices[p] === c) continue;
      i.push(c);
      j.push(rowIndices[p]);
      v.push(values[p]);
    }
  }
  return sparseFromTriplets(rows, cols, i, j, v);
}

/**
 * α A + β B with the union of the patterns. Two matrices in symmetric storage give another; a symmetric and a general one a general one.
 * @throws ArgumentError when the shapes differ or a factor isn't finite.
 */
export function addSparse(alpha: number, A: SparseMatrix, beta: number, B: SparseMatrix): SparseMatrix {
  if (A.rows !== B.rows || A.cols !== B.cols)
    misuse("addSparse", "B", `${B.rows} × ${B.cols}`, `the shape of A, ${A.rows} × ${A.cols}`);
  if (!Number.isFinite(alpha)) misuse("addSparse", "alpha", describe(alpha), "a finite number");
  if (!Number.isFinite(beta)) misuse("addSparse", "beta", describe(beta), "a finite number");
  if (A.symmetric !== B.symmetric) return addSparse(alpha, fullFromSymmetric(A), beta, fullFromSymmetric(B));
  const colPointers = new Int32Array(A.cols + 1);
  const most = A.values.length + B.values.length;
  const rowIndices = new Int32Array(most);
  const values = new Float64Array(most);
  let at = 0;
  for (let j = 0; j < A.cols; j++) {
    let p = A.colPointers[j];
    let q = B.colPointers[j];
    const pEnd = A.colPointers[j + 1];
    const qEnd = B.colPointers[j + 1];
    while (p < pEnd || q < qEnd) {
      const row = Math.min(p < pEnd ? A.rowIndices[p] : A.rows, q < qEnd ? B.rowIndices[q] : A.rows);
      let sum = 0;
      if (p < pEnd && A.rowIndices[p] === row) sum += alpha * A.values[p++];
      if (q < qEnd && B.rowIndices[q] === row) sum += beta * B.values[q++];
      rowIndices[at] = row;
      values[at++] = sum;
    }
    colPointers[j + 1] = at;
  }
  const { rows, cols, symmetric } = A;
  const entries = { rowIndices: rowIndices.slice(0, at), values: values.slice(0, at) };
  return { kind: "sparse", rows, cols, colPointers, ...entries, symmetric };
}

/** A ← α A in place. Throws ArgumentError when α isn't finite. */
export function scaleSparse(A: SparseMatrix, alpha: number): SparseMatrix {
  if (!Number.isFinite(alpha)) misuse("scaleSparse", "alpha", describe(alpha), "a finite number");
  for (let p = 0; p < A.values.length; p++) A.values[p] *= alpha;
  return A;
}

/**
 * The matrix with entry (i, j) equal to A(rows[i], cols[j]); a list that is left out leaves the order. A matrix in symmetric storage is taken as whole
 * (for P A Pᵀ in symmetric storage see `permuteSymmetric`).
 * @throws ArgumentError when a list isn't a permutation of the right length.
 */
export function permuteSparse(A: SparseMatrix, rows?: ArrayLike<number>, cols?: ArrayLike<number>): SparseMatrix {
  const whole = fullFromSymmetric(A);
  const rowPlace = rows && inversePermutation("permuteSparse", "rows", rows, A.rows);
  const colPlace = cols && inversePermutation("permuteSparse", "cols", cols, A.cols);
  const i = new Int32Array(whole.values.length);
  const j = new Int32Array(whole.values.length);
  for (let c = 0; c < A.cols; c++) {
    for (let p = whole.colPointers[c]; p < whole.colPointers[c + 1]; p++) {
      i[p] = rowPlace === undefined ? whole.rowIndices[p] : rowPlace[whole.rowIndices[p]];
      j[p] = colPlace === undefined ? c : colPlace[c];
    }
  }
  return sparseFromTriplets(A.rows, A.cols, i, j, whole.values);
}
