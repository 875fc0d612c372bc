import { describe, expect, it } from "vitest";
import { logarithm, powerMap, secondDifference } from "../../src/support/kernel-metric.js";
import { exponentialInto, newExponentialWork } from "../../src/support/matrix-exponential.js";
import { newThinSvd, thinSvdInto } from "../../src/support/thin-svd.js";
import { seeded } from "../random.js";

describe("divided differences", () => {
  it("of x², x³ and 1/x are polynomials and products that are known, at all distances of their arguments", () => {
    const [square, cube, inverse] = [powerMap(2), powerMap(3), powerMap(-1)];
    for (const spread of [1, 0.3, 0.03, 1e-3, 1e-6, 1e-10, 0]) {
      const [x, y, z] = [2, 2 * (1 + spread), 2 * (1 - 0.5 * spread)];
      expect(square.first(x, y)).toBeCloseTo(x + y, 12);
      expect(secondDifference(square, x, y, z)).toBeCloseTo(1, 11);
      expect(secondDifference(cube, x, y, z)).toBeCloseTo(x + y + z, 10);
      expect(secondDifference(inverse, x, y, z) * x * y * z).toBeCloseTo(1, 11);
      expect(secondDifference(inverse, z, x, y)).toBeCloseTo(secondDifference(inverse, x, y, z), 13);
    }
  });

  it("of the logarithm: f[x, x] = 1/x, f[x, x, x] = −1/(2x²), f[1, e] = 1/(e − 1)", () => {
    expect(logarithm.first(3, 3)).toBe(1 / 3);
    expect(logarithm.first(1, Math.E)).toBeCloseTo(1 / (Math.E - 1), 15);
    expect(logarithm.first(1, 1 + 1e-9)).toBeCloseTo(1 - 0.5e-9, 15);
    expect(secondDifference(logarithm, 2, 2, 2)).toBeCloseTo(-1 / 8, 14);
    expect(secondDifference(logarithm, 1e-8, 1, 1)).toBeCloseTo((logarithm.first(1e-8, 1) - 1) / (1e-8 - 1), 7);
  });
});

describe("matrix exponential", () => {
  it("of a nilpotent matrix, of a rotation by 100 radians, of what isn't finite", () => {
    const work = newExponentialWork(2);
    expect([...exponentialInto(new Float64Array(4), work, Float64Array.of(0, 5, 0, 0))]).toEqual([1, 5, 0, 1]);
    const turned = exponentialInto(new Float64Array(4), work, Float64Array.of(0, -100, 100, 0));
    expect(turned[0]).toBeCloseTo(Math.cos(100), 12);
    expect(turned[2]).toBeCloseTo(Math.sin(100), 12);
    expect(exponentialInto(new Float64Array(4), work, Float64Array.of(Number.NaN, 0, 0, 0)).every(Number.isNaN)).toBe(
      true,
    );
    const big = exponentialInto(new Float64Array(4), work, Float64Array.of(3, 0, 0, -700));
    expect(big[0]! / Math.E ** 3).toBeCloseTo(1, 12);
  });
});

describe("thin singular value decomposition", () => {
  it("gives back A with orthonormal factors, also of deficient rank and beyond the small sizes", () => {
    const random = seeded(2);
    for (const [m, p, rank] of [
      [5, 3, 3],
      [5, 3, 1],
      [4, 4, 2],
      [3, 1, 0],
      [40, 30, 30],
    ] as const) {
      const A = new Float64Array(m * p);
      for (let k = 0; k < rank; k++) {
        const [a, b] = [
          Array.from({ length: m }, () => random() - 0.5),
          Array.from({ length: p }, () => random() - 0.5),
        ];
        for (let i = 0; i < m; i++) for (let j = 0; j < p; j++) A[i * p + j] += a[i]! * b[j]!;
      }
      const { U, values, V } = thinSvdInto(newThinSvd(m, p), A);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < p; j++) {
          let sum = 0;
          for (let k = 0; k < p; k++) sum += U[i * p + k]! * values[k]! * V[j * p + k]!;
          expect(sum).toBeCloseTo(A[i * p + j]!, 13);
        }
      for (let a = 0; a < p; a++)
        for (let b = 0; b < p; b++) {
          let [uu, vv] = [0, 0];
          for (let i = 0; i < m; i++) uu += U[i * p + a]! * U[i * p + b]!;
          for (let i = 0; i < p; i++) vv += V[i * p + a]! * V[i * p + b]!;
          expect(uu).toBeCloseTo(a === b ? 1 : 0, 13);
          expect(vv).toBeCloseTo(a === b ? 1 : 0, 13);
        }
      for (let k = 1; k < p; k++) expect(values[k]).toBeLessThanOrEqual(values[k - 1]!);
    }
    expect(thinSvdInto(newThinSvd(2, 1), Float64Array.of(Number.NaN, 1)).values[0]).toBeNaN();
  });
});
