import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { blockEigenvalues, inertia, type Ldl, ldlFactorize, ldlSolveInto } from "../../../src/linear/dense/ldl.js";
import { denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  diagonalMatrix,
  eye,
  flip,
  graded,
  map,
  ofRank,
  random,
  randomSymmetric,
  randomVector,
  scaled,
  size,
  sizes,
  solveError,
  symmetricFamilies,
  symmetricPart,
  times,
} from "../dense-for-tests.js";

export const lower = ({ n, L }: Ldl) => map(denseMatrix(n, n, L), (l, i, j) => (i === j ? 1 : j < i ? l : 0));
export const blocks = ({ n, d, e }: Ldl) =>
  map(denseMatrix(n, n), (_, i, j) => (i === j ? d[i] : Math.abs(i - j) === 1 ? e[Math.min(i, j)] : 0));

/** Pᵀ L D Lᵀ P. */
export function rebuilt(F: Ldl) {
  const L = lower(F);
  const P = times(L, times(blocks(F), flip(L)));
  const A = denseMatrix(F.n, F.n);
  for (let i = 0; i < F.n; i++) {
    for (let j = 0; j < F.n; j++) A.data[F.permutation[i] * F.n + F.permutation[j]] = P.data[i * F.n + j];
  }
  return A;
}

