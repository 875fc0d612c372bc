import { describe, expect, it } from "vitest";
import { thresholdCholesky } from "../../../src/linear/iterative/incomplete-cholesky-threshold.js";
import type { SparseMatrix } from "../../../src/linear/matrix.js";
import { sparseFromDense, toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { backwardError, flip, times } from "../dense-for-tests.js";
import { iterationsWith } from "../preconditioners-for-tests.js";
import { fromEdges, laplacian2d, randomEdges } from "../sparse-for-tests.js";

const product = (L: SparseMatrix) => times(toDenseMatrix(L), flip(toDenseMatrix(L)));

describe("thresholdCholesky", () => {
  it("is the exact factor where nothing is dropped", () => {
    for (const A of [
      laplacian2d(7),
      fromEdges(
        60,
        randomEdges(60, 150, 2),
        () => 15,
        (k) => Math.sin(k),
      ),
    ]) {
      const M = thresholdCholesky(A, { tolerance: 0 });
      expect(M.shift).toBe(0);
      expect(backwardError(toDenseMatrix(A), product(M.L))).toBeLessThan(2);
      expect(iterationsWith(A, M)).toBe(1);
    }
  });

  it("drops what is small: fewer entries and more iterations with a larger tolerance", () => {
    const A = laplacian2d(40);
    const tolerances = [1e-4, 1e-3, 1e-2, 1e-1];
    const factors = tolerances.map((tolerance) => thresholdCholesky(A, { tolerance }));
    const counts = factors.map((M) => iterationsWith(A, M));
    for (let k = 1; k < 4; k++) {
      expect(factors[k].L.values.length).toBeLessThan(factors[k - 1].L.values.length);
      expect(counts[k]).toBeGreaterThanOrEqual(counts[k - 1]);
    }
    expect(counts[3]).toBeLessThan(iterationsWith(A));
    expect(counts[0]).toBeLessThan(0.15 * iterationsWith(A));
    // L's entries below the tolerance: w = l times the root of the pivot, ‖A's column‖ ≤ √18.
    const { L } = factors[2];
    for (let j = 0; j < 1600; j++) {
      const root = L.values[L.colPointers[j]];
      const end = L.colPointers[j + 1];
      for (let p = L.colPointers[j] + 1; p < end; p++)
        expect(Math.abs(L.values[p]) * root).toBeGreaterThanOrEqual(0.04);
    }
  });

  it("keeps at most so many entries a column, the largest", () => {
    const A = laplacian2d(20);
    const { L } = thresholdCholesky(A, { tolerance: 0, perColumn: 3 });
    const all = thresholdCholesky(A, { tolerance: 0 }).L;
    for (let j = 0; j < 400; j++) {
      expect(L.colPointers[j + 1] - L.colPointers[j]).toBeLessThanOrEqual(4);
    }
    // The first column with more than three entries hasn't seen a drop before it.
    const j =
      Array.from({ length: 400 }, (_, k) => k).find((k) => all.colPointers[k + 1] - all.colPointers[k] > 4) ?? 0;
    const sizes = (M: SparseMatrix) =>
      Array.from(M.values.subarray(M.colPointers[j] + 1, M.colPointers[j + 1]), Math.abs).sort((a, b) => b - a);
    const wanted = sizes(all).slice(0, 3);
    sizes(L).forEach((v, k) => {
      expect(v).toBeCloseTo(wanted[k], 12);
    });
    const diagonal = thresholdCholesky(A, { perColumn: 0 });
    expect(diagonal.L.values.length).toBe(400);
  });

  it("shifts on breakdown (Kershaw's matrix without its fill), and is definite then", () => {
    // Kershaw 1978; the fill in column 1 is 4/3, its norm √13: dropped from 0.37 on, and a pivot is negative.
    const A = sparseFromDense(
      { kind: "dense", rows: 4, cols: 4, data: Float64Array.of(3, -2, 0, 2, -2, 3, -2, 0, 0, -2, 3, -2, 2, 0, -2, 3) },
      { symmetric: true },
    );
    expect(thresholdCholesky(A, { tolerance: 0.36 }).shift).toBe(0);
    const M = thresholdCholesky(A, { tolerance: 0.4 });
    expect(M.shift).toBeGreaterThan(0);
    expect(M.shift).toBeLessThan(1);
    expect(iterationsWith(A, M)).toBeLessThanOrEqual(4);
  });

  it("throws on a diagonal that isn't positive and on wrong options", () => {
    const A = laplacian2d(2);
    expect(() => thresholdCholesky(fromEdges(3, [], (k) => 1 - k))).toThrow(
      "argument `A` is 0 on the diagonal of column 1",
    );
    expect(() => thresholdCholesky(A, { tolerance: -1 })).toThrow("argument `options.tolerance` is -1");
    expect(() => thresholdCholesky(A, { perColumn: -1 })).toThrow("argument `options.perColumn` is -1");
    expect(() => thresholdCholesky(A, { shift: Number.NaN })).toThrow("argument `options.shift` is NaN");
    expect(() => thresholdCholesky(A, { level: 1 } as never)).toThrow("argument `options.level` is not an option");
  });
});
