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
// 1. Dense: in the coordinates of the tridiagonal form λ_min is known beforehand, so each evaluation of F costs O(n)
//    and the root is found to machine precision.
// 2. Sparse: each evaluation is one factorization. λ_min is unknown: a failed factorization and inverse iteration bound
//    it from both sides (Moré, Sorensen 1983, §3; Conn, Gould, Toint 2000, Algorithm 7.3.4).
import type { Vector } from "../linear/matrix.js";
import { multiplyMatrixVectorInto } from "../linear/product.js";
import {
  negativeCurvatureInto,
  type SparseFactor,
  sparseFactorize,
  sparseSolveInto,
} from "../linear/sparse-cholesky.js";
import {
  applyQInto,
  applyQTransposeInto,
  shiftedTridiagonalFactorizeInto,
  shiftedTridiagonalSolveInto,
  type Tridiagonal,
  type TridiagonalFactor,
  tridiagonalEigenvector,
  tridiagonalFactor,
} from "../linear/tridiagonal.js";
import { axpy, dot, norm2 } from "../linear/vec.js";
import type { Shifted, SparseShifted, TridiagonalShifted } from "./shifted.js";

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

/**
 * Writes the global minimizer of the model into `out` (length n).
 * @param hint a σ to try first in the sparse case (the last step's), or NaN.
 */
export function solveSecular(
  out: Vector,
  H: Shifted,
  g: Vector,
  target: SecularTarget,
  work: SecularWork,
  hint = Number.NaN,
): SecularStep {
  return H.kind === "tridiagonal"
    ? solveTridiagonal(out, H, g, target, work)
    : solveSparse(out, H, g, target, work, hint);
}

const rho = (target: SecularTarget, sigma: number) =>
  target.kind === "radius" ? target.radius : (2 * sigma) / target.M;

/**
 * Newton's correction for the equation ‖s(σ)‖ = ρ(σ), with F' from sᵀ(H + σI)⁻¹s. Radius: on F = 1/‖s‖ − 1/Δ, nearly linear (Moré, Sorensen 1983).
 * Cubic: on F = σ/‖s‖ − M/2, nearly linear for small σ, where 1/‖s‖ − M/2σ would only double σ at each step.
 */
function newtonCorrection(target: SecularTarget, sigma: number, norm: number, sInverseS: number): number {
  const slope = sInverseS / (norm * norm * norm);
  if (target.kind === "radius") return -(1 / norm - 1 / target.radius) / slope;
  return -(sigma / norm - 0.5 * target.M) / (1 / norm + sigma * slope);
}

/** σ between which the root must lie when all eigenvalues are at least `lambda`: the σ that solves σ-equation with ‖s‖ = ‖g‖/(λ + σ). */
function sigmaFor(target: SecularTarget, lambda: number, gNorm: number): number {
  if (target.kind === "radius") return Math.max(0, gNorm / target.radius - lambda);
  const root = Math.sqrt(lambda * lambda + 2 * target.M * gNorm);
  return lambda >= 0 ? (target.M * gNorm) / (lambda + root || 1) : 0.5 * (root - lambda);
}

/** The multiple τ of the unit vector v, of least |τ|, with ‖y + τv‖ = radius. */
function toBoundary(y: Vector, v: Vector, norm: number, radius: number): number {
  const along = dot(y, v);
  const room = (radius - norm) * (radius + norm);
  const root = Math.sqrt(Math.max(0, along * along + room));
  return along >= 0 ? room / (along + root || 1) : room / (along - root);
}

/** Decrease of the model at s with (H + σI)s = −g: −½gᵀs + ½σ‖s‖² − (M/6)‖s‖³. */
function decrease(target: SecularTarget, sigma: number, norm: number, gs: number): number {
  const cubic = target.kind === "cubic" ? (target.M / 6) * norm * norm * norm : 0;
  return Math.max(0, -0.5 * gs + 0.5 * sigma * norm * norm - cubic);
}

function solveTridiagonal(
  out: Vector,
  H: TridiagonalShifted,
  g: Vector,
  target: SecularTarget,
  work: SecularWork,
): SecularStep {
  const { q, y } = work;
  applyQTransposeInto(q, H.tridiagonal, g);
  for (let i = 0; i < q.length; i++) q[i] = -q[i]!;
  const step = solveReduced(H.tridiagonal, H.lowest, H.bound, target, work);
  applyQInto(out, H.tridiagonal, y);
  return step;
}

/**
 * The subproblem for a tridiagonal T with known λ_min and a bound of |λ|: reads −g from `work.q` and leaves the minimizer in `work.y`.
 * All arrays of `work` must have T's order.
 */
