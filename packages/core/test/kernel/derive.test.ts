// Each operation's first and second derivatives against closed forms, at several points.
import { describe, expect, it } from "vitest";
import { type Expr, problemFromTerms } from "../../src/kernel/index.js";
import { multiplySparseVectorInto } from "../../src/linear/sparse/csc.js";

type Derivatives = [f: (x: number) => number, f1: (x: number) => number, f2: (x: number) => number];
const { sqrt, exp, log, sin, cos, tan, cosh, sinh, tanh } = Math;

const unary: Record<string, [(x: Expr) => Expr, Derivatives, number[]]> = {
  neg: [(x) => x.neg(), [(x) => -x, () => -1, () => 0], [-2, 0.5]],
  square: [(x) => x.square(), [(x) => x * x, (x) => 2 * x, () => 2], [-2, 0, 3]],
  inv: [(x) => x.inv(), [(x) => 1 / x, (x) => -1 / x ** 2, (x) => 2 / x ** 3], [-2, 0.3]],
  abs: [(x) => x.abs(), [Math.abs, Math.sign, () => 0], [-2, 3]],
  sign: [(x) => x.sign(), [Math.sign, () => 0, () => 0], [-2, 3]],
  sqrt: [(x) => x.sqrt(), [sqrt, (x) => 0.5 / sqrt(x), (x) => -0.25 / x ** 1.5], [0.01, 2, 50]],
  exp: [(x) => x.exp(), [exp, exp, exp], [-20, 0, 3]],
  expm1: [(x) => x.expm1(), [Math.expm1, exp, exp], [-1, 1e-10, 2]],
  log: [(x) => x.log(), [log, (x) => 1 / x, (x) => -1 / x ** 2], [1e-3, 2]],
  log1p: [(x) => x.log1p(), [Math.log1p, (x) => 1 / (1 + x), (x) => -1 / (1 + x) ** 2], [-0.5, 1e-10, 4]],
  sin: [(x) => x.sin(), [sin, cos, (x) => -sin(x)], [-1, 0, 20]],
  cos: [(x) => x.cos(), [cos, (x) => -sin(x), (x) => -cos(x)], [-1, 0, 20]],
  tan: [(x) => x.tan(), [tan, (x) => 1 + tan(x) ** 2, (x) => 2 * tan(x) * (1 + tan(x) ** 2)], [-1, 0.3]],
  asin: [(x) => x.asin(), [Math.asin, (x) => (1 - x * x) ** -0.5, (x) => x * (1 - x * x) ** -1.5], [-0.6, 0, 0.3]],
  acos: [(x) => x.acos(), [Math.acos, (x) => -((1 - x * x) ** -0.5), (x) => -x * (1 - x * x) ** -1.5], [-0.6, 0, 0.3]],
  atan: [(x) => x.atan(), [Math.atan, (x) => 1 / (1 + x * x), (x) => (-2 * x) / (1 + x * x) ** 2], [-3, 0, 1]],
  sinh: [(x) => x.sinh(), [sinh, cosh, sinh], [-2, 0, 1]],
  cosh: [(x) => x.cosh(), [cosh, sinh, cosh], [-2, 0, 1]],
  tanh: [(x) => x.tanh(), [tanh, (x) => 1 - tanh(x) ** 2, (x) => -2 * tanh(x) * (1 - tanh(x) ** 2)], [-2, 0, 1]],
  asinh: [
    (x) => x.asinh(),
    [Math.asinh, (x) => (1 + x * x) ** -0.5, (x) => -x * (1 + x * x) ** -1.5],
    [-3, 0, 1e-10, 2],
  ],
  acosh: [(x) => x.acosh(), [Math.acosh, (x) => (x * x - 1) ** -0.5, (x) => -x * (x * x - 1) ** -1.5], [1.5, 4]],
  atanh: [(x) => x.atanh(), [Math.atanh, (x) => 1 / (1 - x * x), (x) => (2 * x) / (1 - x * x) ** 2], [-0.6, 0, 0.3]],
  log2: [(x) => x.log2(), [Math.log2, (x) => Math.LOG2E / x, (x) => -Math.LOG2E / x ** 2], [0.1, 8]],
  log10: [(x) => x.log10(), [Math.log10, (x) => Math.LOG10E / x, (x) => -Math.LOG10E / x ** 2], [0.1, 1000]],
  cbrt: [
    (x) => x.cbrt(),
    [Math.cbrt, (x) => 1 / (3 * Math.cbrt(x) ** 2), (x) => -2 / (9 * Math.cbrt(x) ** 5)],
    [-8, 0.3, 27],
  ],
  "pow 3": [(x) => x.pow(3), [(x) => x ** 3, (x) => 3 * x ** 2, (x) => 6 * x], [-2, 0, 1.5]],
  "pow −2": [(x) => x.pow(-2), [(x) => x ** -2, (x) => -2 * x ** -3, (x) => 6 * x ** -4], [-2, 1.5]],
  "pow 7/3 of |x|": [
    (x) => x.abs().pow(7 / 3),
    [
      (x) => Math.abs(x) ** (7 / 3),
      (x) => (7 / 3) * Math.sign(x) * Math.abs(x) ** (4 / 3),
      (x) => (28 / 9) * Math.abs(x) ** (1 / 3),
    ],
    [-2, 0, 1.5],
  ],
};

