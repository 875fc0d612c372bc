import { describe, expect, it } from "vitest";
import { choleskyFactorize } from "../../../src/linear/dense/cholesky.js";
import { symmetricEigenvalues } from "../../../src/linear/dense/eigen.js";
import type { Ldl } from "../../../src/linear/dense/ldl.js";
import { modifiedCholesky, modifiedCholeskySolveInto } from "../../../src/linear/dense/modified-cholesky.js";
import { denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  diagonalMatrix,
  eye,
  flip,
  hilbert,
  map,
  minus,
  randomDefinite,
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

/** A + E = Pᵀ L D̃ Lᵀ P. */
function sum({ n, L, d, e, permutation }: Ldl) {
  const l = map(denseMatrix(n, n, L), (a, i, j) => (i === j ? 1 : j < i ? a : 0));
  const D = map(denseMatrix(n, n), (_, i, j) => (i === j ? d[i] : Math.abs(i - j) === 1 ? e[Math.min(i, j)] : 0));
  const P = times(l, times(D, flip(l)));
  const B = denseMatrix(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) B.data[permutation[i] * n + permutation[j]] = P.data[i * n + j];
  return symmetricPart(B);
}

describe("modifiedCholesky (Cheng, Higham 1998)", () => {
  it("leaves a definite matrix as it is", () => {
    for (const n of sizes) {
      for (const factor of [1, 1e-150, 1e150]) {
        const A = scaled(randomDefinite(n), factor);
        const { factor: F, raised, count } = modifiedCholesky(A);
        expect([raised, count]).toEqual([0, 0]);
        expect(backwardError(A, sum(F))).toBeLessThan(8);
      }
    }
  });

  it.each(symmetricFamilies)("makes a %s matrix positive definite, and solves with it", (_, make) => {
    for (const n of sizes) {
      const A = make(n);
      const unit = 1 / (size(A) || 1);
      const M = modifiedCholesky(scaled(A, unit));
      const B = sum(M.factor);
      if (n > 0) expect(choleskyFactorize(B).failedAt).toBe(-1);
      const b = randomVector(n);
      const x = modifiedCholeskySolveInto(new Float64Array(n), structuredClone(M), b);
      expect(solveError(B, x, b)).toBeLessThan(20);
      // xᵀb = bᵀ(A + E)⁻¹b > 0: −x is a descent direction for the gradient b.
      if (n > 0) expect(x.reduce((total, value, i) => total + value * b[i], 0)).toBeGreaterThan(0);
    }
  });

  it("stays in range for extreme matrices", () => {
    // Powers of two: with other factors rounding may turn a tie between two pivots, and E with it.
    for (const factor of [2 ** -996, 2 ** -500, 2 ** 500, 2 ** 960]) {
      const A = scaled(randomSymmetric(20), factor);
      const M = modifiedCholesky(A);
      const one = modifiedCholesky(randomSymmetric(20));
      expect(M.count).toBe(one.count);
      expect(M.raised / factor / one.raised).toBeCloseTo(1, 8);
    }
  });

  it("raises eigenvalues to δ and no further where A is diagonal", () => {
    const A = diagonalMatrix([3, -2, 0, 1e-3]);
    const { factor, raised, count } = modifiedCholesky(A, 0.01);
    expect(backwardError(diagonalMatrix([3, 0.01, 0.01, 0.01]), sum(factor))).toBeLessThan(2);
    expect(raised).toBeCloseTo(2.01, 15);
    expect(count).toBe(3);
  });

  it("lifts one eigenvalue of a block of order 2 along its vector", () => {
    // Eigenvalues ±1 with vectors (1, ±1)/√2: D̃ = ½(1 + δ) on the diagonal, ½(1 − δ) beside it.
    const { factor, raised } = modifiedCholesky(denseMatrix(2, 2, Float64Array.of(0, 1, 1, 0)), 0.5);
    expect(backwardError(denseMatrix(2, 2, Float64Array.of(0.75, 0.25, 0.25, 0.75)), sum(factor))).toBeLessThan(4);
    expect(raised).toBeCloseTo(1.5, 14);
  });

  it("adds little beyond what is needed (a small multiple of |λ_min|)", () => {
    for (const seed of [1, 2, 3]) {
      const A = randomSymmetric(30, seed);
      const lowest = symmetricEigenvalues(A)[0];
      const E = minus(sum(modifiedCholesky(A).factor), A);
      const norm = Math.max(...symmetricEigenvalues(symmetricPart(E)).map(Math.abs));
      // No E of smaller 2-norm than |λ_min| can do.
      expect(norm).toBeGreaterThan(-lowest);
      expect(norm).toBeLessThan(-lowest * 30);
    }
    const H = modifiedCholesky(hilbert(12));
    expect(H.raised).toBeLessThan(4e-8 * 4);
  });

  it("takes a zero matrix to √ε I", () => {
    expect(sum(modifiedCholesky(denseMatrix(3, 3)).factor)).toEqual(scaled(eye(3), Math.sqrt(Number.EPSILON)));
  });

  it("refuses misuse", () => {
    expect(() => modifiedCholesky(denseMatrix(2, 3))).toThrow(
      "modifiedCholesky: argument `A` is 2 × 3; wanted a square matrix.",
    );
    expect(() => modifiedCholesky(denseMatrix(1, 1, Float64Array.of(Number.NaN)))).toThrow(
      "modifiedCholesky: argument `A` is NaN at (0, 0); wanted finite entries.",
    );
    expect(() => modifiedCholesky(eye(2), 0)).toThrow(
      "modifiedCholesky: argument `raiseTo` is 0; wanted a number > 0 and <= 1.7976931348623157e+308.",
    );
  });
});
