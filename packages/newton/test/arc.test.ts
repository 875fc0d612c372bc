import { gradientNorm, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { arc } from "../src/index.js";
import { fittedOrder } from "./order.js";
import { coshes, largeSaddle, rosenbrock, saddle } from "./problems-for-tests.js";
import { behavesLikeAMethod } from "./shared-behaviour.js";

const tight = gradientNorm({ absolute: 1e-10, relative: 0 });

describe("arc", () => {
  behavesLikeAMethod(() => arc());

  it("converges superlinearly", () => {
    const { trace } = solve(arc(), coshes(4), new Float64Array(4).fill(1.5), { stop: tight, trace: true });
    expect(fittedOrder(trace.map((row) => row.gradientNorm))).toBeGreaterThan(1.4);
  });

  it("leaves a strict saddle that it starts at, small and large", () => {
    for (const [problem, n] of [
      [saddle, 2],
      [largeSaddle(300), 300],
    ] as const) {
      const { reason, value } = solve(arc(), problem, new Float64Array(n));
      expect(reason.kind).toBe("converged");
      expect(value).toBeCloseTo(-0.5, 10);
    }
  });

  it("throws on unknown options and where there are no second derivatives", () => {
    expect(() => arc({ foo: 1 } as object)).toThrow("arc: argument `options.foo` is not an option");
    const { value, gradientInto } = rosenbrock;
    expect(() => solve(arc(), { dimension: 2, value, gradientInto } as never, [0, 0])).toThrow(
      "arc: argument `problem` is without second derivatives",
    );
  });
});
