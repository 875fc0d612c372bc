// Every manifold, with every metric and retraction, is good enough for methods of different kinds to find the same minimum.
import type { Vector } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { sampleProblemOf } from "../src/check/sample-problem.js";
import {
  euclidean,
  fixedRank,
  grassmann,
  hyperbolic,
  type Manifold,
  minimize,
  oblique,
  orthogonal,
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
  symmetricMatrices,
} from "../src/index.js";
import { gaussian, nearest } from "./problems-for-tests.js";
import { seeded } from "./random.js";

const manifolds: readonly Manifold[] = [
  euclidean(4),
  symmetricMatrices(3),
  sphere(5),
  sphere(5, { retraction: "exp" }),
  oblique(4, 3),
  hyperbolic(4),
  hyperbolic(4, { retraction: "exp" }),
  ...(["qr", "polar", "cayley", "exp"] as const).flatMap((retraction) => [
    stiefel(6, 2, { retraction }),
    stiefel(6, 2, { retraction, metric: "canonical" }),
    orthogonal(4, { retraction }),
    specialOrthogonal(4, { retraction }),
  ]),
  ...(["qr", "polar", "exp"] as const).flatMap((retraction) => [
    grassmann(6, 2, { retraction }),
    grassmann(6, 2, { retraction, transport: "projection" }),
  ]),
  fixedRank(6, 5, 2),
  spdAffineInvariant(3),
  spdLogEuclidean(3),
  spdPowerEuclidean(3),
  spdBuresWasserstein(3),
  spdGeneralizedBuresWasserstein(3, { metric: Float64Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0.5) }),
  spdAlphaProcrustes(3, { alpha: 0.4 }),
  spdLogCholesky(3),
  product(sphere(3), spdAffineInvariant(2), euclidean(2)),
  power(stiefel(4, 2), 3),
];

/** ½‖x − a‖² with a near the manifold, but off it; where coordinates aren't unique the manifold's own sample, which is bounded below. */
function objective(manifold: Manifold) {
  if (manifold.sampleProblem !== undefined) return sampleProblemOf(manifold, seeded(1));
  const p = manifold.randomPoint(seeded(2));
  const noise = gaussian(manifold.length, 3);
  const a = p.map((pi, i) => pi + 0.2 * noise[i]!);
  if (manifold.shape.length === 2 && manifold.shape[0] === manifold.shape[1] && /spd|symm/.test(manifold.name)) {
    const n = manifold.shape[0]!;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i]!;
  }
  if (/×/.test(manifold.name)) return nearest(p);
  return nearest(a);
}

describe("every manifold", () => {
  for (const manifold of manifolds)
    it(`${manifold.name}, ${manifold.retraction}, ${manifold.transportKind}: five methods agree`, () => {
      const f = objective(manifold);
      const random = seeded(4);
      const first = minimize(manifold, f, manifold.randomPoint(random), { tolerance: 1e-8 });
      expect(first.reason.kind).toBe("converged");
      const x0 = manifold.retractInto(manifold.zero(), first.x, manifold.randomTangent(first.x, random), 0.1);
      const embed = (x: Vector) => manifold.embed?.(x) ?? x;
      for (const method of ["trustRegion", "arc", "lazyCubicNewton", "lbfgs", "conjugateGradient"] as const) {
        const { x, value, reason } = minimize(manifold, f, x0, { method, tolerance: 1e-7 });
        expect([method, reason.kind]).toEqual([method, "converged"]);
        expect(value).toBeCloseTo(first.value, 10);
        const [one, other] = [embed(x), embed(first.x)];
        for (let k = 0; k < one.length; k++) expect(one[k]).toBeCloseTo(other[k]!, 4);
        expect(manifold.distanceFromManifold(x)).toBeLessThan(1e-10);
      }
    });
});
