import { any, checkGradient, deserialize, maxIterations, serialize, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import {
  batchedProblem,
  batchedSinkhorn,
  batchedTransport,
  logSinkhorn,
  marginalError,
  sinkhorn,
  transportProblem,
} from "../../src/index.js";
import { greatestDifference, randomCost, randomWeights, uniform } from "../problems-for-tests.js";

const setting = (B: number, n: number, m: number) => {
  const random = uniform(31);
  return {
    cost: randomCost(n, m, random),
    sources: Array.from({ length: B }, () => randomWeights(n, random)),
    targets: Array.from({ length: B }, () => randomWeights(m, random)),
  };
};

describe("batchedSinkhorn", () => {
  it("takes for each pair the steps that it would take alone", () => {
    const given = setting(7, 20, 33);
    const problem = batchedProblem({ ...given, regularization: 0.05 });
    const { state } = solve(batchedSinkhorn(), problem, new Float64Array(problem.dimension), {
      stop: maxIterations(9),
    });
    for (let b = 0; b < 7; b++) {
      const alone = transportProblem({
        source: given.sources[b]!,
        target: given.targets[b]!,
        cost: given.cost,
        regularization: 0.05,
      });
      const one = solve(sinkhorn(), alone, new Float64Array(53), { stop: maxIterations(9) }).state;
      expect(greatestDifference(state.x.subarray(53 * b, 53 * (b + 1)), one.x)).toBeLessThan(1e-12);
      expect(Math.abs(state.errors[b]! - one.gradientNorm)).toBeLessThan(1e-12);
      expect(state.values[b]).toBeCloseTo(one.value, 12);
    }
  });

  it("goes on in the log domain with the pairs whose scalings overflow, and only those", () => {
    const n = 8;
    const cost = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Math.abs(i - j)));
    const at = (k: number) => Float64Array.from({ length: n }, (_, i) => (i === k ? 1 - 7e-3 : 1e-3));
    const problem = batchedProblem({
      cost,
      sources: [at(0), at(3)],
      targets: [at(7), at(3)],
      regularization: 0.015,
    });
    const { state } = solve(batchedSinkhorn(), problem, new Float64Array(32), { stop: maxIterations(60) });
    expect(Array.from(state.logDomain)).toEqual([1, 0]);
    problem.pairs.forEach((pair, b) => {
      const one = solve(logSinkhorn(), pair, new Float64Array(16), { stop: maxIterations(60) }).state;
      expect(greatestDifference(state.x.subarray(16 * b, 16 * (b + 1)), one.x)).toBeLessThan(1e-10);
    });
  });

  it("converges when its worst pair has, over-relaxed too", () => {
    const given = setting(4, 15, 15);
    const plain = batchedTransport({ ...given, regularization: 0.01, tolerance: 1e-11 });
    const faster = batchedTransport({ ...given, regularization: 0.01, tolerance: 1e-11, relaxation: 1.3 });
    expect(plain.reason).toMatchObject({ kind: "converged", rule: "marginalError" });
    expect(Math.max(...plain.marginalErrors)).toBeLessThanOrEqual(1e-11);
    expect(faster.iterations).toBeLessThan(plain.iterations);
    expect(greatestDifference(faster.values, plain.values)).toBeLessThan(1e-12);
    const one = plain.potentials.source.data;
    expect(one.length).toBe(60);
  });

  it("has a gradient that agrees with differences", () => {
    const problem = batchedProblem({ ...setting(2, 3, 4), regularization: 0.5 });
    expect(checkGradient(problem, new Float64Array(14)).verdict).toBe("right");
  });

  it("goes on from a stored state with the same iterates to the last bit", () => {
    const problem = batchedProblem({ ...setting(3, 10, 12), regularization: 0.02 });
    const z0 = new Float64Array(problem.dimension);
    const whole = solve(batchedSinkhorn(), problem, z0, { stop: maxIterations(20) });
    const half = solve(batchedSinkhorn(), problem, z0, { stop: maxIterations(8) });
    const resume = deserialize<typeof half.state>(serialize(half.state));
    expect(solve(batchedSinkhorn(), problem, z0, { stop: maxIterations(20), resume }).state.x).toEqual(whole.state.x);
  });

  it("does not call converged what forbidden arcs make impossible", () => {
    const infinite = Number.POSITIVE_INFINITY;
    const problem = batchedProblem({
      cost: [
        [1, infinite],
        [infinite, 1],
      ],
      sources: [[0.5, 0.5]],
      targets: [[0.9, 0.1]],
      regularization: 0.1,
    });
    const { reason } = solve(batchedSinkhorn(), problem, new Float64Array(4), {
      stop: any(marginalError(), maxIterations(300)),
    });
    expect(reason.kind).not.toBe("converged");
  });

  it.each<[object, string]>([
    [{ targets: [[1, 0]] }, "batchedTransport: argument `options.targets` is of 1 rows; wanted 2"],
    [{ sources: [] }, "argument `options.sources` is without rows"],
    [
      {
        sources: [
          [1, -1],
          [1, 0],
        ],
      },
      "argument `options.source` is -1 at index 1",
    ],
    [{ relaxation: 2 }, "batchedSinkhorn: argument `options.relaxation` is 2"],
    [{ method: "x" }, "batchedTransport: argument `options.method` is not an option"],
    [{ regularization: 0 }, "argument `options.regularization` is 0"],
  ])("refuses misuse %#", (changes, message) => {
    const w = [
      [0.5, 0.5],
      [0.2, 0.8],
    ];
    const good = {
      sources: w,
      targets: w,
      cost: [
        [0, 1],
        [1, 0],
      ],
      regularization: 1,
    };
    expect(() => batchedTransport({ ...good, ...changes } as never)).toThrow(message);
  });
});
