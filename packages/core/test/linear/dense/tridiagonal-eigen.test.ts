import { describe, expect, it } from "vitest";
import type { TridiagonalEntries } from "../../../src/linear/dense/tridiagonal.js";
import {
  countBelow,
  tridiagonalEigenvalues,
  tridiagonalEigenvector,
  tridiagonalLowestEigenvalue,
} from "../../../src/linear/dense/tridiagonal-eigen.js";
import { randomVector, secondDifferenceEigenvalues } from "../dense-for-tests.js";

const ε = Number.EPSILON;
const second = (n: number, factor = 1, shift = 0): TridiagonalEntries => ({
  n,
  diagonal: new Float64Array(n).fill(2 * factor + shift),
  offDiagonal: new Float64Array(Math.max(0, n - 1)).fill(-factor),
});
const wilkinson = (n: number): TridiagonalEntries => ({
  n,
  diagonal: Float64Array.from({ length: n }, (_, i) => Math.abs(i - (n - 1) / 2)),
  offDiagonal: new Float64Array(n - 1).fill(1),
});
const diagonal = (d: number[]): TridiagonalEntries => ({
  n: d.length,
  diagonal: Float64Array.from(d),
  offDiagonal: new Float64Array(Math.max(0, d.length - 1)),
});

/** ‖T v − λ v‖∞ in units of ε max|T|. */
function residual({ n, diagonal: d, offDiagonal: e }: TridiagonalEntries, lambda: number, v: Float64Array): number {
  let worst = 0;
  let top = 0;
  for (let i = 0; i < n; i++) {
    let sum = (d[i] - lambda) * v[i];
    if (i > 0) sum += e[i - 1] * v[i - 1];
    if (i + 1 < n) sum += e[i] * v[i + 1];
    worst = Math.max(worst, Math.abs(sum));
    top = Math.max(top, Math.abs(d[i]), i + 1 < n ? Math.abs(e[i]) : 0);
  }
  return worst / (ε * (top || 1));
}

describe("countBelow", () => {
  it("counts between the known eigenvalues of the second difference matrix", () => {
    for (const factor of [1, 1e-170, 1e170, 1e-300, 1e300]) {
      const values = secondDifferenceEigenvalues(20);
      const T = second(20, factor);
      expect(countBelow(T, 0)).toBe(0);
      values.forEach((value, k) => {
        const above = k + 1 < 20 ? values[k + 1] : 5;
        expect(countBelow(T, 0.5 * (value + above) * factor)).toBe(k + 1);
      });
    }
  });

  it("survives zero pivots", () => {
    // Eigenvalues −√2, 0, √2: the first pivot of T − 0 is zero.
    const T: TridiagonalEntries = { n: 3, diagonal: new Float64Array(3), offDiagonal: Float64Array.of(1, 1) };
    expect(countBelow(T, 0.5)).toBe(2);
    expect(countBelow(T, 0)).toBeGreaterThanOrEqual(1);
    expect(countBelow(T, 0)).toBeLessThanOrEqual(2);
    expect(countBelow(diagonal([0, -1, 1, 0]), 0.5)).toBe(3);
    expect(countBelow(diagonal([]), 0)).toBe(0);
  });
});

describe("tridiagonalLowestEigenvalue", () => {
  it("is exact to a few ε of the largest entry", () => {
    for (const factor of [1, 1e-150, 1e150]) {
      for (const n of [1, 2, 3, 21, 150, 1000]) {
        const wanted = secondDifferenceEigenvalues(n)[0] * factor;
        expect(Math.abs(tridiagonalLowestEigenvalue(second(n, factor)) - wanted)).toBeLessThan(4 * ε * factor);
        expect(
          Math.abs(tridiagonalLowestEigenvalue(second(n, factor, -3 * factor)) - (wanted - 3 * factor)),
        ).toBeLessThan(8 * ε * factor);
      }
    }
  });

  it("answers the diagonal of a diagonal matrix, to the last bit, a tiny one beside a large one too", () => {
    expect(tridiagonalLowestEigenvalue(diagonal([3]))).toBe(3);
    expect(tridiagonalLowestEigenvalue(diagonal([0, 0]))).toBe(0);
    expect(tridiagonalLowestEigenvalue(diagonal([5, -7.25, 3]))).toBe(-7.25);
    expect(Math.abs(tridiagonalLowestEigenvalue(diagonal([1, 3e-20])) / 3e-20 - 1)).toBeLessThan(1e-9);
    expect(tridiagonalLowestEigenvalue(diagonal([]))).toBeNaN();
    expect(tridiagonalLowestEigenvalue(diagonal([1, Number.NaN]))).toBeNaN();
  });
});

