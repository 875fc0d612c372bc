import { describe, expect, it } from "vitest";
import { hyperbolic } from "../../src/index.js";
import { behavesLikeAManifold, lostAt } from "../manifold-behaviour.js";

const off = {
  spoil: (x: Float64Array) => {
    x[0] += 0.5;
  },
  says: /off hyperbolic\(\d\) by .*−x₀² \+ x₁² \+ … \+ xₙ² = −1/,
};

describe("hyperbolic", () => {
  behavesLikeAManifold("n = 4", () => hyperbolic(4), off);
  behavesLikeAManifold("n = 1", () => hyperbolic(1), off);
  behavesLikeAManifold("n = 3, lift", () => hyperbolic(3, { retraction: "lift" }), off);

  it("distances and geodesics from the apex are those of the hyperbolic functions", () => {
    const M = hyperbolic(2);
    const apex = Float64Array.of(1, 0, 0);
    const y = M.expInto(M.zero(), apex, Float64Array.of(0, 2, 0));
    expect(y[0]).toBeCloseTo(Math.cosh(2), 14);
    expect(y[1]).toBeCloseTo(Math.sinh(2), 14);
    expect(M.dist(apex, y)).toBeCloseTo(2, 14);
    expect(M.sectionalCurvature(apex, y, y)).toBe(-1);
  });

  it("the law of cosines of the hyperbolic plane holds", () => {
    const M = hyperbolic(2);
    const apex = Float64Array.of(1, 0, 0);
    const [a, b, γ] = [1.3, 0.7, 0.9];
    const p = M.expInto(M.zero(), apex, Float64Array.of(0, a, 0));
    const q = M.expInto(M.zero(), apex, Float64Array.of(0, b * Math.cos(γ), b * Math.sin(γ)));
    const cosh = Math.cosh(a) * Math.cosh(b) - Math.sinh(a) * Math.sinh(b) * Math.cos(γ);
    expect(Math.cosh(M.dist(p, q))).toBeCloseTo(cosh, 13);
  });

  it("keeps 1e-9 at coordinates of 100; at 10,000 it loses to 1e-6, about e^{2d} ε, and no more", () => {
    const M = hyperbolic(3);
    const at = (s: number) => M.projectPointInto(M.zero(), Float64Array.of(0, s, s / 2, -s));
    expect(lostAt(M, at(100)).size).toBe(0);
    for (const error of lostAt(M, at(1e4)).values()) expect(error).toBeLessThan(1e-6);
    expect(M.dist(at(1e4), M.expInto(M.zero(), at(1e4), M.zero()))).toBe(0);
  });

  it("neighbours keep all digits of their distance", () => {
    const M = hyperbolic(2);
    const x = Float64Array.of(1, 0, 0);
    const y = M.expInto(M.zero(), x, Float64Array.of(0, 1e-9, 0));
    expect(M.dist(x, y) / 1e-9).toBeCloseTo(1, 12);
  });

  it("refuses the other sheet and what isn't a size or an option", () => {
    const M = hyperbolic(2);
    expect(() => M.checkPoint("f", "x", Float64Array.of(-1, 0, 0))).toThrow(/off hyperbolic\(2\) by 2\.00e\+0/);
    expect(() => hyperbolic(0)).toThrow(/`n` is 0/);
    expect(() => hyperbolic(2, { retraction: "polar" as never })).toThrow(/wanted one of "exp", "lift"/);
  });
});
