import { describe, expect, it } from "vitest";
import { invariantMetric, metricKernels, spdAffineInvariant, spdLogEuclidean } from "../../src/index.js";
import { behavesLikeAManifold, illConditioned, lostAt, refusesBadMatrices } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const notSymmetric = {
  spoil: (x: Float64Array) => {
    x[1] += 0.5 * Math.abs(x[0]!) + 1;
  },
  says: /not symmetric/,
};

describe("spdLogEuclidean", () => {
  behavesLikeAManifold("3 × 3", () => spdLogEuclidean(3), notSymmetric);
  behavesLikeAManifold("1 × 1", () => spdLogEuclidean(1), { spoil: (x) => x.fill(-1), says: /least eigenvalue is -1/ });
  behavesLikeAManifold("18 × 18", () => spdLogEuclidean(18), notSymmetric);
  refusesBadMatrices(() => spdLogEuclidean(3));

  it("commuting matrices: the affine-invariant distance and geodesics", () => {
    const [M, A] = [spdLogEuclidean(2), spdAffineInvariant(2)];
    // Both with the eigenvectors (1, ±1)/√2.
    const [P, Q] = [Float64Array.of(3, 1, 1, 3), Float64Array.of(5, -2, -2, 5)];
    expect(M.dist(P, Q)).toBeCloseTo(A.dist(P, Q), 13);
    const [a, b] = [M.logInto(M.zero(), P, Q), A.logInto(A.zero(), P, Q)];
    a.forEach((value, k) => {
      expect(value).toBeCloseTo(b[k]!, 13);
    });
  });

  it("the geodesic is exp of the straight line of logarithms: symmetric under inversion", () => {
    const M = spdLogEuclidean(2);
    const [P, Q] = [Float64Array.of(2, 0, 0, 3), Float64Array.of(2, 1, 1, 2)];
    const inverse = ([a, b, c, d]: Float64Array) => {
      const det = a! * d! - b! * c!;
      return Float64Array.of(d! / det, -b! / det, -c! / det, a! / det);
    };
    expect(M.dist(inverse(P), inverse(Q))).toBeCloseTo(M.dist(P, Q), 13);
    const middle = M.expInto(M.zero(), P, M.logInto(M.zero(), P, Q), 0.5);
    // det is the geometric mean of the determinants.
    expect(middle[0]! * middle[3]! - middle[1]! ** 2).toBeCloseTo(Math.sqrt(6 * 3), 12);
    expect(M.sectionalCurvature!(P, P, Q)).toBe(0);
  });

  it("agrees with its kernel", () => {
    const M = spdLogEuclidean(4);
    const kernel = invariantMetric(4, metricKernels.logEuclidean);
    const random = seeded(6);
    const P = M.randomPoint(random);
    const [U, V] = [M.randomTangent(P, random), M.randomTangent(P, random)];
    expect(kernel.inner(P, U, V)).toBeCloseTo(M.inner(P, U, V), 12);
  });

  it("at κ = 1e10 about six digits are left of what needs P's eigenvectors", () => {
    const lost = lostAt(spdLogEuclidean(5), illConditioned());
    expect([...lost.keys()]).not.toContain("exp(log(y)) = y");
    for (const error of lost.values()) expect(error).toBeLessThan(1e-4);
  });

  it("refuses sizes and options", () => {
    expect(() => spdLogEuclidean(0)).toThrow(/spdLogEuclidean: argument `n` is 0/);
    expect(() => spdLogEuclidean(2, { power: 1 } as never)).toThrow(/options\.power/);
    const M = spdLogEuclidean(2);
    const I = Float64Array.of(1, 0, 0, 1);
    expect(() => M.dist(I, Float64Array.of(1, 0, 0, -1))).toThrow(/spdLogEuclidean\.dist: argument `y`/);
    expect(() => M.logInto(M.zero(), Float64Array.of(1, 0, 0, -1), I)).toThrow(/argument `x`/);
  });
});
