// What `bilevel`, `linearConstraints`, `minimize`, `certify` and `hypergradient` refuse, and what they find on problems with closed forms.
import { defineProblem } from "@hessia/core";
import { problemFromExpression } from "@hessia/core/expression";
import { add, type Expr, mul, problemFromTerms, square, sub } from "@hessia/core/kernel";
import { ball } from "@hessia/core/set";
import { describe, expect, it } from "vitest";
import {
  type BilevelOptions,
  bilevel,
  certify,
  hypergradient,
  implicitDifferentiation,
  linearConstraints,
  lvHba,
  minimize,
} from "../src/index.js";
import { bard, coupledToy, coupledToySolution, duopoly, greatestDifference, quadratic } from "./problems-for-tests.js";

const { upper, lower } = quadratic(2, 3);
const good = { upperDimension: 2, upper, lower };

describe("bilevel", () => {
  it.each([
    [{ ...good, upperDimension: 0 }, /`options.upperDimension` is 0/],
    [{ ...good, upperDimension: 5 }, /`options.upperDimension` is 5/],
    [{ ...good, upper: undefined }, /`options.upper` is undefined/],
    [{ ...good, lower: { dimension: 5, value: () => 0 } }, /`options.lower` is without a gradient/],
    [{ ...good, lower: duopoly(1, 1, 0).lowerObjective }, /`options.lower` is of 2 variables; wanted 5/],
    [{ ...good, upperSet: ball([0], 1) }, /`options.upperSet` is of dimension 1; wanted 2/],
    [{ ...good, lowerSet: {} }, /`options.lowerSet`/],
    [{ ...good, coupledSet: ball([0], 1) }, /`options.coupledSet` is of dimension 1; wanted 5/],
    [{ ...good, lowerConstraints: {} }, /`options.lowerConstraints`/],
    [{ ...good, lowerConstraints: linearConstraints([[1, 2]], [0]) }, /over 2 variables; wanted 5/],
    [{ ...good, sample: 3 }, /`options.sample` is 3/],
    [{ ...good, other: 3 }, /other/],
    [
      {
        ...good,
        upperSet: {
          kind: "halver",
          dimension: 2,
          projectInto: (out: Float64Array, x: Float64Array) => {
            for (let i = 0; i < 2; i++) out[i] = x[i]! / 2;
            return out;
          },
        },
      },
      /`options.upperSet` is a map that moves a projected point/,
    ],
  ])("%# is refused", (options, message) =>
    expect(() => bilevel(options as unknown as BilevelOptions)).toThrow(message),
  );

  it("refuses linear constraints that aren't", () => {
    expect(() => linearConstraints([[1, Number.NaN]], [0])).toThrow(/finite/);
    expect(() => linearConstraints([[1, 2]], [0, 1])).toThrow(/`b`/);
    expect(() => linearConstraints([[1, 2]], [0], { equalities: 2 })).toThrow(/equalities/);
  });
});

