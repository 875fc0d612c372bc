import { describe, expect, it } from "vitest";
import { luFactorize, luLogDeterminant } from "../../../src/linear/dense/lu.js";
import { toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { analyze, sparseFactorize } from "../../../src/linear/sparse/sparse-cholesky.js";
import { requirePositiveDefinite, sparseDeterminant } from "../../../src/linear/sparse/sparse-determinant.js";
import { sparseLdlFactorize } from "../../../src/linear/sparse/sparse-ldl.js";
import { fromEdges, laplacian2d, laplacian2dEigenvalues, pathEdges, randomEdges } from "../sparse-for-tests.js";

describe("sparseDeterminant", () => {
  it("is n + 1 for the second difference, and the product of the eigenvalues on a grid", () => {
    const A = fromEdges(99, pathEdges(99), () => 2);
    for (const F of [sparseFactorize(analyze(A), A), sparseLdlFactorize(analyze(A), A)]) {
      expect(sparseDeterminant(F).sign).toBe(1);
      expect(sparseDeterminant(F).logAbs).toBeCloseTo(Math.log(100), 11);
    }
    const B = laplacian2d(10);
    for (const shift of [0, -1.3, -5.2]) {
      const values = laplacian2dEigenvalues(10).map((v) => v + shift);
      const { sign, logAbs } = sparseDeterminant(sparseLdlFactorize(analyze(B), B, { shift }));
      expect(sign).toBe(values.reduce((s, v) => s * Math.sign(v), 1));
      expect(logAbs).toBeCloseTo(
        values.reduce((s, v) => s + Math.log(Math.abs(v)), 0),
        9,
      );
    }
  });

  it("is that of the dense factorization, blocks of order 2 and all", () => {
    for (const seed of [1, 2, 3]) {
      const A = fromEdges(
        40,
        randomEdges(40, 100, seed),
        (k) => (k % 4 === 0 ? 1 : 0),
        (k) => Math.cos(k),
      );
      const wanted = luLogDeterminant(luFactorize(toDenseMatrix(A)));
      const F = sparseLdlFactorize(analyze(A), A);
      expect(F.e.some((e) => e !== 0)).toBe(true);
      expect(sparseDeterminant(F).logAbs).toBeCloseTo(wanted.logAbs, 9);
      expect(sparseDeterminant(F).sign).toBe(wanted.sign);
    }
  });

  it("is zero for a singular matrix, and an error for a failed factor", () => {
    const A = fromEdges(3, [], (k) => k);
    expect(sparseDeterminant(sparseLdlFactorize(analyze(A), A))).toEqual({ sign: 0, logAbs: Number.NEGATIVE_INFINITY });
    expect(() => sparseDeterminant(sparseFactorize(analyze(A), A))).toThrow("one that failed at variable 0");
  });
});

describe("requirePositiveDefinite", () => {
  it("answers a definite factor, and names column and pivot of any other", () => {
    const A = fromEdges(6, [], (k) => (k === 4 ? -2.5 : 1));
    const S = analyze(A, Int32Array.of(5, 4, 3, 2, 1, 0));
    expect(() => requirePositiveDefinite(sparseFactorize(S, A))).toThrow(
      "requirePositiveDefinite: argument `A` is not positive definite: the pivot of column 4 (eliminated as number 1) is -2.5; wanted a positive definite matrix.",
    );
    expect(() => requirePositiveDefinite(sparseFactorize(S, A, { indefinite: true }), "myRoutine", "H")).toThrow(
      "myRoutine: argument `H` is indefinite, with 1 negative eigenvalues; wanted positive definite.",
    );
    const bad = { ...A, values: A.values.map(() => Number.NaN) };
    expect(() => requirePositiveDefinite(sparseFactorize(S, bad))).toThrow(
      "the pivot of column 5 (eliminated as number 0) is no number",
    );
    const F = sparseFactorize(S, A, { shift: 3 });
    expect(requirePositiveDefinite(F)).toBe(F);
  });
});
