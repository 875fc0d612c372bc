// A = V diag(λ) Vᵀ for a symmetric matrix: reduction to tridiagonal form, divide and conquer there, and back by blocks of reflections.
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), §8.3–8.4. See tridiagonal.ts, tridiagonal-divide.ts and implicit-ql.ts.
import { type DenseInput, toDense } from "../../interop/dense.js";
import { type DenseMatrix, denseMatrix, type Vector } from "../matrix.js";
import { normInf, powerOfTwoScale, scale } from "../vec.js";
import { denseBackend } from "./backend.js";
import { requireSymmetric } from "./dense.js";
import { implicitQl } from "./implicit-ql.js";
import {
  applyQToRows,
  applyQToRowsRoom,
  formQTranspose,
  tridiagonalEigenvalues,
  tridiagonalize,
} from "./tridiagonal.js";
import { divideAndConquer } from "./tridiagonal-divide.js";

export interface SymmetricEigen {
  /** λ₁ ≤ … ≤ λₙ. */
  readonly values: Vector;
  /** Column j is a unit eigenvector of values[j]. */
  readonly vectors: DenseMatrix;
  /** False when an iteration for an eigenvalue did not end: not seen in practice; the decomposition is then inexact. */
  readonly converged: boolean;
}

/**
 * The eigendecomposition of a symmetric matrix, at most about 16/3 n³ operations. Errors in the values and in V diag(λ) Vᵀ are a few ε
 * relative to the largest |λ|.
 * @throws ArgumentError when A isn't square, finite and symmetric to 1e-12 of its largest entry.
 */
export function symmetricEigen(matrix: DenseInput): SymmetricEigen {
  const A = toDense(matrix, "symmetricEigen", "A");
  requireSymmetric("symmetricEigen", "A", A);
  const n = A.rows;
  const T = tridiagonalize(A);
  const d = T.diagonal.slice();
  const e = new Float64Array(n);
  e.set(T.offDiagonal);
  const size = Math.max(normInf(d), normInf(e));
  const unit = size > 0 ? powerOfTwoScale(size) : 1;
  scale(d, unit);
  scale(e, unit);
  let converged: boolean;
  let W: Vector;
  if (n <= small) {
    W = formQTranspose(T);
    converged = implicitQl(d, e, W);
  } else {
    // The vectors of T, a row each; room for the products of the divide; room for the roots' vectors, and then for Q.
    const backend = denseBackend();
    const memory = backend.allocate(3 * n * n + Math.max(n * n, applyQToRowsRoom(n)));
    const part = (from: number, to: number) => memory.subarray(from * n * n, to * n * n);
    converged = divideAndConquer(backend, d, e, part(0, 1), part(1, 3), part(3, 4));
    applyQToRows(part(0, 1), T, memory, 3 * n * n);
    W = part(0, 1).slice();
    backend.release(memory);
  }
  const order = Array.from(d.keys()).sort((i, j) => d[i] - d[j]);
  const vectors = denseMatrix(n, n);
  const tile = 16;
  for (let j0 = 0; j0 < n; j0 += tile) {
    for (let i = 0; i < n; i++)
      for (let j = j0; j < Math.min(n, j0 + tile); j++) vectors.data[i * n + j] = W[order[j] * n + i];
  }
  return { values: Float64Array.from(order, (i) => d[i] / unit), vectors, converged };
}

/** Up to this size the implicit QL iteration with all vectors is faster than divide and conquer. */
const small = 32;

/**
 * All eigenvalues of a symmetric matrix, ascending, without vectors: 4/3 n³ operations (NaN where the iteration didn't settle:
 * not seen in practice).
 * @throws ArgumentError when A isn't square, finite and symmetric to 1e-12 of its largest entry.
 */
export function symmetricEigenvalues(matrix: DenseInput): Vector {
  const A = toDense(matrix, "symmetricEigenvalues", "A");
  requireSymmetric("symmetricEigenvalues", "A", A);
  return tridiagonalEigenvalues(tridiagonalize(A));
}