describe("minimize", () => {
  it("picks a method by what the problem has, and says why", () => {
    const start = { x: [0, 0], y: [0, 0, 0] };
    expect(minimize(bilevel(good), start, { maxIterations: 1 }).picked.method).toBe("implicitDifferentiation");
    const first = {
      dimension: 5,
      value: lower.value,
      gradientInto: lower.gradientInto,
    };
    expect(minimize(bilevel({ ...good, lower: first }), start, { maxIterations: 1 }).picked.method).toBe("meha");
    const set = bilevel({ ...good, lowerSet: ball([0, 0, 0], 1) });
    expect(minimize(set, start, { maxIterations: 1 }).picked.method).toBe("meha");
    expect(minimize(bard(), { x: [3], y: [3] }, { maxIterations: 1 }).picked.method).toBe("bicGaffa");
    const toy = { x: [1, 2], y: [1, 2, 3, 4] };
    expect(minimize(coupledToy(2), toy, { maxIterations: 1 }).picked).toEqual({
      method: "lvHba",
      because: "lower constraints that are easily projected onto",
    });
  });

  it("takes derivatives by hand, traced terms and text, with one answer", () => {
    // F = (y − 1)² + x²/2, f = (y − x²)²: y = x², x⁴ − 2x² + 1 + x²/2 is least at x² = 3/4.
    const text = bilevel({
      upperDimension: 1,
      upper: problemFromExpression("(y - 1)^2 + x^2 / 2", ["x", "y"]),
      lower: problemFromExpression("(y - x^2)^2", ["x", "y"]),
    });
    const all = [[0, 1]];
    const traced = bilevel({
      upperDimension: 1,
      upper: problemFromTerms(2, [
        { indices: all, term: ([x, y]: readonly Expr[]) => add(square(sub(y!, 1)), mul(0.5, square(x!))) },
      ] as never),
      lower: problemFromTerms(2, [
        { indices: all, term: ([x, y]: readonly Expr[]) => square(sub(y!, square(x!))) },
      ] as never),
    });
    const hand = bilevel({
      upperDimension: 1,
      upper: defineProblem({
        dimension: 2,
        value: ([x, y]) => (y! - 1) ** 2 + x! ** 2 / 2,
        gradient: ([x, y]) => [x!, 2 * (y! - 1)],
      }),
      lower: defineProblem({
        dimension: 2,
        value: ([x, y]) => (y! - x! ** 2) ** 2,
        gradient: ([x, y]) => [-4 * x! * (y! - x! ** 2), 2 * (y! - x! ** 2)],
      }),
    });
    for (const problem of [text, traced, hand]) {
      const { x, y, reason, upperValue, lowerValue } = minimize(problem, { x: [2], y: [0] });
      expect(reason.kind).toBe("converged");
      expect(x[0]).toBeCloseTo(Math.sqrt(0.75), 5);
      expect(y[0]).toBeCloseTo(0.75, 5);
      expect(upperValue).toBeCloseTo(0.0625 + 0.375, 5);
      expect(lowerValue).toBeCloseTo(0, 8);
    }
  });

  it("refuses bad starts, methods and options", () => {
    const problem = bilevel(good);
    const start = { x: [0, 0], y: [0, 0, 0] };
    expect(() => minimize({} as never, start)).toThrow(/made by `bilevel`/);
    expect(() => minimize(problem, { x: [0], y: [0, 0, 0] })).toThrow(/start.x/);
    expect(() => minimize(problem, { x: [0, Number.NaN], y: [0, 0, 0] })).toThrow(/NaN at index 1/);
    expect(() => minimize(problem, null as never)).toThrow(/start/);
    expect(() => minimize(problem, start, { method: "simplex" as never })).toThrow(/lvHba, bicGaffa/);
    expect(() => minimize(problem, start, { method: {} as never })).toThrow(/options.method/);
    expect(() => minimize(problem, start, { tolerance: 2 })).toThrow(/tolerance/);
    expect(() => minimize(problem, start, { foo: 1 } as never)).toThrow(/foo/);
  });

  it("names the lower level that isn't strongly convex, where implicit differentiation would divide by 0", () => {
    const n = 5;
    const start = {
      x: Float64Array.from({ length: n }, (_, i) => i),
      y: Float64Array.from({ length: 2 * n }, (_, i) => 3 * Math.sin(i)),
    };
    const { reason } = minimize(coupledToy(n), start, { method: "implicitDifferentiation" });
    expect(reason).toMatchObject({ kind: "failed", rule: "lowerNotStronglyConvex" });
    const out = minimize(coupledToy(n), start, { tolerance: 1e-7 });
    expect(greatestDifference([...out.x, ...out.y], coupledToySolution(n))).toBeLessThan(1e-6);
  });

  it("samples F and f by the step's number, and goes on from a stored state with the same batches", () => {
    const { problem, upper: F, lower: f, solution } = quadratic(3, 4, 9);
    const steps: number[] = [];
    const sampled = bilevel({
      upperDimension: 3,
      upper: F,
      lower: f,
      sample(iteration) {
        steps.push(iteration);
        // Noise that is 0 in the mean of two steps.
        const sign = iteration % 2 === 0 ? 1 : -1;
        const noisy = {
          ...F,
          gradientInto: (out: Float64Array, z: Float64Array) => F.gradientInto(out, z).map((g) => g + 0.01 * sign),
          value: F.value,
        };
        return { upper: noisy, lower: f };
      },
    });
    const first = lvHba({ schedule: "paper", upperStep: 0.02, innerStep: 0.2, growth: 0.45, penalty: 3 });
    const second = implicitDifferentiation({ upperStep: 0.1 });
    for (const [method, most, within] of [
      [first, 20_000, 0.2],
      [second, 500, 0.002],
    ] as const) {
      steps.length = 0;
      const out = minimize(sampled, { x: [0, 0, 0], y: [0, 0, 0, 0] }, { method, maxIterations: most });
      expect(steps[0]).toBe(0);
      expect(new Set(steps).size).toBeGreaterThan(100);
      expect(greatestDifference(out.x, solution())).toBeLessThan(within);
    }
    expect(() => minimize(sampled, { x: [0, 0, 0], y: [0, 0, 0, 0] })).toThrow(/sampled/);
    expect(() => minimize(sampled, { x: [0, 0, 0], y: [0, 0, 0, 0] }, { method: "implicitDifferentiation" })).toThrow(
      /upperStep/,
    );
    expect(problem.sample).toBeUndefined();
  });
});

