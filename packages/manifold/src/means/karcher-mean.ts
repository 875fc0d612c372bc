// The Karcher (Fréchet) mean: min over x of ½ Σ wᵢ d(x, pᵢ)², Σ wᵢ = 1, by gradient steps x⁺ = exp_x(α Σ wᵢ log_x(pᵢ)).
//
// Karcher 1977; Bini, Iannazzo 2013, "Computing the Karcher mean of symmetric positive definite matrices", Linear Algebra Appl. 438(4), for the first step, α = 2/(λ_min + λ_max) by
// bounds of the Hessian; Álvarez-Esteban et al. 2016 for Bures–Wasserstein, where α = 1 is their fixed point; Iannazzo, Porcelli 2018, "The Riemannian Barzilai–Borwein method with
// nonmonotone line search and the matrix geometric mean computation", IMA J. Numer. Anal. 38(1), for the steps after the first: α = ⟨s, s⟩/⟨s, y⟩.
//
// Deviations:
// 1. Barzilai–Borwein steps are kept within the inverses of the Hessian's bounds at the current point, and a step that doesn't lower f by 1e-4 α‖grad‖² is halved; where rounding hides
//    the decrease the gradient decides: f may then rise by 1e-8 of itself.
// 2. On flat manifolds the first step ends at the mean.
// 3. When the gradient stops falling at the level of rounding the run fails with the rule "rounding", and its detail says at which norm.
import {
  ArgumentError,
  type Counted,
  evaluating,
  type GradientState,
  type HasValue,
  type Method,
  requireKnownOptions,
  requireOneOf,
  stateAt,
  type Vector,
} from "@hessia/core";
import type { GeodesicManifold } from "../manifold.js";
import type { HasManifold } from "../problem.js";
import type { MeanEvaluator } from "../support/mean-evaluator.js";

/** The points whose mean is sought: made by `meanProblem`. */
export interface MeanProblem extends HasValue, HasManifold<GeodesicManifold> {
  readonly points: readonly Vector[];
  /** ≥ 0, of sum 1. */
  readonly weights: Vector;
  readonly evaluator: MeanEvaluator;
}

export interface KarcherOptions {
  /** "barzilai-borwein", or "fixed": the first step's rule at every step (for Bures–Wasserstein the fixed point iteration). Default "barzilai-borwein". */
  readonly step?: "barzilai-borwein" | "fixed";
}

export interface KarcherState extends GradientState {
  /** α of the next step. */
  stepLength: number;
  /** The smallest ‖grad‖ so far, and how many steps ago. */
  leastNorm: number;
  sinceLeast: number;
  work?: Work;
}

interface Work {
  trial: Vector;
  gradient: Vector;
  readonly carried: Vector;
}

/** Steps without a smaller gradient, f's decrease being below rounding, after which the run ends. */
const patience = 12;
/** Decreases below this share of f may be hidden by rounding where points are ill-conditioned. */
const hiddenDecrease = 1e-8;

