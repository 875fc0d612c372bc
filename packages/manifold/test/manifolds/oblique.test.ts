import { describe, expect, it } from "vitest";
import { oblique, power, sphere } from "../../src/index.js";
import { behavesLikeAManifold } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const off = {
  spoil: (x: Float64Array) => {
    for (let i = 0; i < x.length; i++) x[i] *= 1.5;
  },
  says: /off oblique\(\d, \d\) by .*columns of unit length/,
};

describe("oblique", () => {
  behavesLikeAManifold("3 × 4", () => oblique(3, 4), off);
  behavesLikeAManifold("4 × 2, exp", () => oblique(4, 2, { retraction: "exp" }), off);
  behavesLikeAManifold("1 × 2", () => oblique(1, 2), off);

  it("is the power of a sphere, column by column", () => {
    const [M, S] = [oblique(3, 2), power(sphere(3), 2)];
    const random = seeded(3);
    const [x, y] = [M.randomPoint(random), M.randomPoint(random)];
    const flip = (a: Float64Array) => Float64Array.of(a[0]!, a[2]!, a[4]!, a[1]!, a[3]!, a[5]!);
    expect(M.dist(x, y)).toBeCloseTo(S.dist(flip(x), flip(y)), 14);
    const log = flip(M.logInto(M.zero(), x, y));
    S.logInto(S.zero(), flip(x), flip(y)).forEach((value, i) => {
      expect(log[i]).toBeCloseTo(value, 14);
    });
    const carried = flip(M.transportInto(M.zero(), x, y, M.logInto(M.zero(), x, y)));
    S.transportInto(S.zero(), flip(x), flip(y), log).forEach((value, i) => {
      expect(carried[i]).toBeCloseTo(value, 13);
    });
  });

  it("names the column that is antipodal, or zero", () => {
    const M = oblique(2, 2);
    const x = Float64Array.of(1, 1, 0, 0);
    expect(() => M.logInto(M.zero(), x, Float64Array.of(1, -1, 0, 0))).toThrow(/antipodal to x in column 1/);
    expect(() => M.invRetractInto(M.zero(), x, Float64Array.of(-1, 1, 0, 0))).toThrow(/in column 0/);
    expect(() => M.projectPointInto(M.zero(), Float64Array.of(1, 0, 0, 0))).toThrow(/zero in column 1/);
    expect(() => oblique(2, 0)).toThrow(/`p` is 0/);
    expect(() => oblique(2, 2, { retraction: "polar" as never })).toThrow(/wanted one of/);
  });
});
