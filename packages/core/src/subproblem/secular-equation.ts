// The trust-region and the cubic subproblem, solved through their secular equation.
//
//   trust region:  min gᵀs + ½ sᵀHs  subject to ‖s‖ ≤ Δ          (target { kind: "radius", radius: Δ })
//   cubic:         min gᵀs + ½ sᵀHs + (M/6)‖s‖³                   (target { kind: "cubic", M })
//
// Both have a global minimizer with (H + σI) s = −g, H + σI ⪰ 0 and ‖s‖ = ρ(σ), where ρ(σ) = Δ or 2σ/M
// (Moré, Sorensen 1983, "Computing a trust region step", Lemmas 2.1 and 2.3; Cartis, Gould, Toint 2011, part I, Theorem 3.1).
// On (max(0, −λ_min), ∞) there is one such σ; Newton's method finds it, kept inside of a bracket. The hard case (g without a component along the lowest eigenvectors)
// adds the multiple of a lowest eigenvector that reaches ‖s‖ = ρ(σ).
//
// 1. Dense (`secular-tridiagonal.ts`): in the coordinates of the tridiagonal form λ_min is known beforehand, so each evaluation of F costs O(n)
//    and the root is found to machine precision.
// 2. Sparse (`secular-sparse.ts`): each evaluation is one factorization. λ_min is unknown: a failed factorization and inverse iteration bound
//    it from both sides (Moré, Sorensen 1983, §3; Conn, Gould, Toint 2000, Algorithm 7.3.4).

import { type TridiagonalFactor, tridiagonalFactor } from "../linear/dense/tridiagonal.js";
import type { Vector } from "../linear/matrix.js";
import type { SparseFactor } from "../linear/sparse/sparse-cholesky.js";
import { dot } from "../linear/vec.js";

export type SecularTarget =
  | { readonly kind: "radius"; readonly radius: number }
  | { readonly kind: "cubic"; readonly M: number };

/** The scratch memory of a solve; make it once a run. Holds nothing between calls but the sparse factor's arrays. */
export interface SecularWork {
  readonly y: Vector;
  readonly z: Vector;
  readonly q: Vector;
  readonly v: Vector;
  readonly factor: TridiagonalFactor;
  sparseFactor: SparseFactor | undefined;
}

export interface SecularStep {
  /** σ ≥ 0, the multiplier or the cubic shift Mr/2. */
  readonly sigma: number;
  /** ‖s‖₂. */
  readonly norm: number;
  /** The decrease of the model, ≥ 0. */
  readonly predicted: number;
  readonly hardCase: boolean;
  /** Numeric factorizations of H + σI (each O(n) when dense, a sparse LDLᵀ otherwise). */
  readonly factorizations: number;
  /** The smallest Rayleigh quotient met: λ_min(H) to rounding when dense or in the hard case, else an upper bound or NaN. */
  readonly leastCurvature: number;
  /** False when rounding kept the equation from being solved to its tolerance: the step is still the best one found. */
  readonly solved: boolean;
}

export function secularWork(n: number): SecularWork {
  const vector = () => new Float64Array(n);
  return { y: vector(), z: vector(), q: vector(), v: vector(), factor: tridiagonalFactor(n), sparseFactor: undefined };
}

export const rho = (target: SecularTarget, sigma: number) =>
  target.kind === "radius" ? target.radius : (2 * sigma) / target.M;

/**
 * Newton's correction for the equation ‖s(σ)‖ = ρ(σ), with F' from sᵀ(H + σI)⁻¹s. Radius: on F = 1/‖s‖ − 1/Δ, nearly linear (Moré, Sorensen 1983).
 * Cubic: on F = σ/‖s‖ − M/2, nearly linear for small σ, where 1/‖s‖ − M/2σ would only double σ at each step.
 */
export function newtonCorrection(target: SecularTarget, sigma: number, norm: number, sInverseS: number): number {
  const slope = sInverseS / (norm * norm * norm);
  if (target.kind === "radius") return -(1 / norm - 1 / target.radius) / slope;
  return -(sigma / norm - 0.5 * target.M) / (1 / norm + sigma * slope);
}

/** σ between which the root must lie when all eigenvalues are at least `lambda`: the σ that solves σ-equation with ‖s‖ = ‖g‖/(λ + σ). */
export function sigmaFor(target: SecularTarget, lambda: number, gNorm: number): number {
  if (target.kind === "radius") return Math.max(0, gNorm / target.radius - lambda);
  const root = Math.sqrt(lambda * lambda + 2 * target.M * gNorm);
  return lambda >= 0 ? (target.M * gNorm) / (lambda + root || 1) : 0.5 * (root - lambda);
}

/** The multiple τ of the unit vector v, of least |τ|, with ‖y + τv‖ = radius. */
export function toBoundary(y: Vector, v: Vector, norm: number, radius: number): number {
  const along = dot(y, v);
  const room = (radius - norm) * (radius + norm);
  const root = Math.sqrt(Math.max(0, along * along + room));
  return along >= 0 ? room / (along + root || 1) : room / (along - root);
}

/** Decrease of the model at s with (H + σI)s = −g: −½gᵀs + ½σ‖s‖² − (M/6)‖s‖³. */
export function decrease(target: SecularTarget, sigma: number, norm: number, gs: number): number {
  const cubic = target.kind === "cubic" ? (target.M / 6) * norm * norm * norm : 0;
  return Math.max(0, -0.5 * gs + 0.5 * sigma * norm * norm - cubic);
}
