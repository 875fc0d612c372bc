// All eigenvalues and eigenvectors of a symmetric tridiagonal matrix T = S Λ Sᵀ by divide and conquer.
//
// Cuppen 1981, "A divide and conquer method for the symmetric tridiagonal eigenproblem", Numer. Math. 36; deflation and orthogonal vectors as in
// Gu, Eisenstat 1995, "A divide-and-conquer algorithm for the symmetric tridiagonal eigenproblem", SIAM J. Matrix Anal. Appl. 16(1), §2–3: the z that belongs
// to the computed roots exactly (Löwner's formula), so that no extra precision is needed. Roots by secular-roots.ts.
//
// Deviations:
// 1. Rows of W = Sᵀ are the vectors: all products are of contiguous rows, and halves of zeros are left out of them (Rutter 1994).
// 2. Blocks of at most 32 rows are left to the implicit QL iteration.

import type { Vector } from "../matrix.js";
import type { DenseBackend } from "./backend.js";
import { implicitQl } from "./implicit-ql.js";
import { secularRootInto } from "./secular-roots.js";

const smallest = 32;

/** The state of one run: vectors in W (n × n), products in `next`, secular vectors in S, all of one allocation. */
interface Work {
  readonly backend: DenseBackend;
  readonly n: number;
  readonly d: Vector;
  readonly e: Vector;
  readonly W: Vector;
  readonly next: Vector;
  readonly S: Vector;
  readonly z: Vector;
  /** The order of d within a block, ascending. */
  readonly order: Int32Array;
}

/**
 * Turns d into the eigenvalues, in no order, and W (n × n, row-major) into their unit eigenvectors, a row each; e (n − 1 entries) is destroyed. `W` and `S` are
 * stretches of n² numbers and `next` of 2n² of one allocation of the backend. Entries should be near 1 in size. False when an iteration didn't end.
 */
export function divideAndConquer(
  backend: DenseBackend,
  d: Vector,
  e: Vector,
  W: Vector,
  next: Vector,
  S: Vector,
): boolean {
  const n = d.length;
  W.fill(0);
  const work = { backend, n, d, e, W, next, S, z: new Float64Array(n), order: new Int32Array(n) };
  return solveBlock(work, 0, n);
}

/** Rows and columns from … to − 1. */
function solveBlock(work: Work, from: number, to: number): boolean {
  const { n, d, e, W } = work;
  const size = to - from;
  if (size <= smallest) {
    const block = new Float64Array(size * size);
    for (let i = 0; i < size; i++) block[i * size + i] = 1;
    const beside = new Float64Array(size);
    beside.set(e.subarray(from, to - 1));
    if (!implicitQl(d.subarray(from, to), beside, block)) return false;
    for (let i = 0; i < size; i++) W.set(block.subarray(i * size, (i + 1) * size), (from + i) * n + from);
    return true;
  }
  const middle = from + (size >> 1);
  // T = diag(T₁, T₂) + ρ u uᵀ with u = (0 … 0, 1, ±1, 0 … 0).
  const beside = e[middle - 1];
  const rho = Math.abs(beside);
  d[middle - 1] -= rho;
  d[middle] -= rho;
  if (!solveBlock(work, from, middle) || !solveBlock(work, middle, to)) return false;
  return rho === 0 || merge(work, from, middle, to, rho, Math.sign(beside));
}

/** Which columns of a vector are not zero: those of the first half, of the second, or of both. */
const first = 0;
const both = 1;
const second = 2;

