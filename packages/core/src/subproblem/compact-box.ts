// The quadratic model of limited-memory BFGS over a box.
//
//   min q(d) = gᵀd + ½ dᵀBd   over   l ≤ x + d ≤ u,   B = θI − W M Wᵀ (compact-bfgs.ts)
//
// Byrd, Lu, Nocedal, Zhu 1995, "A limited memory algorithm for bound constrained optimization", SIAM J. Sci. Comput. 16(5): the generalized Cauchy point,
// the first minimizer of q along the projected gradient path, by Algorithm CP; then the minimizer in the variables that are free there by the direct
// primal method (§5.1), projected onto the box as in Morales, Nocedal 2011, "Remark on algorithm 778", ACM Trans. Math. Softw. 38(1).
//
// Deviation: the small system is (M⁻¹ − W_FᵀW_F/θ) z = W_Fᵀr, the paper's (5.11) times M⁻¹: symmetric indefinite, solved by Bunch and Kaufman's
// factorization. W_FᵀW_F is summed over the smaller one of the free and the bound variables.
import { ldlFactorize, ldlSolveInto } from "../linear/dense/ldl.js";
import { type DenseMatrix, denseMatrix, type Vector } from "../linear/matrix.js";
import { copyInto, dot } from "../linear/vec.js";
import type { HasBounds } from "../problem.js";
import {
  addFactorProduct,
  applyMiddleInto,
  type CompactBfgs,
  factorRowInto,
  transposeFactorInto,
} from "./compact-bfgs.js";

/** Scratch memory for n variables and `memory` pairs. */
export interface CompactBoxWork {
  readonly d: Vector;
  readonly times: Vector;
  readonly heap: Int32Array;
  readonly free: Int32Array;
  readonly r: Vector;
  readonly p: Vector;
  readonly c: Vector;
  readonly row: Vector;
  readonly middle: Vector;
}

export function compactBoxWork(n: number, memory: number): CompactBoxWork {
  const [whole, small] = [() => new Float64Array(n), () => new Float64Array(2 * memory)];
  return {
    d: whole(),
    times: whole(),
    heap: new Int32Array(n),
    free: new Int32Array(n),
    r: whole(),
    p: small(),
    c: small(),
    row: small(),
    middle: small(),
  };
}

/**
 * Writes the approximate minimizer d into `out`; dᵢ is lᵢ − xᵢ or uᵢ − xᵢ to the last bit where x + d meets a bound. x must be within
 * the bounds. gᵀd < 0 unless x is stationary, where d = 0.
 */
export function compactBoxInto(
  out: Vector,
  B: CompactBfgs,
  g: Vector,
  x: Vector,
  { lower, upper }: HasBounds,
  work: CompactBoxWork,
): Vector {
  cauchyStepInto(out, B, g, x, lower, upper, work);
  if (B.size === 0) return out;
  const { free, r, d } = work;
  const n = x.length;
  let count = 0;
  for (let i = 0; i < n; i++) {
    const point = x[i]! + out[i]!;
    if (point > lower[i]! && point < upper[i]! && out[i] !== lower[i]! - x[i]! && out[i] !== upper[i]! - x[i]!)
      free[count++] = i;
  }
  if (count === 0 || !subspaceStep(out, B, g, count, work)) return out;
  // r is the step in the free variables. Projected it may fail to be one of descent: then it is cut at the first bound.
  d.set(out);
  let cut = 1;
  for (let k = 0; k < count; k++) {
    const i = free[k]!;
    d[i] = within(out[i]! + r[k]!, lower[i]! - x[i]!, upper[i]! - x[i]!);
    const bound = r[k]! > 0 ? upper[i]! : lower[i]!;
    if (r[k] !== 0) cut = Math.min(cut, (bound - x[i]! - out[i]!) / r[k]!);
  }
  if (dot(g, d) < 0) return copyInto(out, d);
  for (let k = 0; k < count; k++) {
    const i = free[k]!;
    out[i] = within(out[i]! + cut * r[k]!, lower[i]! - x[i]!, upper[i]! - x[i]!);
  }
  return out;
}

const within = (t: number, low: number, high: number): number => Math.min(high, Math.max(low, t));

