import { solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { sinkhornNewtonSparse } from "../../src/methods/sinkhorn-newton-sparse.js";
import { marginalError, transportProblem } from "../../src/problem.js";
import { randomCost, uniform } from "../problems-for-tests.js";
import { behavesAsNewton } from "./newton-behaviour.js";

behavesAsNewton(sinkhornNewtonSparse, "density");

describe("sinkhornNewtonSparse", () => {
  it("solves the paper's random assignment, n = 500, η = 1200, to rounding in no more iterations than there: 20 sweeps and 10 steps", () => {
    const n = 500;
    const w = new Float64Array(n).fill(1 / n);
    for (const seed of [1, 2, 3]) {
      const cost = randomCost(n, n, uniform(seed));
      const problem = transportProblem({ source: w, target: w, cost, regularization: 1 / 1200 });
      const method = sinkhornNewtonSparse({ sinkhornSteps: 20, density: 15 / n, path: "none" });
      const { reason, iterations, state } = solve(method, problem, new Float64Array(2 * n), {
        stop: marginalError(1e-13),
      });
      expect(reason.kind).toBe("converged");
      expect(state.sweeps).toBe(20);
      expect(iterations).toBeLessThanOrEqual(30);
    }
  });

  it("takes more of the plan where its part is too small, up to all of it", () => {
    const n = 60;
    const w = new Float64Array(n).fill(1 / n);
    const cost = randomCost(n, n, uniform(4));
    const problem = transportProblem({ source: w, target: w, cost, regularization: 0.5 });
    const method = sinkhornNewtonSparse({ sinkhornSteps: 1, density: 1 / n });
    const { reason, iterations, state } = solve(method, problem, new Float64Array(2 * n), {
      stop: marginalError(1e-12),
    });
    expect(reason.kind).toBe("converged");
    expect(iterations).toBeLessThan(20);
    expect(state.density).toBeGreaterThan(8 / n);
  });
});
