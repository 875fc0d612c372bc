import { describe, expect, it } from "vitest";
import { incompleteCholesky } from "../../../src/linear/iterative/incomplete-cholesky-level.js";
import type { SparseMatrix } from "../../../src/linear/matrix.js";
import { sparseFromDense, toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { backwardError, eye, flip, random, times } from "../dense-for-tests.js";
import { denseOf, iterationsWith } from "../preconditioners-for-tests.js";
import { fromEdges, laplacian2d, pathEdges, randomEdges } from "../sparse-for-tests.js";

const product = (L: SparseMatrix) => times(toDenseMatrix(L), flip(toDenseMatrix(L)));

describe("incompleteCholesky", () => {
  it("exists without a shift for M-matrices (Meijerink, van der Vorst), with the pattern of A and its entries there", () => {
    for (const A of [laplacian2d(12), fromEdges(80, randomEdges(80, 200, 3), () => 12)]) {
      const { L, shift } = incompleteCholesky(A);
      expect(shift).toBe(0);
      expect(L.colPointers).toEqual(A.colPointers);
      expect(L.rowIndices).toEqual(A.rowIndices);
      // (L Lᵀ)ᵢⱼ = aᵢⱼ wherever A has an entry.
      const LLt = product(L);
      const D = toDenseMatrix(A);
      D.data.forEach((a, k) => {
        if (a !== 0) expect(LLt.data[k]).toBeCloseTo(a, 12);
      });
    }
  });

  it("is the exact factor with all levels, and where there is no fill", () => {
    const A = laplacian2d(7);
    const whole = incompleteCholesky(A, { level: Number.POSITIVE_INFINITY });
    expect(backwardError(toDenseMatrix(A), product(whole.L))).toBeLessThan(2);
    expect(iterationsWith(A, whole)).toBe(1);
    expect(backwardError(eye(49), times(denseOf(whole), toDenseMatrix(A)))).toBeLessThan(10);
    const path = fromEdges(40, pathEdges(40), () => 2);
    expect(backwardError(toDenseMatrix(path), product(incompleteCholesky(path).L))).toBeLessThan(2);
  });

  it("keeps the levels of the rule, here by the definition on a full table", () => {
    const A = laplacian2d(6);
    const n = 36;
    for (const most of [0, 1, 2, 3]) {
      const level = toDenseMatrix(A).data.map((a) => (a !== 0 ? 0 : 1e9));
      for (let k = 0; k < n; k++) {
        for (let i = k + 1; i < n; i++) {
          for (let j = k + 1; j <= i; j++) {
            const [a, b] = [level[i * n + k], level[j * n + k]];
            if (a <= most && b <= most) level[i * n + j] = Math.min(level[i * n + j], a + b + 1);
          }
        }
      }
      const { L } = incompleteCholesky(A, { level: most });
      let wanted = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) if (level[i * n + j] <= most) wanted++;
      expect(L.values.length).toBe(wanted);
    }
  });

  it("lowers the iterations of conjugate gradients, the more the higher the level", () => {
    const A = laplacian2d(40);
    const plain = iterationsWith(A);
    const counts = [0, 1, 3].map((level) => iterationsWith(A, incompleteCholesky(A, { level })));
    expect(counts[0]).toBeLessThan(0.5 * plain);
    expect(counts[1]).toBeLessThan(0.75 * counts[0]);
    expect(counts[2]).toBeLessThan(0.75 * counts[1]);
  });

  it("shifts where a pivot breaks down (Kershaw's matrix), and is definite then", () => {
    // Kershaw 1978: positive definite, and its IC(0) has a negative pivot.
    const A = sparseFromDense(
      { kind: "dense", rows: 4, cols: 4, data: Float64Array.of(3, -2, 0, 2, -2, 3, -2, 0, 0, -2, 3, -2, 2, 0, -2, 3) },
      { symmetric: true },
    );
    const M = incompleteCholesky(A);
    expect(M.shift).toBeGreaterThan(0);
    expect(M.shift).toBeLessThan(1);
    expect(iterationsWith(A, M)).toBeLessThanOrEqual(4);
    expect(incompleteCholesky(A, { level: 1 }).shift).toBe(0);
    expect(incompleteCholesky(A, { shift: 2 }).shift).toBe(2);
  });

  it("throws on what isn't a symmetric matrix with a positive diagonal, and on wrong options", () => {
    const A = laplacian2d(2);
    expect(() => incompleteCholesky(fromEdges(3, [], (k) => k - 1))).toThrow(
      "incompleteCholesky: argument `A` is -1 on the diagonal of column 0; wanted positive and finite numbers there.",
    );
    expect(() => incompleteCholesky({ ...A, values: A.values.map(() => Number.NaN) })).toThrow(
      "argument `A.values` is NaN at row 0, column 0",
    );
    expect(() => incompleteCholesky({ ...A, rowIndices: A.rowIndices.map(() => 9) })).toThrow(
      "argument `A.rowIndices`",
    );
    expect(() => incompleteCholesky(sparseFromDense(random(3, 3)))).toThrow("symmetric: false");
    expect(() => incompleteCholesky(A, { level: 0.5 })).toThrow("argument `options.level` is 0.5");
    expect(() => incompleteCholesky(A, { shift: -1 })).toThrow("argument `options.shift` is -1");
    expect(() => incompleteCholesky(A, { drop: 1 } as never)).toThrow("argument `options.drop` is not an option");
  });
});
