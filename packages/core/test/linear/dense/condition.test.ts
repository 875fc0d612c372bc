import { describe, expect, it } from "vitest";
import { inverseNormEstimate, sparseNormOne, sparseReciprocalCondition } from "../../../src/linear/dense/condition.js";
import { normOne } from "../../../src/linear/dense/dense.js";
import type { SparseMatrix, Vector } from "../../../src/linear/matrix.js";
import { sparseFromDense, toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { analyze, sparseFactorize, sparseSolveInto } from "../../../src/linear/sparse/sparse-cholesky.js";
import { sparseLdlFactorize } from "../../../src/linear/sparse/sparse-ldl.js";
import { sparseLdlSolveInto } from "../../../src/linear/sparse/sparse-ldl-solve.js";
import { random } from "../dense-for-tests.js";
import { fromEdges, laplacian2d, pathEdges, randomEdges } from "../sparse-for-tests.js";

const solver = (A: SparseMatrix) => {
  const F = sparseFactorize(analyze(A), A);
  return (out: Vector, b: Vector) => sparseSolveInto(out, F, b);
};

/** ‖A⁻¹‖₁, column by column. */
function exact(n: number, solve: (out: Vector, b: Vector) => unknown): number {
  let most = 0;
  for (let j = 0; j < n; j++) {
    const e = new Float64Array(n);
    e[j] = 1;
    const x = new Float64Array(n);
    solve(x, e);
    most = Math.max(
      most,
      x.reduce((sum, v) => sum + Math.abs(v), 0),
    );
  }
  return most;
}

describe("condition estimates", () => {
  it("is exact for M-matrices, whose inverses are not negative", () => {
    // Second difference: the inverse's column j sums to (j + 1)(n − j)/2.
    for (const n of [1, 2, 9, 40]) {
      const A = fromEdges(n, pathEdges(n), () => 2);
      const middle = Math.floor((n - 1) / 2);
      const wanted = ((middle + 1) * (n - middle)) / 2;
      expect(inverseNormEstimate(n, solver(A)) / wanted).toBeCloseTo(1, 12);
      const norm = n === 1 ? 2 : n === 2 ? 3 : 4;
      expect(sparseNormOne(A)).toBe(norm);
      expect(sparseReciprocalCondition(A, solver(A)) * norm * wanted).toBeCloseTo(1, 12);
    }
    const A = laplacian2d(9);
    expect(inverseNormEstimate(81, solver(A)) / exact(81, solver(A))).toBeCloseTo(1, 10);
  });

  it("is a lower bound, and within a factor of three, on indefinite matrices", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const A = fromEdges(
        50,
        randomEdges(50, 120, seed),
        (k) => Math.sin(seed * k),
        (k) => Math.cos(seed + 3 * k),
      );
      const F = sparseLdlFactorize(analyze(A), A);
      const solve = (out: Vector, b: Vector) => sparseLdlSolveInto(out, F, b);
      const ratio = inverseNormEstimate(50, solve) / exact(50, solve);
      expect(ratio).toBeLessThan(1 + 1e-10);
      expect(ratio).toBeGreaterThan(1 / 3);
    }
  });

  it("takes few solves", () => {
    let solves = 0;
    const solve = solver(laplacian2d(20));
    inverseNormEstimate(400, (out, b) => {
      solves++;
      solve(out, b);
    });
    expect(solves).toBeLessThanOrEqual(12);
  });

  it("the norm is that of the dense matrix, in either storage", () => {
    const A = laplacian2d(4);
    const B = sparseFromDense(random(5, 7));
    for (const M of [A, B]) expect(sparseNormOne(M)).toBeCloseTo(normOne(toDenseMatrix(M)), 13);
  });

  it("is 0 where a solve isn't finite or nothing is there, 1 for no unknowns", () => {
    const A = laplacian2d(3);
    const nan = (out: Vector) => out.fill(Number.NaN);
    expect(inverseNormEstimate(9, nan)).toBe(Number.POSITIVE_INFINITY);
    expect(sparseReciprocalCondition(A, nan)).toBe(0);
    expect(
      sparseReciprocalCondition(
        fromEdges(2, [], () => 0),
        nan,
      ),
    ).toBe(0);
    expect(
      sparseReciprocalCondition(
        fromEdges(0, [], () => 0),
        nan,
      ),
    ).toBe(1);
    expect(() => sparseReciprocalCondition(sparseFromDense(random(2, 2)), nan)).toThrow("not in symmetric storage");
    expect(() => inverseNormEstimate(-1, nan)).toThrow("argument `n` is -1");
  });
});
