import {
  type AnyProblem,
  any,
  finiteBounds,
  type GradientState,
  type HasBounds,
  type Method,
  maxIterations,
  projectedGradientNorm,
  type Result,
  requireGradient,
  requireKnownOptions,
  type SolveOptions,
  solve,
  unboundedBelow,
} from "@hessia/core";
import { arcqk } from "./arcqk.js";
import { hasHessian } from "./hessian.js";
import { lazyCubicNewton } from "./lazy-cubic-newton.js";
import { lbfgs } from "./lbfgs.js";
import { lbfgsb } from "./lbfgsb.js";
import { tron } from "./tron.js";
import { trustRegion } from "./trust-region.js";

export interface MinimizeOptions
  extends Pick<SolveOptions<GradientState>, "observers" | "signal" | "timeLimit" | "trace"> {
  /** ‖∇f‖∞ ≤ tolerance · max(1, ‖∇f(x₀)‖∞), with bounds the same of P(x − ∇f) − x. Default 1e-8. */
  readonly tolerance?: number;
  /** Default 10,000. */
  readonly maxIterations?: number;
}

export interface MinimizeResult extends Result<GradientState> {
  /** Which method was picked, and why. */
  readonly picked: { readonly method: string; readonly because: string };
}

/**
 * Minimizes f from x0 with the method that suits what the problem can give and its size:
 *
 * - Hessian (a matrix): `trustRegion` with exact subproblems; `lazyCubicNewton` where the Hessian is dense and n ≥ 200,
 *   since there the factorization dominates;
 * - Hessian products only: `arcqk`;
 * - gradient only: `lbfgs`;
 * - with a finite bound: `tron` where there are second derivatives, `lbfgsb` else. x0 is moved within the bounds first.
 *
 * @throws ArgumentError on misuse; see `solve` for what happens when the problem's own functions throw.
 */
export function minimize(
  problem: AnyProblem & Partial<HasBounds>,
  x0: ArrayLike<number>,
  options: MinimizeOptions = {},
): MinimizeResult {
  requireKnownOptions("minimize", options, ["tolerance", "maxIterations", "observers", "signal", "timeLimit", "trace"]);
  const { tolerance = 1e-8, maxIterations: limit = 10_000, ...rest } = options;
  const { method, because } = pick(problem);
  const stop = any<GradientState>(projectedGradientNorm(tolerance), unboundedBelow(), maxIterations(limit));
  const result = solve(method, problem, x0, { ...rest, stop });
  return { ...result, picked: { method: method.name, because } };
}

function pick(problem: AnyProblem & Partial<HasBounds>): {
  method: Method<AnyProblem, GradientState>;
  because: string;
} {
  requireGradient("minimize", problem);
  const n = problem.dimension;
  if (finiteBounds("minimize", problem) !== undefined) {
    return hasHessian(problem) || problem.hessianApplyInto
      ? { method: erase(tron()), because: "bounds, and second derivatives" }
      : { method: erase(lbfgsb()), because: "bounds, and a gradient without second derivatives" };
  }
  if (hasHessian(problem)) {
    const dense = problem.newHessian().kind === "dense";
    return dense && n >= 200
      ? {
          method: erase(lazyCubicNewton()),
          because: `a dense Hessian with n = ${n}: its factorization dominates, so one serves many steps`,
        }
      : { method: erase(trustRegion()), because: `a ${dense ? "dense" : "sparse"} Hessian with n = ${n}` };
  }
  if (problem.hessianApplyInto) return { method: erase(arcqk()), because: "Hessian-vector products without a matrix" };
  return { method: erase(lbfgs()), because: "a gradient without second derivatives" };
}

/** The picked method's needs were just checked by `pick`, which a type cannot follow. */
const erase = (method: unknown) => method as Method<AnyProblem, GradientState>;
