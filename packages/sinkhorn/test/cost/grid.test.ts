import { describe, expect, it } from "vitest";
import { type Cost, denseCost, type GridCostOptions, gridCost } from "../../src/index.js";
import { greatestDifference, planAt, uniform } from "../problems-for-tests.js";

const rowsOf = (cost: Cost) =>
  Array.from({ length: cost.rows }, (_, i) => Array.from(cost.rowInto(new Float64Array(cost.cols), i)));

/** C by its definition. */
function known({ shape, targetShape = shape, power = 2, spacing = 1 }: GridCostOptions): number[][] {
  const index = (at: number, sizes: readonly number[]) => {
    const out: number[] = [];
    for (let k = sizes.length - 1, rest = at; k >= 0; k--) {
      out.unshift(rest % sizes[k]!);
      rest = Math.floor(rest / sizes[k]!);
    }
    return out;
  };
  const count = (sizes: readonly number[]) => sizes.reduce((p, n) => p * n, 1);
  const h = typeof spacing === "number" ? shape.map(() => spacing) : spacing;
  return Array.from({ length: count(shape) }, (_, i) =>
    Array.from({ length: count(targetShape) }, (_, j) => {
      const q = index(j, targetShape);
      return index(i, shape).reduce((sum, p, k) => sum + Math.abs(h[k]! * (p - q[k]!)) ** power, 0);
    }),
  );
}

describe("gridCost", () => {
  it.each<[GridCostOptions]>([
    [{ shape: [7] }],
    [{ shape: [4, 5] }],
    [{ shape: [4, 5], targetShape: [6, 3], power: 1, spacing: [0.5, 2] }],
    [{ shape: [2, 3, 4], targetShape: [3, 1, 5], spacing: 0.7 }],
  ])("does axis by axis what its matrix does: %j", (options) => {
    const grid = gridCost(options);
    const C = known(options);
    const whole = denseCost(C);
    expect(greatestDifference(rowsOf(grid).flat(), C.flat())).toBeLessThan(1e-14);
    expect(grid.least).toBe(whole.least);
    expect(grid.greatest).toBeCloseTo(whole.greatest, 13);
    const random = uniform(2);
    const x = Float64Array.from({ length: grid.rows }, random);
    const y = Float64Array.from({ length: grid.cols }, random);
    for (const epsilon of [2, 0.05]) {
      const rows = (cost: Cost) => cost.logSumExpRowsInto(new Float64Array(cost.rows), y, epsilon);
      const cols = (cost: Cost) => cost.logSumExpColsInto(new Float64Array(cost.cols), x, epsilon);
      expect(greatestDifference(rows(grid), rows(whole))).toBeLessThan(1e-12);
      expect(greatestDifference(cols(grid), cols(whole))).toBeLessThan(1e-12);
      const K = C.map((row) => row.map((c) => Math.exp(-c / epsilon)));
      const kernel = grid.scalingKernel!(epsilon);
      const out = new Float64Array(grid.rows);
      kernel.multiplyInto(out, y);
      expect(
        greatestDifference(
          out,
          K.map((row) => row.reduce((s, k, j) => s + k * y[j]!, 0)),
        ),
      ).toBeLessThan(1e-12);
      const other = new Float64Array(grid.cols);
      kernel.multiplyTransposeInto(other, x);
      expect(
        greatestDifference(
          other,
          K[0]!.map((_, j) => K.reduce((s, row, i) => s + row[j]! * x[i]!, 0)),
        ),
      ).toBeLessThan(1e-12);
    }
    const z = Float64Array.from([...x, ...y]);
    expect(greatestDifference(planAt(grid, z, 1).flat(), planAt(whole, z, 1).flat())).toBeLessThan(1e-12);
    const [p, q] = [Int32Array.of(0, grid.rows - 1), Int32Array.of(grid.cols - 1)];
    expect(rowsOf(grid.restrict(p, q)).flat()).toEqual([rowsOf(grid)[0]!.at(-1), rowsOf(grid).at(-1)!.at(-1)]);
  });

  it("takes infinite potentials of points without weight", () => {
    const grid = gridCost({ shape: [3, 3] });
    const y = new Float64Array(9).fill(Number.NEGATIVE_INFINITY);
    y[4] = 0;
    const out = grid.logSumExpRowsInto(new Float64Array(9), y, 0.5);
    expect(greatestDifference(out, [-4, -2, -4, -2, 0, -2, -4, -2, -4])).toBeLessThan(1e-13);
  });

  it.each<[object, string]>([
    [{ shape: [] }, "argument `options.shape` is an Array of length 0"],
    [{ shape: [2, 0] }, "argument `options.shape[1]` is 0; wanted an integer >= 1."],
    [{ shape: [2, 2], targetShape: [2] }, "argument `options.targetShape` is of 1 axes; wanted 2"],
    [{ shape: [2, 2], spacing: [1] }, "argument `options.spacing` is of length 1"],
    [{ shape: [2], spacing: 0 }, "argument `options.spacing[0]` is 0"],
    [{ shape: [2], power: 0 }, "argument `options.power` is 0"],
    [{ shape: [2], size: 3 }, "argument `options.size` is not an option"],
  ])("refuses misuse %#", (options, message) => {
    expect(() => gridCost(options as never)).toThrow(message);
  });
});
