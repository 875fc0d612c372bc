import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { singularValues, svd, svdRank, svdSolveInto } from "../../../src/linear/dense/svd.js";
import { denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  diagonalMatrix,
  eye,
  flip,
  generalFamilies,
  hilbert,
  map,
  ofRank,
  orthogonalityError,
  random,
  randomVector,
  scaled,
  secondDifference,
  secondDifferenceEigenvalues,
  size,
  times,
} from "../dense-for-tests.js";

const shapes = [
  [0, 0],
  [0, 3],
  [3, 0],
  [1, 1],
  [2, 2],
  [5, 1],
  [1, 5],
  [9, 6],
  [6, 9],
  [40, 40],
  [80, 33],
  [33, 50],
];

describe("svd", () => {
  it.each(generalFamilies)("A = U Σ Vᵀ for a %s matrix, U and V orthogonal, Σ falling", (_, make) => {
    for (const [m, n] of shapes) {
      const A = make(m, n);
      const { U, values, V, converged } = svd(A);
      const k = Math.min(m, n);
      expect([U.rows, U.cols, values.length, V.rows, V.cols]).toEqual([m, k, k, n, k]);
      expect(converged).toBe(true);
      expect(orthogonalityError(U)).toBeLessThan(8);
      expect(orthogonalityError(V)).toBeLessThan(8);
      const unit = 1 / (size(A) || 1);
      const Σ = diagonalMatrix(values.map((value) => value * unit));
      expect(backwardError(scaled(A, unit), times(U, times(Σ, flip(V))))).toBeLessThan(12);
      values.forEach((value, j) => {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(j === 0 || value <= values[j - 1]).toBe(true);
      });
      expect(Array.from(singularValues(A))).toHaveLength(k);
      singularValues(A).forEach((value, j) => {
        expect(Math.abs(value - values[j])).toBeLessThanOrEqual(8 * k * Number.EPSILON * values[0]);
      });
    }
  });

  it("knows the second difference matrix", () => {
    const wanted = secondDifferenceEigenvalues(60).reverse();
    singularValues(secondDifference(60)).forEach((value, j) => {
      expect(Math.abs(value - wanted[j])).toBeLessThan(60 * Number.EPSILON * 4);
    });
  });

  it("keeps the relative accuracy of tiny singular values where columns are graded", () => {
    // B has condition 3 or so; σ of B diag(d) are known by the higher accuracy of the same matrix scaled up: by its inverse.
    const n = 8;
    const d = Float64Array.from({ length: n }, (_, j) => 10 ** (-5 * j));
    const A = map(
      map(random(n, n), (a, i, j) => (i === j ? a + 4 : a)),
      (a, _, j) => a * d[j],
    );
    const values = singularValues(A);
    expect(values[n - 1]).toBeLessThan(1e-33);
    // |det A| = Π σ, and det A = det B Π d.
    const B = map(A, (a, _, j) => a / d[j]);
    const product = values.reduce((total, value, j) => total * (value / d[j]), 1);
    const wanted = singularValues(B).reduce((total, value) => total * value, 1);
    expect(Math.abs(product / wanted - 1)).toBeLessThan(100 * Number.EPSILON);
    // A diagonal matrix, rotated from the right, shows each value on its own.
    singularValues(map(diagonalMatrix(d), (a) => -a)).forEach((value, j) => {
      expect(Math.abs(value / d[j] - 1)).toBeLessThan(4 * Number.EPSILON);
    });
  });

  it("keeps V orthogonal where entries are lost beside the largest", () => {
    const A = map(denseMatrix(4, 6), () => 0);
    for (const [at, value] of [
      [5, -1],
      [10, 2.5e-14],
      [15, -6.2e-111],
      [16, -1],
      [18, 9.8e-311],
      [22, -4.5e-28],
    ]) {
      A.data[at] = value;
    }
    for (const B of [A, flip(A), scaled(A, 1e150)]) {
      const { U, V } = svd(B);
      expect(orthogonalityError(U)).toBeLessThan(8);
      expect(orthogonalityError(V)).toBeLessThan(8);
    }
  });

  it("agrees with ml-matrix", () => {
    for (const [m, n] of [
      [30, 30],
      [40, 10],
      [10, 40],
    ]) {
      const A = random(m, n);
      const theirs = new SingularValueDecomposition(Matrix.from1DArray(m, n, A.data), { autoTranspose: true }).diagonal;
      singularValues(A).forEach((value, j) => {
        expect(Math.abs(value - theirs[j])).toBeLessThan(40 * 20 * Number.EPSILON);
      });
    }
  });

  it("finds ranks", () => {
    for (const [m, n] of shapes.filter(([m, n]) => m * n > 0)) {
      for (const rank of new Set([0, 1, Math.min(m, n) >> 1, Math.min(m, n)])) {
        for (const factor of [1, 1e-150, 1e150])
          expect(svdRank(svd(scaled(ofRank(m, n, rank), factor)), 1e-12)).toBe(rank);
      }
    }
    expect(svdRank(svd(denseMatrix(0, 0)))).toBe(0);
    expect(svdRank(svd(hilbert(20)))).toBeLessThan(20);
  });

  it("solves with the pseudo-inverse: least residual, least norm", () => {
    for (const [m, n, rank] of [
      [9, 9, 9],
      [30, 12, 12],
      [30, 12, 5],
      [12, 30, 12],
      [12, 30, 5],
      [4, 3, 0],
    ]) {
      const A = ofRank(m, n, rank);
      const b = randomVector(m);
      const F = structuredClone(svd(A));
      const x = svdSolveInto(new Float64Array(n), F, b, 1e-12);
      const r = map(times(A, denseMatrix(n, 1, x)), (value, i) => b[i] - value);
      expect(size(times(flip(A), r))).toBeLessThan(1e-11);
      // Least norm: x lies in the range of Aᵀ, spanned by the first columns of V.
      const inside = map(F.V, (v, _, j) => (j < rank ? v : 0));
      const projected = times(inside, times(flip(inside), denseMatrix(n, 1, x)));
      expect(backwardError(denseMatrix(n, 1, x), projected)).toBeLessThan(20);
    }
    const b = randomVector(3);
    const F = svd(eye(3));
    expect(svdSolveInto(b, F, b)).toBe(b);
  });

  it("refuses misuse", () => {
    const bad = denseMatrix(1, 1, Float64Array.of(Number.NaN));
    expect(() => svd(bad)).toThrow("svd: argument `A` is NaN at (0, 0); wanted finite entries.");
    expect(() => singularValues(bad)).toThrow("singularValues: argument `A` is NaN at (0, 0); wanted finite entries.");
    const F = svd(random(3, 2));
    expect(() => svdRank(F, 2)).toThrow("svdRank: argument `tolerance` is 2; wanted a number >= 0 and <= 1.");
    expect(() => svdSolveInto(new Float64Array(2), F, new Float64Array(2))).toThrow(
      "svdSolveInto: argument `b` is of length 2; wanted length 3, the rows of A.",
    );
    expect(() => svdSolveInto(new Float64Array(3), F, new Float64Array(3))).toThrow(
      "svdSolveInto: argument `out` is of length 3; wanted length 2, the columns of A.",
    );
  });
});
