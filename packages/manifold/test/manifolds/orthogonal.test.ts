import { describe, expect, it } from "vitest";
import { orthogonal } from "../../src/index.js";
import { behavesLikeAManifold } from "../manifold-behaviour.js";

const off = {
  spoil: (x: Float64Array) => {
    for (let i = 0; i < x.length; i++) x[i] *= 0.9;
  },
  says: /off orthogonal\(\d+\) by .*XᵀX = I/,
};

describe("orthogonal", () => {
  for (const retraction of ["qr", "polar", "cayley", "exp"] as const)
    behavesLikeAManifold(`5 × 5, ${retraction}`, () => orthogonal(5, { retraction }), off);
  behavesLikeAManifold("2 × 2", () => orthogonal(2), off);
  behavesLikeAManifold("1 × 1", () => orthogonal(1), off);
  behavesLikeAManifold("20 × 20", () => orthogonal(20, { retraction: "polar" }), off);

  it("a reflection is a point, in the other component", () => {
    const M = orthogonal(2);
    const [I, R] = [Float64Array.of(1, 0, 0, 1), Float64Array.of(1, 0, 0, -1)];
    expect(() => M.checkPoint("f", "x", R)).not.toThrow();
    expect(() => M.logInto(M.zero(), I, R)).toThrow(
      /orthogonal\.logInto: argument `y` is in the other component: det\(XᵀY\) = −1/,
    );
    expect(() => M.dist(I, R)).toThrow(/other component/);
    expect(() => M.projectPointInto(M.zero(), M.zero())).toThrow(/singular/);
  });

  it("curvature is ¼‖[Ω, Δ]‖²: ⅛ for two generators of rotations in space, 0 for commuting ones", () => {
    const M = orthogonal(4);
    const I = new Float64Array(16);
    for (let i = 0; i < 4; i++) I[5 * i] = 1;
    const generator = (a: number, b: number) => {
      const Ω = new Float64Array(16);
      Ω[4 * a + b] = -Math.SQRT1_2;
      Ω[4 * b + a] = Math.SQRT1_2;
      return Ω;
    };
    expect(M.sectionalCurvature(I, generator(0, 1), generator(1, 2))).toBeCloseTo(1 / 8, 15);
    expect(M.sectionalCurvature(I, generator(0, 1), generator(2, 3))).toBe(0);
    expect(() => M.sectionalCurvature(I, generator(0, 1), generator(0, 1))).toThrow(/a multiple of u/);
  });

  it("refuses sizes and options", () => {
    expect(() => orthogonal(0)).toThrow(/orthogonal: argument `n` is 0/);
    expect(() => orthogonal(3, { retraction: "normalize" as never })).toThrow(/wanted one of/);
  });
});
