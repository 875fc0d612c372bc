import { describe, expect, it } from "vitest";
import type { TridiagonalEntries } from "../../../src/linear/dense/tridiagonal.js";
import {
  shiftedTridiagonalFactorizeInto,
  shiftedTridiagonalSolveInto,
  tridiagonalFactor,
  tridiagonalLu,
  tridiagonalLuSolveInto,
} from "../../../src/linear/dense/tridiagonal-solve.js";
import { denseMatrix } from "../../../src/linear/matrix.js";
import { map, randomVector, solveError } from "../dense-for-tests.js";

const whole = ({ n, diagonal, offDiagonal }: TridiagonalEntries, shift: number) =>
  map(denseMatrix(n, n), (_, i, j) =>
    i === j ? diagonal[i] + shift : Math.abs(i - j) === 1 ? offDiagonal[Math.min(i, j)] : 0,
  );
const second = (n: number, factor = 1): TridiagonalEntries => ({
  n,
  diagonal: new Float64Array(n).fill(2 * factor),
  offDiagonal: new Float64Array(Math.max(0, n - 1)).fill(-factor),
});
const randomT = (n: number, seed: number): TridiagonalEntries => ({
  n,
  diagonal: randomVector(n, seed),
  offDiagonal: randomVector(Math.max(0, n - 1), seed + 1),
});

describe("the shifted positive definite factorization", () => {
  it("solves (T + σI) x = b, also in place", () => {
    for (const n of [0, 1, 2, 3, 50, 150]) {
      for (const factor of [1, 1e-150, 1e150]) {
        for (const sigma of [0, 0.5 * factor, 1e6 * factor]) {
          const T = second(n, factor);
          const F = tridiagonalFactor(n);
          expect(shiftedTridiagonalFactorizeInto(F, T, sigma)).toBe(true);
          const b = randomVector(n);
          const x = shiftedTridiagonalSolveInto(new Float64Array(n), F, b);
          expect(solveError(whole(T, sigma), x, b)).toBeLessThan(4);
          const same = b.slice();
          expect(shiftedTridiagonalSolveInto(same, F, same)).toBe(same);
          expect(same).toEqual(x);
        }
      }
    }
  });

  it("tells definite from indefinite next to the lowest eigenvalue", () => {
    for (const n of [1, 2, 10, 100]) {
      const lowest = 4 * Math.sin(Math.PI / (2 * (n + 1))) ** 2;
      const F = tridiagonalFactor(n);
      expect(shiftedTridiagonalFactorizeInto(F, second(n), -lowest + 1e-13)).toBe(true);
      expect(shiftedTridiagonalFactorizeInto(F, second(n), -lowest - 1e-13)).toBe(false);
      expect(shiftedTridiagonalFactorizeInto(F, second(n), Number.NaN)).toBe(false);
      expect(shiftedTridiagonalFactorizeInto(F, second(n), Number.POSITIVE_INFINITY)).toBe(false);
    }
  });

  it("refuses sizes that don't fit", () => {
    const F = tridiagonalFactor(3);
    expect(() => shiftedTridiagonalFactorizeInto(F, second(4), 0)).toThrow(
      "shiftedTridiagonalFactorizeInto: argument `factor` is of size 3; wanted size 4.",
    );
    expect(() => shiftedTridiagonalSolveInto(new Float64Array(3), F, new Float64Array(2))).toThrow(
      "shiftedTridiagonalSolveInto: argument `b` is of length 2; wanted length 3.",
    );
    expect(() => shiftedTridiagonalSolveInto(new Float64Array(2), F, new Float64Array(3))).toThrow(
      "shiftedTridiagonalSolveInto: argument `out` is of length 2; wanted length 3.",
    );
  });
});

describe("the pivoted factorization", () => {
  it("solves indefinite systems, with zeros on the diagonal too", () => {
    for (const n of [0, 1, 2, 3, 4, 33, 150]) {
      for (const factor of [1, 1e-150, 1e150]) {
        for (const zeroDiagonal of [false, true]) {
          // With a zero diagonal an odd order would be singular.
          if (zeroDiagonal && n % 2 === 1) continue;
          const { diagonal, offDiagonal } = randomT(n, 3);
          const T = {
            n,
            diagonal: diagonal.map((t) => (zeroDiagonal ? 0 : factor * t)),
            offDiagonal: offDiagonal.map((t) => factor * t),
          };
          const F = structuredClone(tridiagonalLu(T));
          expect(F.singularAt).toBe(-1);
          const b = randomVector(n);
          const x = tridiagonalLuSolveInto(new Float64Array(n), F, b);
          expect(solveError(whole(T, 0), x, b)).toBeLessThan(4);
          const same = b.slice();
          tridiagonalLuSolveInto(same, F, same);
          expect(same).toEqual(x);
        }
      }
    }
  });

  it("takes the shift away", () => {
    const T = randomT(40, 5);
    const b = randomVector(40);
    expect(
      solveError(whole(T, -0.3), tridiagonalLuSolveInto(new Float64Array(40), tridiagonalLu(T, 0.3), b), b),
    ).toBeLessThan(2);
  });

  it("reports a singular matrix", () => {
    const path: TridiagonalEntries = { n: 3, diagonal: Float64Array.of(0, 0, 0), offDiagonal: Float64Array.of(1, 1) };
    expect(tridiagonalLu(path).singularAt).toBe(2);
    expect(
      tridiagonalLu({ n: 2, diagonal: Float64Array.of(1, 1), offDiagonal: Float64Array.of(0) }, 1).singularAt,
    ).toBe(0);
  });

  it("refuses lengths that don't fit", () => {
    const F = tridiagonalLu(second(3));
    expect(() => tridiagonalLuSolveInto(new Float64Array(3), F, new Float64Array(2))).toThrow(
      "tridiagonalLuSolveInto: argument `b` is of length 2; wanted length 3.",
    );
    expect(() => tridiagonalLuSolveInto(new Float64Array(2), F, new Float64Array(3))).toThrow(
      "tridiagonalLuSolveInto: argument `out` is of length 2; wanted length 3.",
    );
  });
});
