// Newton's method with a line search.
//
//   min f(x),   d = −(∇²f(x) + E)⁻¹ ∇f(x),   x⁺ = x + α d by Armijo backtracking
//
// Nocedal, Wright, "Numerical Optimization" (2006), Algorithm 3.2 with §3.4. Dense: E by the modified Cholesky factorization of
// Cheng, Higham 1998 (E = 0 when the Hessian is safely positive definite); sparse: E = τI, τ raised until the factor is
// positive definite (Algorithm 3.3).
//
// Deviations:
// 1. At a stationary point of negative curvature the direction is the lowest eigenvector.
// 2. A modified direction has no natural length: while whole steps along such directions are accepted, the first trial grows fourfold.
// 3. Below the rounding error of f a full step is accepted when it lowers ‖∇f‖.
import {
  acceptTrial,
  armijo,
  type Counted,
  factorizing,
  type GradientState,
  type HessianProblem,
  type Matrix,
  type Method,
  requireKnownOptions,
  startState,
  type Vector,
} from "@hessia/core";
import {
  analyze,
  axpy,
  dot,
  modifiedCholesky,
  modifiedCholeskySolveInto,
  norm2,
  normInf,
  type SparseFactor,
  type SparseMatrix,
  type Symbolic,
  sparseFactorize,
  sparseSolveInto,
  toDenseMatrix,
} from "@hessia/core/linear";
import { type HessianWork, hessianWork, leastCurvature, prepareHessian, requireCurvature } from "./hessian.js";

/** There are none: the line search needs no tuning. */
export type NewtonOptions = Readonly<Record<never, never>>;

export interface NewtonState extends GradientState {
  /** The last τ of the sparse case, where the next search for one begins. */
  shift: number;
  /** The first step length of the line search: above 1 only while modified directions keep taking their whole step (deviation 2). */
  stretch: number;
  /** A unit direction of negative curvature found at a stationary point. */
  escape: Vector | null;
  work?: Work;
}

interface Work extends HessianWork {
  symbolic: Symbolic | undefined;
  factor: SparseFactor | undefined;
  matrix: Matrix | undefined;
}

/** Up to this order a sparse Hessian is factored as a dense one: the modification is finer than a multiple of I. */
const smallOrder = 32;

export function newton(options: NewtonOptions = {}): Method<HessianProblem, NewtonState> {
  const name = "newton";
  requireKnownOptions(name, options, []);

  return {
    name,
    init(problem, x0) {
      requireCurvature(name, problem, true);
      return { ...startState(name, problem, x0), shift: 0, stretch: 1, escape: null };
    },

    step(problem, state) {
      const work = (state.work ??= newWork(state.x.length));
      const { trial, step: d } = work;
      const { x, value, gradient } = state;
      state.iteration++;
      state.stepNorm = 0;
      let modified = true;
      if (state.escape === null) modified = newtonDirection(problem, state, work);
      else d.set(state.escape);
      const initialStep = modified ? state.stretch : 1;
      let slope = dot(gradient, d);
      if (state.escape !== null && slope > 0) {
        for (let i = 0; i < d.length; i++) d[i] = -d[i]!;
        slope = -slope;
      }
      const phi = (step: number) => {
        trial.x.set(x);
        return problem.value(axpy(trial.x, step, d));
      };
      // Where f's rounding hides the decrease, the gradient decides below.
      const noise = 10 * Number.EPSILON * Math.max(1, Math.abs(value));
      const outcome = armijo(phi, value, slope, { initialStep }, state.escape === null ? noise : 0);
      if (outcome.accepted && outcome.step > 0) {
        problem.gradientInto(trial.gradient, trial.x);
        const trialNorm = normInf(trial.gradient);
        const falls = outcome.value < value - noise || trialNorm < state.gradientNorm;
        if (Number.isFinite(trialNorm) && falls) {
          trial.value = outcome.value;
          trial.stepNorm = outcome.step * norm2(d);
          acceptTrial(state, trial);
          state.stretch = modified && outcome.step === initialStep ? 4 * initialStep : 1;
          state.escape = null;
          return state;
        }
      }
      state.failure = { rule: "noProgress", detail: "the line search found no decrease along the Newton direction" };
      return state;
    },

    certify(problem, state) {
      const work = (state.work ??= newWork(state.x.length));
      const H = prepareHessian(problem, state.x, work, null);
      const least = leastCurvature(problem, H, work, work.step);
      state.escape = least.holds ? null : work.step.slice();
      return { holds: least.holds, leastCurvature: least.value, state };
    },
  };
}

const newWork = (n: number): Work => ({ ...hessianWork(n), symbolic: undefined, factor: undefined, matrix: undefined });

/** Writes d = −(∇²f(x) + E)⁻¹ ∇f(x) into `work.step`; answers whether E ≠ 0. */
function newtonDirection(problem: Counted<HessianProblem>, state: NewtonState, work: Work): boolean {
  const d = work.step;
  let modified: boolean;
  const H = problem.hessianInto((work.matrix ??= problem.newHessian()), state.x);
  if (H.kind === "dense" || H.cols <= smallOrder) {
    const A = H.kind === "dense" ? H : toDenseMatrix(H);
    const F = factorizing(problem, () => modifiedCholesky(A));
    modifiedCholeskySolveInto(d, F, state.gradient);
    modified = F.raised > 0;
  } else {
    sparseSolveInto(d, shiftedFactor(problem, state, work, H), state.gradient);
    modified = state.shift > 0;
  }
  for (let i = 0; i < d.length; i++) d[i] = -d[i]!;
  return modified;
}

/** Nocedal, Wright 2006, Algorithm 3.3: a factor of H + τI for the first τ of a growing sequence that makes it positive definite. */
function shiftedFactor(
  problem: Counted<HessianProblem>,
  state: NewtonState,
  work: Work,
  H: SparseMatrix,
): SparseFactor {
  const symbolic = (work.symbolic ??= analyze(H));
  let least = Number.POSITIVE_INFINITY;
  let size = 0;
  for (let j = 0; j < H.cols; j++) {
    const diagonal = H.values[H.colPointers[j]!]!;
    least = Math.min(least, diagonal);
    size = Math.max(size, Math.abs(diagonal));
  }
  const beta = 1e-3 * (size || 1);
  let shift = least > 0 ? 0 : beta - least;
  for (let attempt = 0; ; attempt++) {
    const into = work.factor?.symbolic === symbolic ? { shift, into: work.factor } : { shift };
    const factor = factorizing(problem, () => sparseFactorize(symbolic, H, into));
    work.factor = factor;
    if (factor.failedAt < 0 || attempt === 60) {
      state.shift = shift;
      return factor;
    }
    // Begin near the last τ that worked, then double.
    shift = shift === 0 ? Math.max(beta, 0.25 * state.shift) : 2 * shift;
  }
}
