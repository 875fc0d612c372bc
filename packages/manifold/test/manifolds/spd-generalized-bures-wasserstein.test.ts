import { describe, expect, it } from "vitest";
import { spdAffineInvariant, spdBuresWasserstein, spdGeneralizedBuresWasserstein } from "../../src/index.js";
import { behavesLikeAManifold, illConditioned, lostAt, refusesBadMatrices, spdWith } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const notSymmetric = {
  spoil: (x: Float64Array) => {
    x[1] += 0.5 * Math.abs(x[0]!) + 1;
  },
  says: /not symmetric/,
};

describe("spdGeneralizedBuresWasserstein", () => {
  const metric = spdWith([0.5, 1, 3], 5);
  behavesLikeAManifold("3 × 3 with M", () => spdGeneralizedBuresWasserstein(3, { metric }), notSymmetric);
  behavesLikeAManifold(
    "3 × 3 with M and a power",
    () => spdGeneralizedBuresWasserstein(3, { metric, power: 0.7 }),
    notSymmetric,
  );
  behavesLikeAManifold("4 × 4 of power ½", () => spdGeneralizedBuresWasserstein(4, { power: 0.5 }), notSymmetric);
  behavesLikeAManifold("1 × 1", () => spdGeneralizedBuresWasserstein(1), {
    spoil: (x) => x.fill(-1),
    says: /least eigenvalue is -1/,
  });
  refusesBadMatrices(() => spdGeneralizedBuresWasserstein(3, { metric }));

  it("M = I is the plain metric; M = c I divides squared distances by c", () => {
    const B = spdBuresWasserstein(3);
    const random = seeded(2);
    const [P, Q] = [B.randomPoint(random), B.randomPoint(random)];
    const scaled = (c: number) => Float64Array.of(c, 0, 0, 0, c, 0, 0, 0, c);
    const d = B.dist(P, Q);
    expect(spdGeneralizedBuresWasserstein(3).dist(P, Q)).toBe(d);
    expect(spdGeneralizedBuresWasserstein(3, { metric: scaled(1) }).dist(P, Q)).toBeCloseTo(d, 14);
    expect(spdGeneralizedBuresWasserstein(3, { metric: scaled(4) }).dist(P, Q)).toBeCloseTo(d / 2, 13);
  });

  it("at P = M its inner product is ¼ of the affine-invariant one", () => {
    const [G, A] = [spdGeneralizedBuresWasserstein(3, { metric }), spdAffineInvariant(3)];
    const U = A.randomTangent(metric, seeded(3));
    expect(G.inner(metric, U, U)).toBeCloseTo(0.25, 13);
    const V = A.randomTangent(metric, seeded(4));
    expect(G.inner(metric, U, V)).toBeCloseTo(A.inner(metric, U, V) / 4, 13);
  });

  it("the inner product is ½ tr(U L) with P L M + M L P = U", () => {
    // All diagonal: L = U/(2pm).
    const [p, m, u] = [
      [2, 3],
      [5, 0.5],
      [0.7, -0.4],
    ] as const;
    const diagonal = (d: readonly number[]) => Float64Array.of(d[0]!, 0, 0, d[1]!);
    const G = spdGeneralizedBuresWasserstein(2, { metric: diagonal(m) });
    const expected = 0.5 * (u[0] ** 2 / (2 * p[0] * m[0]) + u[1] ** 2 / (2 * p[1] * m[1]));
    expect(G.inner(diagonal(p), diagonal(u), diagonal(u))).toBeCloseTo(expected, 15);
  });

  it("the power deformation: d(P, Q) = d_BW(P^α, Q^α)/α", () => {
    const [G, B] = [spdGeneralizedBuresWasserstein(2, { power: 2 }), spdBuresWasserstein(2)];
    const square = ([a, b, , d]: Float64Array) =>
      Float64Array.of(a! * a! + b! * b!, b! * (a! + d!), b! * (a! + d!), b! * b! + d! * d!);
    const [P, Q] = [Float64Array.of(3, 1, 1, 2), Float64Array.of(1, -0.5, -0.5, 4)];
    expect(G.dist(P, Q)).toBeCloseTo(B.dist(square(P), square(Q)) / 2, 12);
  });

  it("at κ = 1e10 five digits are left", () => {
    const M5 = spdGeneralizedBuresWasserstein(5, { metric: spdWith([0.5, 1, 2, 3, 4], 6) });
    for (const error of lostAt(M5, illConditioned()).values()) expect(error).toBeLessThan(1e-4);
  });

  it("refuses an M that isn't a symmetric positive definite matrix of the size, and powers out of range", () => {
    const make = (metric: Float64Array) => () => spdGeneralizedBuresWasserstein(2, { metric });
    expect(make(new Float64Array(3))).toThrow(
      /options\.metric` is a Float64Array of length 3; wanted a Float64Array of length n² = 4/,
    );
    expect(make(Float64Array.of(1, 0, 0, -1))).toThrow(/options\.metric` is not positive definite/);
    expect(make(Float64Array.of(1, 1, 0, 1))).toThrow(/not symmetric/);
    expect(make(Float64Array.of(Number.NaN, 0, 0, 1))).toThrow(/not finite/);
    expect(() => spdGeneralizedBuresWasserstein(2, { power: 0 })).toThrow(/a power other than 0/);
    expect(() => spdGeneralizedBuresWasserstein(2, { alpha: 1 } as never)).toThrow(/options\.alpha/);
  });
});
