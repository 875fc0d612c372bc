// The tree after every single exchange against what its parents say: thread, sizes, last nodes, potentials, exact marginals, strong feasibility.
import { counted } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { networkSimplex } from "../../src/exact/network-simplex.js";
import { type NetworkProblem, networkProblem } from "../../src/network/problem.js";
import type { Tree } from "../../src/network/tree.js";
import { randomCost, randomWeights, uniform } from "../problems-for-tests.js";

function check({ arcs, supply, demand }: NetworkProblem, tree: Tree): void {
  const { parent, thread, before, size, last, flow, potential, level, cost, forbidden, root } = tree;
  const n = arcs.rows;
  const nodes = [...parent.keys()].filter((v) => parent[v]! > -2);
  const children = new Map<number, number[]>(nodes.map((v) => [v, []]));
  for (const v of nodes) if (v !== root) children.get(parent[v]!)!.push(v);
  // One preorder: the subtree of a node is a piece of the thread that starts with it.
  const place = new Map<number, number>();
  for (let v = root, k = 0; k < nodes.length; k++, v = thread[v]!) {
    place.set(v, k);
    expect(before[thread[v]!]).toBe(v);
  }
  expect(place.size).toBe(nodes.length);
  const subtree = (v: number): number[] => [v, ...children.get(v)!.flatMap(subtree)];
  for (const v of nodes) {
    const below = subtree(v);
    expect(size[v]).toBe(below.length);
    const places = below.map((w) => place.get(w)!);
    expect(Math.min(...places)).toBe(place.get(v));
    expect(Math.max(...places)).toBe(place.get(v)! + below.length - 1);
    expect(place.get(last[v]!)).toBe(place.get(v)! + below.length - 1);
  }
  const left = [...supply, ...demand];
  for (const v of nodes) {
    if (v === root) continue;
    const [i, j] = v < n ? [v, parent[v]!] : [parent[v]!, v];
    expect(i < n && j >= n).toBe(true);
    left[i] = left[i]! - flow[v]!;
    left[j] = left[j]! - flow[v]!;
    expect(flow[v]).toBeGreaterThanOrEqual(0);
    // An arc without flow leads up: from a row to its parent.
    if (flow[v] === 0) expect(v).toBeLessThan(n);
    expect(potential[j]! - potential[i]!).toBeCloseTo(cost[v]!, 12);
    expect(level[j]! - level[i]!).toBe(forbidden[v]);
    const C = arcs.costs[i * arcs.cols + j - n]!;
    if (forbidden[v] === 1) expect(cost[v]).toBe(0);
    else expect(cost[v]).toBe(C);
  }
  expect(left.every((rest) => rest === 0)).toBe(true);
}

describe("the tree of the network simplex method", () => {
  const cases = {
    "random weights": () => {
      const random = uniform(1);
      return { source: randomWeights(14, random), target: randomWeights(11, random), cost: randomCost(14, 11, random) };
    },
    "equal weights": () => {
      const w = new Float64Array(16).fill(1);
      return { source: w, target: w, cost: randomCost(16, 16, uniform(2)) };
    },
    "few costs": () => {
      const w = new Float64Array(24).fill(1);
      const C = randomCost(24, 24, uniform(3)).map((row) => row.map((c) => Math.floor(6 * c)));
      return { source: w, target: w, cost: C };
    },
    "forbidden arcs and points without weight": () => {
      const random = uniform(4);
      const C = randomCost(18, 15, random).map((row) => row.map((c) => (random() < 0.75 ? Infinity : c)));
      const source = randomWeights(18, random);
      const target = randomWeights(15, random);
      source[0] = 0;
      target[3] = 0;
      const sum = (w: Float64Array) => w.reduce((a, b) => a + b, 0);
      return { source: source.map((w) => w / sum(source)), target: target.map((w) => w / sum(target)), cost: C };
    },
  };
  for (const [name, make] of Object.entries(cases))
    it(`stays right after each exchange: ${name}`, () => {
      const problem = counted(networkProblem(make()));
      const method = networkSimplex({ pivotsPerStep: 1, block: 7 });
      let state = method.init(problem, new Float64Array(problem.dimension));
      check(problem, state.tree);
      let steps = 0;
      while (!state.optimal && steps++ < 2000) {
        state = method.step(problem, state);
        check(problem, state.tree);
      }
      expect(state.optimal).toBe(true);
      expect(state.pivots).toBeGreaterThan(10);
    });

  it("has whole flows of equal sum, whatever the weights", () => {
    const random = uniform(9);
    for (let k = 0; k < 20; k++) {
      const [n, m] = [1 + Math.floor(40 * random()), 1 + Math.floor(400 * random())];
      const { supply, demand } = networkProblem({
        source: randomWeights(n, random, 1 / 3),
        target: randomWeights(m, random, 1 / 3),
        cost: randomCost(n, m, random),
      });
      const sum = (w: Float64Array) => w.reduce((a, b) => a + b, 0);
      expect(sum(supply)).toBe(sum(demand));
      expect(sum(supply)).toBeLessThan(2 ** 53);
      expect([...supply, ...demand].every((w) => Number.isInteger(w) && w > 0)).toBe(true);
    }
  });
});
