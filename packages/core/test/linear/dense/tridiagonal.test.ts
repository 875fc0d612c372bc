import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import {
  applyQInto,
  applyQTransposeInto,
  formQTranspose,
  type Tridiagonal,
  tridiagonalize,
} from "../../../src/linear/dense/tridiagonal.js";
import { denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  eye,
  flip,
  map,
  orthogonalityError,
  randomSymmetric,
  randomVector,
  sizes,
  symmetricFamilies,
  times,
} from "../dense-for-tests.js";

const tridiagonalMatrix = ({ n, diagonal, offDiagonal }: Tridiagonal) =>
  map(denseMatrix(n, n), (_, i, j) =>
    i === j ? diagonal[i] : Math.abs(i - j) === 1 ? offDiagonal[Math.min(i, j)] : 0,
  );

/** Q, column by column, from products with the axes. */
function explicitQ(F: Tridiagonal) {
  const Q = denseMatrix(F.n, F.n);
  for (let j = 0; j < F.n; j++) {
    const column = new Float64Array(F.n);
    column[j] = 1;
    applyQInto(column, F, column).forEach((q, i) => {
      Q.data[i * F.n + j] = q;
    });
  }
  return Q;
}

describe("tridiagonalize", () => {
  it.each(symmetricFamilies)("A = Q T Qᵀ for a %s matrix, Q orthogonal", (_, make) => {
    for (const n of sizes) {
      const A = make(n);
      const F = tridiagonalize(A);
      expect([F.diagonal.length, F.offDiagonal.length]).toEqual([n, Math.max(0, n - 1)]);
      const Q = explicitQ(F);
      expect(orthogonalityError(Q)).toBeLessThan(4);
      // Around 1, so that the products of the check stay in range.
      const unit = 1 / (A.data.reduce((max, a) => Math.max(max, Math.abs(a)), 0) || 1);
      const T = map(tridiagonalMatrix(F), (t) => t * unit);
      expect(
        backwardError(
          map(A, (a) => a * unit),
          times(Q, times(T, flip(Q))),
        ),
      ).toBeLessThan(8);
    }
  });

  it("leaves a tridiagonal matrix as it is, to the bit", () => {
    const A = map(randomSymmetric(12), (a, i, j) => (Math.abs(i - j) <= 1 ? a : 0));
    const F = tridiagonalize(A);
    expect(tridiagonalMatrix(F)).toEqual(A);
    expect(explicitQ(F)).toEqual(eye(12));
  });

  it("keeps Q orthogonal at both ends of the range, and beside entries that are lost", () => {
    const n = 12;
    const A = randomSymmetric(n);
    for (const B of [
      map(A, (a) => Math.sign(a) * 1e307),
      map(A, (a) => a * 1e-310),
      map(A, (a) => Math.sign(a) * Number.MIN_VALUE),
      map(A, (a, i, j) => (i === j ? 1 : a * 1e-310)),
      map(A, (a, i, j) => (Math.max(i, j) === 7 ? a * 1e-305 : a)),
    ]) {
      const F = tridiagonalize(B);
      expect(orthogonalityError(explicitQ(F))).toBeLessThan(4);
      expect(F.diagonal.every(Number.isFinite)).toBe(true);
    }
  });

  it("reduces a matrix of subnormal numbers like the same matrix scaled up", () => {
    const A = map(randomSymmetric(9), (a) => Math.round(a * 2 ** 30));
    const one = tridiagonalize(A);
    const F = tridiagonalize(map(A, (a) => a * 2 ** -1060));
    F.offDiagonal.forEach((t, i) => {
      expect(Math.abs(t * 2 ** 1000 * 2 ** 60 - one.offDiagonal[i])).toBeLessThan(1);
    });
    expect(backwardError(explicitQ(one), explicitQ(F))).toBeLessThan(4);
  });

  it("reads the lower triangle only", () => {
    const A = randomSymmetric(21);
    expect(tridiagonalize(map(A, (a, i, j) => (j > i ? Number.NaN : a)))).toEqual(tridiagonalize(A));
  });

  it("has the eigenvalues that ml-matrix finds for A", () => {
    const A = randomSymmetric(30);
    const theirs = (M: { data: Float64Array }) =>
      new EigenvalueDecomposition(Matrix.from1DArray(30, 30, M.data), { assumeSymmetric: true }).realEigenvalues
        .slice()
        .sort((a, b) => a - b);
    const wanted = theirs(A);
    theirs(tridiagonalMatrix(tridiagonalize(A))).forEach((value, i) => {
      expect(Math.abs(value - wanted[i])).toBeLessThan(30 * 10 * Number.EPSILON);
    });
  });

  it("refuses misuse", () => {
    expect(() => tridiagonalize(denseMatrix(2, 3))).toThrow(
      "tridiagonalize: argument `A` is 2 × 3; wanted a square matrix.",
    );
    expect(() => tridiagonalize(map(eye(3), (a, i, j) => (i === 2 && j === 1 ? Number.NaN : a)))).toThrow(
      "tridiagonalize: argument `A` is NaN at (2, 1); wanted finite entries.",
    );
  });
});

describe("the implicit Q", () => {
  it("Qᵀ undoes Q, in place and not, after structuredClone", () => {
    for (const n of sizes) {
      const F = structuredClone(tridiagonalize(randomSymmetric(n)));
      const x = randomVector(n);
      const y = applyQInto(new Float64Array(n), F, x);
      const back = applyQTransposeInto(new Float64Array(n), F, y);
      back.forEach((value, i) => {
        expect(Math.abs(value - x[i])).toBeLessThan(4 * n * Number.EPSILON);
      });
      const same = x.slice();
      expect(applyQInto(same, F, same)).toBe(same);
      expect(same).toEqual(y);
      applyQTransposeInto(same, F, same);
      expect(same).toEqual(back);
    }
  });

  it("is formed as Qᵀ by rows", () => {
    for (const n of sizes) {
      const F = tridiagonalize(randomSymmetric(n));
      expect(backwardError(flip(explicitQ(F)), denseMatrix(n, n, formQTranspose(F)))).toBeLessThan(4);
    }
  });

  it("refuses lengths that don't fit", () => {
    const F = tridiagonalize(eye(3));
    const two = new Float64Array(2);
    const three = new Float64Array(3);
    expect(() => applyQInto(three, F, two)).toThrow("applyQInto: argument `x` is of length 2; wanted length 3.");
    expect(() => applyQTransposeInto(two, F, three)).toThrow(
      "applyQTransposeInto: argument `out` is of length 2; wanted length 3.",
    );
  });
});
