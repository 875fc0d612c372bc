import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import {
  choleskyFactorize,
  choleskySolveInto,
  logDeterminant,
  pivotedCholesky,
} from "../../../src/linear/dense/cholesky.js";
import { type DenseMatrix, denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  diagonalMatrix,
  eye,
  flip,
  graded,
  hilbert,
  map,
  ofRank,
  randomDefinite,
  randomSymmetric,
  randomVector,
  scaled,
  secondDifference,
  size,
  sizes,
  solveError,
  symmetricPart,
  times,
} from "../dense-for-tests.js";

const product = (L: Float64Array, n: number) => times(denseMatrix(n, n, L), flip(denseMatrix(n, n, L)));

const definite: readonly [string, (n: number) => DenseMatrix][] = [
  ["random", (n) => randomDefinite(n)],
  ["graded", (n) => graded(randomDefinite(n))],
  ["tiny", (n) => scaled(randomDefinite(n), 1e-150)],
  ["huge", (n) => scaled(randomDefinite(n), 1e150)],
  ["second difference", secondDifference],
  ["identity", eye],
];

describe("choleskyFactorize", () => {
  it.each(definite)("factors a %s matrix with a backward error of n ε, entry by entry", (_, make) => {
    for (const n of sizes) {
      const A = make(n);
      const F = choleskyFactorize(A);
      expect(F.failedAt).toBe(-1);
      const P = product(F.L, n);
      // Higham 2002, Theorem 10.5: |A − L Lᵀ|_ij ≤ (n + 1) ε √(a_ii a_jj), so that grading does no harm.
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          const bound = 2 * (n + 1) * Number.EPSILON * Math.sqrt(A.data[i * n + i]) * Math.sqrt(A.data[j * n + j]);
          expect(Math.abs(A.data[i * n + j] - P.data[i * n + j])).toBeLessThanOrEqual(bound);
        }
        for (let j = i + 1; j < n; j++) expect(F.L[i * n + j]).toBe(0);
      }
    }
  });

  it("agrees with ml-matrix", () => {
    const A = randomDefinite(60);
    const theirs = new CholeskyDecomposition(Matrix.from1DArray(60, 60, A.data)).lowerTriangularMatrix;
    expect(
      backwardError(
        denseMatrix(60, 60, Float64Array.from(theirs.to1DArray())),
        denseMatrix(60, 60, choleskyFactorize(A).L),
      ),
    ).toBeLessThan(10);
  });

  it("reads the lower triangle only", () => {
    const A = randomDefinite(40);
    const half = map(A, (a, i, j) => (j > i ? Number.NaN : a));
    expect(choleskyFactorize(half)).toEqual(choleskyFactorize(A));
  });

  it("says which column fails, in whatever block it lies", () => {
    for (const n of [1, 2, 31, 32, 33, 70]) {
      for (const column of new Set([0, n >> 1, n - 1])) {
        const A = randomDefinite(n);
        A.data[column * n + column] = -1;
        expect(choleskyFactorize(A).failedAt).toBe(column);
        A.data[column * n + column] = Number.NaN;
        expect(choleskyFactorize(A).failedAt).toBe(column);
      }
    }
    expect(choleskyFactorize(denseMatrix(1, 1, Float64Array.of(Number.POSITIVE_INFINITY))).failedAt).toBe(0);
    expect(choleskyFactorize(denseMatrix(3, 3)).failedAt).toBe(0);
    // The leading block of order 2 of this is singular.
    expect(choleskyFactorize(denseMatrix(3, 3, Float64Array.of(1, 1, 0, 1, 1, 0, 0, 0, 1))).failedAt).toBe(1);
  });

  it("uses the memory of an earlier factor, also of one that failed", () => {
    const first = choleskyFactorize(randomSymmetric(40));
    expect(first.failedAt).toBeGreaterThanOrEqual(0);
    const A = randomDefinite(40, 5);
    const second = choleskyFactorize(A, { into: first });
    expect(second.L).toBe(first.L);
    expect(second).toEqual(choleskyFactorize(A));
  });

  it("solves, also in place, and survives structuredClone", () => {
    for (const [, make] of definite) {
      for (const n of sizes) {
        const A = make(n);
        const b = randomVector(n);
        const F = structuredClone(choleskyFactorize(A));
        const x = choleskySolveInto(new Float64Array(n), F, b);
        expect(solveError(A, x, b)).toBeLessThan(2);
        const same = b.slice();
        expect(choleskySolveInto(same, F, same)).toBe(same);
        expect(same).toEqual(x);
      }
    }
  });

  it("knows log det", () => {
    // det of the second difference matrix is n + 1.
    for (const n of [0, 1, 2, 50])
      expect(logDeterminant(choleskyFactorize(secondDifference(n)))).toBeCloseTo(Math.log(n + 1), 12);
    const d = Float64Array.from({ length: 100 }, (_, i) => 10 ** (i - 150));
    expect(logDeterminant(choleskyFactorize(diagonalMatrix(d))) / Math.log(10)).toBeCloseTo(-100.5 * 100, 8);
    expect(logDeterminant(choleskyFactorize(denseMatrix(1, 1)))).toBeNaN();
  });

  it("refuses misuse", () => {
    expect(() => choleskyFactorize(denseMatrix(2, 3))).toThrow(
      "choleskyFactorize: argument `A` is 2 × 3; wanted a square matrix.",
    );
    const F = choleskyFactorize(eye(2));
    expect(() => choleskyFactorize(eye(3), { into: F })).toThrow(
      "choleskyFactorize: argument `options.into` is of size 2; wanted a factor of size 3.",
    );
    expect(() => choleskyFactorize(eye(2), { inot: F } as object)).toThrow(
      "choleskyFactorize: argument `options.inot` is not an option; wanted one of into.",
    );
    expect(() => choleskySolveInto(new Float64Array(2), F, new Float64Array(3))).toThrow(
      "choleskySolveInto: argument `b` is of length 3; wanted length 2.",
    );
    expect(() => choleskySolveInto(new Float64Array(3), F, new Float64Array(2))).toThrow(
      "choleskySolveInto: argument `out` is of length 3; wanted length 2.",
    );
    const failed = choleskyFactorize(scaled(eye(2), -1));
    expect(() => choleskySolveInto(new Float64Array(2), failed, new Float64Array(2))).toThrow(
      "choleskySolveInto: argument `F` is a factorization that failed at column 0; wanted one with failedAt = −1.",
    );
  });
});

