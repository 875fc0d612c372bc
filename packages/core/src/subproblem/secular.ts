// The trust-region and the cubic subproblem for a prepared Hessian, by whichever route its kind has; see `secular-equation.ts`.

import {
  applyQInto,
  applyQTransposeInto,
  shiftedTridiagonalFactorizeInto,
  shiftedTridiagonalSolveInto,
} from "../linear/dense/tridiagonal.js";
import type { Vector } from "../linear/matrix.js";
import { sparseSolveInto } from "../linear/sparse/sparse-cholesky.js";
import type { SecularStep, SecularTarget, SecularWork } from "./secular-equation.js";
import { factorizeInto, solveSparse } from "./secular-sparse.js";
import { solveTridiagonal } from "./secular-tridiagonal.js";
import type { Shifted } from "./shifted.js";

export { type SecularStep, type SecularTarget, type SecularWork, secularWork } from "./secular-equation.js";

/**
 * Writes the global minimizer of the model into `out` (length n).
 * @param hint a σ to try first in the sparse case (the last step's), or NaN.
 */
export function solveSecular(
  out: Vector,
  H: Shifted,
  g: Vector,
  target: SecularTarget,
  work: SecularWork,
  hint = Number.NaN,
): SecularStep {
  return H.kind === "tridiagonal"
    ? solveTridiagonal(out, H, g, target, work)
    : solveSparse(out, H, g, target, work, hint);
}

/** Solves (H + σI) x = b into `out`; false when H + σI isn't positive definite. */
export function solveShiftedInto(out: Vector, H: Shifted, sigma: number, b: Vector, work: SecularWork): boolean {
  if (H.kind === "tridiagonal") {
    if (!shiftedTridiagonalFactorizeInto(work.factor, H.tridiagonal, sigma)) return false;
    applyQTransposeInto(work.q, H.tridiagonal, b);
    shiftedTridiagonalSolveInto(work.y, work.factor, work.q);
    applyQInto(out, H.tridiagonal, work.y);
    return true;
  }
  work.sparseFactor = factorizeInto(work, H, sigma);
  if (work.sparseFactor.failedAt >= 0) return false;
  sparseSolveInto(out, work.sparseFactor, b);
  return true;
}
