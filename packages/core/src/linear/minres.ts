// Minimum residual for symmetric A, indefinite or singular: min ‖b − A x‖₂ over the Krylov spaces.
// Paige, Saunders 1975, "Solution of sparse indefinite systems of linear equations", SIAM J. Numer. Anal. 12(4), §6.
// For a consistent singular system it gives the solution of least norm.
import type { LinearOperator, Vector } from "./matrix.js";
import { type IterativeOptions, type IterativeResult, requireSides, requireSquareOperator } from "./operator.js";
import { axpy, dot, norm2 } from "./vec.js";

export interface MinresOptions extends IterativeOptions {
  /** Solves (A + shift I) x = b. Default 0. */
  readonly shift?: number;
}

export function minresInto(out: Vector, A: LinearOperator, b: Vector, options: MinresOptions = {}): IterativeResult {
  const routine = "minresInto";
  requireSquareOperator(routine, "A", A, true);
  requireSides(routine, A, out, b);
  const n = b.length;
  const { tolerance = 1e-10, maxIterations = 5 * n + 20, shift = 0 } = options;
  out.fill(0);
  const vector = () => new Float64Array(n);
  let [previous, v, next] = [vector(), b.slice(), vector()];
  let [w2, w1, w] = [vector(), vector(), vector()];
  let beta = norm2(b);
  const goal = tolerance * beta;
  let eta = beta;
  // Two Givens rotations back.
  let [c1, s1, c, s] = [1, 0, 1, 0];
  let size = 0;
  if (beta > 0) for (let i = 0; i < n; i++) v[i] = v[i]! / beta;
  for (let iterations = 0; ; iterations++) {
    const residualNorm = Math.abs(eta);
    if (!Number.isFinite(residualNorm)) return { reason: "breakdown", iterations, residualNorm };
    if (residualNorm <= goal) return { reason: "converged", iterations, residualNorm };
    if (iterations >= maxIterations) return { reason: "budget", iterations, residualNorm };
    // One Lanczos step: A v = β v₋ + α v + β₊ v₊.
    A.applyInto(next, v);
    if (shift !== 0) axpy(next, shift, v);
    const alpha = dot(v, next);
    axpy(next, -alpha, v);
    if (iterations > 0) axpy(next, -beta, previous);
    const betaNext = norm2(next);
    size = Math.max(size, Math.abs(alpha), betaNext);
    // The new column of R from the two rotations before, and the rotation that removes β₊.
    const delta = c * alpha - c1 * s * beta;
    const rho3 = s1 * beta;
    const rho2 = s * alpha + c1 * c * beta;
    const rho1 = Math.hypot(delta, betaNext);
    if (!(rho1 > n * Number.EPSILON * size)) {
      // Singular and inconsistent, or solved as far as it can be.
      return { reason: "breakdown", iterations: iterations + 1, residualNorm };
    }
    [c1, s1] = [c, s];
    c = delta / rho1;
    s = betaNext / rho1;
    for (let i = 0; i < n; i++) w[i] = (v[i]! - rho3 * w2[i]! - rho2 * w1[i]!) / rho1;
    axpy(out, c * eta, w);
    eta *= -s;
    [w2, w1, w] = [w1, w, w2];
    if (betaNext > 0) for (let i = 0; i < n; i++) next[i] = next[i]! / betaNext;
    [previous, v, next] = [v, next, previous];
    beta = betaNext;
  }
}
