// What the pattern of a sparse symmetric matrix fixes of its factorization P A Pᵀ = L D Lᵀ: order, elimination tree, supernodes, and where
// everything goes. The work is done on the graph of blocks of unknowns with the same neighbours (sparse-graph.ts), and expanded at the end.
//
// Sources: elimination-tree.ts, supernodes.ts, ordering.ts, nested-dissection.ts, sparse-layout.ts.
import { describe, misuse, requireKnownOptions, requireNumber } from "../../errors.js";
import type { SparseMatrix } from "../matrix.js";
import { checkPattern, inversePermutation } from "./csc.js";
import { columnCounts, eliminationTree, postorder } from "./elimination-tree.js";
import { nestedDissectionOrder } from "./nested-dissection.js";
import { bottomUpOrder, expandOrder } from "./ordering.js";
import { type CompressedGraph, compressedGraph, graphOf, hasBlocks, type Pattern } from "./sparse-graph.js";
import { layOut, type SparseLayout } from "./sparse-layout.js";
import { defaultRelaxation, findSupernodes, mergeSupernodes, orderSupernodes, type Relaxation } from "./supernodes.js";

/** What a pattern fixes, as plain data. Rows and columns of L are numbered in the permuted order. */
export interface Symbolic extends SparseLayout {
  readonly n: number;
  /** permutation[k] is the variable in place k. */
  readonly permutation: Int32Array;
  readonly inverse: Int32Array;
  /** The elimination tree; −1 for a root. */
  readonly parent: Int32Array;
  /** pointers[k + 1] − pointers[k]: entries below the diagonal in column k of L; the last is nnz(L) without its unit diagonal. */
  readonly pointers: Int32Array;
  /** Multiplications and additions of a factorization, zeros of merged supernodes not counted: Σ (entries of the column)². */
  readonly flops: number;
}

/**
 * "fill": approximate minimum mean local fill; "amd": approximate minimum degree; "nested-dissection": separators first, for large meshes and
 * grids, above all in 3-D; or a permutation, taken as it is ("natural": 0 … n − 1).
 */
export type Ordering = "fill" | "amd" | "nested-dissection" | "natural" | Int32Array;

export interface AnalyzeOptions {
  /** Default "fill". */
  readonly ordering?: Ordering;
  /**
   * Unknowns d k … d k + d − 1 have the same neighbours for each k, as the coordinates of a mesh's vertex do: order and analysis are those of
   * the blocks. Default: found out.
   */
  readonly blockSize?: number;
  /** How far supernodes are merged; false: only where that costs no zeros. */
  readonly relaxation?: Relaxation | false;
}

/**
 * Analyses the pattern of a symmetric matrix (lower triangle stored); its values aren't read. An ordering may be given in place of options.
 * @throws ArgumentError when A isn't a well-formed symmetric matrix, an option is wrong, or L would have 2³¹ entries or more.
 */
export function analyze(A: SparseMatrix, options: AnalyzeOptions | Ordering = {}): Symbolic {
  const routine = "analyze";
  const n = A.cols;
  if (A.rows !== n || !A.symmetric) {
    const given = `${A.rows} × ${n}, symmetric: ${A.symmetric}`;
    misuse(routine, "A", given, "a square matrix with `symmetric: true` (lower triangle)");
  }
  checkPattern(routine, "A", A);
  const given = typeof options === "string" || ArrayBuffer.isView(options) ? { ordering: options } : options;
  requireKnownOptions(routine, given, ["ordering", "blockSize", "relaxation"]);
  const { ordering = "fill", blockSize, relaxation = defaultRelaxation } = given;
  if (blockSize !== undefined) requireBlocks(routine, A, blockSize);
  const free = typeof ordering === "string" && ordering !== "natural";
  const compressed = free ? compressedGraph(A, blockSize) : plainGraph(A);
  return symbolicOf(A, compressed, vertexOrder(routine, compressed, ordering), free, relaxation);
}

function requireBlocks(routine: string, A: Pattern, blockSize: number): void {
  requireNumber(routine, "options.blockSize", blockSize, { atLeast: 1, integer: true });
  if (blockSize > 1 && !hasBlocks(A, blockSize)) {
    const wanted = `a d such that the pattern consists of full d × d blocks`;
    misuse(routine, "options.blockSize", String(blockSize), wanted, "Leave it out to have it found.");
  }
}

/** The graph whose vertices are the unknowns. */
function plainGraph(A: Pattern): CompressedGraph {
  const members = natural(A.cols);
  return { graph: graphOf(A), block: 1, weights: undefined, starts: natural(A.cols + 1), members };
}

const natural = (n: number): Int32Array => {
  const order = new Int32Array(n);
  for (let k = 0; k < n; k++) order[k] = k;
  return order;
};

function vertexOrder(routine: string, { graph, weights }: CompressedGraph, ordering: Ordering): Int32Array {
  if (ordering === "fill") return bottomUpOrder(graph, weights, "fill");
  if (ordering === "amd") return bottomUpOrder(graph, weights, "degree");
  if (ordering === "nested-dissection") return nestedDissectionOrder(graph, weights);
  if (ordering === "natural") return natural(graph.n);
  if (ordering instanceof Int32Array) {
    inversePermutation(routine, "ordering", ordering, graph.n);
    return ordering.slice();
  }
  return misuse(
    routine,
    "ordering",
    describe(ordering),
    '"fill", "amd", "nested-dissection", "natural" or an Int32Array',
  );
}

