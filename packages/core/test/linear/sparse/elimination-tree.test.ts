import { describe, expect, it } from "vitest";
import { columnCounts, depthFirst, eliminationTree, postorder } from "../../../src/linear/sparse/elimination-tree.js";
import { graphOf } from "../../../src/linear/sparse/sparse-graph.js";
import { numbers } from "../dense-for-tests.js";
import {
  cliqueEdges,
  type Edge,
  eliminate,
  fromEdges,
  gridEdges,
  pathEdges,
  randomEdges,
} from "../sparse-for-tests.js";

const upTo = (n: number) => Int32Array.from({ length: n }, (_, k) => k);

function shuffled(n: number, seed: number): Int32Array {
  const next = numbers(seed);
  const keys = Array.from({ length: n }, () => next());
  return upTo(n).sort((a, b) => keys[a] - keys[b]);
}

const places = (order: Int32Array) => {
  const place = new Int32Array(order.length);
  for (const [k, v] of order.entries()) place[v] = k;
  return place;
};

const cases: [string, number, Edge[]][] = [
  ["nothing", 0, []],
  ["no edges", 5, []],
  ["a path", 20, pathEdges(20)],
  ["a grid", 49, gridEdges(7)],
  ["a clique", 9, cliqueEdges([...upTo(9)])],
  ["two grids", 50, [...gridEdges(5), ...gridEdges(5).map(([i, j]): Edge => [i + 25, j + 25])]],
  ...[1, 2, 3, 4, 5, 6].map((seed): [string, number, Edge[]] => [
    `random ${seed}`,
    60,
    randomEdges(60, 40 * seed, seed),
  ]),
];

describe("the elimination tree", () => {
  it.each(cases)("has the parents and counts of an elimination on a full table: %s", (_, n, edges) => {
    const A = fromEdges(n, edges, () => 1);
    for (const order of [upTo(n), shuffled(n, 3), shuffled(n, 8)]) {
      const rows = eliminate(A, order);
      const place = places(order);
      const parent = eliminationTree(graphOf(A), order, place);
      expect(Array.from(parent)).toEqual(rows.map((r) => r[0] ?? -1));
      const post = postorder(parent);
      const counts = columnCounts(graphOf(A), undefined, order, place, parent, post);
      expect(Array.from(counts)).toEqual(rows.map((r) => r.length));
    }
  });

  it("counts unknowns where a vertex stands for several", () => {
    const n = 40;
    const A = fromEdges(n, randomEdges(n, 80, 5), () => 1);
    const weights = Int32Array.from({ length: n }, (_, k) => 1 + (k % 4));
    const order = shuffled(n, 2);
    const place = places(order);
    const parent = eliminationTree(graphOf(A), order, place);
    const counts = columnCounts(graphOf(A), weights, order, place, parent, postorder(parent));
    const wanted = eliminate(A, order).map((rows) => rows.reduce((sum, k) => sum + weights[order[k]], 0));
    expect(Array.from(counts)).toEqual(wanted);
  });

  it("in postorder has each subtree together, its root last", () => {
    const order = shuffled(60, 4);
    const A = fromEdges(60, randomEdges(60, 90, 7), () => 1);
    const parent = eliminationTree(graphOf(A), order, places(order));
    const post = postorder(parent);
    const at = places(post);
    expect(Array.from(post).sort((a, b) => a - b)).toEqual([...upTo(60)]);
    const size = new Int32Array(60).fill(1);
    const first = at.slice();
    for (let j = 0; j < 60; j++) {
      if (parent[j] === -1) continue;
      size[parent[j]] += size[j];
      first[parent[j]] = Math.min(first[parent[j]], first[j]);
    }
    for (let j = 0; j < 60; j++) expect(first[j]).toBe(at[j] - size[j] + 1);
  });

  it("goes depth-first below one root, from the place given", () => {
    //   4 ← 2 ← 0, 4 ← 3 ← 1
    const parent = Int32Array.of(2, 3, 4, 4, -1);
    const order = new Int32Array(6).fill(-1);
    const end = depthFirst(order, 1, 4, parent, Int32Array.of(-1, -1, 0, 1, 2), Int32Array.of(-1, -1, 3, -1, -1));
    expect(end).toBe(6);
    expect(Array.from(order)).toEqual([-1, 0, 2, 1, 3, 4]);
  });
});
