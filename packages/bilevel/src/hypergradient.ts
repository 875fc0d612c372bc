import {
  counted,
  describe,
  misuse,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  startPoint,
  type Vector,
} from "@hessia/core";
import { nullSpaceOf } from "./lower-level.js";
import { type BilevelProblem, objectivesOf } from "./problem.js";
import { solveLower } from "./support/augmented.js";
import { implicitGradientInto } from "./support/implicit-gradient.js";

export interface HypergradientOptions {
  /** "implicit" (default): by one system with ∇²ᵧᵧf. "differences": central differences of F(x, y*(x)), the lower level solved 2n times. */
  readonly route?: "implicit" | "differences";
  /** To which the lower level is solved, > 0. Default 1e-10. */
  readonly tolerance?: number;
  /** h of the differences, > 0. Default 1e-5 max(1, |xᵢ|). */
  readonly difference?: number;
}

export interface Hypergradient {
  /** dF(x, y*(x))/dx, length n. */
  readonly gradient: Vector;
  /** y*(x) and F there. */
  readonly y: Vector;
  readonly value: number;
  /** How exactly the lower level is solved: the projected gradient of its Lagrangian. */
  readonly residual: number;
}

/**
 * The gradient of the reduced objective Φ(x) = F(x, y*(x)), y*(x) the lower level's solution, which is taken to be unique: ∇Φ = ∇ₓF − ∇²ₓᵧf [∇²ᵧᵧf]⁻¹ ∇ᵧF by the implicit function theorem, or by differences of the solved
 * problem, which needs no second derivatives and takes lower constraints and sets.
 * @param z (x, y), y a start for the lower level.
 * @throws ArgumentError on a point of the wrong length or not finite, an unknown option or one out of range; for "implicit" on a lower set, inequalities, or a lower objective without `hessianApplyInto`, and where
 * ∇²ᵧᵧf is singular.
 */
export function hypergradient(
  problem: BilevelProblem,
  z: ArrayLike<number>,
  options: HypergradientOptions = {},
): Hypergradient {
  const routine = "hypergradient";
  requireKnownOptions(routine, options, ["route", "tolerance", "difference"]);
  const { route = "implicit", tolerance = 1e-10, difference } = options;
  requireOneOf(routine, "options.route", route, ["implicit", "differences"]);
  requireNumber(routine, "options.tolerance", tolerance, { above: 0, below: Number.POSITIVE_INFINITY });
  if (difference !== undefined)
    requireNumber(routine, "options.difference", difference, { above: 0, below: Number.POSITIVE_INFINITY });
  if (problem === null || typeof problem !== "object" || problem.upperObjective === undefined)
    misuse(routine, "problem", describe(problem), "a problem made by `bilevel`");
  const watched = counted(problem);
  const at = startPoint(routine, problem.dimension, z);
  const { upperDimension: n, lowerDimension: m } = problem;
  const solved = solveLower(watched, at, tolerance);
  const gradient = new Float64Array(n);
  const y = solved.z.slice(n);
  if (route === "implicit") {
    if (!problem.lowerIsFree)
      misuse(routine, "problem", "with a lower set", "one without", 'Take route "differences".');
    if (problem.lowerObjective.hessianApplyInto === undefined)
      misuse(routine, "problem", "without products with the Hessian of the lower objective", "`hessianApplyInto`");
    const space = nullSpaceOf(routine, problem);
    const solver = { kind: "conjugateGradients", tolerance: 1e-13, maxIterations: 4 * m + 100 } as const;
    const objectives = objectivesOf(problem, 0);
    const { value, singular } = implicitGradientInto(gradient, watched, objectives, solved.z, solver, space);
    if (singular !== undefined)
      misuse(routine, "problem", `one where ${singular}`, "a strongly convex lower level", 'Take route "differences".');
    return { gradient, y, value, residual: solved.residual };
  }
  const value = problem.value(solved.z);
  for (let i = 0; i < n; i++) {
    const h = difference ?? 1e-5 * Math.max(1, Math.abs(at[i]!));
    const [above, below] = [h, -h].map((step) => {
      const moved = solved.z.slice();
      moved[i] = moved[i]! + step;
      return problem.value(solveLower(watched, moved, tolerance, solved.multipliers).z);
    });
    gradient[i] = (above! - below!) / (2 * h);
  }
  return { gradient, y, value, residual: solved.residual };
}
