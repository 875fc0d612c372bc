// The first stage of the Newton methods: over-relaxed sweeps of Sinkhorn's algorithm, until they have come near enough or have become slow.
import { type Counted, requireNumber } from "@hessia/core";
import { failIfInfeasible, type TransportProblem } from "../problem.js";
import { betterRelaxation } from "./acceleration.js";
import { type AbsorbedState, scalingPasses } from "./scaling-passes.js";
import { adaptRelaxation, logPasses, newSweepWork, type SweepState, type SweepWork, sweep } from "./sweep.js";

/**
 * Sweeps before the first Newton step: a number, or "auto". That is: at least 3 (12 with a stored kernel), then until the marginal error is below 1e-2 or falls by less than a tenth a sweep, as in the
 * design's default; and on, over-relaxed, where the rate that is seen promises 1e-10 for less than Newton steps would cost. At most 250 (100 in the log domain). Tang et al. 2024 leave N₁ to the user.
 */
export type SinkhornSteps = number | "auto";

export interface StagedState extends SweepState, AbsorbedState {
  stage: "sinkhorn" | "newton";
  /** Sinkhorn sweeps so far, and those at the present ε. */
  sweeps: number;
  levelSweeps: number;
  /** The sweep at this ε after which the stage ends, where the rate promises an end; else 0. */
  lastSweep: number;
}

/** Entries of a kernel that is stored: 128 MB. Sweeps with it are about ten times cheaper than sums of exponentials. */
const mostStored = 1 << 24;
/** Sweeps that cost what a Newton stage costs, and the least number: with a stored kernel, and in the log domain. */
const worth = { scaling: 250, log: 15 };
const least = { scaling: 12, log: 3 };

const isStored = ({ cost }: TransportProblem) => cost.kind !== "grid" && cost.rows * cost.cols <= mostStored;

export function requireSinkhornSteps(routine: string, steps: SinkhornSteps): void {
  if (steps !== "auto") requireNumber(routine, "options.sinkhornSteps", steps, { atLeast: 0, integer: true });
}

/** One sweep; sets the stage to "newton" when it was the last. After a level of a path is left one sweep does: it begins near its solution. */
export function sinkhornStep(
  problem: Counted<TransportProblem>,
  state: StagedState,
  work: { sweep?: SweepWork; current: boolean },
  limit: SinkhornSteps,
): void {
  const epsilon = state.regularizationNow ?? problem.regularization;
  const stored = isStored(problem);
  work.sweep ??= newSweepWork(problem, stored ? scalingPasses(problem, state, true) : logPasses(problem));
  work.current = false;
  const before = state.gradientNorm;
  sweep(problem, state, work.sweep, epsilon);
  failIfInfeasible(problem, state);
  state.sweeps++;
  state.levelSweeps++;
  const later = state.sweeps > state.levelSweeps;
  if (limit === "auto" && !later) {
    const domain = stored ? "scaling" : "log";
    adaptRelaxation(state, before);
    if (state.steady === 0) promise(state, before, worth[domain]);
    if (autoEnd(state, before, least[domain])) state.stage = "newton";
  } else if (later || state.levelSweeps >= (limit as number)) state.stage = "newton";
  work.sweep.passes.swept?.(epsilon);
  // Newton steps move the point.
  if (state.stage === "newton") work.sweep.colsAt = 0;
}

/** Sets the end of the stage where the rate of over-relaxed sweeps, ω* − 1, promises a marginal error of 1e-10 within `most` sweeps. */
function promise(state: StagedState, before: number, most: number): void {
  const rate = betterRelaxation(state.gradientNorm / before, state.relaxation) - 1;
  if (!(rate > 0 && rate < 1)) return;
  const needed = Math.log(1e-10 / state.gradientNorm) / Math.log(rate);
  if (state.levelSweeps + needed <= most)
    state.lastSweep = Math.min(most, state.levelSweeps + Math.ceil(1.5 * needed) + 10);
}

function autoEnd(
  { levelSweeps, lastSweep, gradientNorm: error }: StagedState,
  before: number,
  atLeast: number,
): boolean {
  if (lastSweep > 0) return levelSweeps >= lastSweep;
  return levelSweeps >= atLeast && (error < 1e-2 || error > 0.9 * before || levelSweeps >= 100);
}
