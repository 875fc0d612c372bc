// Properties of minimize on problems of any seed and size.
import { symmetricEigen } from "@hessia/core/linear";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MethodName, minimize, sphere, stiefel } from "../src/index.js";
import { brockett, brockettMinimum, randomSymmetric } from "./problems-for-tests.js";
import { seeded } from "./random.js";

const methods: readonly MethodName[] = ["trustRegion", "arc", "lazyCubicNewton", "lbfgs", "conjugateGradient"];

describe("minimize", () => {
  it("with second derivatives finds the least eigenvalue from any start, and never a saddle", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 25 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(...methods.slice(0, 3)),
        (n, seed, method) => {
          const A = randomSymmetric(n, seed);
          const M = sphere(n);
          const { value, reason } = minimize(M, brockett(A, [1]), M.randomPoint(seeded(seed + 1)), { method });
          expect(reason.kind).toBe("converged");
          expect(value).toBeCloseTo(0.5 * symmetricEigen(A).values[0]!, 9);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is the same for f and c f, up to rounding: steps depend on no scale of f", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 12 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(2 ** -20, 2 ** 20),
        fc.constantFrom(...methods),
        (n, seed, c, method) => {
          const A = randomSymmetric(n, seed);
          const scaled = { ...A, data: A.data.map((a) => c * a) };
          const M = stiefel(n, 2);
          const x0 = M.randomPoint(seeded(seed + 2));
          const run = (B: typeof A, scale: number) =>
            minimize(M, brockett(B, [2, 1]), x0, { method, tolerance: 1e-4 * Math.min(1, scale), maxIterations: 5 });
          // Five steps from the same start: f/c is the same where nothing compares f with 1.
          const [plain, other] = [run(A, 1), run(scaled, c)];
          expect(Math.abs(other.value / c - plain.value)).toBeLessThan(1e-6 * Math.max(1, Math.abs(plain.value)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("ends on the manifold at a value that isn't below the known minimum", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(...methods),
        (p, more, seed, method) => {
          const n = p + more;
          const A = randomSymmetric(n, seed);
          const weights = Array.from({ length: p }, (_, j) => p - j);
          const M = stiefel(n, p);
          const { x, value, reason } = minimize(M, brockett(A, weights), M.randomPoint(seeded(seed)), { method });
          expect(reason.kind).toBe("converged");
          expect(M.distanceFromManifold(x)).toBeLessThan(1e-12);
          expect(value).toBeGreaterThan(brockettMinimum(A, weights) - 1e-10);
        },
      ),
      { numRuns: 60 },
    );
  });
});
