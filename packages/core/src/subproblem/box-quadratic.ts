// A quadratic model over a box and a trust region, minimized approximately.
//
//   min q(s) = gᵀs + ½ sᵀHs   over   l ≤ x + s ≤ u,   ‖s‖₂ of the order of Δ at most
//
// Lin, Moré 1999, "Newton's method for large bound-constrained optimization problems", SIAM J. Optim. 9(4), as in the authors' TRON code: first the
// Cauchy step along the projected gradient path (its routine dcauchy), then from there conjugate gradients in the variables that aren't at a bound,
// truncated at the trust region or at negative curvature, each followed by a projected search (dspcg, dprsrch); bounds that are met join the face.
//
// Deviations:
// 1. The trust region of the conjugate gradients is a ball in ‖·‖₂ around the Cauchy point also with a preconditioner, whose own norm would tie
//    the radius to the scale of H.
// 2. Products are limited for the whole step and not for each face.
import type { LinearOperator, Vector } from "../linear/matrix.js";
import { axpy, dot, norm2 } from "../linear/vec.js";
import type { HasBounds } from "../problem.js";
import type { Precondition } from "./face-preconditioner.js";

export interface BoxOptions {
  /** Conjugate gradients end at ‖∇q on the face‖₂ ≤ tolerance · (the same at the Cauchy point). */
  readonly tolerance: number;
  /** Products with H after the Cauchy step. */
  readonly maxProducts: number;
  /** The preconditioner of a face, given by its variables (ascending, the first `count` entries). Default none. */
  readonly precondition?: ((free: Int32Array, count: number) => Precondition) | undefined;
}

export interface BoxStep {
  /** ‖s‖₂. */
  readonly norm: number;
  /** −q(s) ≥ 0. */
  readonly predicted: number;
  /** The length of the Cauchy step along −g, where the next one may begin. */
  readonly alpha: number;
  /** ‖∇q(s)‖₂ over the variables that are free at s. */
  readonly residual: number;
}

/** Scratch memory for n variables. */
export interface BoxWork {
  readonly s: Vector;
  readonly Hs: Vector;
  readonly trial: Vector;
  readonly slope: Vector;
  readonly w: Vector;
  readonly full: Vector;
  readonly product: Vector;
  readonly r: Vector;
  readonly z: Vector;
  readonly p: Vector;
  readonly free: Int32Array;
}

export function boxWork(n: number): BoxWork {
  const vector = () => new Float64Array(n);
  return {
    s: vector(),
    Hs: vector(),
    trial: vector(),
    slope: vector(),
    w: vector(),
    full: vector(),
    product: vector(),
    r: vector(),
    z: vector(),
    p: vector(),
    free: new Int32Array(n),
  };
}

/** μ₀ of the sufficient decrease, μ₁ of the Cauchy step's length, σ by which it is lengthened and shortened. */
export const boxDefaults = { mu0: 0.01, mu1: 1, sigma: 10 } as const;

/**
 * Writes the point x + s into `out`, within the bounds to the last bit; x must be so too.
 * A step of norm 0 is answered at a stationary point, and where products are not finite.
 */
export function boxQuadraticInto(
  out: Vector,
  H: LinearOperator,
  g: Vector,
  x: Vector,
  bounds: HasBounds,
  radius: number,
  alpha: number,
  work: BoxWork,
  options: BoxOptions,
): BoxStep {
  const { s, Hs, slope, free } = work;
  const n = x.length;
  const cauchy = cauchyStep(out, H, g, x, bounds, radius, alpha, work);
  if (cauchy === 0) {
    out.set(x);
    return { norm: 0, predicted: 0, alpha, residual: 0 };
  }
  let products = options.maxProducts;
  let first = Number.NaN;
  let residual = 0;
  for (;;) {
    for (let i = 0; i < n; i++) slope[i] = g[i]! + Hs[i]!;
    const count = freeVariables(free, out, bounds);
    residual = 0;
    for (let k = 0; k < count; k++) residual += slope[free[k]!]! ** 2;
    residual = Math.sqrt(residual);
    if (Number.isNaN(first)) first = residual;
    if (!(residual > options.tolerance * first) || products <= 0) break;
    const precondition = options.precondition?.(free, count);
    const goal = 0.5 * options.tolerance * first;
    const cg = faceGradients(H, count, radius, goal, products, precondition, work);
    products -= cg.products + 1;
    if (!projectedSearch(out, H, x, bounds, count, work) || cg.atBoundary) break;
  }
  const norm = norm2(s);
  return { norm, predicted: -(dot(g, s) + 0.5 * dot(s, Hs)), alpha: cauchy, residual };
}

/** Variables strictly between their bounds; answers how many. */
function freeVariables(free: Int32Array, y: Vector, { lower, upper }: HasBounds): number {
  let count = 0;
  for (let i = 0; i < y.length; i++) if (y[i]! > lower[i]! && y[i]! < upper[i]!) free[count++] = i;
  return count;
}

/** y = P(x + t d), s = y − x. */
function move(y: Vector, s: Vector, x: Vector, t: number, d: Vector, { lower, upper }: HasBounds): void {
  for (let i = 0; i < x.length; i++) {
    y[i] = Math.min(upper[i]!, Math.max(lower[i]!, x[i]! + t * d[i]!));
    s[i] = y[i]! - x[i]!;
  }
}

