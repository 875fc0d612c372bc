// What all Newton methods for entropic transport must do: the plan that is known in closed form, the same as logSinkhorn finds, at regularizations from large to small; their order; every reason to end; bad input.
import { any, deserialize, type Method, maxIterations, serialize, solve, timeLimit } from "@hessia/core";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, it } from "vitest";
import { logSinkhorn } from "../../src/methods/log-sinkhorn.js";
import { marginalError, type TransportProblem, type TransportState, transportProblem } from "../../src/problem.js";
import type { StagedState } from "../../src/support/first-stage.js";
import { greatestDifference, planAt, randomCost, randomWeights, twoByTwo, uniform } from "../problems-for-tests.js";

function assignment(n: number, epsilon: number, seed: number) {
  const generator = xoroshiro128plus(seed);
  const cost = Array.from({ length: n }, () => Array.from({ length: n }, () => (generator.next() >>> 0) / 2 ** 32));
  const weights = new Float64Array(n).fill(1 / n);
  return transportProblem({ source: weights, target: weights, cost, regularization: epsilon });
}
const zero = (n: number) => new Float64Array(2 * n);

/** `below1` is an option whose value must not be 2; `order` the least order of convergence that is to be seen. */
export function behavesAsNewton<S extends TransportState>(
  make: (options?: Record<string, number>) => Method<TransportProblem, S>,
  below1: string,
  order = 1.3,
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

    it("finds the plan between two points on either side, which is known in closed form", () => {
      const C = [
        [0, 1.3],
        [0.7, 0.2],
      ];
      for (const epsilon of [1, 0.2, 0.05, 0.01]) {
        const problem = transportProblem({
          source: [0.3, 0.7],
          target: [0.45, 0.55],
          cost: C,
          regularization: epsilon,
        });
        const { x, reason } = solve(make(), problem, new Float64Array(4), { stop: marginalError(1e-13) });
        expect(reason.kind).toBe("converged");
        const known = twoByTwo(C, 0.3, 0.45, epsilon).flat();
        expect(greatestDifference(planAt(problem.cost, x, epsilon).flat(), known)).toBeLessThan(1e-12);
      }
    });

    it("comes to a marginal error of 1e-11 in 250 sweeps and 80 further steps at every regularization, random costs and points, with and without a first stage", () => {
      const random = uniform(8);
      const points = Array.from({ length: 80 }, () => [random(), random()]);
      const others = Array.from({ length: 70 }, () => [random(), random()]);
      const squared = points.map(([a, b]) => others.map(([p, q]) => (a! - p!) ** 2 + (b! - q!) ** 2));
      for (const cost of [squared, randomCost(80, 70, random)]) {
        for (const epsilon of [1, 0.1, 1e-2, 1e-3, 1e-4]) {
          const problem = transportProblem({
            source: randomWeights(80, random),
            target: randomWeights(70, random),
            cost,
            regularization: epsilon,
          });
          for (const options of [{}, { sinkhornSteps: 10 }]) {
            const stop = any<S>(marginalError(1e-11), maxIterations(330));
            const { reason, state } = solve(make(options), problem, new Float64Array(150), { stop });
            expect(reason, `${epsilon} ${JSON.stringify(options)}`).toMatchObject({ rule: "marginalError" });
            const { sweeps } = state as S & StagedState;
            expect(sweeps).toBeLessThanOrEqual(250);
            expect(state.iteration - sweeps).toBeLessThanOrEqual(80);
          }
        }
      }
    });

    it("converges superlinearly", () => {
      const problem = assignment(60, 0.01, 4);
      const options = { sinkhornSteps: 8 };
      const { trace } = solve(make(options), problem, zero(60), { stop: marginalError(1e-12), trace: true });
      const errors = trace.map((row) => row.gradientNorm).filter((e) => e < 1e-2 && e > 1e-13);
      expect(errors.length).toBeGreaterThan(2);
      // The order that the last three errors show.
      const [a, b, c] = errors.slice(-3) as [number, number, number];
      expect(Math.log(c / b) / Math.log(b / a)).toBeGreaterThan(order);
    });

    it("ends for each reason: converged, budget, time, aborted, failed", () => {
      const problem = assignment(30, 0.01, 6);
      const run = (stop: Parameters<typeof solve<TransportProblem, S>>[3]) => solve(make(), problem, zero(30), stop);
      expect(run({ stop: marginalError() }).reason.kind).toBe("converged");
      expect(run({ stop: timeLimit(0) }).reason).toMatchObject({ kind: "budget", rule: "timeLimit" });
      const signal = { aborted: true, reason: "enough" };
      expect(run({ stop: marginalError(), signal }).reason).toMatchObject({ kind: "aborted", detail: "enough" });
      // Row 0 and row 1 may only go to column 0, which is too small.
      const infinite = Number.POSITIVE_INFINITY;
      const none = transportProblem({
        source: [0.4, 0.4, 0.2],
        target: [0.3, 0.3, 0.4],
        cost: [
          [0, infinite, infinite],
          [1, infinite, infinite],
          [0, 1, 2],
        ],
        regularization: 0.1,
      });
      for (const options of [{}, { sinkhornSteps: 0 }])
        expect(solve(make(options), none, new Float64Array(6), { stop: maxIterations(500) }).reason).toMatchObject({
          kind: "failed",
          rule: "infeasible",
        });
      // Rounding: a marginal error of 0 is only met by chance.
      const end = solve(make(), problem, zero(30), { stop: any<S>(marginalError(0), maxIterations(5000)) });
      if (end.reason.kind !== "converged") expect(end.reason).toMatchObject({ kind: "failed", rule: "noProgress" });
      expect(end.state.gradientNorm).toBeLessThan(1e-14);
    });

    it("lowers a small regularization in steps, and doesn't take a solution of an earlier one for its own", () => {
      const problem = assignment(40, 1e-4, 2);
      const seen = new Set<number>();
      const path = { from: 0.1, factor: 10, error: 1e-3 };
      for (const sinkhornSteps of ["auto", 0]) {
        seen.clear();
        const { reason, state } = solve(make({ path, sinkhornSteps } as never), problem, zero(40), {
          stop: any<S>(marginalError(1e-9), maxIterations(200)),
          observers: [({ state }: { state: S }) => seen.add(state.regularizationNow ?? 1e-4)] as never,
        });
        expect(reason.rule).toBe("marginalError");
        expect(state.regularizationNow).toBeNull();
        expect([...seen].map((epsilon) => Number(epsilon.toPrecision(6)))).toEqual([0.1, 0.01, 0.001, 1e-4]);
      }
      for (const [bad, name] of [
        ["some", "path"],
        [{ ...path, from: 0 }, "from"],
        [{ ...path, factor: 1 }, "factor"],
        [{ ...path, error: 1 }, "error"],
        [{ ...path, to: 1 }, "to"],
      ] as const)
        expect(() => make({ path: bad } as never)).toThrow(name);
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
