import { conjugateGradientInto } from "../../src/linear/iterative/cg.js";
import { operatorFrom } from "../../src/linear/iterative/operator.js";
import type { LinearOperator, SparseMatrix } from "../../src/linear/matrix.js";
import { type DenseMatrix, denseMatrix } from "../../src/linear/matrix.js";
import { randomVector } from "./dense-for-tests.js";

/** Iterations of conjugate gradients on A x = b to 1e-10, b random; throws where it doesn't get there. */
export function iterationsWith(A: SparseMatrix, M?: LinearOperator): number {
  const out = new Float64Array(A.cols);
  const result = conjugateGradientInto(out, operatorFrom(A), randomVector(A.cols), {
    maxIterations: 5000,
    ...(M === undefined ? {} : { precondition: M.applyInto }),
  });
  if (result.reason !== "converged") throw new Error(result.reason);
  return result.iterations;
}

/** The operator as a dense matrix. */
export function denseOf(M: LinearOperator): DenseMatrix {
  const D = denseMatrix(M.rows, M.cols);
  const column = new Float64Array(M.rows);
  for (let j = 0; j < M.cols; j++) {
    const e = new Float64Array(M.cols);
    e[j] = 1;
    M.applyInto(column, e);
    for (let i = 0; i < M.rows; i++) D.data[i * M.cols + j] = column[i];
  }
  return D;
}
