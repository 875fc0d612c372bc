import { solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { arc, onManifold, stiefel } from "../../src/index.js";
import { newTangentKrylov, tangentCubicInto } from "../../src/support/tangent-operator.js";
import { behavesLikeAMethod, behavesLikeASecondOrderMethod, toNorm } from "../methods-behaviour.js";
import { brockett, gaussian, randomSymmetric } from "../problems-for-tests.js";
import { seeded } from "../random.js";

describe("arc", () => {
  behavesLikeAMethod("arc", arc as never);
  behavesLikeASecondOrderMethod("arc", arc as never);
});

describe("the subproblem and options of arc", () => {
  const M = stiefel(7, 2, { metric: "canonical" });
  const problem = brockett(randomSymmetric(7, 1), [2, 1]);
  const x = M.randomPoint(seeded(2));
  const euclideanGradient = problem.gradientInto(M.zero(), x);
  const g = M.euclideanToRiemannianGradientInto(M.zero(), x, euclideanGradient);
  const apply = (out: Float64Array, u: Float64Array) => {
    problem.hessianApplyInto(out, x, u);
    return M.euclideanToRiemannianHessianInto(out, x, euclideanGradient, out, u);
  };

  it("Lanczos vectors are orthonormal in the metric, and the step is stationary in the whole tangent space", () => {
    const space = newTangentKrylov(M.dim);
    const s = M.zero();
    const { norm, predicted } = tangentCubicInto(s, M, x, g, apply, 3, space, 1e-12);
    for (let i = 0; i < space.size; i++)
      for (let j = 0; j < space.size; j++)
        expect(M.inner(x, space.vectors[i]!, space.vectors[j]!)).toBeCloseTo(i === j ? 1 : 0, 12);
    expect(M.norm(x, s)).toBeCloseTo(norm, 12);
    // ∇m(s) = g + Hs + (M/2)‖s‖s vanishes, and m(0) − m(s) is what was predicted.
    const Hs = apply(M.zero(), s);
    const residual = Hs.map((v, k) => v + g[k]! + 1.5 * norm * s[k]!);
    expect(M.norm(x, residual)).toBeLessThan(1e-11);
    expect(predicted).toBeCloseTo(-M.inner(x, g, s) - 0.5 * M.inner(x, s, Hs) - 0.5 * norm ** 3, 12);
    // No other step of the space does better.
    const m = (u: Float64Array) => M.inner(x, g, u) + 0.5 * M.inner(x, u, apply(M.zero(), u)) + 0.5 * M.norm(x, u) ** 3;
    for (let trial = 0; trial < 20; trial++) {
      const u = M.projInto(M.zero(), x, gaussian(14, 30 + trial));
      expect(m(u)).toBeGreaterThanOrEqual(-predicted - 1e-12);
    }
  });

  it("a small subspace still converges, by more steps", () => {
    const run = (maxSubspace: number) => solve(arc({ maxSubspace }), onManifold(M, problem), x, { stop: toNorm(1e-7) });
    const [few, many] = [run(2), run(100)];
    expect(few.reason.kind).toBe("converged");
    expect(few.value).toBeCloseTo(many.value, 10);
    expect(few.iterations).toBeGreaterThan(many.iterations);
  });

  it("a far too large M falls, a far too small one rises", () => {
    for (const initialM of [1e-8, 1e6]) {
      const { reason, state } = solve(arc({ initialM }), onManifold(M, problem), x, { stop: toNorm(1e-8) });
      expect(reason.kind).toBe("converged");
      expect(state.M).not.toBe(initialM);
    }
  });

  it("refuses options out of range", () => {
    expect(() => arc({ initialM: 0 })).toThrow("arc: argument `options.initialM` is 0; wanted a number > 0");
    expect(() => arc({ maxSubspace: 0 })).toThrow("`options.maxSubspace` is 0");
  });
});
