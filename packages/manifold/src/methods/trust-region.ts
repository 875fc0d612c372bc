// The trust-region method with truncated conjugate gradients (RTR–tCG).
//
//   min f(x),   η ≈ argmin { ⟨g, η⟩ + ½⟨η, Hess f(x)[η]⟩ : ‖η‖_x ≤ Δ },   x⁺ = R_x(η) if the decrease bears the model out
//
// Absil, Baker, Gallivan 2007, "Trust-region methods on Riemannian manifolds", Found. Comput. Math. 7(3), Algorithm 1 and, for η, Algorithm 2 with κ = 0.1, θ = 1; ρ' = 0.1, the radius
// quartered below ρ = ¼, doubled above ¾ at the boundary, Δ₀ = Δ̄/8.
//
// Deviations:
// 1. Both decreases in ρ are raised by the rounding of f; where both are below it the step is taken when ‖grad f‖ falls (Conn, Gould, Toint 2000, §17.4.2).
// 2. ‖r₀‖^θ in the inner stop is (‖r₀‖/‖grad f(x₀)‖)^θ, so that f may be scaled.
// 3. Δ̄, the manifold's typical distance, bounds Δ only where geodesics can't be arbitrarily long without coming back (a finite injectivity radius > 0, in each part of a
//    product).
// 4. A stationary point of negative curvature (found by Lanczos) is left along that direction.
// 5. An inner iteration may take more products than there are dimensions, 30 dim + 20 and at most dim + 5000: rounding slows conjugate gradients on ill-conditioned problems, and to go on
//    is far cheaper than to begin again.
import { describe, type Method, misuse, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import type { Manifold } from "../manifold.js";
import {
  acceptManifoldTrial,
  type ManifoldHessianProblem,
  type ManifoldState,
  type ManifoldTrial,
  startManifoldState,
  trialGradientNorm,
} from "../problem.js";
import { certifyOnTangent, type Escape, hessianAt, requireProducts } from "../support/tangent-operator.js";
import {
  atRounding,
  diagnoseOnManifold,
  evaluateTrial,
  hasEnded,
  longestStep,
  moveInto,
  newTrial,
  noDecrease,
  noModel,
  type Plateau,
  regularizedRatio,
  startPlateau,
} from "../support/trial.js";
import { type TruncatedCgWork, truncatedCg, truncatedCgWork } from "../support/truncated-cg.js";

export interface TrustRegionOptions {
  /** Δ̄ > 0. Default: see deviation 3. */
  readonly maxRadius?: number;
  /** Δ₀ > 0. Default: an eighth of the manifold's typical distance, at most of `maxRadius`. */
  readonly initialRadius?: number;
  /** κ in (0, 1): the inner iteration ends when its residual is κ of the gradient. Default 0.1. */
  readonly kappa?: number;
  /** θ > 0: order 1 + θ. Default 1. */
  readonly theta?: number;
  /** The most products a step, ≥ 1. Default: see deviation 5. */
  readonly maxProducts?: number;
  /** Writes P⁻¹u for a tangent u at x into `out`: symmetric and positive in the manifold's inner product, near the inverse of Hess f. */
  readonly precondition?: (out: Vector, x: Vector, u: Vector) => Vector;
}

export interface TrustRegionState extends ManifoldState, Plateau {
  /** Δ. */
  radius: number;
  escape: Escape | null;
  work?: Work;
}

interface Work {
  readonly trial: ManifoldTrial;
  readonly inner: TruncatedCgWork;
}

/** ρ'. */
const accept = 0.1;
const smallestRadius = 1e-16;
const enough = (dim: number) => Math.min(30 * dim + 20, dim + 5000);

export function trustRegion(options: TrustRegionOptions = {}): Method<ManifoldHessianProblem, TrustRegionState> {
  const name = "trustRegion";
  requireKnownOptions(name, options, ["maxRadius", "initialRadius", "kappa", "theta", "maxProducts", "precondition"]);
  const { maxRadius, initialRadius, kappa: κ = 0.1, theta: θ = 1, maxProducts, precondition } = options;
  const positive = { above: 0, below: Number.POSITIVE_INFINITY };
  if (maxRadius !== undefined) requireNumber(name, "options.maxRadius", maxRadius, positive);
  if (initialRadius !== undefined)
    requireNumber(name, "options.initialRadius", initialRadius, { above: 0, atMost: maxRadius ?? Number.MAX_VALUE });
  requireNumber(name, "options.kappa", κ, { above: 0, below: 1 });
  requireNumber(name, "options.theta", θ, positive);
  if (maxProducts !== undefined) requireNumber(name, "options.maxProducts", maxProducts, { atLeast: 1, integer: true });
  if (precondition !== undefined && typeof precondition !== "function")
    misuse(name, "options.precondition", describe(precondition), "a function of (out, x, u)");
  const largest = (manifold: Manifold) => maxRadius ?? longestStep(manifold);

  return {
    name,
    init(problem, x0) {
      requireProducts(name, problem);
      const start = startManifoldState(name, problem, x0);
      const { manifold } = problem;
      const radius = initialRadius ?? Math.min(manifold.typicalDistance, largest(manifold)) / 8;
      return { ...start, ...startPlateau(start), radius, escape: null };
    },

    step(problem, state) {
      const n = state.x.length;
      const work = (state.work ??= { trial: newTrial(n), inner: truncatedCgWork(n) });
      const { trial, inner } = work;
      const { manifold } = problem;
      state.iteration++;
      state.stepNorm = 0;
      const { x, value, gradient, gradientNorm, radius } = state;
      const { norm, predicted, atBoundary } =
        state.escape === null
          ? truncatedCg(
              manifold,
              x,
              gradient,
              hessianAt(problem, state),
              {
                radius,
                κ,
                θ,
                scale: state.initialGradientNorm,
                maxProducts: maxProducts ?? enough(manifold.dim),
                precondition,
              },
              inner,
            )
          : escapeInto(inner.η, manifold, state);
      if (norm === 0) {
        state.failure = noModel(gradientNorm);
        return state;
      }
      trial.value = Number.NaN;
      const known = moveInto(manifold, trial, x, inner.η) && evaluateTrial(problem, trial);
      const { ratio, rounding, exhausted } = regularizedRatio(value, trial.value, predicted);
      let trialNorm = Number.NaN;
      if (ratio > accept) {
        if (!known) problem.gradientInto(trial.euclideanGradient, trial.x);
        trialNorm = trialGradientNorm(manifold, trial);
      }
      const accepted = Number.isFinite(trialNorm) && !(rounding && trialNorm >= gradientNorm);
      if (!accepted || ratio < 0.25) state.radius = 0.25 * Math.min(radius, norm);
      else if (ratio > 0.75 && atBoundary) state.radius = Math.min(2 * radius, largest(manifold));
      if (accepted) {
        trial.stepNorm = precondition === undefined ? norm : manifold.norm(x, inner.η);
        if (hasEnded(state, trial.value, trialNorm)) state.failure = atRounding;
        acceptManifoldTrial(manifold, state, trial, trialNorm);
        state.escape = null;
      } else if (exhausted && gradientNorm > 0) state.failure = atRounding;
      else if (!(state.radius > smallestRadius * manifold.typicalDistance))
        state.failure = noDecrease(`no step lowers f (trust radius ${state.radius.toExponential(1)})`);
      return state;
    },

    certify: certifyOnTangent,
    diagnose: diagnoseOnManifold,
  };
}

/** The step of length Δ along the escape direction, downhill. */
function escapeInto(η: Vector, manifold: Manifold, state: TrustRegionState) {
  const { x, gradient, radius } = state;
  const { direction, curvature } = state.escape!;
  const slope = manifold.inner(x, gradient, direction);
  for (let i = 0; i < η.length; i++) η[i] = (slope > 0 ? -radius : radius) * direction[i];
  return {
    norm: radius,
    predicted: radius * Math.abs(slope) - 0.5 * curvature * radius * radius,
    atBoundary: true,
  };
}
