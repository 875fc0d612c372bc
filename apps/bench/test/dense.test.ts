import { checkGradient, checkHessian } from "@hessia/core";
import { norm2 } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { logisticRegression, logSumExp } from "../src/problems/dense.js";

describe("dense problems", () => {
  for (const make of [logisticRegression, logSumExp]) {
    const { name, problem } = make(15);
    it(`${name}: derivatives are right`, () => {
      const x = Float64Array.from({ length: 15 }, (_, i) => Math.sin(i));
      expect(checkGradient(problem, x).verdict).toBe("right");
      expect(checkHessian(problem, x).verdict).toBe("right");
    });

    it(`${name}: the same seed gives the same data`, () => {
      const x = new Float64Array(15).fill(0.3);
      expect(make(15).problem.value(x)).toBe(problem.value(x));
      expect(make(15, 99).problem.value(x)).not.toBe(problem.value(x));
    });
  }

  it("log-sum-exp has its minimizer at 0", () => {
    const { problem } = logSumExp(15);
    expect(norm2(problem.gradientInto(new Float64Array(15), new Float64Array(15)))).toBeLessThan(1e-14);
  });
});
