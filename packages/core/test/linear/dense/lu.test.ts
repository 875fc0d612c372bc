import { inverse, LuDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import {
  type Lu,
  luDeterminant,
  luFactorize,
  luLogDeterminant,
  luSolveInto,
  luSolveTransposeInto,
  reciprocalCondition,
} from "../../../src/linear/dense/lu.js";
import { denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  diagonalMatrix,
  eye,
  flip,
  generalFamilies,
  graded,
  gradedRows,
  hilbert,
  map,
  random,
  randomVector,
  scaled,
  secondDifference,
  size,
  sizes,
  solveError,
  times,
} from "../dense-for-tests.js";

const lower = ({ n, LU }: Lu) => map(denseMatrix(n, n, LU), (a, i, j) => (i === j ? 1 : j < i ? a : 0));
const upper = ({ n, LU }: Lu) => map(denseMatrix(n, n, LU), (a, i, j) => (j >= i ? a : 0));
const norm1 = (A: { rows: number; cols: number; data: Float64Array }) => {
  let top = 0;
  for (let j = 0; j < A.cols; j++) {
    let sum = 0;
    for (let i = 0; i < A.rows; i++) sum += Math.abs(A.data[i * A.cols + j]);
    top = Math.max(top, sum);
  }
  return top;
};

describe("luFactorize", () => {
  it.each(generalFamilies)("P A = L U with |L| ≤ 1 for a %s matrix", (_, make) => {
    for (const n of sizes) {
      const A = make(n, n);
      const F = luFactorize(A);
      const PA = map(A, (_, i, j) => A.data[F.permutation[i] * n + j]);
      expect(backwardError(PA, times(lower(F), upper(F)))).toBeLessThan(8);
      if (n > 0) expect(size(lower(F))).toBeLessThanOrEqual(1);
    }
  });

  it("solves A x = b and Aᵀ x = b, also in place", () => {
    for (const n of sizes) {
      for (const A of [
        random(n, n),
        gradedRows(random(n, n)),
        graded(random(n, n)),
        scaled(random(n, n), 1e-150),
        scaled(random(n, n), 1e150),
      ]) {
        const F = structuredClone(luFactorize(A));
        const b = randomVector(n);
        const x = luSolveInto(new Float64Array(n), F, b);
        expect(solveError(A, x, b)).toBeLessThan(10);
        const z = luSolveTransposeInto(new Float64Array(n), F, b);
        // Row scaling is column scaling for Aᵀ: the residual is small against each row's own size only.
        if (A.data[0] === random(n, n).data[0] && size(A) < 2) expect(solveError(flip(A), z, b)).toBeLessThan(1e3);
        const same = b.slice();
        expect(luSolveInto(same, F, same)).toEqual(x);
        same.set(b);
        expect(luSolveTransposeInto(same, F, same)).toEqual(z);
      }
    }
  });

  it("agrees with ml-matrix on solution and determinant", () => {
    const A = random(40, 40);
    const b = randomVector(40);
    const theirs = new LuDecomposition(Matrix.from1DArray(40, 40, A.data));
    const F = luFactorize(A);
    const x = luSolveInto(new Float64Array(40), F, b);
    theirs
      .solve(Matrix.columnVector(b))
      .to1DArray()
      .forEach((value, i) => {
        expect(Math.abs(value - x[i])).toBeLessThan(1e-10 * size({ data: x }));
      });
    expect(luDeterminant(F) / theirs.determinant).toBeCloseTo(1, 11);
  });

  it("knows determinants, those beyond the range of numbers by their logarithm", () => {
    for (const n of [0, 1, 2, 3, 60]) expect(luDeterminant(luFactorize(secondDifference(n)))).toBeCloseTo(n + 1, 10);
    // A cyclic shift of 4 is an odd permutation.
    const shift = map(denseMatrix(4, 4), (_, i, j) => (j === (i + 1) % 4 ? 1 : 0));
    expect(luDeterminant(luFactorize(shift))).toBe(-1);
    const tiny = diagonalMatrix([-1e-200, 1e-200, 1e-200]);
    expect(luDeterminant(luFactorize(tiny))).toBe(-0);
    const { sign, logAbs } = luLogDeterminant(luFactorize(tiny));
    expect(sign).toBe(-1);
    expect(logAbs / Math.log(10)).toBeCloseTo(-600, 9);
  });

  it("reports exact singularity by column", () => {
    const A = map(random(50, 50), (a, _, j) => (j === 37 ? 0 : a));
    const F = luFactorize(A);
    expect(F.singularAt).toBe(37);
    expect(luDeterminant(F)).toBe(0);
    expect(luLogDeterminant(F)).toEqual({ sign: 0, logAbs: Number.NEGATIVE_INFINITY });
    expect(reciprocalCondition(F)).toBe(0);
    expect(() => luSolveInto(new Float64Array(50), F, new Float64Array(50))).toThrow(
      "luSolveInto: argument `F` is singular at column 37; wanted a factorization with singularAt = −1.",
    );
    expect(luFactorize(denseMatrix(2, 2)).singularAt).toBe(0);
  });

  it("estimates the condition within a factor of three, never below", () => {
    for (const A of [
      random(30, 30),
      hilbert(6),
      secondDifference(40),
      gradedRows(random(20, 20)),
      eye(5),
      scaled(random(9, 9), 1e-200),
      scaled(random(9, 9), 1e200),
    ]) {
      const unit = 1 / size(A);
      const B = scaled(A, unit);
      const theirs = denseMatrix(
        A.rows,
        A.rows,
        Float64Array.from(inverse(Matrix.from1DArray(A.rows, A.rows, B.data)).to1DArray()),
      );
      const exact = 1 / (norm1(B) * norm1(theirs));
      const estimate = reciprocalCondition(luFactorize(A));
      expect(estimate / exact).toBeGreaterThan(1 - 1e-6);
      expect(estimate / exact).toBeLessThan(3);
    }
    expect(reciprocalCondition(luFactorize(denseMatrix(0, 0)))).toBe(1);
    expect(reciprocalCondition(luFactorize(scaled(eye(1), -7)))).toBeCloseTo(1, 15);
    expect(reciprocalCondition(luFactorize(hilbert(14)))).toBeLessThan(1e-15);
  });

  it("is not deceived where A⁻¹ hides its size from the first two vectors tried", () => {
    // A⁻¹ = I + θ w wᵀ with w ⟂ (1, …, 1) and w₀ = 0: both e/n and e₀ are left as they are.
    const w = [0, 1, -1, 0, 0, 0];
    const θ = 1e6;
    const A = map(eye(6), (a, i, j) => a - (θ / (1 + 2 * θ)) * w[i] * w[j]);
    expect(reciprocalCondition(luFactorize(A))).toBeLessThan(4 / (1 + 2 * θ));
  });

  it("refuses misuse", () => {
    expect(() => luFactorize(denseMatrix(2, 3))).toThrow("luFactorize: argument `A` is 2 × 3; wanted a square matrix.");
    expect(() => luFactorize(map(eye(2), () => Number.NaN))).toThrow(
      "luFactorize: argument `A` is NaN at (0, 0); wanted finite entries.",
    );
    const F = luFactorize(eye(2));
    expect(() => luSolveInto(new Float64Array(2), F, new Float64Array(3))).toThrow(
      "luSolveInto: argument `b` is of length 3; wanted length 2.",
    );
    expect(() => luSolveTransposeInto(new Float64Array(3), F, new Float64Array(2))).toThrow(
      "luSolveTransposeInto: argument `out` is of length 3; wanted length 2.",
    );
  });
});
