// Generalized minimum residual for any square A, restarted, preconditioned from the right.
// Saad, Schultz 1986; Saad, "Iterative Methods for Sparse Linear Systems" (2003), Algorithm 9.5.
// Deviation: Gram–Schmidt is done twice, so that the basis stays orthonormal to rounding.
import { requireNumber } from "../errors.js";
import type { LinearOperator, Vector } from "./matrix.js";
import { type IterativeOptions, type IterativeResult, requireSides, requireSquareOperator } from "./operator.js";
import { axpy, dot, norm2 } from "./vec.js";

export interface GmresOptions extends IterativeOptions {
  /** Vectors kept before a restart. Default min(n, 50). */
  readonly restart?: number;
  /** Writes M⁻¹ r into `out`. */
  readonly precondition?: (out: Vector, r: Vector) => unknown;
}

export function gmresInto(out: Vector, A: LinearOperator, b: Vector, options: GmresOptions = {}): IterativeResult {
  const routine = "gmresInto";
  requireSquareOperator(routine, "A", A);
  requireSides(routine, A, out, b);
  const n = b.length;
  const { tolerance = 1e-10, maxIterations = 5 * n + 20, restart = Math.min(n, 50), precondition } = options;
  requireNumber(routine, "restart", restart, { atLeast: n === 0 ? 0 : 1, integer: true });
  const m = restart;
  const V = new Float64Array((m + 1) * n);
  const row = (j: number) => V.subarray(j * n, (j + 1) * n);
  const H = new Float64Array((m + 1) * m);
  const [cs, sn, g] = [new Float64Array(m), new Float64Array(m), new Float64Array(m + 1)];
  const z = new Float64Array(n);
  const r = b.slice();
  out.fill(0);
  const goal = tolerance * norm2(b);
  let residualNorm = norm2(r);
  let iterations = 0;
  while (residualNorm > goal) {
    if (iterations >= maxIterations) return { reason: "budget", iterations, residualNorm };
    const before = residualNorm;
    g.fill(0);
    g[0] = residualNorm;
    for (let i = 0; i < n; i++) V[i] = r[i]! / residualNorm;
    let k = 0;
    for (; k < m && iterations < maxIterations && Math.abs(g[k]!) > goal; k++) {
      iterations++;
      const w = row(k + 1);
      if (precondition === undefined) A.applyInto(w, row(k));
      else {
        precondition(z, row(k));
        A.applyInto(w, z);
      }
      const size = norm2(w);
      if (!Number.isFinite(size)) return { reason: "breakdown", iterations, residualNorm };
      for (let j = 0; j <= k; j++) H[j * m + k] = 0;
      for (let pass = 0; pass < 2; pass++) {
        for (let j = 0; j <= k; j++) {
          const h = dot(row(j), w);
          H[j * m + k] = H[j * m + k]! + h;
          axpy(w, -h, row(j));
        }
      }
      const beta = norm2(w);
      for (let j = 0; j < k; j++) {
        const t = cs[j]! * H[j * m + k]! + sn[j]! * H[(j + 1) * m + k]!;
        H[(j + 1) * m + k] = cs[j]! * H[(j + 1) * m + k]! - sn[j]! * H[j * m + k]!;
        H[j * m + k] = t;
      }
      const rho = Math.hypot(H[k * m + k]!, beta);
      if (rho === 0) break;
      cs[k] = H[k * m + k]! / rho;
      sn[k] = beta / rho;
      H[k * m + k] = rho;
      g[k + 1] = -sn[k]! * g[k]!;
      g[k] = cs[k]! * g[k]!;
      if (beta <= n * Number.EPSILON * size) {
        // The space is invariant: the solution lies in it.
        k++;
        break;
      }
      for (let i = 0; i < n; i++) w[i] = w[i]! / beta;
      if (k + 1 < m) H[(k + 1) * m + k + 1] = 0;
    }
    // y from the triangle, x ← x + M⁻¹ V y.
    for (let i = k - 1; i >= 0; i--) {
      let sum = g[i]!;
      for (let j = i + 1; j < k; j++) sum -= H[i * m + j]! * g[j]!;
      g[i] = sum / H[i * m + i]!;
    }
    z.fill(0);
    for (let j = 0; j < k; j++) axpy(z, g[j]!, row(j));
    if (precondition === undefined) axpy(out, 1, z);
    else {
      precondition(r, z);
      axpy(out, 1, r);
    }
    A.applyInto(r, out);
    for (let i = 0; i < n; i++) r[i] = b[i]! - r[i]!;
    residualNorm = norm2(r);
    if (residualNorm > goal && !(residualNorm < before * (1 - 1e-12)))
      return { reason: "breakdown", iterations, residualNorm };
  }
  return { reason: "converged", iterations, residualNorm };
}
