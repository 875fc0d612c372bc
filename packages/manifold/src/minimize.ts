import {
  any,
  describe,
  type GradientProblem,
  type HasHessianApply,
  type Method,
  maxIterations,
  misuse,
  type Result,
  requireKnownOptions,
  type SolveOptions,
  solve,
  startPoint,
  unboundedBelow,
} from "@hessia/core";
import { type GroupBlock, problemFromTerms, type TermBlock } from "@hessia/core/kernel";
import type { Manifold } from "./manifold.js";
import { alternatingDescent } from "./methods/alternating-descent.js";
import { arc } from "./methods/arc.js";
import { conjugateGradient } from "./methods/conjugate-gradient.js";
import { lazyCubicNewton } from "./methods/lazy-cubic-newton.js";
import { lbfgs } from "./methods/lbfgs.js";
import { steepestDescent } from "./methods/steepest-descent.js";
import { trustRegion } from "./methods/trust-region.js";
import { type ManifoldProblem, type ManifoldState, onManifold, riemannianGradientNorm } from "./problem.js";

/** The methods by name, with their default options. */
const methods = {
  trustRegion: () => erase(trustRegion()),
  arc: () => erase(arc()),
  lazyCubicNewton: () => erase(lazyCubicNewton()),
  lbfgs: () => erase(lbfgs()),
  conjugateGradient: () => erase(conjugateGradient()),
  steepestDescent: () => erase(steepestDescent()),
  alternatingDescent: () => erase(alternatingDescent()),
} as const;

export type MethodName = keyof typeof methods;

type AnyMethod = Method<ManifoldProblem, ManifoldState>;

export interface MinimizeOptions
  extends Pick<SolveOptions<ManifoldState>, "observers" | "signal" | "timeLimit" | "trace" | "resume" | "secondOrder"> {
  /** "auto" (see {@link minimize}), a name, or a method of this package with options of your own. Default "auto". */
  readonly method?: "auto" | MethodName | { readonly name: string; readonly init: unknown; readonly step: unknown };
  /** ‖grad f(x)‖_x ≤ tolerance · max(1, ‖grad f(x₀)‖), in [0, 1). Default 1e-6. */
  readonly tolerance?: number;
  /** Default 10,000. */
  readonly maxIterations?: number;
}

const optionNames = [
  "method",
  "tolerance",
  "maxIterations",
  "observers",
  "signal",
  "timeLimit",
  "trace",
  "resume",
  "secondOrder",
];

export interface MinimizeResult extends Result<ManifoldState> {
  /** Which method was picked, and why. */
  readonly picked: { readonly method: string; readonly because: string };
}

/** What {@link minimize} takes: f with its Euclidean derivatives in the coordinates of the manifold, or blocks of terms, from which they are derived. */
export type Objective = (GradientProblem & Partial<HasHessianApply>) | readonly (TermBlock | GroupBlock)[];

/**
 * Minimizes f over a manifold from x0. `f` is a problem with Euclidean derivatives (`defineProblem`, `problemFromTerms`), or the blocks of terms that `problemFromTerms` takes.
 *
 * "auto" picks `trustRegion` where there are products with the Hessian (always with terms), else `lbfgs`. Every numerical outcome is returned with its `reason`;
 * `reason.kind === "converged"` is the success test, and for the methods with second derivatives it includes a second-order test (`secondOrder: false` leaves it out).
 * @throws ArgumentError on misuse: x0 off the manifold (it says how far, and how to project), f of another number of variables, an unknown method or option. EvaluationError when the
 * user's function throws.
 */
export function minimize(
  manifold: Manifold,
  f: Objective,
  x0: ArrayLike<number>,
  options: MinimizeOptions = {},
): MinimizeResult {
  const routine = "minimize";
  if (manifold === null || typeof manifold !== "object" || typeof manifold.retractInto !== "function")
    misuse(routine, "manifold", describe(manifold), "a manifold, for example `sphere(3)`");
  requireKnownOptions(routine, options, optionNames);
  const { method: asked = "auto", tolerance = 1e-6, maxIterations: limit = 10_000, ...rest } = options;
  const problem = onManifold(manifold, isBlocks(f) ? problemFromTerms(manifold.length, f) : f);
  if (typeof problem.gradientInto !== "function")
    misuse(routine, "f", "without a gradient", "at least `value` and `gradientInto`");
  const start = startPoint(routine, manifold.length, x0);
  manifold.checkPoint(routine, "x0", start);
  const { method, because } = pick(asked, problem);
  const stop = any<ManifoldState>(riemannianGradientNorm(tolerance), unboundedBelow(), maxIterations(limit));
  const result = solve(method, problem, start, { ...rest, stop });
  return { ...result, picked: { method: method.name, because } };
}

const isBlocks = (f: Objective): f is readonly (TermBlock | GroupBlock)[] => Array.isArray(f);

function pick(
  asked: NonNullable<MinimizeOptions["method"]>,
  problem: ManifoldProblem,
): { readonly method: AnyMethod; readonly because: string } {
  if (asked === "auto")
    return problem.hessianApplyInto === undefined
      ? { method: methods.lbfgs(), because: "a gradient without second derivatives" }
      : { method: methods.trustRegion(), because: "products with the Hessian" };
  if (typeof asked === "string") {
    if (!Object.hasOwn(methods, asked))
      misuse("minimize", "options.method", describe(asked), `"auto", ${Object.keys(methods).join(", ")}, or a method`);
    return { method: methods[asked](), because: "it was asked for" };
  }
  if (asked === null || typeof asked !== "object" || typeof asked.step !== "function")
    misuse("minimize", "options.method", describe(asked), "a name, or a method with `name`, `init` and `step`");
  return { method: erase(asked), because: "it was given" };
}

/** What a method needs is checked by its own `init`, which a type that is picked at run time cannot follow. */
const erase = (method: unknown) => method as AnyMethod;
