// Bilevel problems: two objectives over z = (x, y), a lower level that y must solve, and how the methods' states look at them.
//
//   min_{x ∈ X, y ∈ Y} F(x, y)   subject to   y ∈ argmin_{θ ∈ Y} { f(x, θ) : g(x, θ) ≤ 0 }
//
// Both objectives, and the constraints, are problems of core over the n + m variables (x, y): from `defineProblem`, `problemFromTerms` (traced) or `problemFromExpression` (text).
import {
  type Counted,
  describe,
  evaluating,
  type GradientProblem,
  type GradientState,
  type HasHessianApply,
  type HasValue,
  misuse,
  requireKnownOptions,
  requireNumber,
  startPoint,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import { type ConvexSet, wholeSpace } from "@hessia/core/set";
import { type Constraints, conditioned, constraintsOf, type LowerConstraints } from "./constraints.js";

/** An objective over (x, y), with products with its Hessian where second-order methods are wanted. */
export type Objective = GradientProblem & Partial<HasHessianApply>;

export interface BilevelOptions {
  /** n, the number of upper variables x; those of y are the rest. */
  readonly upperDimension: number;
  /** F over (x, y). */
  readonly upper: Objective;
  /** f over (x, y); `hessianApplyInto` is needed by implicit differentiation and unrolling only. */
  readonly lower: Objective;
  /** g over (x, y): g ≤ 0, the first `equalities` of them = 0. */
  readonly lowerConstraints?: LowerConstraints;
  /** X and Y. Default: everything. */
  readonly upperSet?: ConvexSet;
  readonly lowerSet?: ConvexSet;
  /** {(x, y) ∈ X × Y : g(x, y) ≤ 0}, where that is easily projected onto. Default: the affine set where g is made of linear equations by {@link linearConstraints} and X, Y are everything; else none. */
  readonly coupledSet?: ConvexSet;
  /** F and f of a step, by its number: minibatches. What they are is the caller's affair; a step sees the same ones again when a run is resumed. */
  readonly sample?: (iteration: number) => { readonly upper: Objective; readonly lower: Objective };
}

/** What {@link bilevel} makes; `value` is F, `dimension` n + m. */
export interface BilevelProblem extends HasValue {
  readonly upperDimension: number;
  readonly lowerDimension: number;
  // Not `upper`, `lower` and `constraints`: those are the bounds and constraints of core's problems.
  readonly upperObjective: Objective;
  readonly lowerObjective: Objective;
  readonly lowerConstraints: Constraints | null;
  readonly upperSet: ConvexSet;
  readonly lowerSet: ConvexSet;
  /** Whether X, Y were given. */
  readonly upperIsFree: boolean;
  readonly lowerIsFree: boolean;
  readonly coupledSet: ConvexSet | null;
  readonly sample: BilevelOptions["sample"];
}

/** z = (x, y) in `x`, F(x, y) in `value`; `gradient` and `gradientNorm` are those of what the method makes small: see each method. */
export interface BilevelState extends GradientState {
  /** An estimate ≥ 0 of how far y is from solving the lower level: f(x, y) − v for value-function methods, ‖∇ᵧf‖ else. */
  gap: number;
  /** The greatest violation of g. */
  infeasibility: number;
}

const optionNames = [
  "upperDimension",
  "upper",
  "lower",
  "lowerConstraints",
  "upperSet",
  "lowerSet",
  "coupledSet",
  "sample",
];

/**
 * A bilevel problem for this package's methods.
 * @throws ArgumentError on an unknown option, objectives that aren't problems with gradients over the same number of variables, sets and constraints of other dimensions.
 */
export function bilevel(options: BilevelOptions): BilevelProblem {
  const routine = "bilevel";
  if (options === null || typeof options !== "object")
    misuse(routine, "options", describe(options), "an object with `upperDimension`, `upper` and `lower`");
  requireKnownOptions(routine, options, optionNames);
  const { upperDimension: n, upper, lower, lowerConstraints, upperSet, lowerSet, coupledSet, sample } = options;
  requireObjective(routine, "options.upper", upper);
  requireObjective(routine, "options.lower", lower);
  const { dimension } = upper;
  if (lower.dimension !== dimension)
    misuse(routine, "options.lower", `of ${lower.dimension} variables`, `${dimension}, those of options.upper`);
  requireNumber(routine, "options.upperDimension", n, { atLeast: 1, atMost: dimension - 1, integer: true });
  const m = dimension - n;
  requireSet(routine, "options.upperSet", upperSet, n);
  requireSet(routine, "options.lowerSet", lowerSet, m);
  requireSet(routine, "options.coupledSet", coupledSet, dimension);
  if (sample !== undefined && typeof sample !== "function")
    misuse(routine, "options.sample", describe(sample), "a function of the iteration");
  const constraints =
    lowerConstraints === undefined ? null : conditioned(constraintsOf(routine, lowerConstraints, dimension), n, m);
  const free = upperSet === undefined && lowerSet === undefined;
  return {
    dimension,
    upperDimension: n,
    lowerDimension: m,
    value: (z) => upper.value(z),
    upperObjective: upper,
    lowerObjective: lower,
    lowerConstraints: constraints,
    upperSet: upperSet ?? wholeSpace(n),
    lowerSet: lowerSet ?? wholeSpace(m),
    upperIsFree: upperSet === undefined,
    lowerIsFree: lowerSet === undefined,
    coupledSet: coupledSet ?? (free ? (constraints?.affineSet?.() ?? null) : null),
    sample,
  };
}

function requireObjective(routine: string, argument: string, objective: Objective): void {
  if (objective === null || typeof objective !== "object" || typeof objective.value !== "function")
    misuse(routine, argument, describe(objective), "a problem over (x, y) with `value` and `gradientInto`");
  if (typeof objective.gradientInto !== "function")
    misuse(routine, argument, "without a gradient", "a problem with `gradientInto`");
}

function requireSet(routine: string, argument: string, set: ConvexSet | undefined, dimension: number): void {
  if (set === undefined) return;
  if (set === null || typeof set !== "object" || typeof set.projectInto !== "function")
    misuse(routine, argument, describe(set), "a convex set of @hessia/core/set");
  if (set.dimension !== dimension) misuse(routine, argument, `of dimension ${set.dimension}`, String(dimension));
  // Of a few points: what isn't a projection is seen by its second application.
  for (const scale of [0, 1, -3]) {
    const x = Float64Array.from({ length: dimension }, (_, i) => scale * (1 + Math.sin(1 + 2.3 * i)));
    const once = set.projectInto(new Float64Array(dimension), x);
    const twice = set.projectInto(new Float64Array(dimension), once);
    const moved = twice.reduce((most, value, i) => Math.max(most, Math.abs(value - once[i]!)), 0);
    const size = once.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    if (!(moved <= 1e-6 * size))
      misuse(
        routine,
        argument,
        `a map that moves a projected point by ${moved}`,
        "a projection: applied twice it is itself",
      );
  }
}

/** F and f of a step. */
export const objectivesOf = (
  { sample, upperObjective, lowerObjective }: BilevelProblem,
  iteration: number,
): { readonly upper: Objective; readonly lower: Objective } =>
  sample?.(iteration) ?? { upper: upperObjective, lower: lowerObjective };

/** Value and gradient of an objective at z, counted. */
export const evaluateInto = (problem: Counted<BilevelProblem>, of: Objective, out: Vector, z: Vector): number =>
  evaluating(problem, ["gradient", "value"], () => valueAndGradientInto(of, out, z));

/** H v of an objective at z, counted. */
export function hessianApplyInto(
  problem: Counted<BilevelProblem>,
  of: Objective,
  out: Vector,
  z: Vector,
  v: Vector,
): Vector {
  return evaluating(problem, ["hessianApply"], () => of.hessianApplyInto!(out, z, v));
}

/** The start (x₀, y₀) on X × Y, and on the coupled set where there is one. */
export function startOn(routine: string, problem: BilevelProblem, z0: ArrayLike<number>): Vector {
  const z = startPoint(routine, problem.dimension, z0);
  projectUpperLower(problem, z);
  return problem.coupledSet === null ? z : problem.coupledSet.projectInto(z, z);
}

/** z ← its projection onto X × Y. */
export function projectUpperLower({ upperDimension: n, upperSet, lowerSet }: BilevelProblem, z: Vector): Vector {
  const x = z.subarray(0, n);
  const y = z.subarray(n);
  upperSet.projectInto(x, x);
  lowerSet.projectInto(y, y);
  return z;
}

/** The fields of a state at z: F and its gradient; the method's own figures are NaN or Infinity until it knows them. */
export function bilevelStart(
  method: string,
  problem: Counted<BilevelProblem>,
  z0: ArrayLike<number>,
): Omit<BilevelState, "work"> {
  const x = startOn(method, problem, z0);
  const gradient = new Float64Array(x.length);
  const value = evaluateInto(problem, objectivesOf(problem, 0).upper, gradient, x);
  // A start where F isn't finite is told from one whose stationarity isn't known yet.
  const norm = gradient.every(Number.isFinite) ? Number.MAX_VALUE : Number.NaN;
  return {
    method,
    iteration: 0,
    x,
    value,
    gradient,
    gradientNorm: norm,
    initialGradientNorm: norm,
    stepNorm: Number.POSITIVE_INFINITY,
    failure: null,
    gap: Number.POSITIVE_INFINITY,
    infeasibility: problem.lowerConstraints?.violation(x) ?? 0,
  };
}

/** Asked by methods that can't take constraints of the lower level, or sets. */
export function requirePlainLower(
  method: string,
  { lowerConstraints, lowerIsFree }: BilevelProblem,
  { set = false }: { readonly set?: boolean } = {},
): void {
  if (lowerConstraints !== null)
    misuse(method, "problem", "with lower constraints", "one without", "lvHba and bicGaffa take constraints.");
  if (!set && !lowerIsFree)
    misuse(method, "problem", "with a lower set", "one without", "meha, lvHba and bicGaffa take sets of y.");
}

/** Whether a point isn't finite, or so far away that the run has lost its way. */
export function isLost(z: Vector): boolean {
  for (let k = 0; k < z.length; k++) if (!(Math.abs(z[k]!) < 1e12)) return true;
  return false;
}
