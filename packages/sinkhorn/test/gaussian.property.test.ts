// Properties of the transport of Gaussians, singular ones included.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  gaussianBarycenter,
  gaussianDistance,
  gaussianDivergence,
  gaussianInterpolation,
  gaussianMap,
  gaussianTransport,
} from "../src/index.js";
import { randomGaussian, times } from "./closed-form/gaussians-for-tests.js";
import { greatestDifference, uniform } from "./problems-for-tests.js";

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  d: fc.integer({ min: 1, max: 6 }),
  ranks: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 3 }))),
});
const runs = { numRuns: 100 };
/** Three Gaussians, of full rank or of less. */
const make = ({ seed, d, ranks }: { seed: number; d: number; ranks: number[] }) => {
  const random = uniform(seed);
  return ranks.map((lost) => randomGaussian(d, random, Math.max(1, d - Math.max(0, lost - 1))));
};

describe("Gaussians", () => {
  it("W₂ is symmetric, 0 from a Gaussian to itself, and meets the triangle inequality", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const [a, b, c] = make(given);
        const [ab, bc, ac] = [gaussianDistance(a!, b!), gaussianDistance(b!, c!), gaussianDistance(a!, c!)];
        // Of a singular covariance the square root is known to the root of its rounding error.
        expect(gaussianDistance(b!, a!)).toBeCloseTo(ab, 6);
        expect(gaussianDistance(a!, a!)).toBeLessThan(1e-7);
        expect(ac).toBeLessThanOrEqual(ab + bc + 1e-7);
      }),
      runs,
    );
  });

  it("the geodesic's middle is halfway, and a barycenter of its ends", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const [a, b] = make(given);
        const middle = gaussianInterpolation(a!, b!, 0.5);
        const half = 0.5 * gaussianDistance(a!, b!);
        expect(gaussianDistance(a!, middle)).toBeCloseTo(half, 6);
        expect(gaussianDistance(middle, b!)).toBeCloseTo(half, 6);
        if (given.ranks[0]! <= 1 && given.ranks[1]! <= 1 && given.d <= 3) {
          const { barycenter, value } = gaussianBarycenter([a!, b!], { tolerance: 1e-9, maxIterations: 5000 });
          expect(greatestDifference(barycenter.mean, middle.mean)).toBeLessThan(1e-14);
          const gap = a!.mean.reduce((sum, ai, i) => sum + (ai - b!.mean[i]!) ** 2, 0);
          expect(2 * value + gap / 4).toBeCloseTo(half * half, 6);
        }
      }),
      runs,
    );
  });

  it("the entropic value is between W₂² and the cost of independence, and rises with ε; the divergence is ≥ 0", () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (given, regularization) => {
        const [a, b] = make(given);
        const square = gaussianDistance(a!, b!) ** 2;
        const trace = (g: typeof a) => g!.mean.reduce((sum, _, i) => sum + g!.covariance.data[i * (given.d + 1)]!, 0);
        const gap = a!.mean.reduce((sum, ai, i) => sum + (ai - b!.mean[i]!) ** 2, 0);
        const independent = gap + trace(a) + trace(b);
        const [less, more] = [1, 1.5].map((t) => gaussianTransport(a!, b!, { regularization: t * regularization }));
        expect(less!.cost).toBeGreaterThan(square - 1e-9);
        expect(less!.value).toBeGreaterThanOrEqual(less!.cost);
        expect(less!.value).toBeLessThanOrEqual(more!.value + 1e-9);
        expect(less!.information).toBeGreaterThanOrEqual(more!.information - 1e-12);
        expect(more!.value).toBeLessThan(independent + 1e-9);
        const divergence = gaussianDivergence(a!, b!, { regularization });
        expect(divergence).toBeGreaterThanOrEqual(gap - 1e-9);
        expect(divergence).toBeCloseTo(gaussianDivergence(b!, a!, { regularization }), 6);
      }),
      runs,
    );
  });

  it("moved, turned and scaled alike, they are as far apart as that says", () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0.1, max: 10, noNaN: true }), (given, scale) => {
        const [a, b] = make(given);
        const by = (g: NonNullable<typeof a>) => ({
          mean: g.mean.map((x) => scale * x + 7),
          covariance: { ...g.covariance, data: g.covariance.data.map((entry) => scale * scale * entry) },
        });
        expect(gaussianDistance(by(a!), by(b!)) / scale).toBeCloseTo(gaussianDistance(a!, b!), 6);
      }),
      runs,
    );
  });

  it("the map pushes the one Gaussian onto the other", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const [, b] = make(given);
        const random = uniform(given.seed + 1);
        const full = randomGaussian(given.d, random, given.d + 2);
        const { matrix, applyInto } = gaussianMap(full, b!);
        const image = times(times(matrix, full.covariance), matrix, true);
        expect(greatestDifference(image.data, b!.covariance.data)).toBeLessThan(1e-6);
        expect(greatestDifference(applyInto(new Float64Array(given.d), full.mean), b!.mean)).toBeLessThan(1e-6);
      }),
      runs,
    );
  });
});
