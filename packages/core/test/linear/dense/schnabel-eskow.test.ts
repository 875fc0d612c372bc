import { describe, expect, it } from "vitest";
import { toRows } from "../../../src/linear/dense/dense.js";
import { symmetricEigenvalues } from "../../../src/linear/dense/eigen.js";
import { type SchnabelEskow, schnabelEskow, schnabelEskowSolveInto } from "../../../src/linear/dense/schnabel-eskow.js";
import { type DenseMatrix, denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  diagonalMatrix,
  eye,
  flip,
  map,
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

function product({ n, L, permutation }: SchnabelEskow) {
  const l = denseMatrix(n, n, L);
  const P = times(l, flip(l));
  const B = denseMatrix(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) B.data[permutation[i] * n + permutation[j]] = P.data[i * n + j];
  return B;
}

/** E by the paper's steps on a whole matrix, without a factor: Schur complements, nothing packed or exchanged. */
function reference(A: DenseMatrix): { added: number[]; order: number[] } {
  const n = A.rows;
  const ε = Number.EPSILON;
  const [τ, τBar, μ] = [ε ** (1 / 3), ε ** (2 / 3), 0.1];
  const S = toRows(A);
  const γ = size(A);
  const left = Array.from({ length: n }, (_, i) => i);
  const added: number[] = new Array(n).fill(0);
  const order: number[] = [];
  const take = (p: number) => {
    order.push(p);
    left.splice(left.indexOf(p), 1);
    for (const i of left) for (const j of left) S[i][j] -= (A0[i][p] * A0[p][j]) / S[p][p];
    for (const i of left) for (const j of left) A0[i][j] = S[i][j];
  };
  const A0 = toRows(A);
  const argmax = (f: (i: number) => number) => left.reduce((best, i) => (f(i) > f(best) ? i : best), left[0]);
  while (left.length > 0) {
    const p = argmax((i) => S[i][i]);
    if (S[p][p] < τBar * γ || Math.min(...left.map((i) => S[i][i])) < -μ * S[p][p]) break;
    if (left.some((i) => i !== p && S[i][i] - S[i][p] ** 2 / S[p][p] < -μ * γ)) break;
    take(p);
  }
  if (left.length === 1) {
    const [p] = left;
    added[p] = -S[p][p] + Math.max((-τ * S[p][p]) / (1 - τ), τBar * γ);
    order.push(p);
  } else if (left.length > 1) {
    const off = (i: number) => left.reduce((sum, j) => sum + (j === i ? 0 : Math.abs(S[i][j])), 0);
    const g = S.map((row, i) => (left.includes(i) ? row[i] - off(i) : 0));
    let δ = 0;
    while (left.length > 2) {
      const p = argmax((i) => g[i]);
      const norm = off(p);
      δ = Math.max(0, δ, -S[p][p] + Math.max(norm, τBar * γ));
      added[p] = δ;
      S[p][p] += δ;
      if (S[p][p] > norm) for (const i of left) g[i] += Math.abs(S[i][p]) * (1 - norm / S[p][p]);
      take(p);
    }
    const [i, j] = left;
    const mean = (S[i][i] + S[j][j]) / 2;
    const radius = Math.hypot((S[i][i] - S[j][j]) / 2, S[i][j]);
    δ = Math.max(0, δ, -(mean - radius) + Math.max((2 * τ * radius) / (1 - τ), τBar * γ));
    added[i] = added[j] = δ;
    order.push(i, j);
  }
  return { added, order };
}

describe("schnabelEskow (1999)", () => {
  it("takes the paper's steps", () => {
    for (const n of [1, 2, 3, 4, 5, 8, 20, 33]) {
      for (const shift of [0, 0.3, 0.6, 1, 2, 3, -2]) {
        const A = map(randomSymmetric(n, 7), (a, i, j) => (i === j ? a + shift * Math.sqrt(n) : a));
        const F = schnabelEskow(A);
        const wanted = reference(A);
        expect([...wanted.order].slice(0, n - 2)).toEqual(Array.from(F.permutation).slice(0, n - 2));
        F.added.forEach((value, i) => {
          expect(Math.abs(value - wanted.added[i])).toBeLessThan(1e-12 * size(A) * n);
        });
      }
    }
  });

  it("leaves a definite matrix as it is", () => {
    for (const n of sizes) {
      for (const factor of [1, 1e-150, 1e150]) {
        const A = scaled(randomDefinite(n), factor);
        const F = schnabelEskow(A);
        expect(F.raised).toBe(0);
        expect(Array.from(F.added)).toEqual(new Array(n).fill(0));
        expect(backwardError(A, product(F))).toBeLessThan(4);
      }
    }
  });

  it.each(symmetricFamilies)("A + diag(added) = Pᵀ L Lᵀ P for a %s matrix", (_, make) => {
    for (const n of sizes) {
      const A0 = make(n);
      const A = scaled(A0, 1 / (size(A0) || 1));
      const F = schnabelEskow(A);
      const sum = map(A, (a, i, j) => (i === j ? a + F.added[i] : a));
      expect(backwardError(sum, product(F))).toBeLessThan(4);
      for (let i = 0; i < n; i++) {
        expect(F.added[i]).toBeGreaterThanOrEqual(0);
        expect(F.L[i * n + i]).toBeGreaterThan(0);
      }
      expect(F.raised).toBe(Math.max(0, ...F.added));
      const b = randomVector(n);
      const x = schnabelEskowSolveInto(new Float64Array(n), structuredClone(F), b);
      expect(solveError(sum, x, b)).toBeLessThan(20);
      const same = b.slice();
      expect(schnabelEskowSolveInto(same, F, same)).toEqual(x);
    }
  });

  it("scales with the matrix", () => {
    const one = schnabelEskow(randomSymmetric(20));
    for (const factor of [2 ** -900, 2 ** -500, 2 ** 500, 2 ** 900]) {
      const F = schnabelEskow(scaled(randomSymmetric(20), factor));
      expect(F.permutation).toEqual(one.permutation);
      expect(F.raised / factor / one.raised).toBeCloseTo(1, 12);
    }
  });

  it("stays within Gerschgorin's bound, and near |λ_min| on random matrices", () => {
    for (const seed of [1, 2, 3, 4]) {
      const n = 40;
      const A = randomSymmetric(n, seed);
      const lowest = symmetricEigenvalues(A)[0];
      const { raised } = schnabelEskow(A);
      expect(raised).toBeGreaterThan(-lowest);
      // ‖E‖ ≤ Gerschgorin's radius + 2τ/(1 − τ) (radius + γ), the paper's bound; on random matrices the paper sees a small multiple of |λ_min|.
      let radius = 0;
      for (let i = 0; i < n; i++) {
        let row = -A.data[i * n + i];
        for (let j = 0; j < n; j++) if (j !== i) row += Math.abs(A.data[i * n + j]);
        radius = Math.max(radius, row);
      }
      expect(raised).toBeLessThan(radius * 1.01);
      expect(raised / -lowest).toBeLessThan(4);
    }
  });

  it("gives the answers of its formulas for the smallest cases", () => {
    const τ = Number.EPSILON ** (1 / 3);
    const τBar = Number.EPSILON ** (2 / 3);
    // Order 1: δ = −a + max(−τ a/(1 − τ), τ̄ γ).
    expect(schnabelEskow(denseMatrix(1, 1, Float64Array.of(-3))).raised).toBeCloseTo(3 + (3 * τ) / (1 - τ), 14);
    // Order 2 with eigenvalues ±1: δ = 1 + max(2τ/(1 − τ), τ̄).
    const F = schnabelEskow(denseMatrix(2, 2, Float64Array.of(0, 1, 1, 0)));
    expect(Array.from(F.added)).toEqual([F.raised, F.raised]);
    expect(F.raised).toBeCloseTo(1 + (2 * τ) / (1 - τ), 14);
    expect(schnabelEskow(denseMatrix(2, 2)).raised).toBeCloseTo(τBar, 20);
    expect(schnabelEskow(denseMatrix(0, 0)).raised).toBe(0);
    // A diagonal matrix: only its negative part is changed, to the amount of its lowest entry.
    const D = schnabelEskow(diagonalMatrix([4, -1, 2]));
    expect(D.added[0]).toBe(0);
    expect(D.added[1]).toBeGreaterThan(1);
    expect(D.added[1]).toBeLessThan(1.001);
  });

  it("stays near |λ_min| on the matrix that the paper was written for", () => {
    // Schnabel, Eskow 1999, §1: one eigenvalue of −0.378 in a matrix of norm 8e3, where their method of 1990 added far too much.
    const A = denseMatrix(
      4,
      4,
      Float64Array.of(
        1890.3,
        -1705.6,
        -315.8,
        3000.3,
        -1705.6,
        1538.3,
        284.9,
        -2706.6,
        -315.8,
        284.9,
        52.5,
        -501.2,
        3000.3,
        -2706.6,
        -501.2,
        4760.8,
      ),
    );
    const lowest = symmetricEigenvalues(A)[0];
    expect(lowest).toBeCloseTo(-0.3783, 3);
    expect(schnabelEskow(A).raised / -lowest).toBeLessThan(4);
  });

  it("reads the lower triangle only and refuses misuse", () => {
    const A = randomSymmetric(12);
    expect(schnabelEskow(map(A, (a, i, j) => (j > i ? Number.NaN : a)))).toEqual(schnabelEskow(symmetricPart(A)));
    expect(() => schnabelEskow(denseMatrix(2, 3))).toThrow(
      "schnabelEskow: argument `A` is 2 × 3; wanted a square matrix.",
    );
    expect(() => schnabelEskow(denseMatrix(1, 1, Float64Array.of(Number.NaN)))).toThrow(
      "schnabelEskow: argument `A` is NaN at (0, 0); wanted finite entries.",
    );
    const F = schnabelEskow(eye(2));
    expect(() => schnabelEskowSolveInto(new Float64Array(2), F, new Float64Array(3))).toThrow(
      "schnabelEskowSolveInto: argument `b` is of length 3; wanted length 2.",
    );
    expect(() => schnabelEskowSolveInto(new Float64Array(3), F, new Float64Array(2))).toThrow(
      "schnabelEskowSolveInto: argument `out` is of length 3; wanted length 2.",
    );
  });
});
