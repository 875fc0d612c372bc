// Where everything goes in a multifrontal factorization: rows of the supernodes, panels of L, update matrices on a stack with two ends, and
// the place of each entry of A. Duff, Reid 1983, "The multifrontal solution of indefinite sparse symmetric linear equations", ACM Trans.
// Math. Softw. 9(3); Liu 1992, "The multifrontal method for sparse matrix solution: theory and practice", SIAM Review 34(1), §4–5.
//
// Rows of a supernode come from walking each row's subtree from supernode to supernode (Liu 1990, §3): they come out ascending.
//
// Deviation: update matrices of even and odd depth in the tree lie at the two ends of one stretch of memory. Those of a supernode's children
// are on top at one end when its own is begun at the other, so that none is moved.
import { misuse } from "../../errors.js";
import type { SparseMatrix } from "../matrix.js";
import type { CompressedGraph, Graph } from "./sparse-graph.js";
import type { Supernodes } from "./supernodes.js";

/** The frame that the numbers of a factorization fill. */
export interface SparseLayout {
  /** The columns of supernode s are supernodes[s] … supernodes[s + 1] − 1. */
  readonly supernodes: Int32Array;
  readonly supernodeOf: Int32Array;
  /** The rows below them, ascending, are rowIndices[rowPointers[s]] … rowIndices[rowPointers[s + 1] − 1]. */
  readonly rowPointers: Int32Array;
  readonly rowIndices: Int32Array;
  /** The parent of each supernode, −1 for a root; and an order in which they can be factored with a stack. */
  readonly superParent: Int32Array;
  readonly sequence: Int32Array;
  /** Its children as a list: the first one, and of each the next; −1 ends it. */
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  /**
   * The rows of a supernode among the columns and rows of its parent, by runs of consecutive places that are all columns or all rows, as pairs:
   * from pair runPointers[s] on, the number of a run's first row, and its place in the parent. A pair (all rows, 0) ends them.
   */
  readonly runPointers: Int32Array;
  readonly runs: Int32Array;
  /** Where the panel of each supernode begins: w columns and r rows below are w + r rows of w entries. The last is the size of all. */
  readonly panels: Int32Array;
  /** Where its update matrix, r × r, begins in the working memory, and how much of that there has to be. */
  readonly updates: Int32Array;
  readonly workSize: number;
  /** Most entries of a scaled copy that a supernode asks for. */
  readonly scaledSize: number;
  /** Entries of A: those of supernode s are numbers entryPointers[s] … entryPointers[s + 1] − 1; value entrySources[e] goes to entryPlaces[e] of its panel. */
  readonly entryPointers: Int32Array;
  readonly entrySources: Int32Array;
  readonly entryPlaces: Int32Array;
}

export interface SupernodeTree {
  /** In vertices. */
  readonly supernodes: Supernodes;
  readonly superParent: Int32Array;
  readonly sequence: Int32Array;
  /** Unknowns below each. */
  readonly heights: Int32Array;
}

export function layOut(
  A: SparseMatrix,
  { graph, weights, block }: CompressedGraph,
  order: Int32Array,
  place: Int32Array,
  { supernodes: vertices, superParent, sequence, heights }: SupernodeTree,
  inverse: Int32Array,
): SparseLayout {
  const n = A.cols;
  const count = superParent.length;
  const supernodes = new Int32Array(count + 1);
  const supernodeOf = new Int32Array(n);
  const rowPointers = new Int32Array(count + 1);
  const panels = new Int32Array(count + 1);
  let scaledSize = 0;
  let size = 0;
  let at = 0;
  for (let s = 0; s < count; s++) {
    supernodes[s] = at;
    for (let k = vertices.starts[s]; k < vertices.starts[s + 1]; k++) {
      for (let t = weights === undefined ? 1 : weights[order[k]]; t > 0; t--) supernodeOf[at++] = s;
    }
    const width = at - supernodes[s];
    rowPointers[s + 1] = rowPointers[s] + heights[s];
    size += width * (width + heights[s]);
    if (size >= 2 ** 31) misuse("analyze", "A", "a matrix whose factor has 2³¹ entries or more", "a sparser one");
    panels[s + 1] = size;
    scaledSize = Math.max(scaledSize, width * heights[s], width * width);
  }
  supernodes[count] = n;
  const rowIndices = rowsBelow(graph, weights, order, place, vertices.of, superParent, rowPointers);
  return {
    supernodes,
    supernodeOf,
    rowPointers,
    rowIndices,
    superParent,
    sequence,
    ...findRuns(supernodes, superParent, rowPointers, rowIndices),
    panels,
    scaledSize,
    ...childLists(superParent),
    ...stackPlaces(superParent, sequence, heights),
    ...placeEntries(A, block, supernodes, supernodeOf, rowPointers, rowIndices, inverse),
  };
}