describe("pivotedCholesky", () => {
  const rebuilt = (A: DenseMatrix) => {
    const F = pivotedCholesky(A);
    const n = F.n;
    const back = denseMatrix(n, n);
    const P = product(F.L, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) back.data[F.permutation[i] * n + F.permutation[j]] = P.data[i * n + j];
    return { F, back };
  };

  it("finds the rank of B Bᵀ", () => {
    for (const n of [1, 2, 5, 40, 90]) {
      for (const rank of new Set([0, 1, n >> 1, n - 1, n])) {
        const B = ofRank(n, n, n);
        const C = map(B, (b, _, j) => (j < rank ? b : 0));
        const A = symmetricPart(times(C, flip(C)));
        const { F, back } = rebuilt(A);
        expect(F.rank).toBe(rank);
        expect(backwardError(A, back)).toBeLessThan(4);
        expect(F.residual).toBeLessThanOrEqual(n * n * Number.EPSILON * size(A));
        // The diagonal falls, and each entry is the largest of its row's part of the trailing matrix.
        for (let k = 1; k < rank; k++)
          expect(F.L[k * n + k]).toBeLessThanOrEqual(F.L[(k - 1) * n + k - 1] * (1 + 1e-12));
      }
    }
  });

  it("stops early at a looser tolerance, the residual bounding what is left", () => {
    const A = hilbert(30);
    const F = pivotedCholesky(A, { tolerance: 1e-6 });
    const P = product(F.L, 30);
    let trace = 0;
    for (let i = 0; i < 30; i++) {
      const left = A.data[F.permutation[i] * 31] - P.data[i * 31];
      expect(left).toBeLessThanOrEqual(1e-6);
      trace += left;
    }
    expect(Math.abs(F.residual - trace)).toBeLessThan(30 * 30 * Number.EPSILON);
    expect(F.residual).toBeGreaterThan(0);
    expect(pivotedCholesky(A).rank).toBeGreaterThan(F.rank);
  });

  it("holds for tiny, huge, zero and empty matrices", () => {
    for (const factor of [1e-150, 1e150]) {
      const A = scaled(randomDefinite(20), factor);
      const { F, back } = rebuilt(A);
      expect(F.rank).toBe(20);
      expect(backwardError(A, back)).toBeLessThan(4);
    }
    expect(pivotedCholesky(denseMatrix(3, 3)).rank).toBe(0);
    expect(pivotedCholesky(denseMatrix(0, 0)).rank).toBe(0);
    expect(pivotedCholesky(scaled(eye(3), -1)).rank).toBe(0);
  });

  it("refuses misuse", () => {
    expect(() => pivotedCholesky(denseMatrix(2, 3))).toThrow(
      "pivotedCholesky: argument `A` is 2 × 3; wanted a square matrix.",
    );
    expect(() => pivotedCholesky(eye(2), { tolerance: -1 })).toThrow(
      "pivotedCholesky: argument `options.tolerance` is -1; wanted a number >= 0 and <= 1.",
    );
    expect(() => pivotedCholesky(eye(2), { tol: 1 } as object)).toThrow(
      "pivotedCholesky: argument `options.tol` is not an option; wanted one of tolerance.",
    );
  });
});
