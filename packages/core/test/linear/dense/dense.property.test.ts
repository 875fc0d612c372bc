import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choleskyFactorize, choleskySolveInto } from "../../../src/linear/dense/cholesky.js";
import { multiplyInto } from "../../../src/linear/dense/dense.js";
import { symmetricEigen, symmetricEigenvalues } from "../../../src/linear/dense/eigen.js";
import { inertia, ldlFactorize } from "../../../src/linear/dense/ldl.js";
import { luFactorize, luSolveInto } from "../../../src/linear/dense/lu.js";
import { modifiedCholesky, modifiedCholeskySolveInto } from "../../../src/linear/dense/modified-cholesky.js";
import { leastSquaresInto, qrFactorize } from "../../../src/linear/dense/qr.js";
import { schnabelEskow } from "../../../src/linear/dense/schnabel-eskow.js";
import { singularValues, svd, svdSolveInto } from "../../../src/linear/dense/svd.js";
import {
  countBelow,
  tridiagonalEigenvector,
  tridiagonalize,
  tridiagonalLowestEigenvalue,
} from "../../../src/linear/dense/tridiagonal.js";
import { type DenseMatrix, denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  diagonalMatrix,
  flip,
  map,
  minus,
  orthogonalityError,
  size,
  solveError,
  symmetricPart,
  times,
} from "../dense-for-tests.js";

const ε = Number.EPSILON;

/** Entries of any size from 1e-60 to 1e60, zeros and repetitions among them. */
const entry = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -1, max: 1, noNaN: true, noDefaultInfinity: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1, -1) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: -60, max: 60 }), fc.double({ min: -1, max: 1, noNaN: true }))
      .map(([power, t]) => t * 10 ** power),
  },
);
const matrix = (rows: number, cols: number) =>
  fc
    .array(entry, { minLength: rows * cols, maxLength: rows * cols })
    .map((list) => denseMatrix(rows, cols, Float64Array.from(list)));
const rectangular = fc
  .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))
  .chain(([m, n]) => matrix(m, n));
const square = fc.integer({ min: 0, max: 9 }).chain((n) => matrix(n, n));
const symmetric = square.map(symmetricPart);
const vectorOf = (n: number) => Float64Array.from({ length: n }, (_, i) => Math.cos(1 + 5 * i));
/** To a largest entry of 1 or so (a zero matrix stays). */
const unit = (A: DenseMatrix) => map(A, (a) => a / (size(A) || 1));

