import { describe, expect, it } from "vitest";
import { checkHessian } from "../../src/index.js";
import { problemFromExpression } from "../../src/interop/expression.js";

describe("problemFromExpression", () => {
  it("gives Rosenbrock's function with exact derivatives", () => {
    const problem = problemFromExpression("100*(x2-x1^2)^2 + (1-x1)^2", ["x1", "x2"]);
    const x = Float64Array.of(-1.2, 1);
    expect(problem.value(x)).toBeCloseTo(24.2, 12);
    expect(Array.from(problem.gradientInto(new Float64Array(2), x), (v) => +v.toFixed(9))).toEqual([-215.6, -88]);
    expect(checkHessian(problem, x).verdict).toBe("right");
  });

  it.each([
    ["-x^2", 3, -9],
    ["(-x)^3", 2, -8],
    ["2 x + pi", 1, 2 + Math.PI],
    ["exp(x) + e", 0, 1 + Math.E],
    ["log(x, 2) + log2(x) + log10(x) + ln(x)", 4, 4 + Math.log10(4) + Math.log(4)],
    ["max(x, 1, 2) - min(x, 5)", 4, 0],
    ["cube(x) + square(x) + sqrt(x)", 4, 64 + 16 + 2],
    ["x / 4 / 2", 16, 2],
    ["2^x^2", 2, 16],
    ["atan2(x, 1) + hypot(x, 4)", 3, Math.atan2(3, 1) + 5],
    ["5", 0, 5],
  ])("evaluates %s at %d", (text, x, wanted) => {
    expect(problemFromExpression(text, ["x"]).value(Float64Array.of(x))).toBeCloseTo(wanted, 12);
  });

  it("takes parameters", () => {
    expect(problemFromExpression("a * x + b", ["x"], { parameters: { a: 3, b: 1 } }).value(Float64Array.of(2))).toBe(7);
  });

  it("takes an expression without variables", () => {
    const problem = problemFromExpression("2 * a", [], { parameters: { a: 3 } });
    expect(problem.dimension).toBe(0);
    expect(problem.value(new Float64Array())).toBe(6);
  });

  it("knows a negative base to an integer power, with its derivatives", () => {
    const problem = problemFromExpression("(x - 3)^3 + x^(-2)", ["x"]);
    const at = Float64Array.of(-1);
    expect(problem.value(at)).toBe(-63);
    expect(problem.gradientInto(new Float64Array(1), at)[0]).toBe(48 + 2);
    expect(problem.hessianApplyInto(new Float64Array(1), at, Float64Array.of(1))[0]).toBe(-24 + 6);
  });

  it("takes no property of JavaScript's objects for a name", () => {
    expect(() => problemFromExpression("x + constructor", ["x"])).toThrow('unknown name "constructor"');
    expect(problemFromExpression("constructor^2", ["constructor"]).value(Float64Array.of(3))).toBe(9);
  });

  it("gives the position of bad text", () => {
    expect(() => problemFromExpression("100*(x2-x1^2", ["x1", "x2"])).toThrow(
      /^problemFromExpression: argument `text` is wrong at column 13 \(Parenthesis \) expected\); wanted .*\n {2}100\*\(x2-x1\^2\n {14}\^$/s,
    );
    expect(() => problemFromExpression("1 + + * x", ["x"])).toThrow(/wrong at column 7/);
  });

  it("names what it doesn't know, with its position and what is known", () => {
    expect(() => problemFromExpression("x + yy", ["x"])).toThrow(
      'wrong at column 5 (unknown name "yy"); wanted one of x, pi, PI, e, E, tau.',
    );
    expect(() => problemFromExpression("x + gamma(x)", ["x"])).toThrow(
      'wrong at column 5 (no function "gamma" of 1 arguments); wanted one of abs, sign,',
    );
    expect(() => problemFromExpression("x % 2", ["x"])).toThrow(
      'wrong at column 3 (unknown operator "%"); wanted + - * / ^.',
    );
    expect(() => problemFromExpression("[x, 1]", ["x"])).toThrow("a ArrayNode can't be differentiated");
    expect(() => problemFromExpression('"a" + x', ["x"])).toThrow("is no number");
  });

  it("throws on bad names and parameters", () => {
    expect(() => problemFromExpression("x", ["x", "x"])).toThrow(
      'problemFromExpression: argument `variables[1]` is "x", named twice; wanted names that differ.',
    );
    expect(() => problemFromExpression("x", ["1x"])).toThrow(
      'problemFromExpression: argument `variables[0]` is "1x"; wanted a name.',
    );
    expect(() => problemFromExpression("x", ["x"], { parameters: { a: Number.NaN } })).toThrow(
      "problemFromExpression: argument `options.parameters.a` is NaN; wanted a finite number.",
    );
    expect(() => problemFromExpression(3 as never, [])).toThrow(
      "problemFromExpression: argument `text` is 3; wanted an expression as text.",
    );
  });
});