export function solveReduced(
  T: Tridiagonal,
  lowest: number,
  bound: number,
  target: SecularTarget,
  work: SecularWork,
): SecularStep {
  const { y, z, q, v, factor } = work;
  const gNorm = norm2(q);
  let factorizations = 0;
  const solveAt = (sigma: number): boolean => {
    factorizations++;
    if (!shiftedTridiagonalFactorizeInto(factor, T, sigma)) return false;
    shiftedTridiagonalSolveInto(y, factor, q);
    return Number.isFinite(norm2(y));
  };
  const finish = (sigma: number, hardCase: boolean, solved = true): SecularStep => {
    const norm = norm2(y);
    const predicted = decrease(target, sigma, norm, -dot(q, y));
    return { sigma, norm, predicted, hardCase, factorizations, leastCurvature: lowest, solved };
  };

  // The smallest σ at which H + σI is positive definite to rounding.
  let margin = 4 * Number.EPSILON * Math.max(bound, Number.MIN_VALUE / Number.EPSILON);
  if (gNorm === 0 && lowest >= -margin) {
    y.fill(0);
    return finish(0, false);
  }
  let floor = lowest > margin ? 0 : Math.max(0, margin - lowest);
  if (floor > 0 || target.kind === "radius") {
    for (let attempt = 0; attempt < 60 && !solveAt(floor); attempt++) {
      margin *= 2;
      floor = Math.max(0, margin - lowest);
    }
    const norm = norm2(y);
    if (norm <= rho(target, floor)) {
      if (floor === 0 || lowest > margin) return finish(floor, false);
      tridiagonalEigenvector(v, T, lowest);
      axpy(y, toBoundary(y, v, norm, rho(target, floor)), v);
      return finish(floor, true);
    }
  }
  // Beside the pole at −λ_min rounding in T + σI moves ‖y‖; what is missing lies along the lowest eigenvector, at no cost to the residual.
  const polish = (sigma: number, solved: boolean): SecularStep => {
    const norm = norm2(y);
    const radius = rho(target, sigma);
    if (Math.abs(norm - radius) > 8 * Number.EPSILON * radius) {
      tridiagonalEigenvector(v, T, lowest);
      const tau = toBoundary(y, v, norm, radius);
      if (Math.abs(tau * (lowest + sigma)) <= 8 * Number.EPSILON * (gNorm + bound * norm)) axpy(y, tau, v);
    }
    return finish(sigma, false, solved);
  };
  let low = floor;
  let high = Number.POSITIVE_INFINITY;
  let sigma = Math.max(floor, sigmaFor(target, bound, gNorm));
  for (let iteration = 0; iteration < 100; iteration++) {
    if (!solveAt(sigma)) {
      low = Math.max(low, sigma, margin);
      sigma = low * (1 + 4 * Number.EPSILON) + margin;
      margin *= 2;
      continue;
    }
    const norm = norm2(y);
    const radius = rho(target, sigma);
    if (Math.abs(norm - radius) <= 8 * Number.EPSILON * norm) return finish(sigma, false);
    if (norm > radius) low = sigma;
    else high = sigma;
    shiftedTridiagonalSolveInto(z, factor, y);
    let next = sigma + newtonCorrection(target, sigma, norm, dot(y, z));
    if (!(next > low && next < high)) next = Number.isFinite(high) ? 0.5 * (low + high) : 2 * sigma;
    if (Math.abs(next - sigma) <= 2 * Number.EPSILON * sigma) return polish(sigma, true);
    sigma = next;
  }
  return polish(sigma, false);
}

/** Relative accuracy of ‖s‖ = ρ(σ) asked in the sparse case: Newton's last correction squares it. */
const sparseTolerance = 1e-7;

