import { startWithinBounds, type Takes } from "./bounds.js";
import { type Counted, counted, valueAndGradientInto } from "./counts.js";
import { describe, misuse } from "./errors.js";
import type { Vector } from "./linear/matrix.js";
import { normInf } from "./linear/vec.js";
import type { GradientProblem, HasValue } from "./problem.js";
import type { StopReason } from "./stop.js";

/** Why a method cannot go on, in its own words. Becomes a `StopReason` of kind "failed". */
export interface Failure {
  readonly rule: string;
  readonly detail: string;
}

/**
 * What every method's state has. A state is plain data: numbers, strings, typed arrays and objects of them, so that
 * {@link snapshot} can store it. The one exception is the key `work` (scratch memory that holds nothing between steps),
 * which a snapshot leaves out and `step` makes again when it is missing.
 */
export interface State {
  /** The name of the method whose state this is. */
  method: string;
  /** Steps made so far; 0 after `init`. */
  iteration: number;
  /** The current point, the best so far for a monotone method. */
  x: Vector;
  /** f(x). */
  value: number;
  /** Set when the method cannot go on. */
  failure: Failure | null;
  work?: unknown;
}

/** The state of a method that knows the gradient. */
export interface GradientState extends State {
  /** ∇f(x). */
  gradient: Vector;
  /** ‖∇f(x)‖∞. */
  gradientNorm: number;
  /** ‖∇f(x₀)‖∞, kept for relative tests, also across a resume. */
  initialGradientNorm: number;
  /** ‖x − x₋‖₂ of the last step; Infinity before the first, 0 when the last trial was rejected. */
  stepNorm: number;
}

/** The fields of {@link GradientState} at a start point: one evaluation of f and ∇f. */
export function startState(method: string, problem: Counted<GradientProblem>, x0: Vector): Omit<GradientState, "work"> {
  requireGradient(method, problem);
  const gradient = new Float64Array(x0.length);
  const value = valueAndGradientInto(problem, gradient, x0);
  return stateAt(method, x0.slice(), value, gradient, normInf(gradient));
}

/** @throws ArgumentError that says how a problem with a gradient is made. */
export function requireGradient(routine: string, problem: Partial<GradientProblem>): void {
  if (typeof problem === "object" && problem !== null && typeof problem.gradientInto === "function") return;
  const given = typeof problem === "object" && problem !== null ? "without `gradientInto`" : describe(problem);
  const hint =
    "Made by `problemFromTerms` or `problemFromExpression`, which derive the gradient, or by `defineProblem` from functions `value` and `gradient`.";
  misuse(routine, "problem", given, "a problem with a gradient", hint);
}

/** The fields of {@link GradientState} before the first step, for a method with a gradient norm of its own. Keeps x and the gradient, not copies. */
export function stateAt(
  method: string,
  x: Vector,
  value: number,
  gradient: Vector,
  gradientNorm: number,
): Omit<GradientState, "work"> {
  return {
    method,
    iteration: 0,
    x,
    value,
    gradient,
    gradientNorm,
    initialGradientNorm: gradientNorm,
    stepNorm: Number.POSITIVE_INFINITY,
    failure: null,
  };
}

/** Moves a state to an accepted trial point, whose gradient was written into `trialGradient`: swaps the buffers. */
export function acceptTrial(
  state: GradientState,
  trial: { x: Vector; gradient: Vector; value: number; stepNorm: number },
): void {
  const { x, gradient } = state;
  state.x = trial.x;
  state.gradient = trial.gradient;
  state.value = trial.value;
  state.gradientNorm = normInf(trial.gradient);
  state.stepNorm = trial.stepNorm;
  trial.x = x;
  trial.gradient = gradient;
}

/** What a method answers when asked whether a stationary point also meets the second-order condition. */
export interface Certificate<S> {
  /** Whether λ_min(∇²f(x)) ≥ −tolerance · max(1, ‖∇²f(x)‖). */
  readonly holds: boolean;
  /** An estimate of λ_min(∇²f(x)), exact to rounding for dense Hessians; a lower bound is not promised. */
  readonly leastCurvature: number;
  /** The state to go on from when it does not hold: the method will use the negative curvature in its next step. */
  readonly state: S;
}

/**
 * A method is `init` and `step` over an explicit state, made by a factory that takes its options.
 * `step` may reuse the buffers of the state it is given; {@link snapshot} keeps a copy.
 */
export interface Method<P extends HasValue, S extends State = State> {
  readonly name: string;
  /** What it takes besides f and its derivatives. A problem with finite bounds (constraints) is refused unless `bounds` (`constraints`) is true. */
  readonly takes?: Takes;
  // Properties and not methods, so that the problem's type is checked strictly.
  readonly init: (problem: Counted<P>, x0: Vector) => S;
  readonly step: (problem: Counted<P>, state: S) => S;
  /** Checks the second-order condition at a stationary point; absent for methods that don't know curvature. */
  readonly certify?: (problem: Counted<P>, state: S) => Certificate<S>;
  /**
   * What is suspected after a failure, such as a wrong derivative. Default: derivatives are checked by differences along coordinates; a method whose
   * points can't be moved so (on a manifold) checks them its own way, or answers null.
   */
  readonly diagnose?: (problem: Counted<P>, state: S) => StopReason | null;
}

/** A method whose steps may be promises (work on a device). `solveAsync` takes both kinds. */
export interface AsyncMethod<P extends HasValue, S extends State = State> {
  readonly name: string;
  readonly takes?: Takes;
  readonly init: (problem: Counted<P>, x0: Vector) => S | Promise<S>;
  readonly step: (problem: Counted<P>, state: S) => S | Promise<S>;
  readonly certify?: (problem: Counted<P>, state: S) => Certificate<S> | Promise<Certificate<S>>;
  readonly diagnose?: (problem: Counted<P>, state: S) => StopReason | null;
}

/** A copy of the start point as a Float64Array; throws ArgumentError where it has the wrong length or isn't finite. */
export function startPoint(routine: string, dimension: number, x0: ArrayLike<number>): Vector {
  if (x0 === null || x0 === undefined || typeof x0 !== "object" || typeof x0.length !== "number") {
    misuse(routine, "x0", describe(x0), `an array of ${dimension} numbers`);
  }
  if (x0.length !== dimension)
    misuse(routine, "x0", `of length ${x0.length}`, `length ${dimension}, the problem's dimension`);
  const x = new Float64Array(dimension);
  for (let i = 0; i < dimension; i++) {
    const xi = x0[i]!;
    if (typeof xi !== "number" || !Number.isFinite(xi))
      misuse(routine, "x0", `${describe(xi)} at index ${i}`, "finite numbers");
    x[i] = xi;
  }
  return x;
}

/**
 * The lazy sequence of states of a method: `for (const state of iterates(method, problem, x0)) …` is all that an own
 * driver needs. It ends only when the method fails; stop it with `break`. The buffers of a state may be reused by the next.
 * Bounds are treated as `solve` does: refused by a method that takes none, x0 moved onto them by one that does.
 */
export function* iterates<P extends HasValue, S extends State>(
  method: Method<P, S>,
  problem: P,
  x0: ArrayLike<number>,
): Generator<S, void, void> {
  const watched = counted(problem);
  const start = startPoint("iterates", problem.dimension, x0);
  let state = method.init(watched, startWithinBounds("iterates", method, problem, start));
  yield state;
  while (state.failure === null) {
    state = method.step(watched, state);
    yield state;
  }
}
