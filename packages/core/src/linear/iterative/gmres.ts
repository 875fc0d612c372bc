// Generalized minimum residual for any square A, restarted, preconditioned from the right.
// Saad, Schultz 1986; Saad, "Iterative Methods for Sparse Linear Systems" (2003), Algorithm 9.5.
//
// Deviations:
// 1. Gram–Schmidt is done twice, so that the basis stays orthonormal to rounding.
// 2. The residual is computed anew at each restart and before success is reported.
// 3. Where the computed residual is not what the rotations say, since the triangle is singular to rounding, its last columns are
//    dropped as long as that helps.
import { requireNumber } from "../../errors.js";
import type { LinearOperator, Vector } from "../matrix.js";
import { axpy, axpyAt, dotAt, norm2 } from "../vec.js";
import {
  type IterativeOptions,
  type IterativeResult,
  requireIterativeOptions,
  requireSides,
  requireSquareOperator,
} from "./operator.js";

export interface GmresOptions extends IterativeOptions {
  /** Vectors kept before a restart, from 1 on. Default min(n, 50). */
  readonly restart?: number;
  /** Writes M⁻¹ r into `out`; linear, and the same at each call. */
  readonly precondition?: (out: Vector, r: Vector) => unknown;
}

/**
 * Solves from 0 into `out`; memory for restart + 1 vectors. Each iteration takes one product with A, and so does each restart. "converged": ‖b − A x‖₂ ≤ tolerance · ‖b‖₂, computed.
 * "breakdown": a product isn't finite, or a whole cycle between restarts gained nothing (a larger `restart` may help, or A is singular);
 * x is the point of the last restart. Default of `maxIterations`: 5n + 20.
 * @throws ArgumentError when shapes don't fit, b isn't finite or an option is wrong.
 */
export function gmresInto(out: Vector, A: LinearOperator, b: Vector, options: GmresOptions = {}): IterativeResult {
  const routine = "gmresInto";
  requireSquareOperator(routine, "A", A);
  requireSides(routine, A, out, b);
  requireIterativeOptions(routine, options, ["restart", "precondition"]);
  const n = b.length;
  const { tolerance = 1e-10, maxIterations = 5 * n + 20, restart = Math.min(n, 50), precondition } = options;
  requireNumber(routine, "restart", restart, { atLeast: n === 0 ? 0 : 1, integer: true });
  const m = Math.min(restart, n);
  const V = new Float64Array((m + 1) * n);
  const H = new Float64Array((m + 1) * m);
  const cs = new Float64Array(m);
  const sn = new Float64Array(m);
  const g = new Float64Array(m + 1);
  const promised = new Float64Array(m + 1);
  const y = new Float64Array(m + 1);
  const z = new Float64Array(n);
  const start = new Float64Array(n);
  const trial = new Float64Array(n);
  const r = b.slice();
  out.fill(0);
  let residualNorm = norm2(r);
  const goal = tolerance * residualNorm;
  let iterations = 0;
  // About ‖A M⁻¹‖.
  let size = 0;
  while (residualNorm > goal) {
    if (iterations >= maxIterations) return { reason: "budget", iterations, residualNorm };
    g.fill(0);
    g[0] = residualNorm;
    for (let i = 0; i < n; i++) V[i] = r[i] / residualNorm;
    let k = 0;
    while (k < m && iterations < maxIterations && Math.abs(g[k]) > goal) {
      iterations++;
      const v = V.subarray(k * n, (k + 1) * n);
      const w = V.subarray((k + 1) * n, (k + 2) * n);
      if (precondition === undefined) A.applyInto(w, v);
      else {
        precondition(z, v);
        A.applyInto(w, z);
      }
      size = Math.max(size, norm2(w));
      if (!(size < Number.POSITIVE_INFINITY)) return { reason: "breakdown", iterations, residualNorm };
      const beta = orthogonalize(H, V, w, m, n, k);
      // The earlier rotations, then the one that removes β.
      for (let j = 0; j < k; j++) {
        const upper = H[j * m + k];
        const lower = H[(j + 1) * m + k];
        H[j * m + k] = cs[j] * upper + sn[j] * lower;
        H[(j + 1) * m + k] = cs[j] * lower - sn[j] * upper;
      }
      const rho = Math.hypot(H[k * m + k], beta);
      if (rho <= n * Number.EPSILON * size) break;
      cs[k] = H[k * m + k] / rho;
      sn[k] = beta / rho;
      H[k * m + k] = rho;
      g[k + 1] = -sn[k] * g[k];
      g[k] = cs[k] * g[k];
      k++;
      promised[k] = Math.abs(g[k]);
      // The space is invariant: the solution lies in it.
      if (beta <= n * Number.EPSILON * size) break;
      for (let i = 0; i < n; i++) w[i] /= beta;
    }
    let best = residualNorm;
    for (; k > 0; k--) {
      // y from the triangle, x + M⁻¹ V y.
      y.set(g);
      for (let i = k - 1; i >= 0; i--) {
        for (let j = i + 1; j < k; j++) y[i] -= H[i * m + j] * y[j];
        y[i] /= H[i * m + i];
      }
      trial.fill(0);
      for (let j = 0; j < k; j++) axpyAt(trial, 0, y[j], V, j * n, n);
      if (precondition !== undefined) {
        precondition(z, trial);
        trial.set(z);
      }
      axpy(trial, 1, start);
      A.applyInto(z, trial);
      for (let i = 0; i < n; i++) z[i] = b[i] - z[i];
      const reached = norm2(z);
      if (!Number.isFinite(reached)) return { reason: "breakdown", iterations, residualNorm: best };
      const helps = reached < best;
      if (helps) {
        best = reached;
        out.set(trial);
        r.set(z);
      }
      if (reached <= Math.max(goal, 1.01 * promised[k]) || (!helps && best < residualNorm)) break;
    }
    const gained = best < residualNorm * (1 - 1e-12);
    residualNorm = best;
    if (best > goal && !gained) return { reason: "breakdown", iterations, residualNorm };
    start.set(out);
  }
  return { reason: "converged", iterations, residualNorm };
}

/** Makes w orthogonal to v₀ … v_k, its coefficients in column k of H; answers the length of what is left. */
function orthogonalize(H: Vector, V: Vector, w: Vector, m: number, n: number, k: number): number {
  for (let j = 0; j <= k; j++) H[j * m + k] = 0;
  for (let pass = 0; pass < 2; pass++) {
    for (let j = 0; j <= k; j++) {
      const h = dotAt(V, j * n, w, 0, n);
      H[j * m + k] += h;
      axpyAt(w, 0, -h, V, j * n, n);
    }
  }
  return norm2(w);
}