describe("lower levels without a solution", () => {
  const F = problemFromExpression("(x - 1)^2 + y^2", ["x", "y"]);

  it("an empty feasible set: no method converges, and the violation is in the result", () => {
    // y <= -1 and y >= 1.
    const empty = bilevel({
      upperDimension: 1,
      upper: F,
      lower: problemFromExpression("(y - x)^2", ["x", "y"]),
      lowerConstraints: linearConstraints(
        [
          [0, 1],
          [0, -1],
        ],
        [-1, -1],
      ),
    });
    for (const method of ["bicGaffa", "lvHba"] as const) {
      const out = minimize(empty, { x: [0], y: [0] }, { method, maxIterations: 4000 });
      expect(out.reason.kind).not.toBe("converged");
      expect(certify(empty, [...out.x, ...out.y]).infeasibility).toBeGreaterThan(0.5);
    }
  });

  it("an unbounded one: named", () => {
    const unbounded = bilevel({ upperDimension: 1, upper: F, lower: problemFromExpression("x - y", ["x", "y"]) });
    for (const method of ["implicitDifferentiation", "f2sa"] as const) {
      const { reason } = minimize(unbounded, { x: [0], y: [0] }, { method, maxIterations: 4000 });
      expect(reason.kind).toBe("failed");
    }
  });
});

