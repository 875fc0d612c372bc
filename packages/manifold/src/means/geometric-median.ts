// The geometric median: min over x of Σ wᵢ d(x, pᵢ), Σ wᵢ = 1, which outliers hardly move.
//
// Fletcher, Venkatasubramanian, Joshi 2009, "The geometric median on Riemannian manifolds with application to robust atlas estimation", NeuroImage 45(1): Weiszfeld's step,
// x⁺ = exp_x(α Σ (wᵢ/dᵢ) log_x(pᵢ) / Σ (wᵢ/dᵢ)); Vardi, Zhang 2000, "The multivariate L₁-median and associated data depth", PNAS 97(4), where x is one of the points.
//
// Deviations:
// 1. At a point p_k with weight w_k, R being the sum of the other unit directions, x is the median when ‖R‖ ≤ w_k; else the step is (1 − w_k/‖R‖) of Weiszfeld's of the others.
//    `gradientNorm` is max(0, ‖R‖ − w_k) there.
// 2. A step that raises f is halved.
import {
  ArgumentError,
  type Counted,
  evaluating,
  type GradientState,
  type Method,
  requireKnownOptions,
  stateAt,
  type Vector,
} from "@hessia/core";
import type { MeanProblem } from "./karcher-mean.js";

export interface MedianState extends GradientState {
  /** α, 1 unless steps had to be halved. */
  stepLength: number;
  /** Σ wᵢ/dᵢ over the points away from x: the scale of the step. */
  pull: number;
  sinceLeast: number;
  leastNorm: number;
  work?: Work;
}

interface Work {
  trial: Vector;
  gradient: Vector;
  readonly log: Vector;
}

/** Distances up to this, relative to the mean distance, count as x being that point. */
const atPoint = 1e-14;
const patience = 30;

export function weiszfeld(options: Record<string, never> = {}): Method<MeanProblem, MedianState> {
  const name = "weiszfeld";
  requireKnownOptions(name, options, []);
  return {
    name,
    init(problem, x0) {
      const gradient = problem.manifold.zero();
      const { value, norm, pull } = evaluate(problem, gradient, x0, problem.manifold.zero());
      return {
        ...stateAt(name, x0.slice(), value, gradient, norm),
        stepLength: 1,
        pull,
        sinceLeast: 0,
        leastNorm: norm,
      };
    },

    step(problem, state) {
      const { manifold } = problem;
      const work = (state.work ??= { trial: manifold.zero(), gradient: manifold.zero(), log: manifold.zero() });
      state.iteration++;
      const { x, gradient, value } = state;
      const t = state.stepLength / state.pull;
      let trial = { value: Number.NaN, norm: Number.NaN, pull: Number.NaN };
      try {
        manifold.expInto(work.trial, x, gradient, -t);
        trial = evaluate(problem, work.gradient, work.trial, work.log);
      } catch (error) {
        if (!(error instanceof ArgumentError)) throw error;
      }
      const rounding = 10 * Number.EPSILON * Math.abs(value);
      if (!(trial.value <= value + rounding)) {
        state.stepNorm = 0;
        state.stepLength *= 0.5;
        if (state.stepLength < 1e-12)
          state.failure = {
            rule: "noProgress",
            detail: `no step lowers the sum of distances; ‖grad‖ = ${state.gradientNorm.toExponential(2)}`,
          };
        return state;
      }
      state.stepNorm = t * manifold.norm(x, gradient);
      state.stepLength = Math.min(1, 2 * state.stepLength);
      const hidden = Math.abs(trial.value - value) <= rounding;
      state.x = work.trial;
      state.gradient = work.gradient;
      work.trial = x;
      work.gradient = gradient;
      state.value = trial.value;
      state.gradientNorm = trial.norm;
      state.pull = trial.pull;
      if (trial.norm < 0.99 * state.leastNorm) {
        state.leastNorm = trial.norm;
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

/** f, its gradient away from the points (shortened at one), the norm that must vanish, and Σ wᵢ/dᵢ. */
function evaluate(problem: Counted<MeanProblem>, gradient: Vector, x: Vector, log: Vector) {
  const { manifold, points, weights } = problem;
  return evaluating(problem, ["gradient", "value"], () => {
    gradient.fill(0);
    let [value, pull, held] = [0, 0, 0];
    for (let i = 0; i < points.length; i++) {
      const w = weights[i];
      if (w === 0) continue;
      manifold.logInto(log, x, points[i]);
      const d = manifold.norm(x, log);
      value += w * d;
      if (!(d > atPoint * Math.max(1e-300, value))) {
        held += w;
        continue;
      }
      pull += w / d;
      for (let k = 0; k < log.length; k++) gradient[k] -= (w / d) * log[k];
    }
    const size = manifold.norm(x, gradient);
    if (held > 0) {
      const kept = size > held ? 1 - held / size : 0;
      for (let k = 0; k < gradient.length; k++) gradient[k] *= kept;
    }
    return { value, norm: held > 0 ? Math.max(0, size - held) : size, pull: pull > 0 ? pull : 1 };
  });
}
