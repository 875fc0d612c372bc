import { Matrix, QrDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import {
  leastSquaresInto,
  type Qr,
  qrApplyQInto,
  qrApplyQTransposeInto,
  qrFactorize,
  qrUpper,
} from "../../../src/linear/dense/qr.js";
import { type DenseMatrix, denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  flip,
  generalFamilies,
  gradedRows,
  hilbert,
  map,
  ofRank,
  orthogonalityError,
  random,
  randomVector,
  scaled,
  size,
  solveError,
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
  [150, 33],
  [33, 70],
];

function explicitQ(F: Qr) {
  const Q = denseMatrix(F.rows, F.rows);
  for (let j = 0; j < F.rows; j++) {
    const column = new Float64Array(F.rows);
    column[j] = 1;
    qrApplyQInto(column, F, column).forEach((q, i) => {
      Q.data[i * F.rows + j] = q;
    });
  }
  return Q;
}

const permuted = (A: DenseMatrix, { permutation }: Qr) => map(A, (_, i, j) => A.data[i * A.cols + permutation[j]]);

describe.each([false, true])("qrFactorize with pivot: %s", (pivot) => {
  it.each(generalFamilies)("A P = Q R for a %s matrix, Q orthogonal", (_, make) => {
    for (const [m, n] of shapes) {
      const A = make(m, n);
      const F = structuredClone(qrFactorize(A, { pivot }));
      const Q = explicitQ(F);
      expect(orthogonalityError(Q)).toBeLessThan(4);
      const k = Math.min(m, n);
      const thin = denseMatrix(m, k);
      for (let i = 0; i < m; i++) for (let j = 0; j < k; j++) thin.data[i * k + j] = Q.data[i * m + j];
      expect(backwardError(permuted(A, F), times(thin, qrUpper(F)))).toBeLessThan(4);
      if (!pivot) expect(Array.from(F.permutation)).toEqual(Array.from({ length: n }, (_, j) => j));
      else
        for (let i = 1; i < k; i++)
          expect(Math.abs(F.diagonal[i])).toBeLessThanOrEqual(
            Math.abs(F.diagonal[i - 1]) * (1 + 1e-10) + 1e-14 * size(A),
          );
      const x = randomVector(m);
      const back = qrApplyQTransposeInto(new Float64Array(m), F, qrApplyQInto(new Float64Array(m), F, x));
      back.forEach((value, i) => {
        expect(Math.abs(value - x[i])).toBeLessThan(4 * m * Number.EPSILON);
      });
    }
  });

  it("solves least-squares problems: the residual is orthogonal to the columns", () => {
    for (const [m, n] of shapes.filter(([m, n]) => m >= n)) {
      const A = random(m, n);
      const b = randomVector(m);
      const x = leastSquaresInto(new Float64Array(n), qrFactorize(A, { pivot }), b);
      const r = map(times(A, denseMatrix(n, 1, x)), (value, i) => b[i] - value);
      const normal = times(flip(A), r);
      expect(size(normal)).toBeLessThanOrEqual(20 * m * n * Number.EPSILON * (1 + size({ data: x })));
    }
  });

  it("agrees with ml-matrix", () => {
    const A = random(40, 12);
    const b = randomVector(40);
    const x = leastSquaresInto(new Float64Array(12), qrFactorize(A, { pivot }), b);
    new QrDecomposition(Matrix.from1DArray(40, 12, A.data))
      .solve(Matrix.columnVector(b))
      .to1DArray()
      .forEach((value, i) => {
        expect(Math.abs(value - x[i])).toBeLessThan(1e-13 * size({ data: x }));
      });
  });

  it("keeps rows of very different size apart from overflow and underflow", () => {
    for (const factor of [5e-324, 1e-310, 1e-300, 1e300]) {
      const A = map(random(6, 4), (a) => (factor < 1e-320 ? Math.sign(a) * factor : a * factor));
      const Q = explicitQ(qrFactorize(A, { pivot }));
      expect(orthogonalityError(Q)).toBeLessThan(4);
    }
  });
});

describe("rank and least squares with pivoting", () => {
  it("finds the rank of a product", () => {
    for (const [m, n] of shapes.filter(([m, n]) => m * n > 0)) {
      for (const rank of new Set([0, 1, Math.min(m, n) >> 1, Math.min(m, n)])) {
        for (const factor of [1, 1e-150, 1e150]) {
          expect(qrFactorize(scaled(ofRank(m, n, rank), factor), { pivot: true, tolerance: 1e-12 }).rank).toBe(rank);
        }
      }
    }
    expect(qrFactorize(hilbert(20), { pivot: true, tolerance: 1e-6 }).rank).toBeLessThan(
      qrFactorize(hilbert(20), { pivot: true }).rank,
    );
  });

  it("is not deceived where downdated norms lose all digits", () => {
    // Columns that agree in their first, large entry: what is left of them is 1e-9 of their size.
    const A = map(random(30, 10), (a, i) => (i === 0 ? 1 : 1e-9 * a));
    const F = qrFactorize(A, { pivot: true });
    const left = map(A, (a, i) => (i === 0 ? 0 : a));
    for (let k = 2; k < 10; k++)
      expect(Math.abs(F.diagonal[k])).toBeLessThanOrEqual(Math.abs(F.diagonal[k - 1]) * (1 + 1e-6));
    expect(Math.abs(F.diagonal[1])).toBeLessThan(20 * size(left));
    expect(F.rank).toBe(10);
  });

  it("answers a basic solution of least residual where the rank falls short", () => {
    const A = ofRank(30, 12, 5);
    const b = randomVector(30);
    const F = qrFactorize(A, { pivot: true, tolerance: 1e-12 });
    const x = leastSquaresInto(new Float64Array(12), F, b);
    expect(x.filter((value) => value !== 0).length).toBe(5);
    const r = map(times(A, denseMatrix(12, 1, x)), (value, i) => b[i] - value);
    expect(size(times(flip(A), r))).toBeLessThan(1e-12);
    const zero = leastSquaresInto(
      new Float64Array(3),
      qrFactorize(denseMatrix(4, 3), { pivot: true }),
      randomVector(4),
    );
    expect(Array.from(zero)).toEqual([0, 0, 0]);
  });

  it("solves a wide system exactly", () => {
    const b = randomVector(5);
    for (const A of [random(5, 9), gradedRows(random(5, 9))]) {
      const x = leastSquaresInto(new Float64Array(9), qrFactorize(A, { pivot: true, tolerance: 0 }), b);
      expect(solveError(A, x, b)).toBeLessThan(10);
    }
  });

  it("uses the columns before the first dependent one when not pivoted", () => {
    const A = map(random(6, 4), (a, _, j) => (j === 2 ? 0 : a));
    expect(qrFactorize(A).rank).toBe(2);
    const x = leastSquaresInto(new Float64Array(4), qrFactorize(A), randomVector(6));
    expect([x[2], x[3]]).toEqual([0, 0]);
  });

  it("refuses misuse", () => {
    expect(() => qrFactorize(denseMatrix(1, 1, Float64Array.of(Number.NaN)))).toThrow(
      "qrFactorize: argument `A` is NaN at (0, 0); wanted finite entries.",
    );
    expect(() => qrFactorize(random(2, 2), { tolerance: -1 })).toThrow(
      "qrFactorize: argument `options.tolerance` is -1; wanted a number >= 0.",
    );
    expect(() => qrFactorize(random(2, 2), { pivoting: true } as object)).toThrow(
      "qrFactorize: argument `options.pivoting` is not an option; wanted one of pivot, tolerance.",
    );
    const F = qrFactorize(random(3, 2));
    const two = new Float64Array(2);
    const three = new Float64Array(3);
    expect(() => leastSquaresInto(two, F, two)).toThrow(
      "leastSquaresInto: argument `b` is of length 2; wanted length 3, the rows of A.",
    );
    expect(() => leastSquaresInto(three, F, three)).toThrow(
      "leastSquaresInto: argument `out` is of length 3; wanted length 2, the columns of A.",
    );
    expect(() => qrApplyQInto(three, F, two)).toThrow("qrApplyQInto: argument `y` is of length 2; wanted length 3.");
    expect(() => qrApplyQTransposeInto(two, F, three)).toThrow(
      "qrApplyQTransposeInto: argument `out` is of length 2; wanted length 3.",
    );
  });
});
