// The method that both forms of Sinkhorn's algorithm are: sweeps at a regularization that may fall, with over-relaxation or Anderson acceleration.
import { type Counted, type Method, requireKnownOptions, requireNumber } from "@hessia/core";
import { failIfInfeasible, type TransportProblem, transportStart } from "../problem.js";
import { forget, newAndersonMemory } from "./acceleration.js";
import {
  adaptRelaxation,
  newSweepWork,
  type Passes,
  type SweepState,
  type SweepWork,
  sweep,
  sweepStart,
} from "./sweep.js";

/** How the regularization falls to the problem's: ε_k = max(ε, from/factor^k). */
export interface RegularizationScaling {
  /** Default: the range of the cost. */
  readonly from?: number;
  /** > 1. Default 4. */
  readonly factor?: number;
  /** The most sweeps at each ε_k > ε, ≥ 1. Default 20. */
  readonly sweeps?: number;
}

export interface SinkhornOptions {
  /** Begin with a larger ε: true for the defaults. Default false. */
  readonly scaling?: boolean | RegularizationScaling;
  /** ω in [1, 2), or "auto": from the rate that is seen. Default 1. */
  readonly relaxation?: number | "auto";
  /** Points kept for Anderson acceleration, 0 to 20; not together with a relaxation. Default 0. */
  readonly anderson?: number;
}

export interface SinkhornState extends SweepState {
  regularizationNow: number | null;
  /** The next ε_k, where ε falls. */
  stage: number;
  stageSweeps: number;
  /** The marginal error when the last `window` sweeps began. */
  windowError: number;
  work?: SweepWork;
}

/** Checks the options that the two Sinkhorn methods share. */
export function requireScaling(name: string, scaling: boolean | RegularizationScaling): void {
  if (typeof scaling === "boolean") return;
  const option = "options.scaling";
  requireKnownOptions(name, scaling, "from factor sweeps".split(" "));
  const { from, factor = 4, sweeps = 20 } = scaling;
  if (from !== undefined) requireNumber(name, `${option}.from`, from, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(name, `${option}.factor`, factor, { above: 1, below: Number.POSITIVE_INFINITY });
  requireNumber(name, `${option}.sweeps`, sweeps, { atLeast: 1, integer: true });
}

/** ε_k. */
export function stageRegularization(
  problem: TransportProblem,
  scaling: boolean | RegularizationScaling,
  stage: number,
): number {
  const { regularization, cost } = problem;
  if (scaling === false) return regularization;
  const { from = cost.greatest - cost.least, factor = 4 } = scaling === true ? {} : scaling;
  return Math.max(regularization, from / factor ** stage);
}

/** A method over the sums that `passes` makes; what it keeps of them is in the state that `begin` adds to. */
export function sinkhornMethod<S extends SinkhornState>(
  name: string,
  options: SinkhornOptions,
  begin: (problem: Counted<TransportProblem>, state: SinkhornState) => S,
  passes: (problem: Counted<TransportProblem>, state: S) => Passes,
): Method<TransportProblem, S> {
  const { scaling = false, relaxation = 1, anderson = 0 } = options;
  requireScaling(name, scaling);
  if (relaxation !== "auto") requireNumber(name, "options.relaxation", relaxation, { atLeast: 1, below: 2 });
  requireNumber(name, "options.anderson", anderson, { atLeast: 0, atMost: 20, integer: true });
  if (relaxation !== 1 && anderson > 0)
    requireNumber(name, "options.anderson (with a relaxation)", anderson, { atMost: 0 });
  const sweeps = (typeof scaling === "object" ? scaling.sweeps : undefined) ?? 20;

  return {
    name,
    init(problem, z0) {
      return begin(problem, {
        ...transportStart(name, problem, z0),
        regularizationNow: null,
        stage: 0,
        stageSweeps: 0,
        windowError: Number.POSITIVE_INFINITY,
        ...sweepStart(relaxation),
        anderson: anderson > 0 ? newAndersonMemory(anderson, problem.target.length) : null,
      });
    },

    step(problem, state) {
      const work = (state.work ??= newSweepWork(problem, passes(problem, state)));
      state.iteration++;
      const epsilon = stageRegularization(problem, scaling, state.stage);
      const last = epsilon === problem.regularization;
      const before = state.gradientNorm;
      sweep(problem, state, work, epsilon, anderson);
      state.regularizationNow = last ? null : epsilon;
      state.stageSweeps++;
      if (!last && (state.gradientNorm < 0.05 || state.stageSweeps >= sweeps)) {
        state.stage++;
        state.stageSweeps = 0;
        if (state.anderson !== null) forget(state.anderson);
      } else if (last && relaxation === "auto") adaptRelaxation(state, before);
      work.passes.swept?.(epsilon);
      failIfInfeasible(problem, state);
      if (last && state.stageSweeps % window === 0) stallCheck(state);
      if (!Number.isFinite(state.gradientNorm))
        state.failure ??= {
          rule: "nonFinite",
          detail:
            "a sum of the plan is not finite; likely causes: (a) forbidden arcs that leave no feasible plan, (b) potentials beyond 1e308 ε",
        };
      return state;
    },
  };
}

/** Sweeps in which the marginal error must fall by a thousandth. */
const window = 1000;

function stallCheck(state: SinkhornState): void {
  if (state.gradientNorm > 0.999 * state.windowError) {
    const detail = `the marginal error, ${state.gradientNorm.toExponential(2)}, fell by less than a thousandth in ${window} sweeps; likely causes: (a) it is at the level of rounding, (b) the regularization is so small that sweeps stand still: take safeSparseNewton`;
    state.failure ??= { rule: "noProgress", detail };
  }
  state.windowError = state.gradientNorm;
}
