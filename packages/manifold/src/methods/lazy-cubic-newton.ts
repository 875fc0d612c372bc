// Cubic-regularized Newton with lazy Hessians on a manifold.
//
//   min f(x),   s = argmin ⟨g, s⟩ + ½⟨T⁻¹s, Hess f(z)[T⁻¹s]⟩_z + (M/6)‖T⁻¹s‖_z³,   x⁺ = R_x(s),   T the transport from z to x
//
// with the gradient g = grad f(x) fresh at every step and the Hessian taken at a snapshot point z, renewed every m steps: Doikov, Chayti, Jaggi, "Second-order optimization with lazy
// Hessians" (ICML 2023), Algorithms 1 and 3, carried over from ℝⁿ. The Hessian is held as V T Vᵀ, V orthonormal tangents at z by Lanczos: all of the tangent space where its dimension
// is at most `maxBasis`, else the Krylov space of g(z) and, for each further step, the part of the carried gradient outside of it (T bordered by one product, tridiagonal again). The
// model is solved to machine precision at z in these coordinates: g comes to z by the transport from x, s goes back by that from z.
//
// What is proved. m = 1 is cubic regularization on manifolds: O(ε^(−3/2)) steps (Agarwal, Boumal, Bullins, Cartis 2021). On ℝⁿ T is the identity and the method that of the paper, whose
// rates are proved (but for the deviations). What isn't: rates for m > 1 on a curved manifold. There the carried Hessian differs from Hess f(x) by O(d(x, z)), as in ℝⁿ, but with constants of curvature and
// retraction that no proof here bounds; and where T isn't an isometry, as projections aren't, the model measures s at z and not at x. Each step lowers f by a tenth at least of what the
// model predicts, whichever it is.
//
// Deviations:
// 1. M is judged at each step, not at the end of a phase, and follows the observed error of the quadratic model (after Gould, Porcelli, Toint 2012).
// 2. A stale step that is rejected six times renews the Hessian.
// 3. A phase ends early when a step gains less than the phase's average a unit of cost, in f and in log ‖g‖; the cost counts a product as a gradient.
// 4. Below the rounding of f a step is taken when it lowers ‖g‖; M then falls tenfold, and rises so after a rejected one.
// 5. A stationary point of negative curvature (found by Lanczos) is left along that direction.
import { type Counted, type Method, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import {
  acceptManifoldTrial,
  type ManifoldHessianProblem,
  type ManifoldState,
  type ManifoldTrial,
  startManifoldState,
  trialGradientNorm,
} from "../problem.js";
import {
  buildSnapshot,
  type LazyModel,
  lazyModelInto,
  lazyStepInto,
  newLazyModel,
  type Snapshot,
} from "../support/snapshot-model.js";
import { certifyOnTangent, cubicEscapeInto, type Escape, requireProducts } from "../support/tangent-operator.js";
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

export interface LazyCubicNewtonOptions {
  /** m, the steps that one Hessian serves at most: an integer ≥ 1. Default: the number of products that the Hessian took (Doikov et al.: total cost is least where both cost the same). */
  readonly hessianPeriod?: number;
  /** The most basis vectors of a snapshot, ≥ 1: memory is that times a point. Default 100. */
  readonly maxBasis?: number;
  /** The first M, > 0. Default: |⟨g, Hess f[g]⟩|/‖g‖² over the manifold's typical distance. */
  readonly initialM?: number;
}

export interface LazyCubicState extends ManifoldState, Plateau {
  /** The regularization constant; 0 before the first step has chosen it. */
  M: number;
  snapshot: Snapshot | null;
  /** Steps made with the present snapshot. */
  age: number;
  /** What the present phase has gained: the decrease of f and of log ‖g‖. */
  decrease: number;
  gain: number;
  /** Whether the phase ends before its m steps. */
  ended: boolean;
  escape: Escape | null;
  work?: Work;
}

interface Work {
  readonly trial: ManifoldTrial;
  readonly step: Vector;
  readonly model: LazyModel;
}

const accept = 0.1;
const verySuccessful = 0.9;
const smallestM = 1e-100;
const maxTrials = 60;
/** How often M rises for one step with a stale Hessian before the Hessian is renewed. */
const raises = 5;
/** Shorter steps tried when f's rounding hides the decrease and ‖g‖ doesn't fall. */
const roundingTrials = 4;

export function lazyCubicNewton(options: LazyCubicNewtonOptions = {}): Method<ManifoldHessianProblem, LazyCubicState> {
  const name = "lazyCubicNewton";
  requireKnownOptions(name, options, ["hessianPeriod", "maxBasis", "initialM"]);
  const { hessianPeriod, maxBasis = 100, initialM } = options;
  const count = { atLeast: 1, integer: true };
  if (hessianPeriod !== undefined) requireNumber(name, "options.hessianPeriod", hessianPeriod, count);
  requireNumber(name, "options.maxBasis", maxBasis, count);
  if (initialM !== undefined)
    requireNumber(name, "options.initialM", initialM, { above: 0, below: Number.POSITIVE_INFINITY });

  return {
    name,
    init(problem, x0) {
      requireProducts(name, problem);
      const start = startManifoldState(name, problem, x0);
      const phase = { snapshot: null, age: 0, decrease: 0, gain: 0, ended: false, escape: null };
      return { ...start, ...startPlateau(start), ...phase, M: initialM ?? 0 };
    },

    step(problem, state) {
      const { manifold } = problem;
      const n = state.x.length;
      const work = (state.work ??= { trial: newTrial(n), step: new Float64Array(n), model: newLazyModel(n) });
      const { trial, step: s, model } = work;
      state.iteration++;
      state.stepNorm = 0;
      const { x, value, gradientNorm } = state;
      const renew = () => renewSnapshot(problem, state, work, maxBasis);
      const period = hessianPeriod ?? state.snapshot?.products ?? 0;
      if (state.escape === null) {
        if (state.snapshot === null || state.ended || state.age >= period) renew();
        else lazyModelInto(model, problem, state.snapshot, state);
        if (!model.usable) {
          state.failure = noModel(gradientNorm);
          return state;
        }
      }
      if (state.M === 0) {
        const size = state.escape?.curvature ?? state.snapshot!.space.alpha[0];
        state.M = Math.max(smallestM, Math.abs(size) / manifold.typicalDistance) || 1;
      }

      let [raised, blurred] = [0, 0];
      for (let attempt = 0; attempt < maxTrials; attempt++) {
        const { M } = state;
        const { norm, predicted } =
          state.escape === null
            ? lazyStepInto(s, manifold, state.snapshot!, x, model, M)
            : cubicEscapeInto(s, manifold, state);
        if (norm === 0) break;
        trial.value = Number.NaN;
        const known = moveInto(manifold, trial, x, s) && evaluateTrial(problem, trial);
        const { ratio, rounding, exhausted } = regularizedRatio(value, trial.value, predicted);
        const observedM = M + (6 * (trial.value - value + predicted)) / (norm * norm * norm);
        const stale = state.age > 0;
        if (ratio >= accept) {
          if (!known) problem.gradientInto(trial.euclideanGradient, trial.x);
          const trialNorm = trialGradientNorm(manifold, trial);
          if (Number.isFinite(trialNorm) && !(rounding && trialNorm >= gradientNorm)) {
            trial.stepNorm = norm;
            if (hasEnded(state, trial.value, trialNorm)) state.failure = atRounding;
            acceptManifoldTrial(manifold, state, trial, trialNorm);
            state.age++;
            judgePhase(state, value - state.value, Math.log(gradientNorm / trialNorm));
            if (state.escape !== null) state.ended = true;
            state.escape = null;
            if (rounding) state.M = Math.max(smallestM, M / 10);
            else if (!stale && ratio > verySuccessful) state.M = Math.max(smallestM, M / 10, Math.min(M, observedM));
            return state;
          }
          if (exhausted && !stale && ++blurred > roundingTrials) {
            state.failure = atRounding;
            return state;
          }
        }
        const seen = Number.isFinite(observedM) && !rounding;
        if (stale && state.escape === null && raised++ === raises) renew();
        else state.M = seen ? Math.min(100 * M, Math.max(2 * M, observedM)) : 10 * M;
      }
      state.failure = noDecrease(`no step lowers f (M = ${state.M.toExponential(1)})`);
      return state;
    },

    certify: certifyOnTangent,
    diagnose: diagnoseOnManifold,
  };
}

/** A fresh Hessian at x: the beginning of a phase. */
function renewSnapshot(
  problem: Counted<ManifoldHessianProblem>,
  state: LazyCubicState,
  { model }: Work,
  maxBasis: number,
): void {
  state.snapshot = buildSnapshot(problem, state, state.snapshot, maxBasis, state.M);
  state.age = 0;
  state.decrease = 0;
  state.gain = 0;
  state.ended = false;
  lazyModelInto(model, problem, state.snapshot, state);
}

/** A stale step that gains less than the phase's average a unit of cost, in f and in log ‖g‖, is the last of its phase. */
function judgePhase(state: LazyCubicState, decrease: number, gain: number): void {
  state.decrease += decrease;
  state.gain += gain;
  const cost = state.snapshot === null ? 0 : state.snapshot.products + state.age;
  state.ended = state.age > 1 && decrease * cost < state.decrease && gain * cost < state.gain;
}
