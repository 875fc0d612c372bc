// The barycenter of Gaussians for W₂, or for entropic transport, by its fixed point: min_F f(F), S = F Fᵀ the covariance (see gaussian/problem.ts).
//
//   F ← F − ∇f(F) = Σ wₖ TₖF,   S ← T̄ S T̄ with T̄ = Σ wₖ Tₖ the mean of the optimal maps from S
//
// Álvarez-Esteban, del Barrio, Cuesta-Albertos, Matrán 2016, "A fixed-point approach to barycenters in Wasserstein space", J. Math. Anal. Appl. 441(2): S ← S^−½ (Σ wₖ (S^½ Aₖ S^½)^½)² S^−½, which this is, without
// roots or inverses. Entropic: Mallasto, Gerolin, Minh 2021, "Entropy-regularized 2-Wasserstein distance between Gaussian measures", Information Geometry 5; debiased, on the line:
// Janati, Cuturi, Gramfort 2020, "Debiased Sinkhorn barycenters", ICML. The fixed points are theirs, written with maps.
//
// Deviations:
// 1. A step is the first of the lengths t, t/4, … 1, ½, … at which f falls enough; t is that of Barzilai, Borwein 1988, IMA J. Numer. Anal. 8, in [1, 1000]. Their iteration, t = 1, whose f always falls where
//    ε = 0 or nothing is debiased (the curvature of f is at most 1), takes two to three times as many steps; and far more where covariances are nearly singular.
// 2. Where ε > 0 it is this step too, in place of the iteration S ← Σ wₖ (S^½AₖS^½ + σ⁴/4)^½ − σ²/2, σ² = ε/2, which has the same fixed points.
import {
  acceptTrial,
  type GradientState,
  type Method,
  reduction,
  requireKnownOptions,
  startPoint,
  startState,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import { dot, norm2 } from "@hessia/core/linear";
import type { GaussianMeanProblem } from "../gaussian/problem.js";

/** F in `x`; ‖∇f‖_F, the length in W₂ of the step to the next iterate, over (Σ wₖ tr Aₖ)^½ in `gradientNorm`. */
export interface GaussianFixedPointState extends GradientState {
  /** The length of the first trial of the next step, in gradients. */
  nextStep: number;
  work?: Work;
}

interface Work {
  /** The trial F, and its gradient. */
  x: Vector;
  gradient: Vector;
}

/** Trials of a step, its longest length, and the part of t ‖∇f‖² by which f must fall. */
const mostTrials = 40;
const longest = 1000;
const sufficient = 1e-4;

/** Takes no options. Fails with the rule "noProgress" where no shortened step lowers f or the gradient. */
export function gaussianFixedPoint(options: object = {}): Method<GaussianMeanProblem, GaussianFixedPointState> {
  const name = "gaussianFixedPoint";
  requireKnownOptions(name, options, []);
  return {
    name,
    init(problem, F0) {
      const start = startState(name, problem, startPoint(name, problem.dimension, F0));
      const gradientNorm = relativeNorm(problem, start.gradient);
      return { ...start, gradientNorm, initialGradientNorm: gradientNorm, nextStep: 1 };
    },

    step(problem, state) {
      const { dimension } = problem;
      const work = (state.work ??= { x: new Float64Array(dimension), gradient: new Float64Array(dimension) });
      const g = state.gradient;
      const length = norm2(g);
      state.iteration++;
      let t = state.nextStep;
      for (let trial = 0; trial < mostTrials; trial++, t = t > 1 ? Math.max(1, t / 4) : t / 2) {
        for (let k = 0; k < dimension; k++) work.x[k] = state.x[k] - t * g[k];
        const value = valueAndGradientInto(problem, work.gradient, work.x);
        const norm = relativeNorm(problem, work.gradient);
        const { ratio, rounding } = reduction(state.value, value, t * length * length);
        if (!Number.isFinite(norm) || !(rounding ? norm < state.gradientNorm : ratio >= sufficient)) continue;
        const bend = length * length - dot(g, work.gradient);
        state.nextStep = bend > 0 ? Math.min(longest, Math.max(1, (t * length * length) / bend)) : 1;
        acceptTrial(state, Object.assign(work, { value, stepNorm: t * length }));
        state.gradientNorm = norm;
        return state;
      }
      state.stepNorm = 0;
      const detail = `no step lowers f, ‖∇f‖ = ${state.gradientNorm.toExponential(2)} of the scale: rounding, if that is small`;
      state.failure = { rule: "noProgress", detail };
      return state;
    },
  };
}

function relativeNorm({ size: d, meanCovariance: { data } }: GaussianMeanProblem, gradient: Vector): number {
  let trace = 0;
  for (let i = 0; i < d; i++) trace += data[i * d + i];
  const norm = norm2(gradient);
  return trace > 0 ? norm / Math.sqrt(trace) : norm;
}
