import { gradientNorm, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { trustRegion } from "../src/index.js";
import { fittedOrder } from "./order.js";
import { coshes, largeSaddle, rosenbrock, saddle } from "./problems-for-tests.js";
import { behavesLikeAMethod } from "./shared-behaviour.js";

const tight = gradientNorm({ absolute: 1e-10, relative: 0 });

describe("trustRegion", () => {
  behavesLikeAMethod(() => trustRegion());

  it("converges superlinearly", () => {
    const { trace } = solve(trustRegion(), coshes(4), new Float64Array(4).fill(1.5), { stop: tight, trace: true });
    expect(fittedOrder(trace.map((row) => row.gradientNorm))).toBeGreaterThan(1.4);
  });

  it("leaves a strict saddle that it starts at, small and large", () => {
    for (const [problem, n] of [
      [saddle, 2],
      [largeSaddle(300), 300],
    ] as const) {
      const { reason, value } = solve(trustRegion(), problem, new Float64Array(n));
      expect(reason.kind).toBe("converged");
      expect(value).toBeCloseTo(-0.5, 10);
    }
  });

  it("throws on unknown options and where there are no second derivatives", () => {
    expect(() => trustRegion({ foo: 1 } as object)).toThrow("trustRegion: argument `options.foo` is not an option");
    const { value, gradientInto } = rosenbrock;
    expect(() => solve(trustRegion(), { dimension: 2, value, gradientInto } as never, [0, 0])).toThrow(
      "trustRegion: argument `problem` is without second derivatives",
    );
  });
});

describe("trustRegion with products only", () => {
  behavesLikeAMethod(() => trustRegion({ subproblem: "products" }));

  it("asks for no Hessian", () => {
    const { counts, reason } = solve(trustRegion({ subproblem: "products" }), rosenbrock, [-1.2, 1], { stop: tight });
    expect(reason.kind).toBe("converged");
    expect(counts.hessian).toBe(0);
    expect(counts.hessianApply).toBeGreaterThan(0);
  });

  it("leaves a strict saddle", () => {
    expect(solve(trustRegion({ subproblem: "products" }), largeSaddle(300), new Float64Array(300)).value).toBeCloseTo(
      -0.5,
      10,
    );
  });
});
