import { describe, expect, it } from "vitest";
import { invariantMetric, metricKernels, spdBuresWasserstein } from "../../src/index.js";
import { behavesLikeAManifold, illConditioned, lostAt, refusesBadMatrices, spdWith } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const notSymmetric = {
  spoil: (x: Float64Array) => {
    x[1] += 0.5 * Math.abs(x[0]!) + 1;
  },
  says: /not symmetric/,
};

describe("spdBuresWasserstein", () => {
  behavesLikeAManifold("3 × 3", () => spdBuresWasserstein(3), notSymmetric);
  behavesLikeAManifold("4 × 4, congruence", () => spdBuresWasserstein(4, { retraction: "congruence" }), notSymmetric);
  behavesLikeAManifold("1 × 1", () => spdBuresWasserstein(1), {
    spoil: (x) => x.fill(-1),
    says: /least eigenvalue is -1/,
  });
  behavesLikeAManifold("18 × 18", () => spdBuresWasserstein(18), notSymmetric);
  refusesBadMatrices(() => spdBuresWasserstein(3));

  it("diagonal matrices: d² = Σ (√p − √q)², geodesics interpolate the roots", () => {
    const M = spdBuresWasserstein(2);
    const [P, Q] = [Float64Array.of(1, 0, 0, 4), Float64Array.of(16, 0, 0, 36)];
    expect(M.dist(P, Q)).toBeCloseTo(5, 14);
    const middle = M.expInto(M.zero(), P, M.logInto(M.zero(), P, Q), 0.5);
    expect(middle[0]).toBeCloseTo(2.5 ** 2, 13);
    expect(middle[3]).toBeCloseTo(16, 13);
  });

  it("2 × 2: d² by the closed form of tr (P^½QP^½)^½ = (tr PQ + 2 (det PQ)^½)^½", () => {
    const M = spdBuresWasserstein(2);
    const [P, Q] = [Float64Array.of(3, 1, 1, 2), Float64Array.of(1, -0.5, -0.5, 4)];
    const trace = 3 * 1 - 0.5 - 0.5 + 2 * 4;
    const root = Math.sqrt(trace + 2 * Math.sqrt(5 * 3.75));
    expect(M.dist(P, Q) ** 2).toBeCloseTo(5 + 5 - 2 * root, 12);
  });

  it("transport: the closed form of commuting matrices and the differential equation agree", () => {
    const M = spdBuresWasserstein(3);
    const [P, Q] = [spdWith([1, 2, 5], 3), spdWith([4, 1, 0.5], 3)];
    const U = M.randomTangent(P, seeded(4));
    const closed = M.transportInto(M.zero(), P, Q, U);
    // A hair off commuting: the equation is integrated.
    const R = Q.slice();
    R[0] += 1e-9;
    const integrated = M.transportInto(M.zero(), P, R, U);
    closed.forEach((value, k) => {
      expect(integrated[k]).toBeCloseTo(value, 7);
    });
    expect(M.inner(Q, closed, closed)).toBeCloseTo(M.inner(P, U, U), 13);
  });

  it("transport over a long way keeps inner products to 1e-10", () => {
    const M = spdBuresWasserstein(4);
    const [P, Q] = [spdWith([0.01, 0.3, 5, 40], 3), spdWith([20, 1, 0.5, 0.02], 8)];
    const [U, V] = [M.randomTangent(P, seeded(4)), M.randomTangent(P, seeded(5))];
    const carry = (X: Float64Array) => M.transportInto(M.zero(), P, Q, X);
    expect(M.inner(Q, carry(U), carry(V))).toBeCloseTo(M.inner(P, U, V), 10);
    expect(M.inner(Q, carry(U), carry(U))).toBeCloseTo(1, 10);
  });

  it("equal matrices have distance 0 and small ones keep their digits", () => {
    const M = spdBuresWasserstein(2);
    const P = Float64Array.of(2, 1, 1, 3);
    expect(M.dist(P, P)).toBeLessThan(1e-15);
    const U = M.randomTangent(P, seeded(2));
    expect(M.dist(P, M.expInto(M.zero(), P, U, 1e-7)) / 1e-7).toBeCloseTo(1, 7);
  });

  it("agrees with its kernel φ = 2(dᵢ + dⱼ)", () => {
    const M = spdBuresWasserstein(4);
    const kernel = invariantMetric(4, metricKernels.buresWasserstein);
    const random = seeded(6);
    const P = M.randomPoint(random);
    const [U, V] = [M.randomTangent(P, random), M.randomTangent(P, random)];
    expect(kernel.inner(P, U, V)).toBeCloseTo(M.inner(P, U, V), 12);
  });

  it("outside of its domain exp is refused, and NaN as a retraction; the congruence goes on", () => {
    const M = spdBuresWasserstein(2);
    const I = Float64Array.of(1, 0, 0, 1);
    const U = Float64Array.of(-2, 0, 0, 0);
    // L = U/2: I + tL is positive definite for t < 1.
    expect(M.expInto(M.zero(), I, U, 0.5)[0]).toBeCloseTo(0.25, 14);
    expect(() => M.expInto(M.zero(), I, U, 1.5)).toThrow(
      /outside of the domain of exp: I \+ L isn't positive definite.*isn't complete/,
    );
    expect(M.retractInto(M.zero(), I, U, 1.5).every(Number.isNaN)).toBe(true);
    const C = spdBuresWasserstein(2, { retraction: "congruence" });
    expect(C.retractInto(C.zero(), I, U, 1.5)[0]).toBeCloseTo(0.25, 14);
    expect(() => M.dist(I, Float64Array.of(1, 0, 0, -1))).toThrow(/spdBuresWasserstein\.dist: argument `y`/);
    expect(() => M.logInto(M.zero(), Float64Array.of(0, 0, 0, 1), I)).toThrow(/argument `x` is singular/);
  });

  it("at κ = 1e10 exp∘log returns to the point; norms and transports keep five digits over 1e-3", () => {
    const lost = lostAt(spdBuresWasserstein(5), illConditioned(), 1e-3);
    expect([...lost.keys()]).not.toContain("exp(log(y)) = y");
    for (const error of lost.values()) expect(error).toBeLessThan(1e-5);
  });

  it("and at the end of exp's domain, where the far point is nearly singular, the transport keeps one digit, the rest four", () => {
    const lost = lostAt(spdBuresWasserstein(5), illConditioned());
    expect([...lost.keys()]).not.toContain("exp(log(y)) = y");
    for (const [identity, error] of lost) expect(error).toBeLessThan(identity.includes("inner products") ? 0.1 : 1e-3);
  });

  it("distances of ill-conditioned matrices keep their digits: nothing cancels", () => {
    const M = spdBuresWasserstein(2);
    const d = M.dist(Float64Array.of(1e-10, 0, 0, 1), Float64Array.of(4e-10, 0, 0, 1));
    expect(d / 1e-5).toBeCloseTo(1, 9);
  });

  it("refuses sizes and options", () => {
    expect(() => spdBuresWasserstein(0)).toThrow(/`n` is 0/);
    expect(() => spdBuresWasserstein(2, { retraction: "qr" as never })).toThrow(/wanted one of "exp", "congruence"/);
  });
});