function solveSparse(
  out: Vector,
  H: SparseShifted,
  g: Vector,
  target: SecularTarget,
  work: SecularWork,
  hint: number,
): SecularStep {
  const { n } = H;
  const { z, q, v } = work;
  const y = out;
  const gNorm = norm2(g);
  for (let i = 0; i < n; i++) q[i] = -g[i]!;
  let factorizations = 0;
  let leastCurvature = Number.NaN;
  let haveVector = false;
  let low = Math.max(0, -H.leastDiagonal, sigmaFor(target, Math.max(H.upperBound, 0), gNorm));
  if (gNorm === 0 || target.kind === "radius") low = Math.max(0, -H.leastDiagonal);
  let high = Math.max(low, sigmaFor(target, H.lowerBound, gNorm), -H.lowerBound) * (1 + 1e-10) + Number.MIN_VALUE;
  let sigma = hint > low && hint < high ? hint : low;

  const finish = (hardCase: boolean, solved: boolean): SecularStep => {
    const norm = norm2(y);
    return {
      sigma,
      norm,
      predicted: decrease(target, sigma, norm, dot(g, y)),
      hardCase,
      factorizations,
      leastCurvature,
      solved,
    };
  };

  for (let iteration = 0; iteration < 60; iteration++) {
    factorizations++;
    const factor = factorizeInto(work, H, sigma);
    work.sparseFactor = factor;
    if (factor.failedAt >= 0) {
      // The partial factor holds a direction of curvature π/vᵀv ≤ 0 for H + σI: λ_min is at most that, less σ.
      const length = negativeCurvatureInto(v, factor);
      haveVector = true;
      low = Math.max(low, sigma - factor.failedPivot / length);
      sigma = between(low, high);
      continue;
    }
    sparseSolveInto(y, factor, q);
    const norm = norm2(y);
    const radius = rho(target, sigma);
    if (target.kind === "radius" && sigma === 0 && norm <= radius) return finish(false, true);
    if (gNorm === 0 && sigma === 0) return finish(false, true);
    if (Math.abs(norm - radius) <= sparseTolerance * radius && norm > 0) return finish(false, true);
    let next = Number.NaN;
    if (norm > 0) {
      sparseSolveInto(z, factor, y);
      next = sigma + newtonCorrection(target, sigma, norm, dot(y, z));
    }
    if (norm > radius) {
      // Left of the root: Newton's correction stays left of it.
      low = Math.max(low, sigma);
      if (next > low && next < high) sigma = next;
      else if (!(next > low)) return finish(false, true);
      else sigma = between(low, high);
      continue;
    }
    high = Math.min(high, sigma);
    if (next > low && next < high) {
      sigma = next;
      continue;
    }
    if (target.kind === "radius" && low === 0 && H.leastDiagonal > 0 && iteration === 0) {
      sigma = 0;
      continue;
    }
    // Right of the root and maybe in the hard case: what is the lowest eigenvector?
    leastCurvature = inverseIteration(v, z, factor, H, haveVector);
    haveVector = true;
    low = Math.max(low, -leastCurvature * (leastCurvature < 0 ? 1 - 1e-14 : 1));
    const tau = toBoundary(y, v, norm, radius);
    const excess = tau * tau * Math.max(0, leastCurvature + sigma);
    if (leastCurvature < 0 && excess <= 1e-12 * (-0.5 * dot(g, y) + 0.5 * sigma * radius * radius)) {
      axpy(y, tau, v);
      return finish(true, true);
    }
    if (!(high - low > 4 * Number.EPSILON * high)) {
      if (leastCurvature < 0) axpy(y, tau, v);
      return finish(leastCurvature < 0, true);
    }
    sigma = low + 1e-3 * (high - low);
  }
  return finish(false, false);
}

/** A point between the bounds, nearer to the lower one. */
function between(low: number, high: number): number {
  return Math.max(Math.sqrt(Math.max(low, 1e-14 * high) * high), low + 0.01 * (high - low));
}

/** Three steps of inverse iteration with a factor of H + σI; leaves a unit vector in v and answers its Rayleigh quotient vᵀHv. */
function inverseIteration(v: Vector, scratch: Vector, factor: SparseFactor, H: SparseShifted, warm: boolean): number {
  const n = v.length;
  if (!warm) for (let i = 0; i < n; i++) v[i] = 1 + 0.5 * Math.cos(1 + i * 1.7);
  for (let k = 0; k < (warm ? 2 : 4); k++) {
    sparseSolveInto(v, factor, v);
    const length = norm2(v);
    for (let i = 0; i < n; i++) v[i] = v[i]! / length;
  }
  multiplyMatrixVectorInto(scratch, H.matrix, v);
  return dot(v, scratch);
}

/** Solves (H + σI) x = b into `out`; false when H + σI isn't positive definite. */
export function solveShiftedInto(out: Vector, H: Shifted, sigma: number, b: Vector, work: SecularWork): boolean {
  if (H.kind === "tridiagonal") {
    if (!shiftedTridiagonalFactorizeInto(work.factor, H.tridiagonal, sigma)) return false;
    applyQTransposeInto(work.q, H.tridiagonal, b);
    shiftedTridiagonalSolveInto(work.y, work.factor, work.q);
    applyQInto(out, H.tridiagonal, work.y);
    return true;
  }
  work.sparseFactor = factorizeInto(work, H, sigma);
  if (work.sparseFactor.failedAt >= 0) return false;
  sparseSolveInto(out, work.sparseFactor, b);
  return true;
}

/** Factors H + σI into the arrays that `work` keeps. */
function factorizeInto(
  { sparseFactor }: SecularWork,
  { symbolic, matrix }: SparseShifted,
  shift: number,
): SparseFactor {
  return sparseFactorize(
    symbolic,
    matrix,
    sparseFactor?.symbolic === symbolic ? { shift, into: sparseFactor } : { shift },
  );
}
