import { describe, expect, it } from "vitest";
import type { DenseMatrix } from "../../../src/linear/matrix.js";
import { checkSparse, sparseFromDense, toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import {
  analyzeGram,
  gramInto,
  multiplySparse,
  multiplySparseInto,
  productPattern,
} from "../../../src/linear/sparse/sparse-product.js";
import {
  backwardError,
  diagonalMatrix,
  flip,
  map,
  random,
  randomVector,
  symmetricPart,
  times,
} from "../dense-for-tests.js";

const thinned = (rows: number, cols: number, seed: number): DenseMatrix =>
  map(random(rows, cols, seed), (a) => (Math.abs(a) < 0.35 ? a : 0));

describe("sparse products", () => {
  it.each([
    [1, 1, 1],
    [5, 8, 6],
    [20, 13, 31],
    [4, 0, 3],
  ])("A B is the dense product: %d × %d × %d", (m, k, n) => {
    const [A, B] = [thinned(m, k, 1), thinned(k, n, 2)];
    const C = multiplySparse(sparseFromDense(A), sparseFromDense(B));
    checkSparse("test", "C", C);
    expect(backwardError(times(A, B), toDenseMatrix(C))).toBeLessThan(4);
  });

  it("fills a pattern again with other numbers", () => {
    const [A, B] = [sparseFromDense(thinned(9, 7, 1)), sparseFromDense(thinned(7, 9, 2))];
    const C = productPattern(A, B);
    multiplySparseInto(C, A, B);
    const doubled = { ...A, values: A.values.map((a) => 2 * a) };
    const once = C.values.slice();
    expect(multiplySparseInto(C, doubled, B).values).toEqual(once.map((c) => 2 * c));
  });

  it("takes symmetric storage as whole", () => {
    const [S, B] = [symmetricPart(thinned(8, 8, 3)), thinned(8, 5, 4)];
    const C = multiplySparse(sparseFromDense(S, { symmetric: true }), sparseFromDense(B));
    expect(backwardError(times(S, B), toDenseMatrix(C))).toBeLessThan(4);
  });

  it.each(["columns", "rows"] as const)("Aᵀ D A and A D Aᵀ, analysed once: %s", (side) => {
    const A = thinned(11, 8, 5);
    const sparse = sparseFromDense(A);
    const { plan, C } = structuredClone(analyzeGram(sparse, side));
    const T = side === "columns" ? A : flip(A);
    for (const seed of [0, 6, 7]) {
      const d = seed === 0 ? undefined : randomVector(T.rows, seed);
      const wanted = times(flip(T), times(diagonalMatrix(d ?? new Float64Array(T.rows).fill(1)), T));
      gramInto(C, plan, sparse, d);
      checkSparse("test", "C", C);
      expect(C.symmetric).toBe(true);
      expect(backwardError(wanted, toDenseMatrix(C))).toBeLessThan(4);
    }
  });

  it("says what doesn't fit", () => {
    const A = sparseFromDense(thinned(4, 3, 5));
    const S = sparseFromDense(symmetricPart(thinned(4, 4, 5)), { symmetric: true });
    expect(() => productPattern(A, A)).toThrow(
      "productPattern: argument `B` is 4 × 3; wanted 3 rows, the columns of A.",
    );
    expect(() => productPattern(S, A)).toThrow("argument `A` is in symmetric storage");
    const full = sparseFromDense(map(random(4, 4, 1), (a) => a));
    const thin = sparseFromDense(diagonalMatrix([1, 1, 1, 1]));
    expect(() => multiplySparseInto(thin, full, full)).toThrow(
      "multiplySparseInto: argument `C` is without an entry in row 1, column 0; wanted the pattern of the product.",
    );
    expect(() => multiplySparseInto(A, full, full)).toThrow("argument `C` is 4 × 3");
    expect(() => analyzeGram(S)).toThrow("analyzeGram: argument `A` is in symmetric storage");
    expect(() => analyzeGram(A, "both" as never)).toThrow('wanted "columns" or "rows"');
    const { plan, C } = analyzeGram(A);
    expect(() => gramInto(C, plan, full)).toThrow("gramInto: argument `A` is 4 × 4 with 16 entries");
    expect(() => gramInto(C, plan, A, new Float64Array(3))).toThrow("argument `d` is of length 3; wanted length 4.");
    expect(() => gramInto(C, plan, A, new Float64Array(4).fill(Number.NaN))).toThrow("argument `d` is NaN at index 0");
    expect(() => gramInto(S, plan, A)).toThrow("argument `C` is 4 × 4");
  });
});