function childLists(superParent: Int32Array): { firstChild: Int32Array; nextSibling: Int32Array } {
  const count = superParent.length;
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  for (let s = count - 1; s >= 0; s--) {
    if (superParent[s] === -1) continue;
    nextSibling[s] = firstChild[superParent[s]];
    firstChild[superParent[s]] = s;
  }
  return { firstChild, nextSibling };
}

function rowsBelow(
  { n, pointers, neighbours }: Graph,
  weights: Int32Array | undefined,
  order: Int32Array,
  place: Int32Array,
  supernodeOf: Int32Array,
  superParent: Int32Array,
  rowPointers: Int32Array,
): Int32Array {
  const count = superParent.length;
  const rowIndices = new Int32Array(rowPointers[count]);
  const next = rowPointers.slice(0, count);
  const seen = new Int32Array(count).fill(-1);
  let row = 0;
  for (let k = 0; k < n; k++) {
    const v = order[k];
    const weight = weights === undefined ? 1 : weights[v];
    seen[supernodeOf[k]] = k;
    const end = pointers[v + 1];
    for (let q = pointers[v]; q < end; q++) {
      const j = place[neighbours[q]];
      if (j > k) continue;
      for (let s = supernodeOf[j]; seen[s] !== k; s = superParent[s]) {
        seen[s] = k;
        const to = next[s];
        for (let t = 0; t < weight; t++) rowIndices[to + t] = row + t;
        next[s] = to + weight;
      }
    }
    row += weight;
  }
  return rowIndices;
}

function findRuns(
  supernodes: Int32Array,
  superParent: Int32Array,
  rowPointers: Int32Array,
  rowIndices: Int32Array,
): { runPointers: Int32Array; runs: Int32Array } {
  const count = superParent.length;
  const runPointers = new Int32Array(count + 1);
  const runs = new Int32Array(2 * (rowIndices.length + count));
  let at = 0;
  for (let s = 0; s < count; s++) {
    const p = superParent[s];
    const from = rowPointers[s];
    const last = rowPointers[s + 1];
    if (from < last) {
      const first = supernodes[p];
      const end = supernodes[p + 1];
      const below = rowPointers[p];
      let next = -1;
      let q = from;
      for (; q < last && rowIndices[q] < end; q++) {
        const place = rowIndices[q] - first;
        if (place !== next) {
          runs[at++] = q - from;
          runs[at++] = place;
        }
        next = place + 1;
      }
      next = -1;
      for (let t = below; q < last; q++, t++) {
        const row = rowIndices[q];
        while (rowIndices[t] < row) t++;
        if (t !== next) {
          runs[at++] = q - from;
          runs[at++] = end - first + t - below;
        }
        next = t + 1;
      }
    }
    runs[at++] = last - from;
    runs[at++] = 0;
    runPointers[s + 1] = at / 2;
  }
  return { runPointers, runs: runs.slice(0, at) };
}

