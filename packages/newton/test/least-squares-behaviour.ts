// What every least-squares method must do, whatever its algorithm: run by each one's test file.
import {
  any,
  deserialize,
  gradientNorm,
  type LeastSquaresProblem,
  leastSquaresProblem,
  type Method,
  maxEvaluations,
  maxIterations,
  serialize,
  solve,
} from "@hessia/core";
import { expect, it } from "vitest";
import { type LeastSquaresState, orthogonality, residualNorm } from "../src/index.js";
import {
  bard,
  himmelblau,
  logarithm,
  nist,
  powellSingular,
  rosenbrockRows,
  wide,
  withDenseJacobian,
} from "./least-squares-problems.js";
import { fittedOrder } from "./order.js";

type AnyMethod = Method<LeastSquaresProblem, LeastSquaresState>;

export function behavesLikeALeastSquaresMethod(name: string, make: (options?: object) => unknown, order = 1.8): void {
  const method = () => make() as AnyMethod;
  const stop = any<LeastSquaresState>(orthogonality(1e-8), residualNorm(1e-11), maxIterations(500));

  it("solves a system with the order of convergence that is due", () => {
    const { x, reason, trace } = solve(method(), himmelblau, [2, 1], { stop, trace: true });
    expect(reason.kind).toBe("converged");
    expect(x[0]).toBeCloseTo(3, 9);
    expect(x[1]).toBeCloseTo(2, 9);
    expect(fittedOrder(trace.map((row) => Math.sqrt(row.value)))).toBeGreaterThan(order);
  });

  it("solves Rosenbrock's system from its standard start", () => {
    const { x, reason } = solve(method(), rosenbrockRows, [-1.2, 1], { stop });
    expect(reason.kind).toBe("converged");
    expect(x[0]).toBeCloseTo(1, 9);
    expect(x[1]).toBeCloseTo(1, 9);
  });

  it("finds the published minimum of Bard's problem", () => {
    const { value, reason } = solve(method(), bard, [1, 1, 1], { stop });
    expect(reason).toMatchObject({ kind: "converged", rule: "orthogonality" });
    expect(2 * value).toBeCloseTo(8.21487e-3, 7);
  });

  it("gets the certified digits of fits from near starts, sparse and dense", () => {
    for (const { problem, starts, solution, residualSum } of nist)
      for (const one of [problem, withDenseJacobian(problem)]) {
        const { x, value, reason } = solve(method(), one, starts[1]!, { stop });
        expect(reason.kind).toBe("converged");
        expect(2 * value).toBeCloseTo(residualSum, 9 - Math.ceil(Math.log10(residualSum)));
        for (const [i, certified] of solution.entries()) expect(Math.abs(x[i]! / certified - 1)).toBeLessThan(1e-6);
      }
  });

  it("goes on to a solution where J is singular", () => {
    const { value, x } = solve(method(), powellSingular, [3, -1, 0, 1], {
      stop: any<LeastSquaresState>(residualNorm(1e-9), maxIterations(200)),
    });
    expect(value).toBeLessThan(1e-17);
    for (const xi of x) expect(Math.abs(xi)).toBeLessThan(1e-3);
  });

  it("solves fewer equations than unknowns", () => {
    const start = new Float64Array(5).fill(0.5);
    for (const problem of [wide, withDenseJacobian(wide)]) {
      const { reason, state } = solve(method(), problem, start, { stop });
      expect(reason.kind).toBe("converged");
      expect(Math.abs(state.residual[0]!) + Math.abs(state.residual[1]!)).toBeLessThan(1e-10);
    }
  });

  it("rejects trial points where residuals or Jacobian aren't finite", () => {
    for (const start of [5, 50]) {
      const { x, reason, state } = solve(method(), logarithm, [start], { stop });
      expect(reason.kind).toBe("converged");
      expect(x[0]).toBeCloseTo(1, 9);
      expect(Number.isFinite(state.value)).toBe(true);
    }
    // r is finite everywhere, J only for x > 1: steps below are rejected, and the run ends without a number that isn't one.
    const edge = leastSquaresProblem({
      dimension: 1,
      residuals: 1,
      residual: ([x]) => [x! + 2],
      jacobian: ([x]) => [[x! > 1 ? 1 : Number.NaN]],
    });
    const ended = solve(method(), edge, [3], { stop });
    expect(ended.reason.kind).toBe("failed");
    expect(ended.x[0]).toBeGreaterThan(1);
  });

  it("says so when the start has no finite value", () => {
    expect(solve(method(), logarithm, [-1]).reason).toMatchObject({ kind: "failed", rule: "nonFiniteStart" });
  });

  it("serves no residuals, no variables, and residuals that are zero at once", () => {
    const none = leastSquaresProblem({ dimension: 2, residuals: 0, residual: () => [], jacobian: () => [] });
    expect(solve(method(), none, [1, 2], { stop }).reason.kind).toBe("converged");
    expect(solve(method(), rosenbrockRows, [1, 1], { stop })).toMatchObject({ iterations: 0, value: 0 });
    const fixed = leastSquaresProblem({ dimension: 0, residuals: 1, residual: () => [2], jacobian: () => [[]] });
    expect(solve(method(), fixed, [], { stop })).toMatchObject({ value: 2, reason: { kind: "converged" } });
  });

  it("never increases f from one state to the next", () => {
    for (const { problem, starts } of nist.slice(0, 4)) {
      const { trace } = solve(method(), problem, starts[1]!, { stop, trace: true });
      for (let k = 1; k < trace.length; k++)
        expect(trace[k]!.value).toBeLessThanOrEqual(trace[k - 1]!.value * (1 + 1e-13));
    }
  });

  it("stops by budgets and by the default rule, and counts residuals and Jacobians", () => {
    expect(solve(method(), bard, [1, 1, 1], { stop: maxIterations(1) }).reason.kind).toBe("budget");
    const some = solve(method(), bard, [1, 1, 1], { stop: maxEvaluations({ jacobian: 3 }) });
    expect(some.reason).toMatchObject({ kind: "budget", rule: "maxEvaluations" });
    expect(some.counts.jacobian).toBe(3);
    expect(some.counts.residual).toBeGreaterThanOrEqual(3);
    expect(solve(method(), bard, [1, 1, 1]).reason).toMatchObject({ kind: "converged", rule: "gradientNorm" });
  });

  it("ends at the limit of rounding when asked for more than there is", () => {
    const { reason, x } = solve(method(), nist[0]!.problem, nist[0]!.starts[1]!, {
      stop: any<LeastSquaresState>(gradientNorm({ absolute: 0, relative: 0 }), maxIterations(500)),
    });
    expect(reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(Math.abs(x[0]! / nist[0]!.solution[0]! - 1)).toBeLessThan(1e-7);
  });

  it("goes on from a stored state with the same iterates to the last bit", () => {
    const { problem, starts } = nist[5]!;
    for (const one of [problem, withDenseJacobian(problem)]) {
      const whole = solve(method(), one, starts[1]!, { stop, trace: true });
      const half = Math.floor(whole.iterations / 2);
      const first = solve(method(), one, starts[1]!, { stop: maxIterations(half) });
      const rest = solve(method(), one, starts[1]!, { stop, trace: true, resume: deserialize(serialize(first.state)) });
      expect(rest.x).toEqual(whole.x);
      expect(rest.iterations).toBe(whole.iterations);
      expect(rest.trace.map((row) => row.value)).toEqual(whole.trace.slice(half).map((row) => row.value));
    }
  });

  it("names a Jacobian that is wrong when it stalls on it", () => {
    const wrong = leastSquaresProblem({
      dimension: 2,
      residuals: 2,
      residual: ([x, y]) => [x! - 1, y! * y! - 2],
      jacobian: ([, y]) => [
        [1, 0],
        [0, -2 * y!],
      ],
    });
    const { reason } = solve(method(), wrong, [1, 2], { stop });
    expect(reason).toMatchObject({ kind: "failed", rule: "wrongJacobianLikely" });
    expect(reason.detail).toContain("entry (1, 1)");
  });

  it("throws on unknown options and where there are no residuals", () => {
    expect(() => make({ foo: 1 })).toThrow(`${name}: argument \`options.foo\` is not an option`);
    const bare = { dimension: 1, value: () => 0, gradientInto: (out: Float64Array) => out };
    expect(() => solve(method(), bare as never, [0])).toThrow(`${name}: argument \`problem\` is without residualInto`);
    const uncounted = { ...bard, residuals: undefined };
    expect(() => solve(method(), uncounted as never, [1, 1, 1])).toThrow("problem.residuals");
  });
}
