// Supernodes: runs of columns of the factor with the same rows below, and their merging where that costs few zeros.
//
// Liu, Ng, Peyton 1993, "On finding supernodes for sparse matrix computations", SIAM J. Matrix Anal. Appl. 14(1); merging: Ashcraft,
// Grimes 1989, "The influence of relaxed supernode partitions on the multifrontal method", ACM Trans. Math. Softw. 15(4), §3.
//
// Deviations:
// 1. Supernodes are maximal, not fundamental: a column with several children may join the one before it.
// 2. Merging goes by the share of zeros among the entries that the merged supernode would have, the allowed share falling with its width.
// 3. Where the order is free, any child may be merged, not the last only: its columns move to those of its parent.

import { depthFirst } from "./elimination-tree.js";

/** Supernodes of vertices in their order: those of s are starts[s] … starts[s + 1] − 1. */
export interface Supernodes {
  readonly starts: Int32Array;
  readonly of: Int32Array;
}

/** How far supernodes are merged. */
export interface Relaxation {
  /** The share of zeros, from 0 to 1, allowed among the entries of a supernode of up to 16, up to 48, and more columns. */
  readonly shares: readonly [number, number, number];
  /** A supernode of up to so many columns is merged whatever it costs. */
  readonly always: number;
}

/** Measured on grids and meshes of 10⁴ to 10⁵ unknowns. */
export const defaultRelaxation: Relaxation = { shares: [0.5, 0.15, 0.05], always: 4 };

const none = -1;

/** Maximal supernodes. counts[k]: unknowns below vertex k in its columns; weight(k): unknowns of vertex k. */
export function findSupernodes(parent: Int32Array, counts: Int32Array, weight: (k: number) => number): Supernodes {
  const n = parent.length;
  const of = new Int32Array(n);
  let count = 0;
  for (let k = 0; k < n; k++) {
    const joins = k > 0 && parent[k - 1] === k && counts[k - 1] === counts[k] + weight(k);
    if (!joins) count++;
    of[k] = count - 1;
  }
  const starts = new Int32Array(count + 1);
  for (let k = n - 1; k >= 0; k--) starts[of[k]] = k;
  starts[count] = n;
  return { starts, of };
}

/**
 * Merges supernodes into their parents; answers, for each, the one it ends up in (itself where it stays). `up` is the parent supernode
 * (−1 for a root), `widths` and `heights` the unknowns in its columns and below. With `lastOnly` a child is merged only where its columns
 * end just before those of its parent.
 */
export function mergeSupernodes(
  up: Int32Array,
  widths: Int32Array,
  heights: Int32Array,
  { shares, always }: Relaxation,
  lastOnly: boolean,
): Int32Array {
  const count = up.length;
  const into = new Int32Array(count);
  for (let s = 0; s < count; s++) into[s] = s;
  const width = widths.slice();
  const zeros = new Float64Array(count);
  /** The columns of s and what has been merged into it begin with those of this supernode, where merging goes by neighbours. */
  const begin = into.slice();
  const child = new Int32Array(count).fill(none);
  const sibling = new Int32Array(count).fill(none);
  for (let s = count - 1; s >= 0; s--) {
    if (up[s] === none) continue;
    sibling[s] = child[up[s]];
    child[up[s]] = s;
  }
  for (let s = 0; s < count; s++) {
    const h = heights[s];
    for (;;) {
      // The child that brings the fewest zeros.
      let best = none;
      let before = none;
      let bestBefore = none;
      let least = Number.POSITIVE_INFINITY;
      for (let c = child[s]; c !== none; before = c, c = sibling[c]) {
        if (lastOnly && c !== begin[s] - 1) continue;
        const extra = width[c] * (width[s] + h - heights[c]) + zeros[c];
        if (extra < least) {
          least = extra;
          best = c;
          bestBefore = before;
        }
      }
      if (best === none) break;
      const w = width[s] + width[best];
      const z = zeros[s] + least;
      const share = w <= 16 ? shares[0] : w <= 48 ? shares[1] : shares[2];
      if (w > always && z > share * (0.5 * w * (w + 1) + w * h)) break;
      // Its children become those of s.
      if (bestBefore === none) child[s] = sibling[best];
      else sibling[bestBefore] = sibling[best];
      let last = child[best];
      if (last !== none) {
        while (sibling[last] !== none) last = sibling[last];
        sibling[last] = child[s];
        child[s] = child[best];
      }
      into[best] = s;
      begin[s] = begin[best];
      width[s] = w;
      zeros[s] = z;
    }
  }
  for (let s = count - 1; s >= 0; s--) into[s] = into[into[s]];
  return into;
}

/** The supernodes that stay, in the order in which their columns shall stand. */
export interface SupernodeOrder {
  /** Each is named by the top one of those merged into it. */
  readonly order: Int32Array;
  /** Of those, the parents; −1 for a root. Indexed by name. */
  readonly up: Int32Array;
}

/**
 * A postorder of the merged supernodes in which the children with the greatest need of passing memory come first: Liu 1986, "On the storage
 * requirement in the out-of-core multifrontal method for sparse factorization", ACM Trans. Math. Softw. 12(3), Theorem 3.1. A supernode
 * leaves heights² numbers to its parent.
 */
export function orderSupernodes(parents: Int32Array, into: Int32Array, heights: Int32Array): SupernodeOrder {
  const count = into.length;
  const up = new Int32Array(count).fill(none);
  const child = new Int32Array(count).fill(none);
  const sibling = new Int32Array(count).fill(none);
  const need = new Float64Array(count);
  let kept = 0;
  const size = (s: number) => heights[s] * heights[s];
  const children: number[] = [];
  for (let s = 0; s < count; s++) {
    if (into[s] !== s) continue;
    kept++;
    if (child[s] !== none) {
      children.length = 0;
      for (let c = child[s]; c !== none; c = sibling[c]) children.push(c);
      if (children.length > 1) children.sort((a, b) => need[b] - size(b) - (need[a] - size(a)) || a - b);
      let held = 0;
      let most = 0;
      let last = none;
      for (const c of children) {
        most = Math.max(most, held + need[c]);
        held += size(c);
        if (last === none) child[s] = c;
        else sibling[last] = c;
        last = c;
      }
      sibling[last] = none;
      need[s] = Math.max(most, held + size(s));
    } else need[s] = size(s);
    if (parents[s] === none) continue;
    const p = into[parents[s]];
    up[s] = p;
    sibling[s] = child[p];
    child[p] = s;
  }
  const order = new Int32Array(kept);
  let k = 0;
  for (let s = 0; s < count; s++) if (into[s] === s && up[s] === none) k = depthFirst(order, k, s, up, child, sibling);
  return { order, up };
}