function stackPlaces(
  superParent: Int32Array,
  sequence: Int32Array,
  heights: Int32Array,
): { updates: Int32Array; workSize: number } {
  const count = superParent.length;
  const depth = new Uint8Array(count);
  const held = new Float64Array(count);
  for (let k = count - 1; k >= 0; k--) {
    const s = sequence[k];
    if (superParent[s] !== -1) depth[s] = 1 - depth[superParent[s]];
  }
  const top = [0, 0];
  const places = new Float64Array(count);
  let workSize = 0;
  for (const s of sequence) {
    const own = depth[s];
    places[s] = top[own];
    top[own] += heights[s] * heights[s];
    workSize = Math.max(workSize, top[0] + top[1]);
    top[1 - own] -= held[s];
    if (superParent[s] !== -1) held[superParent[s]] += heights[s] * heights[s];
  }
  if (workSize >= 2 ** 31) {
    misuse("analyze", "A", "a matrix whose factorization needs 16 GiB of working memory or more", "a sparser one");
  }
  const updates = new Int32Array(count);
  for (let s = 0; s < count; s++) {
    updates[s] = depth[s] === 0 ? places[s] : workSize - places[s] - heights[s] * heights[s];
  }
  return { updates, workSize };
}

/** Sorts the d × d blocks of A by supernode, finds the places of their corners, and of all entries from these. */
function placeEntries(
  { colPointers, rowIndices: rowsOfA }: SparseMatrix,
  d: number,
  supernodes: Int32Array,
  supernodeOf: Int32Array,
  rowPointers: Int32Array,
  rowIndices: Int32Array,
  inverse: Int32Array,
): { entryPointers: Int32Array; entrySources: Int32Array; entryPlaces: Int32Array } {
  const n = inverse.length;
  const count = supernodes.length - 1;
  const blockPointers = new Int32Array(count + 1);
  for (let j = 0; j < n; j += d) {
    const b = inverse[j];
    const end = colPointers[j + 1];
    for (let p = colPointers[j]; p < end; p += d) {
      const a = inverse[rowsOfA[p]];
      blockPointers[supernodeOf[Math.min(a, b)] + 1]++;
    }
  }
  for (let s = 0; s < count; s++) blockPointers[s + 1] += blockPointers[s];
  const total = blockPointers[count];
  const corners = new Int32Array(total);
  const columns = new Int32Array(total);
  const next = blockPointers.slice(0, count);
  for (let j = 0; j < n; j += d) {
    const b = inverse[j];
    const end = colPointers[j + 1];
    for (let p = colPointers[j]; p < end; p += d) {
      const a = inverse[rowsOfA[p]];
      const e = next[supernodeOf[Math.min(a, b)]]++;
      corners[e] = p;
      columns[e] = j;
    }
  }
  const entryPointers = new Int32Array(count + 1);
  const entrySources = new Int32Array(rowsOfA.length);
  const entryPlaces = new Int32Array(rowsOfA.length);
  const place = new Int32Array(n);
  let at = 0;
  for (let s = 0; s < count; s++) {
    const first = supernodes[s];
    const width = supernodes[s + 1] - first;
    for (let k = 0; k < width; k++) place[first + k] = k;
    const from = rowPointers[s];
    for (let q = from; q < rowPointers[s + 1]; q++) place[rowIndices[q]] = width + q - from;
    for (let e = blockPointers[s]; e < blockPointers[s + 1]; e++) {
      const j = columns[e];
      const a = inverse[rowsOfA[corners[e]]];
      const b = inverse[j];
      // Below the diagonal of the permuted matrix its rows are those of A, above it the columns of A.
      const turned = a < b;
      const corner = turned ? place[b] * width + a - first : place[a] * width + b - first;
      for (let t = 0; t < d; t++) {
        // Column j + t lacks the first t rows of column j.
        const source = corners[e] - colPointers[j] + colPointers[j + t] - t;
        for (let u = a === b ? t : 0; u < d; u++) {
          entrySources[at] = source + u;
          entryPlaces[at++] = corner + (turned ? t * width + u : u * width + t);
        }
      }
    }
    entryPointers[s + 1] = at;
  }
  return { entryPointers, entrySources, entryPlaces };
}
