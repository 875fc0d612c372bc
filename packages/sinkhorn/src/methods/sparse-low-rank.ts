// The sparse-plus-low-rank quasi-Newton method for entropic transport.
//
//   min_z f(z) = −D(x, y),   B = M + y yᵀ/(yᵀs) − M s sᵀ M/(sᵀ M s),   d = −B⁻¹ ∇f(z),   z⁺ = z + α d by a line search
//
// Wang, Qiu 2025, "The sparse-plus-low-rank quasi-Newton method for entropic-regularized optimal transport", ICML (PMLR 267), Algorithm 1 (SPLR): M is the Hessian with a sparse plan and a shift, the two
// rank-one terms make B meet the secant equation B s = y for the last step s and change of gradient y: what sparsity loses where the plan is dense, they bring back.
//
// Deviations:
// 1. The paper's low-rank term is written here as the update of Broyden, Fletcher, Goldfarb and Shanno, whose inverse needs one system with M (Nocedal, Wright 2006, eq. 6.17).
// 2. M holds the ⌈density · n m⌉ largest entries of the plan and the largest of each row and column; the potential of one column is held (support/newton-system.ts). The density is doubled where a full step leaves more than 0.8 of the marginal error, and where there is no decrease. The shift is τ diag(r, c), τ = min(1e-2, e), e the
//    marginal error.
// 3. Below the rounding error of f a step is accepted when it lowers the marginal error.
// 4. The steps begin after a stage of Sinkhorn's algorithm, and where ε is small it comes down in steps, as in the Newton methods.
import { type Counted, type Method, requireKnownOptions, requireNumber, strongWolfe, type Vector } from "@hessia/core";
import { axpy, dot, norm2 } from "@hessia/core/linear";
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

export interface SparseLowRankOptions {
  /** Sweeps before the first step. Default "auto". */
  readonly sinkhornSteps?: SinkhornSteps;
  /** The part of the plan's entries in M. Default 5 / min(n, m), in (0, 1]. */
  readonly density?: number;
  /** ε from large to small. Default "auto". */
  readonly path?: PathOption;
}

/** The part of the marginal error which a full step may leave before M gets more entries. */
const slow = 0.8;

export interface SparseLowRankState extends StagedState, ThresholdState {
  /** s and y of the last step; s = 0 before the first. */
  lastStep: Vector;
  gradientChange: Vector;
  /** Iterations of conjugate gradients, all systems together. */
  linearIterations: number;
  work?: Work;
}

interface Work extends PlanWork {
  readonly q: Vector;
}

export function sparseLowRank(options: SparseLowRankOptions = {}): Method<TransportProblem, SparseLowRankState> {
  const name = "sparseLowRank";
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
        density: density ?? Math.min(1, 5 / Math.min(problem.source.length, problem.target.length)),
        threshold: 0,
        lastStep: new Float64Array(problem.dimension),
        gradientChange: new Float64Array(problem.dimension),
        linearIterations: 0,
      };
    },

    step(problem, state) {
      const work = (state.work ??= { ...newPlanWork(problem), q: new Float64Array(problem.dimension) });
      if (lowerRegularization(problem, state, path)) state.lastStep.fill(0);
      state.iteration++;
      if (state.stage === "sinkhorn") sinkhornStep(problem, state, work, sinkhornSteps);
      else quasiNewtonStep(problem, state, work);
      return state;
    },
  };
}

function quasiNewtonStep(problem: Counted<TransportProblem>, state: SparseLowRankState, work: Work): void {
  const { d, z, q } = work;
  keepDensity(problem, state, work);
  const { error: e } = work.pass;
  state.value = work.pass.value;
  state.stepNorm = 0;

  // d = −(I − ρ s yᵀ) M⁻¹ (I − ρ y sᵀ) ∇f − ρ s sᵀ ∇f.
  const { gradient } = work.pass;
  const { lastStep: s, gradientChange: y } = state;
  const sy = dot(s, y);
  const secant = sy > 1e-14 * norm2(s) * norm2(y);
  q.set(gradient);
  const alpha = secant ? dot(s, gradient) / sy : 0;
  if (secant) axpy(q, -alpha, y);
  solveSparse(problem, state, work, e);
  if (secant) axpy(d, -dot(y, d) / sy - alpha, s);
  let slope = dot(gradient, d);
  if (!(slope < 0)) {
    // Rounding in the correction: M alone.
    q.set(gradient);
    solveSparse(problem, state, work, e);
    slope = dot(gradient, d);
  }
  if (!(slope < 0)) {
    refuse(state, work, "the direction is not one of descent");
    return;
  }
  const epsilon = state.regularizationNow ?? problem.regularization;
  const phi = (step: number) => {
    for (let k = 0; k < d.length; k++) z[k] = state.x[k]! + step * d[k]!;
    planPassInto(work.trial, problem, z, { absolute: 0.25 * state.threshold }, epsilon);
    return { value: work.trial.value, slope: dot(work.trial.gradient, d) };
  };
  let { accepted, step } = strongWolfe(phi, state.value, slope, { maxEvaluations: 20 });
  const { trial } = work;
  const noise = 10 * Number.EPSILON * Math.max(1, Math.abs(state.value));
  if (!accepted) {
    step = 1;
    accepted = Math.abs(phi(step).value - state.value) <= noise;
  }
  if (!accepted || !(trial.value < state.value - noise || trial.error < e)) {
    refuse(state, work, "no decrease along the direction");
    return;
  }
  for (let k = 0; k < d.length; k++) {
    s[k] = step * d[k]!;
    y[k] = trial.gradient[k]! - gradient[k]!;
  }
  state.stepNorm = norm2(s);
  densifyIfSlow(state, step, e, trial.error, slow);
  acceptPlanTrial(problem, state, work);
}

/** d = −M⁻¹ q, M = ([diag(P1) P̃; P̃ᵀ diag(Pᵀ1)] + τ diag(r, c))/ε. */
function solveSparse(problem: Counted<TransportProblem>, state: SparseLowRankState, work: Work, e: number): void {
  const { source: r, target: c } = problem;
  const epsilon = state.regularizationNow ?? problem.regularization;
  const { d, b, diagonal, q, ground } = work;
  const { plan, sums } = work.pass;
  const tau = Math.min(1e-2, e) + 1e-15;
  for (let k = 0; k < q.length; k++) {
    diagonal[k] = sums[k]! + tau * (k < r.length ? r[k]! : c[k - r.length]!);
    b[k] = -epsilon * q[k]!;
  }
  // An inexact M⁻¹ would not meet the secant equation.
  const outcome = solveSystemInto(d, { plan, diagonal, ground }, b, problem, { tolerance: 1e-8 });
  state.linearIterations += outcome.iterations;
}

/** More of the plan in M, or the end. */
function refuse(state: SparseLowRankState, work: Work, why: string): void {
  work.current = false;
  if (densify(state)) return;
  const detail = `${why}, with the whole plan in M; marginal error ${state.gradientNorm.toExponential(2)}`;
  state.failure = { rule: "noProgress", detail };
}
