import { any, type GradientState, gradientNorm, maxIterations, solve, withBounds } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { lbfgs, lbfgsb } from "../src/index.js";
import { behavesLikeABoundedMethod } from "./bounded-behaviour.js";
import { boundedCoshes, manufactured, mixture } from "./bounded-problems.js";
import { chainedRosenbrock, convexQuadratic, rosenbrock } from "./problems-for-tests.js";
import { behavesLikeAMethod } from "./shared-behaviour.js";

describe("lbfgsb", () => {
  behavesLikeAMethod(() => lbfgsb());
  behavesLikeABoundedMethod(() => lbfgsb());

  it("makes the iterates of lbfgs, to rounding, where there are no bounds", () => {
    const stop = any<GradientState>(gradientNorm({ absolute: 1e-7, relative: 0 }), maxIterations(25));
    for (const problem of [convexQuadratic(30).problem, chainedRosenbrock(4)]) {
      const start = new Float64Array(problem.dimension).fill(-0.3);
      const mine = solve(lbfgsb(), problem, start, { stop, trace: true });
      const other = solve(lbfgs(), problem, start, { stop, trace: true });
      for (let k = 0; k < Math.min(12, other.trace.length); k++)
        expect(Math.abs(mine.trace[k]!.value - other.trace[k]!.value)).toBeLessThan(
          1e-8 * Math.max(1, Math.abs(other.trace[k]!.value)),
        );
    }
  });

  it("works with a memory of one pair, and with more than it can fill", () => {
    const { problem, start, solution } = manufactured(mixture(25));
    for (const memory of [1, 100]) {
      const { reason, x } = solve(lbfgsb({ memory }), problem, start);
      expect(reason.kind).toBe("converged");
      for (let i = 0; i < 25; i++) expect(x[i]).toBeCloseTo(solution[i]!, 6);
    }
  });

  it("doesn't search beyond the bounds: a linear function takes one evaluation", () => {
    const linear = {
      dimension: 2,
      value: ([x, y]: Float64Array) => y! - x!,
      gradientInto(out: Float64Array) {
        out.set([-1, 1]);
        return out;
      },
    };
    const { x, counts } = solve(lbfgsb(), withBounds(linear, 0, 0.5), [0.2, 0.3]);
    expect(Array.from(x)).toEqual([0.5, 0]);
    expect(counts.value).toBe(2);
  });

  it("needs the gradient alone", () => {
    const { problem, start } = boundedCoshes(10);
    expect(solve(lbfgsb(), problem, start).counts).toMatchObject({ hessian: 0, hessianApply: 0, factorization: 0 });
  });

  it("names a gradient of the wrong sign, also with bounds", () => {
    // f grows along −∇f: the gradient has the wrong sign.
    const wrong = {
      dimension: 2,
      value: rosenbrock.value.bind(rosenbrock),
      gradientInto(out: Float64Array, x: Float64Array) {
        rosenbrock.gradientInto(out, x);
        out[0] = -out[0]!;
        out[1] = -out[1]!;
        return out;
      },
    };
    expect(solve(lbfgsb(), withBounds(wrong, -3, 3), [-1.2, 1]).reason.rule).toBe("wrongGradientLikely");
  });

  it("throws on a bad memory and on unknown options", () => {
    expect(() => lbfgsb({ memory: 0 })).toThrow("lbfgsb: argument `memory` is 0; wanted an integer >= 1 and <= 100.");
    expect(() => lbfgsb({ m: 5 } as object)).toThrow("lbfgsb: argument `options.m` is not an option");
  });
});
