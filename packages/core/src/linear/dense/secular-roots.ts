// The eigenvalues of diag(d) + ρ z zᵀ, d ascending, ρ > 0: the roots of the secular equation
//
//   f(λ) = 1/ρ + Σ_j z_j² / (d_j − λ) = 0,   d_i < λ_i < d_{i+1}  (the last one below d_k + ρ‖z‖²).
//
// Li 1993, "Solving secular equations stably and efficiently" (LAPACK Working Note 89): the middle way, an interpolation by two poles with the derivatives of
// both halves of the sum, taken from the nearer pole as the origin, so that all differences d_j − λ are accurate.
//
// Deviation: the bracket is kept throughout, and a step out of it, or one that gains less than a factor of two, is replaced by a bisection.
import type { Vector } from "../matrix.js";

const iterationLimit = 100;

/** Writes d_j − λ_i for root i into `differences` and answers λ_i; NaN when the iteration didn't end (not seen but for input that isn't finite). */
export function secularRootInto(differences: Vector, i: number, d: Vector, z: Vector, rho: number): number {
  const k = d.length;
  const last = i === k - 1;
  const inverse = 1 / rho;
  let squares = 0;
  if (last) for (let j = 0; j < k; j++) squares += z[j] * z[j];
  const gap = last ? rho * squares : d[i + 1] - d[i];
  let origin = i;
  let low = 0;
  let high = last ? gap : gap / 2;
  let tau = high;
  if (!last) {
    // The sign in the middle tells the nearer pole.
    let sum = inverse;
    const centre = d[i] + gap / 2;
    for (let j = 0; j < k; j++) sum += (z[j] / (d[j] - d[i] - gap / 2)) * z[j];
    if (sum < 0) {
      origin = i + 1;
      low = centre - d[i + 1];
      high = 0;
      tau = low;
    }
  } else tau = gap / 2;
  const base = d[origin];
  let previous = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < iterationLimit; iteration++) {
    let psi = 0;
    let psiSlope = 0;
    let phi = 0;
    let phiSlope = 0;
    for (let j = 0; j <= i; j++) {
      const delta = d[j] - base - tau;
      const t = z[j] / delta;
      psi += z[j] * t;
      psiSlope += t * t;
      differences[j] = delta;
    }
    for (let j = i + 1; j < k; j++) {
      const delta = d[j] - base - tau;
      const t = z[j] / delta;
      phi += z[j] * t;
      phiSlope += t * t;
      differences[j] = delta;
    }
    const f = inverse + psi + phi;
    const slope = psiSlope + phiSlope;
    const rounding = Number.EPSILON * (8 * (phi - psi) + inverse + Math.abs(tau) * slope);
    if (Math.abs(f) <= rounding) return base + tau;
    if (Number.isNaN(f)) return Number.NaN;
    if (f < 0) low = tau;
    else high = tau;
    let step: number;
    if (last) {
      // One pole: c + s / (d_k − λ).
      const delta = differences[i];
      const c = f - slope * delta;
      step = c > 0 ? delta + (slope * delta * delta) / c : Number.NaN;
    } else {
      const left = differences[i];
      const right = differences[i + 1];
      const a = (left + right) * f - left * right * slope;
      const b = left * right * f;
      const c = f - left * psiSlope - right * phiSlope;
      const root = Math.sqrt(Math.max(0, a * a - 4 * b * c));
      step = a <= 0 ? (a - root) / (2 * c) : (2 * b) / (a + root);
    }
    let moved = tau + step;
    if (!(moved > low && moved < high) || Math.abs(f) > 0.5 * previous) {
      moved = low + (high - low) / 2;
      // The bracket has no number inside: this is the root to the last bit.
      if (moved <= low || moved >= high) return base + tau;
    }
    previous = Math.abs(f);
    tau = moved;
  }
  return Number.NaN;
}
