import { any, deserialize, maxIterations, serialize, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { logSinkhorn, marginalError, symmetricSinkhorn, transportProblem } from "../../src/index.js";
import { randomWeights, uniform } from "../problems-for-tests.js";

const setting = (n: number, regularization: number) => {
  const random = uniform(8);
  const points = Array.from({ length: n }, random);
  const cost = points.map((a) => points.map((b) => (a - b) ** 2));
  const source = randomWeights(n, random);
  return { problem: transportProblem({ source, target: source, cost, regularization }), points };
};

describe("symmetricSinkhorn", () => {
  it("has the value of plain sweeps, in far fewer passes over the cost", () => {
    const { problem } = setting(40, 0.003);
    const z0 = new Float64Array(80);
    const own = solve(symmetricSinkhorn(), problem, z0, { stop: any(marginalError(1e-11), maxIterations(20_000)) });
    const plain = solve(logSinkhorn(), problem, z0, { stop: any(marginalError(1e-11), maxIterations(100_000)) });
    expect(own.reason.kind).toBe("converged");
    expect(own.value).toBeCloseTo(plain.value, 12);
    expect(own.x.subarray(0, 40)).toEqual(own.x.subarray(40));
    expect(5 * own.counts.gradient).toBeLessThan(plain.counts.gradient);
  });

  it("of two points with equal weights: x = ½ ε log(½/(1 + e^{−C/ε}))", () => {
    const problem = transportProblem({
      source: [0.5, 0.5],
      target: [0.5, 0.5],
      cost: [
        [0, 1],
        [1, 0],
      ],
      regularization: 0.3,
    });
    const { x } = solve(symmetricSinkhorn(), problem, [1, 0, 0, 0], {
      stop: any(marginalError(1e-14), maxIterations(20_000)),
    });
    expect(x[0]).toBeCloseTo(0.15 * Math.log(0.5 / (1 + Math.exp(-1 / 0.3))), 12);
  });

  it("goes on from a stored state with the same iterates to the last bit", () => {
    const { problem } = setting(20, 0.01);
    const z0 = new Float64Array(40);
    const whole = solve(symmetricSinkhorn(), problem, z0, { stop: maxIterations(12) });
    const half = solve(symmetricSinkhorn(), problem, z0, { stop: maxIterations(5) });
    const resume = deserialize<typeof half.state>(serialize(half.state));
    expect(solve(symmetricSinkhorn(), problem, z0, { stop: maxIterations(12), resume }).state.x).toEqual(whole.state.x);
  });

  it("refuses what isn't symmetric", () => {
    const run = (options: Parameters<typeof transportProblem>[0]) => () =>
      solve(symmetricSinkhorn(), transportProblem(options), new Float64Array(4));
    const w = [0.5, 0.5];
    const cost = [
      [0, 1],
      [1, 0],
    ];
    expect(run({ source: w, target: [0.4, 0.6], cost, regularization: 1 })).toThrow(
      "symmetricSinkhorn: argument `problem.target` is 0.4 at index 0, where the source is 0.5; wanted equal weights.",
    );
    expect(
      run({
        source: w,
        target: w,
        cost: [
          [0, 1],
          [2, 0],
        ],
        regularization: 1,
      }),
    ).toThrow("is not symmetric in row");
    expect(() =>
      solve(
        symmetricSinkhorn(),
        transportProblem({ source: [1], target: w, cost: [[1, 2]], regularization: 1 }),
        new Float64Array(3),
      ),
    ).toThrow("argument `problem.cost` is 1 × 2; wanted a square cost.");
    expect(() => symmetricSinkhorn({ average: 1 })).toThrow("argument `options.average` is 1");
    expect(() => symmetricSinkhorn({ omega: 1 } as never)).toThrow("argument `options.omega` is not an option");
  });
});
