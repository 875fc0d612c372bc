// Minimum residual for symmetric A, indefinite or singular: min ‖b − (A + σI) x‖₂ over the Krylov spaces.
// Paige, Saunders 1975, "Solution of sparse indefinite systems of linear equations", SIAM J. Numer. Anal. 12(4), §6.
// ‖(A + σI) r‖ by recurrence: Choi, Paige, Saunders 2011, "MINRES-QLP", SIAM J. Sci. Comput. 33(4), §3.
import { misuse, requireNumber } from "../../errors.js";
import type { LinearOperator, Vector } from "../matrix.js";
import { axpy, dot, norm2 } from "../vec.js";
import {
  type IterativeOptions,
  type IterativeResult,
  requireIterativeOptions,
  requireSides,
  requireSquareOperator,
} from "./operator.js";

export interface MinresOptions extends IterativeOptions {
  /** σ: solves (A + σI) x = b. Default 0. */
  readonly shift?: number;
  /**
   * b counts as out of reach when ‖(A + σI) r‖ ≤ normalTolerance · ‖A + σI‖ ‖r‖; ≥ 0. Default 1e-8, about what can be reached. A smaller
   * one, or 0, is for regular systems with a condition number above 1e8.
   */
  readonly normalTolerance?: number;
}

/**
 * "leastSquares": r isn't small, but (A + σI) r is: A + σI is singular, at least to `normalTolerance` or to rounding, and x nearly
 * minimizes ‖r‖ (among such x not always the one of least norm).
 */
export type MinresResult = IterativeResult<"converged" | "leastSquares" | "budget" | "breakdown">;

/**
 * Solves from 0 into `out`; each iteration takes one product with A, and the residual never grows. Of a consistent singular system it
 * gives the solution of least norm. "breakdown": a product isn't finite; x is the last point before it.
 * Default of `maxIterations`: 5n + 20.
 * @throws ArgumentError when shapes don't fit, b isn't finite, an option is wrong, or A is not symmetric by its traits.
 */
export function minresInto(out: Vector, A: LinearOperator, b: Vector, options: MinresOptions = {}): MinresResult {
  const routine = "minresInto";
  requireSquareOperator(routine, "A", A, true);
  requireSides(routine, A, out, b);
  requireIterativeOptions(routine, options, ["shift", "normalTolerance"]);
  const n = b.length;
  const { tolerance = 1e-10, maxIterations = 5 * n + 20, shift = 0, normalTolerance = 1e-8 } = options;
  if (!Number.isFinite(shift)) misuse(routine, "shift", String(shift), "a finite number");
  requireNumber(routine, "normalTolerance", normalTolerance, { atLeast: 0 });
  const vector = () => new Float64Array(n);
  let previous = vector();
  let v = b.slice();
  out.fill(0);
  let next = vector();
  let w2 = vector();
  let w1 = vector();
  let w = vector();
  let beta = norm2(b);
  const goal = tolerance * beta;
  let eta = beta;
  // Two Givens rotations back.
  let c1 = 1;
  let s1 = 0;
  let c = 1;
  let s = 0;
  // About ‖A + σI‖; the x at which ‖(A + σI) r‖ was least for its r, kept once that is nearly zero.
  let size = 0;
  let leastNormal = 1e-6;
  let kept: Vector | undefined;
  let keptNorm = 0;
  const bNorm = beta;
  if (beta > 0) for (let i = 0; i < n; i++) v[i] /= beta;
  for (let iterations = 0; ; ) {
    const residualNorm = Math.abs(eta);
    if (residualNorm <= goal) return { reason: "converged", iterations, residualNorm };
    if (iterations >= maxIterations) return { reason: "budget", iterations, residualNorm };
    // One Lanczos step: A v = β v₋ + α v + β₊ v₊.
    A.applyInto(next, v);
    iterations++;
    if (shift !== 0) axpy(next, shift, v);
    const alpha = dot(v, next);
    axpy(next, -alpha, v);
    if (iterations > 1) axpy(next, -beta, previous);
    const betaNext = norm2(next);
    if (!Number.isFinite(alpha) || !Number.isFinite(betaNext)) return { reason: "breakdown", iterations, residualNorm };
    size = Math.max(size, Math.hypot(beta * (iterations > 1 ? 1 : 0), alpha, betaNext));
    // The new column of R from the two rotations before, and the rotation that removes β₊.
    const delta = c * alpha - c1 * s * beta;
    const rho3 = s1 * beta;
    const rho2 = s * alpha + c1 * c * beta;
    const rho1 = Math.hypot(delta, betaNext);
    // ‖(A + σI) r‖ / ‖r‖ at the present x.
    const normal = Math.hypot(delta, c * betaNext);
    if (normal <= normalTolerance * size || rho1 <= 10 * Number.EPSILON * size) {
      return { reason: "leastSquares", iterations, residualNorm };
    }
    // In a singular system the steps would grow without end: when ε ‖A + σI‖ ‖x‖ is above ‖b‖, rounding is all that is left of r.
    if (normal <= leastNormal * size) {
      leastNormal = normal / size;
      kept ??= vector();
      kept.set(out);
      keptNorm = residualNorm;
    } else if (kept !== undefined && Number.EPSILON * size * norm2(out) >= bNorm) {
      out.set(kept);
      return { reason: "leastSquares", iterations, residualNorm: keptNorm };
    }
    c1 = c;
    s1 = s;
    c = delta / rho1;
    s = betaNext / rho1;
    for (let i = 0; i < n; i++) w[i] = (v[i] - rho3 * w2[i] - rho2 * w1[i]) / rho1;
    axpy(out, c * eta, w);
    eta *= -s;
    const oldest = w2;
    w2 = w1;
    w1 = w;
    w = oldest;
    if (betaNext > 0) for (let i = 0; i < n; i++) next[i] /= betaNext;
    const free = previous;
    previous = v;
    v = next;
    next = free;
    beta = betaNext;
  }
}
