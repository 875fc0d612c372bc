import { gradientNorm, solve } from "@hessia/core";
import { problemFromTerms } from "@hessia/core/kernel";
import { describe, expect, it } from "vitest";
import { trustRegion } from "../src/index.js";
import { largeSaddle, rosenbrock } from "./problems-for-tests.js";
import { behavesLikeAMethod, behavesLikeASecondOrderMethod } from "./shared-behaviour.js";

describe("trustRegion", () => {
  behavesLikeAMethod(() => trustRegion());
  behavesLikeASecondOrderMethod("trustRegion", trustRegion);
});

const tight = gradientNorm({ absolute: 1e-10, relative: 0 });

describe("trustRegion's second-order test", () => {
  it("holds at once where a sparse Hessian is singular", () => {
    // Σ (xᵢ − i)⁴ with x₂ where it belongs from the start: ∂²f/∂x₂² = 0 everywhere on the way.
    const n = 400;
    const quartic = problemFromTerms(n, [
      {
        indices: Array.from({ length: n }, (_, i) => [i]),
        data: Array.from({ length: n }, (_, i) => [i]),
        term: ([x], [c]) => x!.sub(c!).square().square(),
      },
    ]);
    const { reason, counts, iterations } = solve(trustRegion(), quartic, new Float64Array(n).fill(2));
    expect(reason).toMatchObject({ kind: "converged" });
    expect(counts.hessian).toBeLessThanOrEqual(iterations + 1);
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
