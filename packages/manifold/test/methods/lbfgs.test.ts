import { denseMatrix, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { euclidean, lbfgs, onManifold, sphere } from "../../src/index.js";
import { type AnyMethod, behavesLikeAMethod, toNorm } from "../methods-behaviour.js";
import { brockett, randomSymmetric } from "../problems-for-tests.js";
import { seeded } from "../random.js";

describe("lbfgs", () => {
  behavesLikeAMethod("lbfgs", lbfgs as never);
});

describe("lbfgs with one pair", () => {
  behavesLikeAMethod("lbfgs", (options) => lbfgs({ memory: 1, ...options }));
});

describe("the pairs of lbfgs", () => {
  it("are carried along: all of them are tangent at the present point, and ρ is theirs", () => {
    const M = sphere(40);
    const problem = onManifold(M, brockett(randomSymmetric(40, 6), [1]));
    const { state } = solve(lbfgs({ memory: 5 }), problem, M.randomPoint(seeded(7)), { stop: toNorm(1e-3) as never });
    expect(state.pairs).toBe(5);
    for (let k = 0; k < 5; k++) {
      const [s, y] = [state.s[k]!, state.y[k]!];
      M.checkTangent("test", "s", state.x, s);
      M.checkTangent("test", "y", state.x, y);
      if (state.rho[k] !== 0) expect(state.rho[k]! * M.inner(state.x, s, y)).toBeCloseTo(1, 12);
    }
    expect(state.rho.filter((ρ) => ρ > 0).length).toBeGreaterThan(3);
  });

  it("give Newton's direction on a quadratic once they span the space", () => {
    const n = 5;
    const H = denseMatrix(n, n);
    for (let i = 0; i < n; i++) H.data[i * (n + 1)] = 1 + i;
    const problem = onManifold(euclidean(n), brockett(H, [1]));
    const { iterations, reason, state } = solve(lbfgs() as unknown as AnyMethod, problem, new Float64Array(n).fill(1), {
      stop: toNorm(1e-9),
    });
    expect(reason.kind).toBe("converged");
    expect(iterations).toBeLessThan(20);
    expect(Math.max(...state.x.map(Math.abs))).toBeLessThan(1e-9);
  });

  it("aren't kept where the curvature along the step is negative", () => {
    // −x² up to a wall at 1: the search ends below the wall, still on the concave side.
    const problem = onManifold(euclidean(1), {
      dimension: 1,
      value: ([x]: Float64Array) => (x! < 1 ? -x! * x! : Number.NaN),
      gradientInto: (out: Float64Array, [x]: Float64Array) => out.fill(-2 * x!),
    });
    const { state } = solve(lbfgs(), problem, [0.1], { stop: maxIterations(1) });
    expect(state.x[0]).toBeGreaterThan(0.9);
    expect(state.pairs).toBe(0);
  });

  it("refuses a memory out of range", () => {
    expect(() => lbfgs({ memory: 0 })).toThrow("lbfgs: argument `options.memory` is 0; wanted an integer >= 1");
  });
});
