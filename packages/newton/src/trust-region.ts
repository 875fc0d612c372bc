// The trust-region method.
//
//   min f(x),   s = argmin { gᵀs + ½ sᵀ∇²f(x)s : ‖s‖ ≤ Δ },   x⁺ = x + s if the decrease bears the model out
//
// Conn, Gould, Toint, "Trust-Region Methods" (2000), Algorithm 6.1.1. Where the problem gives its Hessian the subproblem is
// solved exactly (Moré, Sorensen 1983, hard case included), so that iterates tend to second-order points; where it gives
// products only, by truncated conjugate gradients (Steihaug 1983; Toint 1981).
//
// Deviations:
// 1. Below the rounding error of f a step is accepted when it lowers ‖∇f‖ (see core's `reduction`).
// 2. With products only, a stationary point of negative curvature (found by Lanczos) is left along that direction.
// 3. A rejected step costs no new Hessian: the prepared one serves until the point moves.
import {
  acceptTrial,
  type Counted,
  type GradientState,
  type HessianProblem,
  type Method,
  nextRadius,
  reduction,
  requireKnownOptions,
  requireNumber,
  type Shifted,
  startState,
  trustRadiusDefaults,
  type Vector,
} from "@hessia/core";
import { conjugateGradientInto, dot, norm2, normInf, scale } from "@hessia/core/linear";
import {
  type CurvatureProblem,
  type HessianWork,
  hasHessian,
  hessianOperator,
  hessianWork,
  leastCurvature,
  leastCurvatureByProducts,
  prepareHessian,
  requireCurvature,
  solveModel,
} from "./hessian.js";

export interface TrustRegionOptions {
  /** Δ₀ > 0. Default: max(1, ‖x₀‖₂) / 10. */
  readonly initialRadius?: number;
  /** "exact" needs the Hessian; "products" uses truncated conjugate gradients. Default: exact where there is a Hessian. */
  readonly subproblem?: "exact" | "products";
}

export interface TrustRegionState extends GradientState {
  /** Δ. */
  radius: number;
  readonly subproblem: "exact" | "products";
  /** The prepared Hessian; null before the first, or with products. */
  hessian: Shifted | null;
  /** Whether `hessian` is that of the present x. */
  hessianIsCurrent: boolean;
  /** The last multiplier, where the next sparse solve begins. */
  multiplier: number;
  /** A unit direction of negative curvature found at a stationary point, and its curvature. */
  escape: { direction: Vector; curvature: number } | null;
  work?: HessianWork;
}

export function trustRegion(options: TrustRegionOptions = {}): Method<CurvatureProblem, TrustRegionState> {
  const name = "trustRegion";
  requireKnownOptions(name, options, ["initialRadius", "subproblem"]);
  const { initialRadius, subproblem } = options;
  if (initialRadius !== undefined)
    requireNumber(name, "initialRadius", initialRadius, { above: 0, below: Number.POSITIVE_INFINITY });

  return {
    name,
    init(problem, x0) {
      requireCurvature(name, problem, subproblem === "exact");
      const base = startState(name, problem, x0);
      const radius = initialRadius ?? 0.1 * Math.max(1, norm2(x0));
      const kind = subproblem ?? (hasHessian(problem) ? "exact" : "products");
      return {
        ...base,
        radius,
        subproblem: kind,
        hessian: null,
        hessianIsCurrent: false,
        multiplier: Number.NaN,
        escape: null,
      };
    },

    step(problem, state) {
      const work = (state.work ??= hessianWork(state.x.length));
      const { trial, step: s } = work;
      state.iteration++;
      state.stepNorm = 0;
      const { x, value, gradient, radius } = state;
      const exact = state.subproblem === "exact" && hasHessian(problem);
      const { norm, predicted } = exact ? exactStep(problem, state, work) : productStep(problem, state, work);
      for (let i = 0; i < s.length; i++) trial.x[i] = x[i]! + s[i]!;
      trial.value = norm > 0 ? problem.value(trial.x) : value;
      trial.stepNorm = norm;
      const { ratio, rounding } = reduction(value, trial.value, predicted);
      let accepted = norm > 0 && ratio >= trustRadiusDefaults.accept;
      if (accepted) {
        problem.gradientInto(trial.gradient, trial.x);
        const trialNorm = normInf(trial.gradient);
        accepted = Number.isFinite(trialNorm) && !(rounding && trialNorm >= state.gradientNorm);
      }
      state.radius = nextRadius(radius, accepted ? ratio : Number.NEGATIVE_INFINITY, norm > 0 ? norm : radius);
      if (accepted) {
        acceptTrial(state, trial);
        state.hessianIsCurrent = false;
        state.escape = null;
      } else if (!(state.radius > 1e-16 * Math.max(1, norm2(x))) || (rounding && normInf(gradient) > 0)) {
        state.failure = {
          rule: "noProgress",
          detail: rounding
            ? "f and ‖∇f‖ no longer decrease: the limit of rounding is reached"
            : `no step lowers f (trust radius ${state.radius.toExponential(1)})`,
        };
      }
      return state;
    },

    certify(problem, state) {
      const work = (state.work ??= hessianWork(state.x.length));
      if (state.subproblem === "exact" && hasHessian(problem)) {
        const least = leastCurvature(problem, currentHessian(problem, state, work), work, work.step);
        return { holds: least.holds, leastCurvature: least.value, state };
      }
      const direction = new Float64Array(state.x.length);
      const least = leastCurvatureByProducts(hessianOperator(problem, state.x, undefined), direction);
      state.escape = least.holds ? null : { direction, curvature: least.value };
      return { holds: least.holds, leastCurvature: least.value, state };
    },
  };
}

type ModelStep = { readonly norm: number; readonly predicted: number };

function exactStep(problem: Counted<HessianProblem>, state: TrustRegionState, work: HessianWork): ModelStep {
  const H = currentHessian(problem, state, work);
  const target = { kind: "radius", radius: state.radius } as const;
  const made = solveModel(problem, work.step, H, state.gradient, target, work, state.multiplier);
  state.multiplier = made.sigma;
  return made;
}

/** The prepared Hessian at x, evaluated unless that was done. */
function currentHessian(problem: Counted<HessianProblem>, state: TrustRegionState, work: HessianWork): Shifted {
  if (state.hessian === null || !state.hessianIsCurrent) {
    state.hessian = prepareHessian(problem, state.x, work, state.hessian);
    state.hessianIsCurrent = true;
  }
  return state.hessian;
}

function productStep(problem: Counted<CurvatureProblem>, state: TrustRegionState, work: HessianWork): ModelStep {
  const { gradient, radius } = state;
  if (state.escape !== null) {
    const { direction, curvature } = state.escape;
    const sign = dot(gradient, direction) > 0 ? -1 : 1;
    for (let i = 0; i < direction.length; i++) work.step[i] = sign * radius * direction[i]!;
    return {
      norm: radius,
      predicted: -0.5 * curvature * radius * radius + radius * Math.abs(dot(gradient, direction)),
    };
  }
  const A = hessianOperator(problem, state.x, work.buffer);
  work.buffer = A.matrix ?? work.buffer;
  const tolerance = Math.min(0.1, Math.sqrt(norm2(gradient)));
  const { norm, decrease } = conjugateGradientInto(work.step, A, scale(gradient.slice(), -1), { tolerance, radius });
  return { norm, predicted: decrease };
}
