// Safe and sparse Newton for entropic transport.
//
//   min_z f(z) = −D(x, y),   ε ∇²f(z) = [diag(P1) P; Pᵀ diag(Pᵀ1)],   P_ij = exp((xᵢ + yⱼ − C_ij)/ε)
//
// Tang, Qiu 2024, "Safe and sparse Newton method for entropic-regularized optimal transport", NeurIPS, Algorithm 1 (SSNS): the plan in the Hessian is made sparse with a bound on what is
// dropped from each row and column that goes to 0 with the gradient, exact diagonal blocks and a shift proportional to ‖∇f‖ make the matrix positive definite,
// the shift follows the ratio of actual and predicted decrease. After a stage of Sinkhorn's algorithm, as in
// Tang, Shavlovsky, Rahmanian, Tardini, Thekumparampil, Xiao, Ying 2024, ICLR (arXiv 2401.12253).
//
// Deviations:
// 1. The rule of sparsification: see support/sparse-plan.ts. δ = min(δ₀, e), e the marginal error.
// 2. The shift is λ diag(r, c), λ = μ e: it has the units of the matrix whatever the weights.
// 3. A trial that isn't good enough is shortened along its direction before the shift grows: that takes a pass over the plan, a new direction a solve as well.
// 4. The first stage is over-relaxed and ends by its own progress (support/first-stage.ts).
// 5. Where ε is small beside the range of the cost, ε comes down in steps (support/regularization-path.ts).
// 6. Below the rounding error of f a step is accepted when it lowers the marginal error.
// 7. Systems are solved as support/newton-system.ts says, by conjugate gradients to the relative residual min(0.1, e).
import { type Counted, type Method, reduction, requireKnownOptions, requireNumber, requireOneOf } from "@hessia/core";
import { dot, norm2 } from "@hessia/core/linear";
import type { TransportProblem } from "../problem.js";
import { requireSinkhornSteps, type SinkhornSteps, type StagedState, sinkhornStep } from "../support/first-stage.js";
import { type SystemSolver, solveSystemInto } from "../support/newton-system.js";
import { acceptPlanTrial, newPlanWork, type PlanWork, stagedStart } from "../support/plan-steps.js";
import { lowerRegularization, type PathOption, requirePath } from "../support/regularization-path.js";
import { planPassInto } from "../support/sparse-plan.js";

export interface SafeSparseNewtonOptions {
  /** Sweeps before the first Newton step. Default "auto". */
  readonly sinkhornSteps?: SinkhornSteps;
  /** δ₀, the largest part of a row or column that may be dropped from the Hessian. Default 0.05, in [0, 1). */
  readonly dropped?: number;
  /** μ at the start, > 0. Default 0.1. */
  readonly shift?: number;
  /** ε from large to small. Default "auto". */
  readonly path?: PathOption;
  /** How the Newton systems are solved. Default: by their costs. */
  readonly solver?: SystemSolver;
}

export interface SafeSparseNewtonState extends StagedState {
  /** μ. */
  shift: number;
  /** δ at which the plan at x was made sparse. */
  delta: number;
  /** Steps in a row that were not accepted. */
  rejections: number;
  /** Of the last Newton system: entries of the sparse plan / (n m), how it was solved, iterations of conjugate gradients (all systems together). */
  density: number;
  solver: SystemSolver | null;
  linearIterations: number;
  work?: PlanWork;
}

const acceptAbove = 1e-4;
const leastShift = 1e-6;
/** Trials along a direction, and directions in a row that give nothing. */
const mostTrials = 8;
const mostRejections = 20;

