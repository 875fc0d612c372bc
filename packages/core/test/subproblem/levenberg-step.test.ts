import {
  levenbergRadiusInto,
  levenbergSolveInto,
  prepareLevenberg,
  prepareShifted,
  secularWork,
  solveSecular,
} from "@hessia/core";
import {
  denseMatrix,
  multiplyTransposeVectorInto,
  multiplyVectorInto,
  norm2,
  symmetricProductInto,
} from "@hessia/core/linear";
import { describe, expect, it } from "vitest";

/** Numbers without pattern, the same each time. */
const rows = (m: number, n: number) =>
  denseMatrix(
    m,
    n,
    Float64Array.from({ length: m * n }, (_, k) => Math.sin(3 * k + 1) + Math.cos(k * k)),
  );
const right = (m: number) => Float64Array.from({ length: m }, (_, k) => Math.cos(5 * k) + 0.3);

describe("levenbergSolveInto", () => {
  for (const [m, n] of [
    [9, 4],
    [4, 4],
    [3, 7],
  ] as const)
    it(`solves (JᵀJ + λI) p = −Jᵀr, ${m} × ${n}`, () => {
      const J = rows(m, n);
      const r = right(m);
      const p = new Float64Array(n);
      const { norm, predicted } = levenbergSolveInto(p, prepareLevenberg(J), r, 0.25);
      const Jp = multiplyVectorInto(new Float64Array(m), J, p);
      const shifted = multiplyTransposeVectorInto(
        new Float64Array(n),
        J,
        Jp.map((a, i) => a + r[i]!),
      );
      for (let i = 0; i < n; i++) expect(shifted[i]! + 0.25 * p[i]!).toBeCloseTo(0, 12);
      expect(norm).toBeCloseTo(norm2(p), 13);
      const moved = norm2(Jp.map((a, i) => a + r[i]!));
      expect(predicted).toBeCloseTo(0.5 * (norm2(r) ** 2 - moved ** 2), 12);
    });

  it("solves without damping what has full rank, and leaves dependent columns unused", () => {
    // Columns a, 2a, b: the basic solution has one of the first two at 0, and fits as well as can be.
    const J = denseMatrix(3, 3, Float64Array.of(1, 2, 0, 1, 2, 1, 0, 0, 1));
    const p = new Float64Array(3);
    levenbergSolveInto(p, prepareLevenberg(J), Float64Array.of(-1, -2, -1), 0);
    expect(p[0]! + 2 * p[1]!).toBeCloseTo(1, 13);
    expect(p[2]).toBeCloseTo(1, 13);
    expect(p[0]! * p[1]!).toBe(0);
  });

  it("refuses a negative damping", () => {
    expect(() => levenbergSolveInto(new Float64Array(1), prepareLevenberg(rows(1, 1)), right(1), -1)).toThrow("lambda");
  });
});

describe("levenbergRadiusInto", () => {
  it("is the Gauss–Newton step inside of the ball, and on its boundary agrees with the secular equation of JᵀJ", () => {
    const [m, n] = [9, 5];
    const J = rows(m, n);
    const r = right(m);
    const free = new Float64Array(n);
    const F = prepareLevenberg(J);
    const { norm } = levenbergSolveInto(free, F, r, 0);
    const p = new Float64Array(n);
    expect(levenbergRadiusInto(p, F, r, 1.01 * norm).lambda).toBe(0);
    expect(p).toEqual(free);
    const H = prepareShifted(symmetricProductInto(denseMatrix(n, n), J));
    const g = multiplyTransposeVectorInto(new Float64Array(n), J, r);
    for (const fraction of [0.5, 0.1, 1e-3]) {
      const step = levenbergRadiusInto(p, F, r, fraction * norm, 0);
      expect(Math.abs(step.norm / (fraction * norm) - 1)).toBeLessThan(0.1001);
      const other = new Float64Array(n);
      const exact = solveSecular(other, H, g, { kind: "radius", radius: step.norm }, secularWork(n));
      expect(exact.sigma).toBeCloseTo(step.lambda, 6);
      for (let i = 0; i < n; i++) expect(p[i]).toBeCloseTo(other[i]!, 9);
      // A hint leads to the boundary too.
      expect(Math.abs(levenbergRadiusInto(p, F, r, fraction * norm, 1e3).norm / (fraction * norm) - 1)).toBeLessThan(
        0.1001,
      );
    }
  });

  it("serves wide and rank-deficient matrices", () => {
    const J = rows(3, 6);
    const r = right(3);
    const p = new Float64Array(6);
    const F = prepareLevenberg(J);
    const free = levenbergSolveInto(p, F, r, 0).norm;
    const { norm } = levenbergRadiusInto(p, F, r, 0.2 * free);
    expect(norm).toBeLessThanOrEqual(0.2201 * free);
    const zero = prepareLevenberg(denseMatrix(3, 2));
    expect(levenbergRadiusInto(new Float64Array(2), zero, r, 1)).toMatchObject({ norm: 0, predicted: 0 });
  });
});
