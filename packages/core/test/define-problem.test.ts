import { describe, expect, it } from "vitest";
import { checkGradient, checkHessian, defineProblem, maxIterations, solve } from "../src/index.js";
import { steepestDescent } from "./methods-for-tests.js";

const value = ([x, y]: Float64Array) => x! ** 4 + x! * y! + y! ** 2;
const gradient = ([x, y]: Float64Array) => [4 * x! ** 3 + y!, x! + 2 * y!];
const hessian = ([x]: Float64Array) => [
  [12 * x! * x!, 1],
  [1, 2],
];
const hessianApply = ([x]: Float64Array, [u, v]: Float64Array) => [12 * x! * x! * u! + v!, u! + 2 * v!];

describe("defineProblem", () => {
  it("has the capabilities that were given, and right derivatives", () => {
    const problem = defineProblem({ dimension: 2, value, gradient, hessian, hessianApply });
    expect(checkGradient(problem, [1, -2]).verdict).toBe("right");
    expect(checkHessian(problem, [1, -2]).verdict).toBe("right");
    expect(checkHessian(problem, [1, -2], undefined, { of: "matrix" }).verdict).toBe("right");
    expect("gradientInto" in defineProblem({ dimension: 2, value })).toBe(false);
    expect("hessianInto" in defineProblem({ dimension: 2, value, gradient })).toBe(false);
  });

  it("names a result of the wrong shape", () => {
    const run = (functions: object) =>
      solve(steepestDescent(0.1), defineProblem({ dimension: 2, value, gradient, ...functions }), [1, 1], {
        stop: maxIterations(1),
      });
    const cause = (functions: object) => {
      try {
        run(functions);
      } catch (error) {
        return ((error as Error).cause as Error).message;
      }
      return "no error";
    };
    expect(cause({ gradient: () => [1, 2, 3] })).toBe(
      "defineProblem: argument `the result of gradient` is an Array of length 3; wanted 2 numbers, the problem's dimension.",
    );
    expect(cause({ gradient: () => undefined })).toMatch(
      /^defineProblem: argument `the result of gradient` is undefined/,
    );
    const H = (matrix: number[][]) => {
      const problem = defineProblem({ dimension: 2, value, gradient, hessian: () => matrix });
      return () => problem.hessianInto(problem.newHessian(), new Float64Array(2));
    };
    expect(H([[1]])).toThrow("defineProblem: argument `the result of hessian` is 1 × 1; wanted 2 × 2.");
    expect(
      H([
        [1, 2],
        [3, 4],
      ]),
    ).toThrow(
      "defineProblem: argument `the result of hessian` is not symmetric: entry (1, 0) is 3 and (0, 1) is 2; wanted a symmetric matrix.",
    );
  });

  it("throws on members that can't be", () => {
    expect(() => defineProblem({ dimension: -1, value })).toThrow(
      "defineProblem: argument `dimension` is -1; wanted a non-negative integer.",
    );
    expect(() => defineProblem({ dimension: 1, value: 3 as never })).toThrow(
      "defineProblem: argument `value` is 3; wanted a function.",
    );
    expect(() => defineProblem({ dimension: 1, value, grad: gradient } as never)).toThrow(
      "defineProblem: argument `options.grad` is not an option; wanted one of dimension, value, gradient, hessian, hessianApply.",
    );
  });
});