export function safeSparseNewton(
  options: SafeSparseNewtonOptions = {},
): Method<TransportProblem, SafeSparseNewtonState> {
  const name = "safeSparseNewton";
  requireKnownOptions(name, options, ["sinkhornSteps", "dropped", "shift", "path", "solver"]);
  const { sinkhornSteps = "auto", dropped = 0.05, shift = 0.1, path = "auto", solver } = options;
  requireSinkhornSteps(name, sinkhornSteps);
  requireNumber(name, "options.dropped", dropped, { atLeast: 0, below: 1 });
  requireNumber(name, "options.shift", shift, { above: 0, below: Number.POSITIVE_INFINITY });
  if (solver !== undefined) requireOneOf(name, "options.solver", solver, ["sparse", "conjugateGradients", "dense"]);
  requirePath(name, path);

  return {
    name,
    init(problem, z0) {
      return {
        ...stagedStart(name, problem, z0, sinkhornSteps, path),
        shift,
        delta: dropped,
        rejections: 0,
        density: Number.NaN,
        solver: null,
        linearIterations: 0,
      };
    },

    step(problem, state) {
      const work = (state.work ??= newPlanWork(problem));
      if (lowerRegularization(problem, state, path)) state.shift = shift;
      state.iteration++;
      if (state.stage === "sinkhorn") sinkhornStep(problem, state, work, sinkhornSteps);
      else newtonStep(problem, state, work, dropped, solver);
      return state;
    },
  };
}

function newtonStep(
  problem: Counted<TransportProblem>,
  state: SafeSparseNewtonState,
  work: PlanWork,
  dropped: number,
  solver: SystemSolver | undefined,
): void {
  const { d, b, diagonal, ground, z } = work;
  const { source: r, target: c } = problem;
  const epsilon = state.regularizationNow ?? problem.regularization;
  // After a sweep, at the first step, or resumed.
  if (!work.current) planPassInto(work.pass, problem, state.x, { relative: state.delta }, epsilon);
  work.current = true;
  const { sums, gradient, plan } = work.pass;
  const n = r.length;
  const e = work.pass.error;
  state.value = work.pass.value;
  state.stepNorm = 0;
  const lambda = state.shift * Math.min(1, e) + 1e-15;
  for (let k = 0; k < d.length; k++) {
    diagonal[k] = sums[k]! + lambda * (k < n ? r[k]! : c[k - n]!);
    b[k] = -epsilon * gradient[k]!;
  }
  const tolerance = Math.min(0.1, e);
  const outcome = solveSystemInto(d, { plan, diagonal, ground }, b, problem, { tolerance, solver });
  state.solver = outcome.solver;
  state.linearIterations += outcome.iterations;
  state.density = plan.pointers[n]! / (n * c.length);
  const slope = dot(gradient, d);
  if (!(slope < 0)) {
    reject(state, "the Newton direction is not one of descent");
    return;
  }
  const delta = Math.min(dropped, e);
  let step = 1;
  for (let trial = 0; trial < mostTrials; trial++) {
    for (let k = 0; k < d.length; k++) z[k] = state.x[k]! + step * d[k]!;
    const { value, error } = planPassInto(work.trial, problem, z, { relative: delta }, epsilon);
    // H̃ d = −∇f: the model at a step α falls by −α (1 − α/2) slope.
    const { ratio, rounding } = reduction(state.value, value, -step * (1 - 0.5 * step) * slope);
    if (Number.isFinite(error) && (rounding ? error < e : ratio >= acceptAbove)) {
      if (step < 0.3 || ratio < 0.25) state.shift *= 4;
      else if (ratio > 0.75) state.shift = Math.max(leastShift, 0.5 * state.shift);
      state.stepNorm = step * norm2(d);
      state.delta = delta;
      state.rejections = 0;
      acceptPlanTrial(problem, state, work);
      return;
    }
    step *= Number.isFinite(value) ? 0.5 : 0.1;
  }
  reject(state, "no decrease along the Newton direction");
}

function reject(state: SafeSparseNewtonState, why: string): void {
  state.shift *= 16;
  state.rejections++;
  if (state.rejections < mostRejections) return;
  const detail = `${why}, whatever the shift; marginal error ${state.gradientNorm.toExponential(2)}`;
  state.failure = { rule: "noProgress", detail };
}
