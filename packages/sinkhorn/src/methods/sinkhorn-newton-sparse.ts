// Sinkhorn-Newton-Sparse for entropic transport.
//
//   min_z f(z) = −D(x, y),   ε ∇²f(z) = [diag(P1) P; Pᵀ diag(Pᵀ1)],   P_ij = exp((xᵢ + yⱼ − C_ij)/ε)
//
// Tang, Shavlovsky, Rahmanian, Tardini, Thekumparampil, Xiao, Ying 2024, "Accelerating Sinkhorn algorithm with sparse Newton iterations", ICLR (arXiv 2401.12253), Algorithm 1 (SNS): N₁ sweeps of
// Sinkhorn's algorithm, then Newton steps with the ⌈λ n m⌉ largest entries of the plan in the Hessian, conjugate gradients and backtracking on f.
//
// Deviations:
// 1. The largest entry of every row and column is kept, whatever λ, the diagonal blocks are exact, and the potential of one column is held (support/newton-system.ts): the paper's matrix can be
//    singular.
// 2. N₁ may be left to the method: the switch comes when the marginal error is below 1e-2, or falls by less than a tenth a sweep.
// 3. λ is doubled, up to the whole plan, where the sparse direction gives no decrease, and where a full step leaves more than half of the marginal error.
// 4. The first stage is over-relaxed, and where ε is small beside the range of the cost it comes down in steps (support/first-stage.ts, support/regularization-path.ts).
// 5. Below the rounding error of f a step is accepted when it lowers the marginal error.
// 6. Where even the whole plan gives no decrease, the graph of its entries is all but disconnected: then a shift λ diag(r, c) is added, as in safe-sparse-newton.ts.
import { armijo, type Counted, type Method, requireKnownOptions, requireNumber } from "@hessia/core";
import { dot, norm2 } from "@hessia/core/linear";
import type { TransportProblem } from "../problem.js";
import { requireSinkhornSteps, type SinkhornSteps, type StagedState, sinkhornStep } from "../support/first-stage.js";
import { solveSystemInto } from "../support/newton-system.js";
import {
  acceptPlanTrial,
  densify,
  densifyIfSlow,
  keepDensity,
  newPlanWork,
  type PlanWork,
  stagedStart,
  type ThresholdState,
} from "../support/plan-steps.js";
import { lowerRegularization, type PathOption, requirePath } from "../support/regularization-path.js";
import { planPassInto } from "../support/sparse-plan.js";

export interface SinkhornNewtonSparseOptions {
  /** N₁. Default "auto"; the paper takes 20 for costs whose plan is unique, 700 for its l1 example. */
  readonly sinkhornSteps?: SinkhornSteps;
  /** λ, the part of the plan's entries in the Hessian. Default 15 / min(n, m), at most 1; the paper takes 2/n where the plan is unique and ε very small, 15/n else. In (0, 1]. */
  readonly density?: number;
  /** ε from large to small. Default "auto"; the paper has none. */
  readonly path?: PathOption;
}

export interface SinkhornNewtonSparseState extends StagedState, ThresholdState {
  /** λ of deviation 6. */
  shift: number;
  /** Iterations of conjugate gradients, all systems together. */
  linearIterations: number;
  work?: PlanWork;
}

const leastShift = 1e-8;
const mostShift = 1e3;

export function sinkhornNewtonSparse(
  options: SinkhornNewtonSparseOptions = {},
): Method<TransportProblem, SinkhornNewtonSparseState> {
  const name = "sinkhornNewtonSparse";
  requireKnownOptions(name, options, ["sinkhornSteps", "density", "path"]);
  const { sinkhornSteps = "auto", density, path = "auto" } = options;
  requirePath(name, path);
  requireSinkhornSteps(name, sinkhornSteps);
  if (density !== undefined) requireNumber(name, "options.density", density, { above: 0, atMost: 1 });

  return {
    name,
    init(problem, z0) {
      return {
        ...stagedStart(name, problem, z0, sinkhornSteps, path),
        density: density ?? Math.min(1, 15 / Math.min(problem.source.length, problem.target.length)),
        threshold: 0,
        shift: 0,
        linearIterations: 0,
      };
    },

    step(problem, state) {
      const work = (state.work ??= newPlanWork(problem));
      lowerRegularization(problem, state, path);
      state.iteration++;
      if (state.stage === "sinkhorn") sinkhornStep(problem, state, work, sinkhornSteps);
      else newtonStep(problem, state, work);
      return state;
    },
  };
}

function newtonStep(problem: Counted<TransportProblem>, state: SinkhornNewtonSparseState, work: PlanWork): void {
  const { d, b, diagonal, z, ground } = work;
  const { source: r, target: c } = problem;
  const epsilon = state.regularizationNow ?? problem.regularization;
  keepDensity(problem, state, work);
  const { sums, gradient, plan, error: e } = work.pass;
  state.value = work.pass.value;
  state.stepNorm = 0;
  for (let k = 0; k < d.length; k++) {
    const weight = k < r.length ? r[k]! : c[k - r.length]!;
    diagonal[k] = sums[k]! * (1 + 1e-14) + state.shift * weight + Number.MIN_VALUE;
    b[k] = -epsilon * gradient[k]!;
  }
  const outcome = solveSystemInto(d, { plan, diagonal, ground }, b, problem, { tolerance: Math.min(0.1, e) });
  state.linearIterations += outcome.iterations;
  const slope = dot(gradient, d);
  if (!(slope < 0)) {
    refuse(state, work, "the sparse Newton direction is not one of descent");
    return;
  }
  const phi = (step: number) => {
    for (let k = 0; k < d.length; k++) z[k] = state.x[k]! + step * d[k]!;
    return planPassInto(work.trial, problem, z, { absolute: 0.25 * state.threshold }, epsilon).value;
  };
  const noise = 10 * Number.EPSILON * Math.max(1, Math.abs(state.value));
  const { accepted, step } = armijo(phi, state.value, slope, { maxEvaluations: 30 }, noise);
  const { trial } = work;
  if (!accepted || !(trial.value < state.value - noise || trial.error < e) || !Number.isFinite(trial.error)) {
    refuse(state, work, "no decrease along the sparse Newton direction");
    return;
  }
  state.stepNorm = step * norm2(d);
  densifyIfSlow(state, step, e, trial.error, 0.5);
  state.shift = state.shift > leastShift ? state.shift / 16 : 0;
  acceptPlanTrial(problem, state, work);
}

/** Deviations 3 and 6. */
function refuse(state: SinkhornNewtonSparseState, work: PlanWork, why: string): void {
  work.current = false;
  if (densify(state)) return;
  state.shift = Math.max(leastShift, 16 * state.shift);
  if (state.shift < mostShift) return;
  const detail = `${why}, with the whole plan in the Hessian and whatever the shift; marginal error ${state.gradientNorm.toExponential(2)}`;
  state.failure = { rule: "noProgress", detail };
}
