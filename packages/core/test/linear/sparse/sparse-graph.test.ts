import { describe, expect, it } from "vitest";
import type { SparseMatrix } from "../../../src/linear/matrix.js";
import { permuteSymmetric } from "../../../src/linear/sparse/csc.js";
import { compressedGraph, findBlockSize, graphOf, hasBlocks } from "../../../src/linear/sparse/sparse-graph.js";
import { randomVector } from "../dense-for-tests.js";
import {
  cliqueEdges,
  type Edge,
  fromEdges,
  gridEdges,
  laplacian2d,
  pathEdges,
  randomEdges,
} from "../sparse-for-tests.js";

/** A with each entry replaced by a full d × d block. */
function blocks(A: SparseMatrix, d: number): SparseMatrix {
  const edges: Edge[] = [];
  for (let j = 0; j < A.cols; j++) {
    for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) {
      for (let t = 0; t < d; t++) {
        for (let u = 0; u < d; u++) {
          const [a, b] = [A.rowIndices[p] * d + u, j * d + t];
          if (a > b) edges.push([a, b]);
        }
      }
    }
  }
  return fromEdges(A.cols * d, edges, () => 1);
}

const shuffle = (n: number) => {
  const keys = randomVector(n, 5);
  return Int32Array.from({ length: n }, (_, k) => k).sort((a, b) => keys[a] - keys[b]);
};

const neighboursOf = (A: SparseMatrix) => {
  const { n, pointers, neighbours } = graphOf(A);
  return Array.from({ length: n }, (_, v) => Array.from(neighbours.subarray(pointers[v], pointers[v + 1])));
};

describe("graphOf", () => {
  it("has each edge in both lists, ascending, and no loops", () => {
    expect(
      neighboursOf(
        fromEdges(
          4,
          [
            [1, 0],
            [3, 0],
            [3, 2],
          ],
          () => 1,
        ),
      ),
    ).toEqual([[1, 3], [0], [3], [0, 2]]);
    const A = fromEdges(40, randomEdges(40, 90, 2), () => 1);
    const lists = neighboursOf(A);
    for (const [v, list] of lists.entries()) {
      expect(list).toEqual([...new Set(list)].sort((a, b) => a - b));
      for (const u of list) expect(lists[u]).toContain(v);
    }
    expect(lists.reduce((sum, l) => sum + l.length, 0)).toBe(2 * (A.values.length - 40));
  });
});

describe("blocks", () => {
  it.each([2, 3, 4, 6])("of %d × %d unknowns are found, and none of another size", (d) => {
    const A = blocks(laplacian2d(5), d);
    expect(findBlockSize(A)).toBe(d);
    const G = compressedGraph(A);
    expect(G.block).toBe(d);
    expect(G.graph).toEqual(graphOf(laplacian2d(5)));
    expect(Array.from(G.weights!)).toEqual(new Array(25).fill(d));
    expect(Array.from(G.members)).toEqual(Array.from({ length: 25 * d }, (_, k) => k));
  });

  it("are no longer there when one entry is missing or one too many", () => {
    const A = blocks(laplacian2d(4), 2);
    expect(hasBlocks(A, 2)).toBe(true);
    for (let p = 0; p < A.values.length; p++) {
      const column = A.colPointers.findIndex((q) => q > p) - 1;
      if (A.rowIndices[p] === column) continue;
      const without: SparseMatrix = {
        ...A,
        colPointers: A.colPointers.map((q) => (q > p ? q - 1 : q)),
        rowIndices: A.rowIndices.filter((_, q) => q !== p),
        values: A.values.filter((_, q) => q !== p),
      };
      expect(hasBlocks(without, 2)).toBe(false);
    }
    expect(hasBlocks(laplacian2d(4), 2)).toBe(false);
    expect(hasBlocks(blocks(laplacian2d(3), 2), 4)).toBe(false);
    expect(
      hasBlocks(
        fromEdges(0, [], () => 1),
        2,
      ),
    ).toBe(false);
  });
});

describe("compressedGraph", () => {
  it.each([2, 3])("finds the %d unknowns of a vertex wherever they are numbered", (d) => {
    const m = 7;
    const A = blocks(laplacian2d(m), d);
    const order = shuffle(A.cols);
    const G = compressedGraph(permuteSymmetric(A, order));
    expect(G.graph.n).toBe(m * m);
    for (let v = 0; v < m * m; v++) {
      const members = Array.from(G.members.subarray(G.starts[v], G.starts[v + 1]), (k) => Math.floor(order[k] / d));
      expect(members).toEqual(new Array(d).fill(members[0]));
      expect(G.weights![v]).toBe(d);
    }
    // The graph of the vertices is the grid.
    const at = Array.from({ length: m * m }, (_, v) => Math.floor(order[G.members[G.starts[v]]] / d));
    const grid = new Set(gridEdges(m).map(([i, j]) => i * m * m + j));
    let edges = 0;
    for (let v = 0; v < m * m; v++) {
      for (const u of G.graph.neighbours.subarray(G.graph.pointers[v], G.graph.pointers[v + 1])) {
        const [i, j] = [Math.max(at[u], at[v]), Math.min(at[u], at[v])];
        expect(grid.has(i * m * m + j)).toBe(true);
        edges++;
      }
    }
    expect(edges).toBe(2 * grid.size);
  });

  it("joins the vertices with the same closed neighbourhood, by the definition", () => {
    const parts = [3, 1, 4, 2, 5].flatMap((size, k) => Array.from({ length: size }, () => k));
    const n = parts.length;
    const edges: Edge[] = [];
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (Math.abs(parts[i] - parts[j]) <= 1) edges.push([i, j]);
    const G = compressedGraph(fromEdges(n, edges, () => 1));
    expect(Array.from(G.weights!)).toEqual([3, 1, 4, 2, 5]);
    expect(Array.from(G.graph.pointers)).toEqual(Array.from(graphOf(fromEdges(5, pathEdges(5), () => 1)).pointers));
    const clique = compressedGraph(fromEdges(8, cliqueEdges([0, 1, 2, 3, 4, 5, 6, 7]), () => 1));
    expect([clique.graph.n, clique.weights![0]]).toEqual([1, 8]);
  });

  it("leaves a graph alone that would hardly be smaller", () => {
    const G = compressedGraph(laplacian2d(6));
    expect(G.weights).toBeUndefined();
    expect(G.graph).toEqual(graphOf(laplacian2d(6)));
    expect(compressedGraph(fromEdges(0, [], () => 1)).graph.n).toBe(0);
  });
});
