// The elimination tree of a graph in a given order, and how many entries each column of the factor has.
//
// Tree: Liu 1990, "The role of elimination trees in sparse factorization", SIAM J. Matrix Anal. Appl. 11(1), §4.2 (path compression).
// Counts: Gilbert, Ng, Peyton 1994, "An efficient algorithm to compute row and column counts for sparse Cholesky factorization",
// SIAM J. Matrix Anal. Appl. 15(4), Figure 3: O(nnz(A) α(n)), L isn't formed. Row i of L has the pattern of a subtree of the tree; its
// leaves are known from A and first descendants. A weight at each leaf, taken off again where two paths meet and above i, makes the sum over
// the descendants of a column its count.
//
// Deviation: a vertex may stand for several unknowns (weights); counts are in unknowns.
import type { Graph } from "./sparse-graph.js";

/** Vertex order[k] is eliminated as the k-th; parent[k] is the place of its parent, −1 for a root. */
export function eliminationTree({ n, pointers, neighbours }: Graph, order: Int32Array, place: Int32Array): Int32Array {
  const parent = new Int32Array(n).fill(-1);
  const ancestor = new Int32Array(n).fill(-1);
  for (let k = 0; k < n; k++) {
    const v = order[k];
    const end = pointers[v + 1];
    for (let q = pointers[v]; q < end; q++) {
      let i = place[neighbours[q]];
      while (i < k) {
        const up = ancestor[i];
        ancestor[i] = k;
        if (up === -1) {
          parent[i] = k;
          break;
        }
        i = up;
      }
    }
  }
  return parent;
}

/** An order of the nodes of a forest (children before parents by number) in which each subtree is contiguous and ends with its root. */
export function postorder(parent: Int32Array): Int32Array {
  const n = parent.length;
  const firstChild = new Int32Array(n).fill(-1);
  const sibling = new Int32Array(n).fill(-1);
  for (let i = n - 1; i >= 0; i--) {
    if (parent[i] === -1) continue;
    sibling[i] = firstChild[parent[i]];
    firstChild[parent[i]] = i;
  }
  const order = new Int32Array(n);
  let k = 0;
  for (let root = 0; root < n; root++) {
    if (parent[root] === -1) k = depthFirst(order, k, root, parent, firstChild, sibling);
  }
  return order;
}

/** Writes the tree under `root`, children first, to `order` from place k; answers the place behind it. `firstChild` is used up. */
export function depthFirst(
  order: Int32Array,
  k: number,
  root: number,
  parent: Int32Array,
  firstChild: Int32Array,
  sibling: Int32Array,
): number {
  let node = root;
  for (;;) {
    while (firstChild[node] !== -1) node = firstChild[node];
    order[k++] = node;
    if (node === root) return k;
    const up = parent[node];
    // The child just done leaves its parent's list; the next one, or the parent itself, follows.
    firstChild[up] = sibling[node];
    node = up;
  }
}

/** The unknowns below each vertex's own in its columns of L. `post` is a postorder of the tree. */
export function columnCounts(
  { n, pointers, neighbours }: Graph,
  weights: Int32Array | undefined,
  order: Int32Array,
  place: Int32Array,
  parent: Int32Array,
  post: Int32Array,
): Int32Array {
  const counts = new Int32Array(n);
  /** The place in the postorder of the first descendant. */
  const first = new Int32Array(n).fill(-1);
  for (let t = 0; t < n; t++) for (let j = post[t]; j !== -1 && first[j] === -1; j = parent[j]) first[j] = t;
  const latest = new Int32Array(n).fill(-1);
  const previousLeaf = new Int32Array(n).fill(-1);
  const ancestor = new Int32Array(n);
  for (let j = 0; j < n; j++) ancestor[j] = j;
  for (let t = 0; t < n; t++) {
    const j = post[t];
    const v = order[j];
    const weight = weights === undefined ? 1 : weights[v];
    const up = parent[j];
    if (up !== -1) counts[up] -= weight;
    if (first[j] === t) counts[j] += weight;
    const end = pointers[v + 1];
    for (let q = pointers[v]; q < end; q++) {
      const u = neighbours[q];
      const i = place[u];
      if (i <= j || first[j] <= latest[i]) continue;
      latest[i] = first[j];
      const w = weights === undefined ? 1 : weights[u];
      counts[j] += w;
      const leaf = previousLeaf[i];
      previousLeaf[i] = j;
      if (leaf === -1) continue;
      let root = leaf;
      while (ancestor[root] !== root) root = ancestor[root];
      for (let s = leaf; s !== root; ) {
        const next = ancestor[s];
        ancestor[s] = root;
        s = next;
      }
      counts[root] -= w;
    }
    if (up !== -1) ancestor[j] = up;
  }
  for (let t = 0; t < n; t++) {
    const j = post[t];
    if (parent[j] !== -1) counts[parent[j]] += counts[j];
  }
  for (let j = 0; j < n; j++) counts[j] -= weights === undefined ? 1 : weights[order[j]];
  return counts;
}
