// Conjugate gradients for A x = b, A symmetric positive definite; inside of a trust region also for indefinite A.
// Hestenes, Stiefel 1952; with preconditioner as in Golub, Van Loan, "Matrix Computations" (2013), Algorithm 11.5.1; truncated at the
// trust-region boundary and at negative curvature as in Steihaug 1983 and Toint 1981 (Conn, Gould, Toint 2000, Algorithm 7.5.1).
//
// With a radius, x minimizes q(x) = ½xᵀAx − bᵀx approximately over ‖x‖ ≤ radius, in the norm of the preconditioner M (‖·‖₂ without one);
// norms come from recurrences, so that M itself is never applied.
//
// Deviation: b is scaled to a size near 1 by a power of two, so that no sum of squares leaves its range.
import { requireNumber } from "../../errors.js";
import type { LinearOperator, Vector } from "../matrix.js";
import { axpy, dot, norm2, normInf, powerOfTwoScale, scale } from "../vec.js";
import {
  type IterativeOptions,
  type IterativeResult,
  requireIterativeOptions,
  requireSides,
  requireSquareOperator,
} from "./operator.js";

export interface CgOptions extends IterativeOptions {
  /** Writes M⁻¹ r into `out`; linear, M symmetric positive definite. */
  readonly precondition?: (out: Vector, r: Vector) => unknown;
  /** Stay within ‖x‖ ≤ radius. Default Infinity. */
  readonly radius?: number;
}

export interface CgResult
  extends IterativeResult<"converged" | "budget" | "boundary" | "negativeCurvature" | "breakdown"> {
  /** ‖x‖, in M's norm. */
  readonly norm: number;
  /** −q(x) ≥ 0, the decrease of the quadratic from 0. */
  readonly decrease: number;
  /** The least pᵀAp / pᵀMp over the directions tried: without a preconditioner λ_min(A) is at most that. Infinity when none was. */
  readonly leastCurvature: number;
  /** A direction p with pᵀAp ≤ 0, where that ended it. */
  readonly direction?: Vector;
}

/**
 * Solves from 0 into `out`; each iteration takes one product with A. "converged": ‖b − A x‖₂ ≤ tolerance · ‖b‖₂ by the recurrence.
 * "boundary": ‖x‖ = radius. "negativeCurvature": pᵀAp ≤ 0; x is the last point before it or, with a radius, on the boundary.
 * "breakdown": a product isn't finite, or rᵀM⁻¹r isn't positive; x is the last point before it.
 * @throws ArgumentError when shapes don't fit, b isn't finite, an option is wrong, or A is not symmetric by its traits.
 */
export function conjugateGradientInto(out: Vector, A: LinearOperator, b: Vector, options: CgOptions = {}): CgResult {
  const routine = "conjugateGradientInto";
  requireSquareOperator(routine, "A", A, true);
  requireSides(routine, A, out, b);
  requireIterativeOptions(routine, options, ["precondition", "radius"]);
  const n = b.length;
  const { tolerance = 1e-10, maxIterations = 2 * n + 20, precondition } = options;
  requireNumber(routine, "radius", options.radius ?? 1, { above: 0 });
  const unit = powerOfTwoScale(normInf(b) || 1);
  const radius = (options.radius ?? Number.POSITIVE_INFINITY) * unit;
  const r = scale(b.slice(), unit);
  const x = out.fill(0);
  const z = precondition === undefined ? r : new Float64Array(n);
  precondition?.(z, r);
  const p = z.slice();
  const Ap = new Float64Array(n);
  let residualNorm = norm2(r);
  const goal = tolerance * residualNorm;
  let rz = dot(r, z);
  let decrease = 0;
  let leastCurvature = Number.POSITIVE_INFINITY;
  // ‖x‖², xᵀMp and pᵀMp by recurrence.
  let xx = 0;
  let xp = 0;
  let pp = rz;
  let iterations = 0;
  const finish = (reason: CgResult["reason"]): CgResult => {
    scale(x, 1 / unit);
    return {
      reason,
      iterations,
      residualNorm: residualNorm / unit,
      norm: Math.sqrt(xx) / unit,
      decrease: decrease / unit / unit,
      leastCurvature,
      ...(reason === "negativeCurvature" ? { direction: p } : {}),
    };
  };

  while (residualNorm > goal) {
    if (!(rz > 0 && rz < Number.POSITIVE_INFINITY)) return finish("breakdown");
    if (iterations >= maxIterations) return finish("budget");
    A.applyInto(Ap, p);
    iterations++;
    const curvature = dot(p, Ap);
    if (!Number.isFinite(curvature)) return finish("breakdown");
    leastCurvature = Math.min(leastCurvature, curvature / pp);
    const alpha = rz / curvature;
    const next = xx + 2 * alpha * xp + alpha * alpha * pp;
    if (radius === Number.POSITIVE_INFINITY) {
      if (curvature <= 0) return finish("negativeCurvature");
      if (!Number.isFinite(next)) return finish("breakdown");
    } else if (curvature <= 0 || !(next < radius * radius)) {
      // τ ≥ 0 with ‖x + τp‖ = radius.
      const room = Math.max(0, radius * radius - xx);
      const root = Math.sqrt(xp * xp + pp * room);
      const tau = xp >= 0 ? room / (xp + root || 1) : (root - xp) / pp;
      axpy(x, tau, p);
      axpy(r, -tau, Ap);
      residualNorm = norm2(r);
      decrease += tau * rz - 0.5 * tau * tau * curvature;
      xx = radius * radius;
      return finish(curvature <= 0 ? "negativeCurvature" : "boundary");
    }
    axpy(x, alpha, p);
    axpy(r, -alpha, Ap);
    decrease += 0.5 * alpha * rz;
    precondition?.(z, r);
    const rzNext = dot(r, z);
    const beta = rzNext / rz;
    for (let i = 0; i < n; i++) p[i] = z[i] + beta * p[i];
    xx = next;
    xp = beta * (xp + alpha * pp);
    pp = rzNext + beta * beta * pp;
    rz = rzNext;
    residualNorm = norm2(r);
  }
  return finish(residualNorm <= goal ? "converged" : "breakdown");
}
