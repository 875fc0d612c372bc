import { describe, expect, it } from "vitest";
import { nestedDissectionOrder } from "../../../src/linear/sparse/nested-dissection.js";
import { analyze } from "../../../src/linear/sparse/sparse-cholesky.js";
import { graphOf } from "../../../src/linear/sparse/sparse-graph.js";
import {
  cliqueEdges,
  type Edge,
  fromEdges,
  gridEdges,
  isPermutation,
  laplacian2d,
  randomEdges,
} from "../sparse-for-tests.js";

/** The parts into which the graph falls without the vertices that are last in the order. */
function partsWithout(last: Set<number>, n: number, edges: readonly Edge[]): number[] {
  const group = Array.from({ length: n }, (_, k) => k);
  const find = (k: number): number => {
    let v = k;
    while (group[v] !== v) v = group[v];
    return v;
  };
  for (const [i, j] of edges) if (!last.has(i) && !last.has(j)) group[find(i)] = find(j);
  const sizes = new Map<number, number>();
  for (let k = 0; k < n; k++) if (!last.has(k)) sizes.set(find(k), (sizes.get(find(k)) ?? 0) + 1);
  return [...sizes.values()].sort((a, b) => b - a);
}

describe("nestedDissectionOrder", () => {
  it.each<[string, number, Edge[]]>([
    ["nothing", 0, []],
    ["few vertices", 9, gridEdges(3)],
    ["a grid", 3600, gridEdges(60)],
    ["a clique", 1200, cliqueEdges(Array.from({ length: 60 }, (_, k) => 20 * k))],
    ["no edges", 1500, []],
    ["a random graph", 2500, randomEdges(2500, 5000, 1)],
  ])("is a permutation, the same each time: %s", (_, n, edges) => {
    const G = graphOf(fromEdges(n, edges, () => 1));
    const order = nestedDissectionOrder(G, undefined);
    expect(isPermutation(order)).toBe(true);
    expect(nestedDissectionOrder(G, undefined)).toEqual(order);
  });

  it("has a separator last: without it the grid falls into two parts of about the same size", () => {
    const m = 60;
    const edges = gridEdges(m);
    const order = nestedDissectionOrder(graphOf(fromEdges(m * m, edges, () => 1)), undefined);
    const sizes = Array.from({ length: 2 * m }, (_, k) =>
      partsWithout(new Set(order.subarray(m * m - k - 1)), m * m, edges),
    );
    const at = sizes.findIndex((parts) => parts.length >= 2 && parts[1] > 0.3 * m * m);
    expect(at).toBeGreaterThanOrEqual(m / 2);
    expect(at).toBeLessThan(1.5 * m);
  });

  it("fills far less than no order on a plane grid, and works less than minimum degree on one in space", () => {
    const A = laplacian2d(70);
    const entries = (ordering: "nested-dissection" | "amd" | "natural") => analyze(A, ordering).pointers[A.cols];
    expect(entries("nested-dissection")).toBeLessThan(1.6 * entries("amd"));
    expect(entries("nested-dissection")).toBeLessThan(0.4 * entries("natural"));
    const m = 20;
    const edges: Edge[] = [];
    for (let k = 0; k < m ** 3; k++) {
      if (k % m < m - 1) edges.push([k + 1, k]);
      if (Math.floor(k / m) % m < m - 1) edges.push([k + m, k]);
      if (k + m * m < m ** 3) edges.push([k + m * m, k]);
    }
    const B = fromEdges(m ** 3, edges, () => 6);
    expect(analyze(B, "nested-dissection").flops).toBeLessThan(analyze(B, "amd").flops);
  });

  it("orders vertices that stand for several unknowns", () => {
    const G = graphOf(laplacian2d(50));
    const order = nestedDissectionOrder(G, new Int32Array(2500).fill(3));
    expect(isPermutation(order)).toBe(true);
    expect(order.length).toBe(2500);
  });
});
