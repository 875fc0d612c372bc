// Adaptive regularization with cubics, the subproblem by Lanczos.
//
//   min f(x),   s ≈ argmin ⟨g, s⟩ + ½⟨s, Hess f(x)[s]⟩ + (M/6)‖s‖_x³,   x⁺ = R_x(s) if the decrease bears the model out
//
// Agarwal, Boumal, Bullins, Cartis 2021, "Adaptive regularization with cubics on manifolds", Math. Program. 188, Algorithm 1, with the Lanczos subspace of its §6 in the tangent space
// (their ς is M/2 here).
//
// Deviations:
// 1. The space grows until ‖∇m(s)‖ ≤ min(0.1, (‖g‖/‖grad f(x₀)‖)^½) ‖g‖ min(1, ‖s‖) or to `maxSubspace` vectors, fully reorthogonalized; after a rejected step it is kept, so a second
//    trial costs no new product.
// 2. After a rejected step M rises to the observed error of the quadratic model, within [2M, 100M]; after a very successful one it falls to it, at most tenfold (after Gould, Porcelli,
//    Toint 2012). The first M is |⟨g, Hess f[g]⟩|/‖g‖², a size of the Hessian, over the manifold's typical distance.
// 3. A stationary point of negative curvature (found by Lanczos) is left along that direction.
// 4. Below the rounding of f a step is taken when it lowers ‖grad f‖; M then falls tenfold, and rises so after a rejected one.
import { type Method, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import {
  acceptManifoldTrial,
  type ManifoldHessianProblem,
  type ManifoldState,
  type ManifoldTrial,
  startManifoldState,
  trialGradientNorm,
} from "../problem.js";
import {
  certifyOnTangent,
  cubicEscapeInto,
  type Escape,
  extendTangentKrylov,
  hessianAt,
  newTangentKrylov,
  requireProducts,
  startTangentKrylov,
  type TangentKrylov,
  tangentCubicInto,
} from "../support/tangent-operator.js";
import {
  atRounding,
  diagnoseOnManifold,
  evaluateTrial,
  hasEnded,
  moveInto,
  newTrial,
  noDecrease,
  noModel,
  type Plateau,
  regularizedRatio,
  startPlateau,
} from "../support/trial.js";

export interface ArcOptions {
  /** The first M, > 0. Default: see deviation 2. */
  readonly initialM?: number;
  /** The most Lanczos vectors a step may use, ≥ 1: memory is that times a point. Default min(dim, 200). */
  readonly maxSubspace?: number;
}

export interface ArcState extends ManifoldState, Plateau {
  /** The regularization constant; 0 before the first step has chosen it. */
  M: number;
  escape: Escape | null;
  work?: Work;
}

interface Work {
  readonly trial: ManifoldTrial;
  readonly step: Vector;
  readonly space: TangentKrylov;
}

const accept = 0.1;
const verySuccessful = 0.9;
const smallestM = 1e-100;
const maxTrials = 60;
/** Shorter steps tried when f's rounding hides the decrease and ‖grad f‖ doesn't fall. */
const roundingTrials = 4;

export function arc(options: ArcOptions = {}): Method<ManifoldHessianProblem, ArcState> {
  const name = "arc";
  requireKnownOptions(name, options, ["initialM", "maxSubspace"]);
  const { initialM, maxSubspace = 200 } = options;
  if (initialM !== undefined)
    requireNumber(name, "options.initialM", initialM, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(name, "options.maxSubspace", maxSubspace, { atLeast: 1, integer: true });

  return {
    name,
    init(problem, x0) {
      requireProducts(name, problem);
      const start = startManifoldState(name, problem, x0);
      return { ...start, ...startPlateau(start), M: initialM ?? 0, escape: null };
    },

    step(problem, state) {
      const n = state.x.length;
      const { manifold } = problem;
      const work = (state.work ??= {
        trial: newTrial(n),
        step: new Float64Array(n),
        space: newTangentKrylov(Math.min(manifold.dim, maxSubspace)),
      });
      const { trial, step: s, space } = work;
      state.iteration++;
      state.stepNorm = 0;
      const { x, value, gradient, gradientNorm } = state;
      const apply = hessianAt(problem, state);
      const tolerance = Math.min(0.1, Math.sqrt(gradientNorm / state.initialGradientNorm)) * gradientNorm;
      const least = 4 * Number.EPSILON * state.initialGradientNorm;
      space.size = 0;
      if (state.escape === null) {
        startTangentKrylov(space, manifold, x, gradient);
        if (!extendTangentKrylov(space, manifold, x, apply)) {
          state.failure = noModel(gradientNorm);
          return state;
        }
        if (state.M === 0) state.M = Math.max(smallestM, Math.abs(space.alpha[0]) / manifold.typicalDistance) || 1;
      } else if (state.M === 0)
        state.M = Math.max(smallestM, Math.abs(state.escape.curvature) / manifold.typicalDistance);

      let blurred = 0;
      for (let attempt = 0; attempt < maxTrials; attempt++) {
        const { M } = state;
        const { norm, predicted } =
          state.escape === null
            ? tangentCubicInto(s, manifold, x, gradient, apply, M, space, tolerance, least)
            : cubicEscapeInto(s, manifold, state);
        if (norm === 0) break;
        trial.value = Number.NaN;
        const known = moveInto(manifold, trial, x, s) && evaluateTrial(problem, trial);
        const { ratio, rounding, exhausted } = regularizedRatio(value, trial.value, predicted);
        const observedM = M + (6 * (trial.value - value + predicted)) / (norm * norm * norm);
        if (ratio >= accept) {
          if (!known) problem.gradientInto(trial.euclideanGradient, trial.x);
          const trialNorm = trialGradientNorm(manifold, trial);
          if (Number.isFinite(trialNorm) && !(rounding && trialNorm >= gradientNorm)) {
            trial.stepNorm = norm;
            if (hasEnded(state, trial.value, trialNorm)) state.failure = atRounding;
            acceptManifoldTrial(manifold, state, trial, trialNorm);
            state.escape = null;
            if (rounding) state.M = Math.max(smallestM, M / 10);
            else if (ratio > verySuccessful) state.M = Math.max(smallestM, M / 10, Math.min(M, observedM));
            return state;
          }
          if (exhausted && ++blurred > roundingTrials) {
            state.failure = atRounding;
            return state;
          }
        }
        const seen = Number.isFinite(observedM) && !rounding;
        state.M = seen ? Math.min(100 * M, Math.max(2 * M, observedM)) : 10 * M;
      }
      state.failure = noDecrease(`no step lowers f (M = ${state.M.toExponential(1)})`);
      return state;
    },

    certify: certifyOnTangent,
    diagnose: diagnoseOnManifold,
  };
}
