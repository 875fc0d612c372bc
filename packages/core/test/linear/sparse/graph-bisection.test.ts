import { describe, expect, it } from "vitest";
import { bisect, LEFT, RIGHT, SEPARATOR, type WeightedGraph } from "../../../src/linear/sparse/graph-bisection.js";
import { graphOf } from "../../../src/linear/sparse/sparse-graph.js";
import { cliqueEdges, type Edge, fromEdges, gridEdges, pathEdges, randomEdges } from "../sparse-for-tests.js";

function weighted(n: number, edges: readonly Edge[], weights = new Int32Array(n).fill(1)): WeightedGraph {
  const G = graphOf(fromEdges(n, edges, () => 1));
  return { ...G, weights, edgeWeights: new Int32Array(G.neighbours.length).fill(1) };
}

/** Weights of left, right and separator; throws where an edge joins left and right. */
function sides(G: WeightedGraph): [number, number, number] {
  const side = bisect(G);
  expect(side.length).toBe(G.n);
  const sum: [number, number, number] = [0, 0, 0];
  for (let v = 0; v < G.n; v++) {
    sum[side[v]] += G.weights[v];
    for (let q = G.pointers[v]; q < G.pointers[v + 1]; q++) {
      const pair = side[v] + side[G.neighbours[q]];
      if (side[v] !== SEPARATOR && side[G.neighbours[q]] !== SEPARATOR) expect(pair).not.toBe(LEFT + RIGHT);
    }
  }
  return sum;
}

const grid3d = (m: number): Edge[] => {
  const edges: Edge[] = [];
  for (let k = 0; k < m ** 3; k++) {
    if (k % m < m - 1) edges.push([k + 1, k]);
    if (Math.floor(k / m) % m < m - 1) edges.push([k + m, k]);
    if (k + m * m < m ** 3) edges.push([k + m * m, k]);
  }
  return edges;
};

describe("bisect", () => {
  it.each<[string, number, Edge[], number]>([
    // A line of the grid is a separator of m vertices; 1.5 times that is near enough.
    ["a grid of 20 × 20", 400, gridEdges(20), 30],
    ["a grid of 60 × 60", 3600, gridEdges(60), 90],
    ["a grid of 100 × 30", 3000, gridEdges(100, 30), 45],
    ["a grid of 14 × 14 × 14", 2744, grid3d(14), 294],
    ["a path", 1000, pathEdges(1000), 3],
  ])("cuts %s in two by few vertices", (_, n, edges, most) => {
    const [left, right, separator] = sides(weighted(n, edges));
    expect(left + right + separator).toBe(n);
    expect(separator).toBeLessThanOrEqual(most);
    expect(Math.max(left, right)).toBeLessThanOrEqual(0.6 * n);
    expect(Math.min(left, right)).toBeGreaterThan(0.3 * n);
  });

  it.each<[string, number, Edge[]]>([
    ["nothing", 0, []],
    ["one vertex", 1, []],
    ["an edge", 2, [[1, 0]]],
    ["a clique", 40, cliqueEdges(Array.from({ length: 40 }, (_, k) => k))],
    ["a star", 500, Array.from({ length: 499 }, (_, k) => [k + 1, 0])],
    ["no edges", 300, []],
    ["two grids apart", 1250, [...gridEdges(25), ...gridEdges(25).map(([i, j]): Edge => [i + 625, j + 625])]],
    ["a random graph", 800, randomEdges(800, 1600, 3)],
  ])("separates whatever it is given: %s", (_, n, edges) => {
    const [left, right, separator] = sides(weighted(n, edges));
    expect(left + right + separator).toBe(n);
  });

  it("balances by weights", () => {
    const n = 1600;
    const weights = Int32Array.from({ length: n }, (_, k) => (k % 40 < 10 ? 9 : 1));
    const [left, right, separator] = sides(weighted(n, gridEdges(40), weights));
    const total = weights.reduce((a, b) => a + b, 0);
    expect(left + right + separator).toBe(total);
    expect(Math.max(left, right)).toBeLessThanOrEqual(0.6 * total);
    // Lines of light vertices are to be preferred: 40, not 360.
    expect(separator).toBeLessThan(250);
  });

  it("gives the same each time", () => {
    const G = weighted(3600, gridEdges(60));
    expect(bisect(G)).toEqual(bisect(G));
  });
});
