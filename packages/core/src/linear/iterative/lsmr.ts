// min ‖A x − b‖² + damp² ‖x‖² for any A, by products with A and Aᵀ: minimum residual on the normal equations.
// Fong, Saunders 2011, "LSMR: an iterative algorithm for sparse least-squares problems", SIAM J. Sci. Comput. 33(5), §2–3.
//
// Deviation: b is taken at length 1 and x scaled at the end, so that no product of norms leaves its range.
import { misuse, requireNumber } from "../../errors.js";
import type { LinearOperator, Vector } from "../matrix.js";
import { norm2, scale } from "../vec.js";
import { type IterativeOptions, type IterativeResult, requireIterativeOptions, requireSides } from "./operator.js";

export interface LsmrOptions extends IterativeOptions {
  /** The damping, ≥ 0. Default 0. */
  readonly damp?: number;
}

/**
 * Solves from 0 into `out`; each iteration takes one product with A and one with Aᵀ. "converged": ‖Aᵀr − damp² x‖ ≤ tolerance ‖Aᵀb‖ by
 * the recurrence, which is what `residualNorm` holds; it never grows. For a rank-deficient A it gives the solution of least norm.
 * "breakdown": a product isn't finite; x is the last point before it. Default of `maxIterations`: 4 max(rows, cols) + 20.
 * @throws ArgumentError when shapes don't fit, b isn't finite, an option is wrong, or A has no products with Aᵀ.
 */
export function lsmrInto(out: Vector, A: LinearOperator, b: Vector, options: LsmrOptions = {}): IterativeResult {
  const routine = "lsmrInto";
  requireSides(routine, A, out, b);
  requireIterativeOptions(routine, options, ["damp"]);
  if (A.applyTransposeInto === undefined)
    misuse(routine, "A", "without applyTransposeInto", "an operator with products by Aᵀ");
  const { rows: m, cols: n } = A;
  const { tolerance = 1e-10, maxIterations = 4 * Math.max(m, n) + 20, damp = 0 } = options;
  requireNumber(routine, "damp", damp, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  const x = out.fill(0);
  const u = b.slice();
  const v = new Float64Array(n);
  const product = new Float64Array(Math.max(m, n));
  const Av = product.subarray(0, m);
  const Au = product.subarray(0, n);
  const unit = normalize(u);
  A.applyTransposeInto(v, u);
  let beta = 1;
  let alpha = normalize(v);
  const h = v.slice();
  const hBar = new Float64Array(n);
  let alphaBar = alpha;
  let zetaBar = unit > 0 ? alpha : 0;
  let rho = 1;
  let rhoBar = 1;
  let cBar = 1;
  let sBar = 0;
  const goal = tolerance * zetaBar;
  let iterations = 0;
  const finish = (reason: IterativeResult["reason"]): IterativeResult => {
    scale(x, unit);
    return { reason, iterations, residualNorm: Math.abs(zetaBar) * unit };
  };
  if (!Number.isFinite(zetaBar)) return finish("breakdown");
  while (Math.abs(zetaBar) > goal) {
    if (iterations >= maxIterations) return finish("budget");
    // Golub–Kahan: β u = A v − α u, α v = Aᵀ u − β v.
    A.applyInto(Av, v);
    iterations++;
    for (let i = 0; i < m; i++) u[i] = Av[i] - alpha * u[i];
    beta = normalize(u);
    if (beta > 0) {
      A.applyTransposeInto(Au, u);
      for (let i = 0; i < n; i++) v[i] = Au[i] - beta * v[i];
      alpha = normalize(v);
    } else alpha = 0;
    if (!Number.isFinite(alpha) || !Number.isFinite(beta)) return finish("breakdown");
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
    const f = ((thetaBar / rhoOld) * rho) / rhoBarOld;
    const step = zeta / rho / rhoBar;
    const g = theta / rho;
    for (let i = 0; i < n; i++) {
      hBar[i] = h[i] - f * hBar[i];
      x[i] += step * hBar[i];
      h[i] = v[i] - g * h[i];
    }
  }
  return finish(Number.isNaN(zetaBar) ? "breakdown" : "converged");
}

/** w ← w / ‖w‖₂; answers ‖w‖₂. A zero vector stays. */
function normalize(w: Vector): number {
  const length = norm2(w);
  if (length > 0) for (let i = 0; i < w.length; i++) w[i] /= length;
  return length;
}
