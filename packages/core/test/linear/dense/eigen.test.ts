import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { symmetricEigen, symmetricEigenvalues } from "../../../src/linear/dense/eigen.js";
import { type DenseMatrix, denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  diagonalMatrix,
  flip,
  hilbert,
  map,
  orthogonalityError,
  random,
  randomSymmetric,
  scaled,
  secondDifference,
  secondDifferenceEigenvalues,
  size,
  sizes,
  symmetricFamilies,
  symmetricPart,
  times,
  wilkinson,
} from "../dense-for-tests.js";

function check(A: DenseMatrix) {
  const { values, vectors, converged } = symmetricEigen(A);
  expect(converged).toBe(true);
  expect(orthogonalityError(vectors)).toBeLessThan(8);
  const unit = 1 / (size(A) || 1);
  const Λ = diagonalMatrix(values.map((value) => value * unit));
  expect(backwardError(scaled(A, unit), times(vectors, times(Λ, flip(vectors))))).toBeLessThan(16);
  values.forEach((value, k) => {
    expect(k === 0 || value >= values[k - 1]).toBe(true);
  });
  const alone = symmetricEigenvalues(A);
  const top = Math.max(size({ data: values }), Number.MIN_VALUE);
  alone.forEach((value, k) => {
    expect(Math.abs(value - values[k]) / top).toBeLessThan(8 * A.rows * Number.EPSILON);
  });
  return values;
}

describe("symmetricEigen", () => {
  it.each(symmetricFamilies)("A = V Λ Vᵀ for a %s matrix, V orthogonal, Λ ascending", (_, make) => {
    for (const n of sizes) check(make(n));
  });

  it("knows the second difference matrix", () => {
    for (const n of [1, 2, 9, 100]) {
      const wanted = secondDifferenceEigenvalues(n);
      check(secondDifference(n)).forEach((value, k) => {
        expect(Math.abs(value - wanted[k])).toBeLessThan(40 * Number.EPSILON * Math.sqrt(n));
      });
    }
  });

  it("knows Wilkinson's W21+ and its close pairs", () => {
    const values = check(wilkinson(21));
    expect(Math.abs(values[20] - 10.746194182903393)).toBeLessThan(200 * Number.EPSILON);
    expect(Math.abs(values[19] - 10.746194182903322)).toBeLessThan(200 * Number.EPSILON);
  });

  it("knows Hilbert matrices", () => {
    const two = check(hilbert(2));
    expect(two[0]).toBeCloseTo((4 - Math.sqrt(13)) / 6, 15);
    expect(two[1]).toBeCloseTo((4 + Math.sqrt(13)) / 6, 15);
    // det H₅ = 1/266716800000.
    const five = check(hilbert(5));
    expect(five.reduce((a, b) => a * b, 1) * 266716800000).toBeCloseTo(1, 8);
    const twelve = check(hilbert(12));
    expect(twelve[0]).toBeGreaterThan(-1e-15);
  });

  it("finds the eigenvalues that a matrix was built from, multiple ones too", () => {
    const n = 40;
    const { vectors: V } = symmetricEigen(randomSymmetric(n));
    const wanted = Float64Array.from({ length: n }, (_, i) => Math.floor(i / 8) - 2);
    const A = symmetricPart(times(V, times(diagonalMatrix(wanted), flip(V))));
    check(A).forEach((value, k) => {
      expect(Math.abs(value - wanted[k])).toBeLessThan(2 * n * Number.EPSILON * 4);
    });
  });

  it("agrees with ml-matrix", () => {
    const A = randomSymmetric(50);
    const theirs = new EigenvalueDecomposition(Matrix.from1DArray(50, 50, A.data), { assumeSymmetric: true })
      .realEigenvalues;
    theirs
      .sort((a, b) => a - b)
      .forEach((value, k) => {
        expect(Math.abs(value - symmetricEigenvalues(A)[k])).toBeLessThan(50 * 20 * Number.EPSILON);
      });
  });

  it("refuses a matrix that isn't square, finite or symmetric", () => {
    expect(() => symmetricEigen(denseMatrix(2, 3))).toThrow(
      "symmetricEigen: argument `A` is 2 × 3; wanted a square matrix.",
    );
    expect(() => symmetricEigenvalues(map(random(2, 2), () => Number.NaN))).toThrow(
      "symmetricEigenvalues: argument `A` is NaN at (0, 0); wanted finite entries.",
    );
    expect(() => symmetricEigen(denseMatrix(2, 2, Float64Array.of(1, 2, 3, 4)))).toThrow(
      "symmetricEigen: argument `A` is not symmetric: entry (1, 0) is 3 and entry (0, 1) is 2; wanted a symmetric matrix, to 1e-12 of its largest entry. Use (A + Aᵀ)/2 if the difference is noise.",
    );
  });

  it("extremely graded matrices: found by sparse tests, where rotations lost what was below 1e-150", () => {
    const A = Array.from({ length: 6 }, () => new Array<number>(6).fill(0));
    const set = (i: number, j: number, value: number) => {
      A[i]![j] = value;
      A[j]![i] = value;
    };
    set(2, 0, 1.0463987276037901e-157);
    set(4, 0, 3.531184866580942e-154);
    set(5, 0, -6.662166384419417e-210);
    set(1, 1, -3.304687435593444e-69);
    set(2, 1, 1.261566701372954e-182);
    set(3, 1, 0.0002173768800741269);
    set(2, 2, 5.9055920822031584e-220);
    set(3, 3, -7.652769059196988e-210);
    set(5, 5, 2.387357512877659e-39);
    for (const values of [symmetricEigenvalues(A), symmetricEigen(A).values]) {
      expect(values[0]).toBeCloseTo(-0.0002173768800741269, 18);
      expect(values[5]).toBeCloseTo(0.0002173768800741269, 18);
      for (const value of values.subarray(1, 5)) expect(Math.abs(value)).toBeLessThan(1e-19);
    }
  });
});
