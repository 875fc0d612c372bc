// The trust-region subproblem by truncated conjugate gradients: min gᵀs + ½ sᵀHs, ‖s‖ ≤ Δ, with products Hv only.
// Steihaug 1983, "The conjugate gradient method and trust regions in large scale optimization"; Toint 1981;
// Conn, Gould, Toint 2000, Algorithm 7.5.1.
import type { LinearOperator, Vector } from "../linear/matrix.js";
import { axpy, dot, norm2 } from "../linear/vec.js";

export interface SteihaugTointStep {
  readonly norm: number;
  /** The decrease of the model, ≥ 0. */
  readonly predicted: number;
  readonly end: "interior" | "boundary" | "negative-curvature" | "budget";
  readonly products: number;
}

export interface SteihaugTointOptions {
  /** Stop when ‖Hs + g‖ ≤ tolerance ‖g‖. Default 0.1. */
  readonly tolerance?: number;
  /** Default 2n + 10. */
  readonly maxProducts?: number;
}

/** Writes the step into `out`. */
export function steihaugTointInto(
  out: Vector,
  H: LinearOperator,
  g: Vector,
  radius: number,
  { tolerance = 0.1, maxProducts = 2 * g.length + 10 }: SteihaugTointOptions = {},
): SteihaugTointStep {
  const n = g.length;
  const s = out.fill(0);
  const r = g.slice();
  const p = new Float64Array(n);
  const Hp = new Float64Array(n);
  for (let i = 0; i < n; i++) p[i] = -g[i]!;
  let rr = dot(r, r);
  const goal = tolerance * Math.sqrt(rr);
  let model = 0;
  let products = 0;
  const finish = (end: SteihaugTointStep["end"]): SteihaugTointStep => ({ norm: norm2(s), predicted: Math.max(0, -model), end, products });

  while (products < maxProducts) {
    if (Math.sqrt(rr) <= goal || rr === 0) return finish("interior");
    H.applyInto(Hp, p);
    products++;
    const curvature = dot(p, Hp);
    const alpha = rr / curvature;
    const ss = dot(s, s);
    const sp = dot(s, p);
    const pp = dot(p, p);
    const inside = curvature > 0 && ss + 2 * alpha * sp + alpha * alpha * pp < radius * radius;
    if (!inside) {
      // Along p to the boundary: ‖s + τp‖ = Δ, τ ≥ 0. Without a finite curvature there is no model: stay.
      if (!Number.isFinite(curvature)) return finish("budget");
      const room = Math.max(0, radius * radius - ss);
      const root = Math.sqrt(sp * sp + pp * room);
      const tau = sp >= 0 ? room / (sp + root || 1) : (root - sp) / pp;
      axpy(s, tau, p);
      model += -tau * rr + 0.5 * tau * tau * curvature;
      return finish(curvature > 0 ? "boundary" : "negative-curvature");
    }
    axpy(s, alpha, p);
    model -= 0.5 * alpha * rr;
    axpy(r, alpha, Hp);
    const next = dot(r, r);
    const beta = next / rr;
    for (let i = 0; i < n; i++) p[i] = beta * p[i]! - r[i]!;
    rr = next;
  }
  return finish("budget");
}