export function karcher(options: KarcherOptions = {}): Method<MeanProblem, KarcherState> {
  const name = "karcher";
  requireKnownOptions(name, options, ["step"]);
  const { step: rule = "barzilai-borwein" } = options;
  requireOneOf(name, "step", rule, ["barzilai-borwein", "fixed"]);

  return {
    name,
    init(problem, x0) {
      const { manifold, evaluator } = problem;
      const gradient = manifold.zero();
      const value = evaluate(problem, gradient, x0);
      const gradientNorm = Number.isFinite(value) ? manifold.norm(x0, gradient) : Number.NaN;
      return {
        ...stateAt(name, x0.slice(), value, gradient, gradientNorm),
        stepLength: firstStep(evaluator),
        leastNorm: gradientNorm,
        sinceLeast: 0,
      };
    },

    step(problem, state) {
      const { manifold, evaluator } = problem;
      const work = (state.work ??= { trial: manifold.zero(), gradient: manifold.zero(), carried: manifold.zero() });
      state.iteration++;
      const { x, gradient, value, gradientNorm } = state;
      const α = state.stepLength;
      const moved = moveInto(manifold, work.trial, x, gradient, -α);
      const trialValue = moved ? evaluate(problem, work.gradient, work.trial) : Number.NaN;
      const trialNorm = Number.isFinite(trialValue) ? manifold.norm(work.trial, work.gradient) : Number.NaN;
      const rounding = 10 * Number.EPSILON * Math.max(Math.abs(value), gradientNorm * gradientNorm);
      const decreased = trialValue <= value - 1e-4 * α * gradientNorm * gradientNorm;
      const hidden = Math.abs(trialValue - value) <= rounding;
      // Where f is noise, as it is long before ε for ill-conditioned points, a clear fall of the gradient counts.
      const flatter = trialNorm <= 0.9 * gradientNorm && trialValue <= value * (1 + hiddenDecrease);
      if (!(decreased || flatter || (hidden && trialNorm < 2 * gradientNorm))) {
        state.stepNorm = 0;
        state.stepLength = 0.5 * α;
        if (state.stepLength < 1e-12) state.failure = stuck(value, gradientNorm);
        return state;
      }
      state.stepLength = rule === "fixed" ? firstStep(evaluator) : nextStep(manifold, evaluator, state, work);
      state.stepNorm = α * gradientNorm;
      state.x = work.trial;
      state.gradient = work.gradient;
      work.trial = x;
      work.gradient = gradient;
      state.value = trialValue;
      state.gradientNorm = trialNorm;
      if (trialNorm < 0.9 * state.leastNorm) {
        state.leastNorm = trialNorm;
        state.sinceLeast = 0;
      } else if (hidden && ++state.sinceLeast >= patience)
        state.failure = {
          rule: "rounding",
          detail: `‖grad‖ stays at ${state.leastNorm.toExponential(2)}, the level of rounding`,
        };
      return state;
    },
  };
}

/** Why no step lowers f: rounding of f hides what a whole step, about ½‖grad‖², would bring; or something else. */
function stuck(value: number, gradientNorm: number) {
  const size = gradientNorm.toExponential(2);
  return gradientNorm * gradientNorm <= 1e-4 * value
    ? {
        rule: "rounding",
        detail: `‖grad‖ = ${size} can't be lowered: f is known to rounding only, the level of rounding of ill-conditioned points`,
      }
    : {
        rule: "noProgress",
        detail: `no step along −grad lowers f, ‖grad‖ = ${size}; likely causes: (a) points at each other's cut locus, (b) a geodesic that leaves the manifold at once`,
      };
}

/** α = 2/(λ_min + λ_max) by the bounds of 1/λ; 1 where they say nothing better. */
const firstStep = ({ steps: { least, most } }: MeanEvaluator) => (least < 1 && most === 1 ? 2 / (1 + 1 / least) : 1);

/** ⟨s, s⟩/⟨s, y⟩ with s = −αTg, y = g⁺ − Tg, kept within the evaluator's bounds. */
function nextStep(manifold: GeodesicManifold, evaluator: MeanEvaluator, state: KarcherState, work: Work): number {
  const { carried, trial } = work;
  (evaluator.transportInto ?? manifold.transportInto)(carried, state.x, trial, state.gradient);
  const tt = manifold.inner(trial, carried, carried);
  const tg = manifold.inner(trial, carried, work.gradient);
  const { least, most } = evaluator.steps;
  const quotient = (state.stepLength * tt) / (tt - tg);
  return quotient > 0 ? Math.min(most, Math.max(least, quotient)) : most;
}

function evaluate(problem: Counted<MeanProblem>, gradient: Vector, x: Vector): number {
  try {
    return evaluating(problem, ["gradient", "value"], () => problem.evaluator.evaluateInto(gradient, x));
  } catch (error) {
    // A point at the cut locus of x: the trial is rejected; at the start it is the reason of a failure.
    if (error instanceof ArgumentError) return Number.NaN;
    throw error;
  }
}

/** False where exp isn't defined so far. */
function moveInto(manifold: GeodesicManifold, out: Vector, x: Vector, u: Vector, t: number): boolean {
  try {
    manifold.expInto(out, x, u, t);
    return true;
  } catch (error) {
    if (error instanceof ArgumentError) return false;
    throw error;
  }
}
