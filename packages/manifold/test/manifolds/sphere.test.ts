import { describe, expect, it } from "vitest";
import { sphere } from "../../src/index.js";
import { behavesLikeAManifold } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const off = {
  spoil: (x: Float64Array) => {
    for (let i = 0; i < x.length; i++) x[i] *= 1.25;
  },
  says: /off sphere\(\d+\) by 2\.50e-1; wanted a point of it: ‖x‖₂ = 1\. Put it on the manifold/,
};

describe("sphere", () => {
  behavesLikeAManifold("n = 5", () => sphere(5), off);
  behavesLikeAManifold("n = 3, exp", () => sphere(3, { retraction: "exp" }), off);
  behavesLikeAManifold("n = 2", () => sphere(2), off);
  behavesLikeAManifold("n = 1, two points", () => sphere(1), off);

  it("great circles: a quarter turn, its logarithm and its transport", () => {
    const M = sphere(3);
    const [x, u] = [Float64Array.of(1, 0, 0), Float64Array.of(0, Math.PI / 2, 0)];
    const y = M.expInto(M.zero(), x, u);
    expect(y[1]).toBeCloseTo(1, 15);
    expect(M.dist(x, y)).toBeCloseTo(Math.PI / 2, 15);
    const log = M.logInto(M.zero(), x, y);
    for (let i = 0; i < 3; i++) expect(log[i]).toBeCloseTo(u[i]!, 15);
    // The velocity turns with the circle, what is orthogonal to it stays.
    const carried = M.transportInto(M.zero(), x, y, Float64Array.of(0, 2, 3));
    [-2, 0, 3].forEach((value, i) => {
      expect(carried[i]).toBeCloseTo(value, 15);
    });
    expect(M.sectionalCurvature(x, u, u)).toBe(1);
  });

  it("distances keep their digits for neighbours and for nearly opposite points", () => {
    const M = sphere(2);
    const at = (angle: number) => Float64Array.of(Math.cos(angle), Math.sin(angle));
    expect(M.dist(at(0), at(1e-9)) / 1e-9).toBeCloseTo(1, 12);
    expect(Math.PI - M.dist(at(0), at(Math.PI - 1e-6))).toBeCloseTo(1e-6, 14);
  });

  it("the holonomy of an octant is a right angle", () => {
    const M = sphere(3);
    const corners = [Float64Array.of(1, 0, 0), Float64Array.of(0, 1, 0), Float64Array.of(0, 0, 1)] as const;
    let u: Float64Array = Float64Array.of(0, 1, 0);
    for (let k = 0; k < 3; k++) u = M.transportInto(M.zero(), corners[k]!, corners[(k + 1) % 3]!, u);
    [0, 0, 1].forEach((value, i) => {
      expect(u[i]).toBeCloseTo(value, 15);
    });
  });

  it("antipodal points have no logarithm, and no half sphere a normalization from outside of it", () => {
    const M = sphere(3);
    const x = M.randomPoint(seeded(1));
    const opposite = x.map((xi) => -xi);
    expect(() => M.logInto(M.zero(), x, opposite)).toThrow(/sphere\.logInto: argument `y` is antipodal to x/);
    expect(() => M.invRetractInto(M.zero(), x, opposite)).toThrow(/90° or more away/);
    expect(M.dist(x, opposite)).toBeCloseTo(Math.PI, 15);
    expect(() => M.projectPointInto(M.zero(), M.zero())).toThrow(/is zero; wanted a vector that has a direction/);
  });

  it("refuses what isn't a size or an option", () => {
    expect(() => sphere(0)).toThrow(/sphere: argument `n` is 0; wanted an integer >= 1/);
    expect(() => sphere(3, { retraction: "qr" as never })).toThrow(/"qr"; wanted one of "normalize", "exp"/);
    expect(() => sphere(3, { radius: 2 } as never)).toThrow(/options\.radius/);
  });
});
