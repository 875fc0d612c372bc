import {
  any,
  describe,
  type Method,
  maxIterations,
  misuse,
  type Result,
  requireKnownOptions,
  requireNumber,
  type SolveOptions,
  type Stop,
  solve,
  type Vector,
} from "@hessia/core";
import { bicGaffa } from "./methods/bic-gaffa.js";
import { bome } from "./methods/bome.js";
import { f2sa } from "./methods/f2sa.js";
import { implicitDifferentiation } from "./methods/implicit-differentiation.js";
import { lvHba } from "./methods/lv-hba.js";
import { meha } from "./methods/meha.js";
import { unrolled } from "./methods/unrolled.js";
import type { BilevelProblem, BilevelState } from "./problem.js";

const methods = {
  lvHba: () => erase(lvHba()),
  bicGaffa: () => erase(bicGaffa()),
  meha: () => erase(meha()),
  f2sa: () => erase(f2sa()),
  bome: () => erase(bome()),
  implicitDifferentiation: () => erase(implicitDifferentiation()),
  unrolled: () => erase(unrolled()),
} as const;

export type BilevelMethodName = keyof typeof methods;
type AnyMethod = Method<BilevelProblem, BilevelState>;

export interface MinimizeOptions
  extends Pick<SolveOptions<BilevelState>, "observers" | "signal" | "timeLimit" | "trace" | "resume"> {
  /** "auto" (see {@link minimize}), a name, or a method of this package with options of your own. */
  readonly method?:
    | "auto"
    | BilevelMethodName
    | { readonly name: string; readonly init: unknown; readonly step: unknown };
  /** See {@link stationary}. Default 1e-6. */
  readonly tolerance?: number;
  /** Default 20,000. */
  readonly maxIterations?: number;
}

const optionNames = ["method", "tolerance", "maxIterations", "observers", "signal", "timeLimit", "trace", "resume"];

export interface MinimizeResult extends Omit<Result<BilevelState>, "x" | "value"> {
  readonly x: Vector;
  readonly y: Vector;
  /** F and f at (x, y). */
  readonly upperValue: number;
  readonly lowerValue: number;
  /** See {@link BilevelState}. `certify(problem, [...x, ...y])` says more, by other means. */
  readonly gap: number;
  readonly infeasibility: number;
  readonly picked: { readonly method: string; readonly because: string };
}

/**
 * Converged when the state's `gradientNorm` (of the value-function methods on their path: the last change of the extrapolated solution; else the projected gradient of what the method descends on), is at most
 * tolerance · max(1, ‖(x, y)‖∞), the gap at most tolerance · max(1, |F|) and the violation of g at most tolerance · max(1, ‖(x, y)‖∞). Default 1e-6.
 * @throws ArgumentError when the tolerance isn't in [0, 1).
 */
export function stationary(tolerance = 1e-6): Stop<BilevelState> {
  requireNumber("stationary", "tolerance", tolerance, { atLeast: 0, below: 1 });
  return ({ state }) => {
    const { x, value, gradientNorm, gap, infeasibility } = state;
    const size = x.reduce((most, xi) => Math.max(most, Math.abs(xi)), 1);
    const small =
      gradientNorm <= tolerance * size &&
      gap <= tolerance * Math.max(1, Math.abs(value)) &&
      infeasibility <= tolerance * size;
    return small
      ? {
          kind: "converged",
          rule: "stationary",
          detail: `residual ${gradientNorm.toExponential(2)}, gap ${gap.toExponential(2)}, violation ${infeasibility.toExponential(2)}`,
        }
      : null;
  };
}

/**
 * Solves min F(x, y) over x ∈ X and y ∈ argmin_{θ ∈ Y} {f(x, θ) : g(x, θ) ≤ 0}, from (x₀, y₀), to a stationary point.
 *
 * "auto" picks: with lower constraints `lvHba` where {g ≤ 0} is easily projected onto, else `bicGaffa`; with a lower set `meha`; else `implicitDifferentiation` where there are products with the lower Hessian, else `meha`.
 * Every numerical outcome is returned with its `reason`; `reason.kind === "converged"` is the success test.
 * @throws ArgumentError on misuse: a start of the wrong length or not finite, an unknown method or option, a method that doesn't take what the problem has. EvaluationError when a function of the user's throws.
 */
export function minimize(
  problem: BilevelProblem,
  start: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
  options: MinimizeOptions = {},
): MinimizeResult {
  const routine = "minimize";
  if (problem === null || typeof problem !== "object" || problem.upperObjective === undefined)
    misuse(routine, "problem", describe(problem), "a problem made by `bilevel`");
  requireKnownOptions(routine, options, optionNames);
  const { upperDimension: n, lowerDimension: m, lowerObjective } = problem;
  if (start === null || typeof start !== "object" || ArrayBuffer.isView(start) || Array.isArray(start))
    misuse(routine, "start", describe(start), "an object { x, y } of two arrays");
  for (const [side, length] of [
    ["x", n],
    ["y", m],
  ] as const)
    if (start[side] === undefined || start[side].length !== length)
      misuse(routine, `start.${side}`, describe(start[side]), `${length} numbers`);
  const { method: asked = "auto", tolerance = 1e-6, maxIterations: limit = 20_000, ...rest } = options;
  const { method, because } = pick(asked, problem);
  const z0 = [...Array.from(start.x), ...Array.from(start.y)];
  const stop = any<BilevelState>(stationary(tolerance), maxIterations(limit));
  // The point with the least F isn't the best one: y might not solve the lower level there.
  const { x: _least, value: _value, ...run } = solve(method, problem, z0, { ...rest, stop, secondOrder: false });
  const { x: z, value, gap, infeasibility } = run.state;
  return {
    ...run,
    x: z.slice(0, n),
    y: z.slice(n),
    upperValue: value,
    lowerValue: lowerObjective.value(z),
    gap,
    infeasibility,
    picked: { method: method.name, because },
  };
}

function pick(
  asked: NonNullable<MinimizeOptions["method"]>,
  { lowerConstraints, coupledSet, lowerIsFree, lowerObjective, sample }: BilevelProblem,
): { readonly method: AnyMethod; readonly because: string } {
  if (asked === "auto") {
    if (sample !== undefined)
      misuse("minimize", "options.method", '"auto"', "a method with steps of your own, since F and f are sampled");
    if (lowerConstraints !== null)
      return coupledSet !== null
        ? { method: methods.lvHba(), because: "lower constraints that are easily projected onto" }
        : { method: methods.bicGaffa(), because: "lower constraints" };
    if (lowerIsFree && lowerObjective.hessianApplyInto !== undefined)
      return { method: methods.implicitDifferentiation(), because: "products with the Hessian of a free lower level" };
    return {
      method: methods.meha(),
      because: lowerIsFree ? "gradients only" : "a set of y, and no other constraints",
    };
  }
  if (typeof asked === "string") {
    if (!Object.hasOwn(methods, asked))
      misuse("minimize", "options.method", describe(asked), `"auto", ${Object.keys(methods).join(", ")}, or a method`);
    return { method: methods[asked](), because: "it was asked for" };
  }
  if (asked === null || typeof asked !== "object" || typeof asked.step !== "function")
    misuse("minimize", "options.method", describe(asked), "a name, or a method with `name`, `init` and `step`");
  return { method: erase(asked), because: "it was given" };
}

/** See Method: the state's own fields are the method's affair. */
const erase = (method: unknown): AnyMethod => method as AnyMethod;
