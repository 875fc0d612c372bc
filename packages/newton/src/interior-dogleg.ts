// The dogleg of a scaled trust region, kept strictly between bounds.
//
// Powell 1970 for the path from the Cauchy point to the Newton point; Bellavia, Macconi, Morini 2003, Appl. Numer. Math. 44, §2 for the steps back from
// the bounds and the decrease asked for. See `scaled-trust-region.ts`.
import type { HasBounds, Vector } from "@hessia/core";
import { dot, multiplyMatrixVectorInto, norm2 } from "@hessia/core/linear";
import type { LeastSquaresState } from "./least-squares.js";

/** Steps that would meet a bound go at least this part of the way to it. */
const interior = 0.99995;

export interface DoglegWork {
  /** The diagonal of V, > 0. */
  readonly v: Vector;
  readonly newton: Vector;
  readonly cauchy: Vector;
  readonly image: Vector;
}

/**
 * Writes the dogleg step within ‖V^(−1/2) p‖ ≤ radius into `p`, shortened to stay between the bounds, and pulled to the Cauchy step (likewise shortened)
 * until it has a tenth of its decrease. Answers the decrease of ½ ‖F + Jp‖². `newton` all 0 stands for none.
 */
export function interiorDoglegInto(
  p: Vector,
  { gradient: g, jacobian: J, x }: LeastSquaresState,
  { v, cauchy, newton, image }: DoglegWork,
  bounds: HasBounds,
  radius: number,
): number {
  const n = p.length;
  // In q = V^(−1/2) p: ĝ = V^(1/2) g, the Cauchy direction −ĝ is −V g in p.
  let gg = 0;
  for (let i = 0; i < n; i++) {
    gg += v[i]! * g[i]! ** 2;
    cauchy[i] = -v[i]! * g[i]!;
  }
  const curvature = norm2(multiplyMatrixVectorInto(image, J, cauchy)) ** 2;
  const free = curvature > 0 ? gg / curvature : Number.POSITIVE_INFINITY;
  const cauchyLength = Math.sqrt(gg);
  const along = cauchyLength > 0 ? Math.min(free, radius / cauchyLength) : 0;
  const scaledNorm = (a: Vector) => Math.sqrt(a.reduce((sum, ai, i) => sum + (ai * ai) / v[i]!, 0));
  const newtonLength = scaledNorm(newton);
  if (newtonLength > 0 && newtonLength <= radius) p.set(newton);
  else if (newtonLength === 0 || along < free) for (let i = 0; i < n; i++) p[i] = along * cauchy[i]!;
  else {
    // From the free Cauchy point c towards the Newton point, to the boundary: ‖c + t d‖ = Δ.
    let [cd, dd] = [0, 0];
    for (let i = 0; i < n; i++) {
      const d = newton[i]! - free * cauchy[i]!;
      cd += (free * cauchy[i]! * d) / v[i]!;
      dd += (d * d) / v[i]!;
    }
    const room = radius ** 2 - (free * cauchyLength) ** 2;
    const root = Math.sqrt(Math.max(0, cd * cd + dd * room));
    const t = dd === 0 ? 0 : cd >= 0 ? room / (cd + root) : (root - cd) / dd;
    for (let i = 0; i < n; i++) p[i] = free * cauchy[i]! + t * (newton[i]! - free * cauchy[i]!);
  }
  const decrease = (step: Vector) => -dot(g, step) - 0.5 * norm2(multiplyMatrixVectorInto(image, J, step)) ** 2;
  for (let i = 0; i < n; i++) cauchy[i] = along * cauchy[i]!;
  shorten(cauchy, x, bounds);
  shorten(p, x, bounds);
  const wanted = 0.1 * decrease(cauchy);
  let predicted = decrease(p);
  for (let k = 0; k < 60 && !(predicted >= wanted); k++) {
    for (let i = 0; i < n; i++) p[i] = k === 59 ? cauchy[i]! : 0.5 * (p[i]! + cauchy[i]!);
    predicted = decrease(p);
  }
  return predicted;
}

/** A step that would reach a bound ends before it: at max(θ, 1 − ‖p‖) of the way there. */
function shorten(p: Vector, x: Vector, { lower, upper }: HasBounds): void {
  let most = Number.POSITIVE_INFINITY;
  for (let i = 0; i < p.length; i++) {
    if (p[i]! < 0) most = Math.min(most, (lower[i]! - x[i]!) / p[i]!);
    else if (p[i]! > 0) most = Math.min(most, (upper[i]! - x[i]!) / p[i]!);
  }
  if (most > 1) return;
  const factor = Math.max(interior, 1 - norm2(p)) * most;
  for (let i = 0; i < p.length; i++) p[i] = factor * p[i]!;
}

/** Keeps a step that rounding has carried to a bound strictly inside, as near to it as numbers allow. */
export function between(to: number, from: number, low: number, high: number): number {
  if (to > low && to < high) return to;
  const bound = to <= low ? low : high;
  const back = Math.max(1e-10 * Math.abs(from - bound), Number.EPSILON * Math.abs(bound));
  const near = to <= low ? low + back : high - back;
  const inside = to <= low ? near > low && near < from : near < high && near > from;
  return inside ? near : from + 0.5 * (bound - from);
}
