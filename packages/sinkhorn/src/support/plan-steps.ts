// What the steps of the Newton methods share: two passes over the plan, at the point and at a trial, and the vectors of a step.
import type { Counted, Vector } from "@hessia/core";
import { failIfInfeasible, type TransportProblem, type TransportState, transportStart } from "../problem.js";
import type { SinkhornSteps, StagedState } from "./first-stage.js";
import { keepLargest } from "./keep-largest.js";
import { firstRegularization, type PathOption } from "./regularization-path.js";
import { nothingAbsorbed } from "./scaling-passes.js";
import { newPlanPass, type PlanPass, planPassInto } from "./sparse-plan.js";
import { type SweepWork, sweepStart } from "./sweep.js";
import { heaviest, requirePositiveWeights } from "./weights.js";

export interface PlanWork {
  /** Of the first stage, once it has begun. */
  sweep?: SweepWork;
  /** Whether `pass` is that of the present point and ε. */
  current: boolean;
  pass: PlanPass;
  trial: PlanPass;
  /** The trial point, the direction, the right side and the diagonal of its system. */
  readonly z: Vector;
  readonly d: Vector;
  readonly b: Vector;
  readonly diagonal: Vector;
  /** The column whose potential is held. */
  readonly ground: number;
}

export function newPlanWork(problem: TransportProblem): PlanWork {
  const { source, target, dimension } = problem;
  const vector = () => new Float64Array(dimension);
  return {
    current: false,
    pass: newPlanPass(source.length, target.length),
    trial: newPlanPass(source.length, target.length),
    z: vector(),
    d: vector(),
    b: vector(),
    diagonal: vector(),
    ground: heaviest(target),
  };
}

/** The state before the first sweep, or before the first step where there are to be no sweeps. */
export function stagedStart(
  name: string,
  problem: Counted<TransportProblem>,
  z0: Vector,
  sinkhornSteps: SinkhornSteps,
  path: PathOption,
): Omit<StagedState, "work"> {
  requirePositiveWeights(name, problem);
  const start: Omit<TransportState, "work"> = transportStart(name, problem, z0);
  return {
    ...start,
    ...sweepStart("auto"),
    ...nothingAbsorbed(problem),
    regularizationNow: firstRegularization(problem, path),
    stage: sinkhornSteps === 0 ? "newton" : "sinkhorn",
    sweeps: 0,
    levelSweeps: 0,
    lastSweep: 0,
  };
}

/** Moves the state to the trial point, whose pass was made; `stepNorm` is the caller's. */
export function acceptPlanTrial(problem: TransportProblem, state: TransportState, work: PlanWork): void {
  const { pass, trial } = work;
  state.x.set(work.z);
  state.value = trial.value;
  state.gradient.set(trial.gradient);
  state.gradientNorm = trial.error;
  work.pass = trial;
  work.trial = pass;
  failIfInfeasible(problem, state);
}

/** The part of a state that a plan of the largest entries needs. */
export interface ThresholdState extends StagedState {
  /** λ, the part of the plan's entries in the Hessian. */
  density: number;
  /** Entries below a quarter of it were not kept at x. */
  threshold: number;
}

/** Doubles λ where a full step left more than `part` of the marginal error: near the solution only what is left out of the plan keeps a step from more. */
export function densifyIfSlow(state: ThresholdState, step: number, before: number, after: number, part: number): void {
  if (step === 1 && after > part * before) densify(state);
}

/** Doubles λ, up to the whole plan; answers false where it was whole. */
export function densify(state: ThresholdState): boolean {
  if (state.density >= 1) return false;
  state.density = Math.min(1, 2 * state.density);
  state.threshold = 0;
  return true;
}

/** Leaves the ⌈λ n m⌉ largest entries in the plan at x; the pass is made where there is none, and again where it kept fewer. */
export function keepDensity(problem: Counted<TransportProblem>, state: ThresholdState, work: PlanWork): void {
  const { pass } = work;
  const epsilon = state.regularizationNow ?? problem.regularization;
  if (!work.current) planPassInto(pass, problem, state.x, { absolute: 0.25 * state.threshold }, epsilon);
  work.current = true;
  const { rows, cols, pointers } = pass.plan;
  const wanted = Math.ceil(state.density * rows * cols);
  if (pointers[rows]! < wanted && state.threshold > 0) planPassInto(pass, problem, state.x, { absolute: 0 }, epsilon);
  state.threshold = keepLargest(pass.plan, wanted);
}
