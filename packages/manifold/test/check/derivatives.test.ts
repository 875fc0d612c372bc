import { describe, expect, it } from "vitest";
import { sampleProblemOf } from "../../src/check/sample-problem.js";
import {
  checkGradient,
  checkHessian,
  fixedRank,
  onManifold,
  spdAffineInvariant,
  sphere,
  stiefel,
} from "../../src/index.js";
import { seeded } from "../random.js";

const setting = (manifold = spdAffineInvariant(3)) => {
  const random = seeded(5);
  return { problem: sampleProblemOf(manifold, random), x: manifold.randomPoint(random), manifold, random };
};

describe("checkGradient", () => {
  it("is right with slope 2, wrong with slope 1 where an entry is off by 1 %", () => {
    const { problem, x, manifold } = setting();
    const right = checkGradient(onManifold(manifold, problem), x);
    expect(right.verdict).toBe("right");
    expect(right.slope).toBeGreaterThan(1.8);
    const wrong = {
      ...problem,
      gradientInto(out: Float64Array, y: Float64Array) {
        problem.gradientInto(out, y);
        out[0] += 0.01 * Math.abs(out[0]!) + 0.01;
        return out;
      },
    };
    expect(checkGradient(onManifold(manifold, wrong), x).verdict).toBe("wrong");
  });

  it("takes a direction, a generator, or its own direction", () => {
    const { problem, x, manifold, random } = setting();
    const P = onManifold(manifold, problem);
    const u = manifold.randomTangent(x, random).map((ui) => 100 * ui);
    for (const options of [{ direction: u }, { random }, {}])
      expect(checkGradient(P, x, options).verdict).toBe("right");
  });

  it("refuses points off the manifold and directions that aren't tangent", () => {
    const P = onManifold(sphere(3), sampleProblemOf(sphere(3), seeded(1)));
    const x = Float64Array.of(1, 0, 0);
    expect(() => checkGradient(P, Float64Array.of(1, 1, 0))).toThrow(/checkGradient: argument `x` is off sphere/);
    expect(() => checkGradient(P, x, { direction: Float64Array.of(1, 0, 0) })).toThrow(/off the tangent space/);
    expect(() => checkGradient(P, x, { direction: new Float64Array(3) })).toThrow(/is zero/);
    expect(() => checkGradient(P, x, { seed: 1 } as never)).toThrow(/options\.seed/);
    expect(() => checkGradient(sampleProblemOf(sphere(3), seeded(1)) as never, x)).toThrow(/without a manifold/);
  });
});

describe("checkHessian", () => {
  it("is right with slope 3 on manifolds with geodesics, whatever the retraction", () => {
    for (const manifold of [
      spdAffineInvariant(3),
      stiefel(5, 2, { retraction: "qr", metric: "canonical" }),
      sphere(4),
    ]) {
      const random = seeded(6);
      const P = onManifold(manifold, sampleProblemOf(manifold, random));
      const { verdict, slope, asymmetry, note } = checkHessian(P, manifold.randomPoint(random), { random });
      expect(verdict).toBe("right");
      expect(slope).toBeGreaterThan(2.8);
      expect(asymmetry).toBeLessThan(1e-12);
      expect(note).toBeUndefined();
    }
  });

  it("is wrong, and asymmetric, where the product is", () => {
    const { problem, x, manifold } = setting();
    const wrong = {
      ...problem,
      hessianApplyInto(out: Float64Array, y: Float64Array, v: Float64Array) {
        problem.hessianApplyInto(out, y, v);
        out[0] += 2 * v[4]!;
        return out;
      },
    };
    const check = checkHessian(onManifold(manifold, wrong), x);
    expect(check.verdict).toBe("wrong");
    expect(check.asymmetry).toBeGreaterThan(1e-3);
  });

  it("works along the second-order retraction of fixed-rank matrices, and says so where a retraction is of first order", () => {
    const F = fixedRank(5, 4, 2);
    const random = seeded(7);
    const P = onManifold(F, F.sampleProblem!(random));
    expect(checkHessian(P, F.randomPoint(random), { random }).verdict).toBe("right");
    const { expInto: _, ...bare } = stiefel(5, 2, { retraction: "qr" });
    const Q = onManifold(bare as never, sampleProblemOf(bare as never, random));
    expect(checkHessian(Q, stiefel(5, 2).randomPoint(random), { random }).note).toMatch(/"qr" is of first order/);
  });

  it("refuses a problem without products", () => {
    const M = sphere(3);
    const { hessianApplyInto: _, ...first } = sampleProblemOf(M, seeded(1));
    expect(() => checkHessian(onManifold(M, first) as never, Float64Array.of(1, 0, 0))).toThrow(
      /hessianApplyInto` is undefined/,
    );
  });
});