/** Algorithm CP: x + out is the Cauchy point, work.c = Wᵀ out. */
function cauchyStepInto(
  out: Vector,
  B: CompactBfgs,
  g: Vector,
  x: Vector,
  lower: Vector,
  upper: Vector,
  { d, times, heap, p, c, row, middle }: CompactBoxWork,
): void {
  const { theta, size } = B;
  const n = x.length;
  const small = 2 * size;
  out.fill(0);
  let waiting = 0;
  for (let i = 0; i < n; i++) {
    const bound = g[i]! > 0 ? lower[i]! : upper[i]!;
    const time = g[i] === 0 ? Number.POSITIVE_INFINITY : (x[i]! - bound) / g[i]!;
    times[i] = time;
    d[i] = time > 0 ? -g[i]! : 0;
    if (time > 0 && time < Number.POSITIVE_INFINITY) push(heap, waiting++, times, i);
  }
  transposeFactorInto(p, B, d);
  c.fill(0);
  const smallDot = (a: Vector, b: Vector): number => {
    let sum = 0;
    for (let j = 0; j < small; j++) sum += a[j]! * b[j]!;
    return sum;
  };
  const dd = dot(d, d);
  if (dd === 0) return;
  let slope = -dd;
  let curvature = theta * dd - smallDot(p, applyMiddleInto(middle, B, p));
  const least = Number.EPSILON * theta * dd;
  curvature = Math.max(least, curvature);
  let time = 0;
  let span = -slope / curvature;
  while (waiting > 0) {
    const b = heap[0]!;
    const stretch = times[b]! - time;
    if (span < stretch) break;
    pop(heap, --waiting, times);
    time = times[b]!;
    out[b] = (g[b]! > 0 ? lower[b]! : upper[b]!) - x[b]!;
    for (let j = 0; j < small; j++) c[j]! += stretch * p[j]!;
    factorRowInto(row, B, b);
    applyMiddleInto(middle, B, row);
    const gb = g[b]!;
    slope += stretch * curvature + gb * gb + theta * gb * out[b]! - gb * smallDot(middle, c);
    curvature -= theta * gb * gb + 2 * gb * smallDot(middle, p) + gb * gb * smallDot(middle, row);
    curvature = Math.max(least, curvature);
    for (let j = 0; j < small; j++) p[j]! += gb * row[j]!;
    d[b] = 0;
    span = -slope / curvature;
  }
  span = Math.max(0, span);
  time += span;
  for (let j = 0; j < small; j++) c[j]! += span * p[j]!;
  for (let i = 0; i < n; i++) if (d[i] !== 0) out[i] = within(time * d[i]!, lower[i]! - x[i]!, upper[i]! - x[i]!);
}

/** work.r = −B_FF⁻¹ ∇q_F at the Cauchy point; false where rounding spoils it. */
function subspaceStep(step: Vector, B: CompactBfgs, g: Vector, count: number, work: CompactBoxWork): boolean {
  const { theta, size: k, n, slots, pairs } = B;
  const { free, r, c, middle, row } = work;
  for (let f = 0; f < count; f++) {
    const i = free[f]!;
    r[f] = g[i]! + theta * step[i]!;
  }
  addFactorProduct(r, B, -1, applyMiddleInto(middle, B, c), free, count);
  // Wᵀr over the free variables.
  for (let j = 0; j < k; j++) {
    const base = slots[j]! * n;
    let [alongY, alongS] = [0, 0];
    for (let f = 0; f < count; f++) {
      alongY += pairs.y[base + free[f]!]! * r[f]!;
      alongS += pairs.s[base + free[f]!]! * r[f]!;
    }
    row[j] = alongY;
    row[k + j] = theta * alongS;
  }
  const z = middle.subarray(0, 2 * k);
  const K = subspaceMatrix(B, count, work);
  if (!K.data.every(Number.isFinite) || !row.every(Number.isFinite)) return false;
  ldlSolveInto(z, ldlFactorize(K), row.subarray(0, 2 * k));
  for (let f = 0; f < count; f++) r[f] = -r[f]! / theta;
  addFactorProduct(r, B, -1 / (theta * theta), z, free, count);
  for (let f = 0; f < count; f++) if (!Number.isFinite(r[f]!)) return false;
  return true;
}

/** M⁻¹ − W_FᵀW_F/θ. */
function subspaceMatrix(
  { theta, size: k, n, slots, pairs }: CompactBfgs,
  count: number,
  work: CompactBoxWork,
): DenseMatrix {
  const { memory, s, y, sy, ss, yy } = pairs;
  const bound = work.heap;
  let few = 0;
  for (let i = 0, f = 0; i < n; i++) {
    if (f < count && work.free[f] === i) f++;
    else bound[few++] = i;
  }
  const byBound = few <= count;
  const [list, length] = byBound ? [bound, few] : [work.free, count];
  /** Σ aᵢbᵢ over the free variables (first) and over the bound ones, from the sum over all. */
  const split = (a: Vector, i: number, b: Vector, j: number, all: Vector): [number, number] => {
    const [rowA, rowB] = [slots[i]! * n, slots[j]! * n];
    let sum = 0;
    for (let e = 0; e < length; e++) sum += a[rowA + list[e]!]! * b[rowB + list[e]!]!;
    const rest = all[slots[i]! * memory + slots[j]!]! - sum;
    return byBound ? [rest, sum] : [sum, rest];
  };
  const K = denseMatrix(2 * k, 2 * k);
  const set = (i: number, j: number, value: number) => {
    K.data[i * 2 * k + j] = K.data[j * 2 * k + i] = value;
  };
  for (let i = 0; i < k; i++)
    for (let j = 0; j < k; j++) {
      if (j <= i) {
        const diagonal = i === j ? sy[slots[i]! * memory + slots[i]!]! : 0;
        set(i, j, -diagonal - split(y, i, y, j, yy)[0] / theta);
        set(k + i, k + j, theta * split(s, i, s, j, ss)[1]);
      }
      // Row i of S, column j of Y: L less the sum over the free variables.
      const [freeSum, boundSum] = split(s, i, y, j, sy);
      set(k + i, j, i > j ? boundSum : -freeSum);
    }
  return K;
}

/** Adds variable i to a heap of `size` by its time, the earliest on top. */
function push(heap: Int32Array, size: number, times: Vector, i: number): void {
  let at = size;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (times[heap[above]!]! <= times[i]!) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = i;
}

/** Takes the top off a heap that keeps `size` entries. */
function pop(heap: Int32Array, size: number, times: Vector): void {
  const i = heap[size]!;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && times[heap[child + 1]!]! < times[heap[child]!]!) child++;
    if (times[heap[child]!]! >= times[i]!) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = i;
}
