import { describe, expect, it } from "vitest";
import { euclidean, fixedRank, karcherMean, spdAffineInvariant, sphere, tangentPca } from "../../src/index.js";
import { seeded } from "../random.js";

describe("tangentPca", () => {
  it("finds the axes and variances of points on two orthogonal geodesics", () => {
    const M = spdAffineInvariant(3);
    const at = M.randomPoint(seeded(1));
    const u = M.randomTangent(at, seeded(2));
    const v = M.randomTangent(at, seeded(3));
    const along = M.inner(at, u, v);
    const w = v.map((vi, i) => vi - along * u[i]!);
    const size = M.norm(at, w);
    const points = [2, -2].map((t) => M.expInto(M.zero(), at, u, t));
    points.push(...[0.5, -0.5].map((t) => M.expInto(M.zero(), at, w, t / size)));
    const { components, variances, scores, totalVariance } = tangentPca(M, at, points);
    expect(variances.length).toBe(2);
    expect(variances[0]).toBeCloseTo(2, 12);
    expect(variances[1]).toBeCloseTo(0.125, 12);
    expect(totalVariance).toBeCloseTo(2.125, 12);
    expect(Math.abs(M.inner(at, components[0]!, u))).toBeCloseTo(1, 12);
    expect(M.inner(at, components[0]!, components[1]!)).toBeCloseTo(0, 12);
    expect(M.norm(at, components[1]!)).toBeCloseTo(1, 12);
    expect(Math.abs(scores[0]!)).toBeCloseTo(2, 12);
    expect(Math.abs(scores[1]!)).toBeLessThan(1e-12);
  });

  it("in Euclidean space is the PCA of the centred points", () => {
    const E = euclidean(2);
    const points = [
      [1, 1],
      [3, 3],
      [5, 5],
      [3, 3.5],
      [3, 2.5],
    ].map((p) => Float64Array.from(p));
    const mean = karcherMean(E, points).x;
    const { components, variances } = tangentPca(E, mean, points);
    expect(Math.abs(components[0]![0]!)).toBeCloseTo(Math.SQRT1_2, 1);
    // The covariance is [[8, 8], [8, 8.5]]/5.
    expect(variances[0]! + variances[1]!).toBeCloseTo(16.5 / 5, 12);
    expect(variances[0]! * variances[1]!).toBeCloseTo((8 * 8.5 - 64) / 25, 12);
    // Elsewhere than at the mean, `center` takes the average away first.
    const centred = tangentPca(E, Float64Array.of(-7, 9), points, { center: true });
    expect(centred.variances[0]).toBeCloseTo(variances[0]!, 11);
  });

  it("gives as many components as are asked for, with the variance of all", () => {
    const M = spdAffineInvariant(3);
    const random = seeded(4);
    const points = Array.from({ length: 20 }, () => M.randomPoint(random));
    const all = tangentPca(M, points[0]!, points);
    expect(all.components.length).toBe(6);
    const two = tangentPca(M, points[0]!, points, { components: 2 });
    expect(two.components.length).toBe(2);
    expect(two.scores.length).toBe(40);
    expect(two.totalVariance).toBeCloseTo(
      all.variances.reduce((s, v) => s + v, 0),
      10,
    );
    // All components give the logarithms back.
    const log = M.logInto(M.zero(), points[0]!, points[3]!);
    const back = M.zero();
    all.components.forEach((c, k) => {
      for (let i = 0; i < 9; i++) back[i] += all.scores[3 * 6 + k]! * c[i]!;
    });
    log.forEach((value, i) => {
      expect(back[i]).toBeCloseTo(value, 11);
    });
  });

  it("one point at itself: no component, no variance", () => {
    const S = sphere(3);
    const p = S.randomPoint(seeded(1));
    expect(tangentPca(S, p, [p])).toMatchObject({ components: [], totalVariance: 0 });
  });

  it("refuses what isn't there or doesn't fit", () => {
    const S = sphere(3);
    const p = S.randomPoint(seeded(1));
    expect(() => tangentPca(S, p, [])).toThrow(/tangentPca: argument `points`/);
    expect(() => tangentPca(S, Float64Array.of(1, 1, 1), [p])).toThrow(/`at` is off sphere/);
    expect(() => tangentPca(S, p, [Float64Array.of(2, 0, 0)])).toThrow(/`points\[0\]` is off/);
    expect(() => tangentPca(S, p, [p], { components: 1.5 })).toThrow(/options\.components` is 1.5/);
    expect(() => tangentPca(S, p, [p], { k: 1 } as never)).toThrow(/options\.k/);
    expect(() => tangentPca(fixedRank(2, 2, 1), new Float64Array(5), [p])).toThrow(/no logarithm/);
  });
});
