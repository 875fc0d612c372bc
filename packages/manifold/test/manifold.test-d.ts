import { type HasGradient, type HasHessianApply, type HasValue, solve } from "@hessia/core";
import { describe, expectTypeOf, it } from "vitest";
import {
  alternatingDescent,
  type FixedRank,
  fixedRank,
  type GeodesicManifold,
  isGeodesic,
  karcherMean,
  lbfgs,
  type Manifold,
  type ManifoldProblem,
  minimize,
  onManifold,
  product,
  spdAffineInvariant,
  sphere,
  stiefel,
  trustRegion,
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

  it("a method says in its type what it needs", () => {
    const first = onManifold(sphere(3), {} as HasValue & HasGradient);
    const second = onManifold(sphere(3), {} as HasValue & HasGradient & HasHessianApply);
    expectTypeOf(solve(lbfgs(), first, []).state.pairs).toBeNumber();
    expectTypeOf(solve(trustRegion(), second, []).state.radius).toBeNumber();
    // @ts-expect-error The trust region needs products with the Hessian.
    solve(trustRegion(), first, []);
    // @ts-expect-error Alternating descent needs a product of manifolds.
    solve(alternatingDescent(), first, []);
    expectTypeOf(minimize(sphere(3), {} as HasValue & HasGradient, []).picked.method).toBeString();
    // @ts-expect-error f needs a gradient.
    minimize(sphere(3), {} as HasValue, []);
    // @ts-expect-error No method has this name.
    minimize(sphere(3), {} as HasValue & HasGradient, [], { method: "newton" });
  });

  it("problems keep what they have, and means are results", () => {
    const problem = {} as HasValue & HasGradient;
    expectTypeOf(onManifold(sphere(3), problem)).toExtend<ManifoldProblem>();
    expectTypeOf(karcherMean(sphere(3), []).reason.kind).toEqualTypeOf<"converged" | "budget" | "failed" | "aborted">();
  });
});