describe.each(["partial", "rook"] as const)("ldlFactorize with %s pivoting", (pivoting) => {
  it.each(symmetricFamilies)("P A Pᵀ = L D Lᵀ for a %s matrix", (_, make) => {
    for (const n of sizes) {
      const A = make(n);
      const F = ldlFactorize(A, { pivoting });
      const unit = 1 / (size(A) || 1);
      const B = rebuilt({ ...F, d: F.d.map((t) => t * unit), e: F.e.map((t) => t * unit) });
      expect(backwardError(scaled(A, unit), B)).toBeLessThan(10);
      expect(Array.from(F.permutation).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      // A block of order 2 is indefinite, and no entry of e stands beside another.
      F.e.forEach((off, k) => {
        if (off === 0) return;
        expect((F.d[k] / off) * (F.d[k + 1] / off)).toBeLessThan(1);
        expect(F.e[k + 1] ?? 0).toBe(0);
      });
      if (pivoting === "rook") expect(size(lower(F))).toBeLessThan(2.79);
    }
  });

  it("solves indefinite systems, also in place", () => {
    for (const n of sizes) {
      for (const A of [
        randomSymmetric(n),
        scaled(randomSymmetric(n), 1e-150),
        scaled(randomSymmetric(n), 1e150),
        graded(randomSymmetric(n)),
      ]) {
        const b = randomVector(n);
        const F = structuredClone(ldlFactorize(A, { pivoting }));
        const x = ldlSolveInto(new Float64Array(n), F, b);
        expect(solveError(A, x, b)).toBeLessThan(10);
        const same = b.slice();
        expect(ldlSolveInto(same, F, same)).toBe(same);
        expect(same).toEqual(x);
      }
    }
  });

  it("reads the lower triangle only", () => {
    const A = randomSymmetric(30);
    const F = ldlFactorize(
      map(A, (a, i, j) => (j > i ? Number.NaN : a)),
      { pivoting },
    );
    const G = ldlFactorize(A, { pivoting });
    expect([F.d, F.e, F.permutation, lower(F)]).toEqual([G.d, G.e, G.permutation, lower(G)]);
  });

  it("counts the signs of a congruence X S Xᵀ (Sylvester)", () => {
    for (const n of [1, 2, 5, 40, 90]) {
      for (const [positive, negative] of [
        [n, 0],
        [0, n],
        [Math.ceil(n / 2), Math.floor(n / 2)],
        [1, n - 1],
      ]) {
        const X = random(n, n, 11);
        const S = diagonalMatrix(Array.from({ length: n }, (_, i) => (i < positive ? 1 + i : -1 - i)));
        const A = symmetricPart(times(X, times(S, flip(X))));
        expect(inertia(ldlFactorize(A, { pivoting }))).toEqual({ positive, negative, zero: 0 });
        expect(inertia(ldlFactorize(scaled(A, 1e-150), { pivoting }))).toEqual({ positive, negative, zero: 0 });
        expect(inertia(ldlFactorize(graded(A), { pivoting }), 0)).toEqual({ positive, negative, zero: 0 });
      }
    }
  });

  it("counts zero eigenvalues of a singular congruence", () => {
    const n = 40;
    const X = ofRank(n, 13, 13);
    const S = diagonalMatrix(Array.from({ length: 13 }, (_, i) => (i < 6 ? 1 : -1)));
    const A = symmetricPart(times(X, times(S, flip(X))));
    expect(inertia(ldlFactorize(A, { pivoting }), 1e-12)).toEqual({ positive: 6, negative: 7, zero: 27 });
    expect(inertia(ldlFactorize(denseMatrix(3, 3), { pivoting }))).toEqual({ positive: 0, negative: 0, zero: 3 });
    expect(inertia(ldlFactorize(denseMatrix(0, 0), { pivoting }))).toEqual({ positive: 0, negative: 0, zero: 0 });
  });

  it("counts as ml-matrix's eigenvalues have it", () => {
    const A = map(randomSymmetric(40), (a, i, j) => (i === j ? a + 1 : a));
    const values = new EigenvalueDecomposition(Matrix.from1DArray(40, 40, A.data), { assumeSymmetric: true })
      .realEigenvalues;
    const positive = values.filter((value) => value > 0).length;
    expect(inertia(ldlFactorize(A, { pivoting }))).toEqual({ positive, negative: 40 - positive, zero: 0 });
  });
});

describe("ldl", () => {
  it("takes a block of order 2 where the diagonal is zero", () => {
    const A = denseMatrix(2, 2, Float64Array.of(0, 3, 3, 0));
    const F = ldlFactorize(A);
    expect(Array.from(F.e)).toEqual([3, 0]);
    expect(Array.from(ldlSolveInto(new Float64Array(2), F, Float64Array.of(6, 9)))).toEqual([3, 2]);
  });

  it("leaves open entries of a singular system at zero", () => {
    const F = ldlFactorize(diagonalMatrix([2, 0, -4]));
    expect(Array.from(ldlSolveInto(new Float64Array(3), F, Float64Array.of(2, 5, 4)))).toEqual([1, 0, -1]);
  });

  it("knows the eigenvalues and the vector of a block", () => {
    const { values, cosine, sine } = blockEigenvalues(2, 2, -1);
    expect(values[0]).toBeCloseTo(3, 14);
    expect(values[1]).toBeCloseTo(-2, 14);
    expect(2 * cosine + 2 * sine).toBeCloseTo(3 * cosine, 14);
    expect(2 * cosine - sine).toBeCloseTo(3 * sine, 14);
  });

  it("refuses misuse", () => {
    expect(() => ldlFactorize(denseMatrix(2, 3))).toThrow(
      "ldlFactorize: argument `A` is 2 × 3; wanted a square matrix.",
    );
    expect(() => ldlFactorize(map(eye(2), () => Number.NaN))).toThrow(
      "ldlFactorize: argument `A` is NaN at (0, 0); wanted finite entries.",
    );
    expect(() => ldlFactorize(eye(2), { pivoting: "full" as "rook" })).toThrow(
      'ldlFactorize: argument `options.pivoting` is "full"; wanted "partial" or "rook".',
    );
    expect(() => ldlFactorize(eye(2), { pivot: true } as object)).toThrow(
      "ldlFactorize: argument `options.pivot` is not an option; wanted one of pivoting.",
    );
    const F = ldlFactorize(eye(2));
    expect(() => ldlSolveInto(new Float64Array(2), F, new Float64Array(3))).toThrow(
      "ldlSolveInto: argument `b` is of length 3; wanted length 2.",
    );
    expect(() => ldlSolveInto(new Float64Array(3), F, new Float64Array(2))).toThrow(
      "ldlSolveInto: argument `out` is of length 3; wanted length 2.",
    );
    expect(() => inertia(F, -1)).toThrow("inertia: argument `tolerance` is -1; wanted a number >= 0.");
  });
});
