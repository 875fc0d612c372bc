import { describe, expect, it } from "vitest";
import type { DenseMatrix } from "../../../src/linear/matrix.js";
import { sparseFromDense, toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { solveSparseTriangularInto } from "../../../src/linear/sparse/sparse-triangular.js";
import { flip, map, random, randomVector, solveError } from "../dense-for-tests.js";

/** A random triangle with a diagonal of 1 to 2. */
const triangle = (n: number, lower: boolean): DenseMatrix =>
  map(random(n, n, n), (a, i, j) => (i === j ? 1.5 + 0.5 * a : i > j === lower && Math.abs(a) < 0.5 ? a : 0));

describe("solveSparseTriangularInto", () => {
  for (const lower of [true, false]) {
    for (const transpose of [false, true]) {
      for (const unit of [false, true]) {
        it(`solves: ${lower ? "lower" : "upper"}${transpose ? ", transposed" : ""}${unit ? ", unit" : ""}`, () => {
          for (const n of [0, 1, 2, 9, 30]) {
            const T = triangle(n, lower);
            const ones = map(T, (a, i, j) => (i === j ? 1 : a));
            const b = randomVector(n);
            const options = { triangle: lower ? "lower" : "upper", transpose, unit } as const;
            const x = solveSparseTriangularInto(new Float64Array(n), sparseFromDense(T), b, options);
            const whole = unit ? ones : T;
            expect(solveError(transpose ? flip(whole) : whole, x, b)).toBeLessThan(4);
            const same = b.slice();
            expect(solveSparseTriangularInto(same, sparseFromDense(T), same, options)).toEqual(x);
            // With ones, the diagonal needn't be stored.
            const bare = sparseFromDense(map(T, (a, i, j) => (i === j ? 0 : a)));
            if (unit) expect(solveSparseTriangularInto(new Float64Array(n), bare, b, options)).toEqual(x);
          }
        });
      }
    }
  }

  it("names the column of a zero, missing or non-finite pivot", () => {
    const x = new Float64Array(3);
    const T = sparseFromDense(triangle(3, true));
    const D = toDenseMatrix(T);
    D.data[4] = 0;
    expect(() => solveSparseTriangularInto(x, sparseFromDense(D), x)).toThrow(
      "solveSparseTriangularInto: argument `T` is nothing on the diagonal of column 1; wanted finite numbers other than zero there.",
    );
    for (const bad of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      const U = sparseFromDense(triangle(3, false));
      U.values[U.colPointers[3] - 1] = bad;
      expect(() => solveSparseTriangularInto(x, U, x, { triangle: "upper" })).toThrow(
        `${bad} on the diagonal of column 2`,
      );
    }
  });

  it("says what doesn't fit", () => {
    const T = sparseFromDense(triangle(3, true));
    const x = new Float64Array(3);
    expect(() => solveSparseTriangularInto(x, sparseFromDense(random(3, 3)), x)).toThrow(
      "argument `T` is with row 0 in column 1; wanted a lower triangle.",
    );
    expect(() => solveSparseTriangularInto(x, sparseFromDense(random(3, 3)), x, { triangle: "upper" })).toThrow(
      "argument `T` is with row 2 in column 0; wanted an upper triangle.",
    );
    expect(() => solveSparseTriangularInto(x, T, new Float64Array(2))).toThrow("argument `b` is of length 2");
    expect(() => solveSparseTriangularInto(new Float64Array(4), T, x)).toThrow("argument `out` is of length 4");
    expect(() => solveSparseTriangularInto(x, T, x, { triangle: "left" as never })).toThrow(
      'wanted "lower" or "upper"',
    );
    expect(() => solveSparseTriangularInto(x, sparseFromDense(random(2, 3)), x)).toThrow("argument `T` is 2 × 3");
  });
});
