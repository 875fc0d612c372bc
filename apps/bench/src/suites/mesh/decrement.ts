// Newton's decrement ½ λ², λ² = ∇fᵀ H⁻¹ ∇f: when a run stops, and what the benchmark itself finds where it stopped.
import type { GradientState, HessianProblem, SparseMatrix, Stop } from "@hessia/core";
import { analyze, dot, sparseFactorize, sparseSolveInto } from "@hessia/core/linear";

/** Converged after a step from a point with ½ λ² ≤ `tolerance`, −∇fᵀd of the step's own direction: what methods keep in `work.step`. As TinyAD's examples stop. */
export function newtonDecrement(tolerance: number): Stop<GradientState> {
  let before: Float64Array | undefined;
  return ({ state }) => {
    const direction = (state.work as { readonly step?: Float64Array } | undefined)?.step;
    const half = before === undefined || direction === undefined ? Number.NaN : -dot(before, direction) / 2;
    before ??= new Float64Array(state.gradient.length);
    before.set(state.gradient);
    if (!(half <= tolerance)) return null;
    return { kind: "converged", rule: "newtonDecrement", detail: `½λ² = ${half.toExponential(2)}` };
  };
}

/**
 * ½ λ² at x by a factorization of its own. Where turning the whole changes nothing the Hessian is singular at the minimum and ∇f has no part along that: a billionth of the largest
 * diagonal entry keeps it definite against rounding. NaN where the Hessian isn't positive semidefinite.
 */
export function decrementAt(problem: HessianProblem, x: Float64Array): number {
  const H = problem.hessianInto(problem.newHessian(), x) as SparseMatrix;
  let most = 0;
  for (let j = 0; j < H.cols; j++) most = Math.max(most, H.values[H.colPointers[j]!]!);
  const factor = sparseFactorize(analyze(H), H, { shift: 1e-9 * most });
  if (factor.failedAt >= 0) return Number.NaN;
  const g = problem.gradientInto(new Float64Array(x.length), x);
  return dot(g, sparseSolveInto(new Float64Array(x.length), factor, g)) / 2;
}
