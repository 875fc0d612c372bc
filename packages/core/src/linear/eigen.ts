// A = V diag(λ) Vᵀ for a symmetric matrix: reduction to tridiagonal form, then the implicit QL iteration on rows of Vᵀ.
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), §8.3. See tridiagonal.ts and implicit-ql.ts.
import { type DenseInput, toDense } from "../interop/dense.js";
import { requireSymmetric, transposeDense } from "./dense.js";
import { implicitQl } from "./implicit-ql.js";
import { type DenseMatrix, denseMatrix, type Vector } from "./matrix.js";
import { formQTranspose, tridiagonalEigenvalues, tridiagonalize } from "./tridiagonal.js";
import { normInf, powerOfTwoScale, scale } from "./vec.js";

export interface SymmetricEigen {
  /** λ₁ ≤ … ≤ λₙ. */
  readonly values: Vector;
  /** Column j is a unit eigenvector of values[j]. */
  readonly vectors: DenseMatrix;
  /** False when an eigenvalue took more than 60 sweeps: not seen in practice; the decomposition is then inexact. */
  readonly converged: boolean;
}

/**
 * The eigendecomposition of a symmetric matrix, about 9n³ operations. Errors in the values and in V diag(λ) Vᵀ are a few ε
 * relative to the largest |λ|.
 * @throws ArgumentError when A isn't square, finite and symmetric to 1e-12 of its largest entry.
 */
export function symmetricEigen(matrix: DenseInput): SymmetricEigen {
  const A = toDense(matrix, "symmetricEigen", "A");
  requireSymmetric("symmetricEigen", "A", A);
  const n = A.rows;
  const T = tridiagonalize(A);
  const W = formQTranspose(T);
  const d = T.diagonal.slice();
  const e = new Float64Array(n);
  e.set(T.offDiagonal);
  const size = Math.max(normInf(d), normInf(e));
  const unit = size > 0 ? powerOfTwoScale(size) : 1;
  const converged = implicitQl(scale(d, unit), scale(e, unit), W);
  const order = Array.from(d.keys()).sort((i, j) => d[i] - d[j]);
  const sorted = denseMatrix(n, n);
  order.forEach((from, to) => {
    sorted.data.set(W.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (i) => d[i] / unit), vectors: transposeDense(sorted), converged };
}

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
