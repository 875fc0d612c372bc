// Properties of geodesics on every manifold that has them, at points and tangents of any seed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type GeodesicManifold,
  grassmann,
  hyperbolic,
  karcherMean,
  oblique,
  power,
  product,
  spdAffineInvariant,
  spdAlphaProcrustes,
  spdBuresWasserstein,
  spdGeneralizedBuresWasserstein,
  spdLogCholesky,
  spdLogEuclidean,
  spdPowerEuclidean,
  specialOrthogonal,
  sphere,
  stiefel,
} from "../src/index.js";
import { seeded } from "./random.js";

const manifolds: readonly GeodesicManifold[] = [
  sphere(4),
  oblique(3, 2),
  hyperbolic(3),
  stiefel(5, 2),
  stiefel(5, 3, { metric: "canonical" }),
  grassmann(5, 2),
  specialOrthogonal(4),
  spdAffineInvariant(3),
  spdLogEuclidean(3),
  spdPowerEuclidean(3),
  spdBuresWasserstein(3),
  spdGeneralizedBuresWasserstein(3, { metric: Float64Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0.5) }),
  spdAlphaProcrustes(3, { alpha: 0.4 }),
  spdLogCholesky(3),
  product(sphere(3), spdAffineInvariant(2)),
  power(hyperbolic(2), 2),
];
const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe("geodesics", () => {
  for (const M of manifolds)
    it(`${M.name}: lengths, halves, triangles and means`, () => {
      fc.assert(
        fc.property(seed, fc.double({ min: 1e-6, max: 0.1, noNaN: true }), (from, length) => {
          const random = seeded(from);
          const x = M.randomPoint(random);
          const u = M.randomTangent(x, random).map((ui) => length * ui);
          const y = M.expInto(M.zero(), x, u);
          const z = M.expInto(M.zero(), x, M.randomTangent(x, random), length);
          const near = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(1e-9);
          near(M.dist(x, y), length);
          near(M.dist(x, M.expInto(M.zero(), x, u, 0.5)), 0.5 * length);
          near(M.dist(M.expInto(M.zero(), x, u, 0.5), y), 0.5 * length);
          expect(M.dist(y, z)).toBeLessThanOrEqual(M.dist(x, y) + M.dist(x, z) + 1e-9);
          // A retraction comes to within O(t²) of the geodesic.
          expect(M.dist(M.retractInto(M.zero(), x, u), y)).toBeLessThan(10 * length * length + 1e-9);
          const mean = karcherMean(M, [x, y], { tolerance: 1e-9 });
          expect(mean.reason.kind).toBe("converged");
          // Known to the tolerance of its gradient.
          expect(Math.abs(M.dist(mean.x, x) - M.dist(mean.x, y))).toBeLessThan(5e-9);
        }),
        { numRuns: 15 },
      );
    });
});
