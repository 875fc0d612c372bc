import { describe, expect, it } from "vitest";
import { invariantMetric, metricKernels, spdAffineInvariant } from "../../src/index.js";
import { behavesLikeAManifold, illConditioned, lostAt, refusesBadMatrices, spdWith } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const notSymmetric = {
  spoil: (x: Float64Array) => {
    x[1] += 0.5 * Math.abs(x[0]!) + 1;
  },
  says: /not symmetric/,
};

describe("spdAffineInvariant", () => {
  behavesLikeAManifold("3 × 3", () => spdAffineInvariant(3), notSymmetric);
  behavesLikeAManifold("4 × 4, quadratic", () => spdAffineInvariant(4, { retraction: "quadratic" }), notSymmetric);
  behavesLikeAManifold("2 × 2", () => spdAffineInvariant(2), notSymmetric);
  behavesLikeAManifold("1 × 1", () => spdAffineInvariant(1), {
    spoil: (x) => x.fill(-1),
    says: /least eigenvalue is -1/,
  });
  behavesLikeAManifold("20 × 20", () => spdAffineInvariant(20), notSymmetric);
  refusesBadMatrices(() => spdAffineInvariant(3));

  it("diagonal matrices: the logarithms of the entries are coordinates", () => {
    const M = spdAffineInvariant(2);
    const [P, Q] = [Float64Array.of(1, 0, 0, Math.E), Float64Array.of(Math.E ** 3, 0, 0, Math.E ** 5)];
    expect(M.dist(P, Q)).toBeCloseTo(5, 14);
    const U = M.logInto(M.zero(), P, Q);
    expect(U[0]).toBeCloseTo(3, 14);
    expect(U[3]).toBeCloseTo(4 * Math.E, 13);
    const half = M.expInto(M.zero(), P, U, 0.5);
    expect(half[0]).toBeCloseTo(Math.E ** 1.5, 13);
    expect(half[3]).toBeCloseTo(Math.E ** 3, 13);
  });

  it("congruences and inversion are isometries", () => {
    const M = spdAffineInvariant(3);
    const random = seeded(4);
    const [P, Q] = [M.randomPoint(random), M.randomPoint(random)];
    const G = Array.from({ length: 9 }, () => random() - 0.5);
    const congruent = (X: Float64Array) => {
      const out = M.zero();
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++)
          for (let a = 0; a < 3; a++)
            for (let b = 0; b < 3; b++) out[3 * i + j] += G[3 * i + a]! * X[3 * a + b]! * G[3 * j + b]!;
      for (let i = 0; i < 3; i++) for (let j = 0; j < i; j++) out[3 * j + i] = out[3 * i + j]!;
      return out;
    };
    expect(M.dist(congruent(P), congruent(Q))).toBeCloseTo(M.dist(P, Q), 11);
  });

  it("curvature is −¼‖[U, V]‖² at the identity, −½ at least, and the same everywhere along a transport", () => {
    const M = spdAffineInvariant(2);
    const I = Float64Array.of(1, 0, 0, 1);
    const [U, V] = [
      Float64Array.of(Math.SQRT1_2, 0, 0, -Math.SQRT1_2),
      Float64Array.of(0, Math.SQRT1_2, Math.SQRT1_2, 0),
    ];
    expect(M.sectionalCurvature(I, U, V)).toBeCloseTo(-0.5, 14);
    expect(M.sectionalCurvature(I, I, V)).toBeCloseTo(0, 15);
    const P = M.randomPoint(seeded(5));
    const carry = (X: Float64Array) => M.transportInto(M.zero(), I, P, X);
    expect(M.sectionalCurvature(P, carry(U), carry(V))).toBeCloseTo(-0.5, 12);
    expect(() => M.sectionalCurvature(I, U, U)).toThrow(/a multiple of u/);
  });

  it("agrees with its kernel φ = dᵢdⱼ", () => {
    const M = spdAffineInvariant(4);
    const kernel = invariantMetric(4, metricKernels.affineInvariant);
    const random = seeded(6);
    const P = M.randomPoint(random);
    const [U, V] = [M.randomTangent(P, random), M.randomTangent(P, random)];
    expect(kernel.inner(P, U, V)).toBeCloseTo(M.inner(P, U, V), 12);
    const gradient = M.euclideanToRiemannianGradientInto(M.zero(), P, U);
    kernel.euclideanToRiemannianGradientInto(M.zero(), P, U).forEach((value, k) => {
      expect(value).toBeCloseTo(gradient[k]!, 10);
    });
  });

  it("at κ = 1e10 what compares neighbouring points loses κ ε, about six digits; exp∘log returns to the point all the same", () => {
    for (const retraction of ["exp", "quadratic"] as const) {
      const lost = lostAt(spdAffineInvariant(5, { retraction }), illConditioned());
      expect([...lost.keys()]).not.toContain("exp(log(y)) = y");
      expect([...lost.keys()]).not.toContain("the projection is idempotent");
      expect(lost.size).toBeGreaterThan(0);
      for (const error of lost.values()) expect(error).toBeLessThan(1e-5);
    }
  });

  it("distances between ill-conditioned diagonal matrices keep all digits", () => {
    const M = spdAffineInvariant(2);
    expect(M.dist(Float64Array.of(1e-5, 0, 0, 1e5), Float64Array.of(1e5, 0, 0, 1e-5))).toBeCloseTo(
      Math.SQRT2 * Math.log(1e10),
      12,
    );
  });

  it("says what is outside: of the quadratic retraction's range, of the positive definite matrices", () => {
    const M = spdAffineInvariant(2, { retraction: "quadratic" });
    const I = Float64Array.of(1, 0, 0, 1);
    expect(() => M.invRetractInto(M.zero(), I, Float64Array.of(0.4, 0, 0, 1))).toThrow(/not above P\/2.*4\.00e-1/);
    expect(() => M.logInto(M.zero(), I, Float64Array.of(1, 0, 0, -1))).toThrow(
      /spdAffineInvariant\.logInto: argument `y` is not positive definite/,
    );
    expect(() => M.dist(Float64Array.of(1, 0, 0, 0), I)).toThrow(/spdAffineInvariant\.dist: argument `x` is singular/);
    expect(() => M.expInto(M.zero(), spdWith([-1, 1], 2), I)).toThrow(/expInto/);
    expect(M.retractInto(M.zero(), Float64Array.of(1, 0, 0, -1), I).every(Number.isNaN)).toBe(true);
    expect(() => spdAffineInvariant(0)).toThrow(/spdAffineInvariant: argument `n` is 0/);
    expect(() => spdAffineInvariant(2, { retraction: "qr" as never })).toThrow(/wanted one of "exp", "quadratic"/);
  });
});
