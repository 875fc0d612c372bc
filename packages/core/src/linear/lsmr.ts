// min ‖A x − b‖² + damp² ‖x‖² for any A, by products with A and Aᵀ: minimum residual on the normal equations.
// Fong, Saunders 2011, "LSMR: an iterative algorithm for sparse least-squares problems", SIAM J. Sci. Comput. 33(5), §2–3.
import { misuse, requireNumber } from "../errors.js";
import type { LinearOperator, Vector } from "./matrix.js";
import { type IterativeOptions, type IterativeResult, requireSides } from "./operator.js";
import { axpy, norm2, scale } from "./vec.js";

export interface LsmrOptions extends IterativeOptions {
  /** The damping, ≥ 0. Default 0. */
  readonly damp?: number;
}

/** Solves from 0 into `out`; stops when ‖Aᵀr − damp² x‖ ≤ tolerance ‖Aᵀb‖. For a rank-deficient A it gives the solution of least norm. */
export function lsmrInto(out: Vector, A: LinearOperator, b: Vector, options: LsmrOptions = {}): IterativeResult {
  const routine = "lsmrInto";
  requireSides(routine, A, out, b);
  if (A.applyTransposeInto === undefined)
    misuse(routine, "A", "without applyTransposeInto", "an operator with products by Aᵀ");
  const { rows: m, cols: n } = A;
  const { tolerance = 1e-10, maxIterations = 4 * Math.max(m, n) + 20, damp = 0 } = options;
  requireNumber(routine, "damp", damp, { atLeast: 0 });
  const x = out.fill(0);
  const u = b.slice();
  const v = new Float64Array(n);
  const [uNext, vNext] = [new Float64Array(m), new Float64Array(n)];
  const normalize = (w: Vector): number => {
    const length = norm2(w);
    if (length > 0) scale(w, 1 / length);
    return length;
  };
  let beta = normalize(u);
  A.applyTransposeInto(v, u);
  let alpha = normalize(v);
  const h = v.slice();
  const hBar = new Float64Array(n);
  let alphaBar = alpha;
  let zetaBar = alpha * beta;
  let [rho, rhoBar, cBar, sBar] = [1, 1, 1, 0];
  const goal = tolerance * Math.abs(zetaBar);
  for (let iterations = 0; ; iterations++) {
    const residualNorm = Math.abs(zetaBar);
    if (!Number.isFinite(residualNorm)) return { reason: "breakdown", iterations, residualNorm };
    if (residualNorm <= goal) return { reason: "converged", iterations, residualNorm };
    if (iterations >= maxIterations) return { reason: "budget", iterations, residualNorm };
    // Golub–Kahan: β u = A v − α u, α v = Aᵀ u − β v.
    A.applyInto(uNext, v);
    axpy(uNext, -alpha, u);
    u.set(uNext);
    beta = normalize(u);
    if (beta > 0) {
      A.applyTransposeInto(vNext, u);
      axpy(vNext, -beta, v);
      v.set(vNext);
      alpha = normalize(v);
    } else alpha = 0;
    // Rotations: damping, then the bidiagonal R, then R̄ᵀ.
    const alphaHat = Math.hypot(alphaBar, damp);
    const rhoOld = rho;
    rho = Math.hypot(alphaHat, beta);
    const c = alphaHat / rho;
    const s = beta / rho;
    const theta = s * alpha;
    alphaBar = c * alpha;
    const rhoBarOld = rhoBar;
    const thetaBar = sBar * rho;
    rhoBar = Math.hypot(cBar * rho, theta);
    cBar = (cBar * rho) / rhoBar;
    sBar = theta / rhoBar;
    const zeta = cBar * zetaBar;
    zetaBar = -sBar * zetaBar;
    const f = (thetaBar * rho) / (rhoOld * rhoBarOld);
    for (let i = 0; i < n; i++) {
      hBar[i] = h[i]! - f * hBar[i]!;
      x[i] = x[i]! + (zeta / (rho * rhoBar)) * hBar[i]!;
      h[i] = v[i]! - (theta / rho) * h[i]!;
    }
  }
}
