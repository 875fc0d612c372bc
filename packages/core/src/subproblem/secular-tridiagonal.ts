// The dense route to the root of the secular equation: in the coordinates of H = Q T Qᵀ, where λ_min is known and each shift costs O(n).

import {
  applyQInto,
  applyQTransposeInto,
  shiftedTridiagonalFactorizeInto,
  shiftedTridiagonalSolveInto,
  type TridiagonalEntries,
  tridiagonalEigenvector,
} from "../linear/dense/tridiagonal.js";
import type { Vector } from "../linear/matrix.js";
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
import type { TridiagonalShifted } from "./shifted.js";

/** Writes the minimizer into `out`: Qᵀg and Qy are O(n²), the rest O(n). */
export function solveTridiagonal(
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
  T: TridiagonalEntries,
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
