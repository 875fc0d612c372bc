import { any, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { logSinkhorn, marginalError, transportProblem } from "../../src/index.js";
import { planAt, randomProblem } from "../problems-for-tests.js";
import { behavesLikeSinkhorn } from "./sinkhorn-behaviour.js";

describe("logSinkhorn", () => {
  behavesLikeSinkhorn("logSinkhorn", (options) => logSinkhorn(options));

  it("is stable where the kernel is 0 to working precision: the assignment comes out as ε goes to 0", () => {
    // The best assignment is the diagonal, by 1 at least.
    const n = 6;
    const C = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => 5 + (i - j) ** 2));
    const w = new Float64Array(n).fill(1 / n);
    const problem = transportProblem({ source: w, target: w, cost: C, regularization: 1e-4 });
    const { x, reason } = solve(logSinkhorn({ scaling: true }), problem, new Float64Array(2 * n), {
      stop: any(marginalError(1e-9), maxIterations(5000)),
    });
    expect(reason.kind).toBe("converged");
    planAt(problem.cost, x, 1e-4).forEach((row, i) => {
      row.forEach((p, j) => {
        expect(p).toBeCloseTo(i === j ? 1 / n : 0, 8);
      });
    });
  });

  it("takes two passes over the cost a sweep, one more at the start, and one for the start's value", () => {
    const { problem } = randomProblem(8, 8, 0.1);
    const { iterations, counts } = solve(logSinkhorn(), problem, new Float64Array(16), {
      stop: any(marginalError(1e-9), maxIterations(20_000)),
    });
    expect(counts.gradient).toBe(2 * iterations + 2);
  });

  it("goes back to the plain step where an accelerated one lowers the dual", () => {
    const { problem } = randomProblem(20, 20, 0.003, 4);
    const { state } = solve(logSinkhorn({ anderson: 10 }), problem, new Float64Array(40), {
      stop: any(marginalError(1e-10), maxIterations(3000)),
    });
    expect(state.refused).toBeGreaterThan(0);
  });
});