describe("derivatives of one variable", () => {
  for (const [name, [term, [f, f1, f2], points]] of Object.entries(unary)) {
    it(name, () => {
      const problem = problemFromTerms(1, [{ indices: [[0]], term: ([x]) => term(x!) }]);
      for (const x of points) {
        const at = Float64Array.of(x);
        const near = (value: number, wanted: number) =>
          expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(wanted)));
        near(problem.value(at), f(x));
        near(problem.gradientInto(new Float64Array(1), at)[0]!, f1(x));
        const H = problem.newHessian();
        problem.hessianInto(H, at);
        near(H.values[0]!, f2(x));
        near(problem.hessianApplyInto(new Float64Array(1), at, Float64Array.of(3))[0]!, 3 * f2(x));
      }
    });
  }
});

describe("derivatives of two variables", () => {
  const f = (term: (x: Expr, y: Expr) => Expr) =>
    problemFromTerms(2, [{ indices: [[0, 1]], term: ([x, y]) => term(x!, y!) }]);
  const derivatives = (problem: ReturnType<typeof f>, x: number, y: number) => {
    const at = Float64Array.of(x, y);
    const H = problem.newHessian();
    problem.hessianInto(H, at);
    const dense = (i: number, j: number) =>
      multiplySparseVectorInto(new Float64Array(2), H, Float64Array.of(+(j === 0), +(j === 1)))[i]!;
    return [problem.value(at), ...problem.gradientInto(new Float64Array(2), at), dense(0, 0), dense(0, 1), dense(1, 1)];
  };
  const close = (found: number[], wanted: number[]) =>
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 12);
    });

  it("x / y", () =>
    close(
      derivatives(
        f((x, y) => x.div(y)),
        3,
        2,
      ),
      [1.5, 0.5, -0.75, 0, -0.25, 0.75],
    ));
  it("x^y", () => {
    const v = 2 ** 3;
    const l = Math.log(2);
    close(
      derivatives(
        f((x, y) => x.pow(y)),
        2,
        3,
      ),
      [v, 12, v * l, 12, 4 + 12 * l, v * l * l],
    );
  });
  it("atan2", () => {
    // θ(y, x) at (3, 4), r² = 25: gradient (4, −3)/25; second derivatives (−24, −7, 24)/625.
    close(
      derivatives(
        f((x, y) => x.atan2(y)),
        3,
        4,
      ),
      [Math.atan2(3, 4), 4 / 25, -3 / 25, -24 / 625, -7 / 625, 24 / 625],
    );
  });
  it("hypot", () =>
    close(
      derivatives(
        f((x, y) => x.hypot(y)),
        3,
        4,
      ),
      [5, 0.6, 0.8, 16 / 125, -12 / 125, 9 / 125],
    ));
  it("min and max take the derivative of the chosen one", () => {
    close(
      derivatives(
        f((x, y) => x.square().min(y)),
        1,
        5,
      ),
      [1, 2, 0, 2, 0, 0],
    );
    close(
      derivatives(
        f((x, y) => x.square().max(y)),
        1,
        5,
      ),
      [5, 0, 1, 0, 0, 0],
    );
  });
});