describe("hypergradient", () => {
  it("is the closed form, by both routes", () => {
    const { problem, gradient, y } = quadratic(4, 7, 2);
    const x = Float64Array.of(0.3, -1, 2, 0.7);
    const z = [...x, ...new Float64Array(7)];
    for (const route of ["implicit", "differences"] as const) {
      const out = hypergradient(problem, z, { route });
      expect(greatestDifference(out.gradient, gradient(x))).toBeLessThan(1e-6);
      expect(greatestDifference(out.y, y(x))).toBeLessThan(1e-9);
    }
  });

  it("agrees by both routes, to 1e-5, on a lower level that isn't quadratic, and with linear equations", () => {
    const names = ["a", "b", "p", "q", "s"];
    const F = problemFromExpression("(p - 1)^2 + a * q + sin(s + b)", names);
    const f = problemFromExpression(
      "exp(p - a) + exp(-p) + (q - a * b)^2 + 0.3 * (s - p * b)^2 + 0.1 * s^4 + 0.2 * p * q",
      names,
    );
    const plain = bilevel({ upperDimension: 2, upper: F, lower: f });
    const lowerConstraints = linearConstraints([[1, 0, 1, 1, -1]], [0.5], { equalities: 1 });
    const held = bilevel({ upperDimension: 2, upper: F, lower: f, lowerConstraints });
    for (const problem of [plain, held]) {
      const z = [0.4, -0.7, 0, 0, 0];
      const implicit = hypergradient(problem, z);
      const differences = hypergradient(problem, z, { route: "differences" });
      expect(implicit.residual).toBeLessThan(1e-9);
      expect(greatestDifference(implicit.gradient, differences.gradient)).toBeLessThan(1e-5);
    }
  });

  it("refuses what it can't do", () => {
    expect(() => hypergradient(bard(), [1, 0])).toThrow(/inequalities/);
    expect(() => hypergradient(bilevel(good), [1, 0])).toThrow(/x0/);
    expect(() => hypergradient(bilevel(good), [1, 0, 0, 0, 0], { route: "other" as never })).toThrow(/route/);
    const set = bilevel({ ...good, lowerSet: ball([0, 0, 0], 1) });
    expect(() => hypergradient(set, [1, 0, 0, 0, 0])).toThrow(/lower set/);
    expect(() => hypergradient(set, [1, 0, 0, 0, 0], { difference: 0 })).toThrow(/difference/);
  });
});

describe("certify", () => {
  it("passes solutions, and says what is wrong with other points", () => {
    const { problem, y, solution } = quadratic(3, 4, 6);
    const x = solution();
    const right = certify(problem, [...x, ...y(x)]);
    expect(right.stationarity).toBeLessThan(1e-9);
    expect(Math.abs(right.valueGap)).toBeLessThan(1e-12);
    expect(right.hypergradientNorm).toBeLessThan(1e-8);
    expect(right.route).toBe("implicit");
    const off = y(x).map((v) => v + 0.1);
    const wrong = certify(problem, [...x, ...off]);
    expect(wrong.stationarity).toBeGreaterThan(0.01);
    expect(wrong.valueGap).toBeGreaterThan(1e-3);
    const elsewhere = x.map((v) => v + 1);
    expect(certify(problem, [...elsewhere, ...y(elsewhere)]).hypergradientNorm).toBeGreaterThan(0.1);
  });

  it("finds the lower multipliers of a constrained problem: 3.5 at Bard's solution", () => {
    const { multipliers, stationarity, complementarity, infeasibility, valueGap } = certify(bard(), [1, 0]);
    expect(stationarity).toBeLessThan(1e-7);
    expect(complementarity).toBeLessThan(1e-7);
    expect(infeasibility).toBe(0);
    expect(Math.abs(valueGap)).toBeLessThan(1e-7);
    // 2 (y − 1) − 1.5 x + λ₁ − λ₄ = 0 at (1, 0).
    expect(multipliers[0]! - multipliers[3]!).toBeCloseTo(3.5, 6);
    expect(certify(bard(), [1, 0.5]).infeasibility).toBeCloseTo(0.5, 14);
    expect(() => certify(bard(), [1])).toThrow(/x0/);
    expect(() => certify(bard(), [1, 0], { tolerance: 0 })).toThrow(/tolerance/);
  });

  it("doesn't speak of a hypergradient where the lower level's solution isn't unique", () => {
    const z = coupledToySolution(4);
    z[8] = 0.1;
    z[9] = -0.9;
    const { hypergradientNorm, stationarity } = certify(coupledToy(4), z);
    expect(stationarity).toBeLessThan(1e-8);
    expect(hypergradientNorm === undefined || hypergradientNorm > 1e-3).toBe(true);
  });
});