describe("dense factorizations on anything", () => {
  it("a symmetric matrix is V Λ Vᵀ, and its inertia is the signs of Λ where these are clear", () => {
    fc.assert(
      fc.property(symmetric, (A0) => {
        const A = unit(A0);
        const { values, vectors } = symmetricEigen(A);
        expect(orthogonalityError(vectors)).toBeLessThan(10);
        expect(backwardError(A, times(vectors, times(diagonalMatrix(values), flip(vectors))))).toBeLessThan(20);
        const clear = 1e-12;
        if (values.every((value) => Math.abs(value) > clear)) {
          const positive = values.filter((value) => value > 0).length;
          for (const pivoting of ["partial", "rook"] as const) {
            expect(inertia(ldlFactorize(A, { pivoting }), 0)).toEqual({
              positive,
              negative: A.rows - positive,
              zero: 0,
            });
          }
        }
        // Cholesky says "not definite" exactly where the lowest eigenvalue is clearly negative, and never where clearly positive.
        if (A.rows > 0 && values[0] < -clear) expect(choleskyFactorize(A).failedAt).toBeGreaterThanOrEqual(0);
        if (A.rows > 0 && values[0] > clear) {
          const F = choleskyFactorize(A);
          expect(F.failedAt).toBe(-1);
          const b = vectorOf(A.rows);
          expect(solveError(A, choleskySolveInto(new Float64Array(A.rows), F, b), b)).toBeLessThan(8);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("bisection, inverse iteration and QL tell the same of the tridiagonal form", () => {
    fc.assert(
      fc.property(symmetric, (A0) => {
        const A = unit(A0);
        if (A.rows === 0) return;
        const T = tridiagonalize(A);
        const values = symmetricEigenvalues(A);
        expect(Math.abs(tridiagonalLowestEigenvalue(T) - values[0])).toBeLessThan(20 * A.rows * ε);
        values.forEach((value, k) => {
          expect(countBelow(T, value - 100 * A.rows * ε)).toBeLessThanOrEqual(k);
          expect(countBelow(T, value + 100 * A.rows * ε)).toBeGreaterThan(k);
          const v = tridiagonalEigenvector(new Float64Array(A.rows), T, value);
          for (let i = 0; i < A.rows; i++) {
            let sum = (T.diagonal[i] - value) * v[i];
            if (i > 0) sum += T.offDiagonal[i - 1] * v[i - 1];
            if (i + 1 < A.rows) sum += T.offDiagonal[i] * v[i + 1];
            expect(Math.abs(sum)).toBeLessThan(100 * A.rows * ε);
          }
        });
      }),
      { numRuns: 200 },
    );
  });

  it("both modified factorizations make any symmetric matrix definite", () => {
    fc.assert(
      fc.property(symmetric, (A) => {
        const n = A.rows;
        const g = vectorOf(n);
        const d = modifiedCholeskySolveInto(new Float64Array(n), modifiedCholesky(A), g);
        if (n > 0) expect(d.reduce((sum, x, i) => sum + x * g[i], 0)).toBeGreaterThan(0);
        const F = schnabelEskow(A);
        for (let i = 0; i < n; i++) expect(F.L[i * n + i]).toBeGreaterThan(0);
        const L = denseMatrix(n, n, F.L);
        const product = times(L, flip(L));
        const sum = map(A, (_, i, j) => {
          const [p, q] = [F.permutation[i], F.permutation[j]];
          return A.data[p * n + q] + (p === q ? F.added[p] : 0);
        });
        expect(size(minus(sum, product))).toBeLessThanOrEqual(8 * n * ε * Math.max(size(A), size(sum)));
      }),
      { numRuns: 300 },
    );
  });

  it("LU solves every system that isn't singular, with a small residual", () => {
    fc.assert(
      fc.property(square, (A0) => {
        const A = unit(A0);
        const F = luFactorize(A);
        const b = vectorOf(A.rows);
        if (F.singularAt >= 0) return;
        const x = luSolveInto(new Float64Array(A.rows), F, b);
        if (x.every(Number.isFinite)) expect(solveError(A, x, b)).toBeLessThan(2 ** A.rows);
      }),
      { numRuns: 300 },
    );
  });

  it("singular values are those of the transpose, and their squares sum to ‖A‖²_F", () => {
    fc.assert(
      fc.property(rectangular, (A0) => {
        const A = unit(A0);
        const values = singularValues(A);
        const other = singularValues(flip(A));
        values.forEach((value, k) => {
          expect(Math.abs(value - other[k])).toBeLessThan(200 * ε);
        });
        const squares = values.reduce((sum, value) => sum + value * value, 0);
        const frobenius = A.data.reduce((sum, a) => sum + a * a, 0);
        expect(Math.abs(squares - frobenius)).toBeLessThanOrEqual(200 * ε * frobenius);
        const { U, V } = svd(A);
        expect(orthogonalityError(U)).toBeLessThan(20);
        expect(orthogonalityError(V)).toBeLessThan(20);
      }),
      { numRuns: 300 },
    );
  });

  it("QR and SVD agree on well-conditioned least squares", () => {
    fc.assert(
      fc.property(rectangular, (A0) => {
        const A = unit(A0);
        const values = singularValues(A);
        if (A.rows < A.cols || A.cols === 0 || values[A.cols - 1] < 1e-3) return;
        const b = vectorOf(A.rows);
        const x = leastSquaresInto(new Float64Array(A.cols), qrFactorize(A, { pivot: true }), b);
        svdSolveInto(new Float64Array(A.cols), svd(A), b).forEach((value, i) => {
          expect(Math.abs(value - x[i])).toBeLessThan(1e-8);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("(A B)ᵀ = Bᵀ Aᵀ", () => {
    const pair = fc
      .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))
      .chain(([m, k, n]) => fc.tuple(matrix(m, k), matrix(k, n)));
    fc.assert(
      fc.property(pair, ([A, B]) => {
        const C = multiplyInto(denseMatrix(A.rows, B.cols), A, B);
        const D = multiplyInto(denseMatrix(B.cols, A.rows), B, A, { transposeA: true, transposeB: true });
        const top = size(times(map(A, Math.abs), map(B, Math.abs)));
        flip(D).data.forEach((value, p) => {
          expect(Math.abs(value - C.data[p])).toBeLessThanOrEqual(20 * ε * top);
        });
      }),
    );
  });
});
