// The same random assignment as logSinkhorn solves, and the bad input.
import { deserialize, maxIterations, serialize, solve } from "@hessia/core";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, it } from "vitest";
import { logSinkhorn } from "../../src/methods/log-sinkhorn.js";
import { sparseLowRank } from "../../src/methods/sparse-low-rank.js";
import { marginalError, transportProblem } from "../../src/problem.js";

function assignment(n: number, epsilon: number, seed: number) {
  const generator = xoroshiro128plus(seed);
  const cost = Array.from({ length: n }, () => Array.from({ length: n }, () => (generator.next() >>> 0) / 2 ** 32));
  const weights = new Float64Array(n).fill(1 / n);
  return transportProblem({ source: weights, target: weights, cost, regularization: epsilon });
}
const zero = (n: number) => new Float64Array(2 * n);

describe("sparseLowRank", () => {
  it("reaches the dual value of Sinkhorn's algorithm, to a marginal error of 1e-11", () => {
    const problem = assignment(60, 0.02, 3);
    const newton = solve(sparseLowRank(), problem, zero(60), { stop: marginalError(1e-11) });
    const plain = solve(logSinkhorn(), problem, zero(60), { stop: marginalError(1e-11) });
    expect(newton.reason.rule).toBe("marginalError");
    expect(plain.reason.rule).toBe("marginalError");
    expect(Math.abs(newton.value - plain.value)).toBeLessThan(1e-12);
    expect(newton.iterations).toBeLessThan(plain.iterations);
  });

  it("ends by its budget, and goes on from a stored state with the same bits", () => {
    const problem = assignment(40, 0.01, 5);
    const whole = solve(sparseLowRank(), problem, zero(40), { stop: maxIterations(8) });
    const first = solve(sparseLowRank(), problem, zero(40), { stop: maxIterations(5) });
    expect(first.reason.kind).toBe("budget");
    const resume = deserialize(serialize(first.state)) as typeof first.state;
    const rest = solve(sparseLowRank(), problem, zero(40), { stop: maxIterations(8), resume });
    expect([...rest.state.x]).toEqual([...whole.state.x]);
  });

  it("refuses a weight of 0 and options that aren't right", () => {
    const problem = transportProblem({
      source: [0.5, 0.5, 0],
      target: [0.5, 0.5],
      cost: [
        [0, 1],
        [1, 0],
        [1, 1],
      ],
      regularization: 0.1,
    });
    expect(() => solve(sparseLowRank(), problem, new Float64Array(5))).toThrow(/positive weights/);
    expect(() => sparseLowRank({ sinkhornSteps: -1 })).toThrow(/sinkhornSteps/);
    expect(() => sparseLowRank({ density: 2 })).toThrow(/density/);
  });
});
