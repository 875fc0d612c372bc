import { gradientNorm, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { lbfgs } from "../src/index.js";
import { convexQuadratic, rosenbrock } from "./problems-for-tests.js";
import { behavesLikeAMethod } from "./shared-behaviour.js";

describe("lbfgs", () => {
  behavesLikeAMethod(() => lbfgs());

  it("works with a memory of one pair, and with more than it can fill", () => {
    for (const memory of [1, 100]) {
      const { reason } = solve(lbfgs({ memory }), rosenbrock, [-1.2, 1], { stop: gradientNorm(1e-8) });
      expect(reason.kind).toBe("converged");
    }
  });

  it("takes about as many steps as conjugate gradients would on a quadratic of condition 3", () => {
    const { problem } = convexQuadratic(30);
    const { iterations } = solve(lbfgs(), problem, new Float64Array(30), {
      stop: gradientNorm({ absolute: 1e-9, relative: 0 }),
    });
    expect(iterations).toBeLessThanOrEqual(25);
  });

  it("needs the gradient alone", () => {
    const { problem } = convexQuadratic(10);
    const { counts } = solve(lbfgs(), problem, new Float64Array(10));
    expect(counts).toMatchObject({ hessian: 0, hessianApply: 0, factorization: 0 });
  });

  it("throws on a bad memory", () => {
    expect(() => lbfgs({ memory: 0 })).toThrow("lbfgs: argument `memory` is 0; wanted an integer >= 1 and <= 100.");
  });
});
