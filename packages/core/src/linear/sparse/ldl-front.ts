// One front of a sparse indefinite factorization: a dense symmetric matrix, lower triangle, row-major, of which the first columns, the candidates, may be
// eliminated, each with all rows of the front in view.
//
// Pivots of order 1 and 2 by the threshold tests of Duff, Reid 1996, "Exploiting zeros on the diagonal in the direct solution of indefinite sparse
// symmetric linear systems", ACM Trans. Math. Softw. 22(2), (2.4)–(2.5): with u the threshold, and maxima over the rows not yet eliminated,
//   |aₖₖ| ≥ u max_{i ≠ k} |aᵢₖ|,   |P⁻¹| (max_{i ≠ k, t} |aᵢₖ|, max_{i ≠ k, t} |aᵢₜ|)ᵀ ≤ (1, 1)ᵀ / u.
// Blocks of columns, so that most of the work is a matrix product, as in Bunch, Kaufman 1977 by LAPACK's dlasyf.
//
// Deviations:
// 1. A pivot and its partner are looked for in the present block of columns; columns that fail move behind the other candidates. A last pass has all that
//    are left in one block: there is a pivot then if all rows are candidates, as u < 1/2.
// 2. A column of which nothing is larger than `tiny` is a zero pivot: `substitute` stands in its place.
import { denseBackend } from "../dense/backend.js";
import type { Vector } from "../matrix.js";

export interface LdlFront {
  /** The matrix, size × size; behind it room for L D of a block. */
  readonly memory: Vector;
  readonly size: number;
  readonly candidates: number;
  /** What stands in each row: exchanged with it. */
  readonly rows: Int32Array;
  readonly threshold: number;
  readonly tiny: number;
  readonly substitute: number;
  /** D of the columns done; e[k] ≠ 0: a block of order 2 at k, k + 1. */
  readonly d: Vector;
  readonly e: Vector;
  done: number;
  positive: number;
  negative: number;
  zero: number;
  /** The column of the first zero pivot. */
  firstZero: number;
}

const blockColumns = 32;

/** Numbers that the memory of a front must hold. */
export const frontLength = (size: number): number => size * (size + blockColumns + 1);

export function newFront(
  memory: Vector,
  size: number,
  candidates: number,
  rows: Int32Array,
  threshold: number,
  tiny: number,
  substitute: number,
): LdlFront {
  const [d, e] = [new Float64Array(candidates), new Float64Array(candidates)];
  const counts = { done: 0, positive: 0, negative: 0, zero: 0, firstZero: -1 };
  return { memory, size, candidates, rows, threshold, tiny, substitute, d, e, ...counts };
}

/** Eliminates as many candidates as have stable pivots; they stand first then, and the rest of the matrix is reduced. */
export function eliminateFront(front: LdlFront): void {
  const { candidates } = front;
  for (let wide = false; front.done < candidates; ) {
    const before = front.done;
    let end = candidates;
    while (front.done < end) {
      const from = front.done;
      const to = Math.min(end, from + (wide ? candidates : blockColumns));
      eliminateBlock(front, from, to);
      for (let first = from; first < front.done; ) first = reduce(front, first, to);
      // The columns of the block that failed go behind the others.
      const failed = to - front.done;
      const moved = Math.min(failed, end - to);
      for (let t = 0; t < moved; t++) exchange(front, front.done + t, end - 1 - t);
      end -= failed;
    }
    if (front.done > before) continue;
    if (wide) return;
    wide = true;
  }
}

/** At a root, where nothing can be delayed: candidates that rounding has left without a pivot count as zero. */
export function settleRest(front: LdlFront): void {
  while (front.done < front.candidates) zeroPivot(front, front.done);
}

/** Pivots from columns from … to − 1, which are up to date in all rows; the columns of the block are kept so, the others not. */
function eliminateBlock(front: LdlFront, from: number, to: number): void {
  const { memory, size, threshold: u, tiny } = front;
  let k = from;
  for (let end = to; k < end; k = front.done) {
    // Column k: its largest entry, and the largest among the block's own rows.
    let most = 0;
    let partner = -1;
    let best = 0;
    for (let i = k + 1; i < size; i++) {
      const a = Math.abs(memory[i * size + k]);
      if (a > most) most = a;
      if (i < to && a > best) {
        best = a;
        partner = i;
      }
    }
    const diagonal = Math.abs(memory[k * size + k]);
    if (diagonal <= tiny && most <= tiny) zeroPivot(front, k);
    else if (diagonal > tiny && diagonal >= u * most) pivotOfOrder1(front, k, to);
    else if (partner !== -1 && best > tiny && tryPartner(front, k, partner, to)) continue;
    else exchange(front, k, --end);
  }
}

