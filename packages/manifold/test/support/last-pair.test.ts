import { describe, expect, it } from "vitest";
import { grassmann, type Manifold, orthogonal, spdAffineInvariant, stiefel } from "../../src/index.js";
import { lastPair } from "../../src/support/last-pair.js";
import { gaussian } from "../problems-for-tests.js";
import { seeded } from "../random.js";

describe("lastPair", () => {
  it("knows the points of the last call by their numbers, not by their arrays", () => {
    const same = lastPair(2);
    const [x, y] = [Float64Array.of(1, 2), Float64Array.of(3, 4)];
    expect(same(x, y)).toBe(false);
    expect(same(x.slice(), y.slice())).toBe(true);
    y[1] = 5;
    expect(same(x, y)).toBe(false);
    expect(same(y, x)).toBe(false);
    expect(same(x, y)).toBe(false);
    expect(lastPair(1)(Float64Array.of(Number.NaN), Float64Array.of(1))).toBe(false);
  });

  for (const make of [() => orthogonal(4), () => grassmann(6, 2), () => spdAffineInvariant(3)] as (() => Manifold)[])
    it(`${make().name}: transports in any order are those of a fresh manifold, to the bit`, () => {
      const M = make();
      const random = seeded(1);
      const x = M.randomPoint(random);
      const [y, z] = [0.3, 0.7].map((t) => M.retractInto(M.zero(), x, M.randomTangent(x, random), t));
      const [u, v] = [M.randomTangent(x, random), M.randomTangent(x, random)];
      const fresh = (from: Float64Array, to: Float64Array, w: Float64Array) =>
        make().transportInto(M.zero(), from, to, w);
      for (const [to, w] of [
        [y!, u],
        [y!, v],
        [z!, u],
        [y!, u],
      ] as const) {
        // What other members leave in scratch memory doesn't matter.
        M.euclideanToRiemannianGradientInto(M.zero(), z!, v);
        M.retractInto(M.zero(), x, v, 0.1);
        M.logInto?.(M.zero(), x, z!);
        expect(M.transportInto(M.zero(), x, to, w)).toEqual(fresh(x, to, w));
      }
      const moved = M.zero();
      M.transportInto(moved, y!, z!, M.transportInto(M.zero(), x, y!, u));
      expect(moved).toEqual(fresh(y!, z!, fresh(x, y!, u)));
    });

  it("stiefel's Hessian at other points and gradients is that of a fresh manifold, to the bit", () => {
    const M = stiefel(6, 2);
    const random = seeded(2);
    const [x, y] = [M.randomPoint(random), M.randomPoint(random)];
    const [G, H, K] = [gaussian(12, 3), gaussian(12, 4), gaussian(12, 5)];
    for (const [at, gradient] of [
      [x, G],
      [x, G],
      [x, K],
      [y, K],
      [x, G],
    ] as const) {
      const u = M.randomTangent(at, random);
      const product = M.euclideanToRiemannianHessianInto(M.zero(), at, gradient, H, u);
      expect(product).toEqual(stiefel(6, 2).euclideanToRiemannianHessianInto(M.zero(), at, gradient, H, u));
      M.projInto(M.zero(), y, H);
    }
  });
});
