// What the pattern of a sparse symmetric matrix fixes of its factorization P A Pᵀ = L D Lᵀ: order, elimination tree, pattern of L.
//
// Elimination tree: Liu 1990, "The role of elimination trees in sparse factorization", SIAM J. Matrix Anal. Appl. 11(1), §4.2 (path
// compression); row patterns as subtrees: §3. Supernodes: Liu, Ng, Peyton 1993, "On finding supernodes for sparse matrix
// computations", SIAM J. Matrix Anal. Appl. 14(1); one list of rows serves all columns of a supernode.
//
// Deviations:
// 1. Column counts come from walking the row subtrees, O(nnz(L)), not from skeleton matrices.
// 2. Supernodes are maximal, not fundamental: a column with several children may join the one before it.
import { describe, misuse } from "../errors.js";
import { checkPattern, inversePermutation } from "./csc.js";
import type { SparseMatrix } from "./matrix.js";
import { amd } from "./ordering.js";

/** What a pattern fixes, as plain data. Rows and columns of L are numbered in the permuted order. */
export interface Symbolic {
  readonly n: number;
  /** permutation[k] is the variable in place k. */
  readonly permutation: Int32Array;
  readonly inverse: Int32Array;
  /** The elimination tree; −1 for a root. */
  readonly parent: Int32Array;
  /** Where the values of each column of L begin; the last entry is nnz(L) without its unit diagonal. */
  readonly pointers: Int32Array;
  /** The columns of supernode s are supernodes[s] … supernodes[s + 1] − 1: below its last column all have the same rows. */
  readonly supernodes: Int32Array;
  readonly supernodeOf: Int32Array;
  /** Those rows, ascending, are rowIndices[rowPointers[s]] … rowIndices[rowPointers[s + 1] − 1]. */
  readonly rowPointers: Int32Array;
  readonly rowIndices: Int32Array;
  /** Where each stored value of A goes: a place among the values of L, or −1 − k for the k-th diagonal entry. */
  readonly targets: Int32Array;
}

/**
 * Analyses the pattern of a symmetric matrix (lower triangle stored); its values aren't read.
 * @param ordering "amd" (default: approximate minimum degree, then a postorder of the elimination tree), "natural", or a
 * permutation of 0 … n − 1, taken as it is.
 * @throws ArgumentError when A isn't a well-formed symmetric matrix, `ordering` is none, or L would have 2³¹ entries or more.
 */
export function analyze(A: SparseMatrix, ordering: "amd" | "natural" | Int32Array = "amd"): Symbolic {
  const n = A.cols;
  if (A.rows !== n || !A.symmetric) {
    const given = `${A.rows} × ${n}, symmetric: ${A.symmetric}`;
    misuse("analyze", "A", given, "a square matrix with `symmetric: true` (lower triangle)");
  }
  checkPattern("analyze", "A", A);
  let permutation: Int32Array;
  if (ordering === "amd") permutation = amd(A);
  else if (ordering === "natural") permutation = Int32Array.from({ length: n }, (_, i) => i);
  else if (ordering instanceof Int32Array) permutation = ordering.slice();
  else misuse("analyze", "ordering", describe(ordering), '"amd", "natural" or an Int32Array');
  let inverse = inversePermutation("analyze", "ordering", permutation, n);
  let upper = permutedUpper(A, inverse);
  let parent = eliminationTree(upper);
  if (ordering === "amd") {
    const order = postorder(parent);
    permutation = order.map((k) => permutation[k]);
    inverse = inversePermutation("analyze", "ordering", permutation, n);
    upper = permutedUpper(A, inverse);
    parent = eliminationTree(upper);
  }
  const counts = columnCounts(upper, parent);
  const pointers = new Int32Array(n + 1);
  let total = 0;
  for (let k = 0; k < n; k++) {
    total += counts[k];
    if (total >= 2 ** 31) misuse("analyze", "A", "a matrix whose factor has 2³¹ entries or more", "a sparser one");
    pointers[k + 1] = total;
  }
  const { supernodes, supernodeOf } = findSupernodes(parent, counts);
  const { rowPointers, rowIndices } = supernodeRows(upper, parent, counts, supernodes, supernodeOf);
  const symbolic = { n, permutation, inverse, parent, pointers, supernodes, supernodeOf, rowPointers, rowIndices };
  return { ...symbolic, targets: valueTargets(A, symbolic) };
}

/** The strict upper triangle of P A Pᵀ by columns: its pattern, rows in no order. */
interface Upper {
  readonly n: number;
  readonly pointers: Int32Array;
  readonly rows: Int32Array;
}

