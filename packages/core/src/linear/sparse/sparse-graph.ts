// The graph of a sparse symmetric matrix, and the smaller graph whose vertices stand for several unknowns with the same neighbours.
//
// Ashcraft 1995, "Compressed graphs and the minimum degree algorithm", SIAM J. Sci. Comput. 16(6), §2: unknowns i and j with
// adj(i) ∪ {i} = adj(j) ∪ {j} stay alike through any elimination, so that order, tree and pattern of the factor can be found on the graph of
// the classes. They are found by a checksum of the closed neighbourhood; lists with the same checksum are compared.
//
// Deviation: unknowns numbered by d × d blocks are recognised on the lower triangle itself, and the big graph isn't built at all.
import type { SparseMatrix } from "../matrix.js";

/** The pattern of a square matrix of which the lower triangle is stored. */
export type Pattern = Pick<SparseMatrix, "rows" | "cols" | "colPointers" | "rowIndices">;

/** An undirected graph without loops; each edge is in both lists, and lists are ascending. */
export interface Graph {
  readonly n: number;
  readonly pointers: Int32Array;
  readonly neighbours: Int32Array;
}

/** A graph whose vertices stand for several unknowns each. */
export interface CompressedGraph {
  readonly graph: Graph;
  /** The pattern consists of d × d blocks, which the vertices keep together. */
  readonly block: number;
  /** Unknowns that each vertex stands for; undefined where each stands for one, and `members` for 0 … n − 1. */
  readonly weights: Int32Array | undefined;
  /** The unknowns of vertex v are members[starts[v]] … members[starts[v + 1] − 1], ascending. */
  readonly starts: Int32Array;
  readonly members: Int32Array;
}

/** The graph of a lower triangle; the diagonal doesn't matter. */
export function graphOf({ cols: n, colPointers, rowIndices }: Pattern): Graph {
  const pointers = new Int32Array(n + 1);
  for (let j = 0; j < n; j++) {
    const end = colPointers[j + 1];
    for (let p = colPointers[j]; p < end; p++) {
      const i = rowIndices[p];
      if (i === j) continue;
      pointers[i + 1]++;
      pointers[j + 1]++;
    }
  }
  for (let i = 0; i < n; i++) pointers[i + 1] += pointers[i];
  const neighbours = new Int32Array(pointers[n]);
  const next = pointers.slice(0, n);
  for (let j = 0; j < n; j++) {
    const end = colPointers[j + 1];
    for (let p = colPointers[j]; p < end; p++) {
      const i = rowIndices[p];
      if (i === j) continue;
      neighbours[next[i]++] = j;
      neighbours[next[j]++] = i;
    }
  }
  return { n, pointers, neighbours };
}

/** The compressed graph of a lower triangle. With `blockSize` d, known to consist of d × d blocks; 0: to be found out. */
export function compressedGraph(A: Pattern, blockSize = 0): CompressedGraph {
  const d = blockSize > 0 ? blockSize : findBlockSize(A);
  if (d > 1) return compressed(graphOf(blockPattern(A, d)), d);
  return compressed(graphOf(A), 1);
}

/** Block sizes that are tried: unknowns of a vertex in 2-D and 3-D, with rotations. */
const blockSizes = [6, 4, 3, 2];

/** The largest of those d such that the pattern consists of d × d blocks; 1 where none fits. */
export function findBlockSize(A: Pattern): number {
  for (const d of blockSizes) if (hasBlocks(A, d)) return d;
  return 1;
}

/** Whether unknowns d k, …, d k + d − 1 have the same neighbours, for each k. Answers at the first fault. */
export function hasBlocks({ cols: n, colPointers, rowIndices }: Pattern, d: number): boolean {
  if (n === 0 || n % d !== 0) return false;
  for (let k = 0; k < n; k += d) {
    const from = colPointers[k];
    const count = colPointers[k + 1] - from;
    if (count % d !== 0) return false;
    for (let q = 0; q < count; q += d) {
      const i = rowIndices[from + q];
      if (i % d !== 0 || rowIndices[from + q + d - 1] !== i + d - 1) return false;
    }
    for (let t = 1; t < d; t++) {
      const begin = colPointers[k + t];
      if (colPointers[k + t + 1] - begin !== count - t) return false;
      for (let q = t; q < count; q++) if (rowIndices[begin + q - t] !== rowIndices[from + q]) return false;
    }
  }
  return true;
}

