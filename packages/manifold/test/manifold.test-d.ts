import type { HasGradient, HasValue } from "@hessia/core";
import { describe, expectTypeOf, it } from "vitest";
import {
  type FixedRank,
  fixedRank,
  type GeodesicManifold,
  isGeodesic,
  karcherMean,
  type Manifold,
  type ManifoldProblem,
  onManifold,
  product,
  spdAffineInvariant,
  sphere,
  stiefel,
} from "../src/index.js";

describe("types", () => {
  it("what a manifold has is in its type", () => {
    expectTypeOf(sphere(3)).toExtend<GeodesicManifold>();
    expectTypeOf(stiefel(3, 2)).toExtend<GeodesicManifold>();
    expectTypeOf(fixedRank(3, 3, 1)).toEqualTypeOf<FixedRank>();
    expectTypeOf<FixedRank["expInto"]>().toEqualTypeOf<Manifold["expInto"]>();
    // @ts-expect-error Without a check an exponential may be missing.
    fixedRank(3, 3, 1).expInto(new Float64Array(7), new Float64Array(7), new Float64Array(7));
  });

  it("products are geodesic where all parts are", () => {
    expectTypeOf(product(sphere(3), spdAffineInvariant(2))).toExtend<GeodesicManifold>();
    expectTypeOf(product(sphere(3), fixedRank(3, 3, 1))).not.toExtend<GeodesicManifold>();
  });

  it("isGeodesic narrows", () => {
    const M: Manifold = sphere(3);
    if (isGeodesic(M)) expectTypeOf(M.logInto).toBeFunction();
  });

  it("problems keep what they have, and means are results", () => {
    const problem = {} as HasValue & HasGradient;
    expectTypeOf(onManifold(sphere(3), problem)).toExtend<ManifoldProblem>();
    expectTypeOf(karcherMean(sphere(3), []).reason.kind).toEqualTypeOf<"converged" | "budget" | "failed" | "aborted">();
  });
});
