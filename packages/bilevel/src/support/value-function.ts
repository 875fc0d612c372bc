// What the value-function methods share: a gap function of the lower level, ≥ 0 and 0 where y solves it, with its inner minimization over θ.
import type { Counted, Vector } from "@hessia/core";
import { type BilevelProblem, evaluateInto, type Objective } from "../problem.js";
import {
  newSpectralWork,
  type Smooth,
  type SpectralState,
  type SpectralWork,
  spectralRestart,
  spectralStart,
  spectralStep,
} from "./spectral.js";

/** How the lower level's constraints come into the gap: by the proximal Lagrangian (a maximum over λ), by the regularized gap, or there are none. */
export type GapKind = "proximalLagrangian" | "regularizedGap" | "unconstrained";

/** γ₁ (Infinity: no proximal term), γ₂ and r. */
export interface GapParameters {
  proximal: number;
  dual: number;
  bound: number;
}

/**
 * With s = g(x, y), ψ(s; z) = max_{λ ∈ [0, r]} λᵀs − ‖λ − z‖²/2γ₂ (λ = P(z + γ₂ s), closed form):
 *   proximalLagrangian  f(x, y) − min_θ {f(x, θ) + ψ(g(x, θ); z) + ‖θ − y‖²/2γ₁}
 *   regularizedGap      f(x, y) + ψ(s; z) − min_θ {f(x, θ) + zᵀg(x, θ) + ‖θ − y‖²/2γ₁}
 *   unconstrained       f(x, y) − min_θ {f(x, θ) + ‖θ − y‖²/2γ₁}
 */
export interface GapFunction {
  readonly kind: GapKind;
  /** The θ that was last found. */
  readonly theta: Vector;
  /** How exact θ is: ‖P(θ − ∇) − θ‖∞. */
  readonly residual: number;
  /** |f(x, y)| + |v|: what the last value is a difference of. */
  readonly size: number;
  /** Brings θ to the residual that is asked for at (z, multipliers), by at most `most` steps; answers how many it took. */
  solve(z: Vector, multipliers: Vector, tolerance: number, most: number): number;
  /** θ ← P(θ − η ∇): one plain step at (z, multipliers). */
  gradientStep(z: Vector, multipliers: Vector, step: number): void;
  /** The gap and its gradients in z = (x, y) and in the multipliers, at the θ that `solve` left. */
  valueAndGradientInto(outZ: Vector, outMultipliers: Vector, z: Vector, multipliers: Vector): number;
}

/** θ, the length of its next step and what L-BFGS keeps: plain data, part of a state. A step of 0 is not known yet. */
export interface InnerMemory {
  theta: Vector;
  step: number;
  pairs?: SpectralState["pairs"];
}

