import { describe, expect, it } from "vitest";
import { spdAlphaProcrustes, spdBuresWasserstein, spdLogEuclidean } from "../../src/index.js";
import { behavesLikeAManifold, illConditioned, lostAt, refusesBadMatrices } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const notSymmetric = {
  spoil: (x: Float64Array) => {
    x[1] += 0.5 * Math.abs(x[0]!) + 1;
  },
  says: /not symmetric/,
};

describe("spdAlphaProcrustes", () => {
  behavesLikeAManifold("3 × 3", () => spdAlphaProcrustes(3), notSymmetric);
  behavesLikeAManifold("4 × 4, α = 0.3", () => spdAlphaProcrustes(4, { alpha: 0.3 }), notSymmetric);
  behavesLikeAManifold("3 × 3, α = 1", () => spdAlphaProcrustes(3, { alpha: 1 }), notSymmetric);
  behavesLikeAManifold("1 × 1", () => spdAlphaProcrustes(1), {
    spoil: (x) => x.fill(-1),
    says: /least eigenvalue is -1/,
  });
  refusesBadMatrices(() => spdAlphaProcrustes(3));

  it("α = ½ is twice the Bures–Wasserstein distance", () => {
    const B = spdBuresWasserstein(3);
    const random = seeded(2);
    const [P, Q] = [B.randomPoint(random), B.randomPoint(random)];
    expect(spdAlphaProcrustes(3).dist(P, Q)).toBeCloseTo(2 * B.dist(P, Q), 12);
  });

  it("diagonal matrices: d² = Σ (p^α − q^α)²/α²", () => {
    const M = spdAlphaProcrustes(2, { alpha: 0.25 });
    expect(M.dist(Float64Array.of(1, 0, 0, 16), Float64Array.of(256, 0, 0, 81))).toBeCloseTo(4 * Math.hypot(3, 1), 12);
  });

  it("tends to the log-Euclidean metric as α → 0", () => {
    const L = spdLogEuclidean(3);
    const random = seeded(2);
    const [P, Q] = [L.randomPoint(random), L.randomPoint(random)];
    expect(spdAlphaProcrustes(3, { alpha: 1e-4 }).dist(P, Q)).toBeCloseTo(L.dist(P, Q), 3);
  });

  it("at κ = 1e10 four digits are left over 1e-3", () => {
    for (const alpha of [0.25, 0.5])
      for (const error of lostAt(spdAlphaProcrustes(5, { alpha }), illConditioned(), 1e-3).values())
        expect(error).toBeLessThan(1e-4);
  });

  it("refuses α out of range", () => {
    expect(() => spdAlphaProcrustes(2, { alpha: 0 })).toThrow(/options\.alpha` is 0; wanted a number > 0 and <= 2/);
    expect(() => spdAlphaProcrustes(2, { alpha: 3 })).toThrow(/is 3/);
    expect(() => spdAlphaProcrustes(0)).toThrow(/`n` is 0/);
  });
});
