import { any, checkGradient, defineProblem, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import {
  costGradient,
  logSinkhorn,
  marginalError,
  type PointCostOptions,
  pointCost,
  pointGradients,
  transportProblem,
  weightGradients,
} from "../../src/index.js";
import { randomCost, randomWeights, uniform } from "../problems-for-tests.js";

const random = uniform(12);
const n = 5;
const m = 4;
const C = randomCost(n, m, random);
const source = randomWeights(n, random);
const target = randomWeights(m, random);
const epsilon = 0.1;

const solved = (options: Parameters<typeof transportProblem>[0]) => {
  const problem = transportProblem(options);
  const { state, reason } = solve(logSinkhorn(), problem, new Float64Array(n + m), {
    stop: any(marginalError(1e-14), maxIterations(20_000)),
  });
  expect(reason.kind).toBe("converged");
  return { problem, z: state.x, value: -state.value };
};

describe("gradients of the value", () => {
  it("in the weights are the potentials, along changes that keep the mass", () => {
    for (const side of ["source", "target"] as const) {
      const base = side === "source" ? source : target;
      // Weights w + (p, −Σ p)/50: free variables for all but the last.
      const at = (p: Float64Array) => {
        const w = base.slice();
        for (let i = 0; i < p.length; i++) {
          w[i] = w[i]! + p[i]! / 50;
          w[base.length - 1] = w[base.length - 1]! - p[i]! / 50;
        }
        return solved({ source, target, cost: C, regularization: epsilon, [side]: w });
      };
      const problem = defineProblem({
        dimension: base.length - 1,
        value: (p) => at(p).value,
        gradient: (p) => {
          const { problem, z } = at(p);
          const g = weightGradients(problem, z)[side];
          return Array.from(g.subarray(0, base.length - 1), (gi) => (gi - g.at(-1)!) / 50);
        },
      });
      expect(checkGradient(problem, new Float64Array(base.length - 1)).verdict).toBe("right");
    }
    const { problem, z } = solved({ source, target, cost: C, regularization: epsilon });
    expect(Math.abs(weightGradients(problem, z).source.reduce((a, b) => a + b, 0))).toBeLessThan(1e-14);
  });

  it("in the cost is the plan", () => {
    const at = (c: Float64Array) =>
      solved({ source, target, cost: { kind: "dense", rows: n, cols: m, data: c }, regularization: epsilon });
    const problem = defineProblem({
      dimension: n * m,
      value: (c) => at(c).value,
      gradient: (c) => {
        const { problem, z } = at(c);
        return costGradient(problem, z).data;
      },
    });
    expect(checkGradient(problem, Float64Array.from(C.flat())).verdict).toBe("right");
  });

  it.each<[string, Partial<PointCostOptions>, number]>([
    ["squared Euclidean", {}, 2],
    ["Euclidean", { power: 1 }, 2],
    ["p = 3, q = 2", { norm: 3 }, 3],
    ["l1", { norm: 1, power: 1 }, 2],
    ["greatest difference, squared", { norm: Number.POSITIVE_INFINITY }, 3],
    ["cosine", { metric: "cosine" }, 3],
  ])("in the points: %s", (_name, options, d) => {
    const start = Float64Array.from({ length: (n + m) * d }, () => 2 * random() - 1);
    const split = (p: Float64Array): PointCostOptions => ({
      ...options,
      source: { kind: "dense", rows: n, cols: d, data: p.slice(0, n * d) },
      target: { kind: "dense", rows: m, cols: d, data: p.slice(n * d) },
    });
    const at = (p: Float64Array) => solved({ source, target, cost: pointCost(split(p)), regularization: epsilon });
    const problem = defineProblem({
      dimension: (n + m) * d,
      value: (p) => at(p).value,
      gradient: (p) => {
        const { problem, z } = at(p);
        const g = pointGradients(problem, z, split(p));
        return [...g.source.data, ...g.target.data];
      },
    });
    expect(checkGradient(problem, start).verdict).toBe("right");
  });

  it("has a subgradient of 0 between equal points", () => {
    const points = { source: [0, 1], target: [0, 1], power: 1 };
    const problem = transportProblem({
      source: [0.5, 0.5],
      target: [0.5, 0.5],
      cost: pointCost(points),
      regularization: 0.01,
    });
    const { state } = solve(logSinkhorn(), problem, new Float64Array(4), {
      stop: any(marginalError(1e-13), maxIterations(20_000)),
    });
    expect(Array.from(pointGradients(problem, state.x, points).source.data).every((g) => Math.abs(g) < 1e-12)).toBe(
      true,
    );
  });

  it("refuses misuse", () => {
    const problem = transportProblem({ source, target, cost: C, regularization: epsilon });
    expect(() => weightGradients(problem, new Float64Array(3))).toThrow(
      "weightGradients: argument `z` is of length 3; wanted length 9.",
    );
    expect(() => costGradient(problem, new Float64Array(9).fill(Number.NaN))).toThrow("costGradient: argument `z`");
    expect(() => pointGradients(problem, new Float64Array(9), { source: [0], target: [0, 1, 2, 3] })).toThrow(
      "pointGradients: argument `points` is 1 and 4 of them; wanted 5 and 4, as the problem has.",
    );
  });
});