/** The analysis for a given order of the vertices; `free` if it may be exchanged for an equivalent one. */
function symbolicOf(
  A: SparseMatrix,
  compressed: CompressedGraph,
  given: Int32Array,
  free: boolean,
  relaxation: Relaxation | false,
): Symbolic {
  const { graph, weights } = compressed;
  const size = graph.n;
  let order = given;
  let place = placesOf(order);
  let parent = eliminationTree(graph, order, place);
  let post = postorder(parent);
  if (free) {
    order = permuted(order, post);
    place = placesOf(order);
    parent = renumberedTree(parent, post);
    post = natural(size);
  }
  let counts = columnCounts(graph, weights, order, place, parent, post);
  const weight = weights === undefined ? () => 1 : (k: number) => weights[order[k]];
  let supernodes = findSupernodes(parent, counts, weight);
  const { starts, of } = supernodes;
  const count = starts.length - 1;
  const up = new Int32Array(count);
  const widths = new Int32Array(count);
  const heights = new Int32Array(count);
  for (let s = 0; s < count; s++) {
    const last = starts[s + 1] - 1;
    up[s] = parent[last] === -1 ? -1 : of[parent[last]];
    heights[s] = counts[last];
    widths[s] = counts[starts[s]] + weight(starts[s]) - counts[last];
  }
  const into = relaxation === false ? natural(count) : mergeSupernodes(up, widths, heights, relaxation, !free);
  const merged = orderSupernodes(up, into, heights);
  // Where the order is taken as it is, the supernodes stand as their columns do, and are gone through in the order of the tree.
  const standing = free ? merged.order : merged.order.slice().sort();
  const sequence = new Int32Array(standing.length);
  const number = new Int32Array(count);
  for (let k = 0; k < standing.length; k++) number[standing[k]] = k;
  for (let k = 0; k < standing.length; k++) sequence[k] = number[merged.order[k]];
  const superParent = standing.map((s) => (merged.up[s] === -1 ? -1 : number[merged.up[s]]));
  for (let s = 0; s < count; s++) number[s] = number[into[s]];

  // The vertices, supernode by supernode.
  const groupStarts = new Int32Array(standing.length + 1);
  for (let s = 0; s < count; s++) groupStarts[number[s] + 1] += starts[s + 1] - starts[s];
  for (let k = 0; k < standing.length; k++) groupStarts[k + 1] += groupStarts[k];
  const next = groupStarts.slice(0, standing.length);
  const vertices = new Int32Array(size);
  const groupOf = new Int32Array(size);
  for (let s = 0; s < count; s++) {
    for (let k = starts[s]; k < starts[s + 1]; k++) {
      groupOf[next[number[s]]] = number[s];
      vertices[next[number[s]]++] = k;
    }
  }
  order = permuted(order, vertices);
  place = placesOf(order);
  parent = renumberedTree(parent, vertices);
  counts = permuted(counts, vertices);
  supernodes = { starts: groupStarts, of: groupOf };

  const permutation = expandOrder(compressed, order);
  const inverse = inversePermutation("analyze", "ordering", permutation, A.cols);
  const columns = expandColumns(weights, order, parent, counts, A.cols);
  const tree = { supernodes, superParent, sequence, heights: permuted(heights, standing) };
  return {
    n: A.cols,
    permutation,
    inverse,
    ...columns,
    ...layOut(A, compressed, order, place, tree, inverse),
  };
}

function placesOf(order: Int32Array): Int32Array {
  const place = new Int32Array(order.length);
  for (let k = 0; k < order.length; k++) place[order[k]] = k;
  return place;
}

function permuted(values: Int32Array, by: Int32Array): Int32Array {
  const out = new Int32Array(by.length);
  for (let k = 0; k < by.length; k++) out[k] = values[by[k]];
  return out;
}

/** The tree with node order[k] called k. */
function renumberedTree(parent: Int32Array, order: Int32Array): Int32Array {
  const place = placesOf(order);
  const out = new Int32Array(parent.length);
  for (let k = 0; k < order.length; k++) out[k] = parent[order[k]] === -1 ? -1 : place[parent[order[k]]];
  return out;
}

/** Tree and counts of the unknowns from those of the vertices. */
function expandColumns(
  weights: Int32Array | undefined,
  order: Int32Array,
  parent: Int32Array,
  counts: Int32Array,
  n: number,
): { parent: Int32Array; pointers: Int32Array; flops: number } {
  const size = order.length;
  const base = new Int32Array(size + 1);
  for (let k = 0; k < size; k++) base[k + 1] = base[k] + (weights === undefined ? 1 : weights[order[k]]);
  const parents = new Int32Array(n);
  const pointers = new Int32Array(n + 1);
  let total = 0;
  let flops = 0;
  for (let k = 0; k < size; k++) {
    const end = base[k + 1];
    for (let j = base[k]; j < end; j++) {
      const entries = counts[k] + end - 1 - j;
      total += entries;
      flops += (entries + 1) * (entries + 1);
      pointers[j + 1] = total;
      parents[j] = j + 1 < end ? j + 1 : parent[k] === -1 ? -1 : base[parent[k]];
    }
  }
  if (total >= 2 ** 31) misuse("analyze", "A", "a matrix whose factor has 2³¹ entries or more", "a sparser one");
  return { parent: parents, pointers, flops };
}
