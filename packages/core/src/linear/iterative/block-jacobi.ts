// The preconditioner that takes blocks along the diagonal of a matrix for the whole: Saad 2003, "Iterative Methods for Sparse Linear Systems", §12.2.
// The blocks are inverted at once, so that applying them is one short product a row.
import { misuse, requireNumber } from "../../errors.js";
import { choleskyFactorize, choleskySolveInto } from "../dense/cholesky.js";
import { preconditioner, requireSymmetricStorage } from "../dense/jacobi.js";
import { denseMatrix, type LinearOperator, type SparseMatrix } from "../matrix.js";

/**
 * M⁻¹ = the inverses of the d × d blocks along the diagonal of A, the last one smaller where d doesn't divide n; symmetric positive definite as A is.
 * For the unknowns of a mesh d is the coordinates of a vertex.
 * @throws ArgumentError when A isn't in symmetric storage, d isn't an integer ≥ 1, or a block isn't positive definite; its first column is named.
 */
export function blockJacobiPreconditioner(A: SparseMatrix, blockSize: number): LinearOperator {
  const routine = "blockJacobiPreconditioner";
  requireSymmetricStorage(routine, A);
  requireNumber(routine, "blockSize", blockSize, { atLeast: 1, integer: true });
  const n = A.cols;
  const d = Math.max(1, Math.min(blockSize, n));
  const inverse = new Float64Array(n * d);
  const unit = new Float64Array(d);
  const column = new Float64Array(d);
  for (let first = 0; first < n; first += d) {
    const size = Math.min(d, n - first);
    const B = denseMatrix(size, size);
    for (let j = 0; j < size; j++) {
      for (let p = A.colPointers[first + j]; p < A.colPointers[first + j + 1]; p++) {
        const i = A.rowIndices[p] - first;
        if (i >= size) break;
        if (!Number.isFinite(A.values[p]))
          misuse(routine, "A.values", `${A.values[p]} at row ${first + i}, column ${first + j}`, "finite numbers");
        B.data[i * size + j] = A.values[p];
      }
    }
    const F = choleskyFactorize(B);
    if (F.failedAt >= 0)
      misuse(routine, "A", `not positive definite in the block of column ${first + F.failedAt}`, "positive definite");
    for (let j = 0; j < size; j++) {
      unit.fill(0)[j] = 1;
      choleskySolveInto(column.subarray(0, size), F, unit.subarray(0, size));
      for (let i = 0; i < size; i++) inverse[(first + i) * d + j] = column[i];
    }
  }
  return preconditioner(n, (out, r) => {
    for (let first = 0; first < n; first += d) {
      const size = Math.min(d, n - first);
      for (let i = first; i < first + size; i++) {
        let sum = 0;
        for (let j = 0; j < size; j++) sum += inverse[i * d + j] * r[first + j];
        out[i] = sum;
      }
    }
  });
}
