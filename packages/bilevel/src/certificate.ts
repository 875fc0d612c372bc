import { counted, describe, misuse, requireKnownOptions, requireNumber, startPoint, type Vector } from "@hessia/core";
import { distanceFrom } from "@hessia/core/set";
import { hypergradient } from "./hypergradient.js";
import type { BilevelProblem } from "./problem.js";
import { solveLower, stationarity } from "./support/augmented.js";

export interface CertificateOptions {
  /** To which the lower level is solved for comparison, > 0. Default 1e-9. */
  readonly tolerance?: number;
  /** The largest n for which the hypergradient may be found by differences. Default 50; 0 leaves it out. */
  readonly differences?: number;
}

/** How good a pair (x, y) is, found by other means than the methods use. */
export interface BilevelCertificate {
  /** Of the lower level at y: ‖P_Y(y − ∇ᵧ(f + λᵀg)) − y‖∞ and max |λᵢ gᵢ|, λ from a solution of its own (augmented Lagrangian from y). */
  readonly stationarity: number;
  readonly complementarity: number;
  /** The greatest violation of g, and the distances from X and Y. */
  readonly infeasibility: number;
  readonly upperDistance: number;
  readonly lowerDistance: number;
  /** f(x, y) − min_θ f(x, θ), the minimum found from y: near 0, or negative where y isn't feasible. Not a bound where f isn't convex in y. */
  readonly valueGap: number;
  /** ‖P_X(x − ∇Φ) − x‖∞ of Φ(x) = F(x, y*(x)), and how ∇Φ was found; undefined where the lower level's solution isn't unique as far as can be seen, or n is too large. */
  readonly hypergradientNorm: number | undefined;
  readonly route: "implicit" | "differences" | undefined;
  readonly multipliers: Vector;
}

/**
 * Certifies a result: KKT residual of the lower level, feasibility, value-function gap, and the hypergradient's norm by a second, independent route.
 * @throws ArgumentError on a point of the wrong length or not finite, an unknown option or one out of range.
 */
export function certify(
  problem: BilevelProblem,
  z: ArrayLike<number>,
  options: CertificateOptions = {},
): BilevelCertificate {
  const routine = "certify";
  requireKnownOptions(routine, options, ["tolerance", "differences"]);
  const { tolerance = 1e-9, differences = 50 } = options;
  requireNumber(routine, "options.tolerance", tolerance, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.differences", differences, { atLeast: 0, integer: true });
  if (problem === null || typeof problem !== "object" || problem.upperObjective === undefined)
    misuse(routine, "problem", describe(problem), "a problem made by `bilevel`");
  const watched = counted(problem);
  const at = startPoint(routine, problem.dimension, z);
  const { upperDimension: n, lowerConstraints: g, lowerObjective, upperSet, lowerSet } = problem;
  const solved = solveLower(watched, at, tolerance);
  const { multipliers } = solved;
  const values = g?.valueInto(new Float64Array(g.count), at);
  const apart = solved.z.reduce((most, value, k) => Math.max(most, Math.abs(value - at[k]!)), 0);
  const scale = at.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  // Another solution of the lower level than y: Φ isn't what F(x, y) belongs to.
  const unique = apart <= 1e-3 * scale;
  return {
    stationarity: stationarity(watched, at, multipliers, new Float64Array(at.length)),
    complementarity: values?.reduce((most, gi, i) => Math.max(most, Math.abs(gi * multipliers[i]!)), 0) ?? 0,
    infeasibility: g?.violation(at) ?? 0,
    upperDistance: distanceFrom(upperSet, at.slice(0, n)),
    lowerDistance: distanceFrom(lowerSet, at.slice(n)),
    valueGap: lowerObjective.value(at) - solved.value,
    multipliers: g?.givenMultipliers(multipliers.slice()) ?? multipliers,
    ...slope(problem, at, unique, differences),
  };
}

function slope(
  problem: BilevelProblem,
  at: Vector,
  unique: boolean,
  differences: number,
): Pick<BilevelCertificate, "hypergradientNorm" | "route"> {
  const { upperDimension: n, upperSet, lowerIsFree, lowerConstraints: g, lowerObjective } = problem;
  const none = { hypergradientNorm: undefined, route: undefined };
  if (!unique) return none;
  const implicit =
    lowerIsFree && lowerObjective.hessianApplyInto !== undefined && (g === null || g.affineSet !== undefined);
  if (!implicit && n > differences) return none;
  const route = implicit ? "implicit" : "differences";
  try {
    const { gradient } = hypergradient(problem, at, { route });
    const moved = at.slice(0, n).map((xi, i) => xi - gradient[i]!);
    upperSet.projectInto(moved, moved);
    return { hypergradientNorm: moved.reduce((most, v, i) => Math.max(most, Math.abs(v - at[i]!)), 0), route };
  } catch {
    // A singular lower Hessian.
    return none;
  }
}
