import { gradientNorm, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { lazyRegularizedNewton } from "../src/index.js";
import { coshes, saddle } from "./problems-for-tests.js";
import { behavesLikeAMethod } from "./shared-behaviour.js";

describe("lazyRegularizedNewton", () => {
  behavesLikeAMethod(() => lazyRegularizedNewton(), { convexOnly: true });
  describe("m = 1", () => behavesLikeAMethod(() => lazyRegularizedNewton({ hessianPeriod: 1 }), { convexOnly: true }));

  it("takes fewer Hessians than steps", () => {
    const { counts, iterations, reason } = solve(lazyRegularizedNewton(), coshes(20), new Float64Array(20).fill(2), {
      stop: gradientNorm(1e-8),
      secondOrder: false,
    });
    expect(reason.kind).toBe("converged");
    expect(counts.hessian).toBeLessThan(iterations);
  });

  it("says that a function isn't convex", () => {
    expect(solve(lazyRegularizedNewton(), saddle, [0.1, 0.1]).reason.rule).toBe("notConvex");
    expect(solve(lazyRegularizedNewton(), saddle, [0, 0]).reason.kind).toBe("failed");
  });

  it("throws on bad options", () => {
    expect(() => lazyRegularizedNewton({ hessianPeriod: -2 })).toThrow(
      "lazyRegularizedNewton: argument `hessianPeriod` is -2; wanted an integer >= 1.",
    );
    expect(() => lazyRegularizedNewton({ initialM: 0 })).toThrow(
      "lazyRegularizedNewton: argument `initialM` is 0; wanted a number > 0 and < Infinity.",
    );
  });
});