/** Column t as a pivot, or k and t together. */
function tryPartner(front: LdlFront, k: number, t: number, to: number): boolean {
  const { memory, size, threshold: u, tiny } = front;
  const off = memory[t * size + k];
  let mostT = 0;
  for (let c = k + 1; c < t; c++) mostT = Math.max(mostT, Math.abs(memory[t * size + c]));
  for (let i = t + 1; i < size; i++) mostT = Math.max(mostT, Math.abs(memory[i * size + t]));
  const dt = memory[t * size + t];
  if (Math.abs(dt) > tiny && Math.abs(dt) >= u * Math.max(mostT, Math.abs(off))) {
    exchange(front, k, t);
    pivotOfOrder1(front, k, to);
    return true;
  }
  let mostK = 0;
  for (let i = k + 1; i < size; i++) if (i !== t) mostK = Math.max(mostK, Math.abs(memory[i * size + k]));
  const dk = memory[k * size + k];
  // det P / off: no overflow, and no loss where it matters, since |dₖ| < u |off| or so.
  const det = Math.abs((dk / off) * dt - off);
  const o = Math.abs(off);
  const stable =
    (Math.abs(dt) / o) * mostK + mostT <= det / u && mostK + (Math.abs(dk) / o) * mostT <= det / u && det > 0;
  if (!stable) return false;
  exchange(front, k + 1, t);
  pivotOfOrder2(front, k, to);
  return true;
}

function zeroPivot(front: LdlFront, k: number): void {
  const { memory, size } = front;
  for (let i = k + 1; i < size; i++) memory[i * size + k] = 0;
  front.d[k] = front.substitute;
  if (front.zero++ === 0) front.firstZero = k;
  front.done = k + 1;
}

function pivotOfOrder1(front: LdlFront, k: number, to: number): void {
  const { memory, size } = front;
  const d = memory[k * size + k];
  for (let i = k + 1; i < size; i++) {
    const row = i * size;
    const y = memory[row + k];
    if (y === 0) continue;
    const l = y / d;
    // Column c of the block has lₖ in row c already where c < i: y of that row is d l.
    const end = Math.min(to, i);
    for (let c = k + 1; c < end; c++) memory[row + c] -= y * memory[c * size + k];
    if (i < to) memory[row + i] -= y * l;
    memory[row + k] = l;
  }
  front.d[k] = d;
  if (d > 0) front.positive++;
  else front.negative++;
  front.done = k + 1;
}

function pivotOfOrder2(front: LdlFront, k: number, to: number): void {
  const { memory, size } = front;
  const a = memory[k * size + k];
  const b = memory[(k + 1) * size + k];
  const c = memory[(k + 1) * size + k + 1];
  // P⁻¹ = [c −b; −b a] / (a c − b²), all divided by b.
  const det = (a / b) * c - b;
  const p = c / b / det;
  const q = -1 / det;
  const r = a / b / det;
  for (let i = k + 2; i < size; i++) {
    const row = i * size;
    const y0 = memory[row + k];
    const y1 = memory[row + k + 1];
    if (y0 === 0 && y1 === 0) continue;
    const l0 = p * y0 + q * y1;
    const l1 = q * y0 + r * y1;
    const end = Math.min(to, i);
    for (let j = k + 2; j < end; j++) memory[row + j] -= y0 * memory[j * size + k] + y1 * memory[j * size + k + 1];
    if (i < to) memory[row + i] -= y0 * l0 + y1 * l1;
    memory[row + k] = l0;
    memory[row + k + 1] = l1;
  }
  front.d[k] = a;
  front.d[k + 1] = c;
  front.e[k] = b;
  memory[(k + 1) * size + k] = 0;
  // det P = b det, which may underflow: negative for one eigenvalue of each sign.
  if (b < 0 !== det < 0) {
    front.positive++;
    front.negative++;
  } else if (a > 0) front.positive += 2;
  else front.negative += 2;
  front.done = k + 2;
}

/** Columns `to` and behind, less L D Lᵀ of some columns from `from` on; answers the column behind those. */
function reduce({ memory, size, d, e, done: last }: LdlFront, from: number, to: number): number {
  let done = Math.min(last, from + blockColumns);
  if (e[done - 1] !== 0) done++;
  const depth = done - from;
  const left = size - to;
  if (left === 0) return done;
  const scaled = size * size;
  for (let i = 0; i < left; i++) {
    const row = (to + i) * size;
    const y = scaled + i * depth - from;
    for (let k = from; k < done; k++) {
      if (e[k] === 0) memory[y + k] = memory[row + k] * d[k];
      else {
        memory[y + k] = memory[row + k] * d[k] + memory[row + k + 1] * e[k];
        memory[y + k + 1] = memory[row + k] * e[k] + memory[row + k + 1] * d[k + 1];
        k++;
      }
    }
  }
  if (left * left * depth > 1200) {
    const l = to * size + from;
    denseBackend().syrkProduct(left, depth, -1, memory, l, size, memory, scaled, depth, memory, to * size + to, size);
    return done;
  }
  for (let i = 0; i < left; i++) {
    const row = (to + i) * size;
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) sum += memory[row + from + k] * memory[scaled + j * depth + k];
      memory[row + to + j] -= sum;
    }
  }
  return done;
}

/** Rows and columns i ≤ j change places. */
function exchange({ memory, size, rows }: LdlFront, i: number, j: number): void {
  if (i === j) return;
  const [a, b] = [i * size, j * size];
  for (let t = 0; t < i; t++) swap(memory, a + t, b + t);
  swap(memory, a + i, b + j);
  for (let t = i + 1; t < j; t++) swap(memory, t * size + i, b + t);
  for (let t = j + 1; t < size; t++) swap(memory, t * size + i, t * size + j);
  const row = rows[i];
  rows[i] = rows[j];
  rows[j] = row;
}

function swap(memory: Vector, i: number, j: number): void {
  const value = memory[i];
  memory[i] = memory[j];
  memory[j] = value;
}
