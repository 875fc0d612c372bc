// Matrix-free adaptive cubic regularization.
//
//   min f(x),   s ≈ argmin gᵀs + ½ sᵀ∇²f(x)s + (M/6)‖s‖³ over a Krylov space,   x⁺ = x + s if the decrease bears the model out
//
// Cartis, Gould, Toint 2011, "Adaptive cubic regularisation methods for unconstrained optimization", part I, Algorithm 2.1,
// with the Lanczos subspace of its §6 (their σ is M/2 here, so that M means the same as in `lazyCubicNewton`).
//
// Deviations:
// 1. The space grows until ‖∇m(s)‖ ≤ min(0.1, ‖g‖^½) ‖g‖ or to `maxSubspace` vectors, fully reorthogonalized; after a
//    rejected step it is kept, so a second trial costs no new product.
// 2. After a rejected step M rises to the observed error of the quadratic model, within [2M, 100M]; after a very
//    successful one it falls to it, at most tenfold (after Gould, Porcelli, Toint 2012).
// 3. A stationary point of negative curvature (found by Lanczos) is left along that direction.
// 4. Below the rounding error of f a step is accepted when it lowers ‖∇f‖ (see core's `reduction`).
import {
  acceptTrial,
  type Counted,
  type GradientState,
  lanczosCubicInto,
  type Matrix,
  type Method,
  reduction,
  requireKnownOptions,
  requireNumber,
  startState,
  type Vector,
} from "@hessia/core";
import { type KrylovSpace, krylovSpace, norm2, normInf } from "@hessia/core/linear";
import {
  type CurvatureProblem,
  certifyByProducts,
  cubicEscapeInto,
  type Escape,
  hessianOperator,
  newTrial,
  requireCurvature,
  type Trial,
} from "./hessian.js";

export interface ArcOptions {
  /** The first M, > 0. Default 1. */
  readonly initialM?: number;
  /** The most Lanczos vectors a step may use: memory is n times that. Default min(n, 200). */
  readonly maxSubspace?: number;
}

export interface ArcState extends GradientState {
  /** The regularization constant. */
  M: number;
  /** The way out of a stationary point of negative curvature. */
  escape: Escape | null;
  work?: Work;
}

interface Work {
  readonly step: Vector;
  readonly trial: Trial;
  readonly space: KrylovSpace;
  buffer: Matrix | undefined;
}

const accept = 0.1;
const verySuccessful = 0.9;
const smallestM = 1e-100;
const maxTrials = 60;
/** Shorter steps tried when f's rounding hides the decrease and ‖∇f‖ doesn't fall. */
const roundingTrials = 4;

export function arc(options: ArcOptions = {}): Method<CurvatureProblem, ArcState> {
  const name = "arc";
  requireKnownOptions(name, options, ["initialM", "maxSubspace"]);
  const { initialM = 1, maxSubspace = 200 } = options;
  requireNumber(name, "initialM", initialM, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(name, "maxSubspace", maxSubspace, { atLeast: 1, integer: true });
  const newWork = (n: number): Work => ({
    step: new Float64Array(n),
    trial: newTrial(n),
    space: krylovSpace(n, Math.min(n, maxSubspace)),
    buffer: undefined,
  });

  return {
    name,
    init(problem, x0) {
      requireCurvature(name, problem, false);
      return { ...startState(name, problem, x0), M: initialM, escape: null };
    },

    step(problem, state) {
      const work = (state.work ??= newWork(state.x.length));
      const { trial, step: s, space } = work;
      state.iteration++;
      state.stepNorm = 0;
      const { x, value, gradient } = state;
      const A = hessianOperator(problem, x, work.buffer);
      work.buffer = A.matrix ?? work.buffer;
      const gNorm = norm2(gradient);
      const tolerance = Math.min(0.1, Math.sqrt(gNorm)) * gNorm;
      space.size = 0;
      let blurred = 0;

      for (let attempt = 0; attempt < maxTrials; attempt++) {
        const { M } = state;
        const { norm, predicted } =
          state.escape === null ? lanczosCubicInto(s, A, gradient, M, space, tolerance) : escapeStep(s, state);
        if (norm === 0) break;
        for (let i = 0; i < s.length; i++) trial.x[i] = x[i]! + s[i]!;
        trial.value = problem.value(trial.x);
        trial.stepNorm = norm;
        const { ratio, rounding } = reduction(value, trial.value, predicted);
        const observedM = M + (6 * (trial.value - value + predicted)) / (norm * norm * norm);
        if (ratio >= accept) {
          problem.gradientInto(trial.gradient, trial.x);
          const trialNorm = normInf(trial.gradient);
          if (Number.isFinite(trialNorm) && !(rounding && trialNorm >= state.gradientNorm)) {
            acceptTrial(state, trial);
            state.escape = null;
            if (ratio > verySuccessful && !rounding) state.M = Math.max(smallestM, M / 10, Math.min(M, observedM));
            return state;
          }
          if (rounding && ++blurred > roundingTrials) {
            state.failure = {
              rule: "noProgress",
              detail: "f and ‖∇f‖ no longer decrease: the limit of rounding is reached",
            };
            return state;
          }
        }
        state.M = Number.isFinite(observedM) ? Math.min(100 * M, Math.max(2 * M, observedM)) : 10 * M;
      }
      state.failure = { rule: "noProgress", detail: `no step lowers f (M = ${state.M.toExponential(1)})` };
      return state;
    },

    certify: (problem, state) => certifyByProducts(problem as Counted<CurvatureProblem>, state),
  };
}

/** The minimizer of the model along the escape direction. */
function escapeStep(s: Vector, state: ArcState): { norm: number; predicted: number } {
  const { norm, decrease } = cubicEscapeInto(s, state.gradient, state.escape!, state.M);
  return { norm, predicted: decrease - (state.M / 6) * norm ** 3 };
}
