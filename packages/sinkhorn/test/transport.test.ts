import { describe, expect, it } from "vitest";
import { logSinkhorn, type TransportOptions, transport } from "../src/index.js";
import { greatestDifference, randomCost, randomWeights, twoByTwo, uniform } from "./problems-for-tests.js";

const setting = (n: number, m: number, seed = 1) => {
  const random = uniform(seed);
  return { cost: randomCost(n, m, random), source: randomWeights(n, random), target: randomWeights(m, random) };
};

describe("transport", () => {
  it("gives plan, potentials and values of two points on either side, known in closed form, by every method", () => {
    const C = [
      [0, 1.3],
      [0.7, 0.2],
    ];
    const known = twoByTwo(C, 0.3, 0.45, 0.2).flat();
    const linear = known.reduce((s, p, k) => s + p * C.flat()[k]!, 0);
    const entropic = known.reduce((s, p) => s + 0.2 * p * Math.log(p), linear);
    for (const method of [
      "auto",
      "safeSparseNewton",
      "logSinkhorn",
      "sinkhorn",
      logSinkhorn({ anderson: 3 }),
    ] as const) {
      const result = transport({
        source: [0.3, 0.7],
        target: [0.45, 0.55],
        cost: C,
        regularization: 0.2,
        tolerance: 1e-13,
        method: method as never,
      });
      expect(result.reason.kind).toBe("converged");
      expect(greatestDifference(result.plan.data, known)).toBeLessThan(1e-12);
      expect(result.cost).toBeCloseTo(linear, 12);
      expect(result.entropicValue).toBeCloseTo(entropic, 12);
      expect(result.roundedCost).toBeCloseTo(linear, 12);
      expect(Math.abs(result.dualGap)).toBeLessThan(1e-12);
      const { source: x, target: y } = result.potentials;
      expect(Math.exp((x[0]! + y[1]! - 1.3) / 0.2)).toBeCloseTo(known[1]!, 12);
    }
  });

  it("bounds the error of the value by the dual gap, long before it has converged", () => {
    const options = { ...setting(20, 30), regularization: 0.02, method: "logSinkhorn" as const };
    const exact = transport({ ...options, tolerance: 1e-12 });
    for (const maxIterations of [5, 10, 40]) {
      const early = transport({ ...options, maxIterations });
      expect(early.reason.kind).toBe("budget");
      expect(early.dualGap).toBeGreaterThan(0);
      expect(early.entropicValue).toBeLessThanOrEqual(exact.entropicValue + 1e-13);
      expect(exact.entropicValue - early.entropicValue).toBeLessThanOrEqual(early.dualGap + 1e-13);
    }
    expect(exact.dualGap).toBeLessThan(1e-10);
  });

  it("gives the plan as a matrix, its entries that count, or its products: all the same", () => {
    const options = { ...setting(15, 25, 3), regularization: 0.005 };
    const { plan: dense, marginalErrors } = transport(options);
    const { plan: sparse } = transport({ ...options, plan: "sparse" });
    const { plan: operator } = transport({ ...options, plan: "operator" });
    expect(transport({ ...options, plan: "none" }).plan).toBe(null);
    const { matrix, dropped } = sparse;
    expect(matrix.values.length).toBeLessThan(200);
    let left = dense.data.reduce((s, p) => s + p, 0);
    for (let j = 0; j < 25; j++)
      for (let k = matrix.colPointers[j]!; k < matrix.colPointers[j + 1]!; k++) {
        expect(matrix.values[k]).toBe(dense.data[matrix.rowIndices[k]! * 25 + j]);
        left -= matrix.values[k]!;
      }
    expect(left).toBeCloseTo(dropped, 14);
    expect(dropped).toBeGreaterThan(0);
    expect(dropped).toBeLessThan(1e-6);
    const row = operator.rowInto(new Float64Array(25), 7);
    expect(greatestDifference(row, dense.data.subarray(175, 200))).toBeLessThan(1e-15);
    const sums = operator.applyInto(new Float64Array(15), new Float64Array(25).fill(1));
    const columns = operator.applyTransposeInto(new Float64Array(25), new Float64Array(15).fill(1));
    expect(greatestDifference(sums, options.source)).toBeLessThanOrEqual(marginalErrors.greatest + 1e-15);
    expect(greatestDifference(columns, options.target)).toBeLessThanOrEqual(marginalErrors.greatest + 1e-15);
  });

  it("leaves points without weight out, and says so by potentials of −∞", () => {
    const { cost } = setting(4, 3);
    const source = [0.5, 0, 0.25, 0.25];
    const target = [0.4, 0, 0.6];
    const small = transport({
      source: [0.5, 0.25, 0.25],
      target: [0.4, 0.6],
      cost: [cost[0]!, cost[2]!, cost[3]!].map((row) => [row[0]!, row[2]!]),
      regularization: 0.1,
      tolerance: 1e-12,
    });
    for (const method of ["safeSparseNewton", "logSinkhorn", "sinkhorn"] as const) {
      const whole = transport({ source, target, cost, regularization: 0.1, method, tolerance: 1e-12 });
      expect(whole.reason.kind).toBe("converged");
      expect(whole.potentials.source[1]).toBe(Number.NEGATIVE_INFINITY);
      expect(whole.potentials.target[1]).toBe(Number.NEGATIVE_INFINITY);
      const at = (i: number, j: number) => whole.plan.data[3 * i + j]!;
      expect([at(1, 0), at(1, 1), at(1, 2), at(0, 1), at(2, 1)].every((p) => p < 1e-300)).toBe(true);
      expect(at(2, 2)).toBeCloseTo(small.plan.data[3]!, 12);
      expect(whole.entropicValue).toBeCloseTo(small.entropicValue, 12);
    }
    const { plan } = transport({ source, target, cost, regularization: 0.1, plan: "operator" });
    expect(Array.from(plan.rowInto(new Float64Array(3), 1))).toEqual([0, 0, 0]);
  });

  it("takes points and grids, equal weights by default between points", () => {
    const points = { source: [[0], [1], [2]], target: [[0.5], [1.5], [2.5]] };
    const { plan, reason, picked } = transport({ points, regularization: 1e-3 });
    expect(reason.kind).toBe("converged");
    expect(picked.method).toBe("safeSparseNewton");
    expect(plan.data[0]).toBeCloseTo(1 / 3, 9);
    const grid = transport({
      grid: { shape: [2, 2] },
      source: [1, 0, 0, 0],
      target: [0, 0, 0, 1],
      regularization: 0.1,
    });
    expect(grid.picked.method).toBe("logSinkhorn");
    expect(grid.cost).toBeCloseTo(2, 9);
    expect(grid.plan.data[3]).toBeCloseTo(1, 9);
  });

  it("begins from given potentials, and normalizes where asked", () => {
    const options = { ...setting(12, 10, 5), regularization: 0.05, method: "logSinkhorn" as const };
    const cold = transport(options);
    const warm = transport({ ...options, initial: cold.potentials, method: logSinkhorn() as never });
    expect(warm.iterations).toBeLessThanOrEqual(1);
    const source = options.source.map((w) => 3 * w);
    const scaled = transport({ ...options, source, normalize: true });
    expect(scaled.entropicValue).toBeCloseTo(cold.entropicValue, 12);
  });

  it("ends with the reason, and goes on from its state", () => {
    const options = { ...setting(12, 10, 5), regularization: 0.01, method: "logSinkhorn" as const };
    expect(transport({ ...options, timeLimit: 0 }).reason.rule).toBe("timeLimit");
    expect(transport({ ...options, signal: { aborted: true } }).reason.kind).toBe("aborted");
    const first = transport({ ...options, maxIterations: 7, trace: true });
    expect(first.reason).toMatchObject({ kind: "budget", rule: "maxIterations" });
    expect(first.trace.length).toBe(8);
    const rest = transport({ ...options, resume: first.state });
    const whole = transport(options);
    expect(rest.potentials).toEqual(whole.potentials);
    expect(rest.iterations).toBe(whole.iterations);
  });

  it("takes one point, and one point on one side", () => {
    const one = transport({ source: [2], target: [2], cost: [[3]], regularization: 0.1 });
    expect(one.reason.kind).toBe("converged");
    expect(one.cost).toBeCloseTo(6, 8);
    const fan = transport({ source: [1], target: [0.2, 0.3, 0.5], cost: [[1, 2, 3]], regularization: 0.1 });
    expect(greatestDifference(fan.plan.data, [0.2, 0.3, 0.5])).toBeLessThan(1e-9);
  });

  describe("misuse", () => {
    const good: TransportOptions = {
      source: [0.5, 0.5],
      target: [0.5, 0.5],
      cost: [
        [0, 1],
        [1, 0],
      ],
      regularization: 1,
    };
    const infinite = Number.POSITIVE_INFINITY;
    const points = new Float64Array(1e6);
    it.each<[string, object, string]>([
      ["an unknown option", { eps: 1 }, "argument `options.eps` is not an option"],
      [
        "negative weights",
        { source: [-0.5, 1.5] },
        "argument `options.source` is -0.5 at index 0; wanted finite weights >= 0.",
      ],
      ["NaN weights", { target: [Number.NaN, 1] }, "argument `options.target` is NaN at index 0"],
      ["no mass", { source: [0, 0] }, "argument `options.source` is 0 throughout; wanted weights with a positive sum."],
      ["unequal masses", { source: [1, 1] }, "`transport` takes `normalize: true`"],
      [
        "too few weights",
        { source: [1] },
        "argument `options.source` is of length 1; wanted length 2, the rows of the cost.",
      ],
      ["no weights", { source: [] }, "argument `options.source` is empty"],
      [
        "weights left out",
        { source: undefined },
        "argument `options.source` is undefined; wanted an array of 2 weights.",
      ],
      [
        "NaN in the cost",
        {
          cost: [
            [0, Number.NaN],
            [1, 0],
          ],
        },
        "argument `options.cost` is NaN at row 0, column 1",
      ],
      [
        "−∞ in the cost",
        {
          cost: [
            [0, -infinite],
            [1, 0],
          ],
        },
        "argument `options.cost` is -Infinity at row 0, column 1",
      ],
      [
        "a row without arcs",
        {
          cost: [
            [infinite, infinite],
            [1, 0],
          ],
        },
        "Infinity in all of row 0, whose weight is 0.5",
      ],
      [
        "a column without arcs",
        {
          cost: [
            [infinite, 1],
            [infinite, 0],
          ],
        },
        "Infinity in all of column 0",
      ],
      ["no regularization", { regularization: 0 }, "argument `options.regularization` is 0; wanted a number > 0"],
      ["an empty cost", { cost: [] }, "argument `options.cost` is 0 × 0; wanted at least one row and one column."],
      ["no cost", { cost: undefined }, "with 0 of cost, points and grid; wanted exactly one of them."],
      ["two costs", { grid: { shape: [2] } }, "with 2 of cost, points and grid"],
      [
        "an unknown method",
        { method: "magic" },
        'argument `options.method` is "magic"; wanted "auto", safeSparseNewton',
      ],
      ["a tolerance out of range", { tolerance: -1 }, "marginalError: argument `tolerance` is -1"],
      ["an unknown plan", { plan: "cubic" }, 'argument `options.plan` is "cubic"'],
      ["a threshold out of range", { threshold: 1 }, "argument `options.threshold` is 1"],
      [
        "potentials of another length",
        { initial: { source: [0], target: [0, 0] } },
        "argument `options.initial.source`",
      ],
      ["potentials that are NaN", { initial: { source: [0, Number.NaN], target: [0, 0] } }, "NaN at index 1"],
      [
        "10⁶ × 10⁶ densely",
        { source: undefined, target: undefined, cost: undefined, points: { source: points, target: points } },
        "argument `options.plan (dense)` is 1000000 × 1000000, 8000.0 GB; wanted at most 2 GB",
      ],
    ])("refuses %s", (_what, changes, message) => {
      expect(() => transport({ ...good, ...changes } as never)).toThrow(message);
    });
  });
});