function merge(work: Work, from: number, middle: number, to: number, rho: number, sign: number): boolean {
  const { n, d, W, next, S, z, order, backend } = work;
  const size = to - from;
  for (let i = from; i < middle; i++) z[i] = W[i * n + middle - 1];
  for (let i = middle; i < to; i++) z[i] = sign * W[i * n + middle];
  const sorted = order.subarray(from, to);
  for (let i = 0; i < size; i++) sorted[i] = from + i;
  sorted.sort((i, j) => d[i] - d[j]);
  const { kept, kinds } = deflate(work, from, middle, to, rho, sorted);
  const k = kept.length;
  if (k === 0) return true;

  // Roots, and the differences d_j − λ_i in rows of S.
  const poles = Float64Array.from(kept, (i) => d[i]);
  const weights = Float64Array.from(kept, (i) => z[i]);
  const roots = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    const root = secularRootInto(S.subarray(i * k, (i + 1) * k), i, poles, weights, rho);
    if (Number.isNaN(root)) return false;
    roots[i] = root;
  }
  adjustWeights(weights, S, poles, k);
  // Columns of S by kind: those of the first half, of both, of the second.
  const place = new Int32Array(k);
  const counts = [0, 0, 0];
  for (const i of kept) counts[kinds[i - from]]++;
  const starts = [0, counts[0], counts[0] + counts[1]];
  kept.forEach((i, j) => {
    place[j] = starts[kinds[i - from]]++;
  });
  const row = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    let squares = 0;
    for (let j = 0; j < k; j++) {
      const value = weights[j] / S[i * k + j];
      row[place[j]] = value;
      squares += value * value;
    }
    const unit = 1 / Math.sqrt(squares);
    for (let j = 0; j < k; j++) S[i * k + j] = unit * row[j];
  }

  // The old vectors in the order of S's columns, and below them room for the new ones.
  const n1 = middle - from;
  const n2 = to - middle;
  const k1 = counts[0] + counts[1];
  const k2 = counts[1] + counts[2];
  const ofSecond = k1 * n1;
  kept.forEach((i, j) => {
    const kind = kinds[i - from];
    if (kind !== second) next.set(W.subarray(i * n + from, i * n + middle), place[j] * n1);
    if (kind !== first) next.set(W.subarray(i * n + middle, i * n + to), ofSecond + (place[j] - counts[0]) * n2);
  });
  for (const [j, i] of kept.entries()) {
    W.fill(0, i * n + from, i * n + to);
    d[i] = roots[j];
  }
  // Rows of the result stand where the kept rows stood, which needn't lie together: they are made side by side and moved.
  const made = k1 * n1 + k2 * n2;
  next.fill(0, made, made + k * size);
  backend.gemmStrided(k, n1, k1, 1, S, 0, k, 1, next, 0, n1, 1, next, made, size);
  backend.gemmStrided(k, n2, k2, 1, S, counts[0], k, 1, next, ofSecond, n2, 1, next, made + n1, size);
  for (const [j, i] of kept.entries()) W.set(next.subarray(made + j * size, made + (j + 1) * size), i * n + from);
  return true;
}

/**
 * Finds the eigenpairs that the update leaves as they are: those whose z is next to nothing, and one of each two with next to equal d, after a rotation that
 * gives all of their z to the other. Answers the rest in ascending order of d.
 */
function deflate(
  { n, d, W, z }: Work,
  from: number,
  middle: number,
  to: number,
  rho: number,
  sorted: Int32Array,
): { kept: number[]; kinds: Uint8Array } {
  const kinds = new Uint8Array(to - from).fill(second);
  kinds.fill(first, 0, middle - from);
  let size = 0;
  for (let i = from; i < to; i++) size = Math.max(size, Math.abs(d[i]), Math.abs(z[i]));
  const tolerance = 8 * Number.EPSILON * size;
  const kept: number[] = [];
  let held = -1;
  for (const j of sorted) {
    if (rho * Math.abs(z[j]) <= tolerance) continue;
    if (held >= 0) {
      const length = Math.hypot(z[held], z[j]);
      const c = z[j] / length;
      const s = z[held] / length;
      if (Math.abs((d[j] - d[held]) * c * s) <= tolerance) {
        z[j] = length;
        if (kinds[held - from] !== kinds[j - from]) kinds[j - from] = both;
        for (let q = from; q < to; q++) {
          const x = W[held * n + q];
          const y = W[j * n + q];
          W[held * n + q] = c * x - s * y;
          W[j * n + q] = s * x + c * y;
        }
        const x = d[held];
        const y = d[j];
        d[held] = x * c * c + y * s * s;
        d[j] = x * s * s + y * c * c;
      } else kept.push(held);
    }
    held = j;
  }
  if (held >= 0) kept.push(held);
  return { kept, kinds };
}

/** The z for which the computed roots are exact: z_j² = −Π_i (d_j − λ_i) / Π_{i≠j} (d_j − d_i), with the signs as they were. */
function adjustWeights(weights: Vector, S: Vector, poles: Vector, k: number): void {
  for (let j = 0; j < k; j++) {
    let product = -S[j * k + j];
    for (let i = 0; i < k; i++) if (i !== j) product *= S[i * k + j] / (poles[j] - poles[i]);
    weights[j] = Math.sign(weights[j]) * Math.sqrt(Math.max(0, product));
  }
}
