import { describe, expect, it } from "vitest";
import { spdLogCholesky } from "../../src/index.js";
import { behavesLikeAManifold, illConditioned, lostAt, refusesBadMatrices } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const notSymmetric = {
  spoil: (x: Float64Array) => {
    x[1] += 0.5 * Math.abs(x[0]!) + 1;
  },
  says: /not symmetric/,
};

/** L Lᵀ of a lower triangle given as (a, b, c): [[a, 0], [b, c]]. */
const product = (a: number, b: number, c: number) => Float64Array.of(a * a, a * b, a * b, b * b + c * c);

describe("spdLogCholesky", () => {
  behavesLikeAManifold("3 × 3", () => spdLogCholesky(3), notSymmetric);
  behavesLikeAManifold("1 × 1", () => spdLogCholesky(1), { spoil: (x) => x.fill(-1), says: /least eigenvalue is -1/ });
  behavesLikeAManifold("12 × 12", () => spdLogCholesky(12), notSymmetric);
  refusesBadMatrices(() => spdLogCholesky(3));

  it("distance and geodesic by the factors: entries below the diagonal, logarithms on it", () => {
    const M = spdLogCholesky(2);
    const [P, Q] = [product(1, 2, Math.E), product(Math.E ** 2, 4, Math.E ** 2)];
    expect(M.dist(P, Q)).toBeCloseTo(3, 14);
    const middle = M.expInto(M.zero(), P, M.logInto(M.zero(), P, Q), 0.5);
    product(Math.E, 3, Math.E ** 1.5).forEach((value, k) => {
      expect(middle[k]).toBeCloseTo(value, 12);
    });
    expect(M.sectionalCurvature(P, P, Q)).toBe(0);
  });

  it("the determinant of the geodesic is the geometric interpolation: no swelling", () => {
    const M = spdLogCholesky(3);
    const random = seeded(4);
    const [P, Q] = [M.randomPoint(random), M.randomPoint(random)];
    const det = (A: Float64Array) =>
      A[0]! * (A[4]! * A[8]! - A[5]! * A[7]!) -
      A[1]! * (A[3]! * A[8]! - A[5]! * A[6]!) +
      A[2]! * (A[3]! * A[7]! - A[4]! * A[6]!);
    const middle = M.expInto(M.zero(), P, M.logInto(M.zero(), P, Q), 0.5);
    expect(det(middle) / Math.sqrt(det(P) * det(Q))).toBeCloseTo(1, 12);
  });

  it("at κ = 1e10 six digits are left of what compares neighbouring points", () => {
    const lost = lostAt(spdLogCholesky(5), illConditioned());
    expect([...lost.keys()]).not.toContain("exp(log(y)) = y");
    for (const error of lost.values()) expect(error).toBeLessThan(1e-5);
  });

  it("says what isn't positive definite, and refuses options", () => {
    const M = spdLogCholesky(2);
    const I = Float64Array.of(1, 0, 0, 1);
    const bad = Float64Array.of(1, 0, 0, -1);
    expect(() => M.logInto(M.zero(), I, bad)).toThrow(/spdLogCholesky\.logInto: argument `y` is not positive definite/);
    expect(() => M.dist(bad, I)).toThrow(/argument `x`/);
    expect(() => M.expInto(M.zero(), bad, I)).toThrow(/argument `x`/);
    expect(M.retractInto(M.zero(), bad, I).every(Number.isNaN)).toBe(true);
    expect(() => spdLogCholesky(0)).toThrow(/`n` is 0/);
    expect(() => spdLogCholesky(2, { x: 1 } as never)).toThrow(/options\.x/);
  });
});
