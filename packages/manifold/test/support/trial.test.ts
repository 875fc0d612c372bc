import { counted, solve, type Vector } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { arc, euclidean, lazyCubicNewton, onManifold, product, sphere, trustRegion } from "../../src/index.js";
import { startManifoldState } from "../../src/problem.js";
import { diagnoseOnManifold, hasEnded, longestStep, regularizedRatio, startPlateau } from "../../src/support/trial.js";
import type { AnyMethod } from "../methods-behaviour.js";
import { brockett, randomSymmetric } from "../problems-for-tests.js";
import { seeded } from "../random.js";

describe("what the methods share", () => {
  const M = sphere(5);
  const f = brockett(randomSymmetric(5, 1), [1]);
  const x0 = M.randomPoint(seeded(2));
  const stateOf = (problem: typeof f) => startManifoldState("test", counted(onManifold(M, problem)), x0);

  it("suspects nothing where derivatives are right, where f throws, or the point is off by too much", () => {
    expect(diagnoseOnManifold(counted(onManifold(M, f)), stateOf(f))).toBeNull();
    const throwing = {
      ...f,
      value(): number {
        throw new Error("no");
      },
    };
    expect(diagnoseOnManifold(counted(onManifold(M, throwing)), stateOf(f))).toBeNull();
    const off = { ...stateOf(f), x: x0.map((v) => 1.1 * v) };
    expect(diagnoseOnManifold(counted(onManifold(M, f)), off)).toBeNull();
  });

  it("suspects a wrong gradient before a wrong Hessian", () => {
    const wrongHessian = { ...f, hessianApplyInto: (out: Vector, _x: Vector, u: Vector) => out.set(u) ?? out };
    const wrongBoth = {
      ...wrongHessian,
      gradientInto: (out: Vector, x: Vector) => f.gradientInto(out, x).map((v, i, all) => (all[i] = -2 * v)),
    };
    const rule = (problem: typeof f) => diagnoseOnManifold(counted(onManifold(M, problem)), stateOf(problem))?.rule;
    expect(rule(wrongHessian)).toBe("wrongHessianLikely");
    expect(rule(wrongBoth as typeof f)).toBe("wrongGradientLikely");
  });

  it("ratios: −Infinity where f isn't finite; below rounding the gradient decides", () => {
    expect(regularizedRatio(1, Number.NaN, 1).ratio).toBe(Number.NEGATIVE_INFINITY);
    expect(regularizedRatio(2, 1, 2)).toMatchObject({ rounding: false, exhausted: false });
    expect(regularizedRatio(2, 1, 2).ratio).toBeCloseTo(0.5, 10);
    expect(regularizedRatio(2, 2, 1e-3)).toMatchObject({ rounding: true, exhausted: false });
    expect(regularizedRatio(2, 2 + 1e-15, 1e-15)).toMatchObject({ rounding: true, exhausted: true });
  });

  it("a hundred steps without a fall of f or of the gradient are the end, a fall of either isn't", () => {
    const state = { ...stateOf(f), ...startPlateau({ gradientNorm: 1 }), value: 1 };
    for (let k = 0; k < 99; k++) expect(hasEnded(state, 1, 1)).toBe(false);
    expect(hasEnded({ ...state }, 1, 1)).toBe(true);
    expect(hasEnded({ ...state }, 1 - 1e-12, 1)).toBe(false);
    expect(hasEnded({ ...state }, 1.1, 1)).toBe(false);
    expect(hasEnded({ ...state }, 1, 0.8)).toBe(false);
  });

  it("steps are bounded where every part is", () => {
    expect(longestStep(M)).toBe(Math.PI);
    expect(longestStep(product(M, sphere(3)))).toBeCloseTo(Math.PI * Math.SQRT2, 14);
    expect(longestStep(product(M, euclidean(1)))).toBe(Number.POSITIVE_INFINITY);
    expect(longestStep(product(M, product(M, euclidean(1))))).toBe(Number.POSITIVE_INFINITY);
  });

  for (const method of [trustRegion(), arc(), lazyCubicNewton()] as unknown as AnyMethod[])
    it(`${method.name} says that the gradient is zero when it is made to go on from a minimizer`, () => {
      const flat = onManifold(euclidean(1), {
        dimension: 1,
        value: ([x]: Vector) => 0.5 * x! * x!,
        gradientInto: (out: Vector, [x]: Vector) => out.fill(x!),
        hessianApplyInto: (out: Vector, _x: Vector, [u]: Vector) => out.fill(u!),
      });
      expect(solve(method, flat, [0], { stop: () => null }).reason).toMatchObject({
        kind: "failed",
        rule: "noProgress",
        detail: "grad f is zero",
      });
    });
});
