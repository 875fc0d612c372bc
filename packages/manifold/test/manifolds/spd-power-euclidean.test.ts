import { describe, expect, it } from "vitest";
import { invariantMetric, metricKernels, powerKernel, spdLogEuclidean, spdPowerEuclidean } from "../../src/index.js";
import { behavesLikeAManifold, illConditioned, lostAt, refusesBadMatrices } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const notSymmetric = {
  spoil: (x: Float64Array) => {
    x[1] += 0.5 * Math.abs(x[0]!) + 1;
  },
  says: /not symmetric/,
};

describe("spdPowerEuclidean", () => {
  for (const power of [0.5, 1, -1, 1.5])
    behavesLikeAManifold(`3 × 3, power ${power}`, () => spdPowerEuclidean(3, { power }), notSymmetric);
  behavesLikeAManifold("1 × 1", () => spdPowerEuclidean(1), {
    spoil: (x) => x.fill(-1),
    says: /least eigenvalue is -1/,
  });
  refusesBadMatrices(() => spdPowerEuclidean(3));

  it("diagonal matrices: d² = Σ (p^α − q^α)²/α²", () => {
    const M = spdPowerEuclidean(2, { power: 0.5 });
    expect(M.dist(Float64Array.of(1, 0, 0, 4), Float64Array.of(16, 0, 0, 36))).toBeCloseTo(2 * Math.hypot(3, 4), 13);
    const E = spdPowerEuclidean(2, { power: 1 });
    expect(E.dist(Float64Array.of(2, 1, 1, 2), Float64Array.of(2, -1, -1, 2))).toBeCloseTo(Math.sqrt(8), 13);
  });

  it("tends to the log-Euclidean metric as α → 0, with an error of O(α)", () => {
    const L = spdLogEuclidean(3);
    const random = seeded(2);
    const [P, Q] = [L.randomPoint(random), L.randomPoint(random)];
    const error = (power: number) => Math.abs(spdPowerEuclidean(3, { power }).dist(P, Q) - L.dist(P, Q));
    expect(error(1e-4)).toBeLessThan(1e-3);
    expect(error(1e-3) / error(1e-4)).toBeGreaterThan(8);
    expect(error(1e-3) / error(1e-4)).toBeLessThan(12);
  });

  it("agrees with the power deformation of the Euclidean kernel", () => {
    const M = spdPowerEuclidean(4, { power: 0.7 });
    const kernel = invariantMetric(4, powerKernel(metricKernels.euclidean, 0.7));
    const random = seeded(6);
    const P = M.randomPoint(random);
    const [U, V] = [M.randomTangent(P, random), M.randomTangent(P, random)];
    expect(kernel.inner(P, U, V)).toBeCloseTo(M.inner(P, U, V), 12);
  });

  it("geodesics that leave the positive definite matrices are refused, or NaN", () => {
    const M = spdPowerEuclidean(2, { power: 1 });
    const I = Float64Array.of(1, 0, 0, 1);
    const U = Float64Array.of(-1, 0, 0, 0);
    expect(M.expInto(M.zero(), I, U, 0.5)[0]).toBeCloseTo(0.5, 14);
    expect(() => M.expInto(M.zero(), I, U, 1.5)).toThrow(/longer than the geodesic, which leaves.*isn't complete/);
    expect(M.retractInto(M.zero(), I, U, 1.5).every(Number.isNaN)).toBe(true);
  });

  it("at κ = 1e10, α = ½, six digits are left", () => {
    for (const error of lostAt(spdPowerEuclidean(5), illConditioned()).values()) expect(error).toBeLessThan(1e-4);
  });

  it("refuses the power 0 and powers out of range", () => {
    expect(() => spdPowerEuclidean(2, { power: 0 })).toThrow(/is 0; wanted a power other than 0.*spdLogEuclidean/);
    expect(() => spdPowerEuclidean(2, { power: 5 })).toThrow(/options\.power` is 5/);
    expect(() => spdPowerEuclidean(0)).toThrow(/`n` is 0/);
  });
});
