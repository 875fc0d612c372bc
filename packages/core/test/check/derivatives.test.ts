import { describe, expect, it } from "vitest";
import { checkGradient, checkHessian, checkSymmetry, defineProblem, type GradientProblem } from "../../src/index.js";
import { quadratic, rosenbrock } from "../methods-for-tests.js";

describe("checkGradient", () => {
  it("finds slope 2 for a right gradient", () => {
    const check = checkGradient(rosenbrock, [-1.2, 1]);
    expect(check.verdict).toBe("right");
    expect(check.slope).toBeGreaterThan(1.8);
    expect(check.rows).toHaveLength(33);
    expect(check.suspects).toEqual([]);
  });

  it("finds slope 1 and the component of a wrong one", () => {
    const wrong: GradientProblem = {
      ...rosenbrock,
      gradientInto: (out, x) => {
        rosenbrock.gradientInto(out, x);
        out[1] = out[1]! + 5;
        return out;
      },
    };
    const check = checkGradient(wrong, [-1.2, 1]);
    expect(check.verdict).toBe("wrong");
    expect(check.slope).toBeCloseTo(1, 1);
    expect(check.suspects.map((suspect) => suspect.index)).toEqual([1]);
    expect(check.suspects[0]!.given - check.suspects[0]!.difference).toBeCloseTo(5, 4);
  });

  it("answers right, with an infinite slope, where the model is exact to rounding", () => {
    const linear = defineProblem({ dimension: 2, value: (x) => 3 * x[0]! - 2 * x[1]!, gradient: () => [3, -2] });
    expect(checkGradient(linear, [1, 2])).toMatchObject({ verdict: "right", slope: Number.POSITIVE_INFINITY });
  });

  it("answers unclear where f has no values around x", () => {
    const island: GradientProblem = {
      dimension: 1,
      value: (x) => (x[0] === 1 ? 0 : Number.NaN),
      gradientInto: (out) => out.fill(0),
    };
    expect(checkGradient(island, [1]).verdict).toBe("unclear");
  });

  it("throws on a bad direction or point", () => {
    expect(() => checkGradient(rosenbrock, [1])).toThrow(
      "checkGradient: argument `x0` is of length 1; wanted length 2, the problem's dimension.",
    );
    expect(() => checkGradient(rosenbrock, [1, 1], [1])).toThrow(
      "checkGradient: argument `direction` is of length 1; wanted length 2.",
    );
    expect(() => checkGradient(rosenbrock, [1, 1], [0, 0])).toThrow(
      "checkGradient: argument `direction` is zero; wanted a direction of non-zero length.",
    );
  });
});

describe("checkHessian and checkSymmetry", () => {
  it("finds slope 2 for a right Hessian", () => {
    const check = checkHessian(rosenbrock, [-1.2, 1]);
    expect(check).toMatchObject({ verdict: "right", expectedSlope: 2 });
    expect(checkHessian(quadratic([1, 5]), [1, 1]).slope).toBe(Number.POSITIVE_INFINITY);
  });

  it("finds a wrong one, as a matrix or as products", () => {
    const wrong = {
      ...rosenbrock,
      hessianApplyInto: (out: Float64Array, _x: Float64Array, v: Float64Array) => {
        out.set(v);
        return out;
      },
    };
    expect(checkHessian(wrong, [-1.2, 1]).verdict).toBe("wrong");
    expect(checkHessian(wrong, [-1.2, 1], undefined, { of: "matrix" }).verdict).toBe("right");
  });

  it("finds an asymmetric product", () => {
    const bent = {
      ...rosenbrock,
      hessianApplyInto: (out: Float64Array, _x: Float64Array, v: Float64Array) => {
        out[0] = v[1]!;
        out[1] = 2 * v[0]!;
        return out;
      },
    };
    expect(checkSymmetry(bent, [1, 1]).verdict).toBe("wrong");
    expect(checkSymmetry(rosenbrock, [1, 1]).verdict).toBe("right");
  });

  it("throws without second derivatives", () => {
    const { value, gradientInto } = rosenbrock;
    expect(() => checkHessian({ dimension: 2, value, gradientInto }, [1, 1])).toThrow(
      "checkHessian: argument `problem` is without a Hessian; wanted hessianInto and newHessian, or hessianApplyInto.",
    );
  });
});
