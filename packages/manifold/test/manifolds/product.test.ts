import { describe, expect, expectTypeOf, it } from "vitest";
import {
  euclidean,
  fixedRank,
  type GeodesicManifold,
  grassmann,
  product,
  spdAffineInvariant,
  spdBuresWasserstein,
  specialOrthogonal,
  sphere,
  stiefel,
} from "../../src/index.js";
import { behavesLikeAManifold } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const first = {
  spoil: (x: Float64Array) => {
    for (let i = 0; i < x.length; i++) x[i] *= 1.5;
  },
  says: / by |in part/,
};

describe("product", () => {
  behavesLikeAManifold("sphere × SPD × ℝ²", () => product(sphere(3), spdAffineInvariant(2), euclidean(2)), first);
  behavesLikeAManifold("Grassmann × fixed rank", () => product(grassmann(4, 2), fixedRank(4, 3, 2)), first);
  behavesLikeAManifold("SO(3) × Stiefel", () => product(specialOrthogonal(3), stiefel(4, 2)), first);
  behavesLikeAManifold("one part", () => product(sphere(2)), first);

  it("squared distances and inner products add; the parts are there as views", () => {
    const [S, P] = [sphere(3), spdBuresWasserstein(2)];
    const M = product(S, P);
    const random = seeded(3);
    const [x, y] = [M.randomPoint(random), M.randomPoint(random)];
    expect(M.dist(x, y) ** 2).toBeCloseTo(
      S.dist(M.part(x, 0), M.part(y, 0)) ** 2 + P.dist(M.part(x, 1), M.part(y, 1)) ** 2,
      12,
    );
    expect(M).toMatchObject({ dim: 5, length: 7, retraction: "normalize × exp", transportKind: "parallel" });
    M.part(x, 1)[0] = 17;
    expect(x[3]).toBe(17);
    expectTypeOf(M).toExtend<GeodesicManifold>();
  });

  it("has what all of its parts have", () => {
    const M = product(sphere(3), fixedRank(3, 3, 1));
    expect(M.expInto).toBeUndefined();
    expect(M.dist).toBeUndefined();
    expect(product(sphere(3), stiefel(3, 2, { retraction: "qr" }))).toMatchObject({
      retractionOrder: 1,
      transportKind: "projection",
    });
  });

  it("names the part of a point that is wrong", () => {
    const M = product(sphere(2), spdAffineInvariant(2));
    expect(() => M.checkPoint("f", "x", Float64Array.of(1, 0, 1, 0, 0, -1))).toThrow(
      /in part 1 \(spdAffineInvariant\(2\)\) not positive definite/,
    );
    expect(() => M.checkPoint("f", "x", Float64Array.of(2, 0, 1, 0, 0, 1))).toThrow(
      /off sphere\(2\) × spdAffineInvariant\(2\) by 1/,
    );
    expect(() => product()).toThrow(/product: argument `parts` is empty/);
    expect(() => product(sphere(2), {} as never)).toThrow(/`parts\[1\]` is an Object/);
  });
});
