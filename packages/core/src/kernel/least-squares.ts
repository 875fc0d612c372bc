// Least squares from terms: residuals with a sparse Jacobian, and f = ½ ‖r‖² with everything exact.
import type { LeastSquaresProblem } from "../least-squares.js";
import { type RowBlock, systemFromTerms, type TermsSystem } from "./system.js";
import { type GroupBlock, problemFromTerms, type TermsOptions, type TermsProblem } from "./terms.js";

/** Residuals, sparse Jacobian, f = ½ ‖r‖², gradient, exact sparse Hessian and products with it. */
export type TermsLeastSquares = TermsSystem &
  LeastSquaresProblem &
  Omit<TermsProblem, "setData" | "newConvexHessian" | "convexHessianInto" | "valueGradientConvexHessianInto">;

/**
 * f = ½ Σ r_k², r_k = outer(s_k, data[k]) as in `systemFromTerms`; the Hessian is exact, JᵀJ + Σ r_k ∇²r_k, by the same compiler.
 * @throws ArgumentError as `systemFromTerms` does.
 */
export function leastSquaresFromTerms(
  n: number,
  blocks: readonly RowBlock[],
  options: TermsOptions = {},
): TermsLeastSquares {
  const system = systemFromTerms(n, blocks, options);
  const squares = blocks.map(({ rows: _rows, outer, ...block }): GroupBlock => {
    return { ...block, outer: (s, d) => outer(s, d).square().mul(0.5) };
  });
  const problem = problemFromTerms(n, squares, options);
  return {
    ...system,
    value: problem.value,
    gradientInto: problem.gradientInto,
    valueAndGradientInto: problem.valueAndGradientInto,
    newHessian: problem.newHessian,
    hessianInto: problem.hessianInto,
    valueGradientHessianInto: problem.valueGradientHessianInto,
    hessianApplyInto: problem.hessianApplyInto,
    diagnose: problem.diagnose,
    get structure() {
      return problem.structure;
    },
  };
}