/** The step s = P(x − αg) − x of sufficient decrease, with Hs; answers α, or 0 where there is none. */
function cauchyStep(
  out: Vector,
  H: LinearOperator,
  g: Vector,
  x: Vector,
  bounds: HasBounds,
  radius: number,
  start: number,
  { s, Hs, trial, full }: BoxWork,
): number {
  const { mu0, mu1, sigma } = boxDefaults;
  const { lower, upper } = bounds;
  let last = 0;
  for (let i = 0; i < x.length; i++) {
    full[i] = -g[i]!;
    const room = g[i]! > 0 ? x[i]! - lower[i]! : upper[i]! - x[i]!;
    if (g[i] !== 0 && room > 0) last = Math.max(last, room / Math.abs(g[i]!));
  }
  if (last === 0) return 0;
  // Finite, also beside a slope so small that its step overflows: no division brings Infinity back.
  const longest = Number.MAX_VALUE / sigma;
  last = Math.min(last, longest);
  const good = (alpha: number): boolean => {
    move(out, s, x, alpha, full, bounds);
    if (!(norm2(s) <= mu1 * radius)) return false;
    H.applyInto(Hs, s);
    const gs = dot(g, s);
    return gs < 0 && gs + 0.5 * dot(s, Hs) <= mu0 * gs;
  };
  let alpha = Math.min(start, longest);
  if (good(alpha)) {
    // Lengthened as long as that is good; what the last good one left is kept in `trial` and `full`.
    while (alpha < last) {
      trial.set(Hs);
      if (!good(sigma * alpha)) {
        move(out, s, x, alpha, full, bounds);
        Hs.set(trial);
        break;
      }
      alpha *= sigma;
    }
    return alpha;
  }
  for (let attempt = 0; attempt < 600 && alpha > 0; attempt++) {
    alpha /= sigma;
    if (good(alpha)) return alpha;
  }
  return 0;
}

/** Conjugate gradients for H_FF w = −∇q_F in the ball ‖w‖₂ ≤ radius; w is written in the order of the free variables. */
function faceGradients(
  H: LinearOperator,
  count: number,
  radius: number,
  goal: number,
  maxProducts: number,
  precondition: Precondition | undefined,
  work: BoxWork,
): { products: number; atBoundary: boolean } {
  const { free, slope, full, product } = work;
  const [w, r, z, p] = [work.w, work.r, work.z, work.p].map((v) => v.subarray(0, count)) as [
    Vector,
    Vector,
    Vector,
    Vector,
  ];
  w.fill(0);
  for (let k = 0; k < count; k++) r[k] = -slope[free[k]!]!;
  const solve = () => {
    if (precondition === undefined) z.set(r);
    else precondition(z, r);
    return dot(r, z);
  };
  let rz = solve();
  p.set(z);
  full.fill(0);
  for (let products = 0; ; products++) {
    if (norm2(r) <= goal || products >= maxProducts || !(rz > 0)) return { products, atBoundary: false };
    for (let k = 0; k < count; k++) full[free[k]!] = p[k]!;
    H.applyInto(product, full);
    let curvature = 0;
    for (let k = 0; k < count; k++) curvature += p[k]! * product[free[k]!]!;
    if (!Number.isFinite(curvature)) return { products: products + 1, atBoundary: true };
    const step = rz / curvature;
    const [ww, wp, pp] = [dot(w, w), dot(w, p), dot(p, p)];
    if (!(curvature > 0 && ww + 2 * step * wp + step * step * pp < radius * radius)) {
      const room = Math.max(0, radius * radius - ww);
      const root = Math.sqrt(wp * wp + pp * room);
      axpy(w, wp >= 0 ? room / (wp + root || 1) : (root - wp) / pp, p);
      return { products: products + 1, atBoundary: true };
    }
    axpy(w, step, p);
    for (let k = 0; k < count; k++) r[k]! -= step * product[free[k]!]!;
    const next = solve();
    const beta = next / rz;
    rz = next;
    for (let k = 0; k < count; k++) p[k] = z[k]! + beta * p[k]!;
  }
}

/** From y along w, projected: y, s and Hs move by a step of sufficient decrease, no shorter than to the first bound. */
function projectedSearch(
  y: Vector,
  H: LinearOperator,
  x: Vector,
  bounds: HasBounds,
  count: number,
  { s, Hs, trial, slope, w, full, product, free }: BoxWork,
): boolean {
  const { lower, upper } = bounds;
  const breakpoint = (i: number, d: number) =>
    d > 0 ? (upper[i]! - y[i]!) / d : d < 0 ? (lower[i]! - y[i]!) / d : Number.POSITIVE_INFINITY;
  let nearest = Number.POSITIVE_INFINITY;
  for (let k = 0; k < count; k++) nearest = Math.min(nearest, breakpoint(free[k]!, w[k]!));
  for (let t = 1; ; t = Math.max(0.5 * t, nearest)) {
    trial.set(y);
    full.fill(0);
    for (let k = 0; k < count; k++) {
      const i = free[k]!;
      const d = w[k]!;
      if (t >= breakpoint(i, d)) trial[i] = d > 0 ? upper[i]! : lower[i]!;
      else trial[i] = Math.min(upper[i]!, Math.max(lower[i]!, y[i]! + t * d));
      full[i] = trial[i]! - y[i]!;
    }
    H.applyInto(product, full);
    const gs = dot(slope, full);
    const decreases = gs + 0.5 * dot(full, product) <= boxDefaults.mu0 * gs;
    if (decreases || t <= nearest) {
      if (!(gs < 0 && (decreases || gs + 0.5 * dot(full, product) < 0))) return false;
      y.set(trial);
      for (let i = 0; i < y.length; i++) s[i] = y[i]! - x[i]!;
      axpy(Hs, 1, product);
      return true;
    }
  }
}
