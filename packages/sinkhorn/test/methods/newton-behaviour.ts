// What all Newton methods for entropic transport must do: the same random assignment as logSinkhorn solves, a stored state, bad input.
import { deserialize, type Method, maxIterations, serialize, solve } from "@hessia/core";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, it } from "vitest";
import { logSinkhorn } from "../../src/methods/log-sinkhorn.js";
import { marginalError, type TransportProblem, type TransportState, transportProblem } from "../../src/problem.js";

function assignment(n: number, epsilon: number, seed: number) {
  const generator = xoroshiro128plus(seed);
  const cost = Array.from({ length: n }, () => Array.from({ length: n }, () => (generator.next() >>> 0) / 2 ** 32));
  const weights = new Float64Array(n).fill(1 / n);
  return transportProblem({ source: weights, target: weights, cost, regularization: epsilon });
}
const zero = (n: number) => new Float64Array(2 * n);

/** `below1` is an option whose value must not be 2. */
export function behavesAsNewton<S extends TransportState>(
  make: (options?: Record<string, number>) => Method<TransportProblem, S>,
  below1: string,
): void {
  describe(make().name, () => {
    it("reaches the dual value of Sinkhorn's algorithm, to a marginal error of 1e-11", () => {
      const problem = assignment(60, 0.02, 3);
      const newton = solve(make(), problem, zero(60), { stop: marginalError(1e-11) });
      const plain = solve(logSinkhorn(), problem, zero(60), { stop: marginalError(1e-11) });
      expect(newton.reason.rule).toBe("marginalError");
      expect(plain.reason.rule).toBe("marginalError");
      expect(Math.abs(newton.value - plain.value)).toBeLessThan(1e-12);
      expect(newton.iterations).toBeLessThan(plain.iterations);
    });

    it("ends by its budget, and goes on from a stored state with the same bits", () => {
      const problem = assignment(40, 0.01, 5);
      const whole = solve(make(), problem, zero(40), { stop: maxIterations(8) });
      const first = solve(make(), problem, zero(40), { stop: maxIterations(5) });
      expect(first.reason.kind).toBe("budget");
      const resume = deserialize(serialize(first.state)) as typeof first.state;
      const rest = solve(make(), problem, zero(40), { stop: maxIterations(8), resume });
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
      expect(() => solve(make(), problem, new Float64Array(5))).toThrow(/positive weights/);
      expect(() => make({ sinkhornSteps: -1 })).toThrow(/sinkhornSteps/);
      expect(() => make({ [below1]: 2 })).toThrow(new RegExp(below1));
    });
  });
}
