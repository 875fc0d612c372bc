// Ways to make a fixed-point iteration y ← G(y) on potentials faster.

import type { Vector } from "@hessia/core";
import { choleskyFactorize, choleskySolveInto, denseMatrix, dot } from "@hessia/core/linear";

/** The last differences of a fixed-point iteration, as rows of rings. Plain data: part of a state. */
export interface AndersonMemory {
  /** Differences of G(y) and of the residuals G(y) − y: `pairs` rows, the newest at row `newest`. */
  images: Vector;
  residuals: Vector;
  pairs: number;
  newest: number;
  /** G(y) and G(y) − y of the last point; meaningful when `begun`. */
  image: Vector;
  residual: Vector;
  begun: boolean;
}

export const newAndersonMemory = (size: number, length: number): AndersonMemory => ({
  images: new Float64Array(size * length),
  residuals: new Float64Array(size * length),
  pairs: 0,
  newest: -1,
  image: new Float64Array(length),
  residual: new Float64Array(length),
  begun: false,
});

export function forget(memory: AndersonMemory): void {
  memory.pairs = 0;
  memory.newest = -1;
  memory.begun = false;
}

/**
 * out = G(y) − ΔG γ, γ = argmin ‖f − ΔF γ‖₂, f = G(y) − y: Anderson 1965 in the form of Walker, Ni 2011, "Anderson acceleration for fixed-point iterations", SIAM J. Numer. Anal. 49,
 * §2 (type II). Stores the point. Potentials are known up to a constant: the mean is taken out of residuals. Answers false, `out` then being G(y), without a memory.
 */
export function andersonInto(out: Vector, memory: AndersonMemory, size: number, y: Vector, image: Vector): boolean {
  const m = y.length;
  const row = (array: Vector, k: number) => array.subarray(k * m, (k + 1) * m);
  let mean = 0;
  for (let j = 0; j < m; j++) mean += (image[j]! - y[j]!) / m;
  if (memory.begun) {
    memory.newest = (memory.newest + 1) % size;
    memory.pairs = Math.min(size, memory.pairs + 1);
    const dG = row(memory.images, memory.newest);
    const dF = row(memory.residuals, memory.newest);
    for (let j = 0; j < m; j++) {
      const residual = image[j]! - y[j]! - mean;
      dG[j] = image[j]! - memory.image[j]!;
      dF[j] = residual - memory.residual[j]!;
    }
  }
  for (let j = 0; j < m; j++) {
    memory.image[j] = image[j]!;
    memory.residual[j] = image[j]! - y[j]! - mean;
    out[j] = image[j]!;
  }
  memory.begun = true;
  const p = memory.pairs;
  if (p === 0) return false;
  // The order of the rows doesn't matter.
  const A = denseMatrix(p, p);
  const right = new Float64Array(p);
  let trace = 0;
  for (let a = 0; a < p; a++) {
    for (let b = 0; b <= a; b++) A.data[a * p + b] = dot(row(memory.residuals, a), row(memory.residuals, b));
    trace += A.data[a * p + a]!;
    right[a] = dot(row(memory.residuals, a), memory.residual);
  }
  for (let a = 0; a < p; a++) A.data[a * p + a] = A.data[a * p + a]! + 1e-13 * trace;
  const factor = choleskyFactorize(A);
  if (factor.failedAt >= 0 || !(trace > 0)) return false;
  const gamma = choleskySolveInto(new Float64Array(p), factor, right);
  for (let a = 0; a < p; a++) {
    const dG = row(memory.images, a);
    for (let j = 0; j < m; j++) out[j] = out[j]! - gamma[a]! * dG[j]!;
  }
  return true;
}

/**
 * Σ w φ(s/w) with φ(t) = t − t^{1−ω} − ω log t, times ε the growth of D by x ← x + ω ε log(w/s), s the sums before: Thibault, Chizat, Dossal, Papadakis 2021,
 * "Overrelaxed Sinkhorn-Knopp algorithm for regularized optimal transport", Algorithms 14(5), Lemma 1. `logRatios` has log(s/w).
 */
function growth(weights: Vector, logRatios: Vector, omega: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    const t = logRatios[i]!;
    if (weights[i]! > 0) sum += weights[i]! * (Math.exp(t) - Math.exp((1 - omega) * t) - omega * t);
  }
  return sum;
}

/** The greatest of ω, 1 + (ω − 1)/2, 1 + (ω − 1)/4, … by which D grows by at least a hundredth of what ω = 1 gives; 1 where none does. */
export function safeRelaxation(weights: Vector, logRatios: Vector, omega: number): number {
  if (omega === 1) return 1;
  const plain = growth(weights, logRatios, 1);
  for (let excess = omega - 1; excess > 0.05; excess /= 2)
    if (growth(weights, logRatios, 1 + excess) >= 0.01 * plain) return 1 + excess;
  return 1;
}

/**
 * The best ω for the rate θ (ratio of errors of successive sweeps) that was seen under ω: the rate λ of plain sweeps follows from (θ + ω − 1)² = θ ω² λ as for successive over-relaxation
 * (Young 1971; Thibault et al. 2021, §4.2), and ω* = 2/(1 + √(1 − λ)), at most 1.95.
 */
export function betterRelaxation(theta: number, omega: number): number {
  if (!(theta > 0 && theta < 1)) return omega;
  const lambda = (theta + omega - 1) ** 2 / (theta * omega * omega);
  if (!(lambda < 1)) return omega;
  return Math.min(1.95, Math.max(omega, 2 / (1 + Math.sqrt(1 - lambda))));
}
