import { describe, expect, it } from "vitest";
import {
  completeGraph,
  erdosRenyiGraph,
  graphFromEdges,
  lazyWeights,
  metropolisWeights,
  mixingMatrix,
  network,
  pathGraph,
  ringGraph,
  spectralGap,
  starGraph,
  uniformWeights,
} from "../../src/index.js";
import { gaussian } from "../problems-for-tests.js";
import { seeded } from "../random.js";

describe("mixing matrices", () => {
  it("by Metropolis have the eigenvalues of the circulant on a ring", () => {
    // 1/3 + 2/3 cos 2πk/n; the second largest in modulus at k = 1, or n even and k = n/2: −1/3.
    for (const n of [5, 20, 51])
      expect(spectralGap(metropolisWeights(ringGraph(n)))).toBeCloseTo((2 / 3) * (1 - Math.cos((2 * Math.PI) / n)), 13);
  });

  it("by Metropolis have gap 1/n on a star and mix fully on a complete graph", () => {
    // On the leaves the matrix is (1 − 1/n) I but for their mean.
    expect(spectralGap(metropolisWeights(starGraph(8)))).toBeCloseTo(1 / 8, 13);
    expect(spectralGap(metropolisWeights(completeGraph(8)))).toBe(1);
    expect(spectralGap(uniformWeights(8))).toBe(1);
    expect(network(uniformWeights(1)).contraction).toBe(0);
  });

  it("are symmetric, doubly stochastic and zero off the graph", () => {
    const graph = erdosRenyiGraph(30, 0.2, seeded(1));
    for (const matrix of [metropolisWeights(graph), lazyWeights(metropolisWeights(graph))])
      expect(() => mixingMatrix(graph, matrix.weights)).not.toThrow();
    expect(spectralGap(lazyWeights(metropolisWeights(ringGraph(20))))).toBeCloseTo(
      0.5 * spectralGap(metropolisWeights(ringGraph(20))),
      13,
    );
  });

  it("may be the user's own, as rows or flat", () => {
    const rows = [
      [0.5, 0.5, 0],
      [0.5, 0.2, 0.3],
      [0, 0.3, 0.7],
    ];
    const matrix = mixingMatrix(pathGraph(3), rows);
    expect(Array.from(matrix.weights)).toEqual(rows.flat());
    expect(mixingMatrix(pathGraph(3), rows.flat()).weights).toEqual(matrix.weights);
    expect(matrix.rows[0]).toEqual({ agents: Int32Array.of(0, 1), weights: Float64Array.of(0.5, 0.5) });
  });

  it("take σ off the distance from the mean, a round", () => {
    const n = 12;
    const matrix = metropolisWeights(erdosRenyiGraph(n, 0.3, seeded(2)));
    const σ = 1 - spectralGap(matrix);
    let y = gaussian(n, 3);
    const mean = y.reduce((sum, v) => sum + v, 0) / n;
    const off = () => Math.hypot(...y.map((v) => v - mean));
    const distances = [off()];
    for (let t = 0; t < 60; t++) {
      y = y.map((_, i) => {
        const { agents, weights } = matrix.rows[i]!;
        return agents.reduce((sum, j, a) => sum + weights[a]! * y[j]!, 0);
      });
      distances.push(off());
      expect(distances[t + 1]!).toBeLessThanOrEqual(σ * distances[t]! * (1 + 1e-12));
    }
    expect(distances[60]! / distances[59]!).toBeCloseTo(σ, 3);
  });

  it("that take turns mix together", () => {
    // Pairs 01 and 23, then 12 and 30: after both all have the mean.
    const half = (edges: readonly (readonly [number, number])[]) => metropolisWeights(graphFromEdges(4, edges));
    const pairs = half([
      [0, 1],
      [2, 3],
    ]);
    const others = half([
      [1, 2],
      [0, 3],
    ]);
    expect(network([pairs, others]).contraction).toBeLessThan(1e-7);
    expect(() => network(pairs)).toThrow(
      "network: argument `mixing` is disconnected: agents 2, 3 can't be reached from agent 0, which reaches 1 others",
    );
    // One matrix given twice contracts as once.
    const ring = metropolisWeights(ringGraph(7));
    expect(network([ring, ring]).contraction).toBeCloseTo(network(ring).contraction, 12);
  });

  it("name the entry that is wrong", () => {
    const path = pathGraph(3);
    const good = [
      [0.5, 0.5, 0],
      [0.5, 0, 0.5],
      [0, 0.5, 0.5],
    ];
    const withEntry = (i: number, j: number, value: number) => () =>
      mixingMatrix(
        path,
        good.map((row, k) => row.map((w, l) => (k === i && l === j ? value : w))),
      );
    expect(() => mixingMatrix(path, good)).not.toThrow();
    expect(withEntry(0, 1, 0.4)).toThrow("mixingMatrix: argument `W[0][1]` is 0.4; wanted W[1][0] = 0.5: a symmetric");
    expect(withEntry(1, 1, -0.1)).toThrow("argument `W[1][1]` is -0.1; wanted a number >= 0");
    expect(withEntry(0, 2, 0.1)).toThrow("argument `W[0][2]` is 0.1; wanted 0: agents 0 and 2 aren't linked");
    expect(withEntry(2, 2, 0.6)).toThrow(/argument `W\[2\]` is a row of sum 1\.1; wanted rows of sum 1/);
    expect(withEntry(0, 0, Number.NaN)).toThrow("argument `W[0][0]` is NaN; wanted a finite number");
    expect(() => mixingMatrix(path, good.slice(1))).toThrow("argument `W` is an Array of length 2; wanted 3 rows of 3");
    expect(() => mixingMatrix(path, [[1], [1], [1]])).toThrow(
      "argument `W[0]` is an Array of length 1; wanted 3 numbers",
    );
    expect(() => mixingMatrix(path, 3 as never)).toThrow("argument `W` is 3");
    expect(() => mixingMatrix(3 as never, good)).toThrow("argument `graph` is 3; wanted a graph of agents");
    expect(() => metropolisWeights(null as never)).toThrow("metropolisWeights: argument `graph` is null");
    expect(() => uniformWeights(0)).toThrow("argument `agents` is 0");
  });

  it("are refused by a network when they don't lead to the mean", () => {
    expect(() => network([])).toThrow("network: argument `mixing` is empty");
    expect(() => network(3 as never)).toThrow("network: argument `mixing[0]` is 3; wanted a mixing matrix");
    expect(() => network([uniformWeights(2), uniformWeights(3)])).toThrow(
      "argument `mixing[1]` is of 3 agents; wanted 2 agents, as the first has",
    );
    const swap = mixingMatrix(pathGraph(2), [
      [0, 1],
      [1, 0],
    ]);
    expect(() => network(swap)).toThrow(
      /without contraction.*Likely cause: zeros on the diagonal; `lazyWeights` mixes/,
    );
    expect(network(lazyWeights(swap)).contraction).toBe(0);
    // An edge without weight links nobody.
    const cut = mixingMatrix(pathGraph(3), [
      [0.5, 0.5, 0],
      [0.5, 0.5, 0],
      [0, 0, 1],
    ]);
    expect(() => network(cut)).toThrow("agent 2 can't be reached from agent 0");
    const many = graphFromEdges(15, [[0, 1]]);
    expect(() => network(metropolisWeights(many))).toThrow("agents 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more can't be");
  });
});