function permutedUpper({ cols: n, colPointers, rowIndices }: SparseMatrix, inverse: Int32Array): Upper {
  const pointers = new Int32Array(n + 1);
  for (let j = 0; j < n; j++) {
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      if (rowIndices[p] !== j) pointers[Math.max(inverse[rowIndices[p]], inverse[j]) + 1]++;
    }
  }
  for (let k = 0; k < n; k++) pointers[k + 1] += pointers[k];
  const rows = new Int32Array(pointers[n]);
  const next = pointers.slice(0, n);
  for (let j = 0; j < n; j++) {
    const b = inverse[j];
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      const a = inverse[rowIndices[p]];
      if (a !== b) rows[next[Math.max(a, b)]++] = Math.min(a, b);
    }
  }
  return { n, pointers, rows };
}

function eliminationTree({ n, pointers, rows }: Upper): Int32Array {
  const parent = new Int32Array(n).fill(-1);
  const ancestor = new Int32Array(n).fill(-1);
  for (let k = 0; k < n; k++) {
    for (let q = pointers[k]; q < pointers[k + 1]; q++) {
      for (let i = rows[q]; i !== k; ) {
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

/** An order of the nodes of a forest in which each subtree is contiguous and ends with its root. */
function postorder(parent: Int32Array): Int32Array {
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
    if (parent[root] !== -1) continue;
    let node = root;
    for (;;) {
      while (firstChild[node] !== -1) node = firstChild[node];
      order[k++] = node;
      if (node === root) break;
      const up = parent[node];
      // The child just done leaves its parent's list; the next one, or the parent itself, follows.
      firstChild[up] = sibling[node];
      node = up;
    }
  }
  return order;
}

/** Entries of each column of L below the diagonal: row k of L has one in every column on the way, in the tree, from its own entries up to k. */
function columnCounts({ n, pointers, rows }: Upper, parent: Int32Array): Int32Array {
  const counts = new Int32Array(n);
  const seen = new Int32Array(n).fill(-1);
  for (let k = 0; k < n; k++) {
    seen[k] = k;
    for (let q = pointers[k]; q < pointers[k + 1]; q++) {
      for (let i = rows[q]; seen[i] !== k; i = parent[i]) {
        counts[i]++;
        seen[i] = k;
      }
    }
  }
  return counts;
}

function findSupernodes(parent: Int32Array, counts: Int32Array): { supernodes: Int32Array; supernodeOf: Int32Array } {
  const n = parent.length;
  const supernodeOf = new Int32Array(n);
  let count = 0;
  for (let k = 0; k < n; k++) {
    const joins = k > 0 && parent[k - 1] === k && counts[k - 1] === counts[k] + 1;
    if (!joins) count++;
    supernodeOf[k] = count - 1;
  }
  const supernodes = new Int32Array(count + 1);
  for (let k = n - 1; k >= 0; k--) supernodes[supernodeOf[k]] = k;
  supernodes[count] = n;
  return { supernodes, supernodeOf };
}

/** The rows below each supernode, by walking each row's subtree from supernode to supernode: they come out ascending. */
function supernodeRows(
  { n, pointers, rows }: Upper,
  parent: Int32Array,
  counts: Int32Array,
  supernodes: Int32Array,
  supernodeOf: Int32Array,
): { rowPointers: Int32Array; rowIndices: Int32Array } {
  const count = supernodes.length - 1;
  const rowPointers = new Int32Array(count + 1);
  for (let s = 0; s < count; s++) rowPointers[s + 1] = rowPointers[s] + counts[supernodes[s + 1] - 1];
  const rowIndices = new Int32Array(rowPointers[count]);
  const next = rowPointers.slice(0, count);
  const seen = new Int32Array(count).fill(-1);
  for (let k = 0; k < n; k++) {
    seen[supernodeOf[k]] = k;
    for (let q = pointers[k]; q < pointers[k + 1]; q++) {
      for (let s = supernodeOf[rows[q]]; seen[s] !== k; s = supernodeOf[parent[supernodes[s + 1] - 1]]) {
        seen[s] = k;
        rowIndices[next[s]++] = k;
      }
    }
  }
  return { rowPointers, rowIndices };
}

function valueTargets(A: SparseMatrix, symbolic: Omit<Symbolic, "targets">): Int32Array {
  const { n, inverse, pointers, supernodes, supernodeOf, rowPointers, rowIndices } = symbolic;
  const targets = new Int32Array(A.rowIndices.length);
  for (let j = 0; j < n; j++) {
    for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) {
      const a = inverse[A.rowIndices[p]];
      const b = inverse[j];
      const row = Math.max(a, b);
      const column = Math.min(a, b);
      const s = supernodeOf[column];
      const last = supernodes[s + 1] - 1;
      if (row === column) targets[p] = -1 - row;
      else if (row <= last) targets[p] = pointers[column] + row - column - 1;
      else {
        let low = rowPointers[s];
        let high = rowPointers[s + 1] - 1;
        while (low < high) {
          const middle = (low + high) >> 1;
          if (rowIndices[middle] < row) low = middle + 1;
          else high = middle;
        }
        targets[p] = pointers[column] + (last - column) + (low - rowPointers[s]);
      }
    }
  }
  return targets;
}
