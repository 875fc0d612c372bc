import { gradientNorm, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { trustRegion } from "../src/index.js";
import { largeSaddle, rosenbrock } from "./problems-for-tests.js";
import { behavesLikeAMethod, behavesLikeASecondOrderMethod } from "./shared-behaviour.js";

describe("trustRegion", () => {
  behavesLikeAMethod(() => trustRegion());
  behavesLikeASecondOrderMethod("trustRegion", trustRegion);
});

const tight = gradientNorm({ absolute: 1e-10, relative: 0 });

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
