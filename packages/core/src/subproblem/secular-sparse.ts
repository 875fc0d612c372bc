// The sparse route to the root of the secular equation: one factorization a shift, λ_min bounded along the way.
// Moré, Sorensen 1983, §3; Conn, Gould, Toint 2000, Algorithm 7.3.4.

import { multiplyMatrixVectorInto } from "../linear/dense/product.js";
import type { Vector } from "../linear/matrix.js";
import {
  negativeCurvatureInto,
  type SparseFactor,
  sparseFactorize,
  sparseSolveInto,
} from "../linear/sparse/sparse-cholesky.js";
import { axpy, dot, norm2 } from "../linear/vec.js";
import {
  decrease,
  newtonCorrection,
  rho,
  type SecularStep,
  type SecularTarget,
  type SecularWork,
  sigmaFor,
  toBoundary,
} from "./secular-equation.js";
import type { SparseShifted } from "./shifted.js";

/** Relative accuracy of ‖s‖ = ρ(σ) at which no further shift is factored: one more correction, made with the present factor, squares it. */
const sparseTolerance = 1e-7;

/** Writes the minimizer into `out`. `hint` is a σ to try first, or NaN. */
export function solveSparse(
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
    let correction = Number.NaN;
    if (norm > 0) {
      sparseSolveInto(z, factor, y);
      correction = newtonCorrection(target, sigma, norm, dot(y, z));
    }
    if (Math.abs(norm - radius) <= sparseTolerance * radius && norm > 0) {
      // s(σ + δ) = y − δ (H + σI)⁻¹y + δ² (H + σI)⁻²y − …: exact to rounding for so small a δ.
      if (sigma + correction > 0) {
        axpy(y, -correction, z);
        sparseSolveInto(z, factor, z);
        axpy(y, correction * correction, z);
        sigma += correction;
      }
      return finish(false, true);
    }
    const next = sigma + correction;
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

/** Factors H + σI into the arrays that `work` keeps. */
export function factorizeInto(
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
