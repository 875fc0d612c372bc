import { any, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { type Cost, denseCost, logSinkhorn, marginalError, pointCost, transportProblem } from "../../src/index.js";
import { greatestDifference, planAt, uniform } from "../problems-for-tests.js";

const cloud = (n: number, d: number, seed: number) => {
  const random = uniform(seed);
  return Array.from({ length: n }, () => Array.from({ length: d }, () => 2 * random() - 1));
};

const rowsOf = (cost: Cost) =>
  Array.from({ length: cost.rows }, (_, i) => Array.from(cost.rowInto(new Float64Array(cost.cols), i)));

describe("pointCost", () => {
  it("measures known distances", () => {
    const points = { source: [[0, 0]], target: [[3, 4]] };
    const at = (options: object) => rowsOf(pointCost({ ...points, ...options }))[0]![0];
    expect(at({})).toBeCloseTo(25, 14);
    expect(at({ power: 1 })).toBeCloseTo(5, 14);
    expect(at({ norm: 1, power: 1 })).toBeCloseTo(7, 14);
    expect(at({ norm: Number.POSITIVE_INFINITY, power: 1 })).toBeCloseTo(4, 14);
    expect(at({ norm: 3, power: 3 })).toBeCloseTo(91, 12);
    const cosine = pointCost({
      source: [[1, 0]],
      target: [
        [1, 1],
        [-2, 0],
        [0, 5],
      ],
      metric: "cosine",
    });
    expect(greatestDifference(rowsOf(cosine)[0]!, [1 - Math.SQRT1_2, 2, 1])).toBeLessThan(1e-15);
    expect(rowsOf(pointCost({ source: [0, 1], target: Float64Array.of(2, 4) }))).toEqual([
      [4, 16],
      [1, 9],
    ]);
  });

  it.each([
    ["squared Euclidean in the plane", 2, {}],
    ["squared Euclidean by products", 7, {}],
    ["l1", 3, { norm: 1, power: 1 }],
    ["greatest difference", 3, { norm: Number.POSITIVE_INFINITY, power: 1 }],
    ["p = 3, q = 1.5", 3, { norm: 3, power: 1.5 }],
    ["cosine", 5, { metric: "cosine" }],
  ] as const)("gives the same in tiles as stored, and as the matrix itself: %s", (_name, d, options) => {
    const source = cloud(301, d, 1);
    const target = cloud(420, d, 2);
    const stored = pointCost({ source, target, ...options, store: true });
    const tiled = pointCost({ source, target, ...options, store: false });
    const whole = denseCost(rowsOf(tiled));
    expect(greatestDifference(rowsOf(stored).flat(), rowsOf(tiled).flat())).toBeLessThan(1e-14);
    const random = uniform(3);
    const x = Float64Array.from({ length: 301 }, random);
    const y = Float64Array.from({ length: 420 }, random);
    for (const epsilon of [1, 0.03]) {
      const all = [stored, tiled, whole].map((cost) => ({
        rows: cost.logSumExpRowsInto(new Float64Array(301), y, epsilon),
        cols: cost.logSumExpColsInto(new Float64Array(420), x, epsilon),
      }));
      for (const one of all.slice(0, 2)) {
        expect(greatestDifference(one.rows, all[2]!.rows)).toBeLessThan(1e-12);
        expect(greatestDifference(one.cols, all[2]!.cols)).toBeLessThan(1e-12);
      }
    }
    for (const cost of [stored, tiled])
      for (const c of rowsOf(cost).flat()) expect(c >= cost.least && c <= cost.greatest * (1 + 1e-14)).toBe(true);
    const some = tiled.restrict(Int32Array.of(5, 300), Int32Array.of(0, 7, 419));
    const expected = [5, 300].map((i) => [0, 7, 419].map((j) => rowsOf(whole)[i]![j]!));
    expect(greatestDifference(rowsOf(some).flat(), expected.flat())).toBeLessThan(1e-14);
  });

  it("solves between 3000 points on either side in tiles that are never more than a hundredth of the matrix", () => {
    const n = 3000;
    const source = cloud(n, 2, 4);
    const target = cloud(n, 2, 5);
    const cost = pointCost({ source, target, store: false });
    let most = 0;
    cost.planTiles(new Float64Array(n), new Float64Array(n), 1, ({ plan, cost: tile }) => {
      most = Math.max(most, plan.length, tile.length);
    });
    expect(most).toBeLessThan((n * n) / 100);
    const w = new Float64Array(n).fill(1 / n);
    const problem = transportProblem({ source: w, target: w, cost, regularization: 0.5 });
    const { reason } = solve(logSinkhorn(), problem, new Float64Array(2 * n), {
      stop: any(marginalError(1e-9), maxIterations(20_000)),
    });
    expect(reason.kind).toBe("converged");
  });

  it("stores only what it shall, and refuses what doesn't fit", () => {
    const many = new Float64Array(20_000);
    expect(pointCost({ source: many, target: many }).kind).toBe("points");
    expect(() => pointCost({ source: many, target: many, store: true })).toThrow(
      "pointCost: argument `options.store` is 20000 × 20000, 3.2 GB; wanted at most 2 GB",
    );
  });

  it("agrees with the dense plan", () => {
    const source = cloud(9, 2, 6);
    const target = cloud(11, 2, 7);
    const tiled = pointCost({ source, target, store: false });
    const z = new Float64Array(20).fill(0.1);
    expect(greatestDifference(planAt(tiled, z, 0.2).flat(), planAt(denseCost(rowsOf(tiled)), z, 0.2).flat())).toBe(0);
  });

  it.each<[object, string]>([
    [{ target: [[0, 0, 0]] }, "argument `options.target` is of points in 3 dimensions; wanted 2"],
    [{ source: [[0, Number.NaN]] }, "argument `options.source` is NaN in point 0; wanted finite coordinates."],
    [{ source: [] }, "argument `options.source` is without points"],
    [{ norm: 0.5 }, "argument `options.norm` is 0.5; wanted a number >= 1."],
    [{ power: 0 }, "argument `options.power` is 0"],
    [{ metric: "cosine", source: [[0, 0]] }, "argument `options.source` is 0 at point 0"],
    [{ metric: "taxi" }, 'argument `options.metric` is "taxi"'],
    [{ store: 1 }, "argument `options.store` is 1"],
    [{ p: 1 }, "argument `options.p` is not an option"],
  ])("refuses misuse %#", (changes, message) => {
    expect(() => pointCost({ source: [[0, 1]], target: [[1, 0]], ...changes } as never)).toThrow(message);
  });
});
