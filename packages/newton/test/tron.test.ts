import { projectedGradientNorm, solve, withBounds } from "@hessia/core";
import { problemFromTerms } from "@hessia/core/kernel";
import { describe, expect, it } from "vitest";
import { tron } from "../src/index.js";
import { behavesLikeABoundedMethod } from "./bounded-behaviour.js";
import { type BoundedProblem, boundedCoshes, manufactured, mixture, obstacle } from "./bounded-problems.js";
import { fittedOrder } from "./order.js";
import { chainedRosenbrock, rosenbrock } from "./problems-for-tests.js";
import { behavesLikeAMethod, behavesLikeASecondOrderMethod } from "./shared-behaviour.js";

describe("tron", () => {
  behavesLikeAMethod(() => tron());
  behavesLikeASecondOrderMethod("tron", (options) => tron(options));
  behavesLikeABoundedMethod(() => tron());

  it("converges quadratically once the active set is found, with a matrix and with products", () => {
    const { problem, start } = boundedCoshes(12);
    for (const preconditioner of ["incompleteCholesky", "none"] as const) {
      const stop = projectedGradientNorm({ absolute: 1e-13, relative: 0 });
      const { trace } = solve(tron({ preconditioner }), problem, start, { stop, trace: true });
      expect(fittedOrder(trace.map((row) => row.gradientNorm))).toBeGreaterThan(1.7);
      expect(trace.length).toBeLessThan(12);
    }
  });

  it("converges superlinearly where conjugate gradients don't end by themselves", () => {
    const n = 60;
    const coupled = problemFromTerms(n, [
      {
        indices: Array.from({ length: n }, (_, i) => [i]),
        data: Array.from({ length: n }, (_, i) => [Math.sin(3 * i)]),
        term: ([x], [c]) => x!.sub(c!).cosh(),
      },
      { indices: Array.from({ length: n - 1 }, (_, i) => [i, i + 1]), term: ([x, y]) => x!.sub(y!).square().mul(8) },
    ]);
    const stop = projectedGradientNorm({ absolute: 1e-12, relative: 0 });
    const problem = withBounds(coupled, -0.03, 3) as BoundedProblem;
    const { trace } = solve(tron({ preconditioner: "none" }), problem, new Float64Array(n).fill(1.5), {
      stop,
      trace: true,
    });
    // The order of the last step: 1 + 1/k after k steps of a linear rate.
    const norms = trace.map((row) => row.gradientNorm);
    expect(fittedOrder(norms.slice(-2))).toBeGreaterThan(1.4);
    expect(trace.length).toBeLessThan(10);
  });

  it("solves a strictly convex quadratic in a handful of Hessians", () => {
    const { problem, start } = manufactured(mixture(60));
    const { counts, iterations } = solve(tron(), problem, start);
    expect(iterations).toBeLessThanOrEqual(8);
    expect(counts.hessian).toBeLessThanOrEqual(9);
    expect(counts.hessianApply).toBe(0);
    expect(counts.factorization).toBeGreaterThan(0);
  });

  it("takes products alone, with every preconditioner else the same solution", () => {
    const { problem, start, solution } = obstacle(10);
    const { newHessian: _a, hessianInto: _b, ...rest } = problem;
    const runs = [
      solve(tron(), rest as BoundedProblem, start),
      ...(["none", "jacobi", "incompleteCholesky"] as const).map((preconditioner) =>
        solve(tron({ preconditioner }), problem, start),
      ),
    ];
    for (const { x, reason } of runs) {
      expect(reason.kind).toBe("converged");
      for (let i = 0; i < x.length; i++) expect(Math.abs(x[i]! - solution[i]!)).toBeLessThan(1e-6);
    }
    expect(runs[0]!.counts).toMatchObject({ hessian: 0, factorization: 0 });
    expect(runs[1]!.counts).toMatchObject({ hessian: 0, factorization: 0 });
    expect(runs[0]!.counts.hessianApply).toBeGreaterThan(runs[0]!.iterations);
  });

  it("leaves a saddle in the free variables, and none that the bounds forbid to leave", () => {
    // x² − y² + y⁴/2 + z, z ≥ 0: a saddle at 0 whose curvature is in y. With y fixed at 0 the same point is the solution.
    const saddle = problemFromTerms(3, [
      {
        indices: [[0, 1, 2]],
        term: ([x, y, z]) => x!.square().sub(y!.square()).add(y!.square().square().mul(0.5)).add(z!),
      },
    ]);
    const free = solve(tron(), withBounds(saddle, [-3, -3, 0], [3, 3, 3]), [0, 0, 0]);
    expect(free.reason.kind).toBe("converged");
    expect(free.value).toBeCloseTo(-0.5, 10);
    expect(free.leastCurvature).toBeGreaterThan(0);
    const near = solve(tron(), withBounds(saddle, [-3, -0.25, 0], [3, 0.5, 3]), [0, 0, 0]);
    expect(near.reason.kind).toBe("converged");
    expect(near.x[1]).toBe(0.5);
    const held = solve(tron(), withBounds(saddle, [-3, 0, 0], [3, 0, 3]), [0, 0, 0]);
    expect(held.reason.kind).toBe("converged");
    expect(held.leastCurvature).toBeCloseTo(2, 10);
  });

  it("says so when the Hessian isn't finite", () => {
    const wrong = {
      ...rosenbrock,
      hessianInto(out: { values: Float64Array }) {
        out.values.fill(Number.NaN);
        return out;
      },
    };
    const { reason } = solve(tron(), withBounds(wrong as never, -1, 1) as BoundedProblem, [-0.9, 0.9]);
    expect(reason).toMatchObject({ kind: "failed", rule: "nonFiniteHessian" });
    const products = { ...rosenbrock, hessianApplyInto: (out: Float64Array) => out.fill(Number.NaN) };
    const ended = solve(tron({ preconditioner: "none" }), withBounds(products, -1, 1) as BoundedProblem, [-0.9, 0.9]);
    expect(ended.reason).toMatchObject({ kind: "failed", rule: "noProgress" });
  });

  it("keeps within its budget of products in a step", () => {
    const problem = withBounds(chainedRosenbrock(200), -2, 0.9) as BoundedProblem;
    const { counts, iterations } = solve(
      tron({ preconditioner: "none", maxProducts: 3 }),
      problem,
      new Float64Array(200),
      {
        secondOrder: false,
      },
    );
    // At most 3 of the conjugate gradients and what each projected search and the Cauchy step add.
    expect(counts.hessianApply / iterations).toBeLessThan(20);
  });

  it("throws on options out of range", () => {
    expect(() => tron({ initialRadius: 0 })).toThrow("tron: argument `initialRadius` is 0; wanted a number > 0");
    expect(() => tron({ maxProducts: 0 })).toThrow("tron: argument `maxProducts` is 0; wanted an integer >= 1.");
    expect(() => tron({ preconditioner: "ilu" as never })).toThrow(
      'tron: argument `preconditioner` is "ilu"; wanted one of incompleteCholesky, jacobi, none.',
    );
    const { newHessian: _a, hessianInto: _b, ...products } = rosenbrock;
    expect(() => solve(tron({ preconditioner: "jacobi" }), products, [0, 0])).toThrow(
      "tron: argument `problem` is without second derivatives",
    );
  });
});

describe("tron with products", () => {
  behavesLikeAMethod(() => tron({ preconditioner: "none" }));
  behavesLikeASecondOrderMethod("tron", (options) => tron({ preconditioner: "none", ...options }));
  behavesLikeABoundedMethod(() => tron({ preconditioner: "none" }));
});