function blockPattern({ cols: n, colPointers, rowIndices }: Pattern, d: number): Pattern {
  const size = n / d;
  const pointers = new Int32Array(size + 1);
  for (let k = 0; k < size; k++) pointers[k + 1] = pointers[k] + (colPointers[k * d + 1] - colPointers[k * d]) / d;
  const rows = new Int32Array(pointers[size]);
  for (let k = 0; k < size; k++) {
    let p = colPointers[k * d];
    for (let q = pointers[k]; q < pointers[k + 1]; q++, p += d) rows[q] = rowIndices[p] / d;
  }
  return { rows: size, cols: size, colPointers: pointers, rowIndices: rows };
}

/** Merges vertices with the same closed neighbourhood where that makes the graph smaller by a fifth; each stands for d unknowns before. */
function compressed(G: Graph, d: number): CompressedGraph {
  const { n } = G;
  const { classOf, classes } = findClasses(G);
  if (classes > 0.8 * n) {
    const members = new Int32Array(n * d);
    for (let i = 0; i < n * d; i++) members[i] = i;
    const starts = new Int32Array(n + 1);
    for (let v = 0; v <= n; v++) starts[v] = v * d;
    return { graph: G, block: d, weights: d === 1 ? undefined : new Int32Array(n).fill(d), starts, members };
  }
  const starts = new Int32Array(classes + 1);
  for (let i = 0; i < n; i++) starts[classOf[i] + 1] += d;
  for (let c = 0; c < classes; c++) starts[c + 1] += starts[c];
  const members = new Int32Array(n * d);
  const next = starts.slice(0, classes);
  const first = new Int32Array(classes).fill(-1);
  for (let i = 0; i < n; i++) {
    const c = classOf[i];
    if (first[c] === -1) first[c] = i;
    for (let t = 0; t < d; t++) members[next[c]++] = i * d + t;
  }
  // Classes are numbered by their first vertices, so that the lists stay ascending.
  const pointers = new Int32Array(classes + 1);
  const neighbours = new Int32Array(G.pointers[n]);
  let at = 0;
  for (let c = 0; c < classes; c++) {
    const i = first[c];
    for (let q = G.pointers[i]; q < G.pointers[i + 1]; q++) {
      const j = G.neighbours[q];
      if (first[classOf[j]] === j) neighbours[at++] = classOf[j];
    }
    pointers[c + 1] = at;
  }
  const weights = new Int32Array(classes);
  for (let c = 0; c < classes; c++) weights[c] = starts[c + 1] - starts[c];
  return { graph: { n: classes, pointers, neighbours: neighbours.slice(0, at) }, block: d, weights, starts, members };
}

/** The class of each vertex, numbered by first members. */
function findClasses({ n, pointers, neighbours }: Graph): { classOf: Int32Array; classes: number } {
  const classOf = new Int32Array(n);
  const checksum = new Int32Array(n);
  let buckets = 16;
  while (buckets < n) buckets *= 2;
  const head = new Int32Array(buckets).fill(-1);
  const next = new Int32Array(n);
  let classes = 0;
  for (let i = 0; i < n; i++) {
    const end = pointers[i + 1];
    let sum = mix(i);
    for (let q = pointers[i]; q < end; q++) sum = (sum + mix(neighbours[q])) | 0;
    checksum[i] = sum;
    const bucket = (sum ^ (sum >>> 15)) & (buckets - 1);
    let j = head[bucket];
    while (j !== -1 && !(checksum[j] === sum && sameNeighbours(pointers, neighbours, i, j))) j = next[j];
    if (j !== -1) classOf[i] = classOf[j];
    else {
      classOf[i] = classes++;
      next[i] = head[bucket];
      head[bucket] = i;
    }
  }
  return { classOf, classes };
}

/** A number of 32 bits that looks random. */
function mix(i: number): number {
  const a = Math.imul(i + 1, 0x9e3779b1);
  return Math.imul(a ^ (a >>> 15), 0x85ebca6b);
}

/** adj(i) ∪ {i} = adj(j) ∪ {j}? */
function sameNeighbours(pointers: Int32Array, neighbours: Int32Array, i: number, j: number): boolean {
  let p = pointers[i];
  let q = pointers[j];
  const pEnd = pointers[i + 1];
  if (pEnd - p !== pointers[j + 1] - q) return false;
  const qEnd = pointers[j + 1];
  let adjacent = false;
  for (;;) {
    if (p < pEnd && neighbours[p] === j) {
      adjacent = true;
      p++;
      continue;
    }
    if (q < qEnd && neighbours[q] === i) {
      q++;
      continue;
    }
    if (p === pEnd || q === qEnd) return adjacent && p === pEnd && q === qEnd;
    if (neighbours[p++] !== neighbours[q++]) return false;
  }
}
