// Formulas as text: precedence against JavaScript's own, functions, vectors, and errors that show the place.
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/errors.js";
import { kernel, type MathValue, mat2, math, type ScalarKernel, scalar, vec2, vec3 } from "../../src/kernel/index.js";

type Formula = (x: MathValue, y: MathValue) => ReturnType<typeof math>;
const at = (formula: Formula, x: number, y: number) =>
  kernel({ inputs: { x: scalar, y: scalar } }, ({ x: a, y: b }) => formula(a, b)).value(Float64Array.of(x, y));

/** The message of what is thrown. */
function message(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  return expect.unreachable();
}

describe("math", () => {
  const cases: [string, Formula, (x: number, y: number) => number][] = [
    [
      "Rosenbrock",
      (x, y) => math`(${x} - 1)^2 + 100 * (${y} - ${x}^2)^2`,
      (x, y) => (x - 1) ** 2 + 100 * (y - x ** 2) ** 2,
    ],
    ["left to right", (x, y) => math`${x} - ${y} - 2 / ${x} / 4`, (x, y) => x - y - 2 / x / 4],
    ["power before sign", (x) => math`-${x}^2`, (x) => -(x ** 2)],
    ["sign in an exponent", (x) => math`${x}^-2`, (x) => x ** -2],
    ["powers right to left", (x) => math`${x}^2^3 + 2 ** 3 ** 2`, (x) => x ** 8 + 512],
    ["signs in a row", (x, y) => math`- - ${x} - +${y}`, (x, y) => x - y],
    ["numbers", (x) => math`1.5e-1 * ${x} + .25 + 2. + 1e2`, (x) => 0.15 * x + 102.25],
    ["constants", (x) => math`pi * ${x} + e`, (x) => Math.PI * x + Math.E],
    [
      "functions",
      (x, y) => math`sin(${x}) + atan2(${y}, ${x}) * max(${x}, ${y}, 3)`,
      (x, y) => Math.sin(x) + 3 * Math.atan2(y, x),
    ],
    ["functions of numbers", (x) => math`${x} * sqrt(2) * max(1, 2, 3) + square(3)`, (x) => x * Math.SQRT2 * 3 + 9],
    ["cbrt and log2", (x) => math`cbrt(${x}) + log2(${x})`, (x) => Math.cbrt(x) + Math.log2(x)],
    [
      "selection",
      (x, y) => math`select(${x} < ${y}, ${x}, ${y} + 1) * select(${x} >= 1, 2, 3)`,
      (x, y) => (x < y ? x : y + 1) * (x >= 1 ? 2 : 3),
    ],
    [
      "over several lines",
      (x, y) => math`${x}
        + ${y}`,
      (x, y) => x + y,
    ],
    ["a number alone", () => math`2 * 3`, () => 6],
  ];
  for (const [name, formula, wanted] of cases)
    it(name, () => {
      for (const [x, y] of [
        [0.7, 1.2],
        [2.5, -0.3],
      ] as const)
        expect(at(formula, x, y)).toBeCloseTo(wanted(x, y), 12);
    });

  it("takes vectors and matrices inside of a scalar formula", () => {
    const f: ScalarKernel = kernel(
      { inputs: { a: vec2, b: vec2, M: mat2 } },
      ({ a, b, M }) =>
        math`dot(${a} - ${b}, ${M} * (2 * ${a} + ${b} / 2)) + norm(-${b})^2 + det(${M} * ${M}) + trace(transpose(${M})) + cross(${a}, ${b})`,
    );
    // a = (1, 2), b = (3, 5), M = (2 1; 0 3): M (3.5, 6.5) = (13.5, 19.5); −2·13.5 − 3·19.5 + 34 + 36 + 5 − 1.
    expect(f.value(Float64Array.of(1, 2, 3, 5, 2, 1, 0, 3))).toBeCloseTo(-11.5, 12);
    const g: ScalarKernel = kernel(
      { inputs: { u: vec3, v: vec3 } },
      ({ u, v }) => math`squaredNorm(cross(${u}, ${v}))`,
    );
    expect(g.value(Float64Array.of(1, 0, 0, 0, 2, 0))).toBe(4);
  });

  it("shows the place of what it can't read", () => {
    kernel({ inputs: { x: scalar } }, ({ x }) => {
      const [head, formula, caret] = message(() => math`(${x} - 1)^2 + `).split("\n");
      expect(head!.trim()).toBe("math: argument `the formula` is at its end; wanted a number, a value or a name.");
      expect(formula).toBe(`  (\${1} - 1)^2 + `);
      expect(caret).toBe(`${" ".repeat(formula!.length)}^`);
      const [, other, below] = message(() => math`${x} * (2 + * 3)`).split("\n");
      expect(other!.slice(below!.indexOf("^"))).toBe("* 3)");
      return x;
    });
  });

  it("names what is wrong", () => {
    const x0 = kernel({ inputs: { x: scalar, v: vec2 } }, ({ x, v }) => {
      expect(message(() => math`2 ${x}`)).toMatch(/a value; wanted an operator or the end/);
      expect(message(() => math`(${x} + 1`)).toMatch(/wanted an operator or a closing parenthesis/);
      expect(message(() => math`${x} + )`)).toMatch(/an unexpected "\)"/);
      expect(message(() => math`sinn(${x})`)).toMatch(/the function sinn; wanted one of abs, acos/);
      expect(message(() => math`constructor(${x})`)).toMatch(/the function constructor/);
      expect(message(() => math`${x} % 2`)).toMatch(/unknown character "%"/);
      expect(message(() => math`x + ${x}`)).toMatch(/the name x; wanted.*put in as values/);
      expect(message(() => math`sin(${x}, 2)`)).toMatch(/called with 2 arguments; wanted 1 argument/);
      expect(message(() => math`${x} + ${v}`)).toMatch(/between an Expr and a Vec of length 2/);
      expect(message(() => math`${v} * ${v}`)).toMatch(/dot\(a, b\) or cross\(a, b\)/);
      expect(message(() => math`2 * ${v}`)).toMatch(/wanted a scalar/);
      expect(message(() => math`norm(${x})`)).toMatch(/called with an Expr; wanted a Vec/);
      expect(message(() => math`${x} + ${"1" as unknown as number}`)).toMatch(/is "1"; wanted an Expr, a number/);
      expect(message(() => math`${x} < 2`)).toMatch(/an unexpected "<"/);
      expect(message(() => math("x" as unknown as TemplateStringsArray))).toMatch(/template literal/);
      return x;
    });
    expect(x0.arity).toBe(3);
  });
});
