import { describe, expect, it } from "vitest";
import { every, maxIterations, progress, record, solve } from "../src/index.js";
import { quadratic, steepestDescent } from "./methods-for-tests.js";

const run = (observer: Parameters<typeof every>[1]) =>
  solve(steepestDescent(0.5), quadratic([1]), [2], { stop: maxIterations(5), observers: [observer] });

describe("observers", () => {
  it("record keeps a row of each state", () => {
    const rows = record();
    run(rows);
    expect(rows.rows.map(({ iteration, gradientNorm }) => [iteration, gradientNorm])).toEqual([
      [0, 2],
      [1, 1],
      [2, 0.5],
      [3, 0.25],
      [4, 0.125],
      [5, 0.0625],
    ]);
  });

  it("every passes on each n-th", () => {
    const rows = record();
    run(every(2, rows));
    expect(rows.rows.map((row) => row.iteration)).toEqual([0, 2, 4]);
    expect(() => every(0, rows)).toThrow("every: argument `n` is 0; wanted an integer >= 1.");
  });

  it("progress writes a line a state", () => {
    const lines: string[] = [];
    run(progress((line) => lines.push(line)));
    expect(lines).toHaveLength(6);
    expect(lines[1]).toBe("    1  f   5.00000000e-1  ‖g‖∞ 1.00e+0  (f 2, g 2, H 0, Hv 0, factor 0)");
  });
});
