// Newton's method with one factor kept as the preconditioner of conjugate gradients: what the suite tries beside @hessia/newton's methods where the factorization takes most of the time.
//
//   min f(x),   H(x) d = −∇f(x) to ‖residual‖ ≤ η ‖∇f‖,   x⁺ = x + α d by Armijo backtracking
//
// Nocedal, Wright, "Numerical Optimization" (2006), Algorithm 7.1 (line search Newton–CG), preconditioned by the factor of an earlier H, which is renewed once a system took more than `most`
// iterations. H has to be positive definite (each term clamped).
import {
  acceptTrial,
  armijo,
  factorizing,
  type GradientState,
  type HessianProblem,
  type Method,
  type SparseMatrix,
  startState,
} from "@hessia/core";
import {
  analyze,
  axpy,
  conjugateGradientInto,
  dot,
  norm2,
  operatorFrom,
  type SparseFactor,
  type Symbolic,
  scale,
  sparseFactorize,
  sparseSolveInto,
} from "@hessia/core/linear";

export interface KeptFactorOptions {
  /** η. Default 1e-3: directions are those of Newton's method for all that the line search sees. */
  readonly forcing?: number;
  /** Iterations of conjugate gradients from which on the factor is renewed for the next step. Default 8. */
  readonly most?: number;
}

export interface KeptFactorState extends GradientState {
  /** Iterations of conjugate gradients so far. */
  inner: number;
  work?: Work;
}

interface Work {
  readonly step: Float64Array;
  readonly trial: { x: Float64Array; gradient: Float64Array; value: number; stepNorm: number };
  readonly matrix: SparseMatrix;
  symbolic: Symbolic | undefined;
  factor: SparseFactor | undefined;
  isOld: boolean;
}

export function keptFactorNewton({
  forcing = 1e-3,
  most = 8,
}: KeptFactorOptions = {}): Method<HessianProblem, KeptFactorState> {
  return {
    name: "keptFactorNewton",
    init: (problem, x0) => ({ ...startState("keptFactorNewton", problem, x0), inner: 0 }),
    step(problem, state) {
      const n = state.x.length;
      state.work ??= {
        step: new Float64Array(n),
        trial: { x: new Float64Array(n), gradient: new Float64Array(n), value: 0, stepNorm: 0 },
        matrix: problem.newHessian() as SparseMatrix,
        symbolic: undefined,
        factor: undefined,
        isOld: true,
      };
      const { step: d, trial, matrix } = state.work;
      const work = state.work;
      state.iteration++;
      state.stepNorm = 0;
      problem.hessianInto(matrix, state.x);
      work.symbolic ??= analyze(matrix);
      if (work.isOld) {
        const into = work.factor === undefined ? {} : { into: work.factor };
        const { symbolic } = work;
        work.factor = factorizing(problem, () => sparseFactorize(symbolic, matrix, into));
        if (work.factor.failedAt >= 0) {
          state.failure = { rule: "notConvex", detail: "the Hessian isn't positive definite" };
          return state;
        }
      }
      const factor = work.factor!;
      const solved = conjugateGradientInto(d, operatorFrom(matrix), state.gradient, {
        tolerance: forcing,
        maxIterations: 4 * most,
        precondition: (out, r) => sparseSolveInto(out, factor, r),
      });
      scale(d, -1);
      state.inner += solved.iterations;
      work.isOld = solved.iterations > most;
      const { x, value, gradient } = state;
      const slope = dot(gradient, d);
      const noise = 10 * Number.EPSILON * Math.max(1, Math.abs(value));
      const phi = (step: number) => {
        trial.x.set(x);
        return problem.value(axpy(trial.x, step, d));
      };
      const outcome = armijo(phi, value, slope, {}, noise);
      if (!outcome.accepted) {
        state.failure = { rule: "noProgress", detail: "the line search found no decrease" };
        return state;
      }
      problem.gradientInto(trial.gradient, trial.x);
      trial.value = outcome.value;
      trial.stepNorm = outcome.step * norm2(d);
      acceptTrial(state, trial);
      return state;
    },
  };
}
