// The limited-memory BFGS matrix in compact form.
//
//   B = θI − W M Wᵀ,   W = [Y θS] (n × 2k),   M⁻¹ = [−D Lᵀ; L θSᵀS],   D + L = the lower triangle of SᵀY
//
// Byrd, Nocedal, Schnabel 1994, "Representations of quasi-Newton matrices and their use in limited memory methods", Math. Program. 63, Theorem 2.3.
// S and Y hold the last k ≤ memory pairs s = x⁺ − x, y = ∇f(x⁺) − ∇f(x) as columns, θ = yᵀy / sᵀy of the newest.
//
// M is never formed: M v is a solve with the Cholesky factor of θSᵀS + L D⁻¹Lᵀ, positive definite where all sᵀy are positive.
import { type Cholesky, choleskyFactorize, choleskySolveInto } from "../linear/dense/cholesky.js";
import { denseMatrix, type Vector } from "../linear/matrix.js";
import { dot, norm2 } from "../linear/vec.js";

/** The stored pairs, plain data: rows of `memory` × n arrays used as rings, with all their products by row. */
export interface Pairs {
  readonly memory: number;
  readonly s: Vector;
  readonly y: Vector;
  /** sᵢᵀyⱼ, sᵢᵀsⱼ and yᵢᵀyⱼ at [i · memory + j]. */
  readonly sy: Vector;
  readonly ss: Vector;
  readonly yy: Vector;
  /** How many pairs there are, and the row of the newest. */
  count: number;
  newest: number;
}

export function newPairs(n: number, memory: number): Pairs {
  const square = () => new Float64Array(memory * memory);
  const rows = () => new Float64Array(memory * n);
  return { memory, s: rows(), y: rows(), sy: square(), ss: square(), yy: square(), count: 0, newest: -1 };
}

/** Row `slot` of an array of pairs. */
const rowOf = (array: Vector, slot: number, n: number): Vector => array.subarray(slot * n, (slot + 1) * n);

/** Stores s and y in place of the oldest pair when all rows are taken; not where sᵀy ≤ 1e-10 ‖s‖‖y‖: false is answered. */
export function storePair(pairs: Pairs, s: Vector, y: Vector): boolean {
  const { memory, sy, ss, yy } = pairs;
  const curvature = dot(s, y);
  if (!(curvature > 1e-10 * norm2(s) * norm2(y)) || !Number.isFinite(dot(y, y))) return false;
  const n = s.length;
  const slot = (pairs.newest + 1) % memory;
  rowOf(pairs.s, slot, n).set(s);
  rowOf(pairs.y, slot, n).set(y);
  pairs.newest = slot;
  pairs.count = Math.min(memory, pairs.count + 1);
  for (let age = 0; age < pairs.count; age++) {
    const other = (slot - age + memory) % memory;
    const otherS = rowOf(pairs.s, other, n);
    const otherY = rowOf(pairs.y, other, n);
    sy[slot * memory + other] = dot(s, otherY);
    sy[other * memory + slot] = dot(otherS, y);
    ss[slot * memory + other] = ss[other * memory + slot] = dot(s, otherS);
    yy[slot * memory + other] = yy[other * memory + slot] = dot(y, otherY);
  }
  return true;
}

/** B, ready for products with W and M. */
export interface CompactBfgs {
  readonly n: number;
  /** k. */
  readonly size: number;
  readonly theta: number;
  /** The rows of the pairs, oldest first. */
  readonly slots: Int32Array;
  readonly pairs: Pairs;
  /** Of θSᵀS + L D⁻¹Lᵀ. */
  readonly factor: Cholesky;
}

/** B of the stored pairs (θ = 1 without any); undefined where rounding has taken the definiteness of its middle matrix. */
export function compactBfgs(pairs: Pairs, n: number): CompactBfgs | undefined {
  const { memory, count: k, newest, sy, ss, yy } = pairs;
  const slots = Int32Array.from({ length: k }, (_, i) => (newest - (k - 1 - i) + memory) % memory);
  const last = newest * memory + newest;
  const theta = k === 0 ? 1 : yy[last]! / sy[last]!;
  const at = (array: Vector, i: number, j: number): number => array[slots[i]! * memory + slots[j]!]!;
  const K = denseMatrix(k, k);
  for (let i = 0; i < k; i++)
    for (let j = 0; j <= i; j++) {
      let sum = theta * at(ss, i, j);
      for (let l = 0; l < j; l++) sum += (at(sy, i, l) * at(sy, j, l)) / at(sy, l, l);
      K.data[i * k + j] = K.data[j * k + i] = sum;
    }
  const factor = choleskyFactorize(K);
  return factor.failedAt >= 0 || !(theta > 0) ? undefined : { n, size: k, theta, slots, pairs, factor };
}

/** out = M v, both of length 2k. */
export function applyMiddleInto(out: Vector, { size: k, slots, pairs, factor }: CompactBfgs, v: Vector): Vector {
  const { memory, sy } = pairs;
  const at = (i: number, j: number): number => sy[slots[i]! * memory + slots[j]!]!;
  const lower = out.subarray(k, 2 * k);
  for (let i = 0; i < k; i++) {
    let sum = v[k + i]!;
    for (let j = 0; j < i; j++) sum += (at(i, j) * v[j]!) / at(j, j);
    lower[i] = sum;
  }
  choleskySolveInto(lower, factor, lower);
  for (let j = 0; j < k; j++) {
    let sum = -v[j]!;
    for (let i = j + 1; i < k; i++) sum += at(i, j) * lower[i]!;
    out[j] = sum / at(j, j);
  }
  return out;
}

/** out = Wᵀd, of length 2k. */
export function transposeFactorInto(out: Vector, { n, size: k, theta, slots, pairs }: CompactBfgs, d: Vector): Vector {
  for (let j = 0; j < k; j++) {
    out[j] = dot(rowOf(pairs.y, slots[j]!, n), d);
    out[k + j] = theta * dot(rowOf(pairs.s, slots[j]!, n), d);
  }
  return out;
}

/** out = row i of W, of length 2k. */
export function factorRowInto(out: Vector, { n, size: k, theta, slots, pairs }: CompactBfgs, i: number): Vector {
  for (let j = 0; j < k; j++) {
    out[j] = pairs.y[slots[j]! * n + i]!;
    out[k + j] = theta * pairs.s[slots[j]! * n + i]!;
  }
  return out;
}

/** out ← out + a W v in the given variables (the first `count`), both ordered as these are. */
export function addFactorProduct(
  out: Vector,
  { n, size: k, theta, slots, pairs }: CompactBfgs,
  a: number,
  v: Vector,
  free: Int32Array,
  count: number,
): void {
  for (let j = 0; j < k; j++) {
    const row = slots[j]! * n;
    const alongY = a * v[j]!;
    const alongS = a * theta * v[k + j]!;
    for (let f = 0; f < count; f++) {
      const i = row + free[f]!;
      out[f]! += alongY * pairs.y[i]! + alongS * pairs.s[i]!;
    }
  }
}
