// The first stage of the Newton methods: sweeps of Sinkhorn's algorithm, until they have come near enough or have become slow.
import { type Counted, requireNumber, type Vector } from "@hessia/core";
import type { TransportProblem, TransportState } from "../problem.js";
import { beginSweeps, newSweepWork, type SweepWork, sweepInto } from "./log-sweep.js";
import { distance } from "./weights.js";

/**
 * Sweeps before the first Newton step: a number, or "auto": until the marginal error is below 1e-2 or falls by less than a tenth a sweep, at least 3 and at most 100. The rule is that of
 * the design's default; Tang et al. 2024 leave N₁ to the user.
 */
export type SinkhornSteps = number | "auto";

export interface StagedState extends TransportState {
  stage: "sinkhorn" | "newton";
  /** Sinkhorn sweeps so far, and those at the present ε. */
  sweeps: number;
  levelSweeps: number;
}

export interface StageWork {
  readonly sweep: SweepWork;
  /** Whether `sweep` is that of the present point and ε. */
  swept: boolean;
  /** The point before a sweep. */
  readonly from: Vector;
}

export const newStageWork = ({ source, target, dimension }: TransportProblem): StageWork => ({
  sweep: newSweepWork(source.length, target.length),
  swept: false,
  from: new Float64Array(dimension),
});

export function requireSinkhornSteps(routine: string, steps: SinkhornSteps): void {
  if (steps !== "auto") requireNumber(routine, "options.sinkhornSteps", steps, { atLeast: 0, integer: true });
}

/** One sweep; sets the stage to "newton" when it was the last. After a level of a path is left one sweep does: it begins near its solution. */
export function sinkhornStep(
  problem: Counted<TransportProblem>,
  state: StagedState,
  work: StageWork,
  limit: SinkhornSteps,
): void {
  const epsilon = state.regularizationNow ?? problem.regularization;
  if (!work.swept) beginSweeps(work.sweep, problem, state.x, epsilon);
  work.swept = true;
  work.from.set(state.x);
  const before = state.gradientNorm;
  const { value, error } = sweepInto(state.gradient, state.x, problem, work.sweep, epsilon);
  state.stepNorm = distance(state.x, work.from);
  state.value = value;
  state.gradientNorm = error;
  state.sweeps++;
  state.levelSweeps++;
  const later = state.sweeps > state.levelSweeps;
  const enough =
    limit === "auto"
      ? state.levelSweeps >= 3 && (error < 1e-2 || error > 0.9 * before || state.levelSweeps >= 100)
      : state.levelSweeps >= limit;
  if (later || enough) state.stage = "newton";
}
