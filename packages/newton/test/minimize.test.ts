import { defineProblem, withBounds } from "@hessia/core";
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
      method: "arcqk",
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

  it("picks a method that takes bounds where one is finite, and moves the start within them", () => {
    // The minimizer of Rosenbrock's function with x ≤ ½: on the bound, where y = x².
    const bounded = withBounds(rosenbrock, [-2, -2], [0.5, 2]);
    const newton = minimize(bounded, [3, 1]);
    expect(newton.picked).toEqual({ method: "tron", because: "bounds, and second derivatives" });
    expect(newton.reason).toMatchObject({ kind: "converged", rule: "projectedGradientNorm" });
    const { newHessian: _a, hessianInto: _b, hessianApplyInto: _c, ...gradientOnly } = rosenbrock;
    const first = minimize(withBounds(gradientOnly, [-2, -2], [0.5, 2]), [3, 1]);
    expect(first.picked.method).toBe("lbfgsb");
    for (const { x } of [newton, first]) {
      expect(x[0]).toBe(0.5);
      expect(x[1]).toBeCloseTo(0.25, 6);
    }
    expect(
      minimize(withBounds(rosenbrock, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY), [0, 0]).picked.method,
    ).toBe("trustRegion");
    expect(() =>
      minimize({ ...rosenbrock, lower: Float64Array.of(1, 2), upper: Float64Array.of(1, 1) }, [0, 0]),
    ).toThrow("minimize: argument `problem.lower[1]` is 2, above the upper bound 1; wanted lower ≤ upper.");
  });

  it("throws on misuse", () => {
    expect(() => minimize(rosenbrock, [1, 1], { tol: 1 } as object)).toThrow(
      "minimize: argument `options.tol` is not an option",
    );
    expect(() => minimize({ dimension: 1, value: () => 0 } as never, [1])).toThrow(
      "minimize: argument `problem` is without `gradientInto`; wanted a problem with a gradient. Made by",
    );
    expect(() => minimize(rosenbrock, [Number.NaN, 1])).toThrow(
      "solve: argument `x0` is NaN at index 0; wanted finite numbers.",
    );
  });
});