describe("tridiagonalEigenvalues", () => {
  it("knows the second difference matrix", () => {
    for (const factor of [1, 1e-150, 1e150, 1e300]) {
      for (const n of [0, 1, 2, 3, 40, 150]) {
        const wanted = secondDifferenceEigenvalues(n);
        tridiagonalEigenvalues(second(n, factor)).forEach((value, k) => {
          expect(Math.abs(value / factor - wanted[k])).toBeLessThan(10 * ε * Math.sqrt(n + 1));
        });
      }
    }
  });

  it("knows the close pairs of Wilkinson's W21+", () => {
    const values = tridiagonalEigenvalues(wilkinson(21));
    // Wilkinson 1965, "The Algebraic Eigenvalue Problem", p. 309: the largest pair, equal to 14 digits and yet two.
    expect(Math.abs(values[20] - 10.746194182903393)).toBeLessThan(20 * ε * 10);
    expect(Math.abs(values[19] - 10.746194182903322)).toBeLessThan(20 * ε * 10);
    expect(values[0]).toBeCloseTo(-1.125441522119985, 13);
    // Bisection, an algorithm of its own, counts the same.
    values.forEach((value, k) => {
      expect(countBelow(wilkinson(21), value - 1e-13)).toBeLessThanOrEqual(k);
      expect(countBelow(wilkinson(21), value + 1e-13)).toBeGreaterThan(k);
    });
  });

  it("agrees with Sturm counts on random and graded matrices", () => {
    const n = 60;
    for (const power of [0, -12, 12]) {
      const grade = (i: number) => 10 ** ((power * i) / n);
      const T = {
        n,
        diagonal: randomVector(n, 1).map((t, i) => t * grade(i)),
        offDiagonal: randomVector(n - 1, 2).map((t, i) => t * grade(i + 0.5)),
      };
      const room = 20 * ε * Math.max(1, grade(n));
      const values = tridiagonalEigenvalues(T);
      values.forEach((value, k) => {
        expect(countBelow(T, value - room)).toBeLessThanOrEqual(k);
        expect(countBelow(T, value + room)).toBeGreaterThan(k);
      });
      expect(Math.abs(values[0] - tridiagonalLowestEigenvalue(T))).toBeLessThan(room);
    }
  });

  it("refuses what isn't finite", () => {
    expect(() => tridiagonalEigenvalues(diagonal([Number.NaN]))).toThrow(
      "tridiagonalEigenvalues: argument `T` is not finite; wanted finite entries.",
    );
  });
});

describe("tridiagonalEigenvector", () => {
  const cases: [string, TridiagonalEntries][] = [
    ["second difference", second(100)],
    ["of order 1", second(1)],
    ["of order 2", second(2)],
    ["tiny", second(50, 1e-150)],
    ["huge", second(50, 1e150)],
    ["extreme", second(50, 1e300)],
    ["Wilkinson", wilkinson(21)],
    ["diagonal", diagonal([3, 1, 2, 1])],
    ["zero", diagonal([0, 0, 0])],
    ["random", { n: 80, diagonal: randomVector(80, 4), offDiagonal: randomVector(79, 5) }],
    [
      "nearly split",
      {
        n: 80,
        diagonal: randomVector(80, 4),
        offDiagonal: randomVector(79, 5).map((t, i) => (i % 7 === 0 ? 1e-18 * t : t)),
      },
    ],
    [
      "graded",
      {
        n: 60,
        diagonal: randomVector(60, 4).map((t, i) => t * 10 ** (-i / 5)),
        offDiagonal: randomVector(59, 5).map((t, i) => t * 10 ** (-i / 5)),
      },
    ],
  ];

  it.each(cases)("is a unit vector with a residual of a few ε: %s", (_, T) => {
    for (const lambda of [tridiagonalLowestEigenvalue(T), ...tridiagonalEigenvalues(T)]) {
      const v = tridiagonalEigenvector(new Float64Array(T.n), T, lambda);
      expect(Math.abs(v.reduce((sum, x) => sum + x * x, 0) - 1)).toBeLessThan(8 * ε);
      expect(residual(T, lambda, v)).toBeLessThan(20 + T.n);
    }
  });

  it("is the sine wave for the second difference matrix", () => {
    const n = 30;
    secondDifferenceEigenvalues(n).forEach((lambda, k) => {
      const v = tridiagonalEigenvector(new Float64Array(n), second(n), lambda);
      const wave = v.map((_, i) => Math.sqrt(2 / (n + 1)) * Math.sin(((k + 1) * (i + 1) * Math.PI) / (n + 1)));
      const sign = Math.sign(v.reduce((sum, x, i) => sum + x * wave[i], 0));
      // The gap between neighbours is above 0.01.
      v.forEach((x, i) => {
        expect(Math.abs(x - sign * wave[i])).toBeLessThan(100 * 20 * ε);
      });
    });
  });

  it("is the same each time, and refuses a length that doesn't fit", () => {
    const T = wilkinson(21);
    const v = tridiagonalEigenvector(new Float64Array(21), T, 10.746194182903393);
    expect(tridiagonalEigenvector(new Float64Array(21).fill(3), T, 10.746194182903393)).toEqual(v);
    expect(() => tridiagonalEigenvector(new Float64Array(2), T, 0)).toThrow(
      "tridiagonalEigenvector: argument `out` is of length 2; wanted length 21.",
    );
  });
});
