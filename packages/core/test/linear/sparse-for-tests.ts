// Sparse matrices with known properties, and plain reference computations that share no code with src.

import { type DenseMatrix, denseMatrix, type SparseMatrix } from "../../src/linear/matrix.js";
import { sparseFromTriplets } from "../../src/linear/sparse/csc.js";
import { numbers } from "./dense-for-tests.js";

export type Edge = readonly [i: number, j: number];

/** The symmetric matrix with the given off-diagonal entries (value of edge k: off(k)) and diagonal. */
export function fromEdges(
  n: number,
  edges: readonly Edge[],
  diagonal: (k: number) => number,
  off: (k: number) => number = () => -1,
): SparseMatrix {
  const all = Array.from({ length: n }, (_, k) => k);
  return sparseFromTriplets(
    n,
    n,
    [...edges.map((e) => e[0]), ...all],
    [...edges.map((e) => e[1]), ...all],
    [...edges.map((_, k) => off(k)), ...all.map(diagonal)],
    { symmetric: true },
  );
}

export const pathEdges = (n: number): Edge[] => Array.from({ length: Math.max(0, n - 1) }, (_, k) => [k + 1, k]);

export function gridEdges(rows: number, cols = rows): Edge[] {
  const edges: Edge[] = [];
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b < cols; b++) {
      const k = a * cols + b;
      if (b + 1 < cols) edges.push([k + 1, k]);
      if (a + 1 < rows) edges.push([k + cols, k]);
    }
  }
  return edges;
}

/** The 5-point Laplacian of an m × m grid: eigenvalues 4 − 2cos(iπ/(m + 1)) − 2cos(jπ/(m + 1)). */
export const laplacian2d = (m: number): SparseMatrix => fromEdges(m * m, gridEdges(m), () => 4);

export function laplacian2dEigenvalues(m: number): number[] {
  const part = (k: number) => 4 * Math.sin((k * Math.PI) / (2 * (m + 1))) ** 2;
  const values: number[] = [];
  for (let i = 1; i <= m; i++) for (let j = 1; j <= m; j++) values.push(part(i) + part(j));
  return values.sort((a, b) => a - b);
}

/** `count` random pairs of different vertices, each pair once. */
export function randomEdges(n: number, count: number, seed: number): Edge[] {
  const next = numbers(seed);
  const vertex = () => Math.min(n - 1, Math.floor(0.5 * (next() + 1) * n));
  const seen = new Map<number, Edge>();
  for (let k = 0; k < count; k++) {
    const [a, b] = [vertex(), vertex()];
    if (a !== b) seen.set(Math.max(a, b) * n + Math.min(a, b), [Math.max(a, b), Math.min(a, b)]);
  }
  return [...seen.values()];
}

/** A full lower triangle. */
export const cliqueEdges = (members: readonly number[]): Edge[] =>
  members.flatMap((i, a) => members.slice(0, a).map((j): Edge => [i, j]));

/** The entries of L below its diagonal, as rows of each column, by elimination on a full table: A in the given order, no cancellation. */
export function eliminate(A: SparseMatrix, permutation: ArrayLike<number>): number[][] {
  const n = A.cols;
  const place = new Array<number>(n);
  for (let k = 0; k < n; k++) place[permutation[k]] = k;
  const table = Array.from({ length: n }, () => new Uint8Array(n));
  for (let j = 0; j < n; j++) {
    for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) {
      const [a, b] = [place[A.rowIndices[p]], place[j]];
      table[Math.max(a, b)][Math.min(a, b)] = 1;
    }
  }
  return Array.from({ length: n }, (_, k) => {
    const rows: number[] = [];
    for (let i = k + 1; i < n; i++) if (table[i][k] === 1) rows.push(i);
    for (const i of rows) for (const j of rows) if (j < i) table[i][j] = 1;
    return rows;
  });
}

/** Neighbours of each variable. */
function neighbours(A: SparseMatrix): Set<number>[] {
  const sets = Array.from({ length: A.cols }, () => new Set<number>());
  for (let j = 0; j < A.cols; j++) {
    for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) {
      const i = A.rowIndices[p];
      if (i === j) continue;
      sets[i].add(j);
      sets[j].add(i);
    }
  }
  return sets;
}

/** Exact minimum degree on the elimination graph itself, ties to the lowest number. */
export function exactMinimumDegree(A: SparseMatrix): number[] {
  const graph = neighbours(A);
  const left = new Set(graph.keys());
  const order: number[] = [];
  while (left.size > 0) {
    let best = -1;
    for (const i of left) if (best === -1 || graph[i].size < graph[best].size) best = i;
    order.push(best);
    left.delete(best);
    for (const i of graph[best]) {
      graph[i].delete(best);
      for (const j of graph[best]) if (i !== j) graph[i].add(j);
    }
  }
  return order;
}

/** Reverse Cuthill–McKee from a vertex of least degree in each component. */
export function reverseCuthillMcKee(A: SparseMatrix): Int32Array {
  const graph = neighbours(A);
  const byDegree = (i: number, j: number) => graph[i].size - graph[j].size || i - j;
  const order: number[] = [];
  const seen = new Set<number>();
  for (const root of [...graph.keys()].sort(byDegree)) {
    if (seen.has(root)) continue;
    seen.add(root);
    let at = order.push(root) - 1;
    for (; at < order.length; at++) {
      for (const i of [...graph[order[at]]].filter((k) => !seen.has(k)).sort(byDegree)) {
        seen.add(i);
        order.push(i);
      }
    }
  }
  return Int32Array.from(order.reverse());
}

/** P A Pᵀ + σI, dense. */
export function permutedDense(A: SparseMatrix, permutation: ArrayLike<number>, shift = 0): DenseMatrix {
  const n = A.cols;
  const place = new Array<number>(n);
  for (let k = 0; k < n; k++) place[permutation[k]] = k;
  const D = denseMatrix(n, n);
  for (let j = 0; j < n; j++) {
    for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) {
      const [a, b] = [place[A.rowIndices[p]], place[j]];
      D.data[a * n + b] = D.data[b * n + a] = A.values[p];
    }
  }
  for (let k = 0; k < n; k++) D.data[k * n + k] += shift;
  return D;
}

export const isPermutation = (p: ArrayLike<number>): boolean =>
  Array.from(p)
    .sort((a, b) => a - b)
    .every((v, k) => v === k);