/** `memory` is kept, and written to. `starts` are other θ to begin from at each solution: the least minimum found is taken, so that the value function is the global one as far as they see it. */
export function gapFunction(
  problem: Counted<BilevelProblem>,
  lower: Objective,
  kind: GapKind,
  parameters: GapParameters,
  memory: InnerMemory,
  starts: readonly Vector[] = [],
): GapFunction {
  const { theta } = memory;
  const { upperDimension: n, lowerConstraints: g, lowerSet, dimension } = problem;
  const p = g?.count ?? 0;
  const point = new Float64Array(dimension);
  const gradient = new Float64Array(dimension);
  const values = new Float64Array(p);
  const lambda = new Float64Array(p);
  const pulled = new Float64Array(dimension);
  const work: SpectralWork = newSpectralWork(theta.length);
  let here: { z: Vector; multipliers: Vector } | undefined;
  let inner: SpectralState | undefined;
  let size = 0;

  /** ψ(g; z), λ left in `lambda`; `values` has g. */
  const psi = (multipliers: Vector): number => {
    for (let i = 0; i < p; i++) lambda[i] = multipliers[i]! + parameters.dual * values[i]!;
    g!.projectMultipliers(lambda, parameters.bound);
    let sum = 0;
    for (let i = 0; i < p; i++)
      sum += lambda[i]! * values[i]! - (lambda[i]! - multipliers[i]!) ** 2 / (2 * parameters.dual);
    return sum;
  };
  /** The value of what θ minimizes at (x, θ), its gradient in (x, θ) without the proximal term in `gradient`. */
  const lagrangian = (at: Vector, multipliers: Vector): number => {
    let value = evaluateInto(problem, lower, gradient, at);
    if (g === null || kind === "unconstrained") return value;
    g.valueInto(values, at);
    if (kind === "proximalLagrangian") value += psi(multipliers);
    else {
      lambda.set(multipliers);
      for (let i = 0; i < p; i++) value += multipliers[i]! * values[i]!;
    }
    g.transposeApplyInto(pulled, at, lambda);
    for (let k = 0; k < dimension; k++) gradient[k] = gradient[k]! + pulled[k]!;
    return value;
  };
  const proximalTerm = (y: Vector, at: Vector): number => {
    if (parameters.proximal === Number.POSITIVE_INFINITY) return 0;
    let sum = 0;
    for (let j = 0; j < y.length; j++) sum += (at[j]! - y[j]!) ** 2;
    return sum / (2 * parameters.proximal);
  };
  const smooth: Smooth = {
    affine: problem.lowerIsFree,
    valueAndGradientInto(out, t) {
      const { z, multipliers } = here!;
      point.set(z.subarray(0, n));
      point.set(t, n);
      const y = z.subarray(n);
      const value = lagrangian(point, multipliers) + proximalTerm(y, t);
      for (let j = 0; j < t.length; j++) out[j] = gradient[n + j]! + (t[j]! - y[j]!) / parameters.proximal;
      return value;
    },
    project: (t) => {
      lowerSet.projectInto(t, t);
    },
  };

  return {
    kind,
    theta,
    get residual() {
      return inner?.residual ?? Number.POSITIVE_INFINITY;
    },
    get size() {
      return size;
    },
    solve(z, multipliers, tolerance, most) {
      here = { z, multipliers };
      if (inner === undefined) {
        inner = spectralStart(smooth, theta);
        if (memory.step > 0) inner.step = memory.step;
        inner.pairs = memory.pairs ?? [];
      } else spectralRestart(smooth, inner);
      let steps = 0;
      while (inner.residual > tolerance && steps < most) {
        steps++;
        if (spectralStep(smooth, inner, work) === 0) break;
      }
      for (const start of starts) {
        const other = spectralStart(smooth, start.slice());
        for (let step = 0; step < most && other.residual > tolerance; step++) {
          steps++;
          if (spectralStep(smooth, other, work) === 0) break;
        }
        if (!(other.value < inner.value - 1e-12 * Math.max(1, Math.abs(inner.value)))) continue;
        theta.set(other.u);
        inner = { ...other, u: theta };
      }
      memory.step = inner.step;
      memory.pairs = inner.pairs;
      return steps;
    },
    gradientStep(z, multipliers, step) {
      here = { z, multipliers };
      smooth.valueAndGradientInto(work.gradient, theta);
      for (let j = 0; j < theta.length; j++) theta[j] = theta[j]! - step * work.gradient[j]!;
      lowerSet.projectInto(theta, theta);
    },
    valueAndGradientInto(outZ, outMultipliers, z, multipliers) {
      const y = z.subarray(n);
      point.set(z.subarray(0, n));
      point.set(theta, n);
      let below = lagrangian(point, multipliers) + proximalTerm(y, theta);
      for (let i = 0; i < n; i++) outZ[i] = -gradient[i]!;
      for (let j = 0; j < y.length; j++) outZ[n + j] = -(y[j]! - theta[j]!) / parameters.proximal;
      if (kind === "proximalLagrangian")
        for (let i = 0; i < p; i++) outMultipliers[i] = -(lambda[i]! - multipliers[i]!) / parameters.dual;
      else if (kind === "regularizedGap") for (let i = 0; i < p; i++) outMultipliers[i] = -values[i]!;
      let above = evaluateInto(problem, lower, gradient, z);
      if (kind === "regularizedGap" && g !== null) {
        g.valueInto(values, z);
        above += psi(multipliers);
        g.transposeApplyInto(pulled, z, lambda);
        for (let k = 0; k < dimension; k++) gradient[k] = gradient[k]! + pulled[k]!;
        for (let i = 0; i < p; i++)
          outMultipliers[i] = outMultipliers[i]! + (lambda[i]! - multipliers[i]!) / parameters.dual;
      }
      for (let k = 0; k < dimension; k++) outZ[k] = outZ[k]! + gradient[k]!;
      if (!Number.isFinite(below)) below = Number.NaN;
      size = Math.abs(above) + Math.abs(below);
      return above - below;
    },
  };
}
