// The single loop of the value-function methods with constant steps: a step of θ, then one of (x, y) and of the multipliers along the gradient of F/c_k + gap at the θ that is there.
import { type Counted, requireKnownOptions, requireNumber, requireOneOf, type Vector } from "@hessia/core";
import {
  type BilevelProblem,
  type BilevelState,
  bilevelStart,
  evaluateInto,
  isLost,
  objectivesOf,
  projectUpperLower,
} from "../problem.js";
import { type GapFunction, type GapKind, type GapParameters, gapFunction, type InnerMemory } from "./value-function.js";

export interface LoopOptions {
  /** α of (x, y), > 0. Default 0.01. */
  readonly upperStep?: number;
  /** η of θ, > 0. Default 0.01. */
  readonly innerStep?: number;
  /** Steps of θ for one of (x, y), ≥ 1. Default 1. */
  readonly innerSteps?: number;
  /** c and q of c_k = c (k + 1)^q; c > 0, default 1; q in [0, 1), default 0.3. */
  readonly penalty?: number;
  readonly growth?: number;
  /** m in [0, 1): m (u − u₋) is added to a step before the projection. Default 0. */
  readonly momentum?: number;
}

export const loopOptionNames = ["upperStep", "innerStep", "innerSteps", "penalty", "growth", "momentum"] as const;

/** Which parameters there are: none, or those of the paper. */
export type Schedule = "path" | "paper";

/** Checks the options of a value-function method: a schedule, the loop's, and positive numbers of its own. */
export function requireLoopOptions(
  name: string,
  options: LoopOptions & { readonly schedule?: Schedule },
  own: readonly string[],
): void {
  requireKnownOptions(name, options, ["schedule", ...loopOptionNames, ...own]);
  requireOneOf(name, "options.schedule", options.schedule ?? "path", ["path", "paper"]);
  const { innerSteps = 1, growth = 0.3, momentum = 0 } = options;
  for (const key of ["upperStep", "innerStep", "penalty", ...own]) {
    const given = (options as Record<string, unknown>)[key];
    if (given !== undefined)
      requireNumber(name, `options.${key}`, given as number, { above: 0, below: Number.POSITIVE_INFINITY });
  }
  requireNumber(name, "options.innerSteps", innerSteps, { atLeast: 1, integer: true });
  requireNumber(name, "options.growth", growth, { atLeast: 0, below: 1 });
  requireNumber(name, "options.momentum", momentum, { atLeast: 0, below: 1 });
}

export interface LoopState extends BilevelState {
  inner: InnerMemory;
  multipliers: Vector;
  /** (x, y) before the last step. */
  previous: Vector;
  parameters: GapParameters;
  work?: LoopWork;
}

interface LoopWork {
  gap?: GapFunction;
  readonly ofUpper: Vector;
  readonly direction: Vector;
  readonly ofMultipliers: Vector;
  readonly next: Vector;
}

export function loopStart(
  method: string,
  problem: Counted<BilevelProblem>,
  z0: ArrayLike<number>,
  parameters: GapParameters,
): Omit<LoopState, "work"> {
  const start = bilevelStart(method, problem, z0);
  return {
    ...start,
    inner: { theta: start.x.slice(problem.upperDimension), step: 0 },
    multipliers: new Float64Array(problem.lowerConstraints?.count ?? 0),
    previous: start.x.slice(),
    parameters,
  };
}

/** One iteration. `multiplierStep` is β. */
export function loopStep(
  problem: Counted<BilevelProblem>,
  state: LoopState,
  kind: GapKind,
  options: LoopOptions & { readonly multiplierStep?: number },
): LoopState {
  const { dimension, lowerConstraints: g, coupledSet } = problem;
  const { upperStep: α = 0.01, innerStep: η = 0.01, innerSteps = 1, multiplierStep: β = 0.01 } = options;
  const { penalty = 1, growth: q = 0.3, momentum = 0 } = options;
  const work = (state.work ??= newWork(problem));
  const { ofUpper, direction, ofMultipliers, next } = work;
  const { x: xy, multipliers, previous } = state;
  const k = state.iteration++;
  const c = penalty * (k + 1) ** q;
  const { upper, lower } = objectivesOf(problem, k);
  // With batches each step has a lower objective of its own.
  const made = () => gapFunction(problem, lower, kind, state.parameters, state.inner);
  const gap = problem.sample === undefined ? (work.gap ??= made()) : made();
  for (let inner = 0; inner < innerSteps; inner++) gap.gradientStep(xy, multipliers, η);
  const value = gap.valueAndGradientInto(direction, ofMultipliers, xy, multipliers);
  evaluateInto(problem, upper, ofUpper, xy);
  for (let i = 0; i < dimension; i++) {
    next[i] = xy[i]! - α * (direction[i]! + ofUpper[i]! / c) + momentum * (xy[i]! - previous[i]!);
    previous[i] = xy[i]!;
  }
  if (coupledSet !== null && kind === "proximalLagrangian") coupledSet.projectInto(next, next);
  else projectUpperLower(problem, next);
  const dual = ofMultipliers.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
  if (!moveTo(problem, state, next, α, dual)) return state;
  for (let i = 0; i < multipliers.length; i++) multipliers[i] = multipliers[i]! - β * ofMultipliers[i]!;
  g?.projectMultipliers(multipliers, state.parameters.bound);
  state.gap = Math.abs(value);
  return state;
}

/**
 * The end of a step of length α: (x, y) ← next, F and the violation there; the gradient is what α stood for, `dual` the multipliers' part of its norm. Where next is lost the run fails, and answers false.
 */
export function moveTo(
  problem: Counted<BilevelProblem>,
  state: BilevelState,
  next: Vector,
  α: number,
  dual: number,
): boolean {
  if (isLost(next)) {
    const detail =
      'a step isn\'t finite, or has led beyond 1e12; likely causes: (a) the constant steps are too long for this problem: take smaller ones, or schedule "path", (b) overflow in F, f or g';
    state.failure = { rule: "nonFinite", detail };
    return false;
  }
  const { x: xy } = state;
  let length = 0;
  let most = dual;
  for (let i = 0; i < next.length; i++) {
    state.gradient[i] = (xy[i]! - next[i]!) / α;
    most = Math.max(most, Math.abs(state.gradient[i]!));
    length += (xy[i]! - next[i]!) ** 2;
    xy[i] = next[i]!;
  }
  state.gradientNorm = most;
  state.stepNorm = Math.sqrt(length);
  state.value = problem.value(xy);
  state.infeasibility = problem.lowerConstraints?.violation(xy) ?? 0;
  return true;
}

function newWork({ dimension, lowerConstraints }: BilevelProblem): LoopWork {
  const vector = () => new Float64Array(dimension);
  return {
    ofUpper: vector(),
    direction: vector(),
    ofMultipliers: new Float64Array(lowerConstraints?.count ?? 0),
    next: vector(),
  };
}
