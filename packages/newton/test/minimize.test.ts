import { defineProblem } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { minimize } from "../src/index.js";
import { chainedRosenbrock, rosenbrock } from "./problems-for-tests.js";

const functions = {
  dimension: 2,
  value: (x: Float64Array) => 100 * (x[1]! - x[0]! ** 2) ** 2 + (1 - x[0]!) ** 2,
  gradient: (x: Float64Array) => [-400 * x[0]! * (x[1]! - x[0]! ** 2) - 2 * (1 - x[0]!), 200 * (x[1]! - x[0]! ** 2)],
};

describe("minimize", () => {
  it("picks by what the problem can give", () => {
    expect(minimize(defineProblem(functions), [-1.2, 1]).picked.method).toBe("lbfgs");
    const { newHessian: _a, hessianInto: _b, ...products } = rosenbrock;
    expect(minimize(products, [-1.2, 1]).picked).toEqual({
      method: "arc",
      because: "Hessian-vector products without a matrix",
    });
    expect(minimize(chainedRosenbrock(50), new Float64Array(50)).picked.method).toBe("trustRegion");
    const n = 200;
    const dense = defineProblem({
      dimension: n,
      value: (x) => x.reduce((sum, xi) => sum + xi ** 4 + xi ** 2, 0),
      gradient: (x) => x.map((xi) => 4 * xi ** 3 + 2 * xi),
      hessian: (x) => Array.from(x, (xi, i) => Array.from({ length: n }, (_, j) => (i === j ? 12 * xi * xi + 2 : 0))),
    });
    const result = minimize(dense, new Float64Array(n).fill(1));
    expect(result.picked.method).toBe("lazyCubicNewton");
    expect(result.reason.kind).toBe("converged");
    expect(result.value).toBeLessThan(1e-12);
  });

  it("solves to the tolerance, with a budget, a time limit and a trace", () => {
    const result = minimize(rosenbrock, [-1.2, 1], { tolerance: 1e-10, trace: true });
    expect(result.reason.kind).toBe("converged");
    expect(Array.from(result.x, (v) => +v.toFixed(6))).toEqual([1, 1]);
    expect(result.trace.length).toBe(result.iterations + 1);
    expect(minimize(rosenbrock, [-1.2, 1], { maxIterations: 2 }).reason).toMatchObject({
      kind: "budget",
      rule: "maxIterations",
    });
    expect(minimize(rosenbrock, [-1.2, 1], { timeLimit: 0 }).reason).toMatchObject({
      kind: "budget",
      rule: "timeLimit",
    });
    expect(minimize(rosenbrock, [-1.2, 1], { signal: AbortSignal.abort() }).reason).toMatchObject({ kind: "aborted" });
  });

  it("throws on misuse", () => {
    expect(() => minimize(rosenbrock, [1, 1], { tol: 1 } as object)).toThrow(
      "minimize: argument `options.tol` is not an option",
    );
    expect(() => minimize({ dimension: 1, value: () => 0 } as never, [1])).toThrow(
      "minimize: argument `problem` is without a gradient; wanted at least `value` and `gradientInto`.",
    );
    expect(() => minimize(rosenbrock, [Number.NaN, 1])).toThrow(
      "solve: argument `x0` is NaN at index 0; wanted finite numbers.",
    );
  });
});
