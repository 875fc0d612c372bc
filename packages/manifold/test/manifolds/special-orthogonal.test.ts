import { describe, expect, it } from "vitest";
import { specialOrthogonal } from "../../src/index.js";
import { behavesLikeAManifold } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const off = {
  spoil: (x: Float64Array) => {
    for (let i = 0; i < x.length; i++) x[i] *= 0.9;
  },
  says: /off specialOrthogonal\(\d\) by .*det X = 1/,
};

/** Rodrigues: the rotation by `angle` about a unit axis. */
function rotation(axis: readonly number[], angle: number): Float64Array {
  const [x, y, z] = axis as [number, number, number];
  const [s, v] = [Math.sin(angle), 2 * Math.sin(angle / 2) ** 2];
  return Float64Array.of(
    1 - v * (y * y + z * z),
    v * x * y - s * z,
    v * x * z + s * y,
    v * x * y + s * z,
    1 - v * (x * x + z * z),
    v * y * z - s * x,
    v * x * z - s * y,
    v * y * z + s * x,
    1 - v * (x * x + y * y),
  );
}
const identity = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

describe("specialOrthogonal", () => {
  for (const retraction of ["qr", "polar", "cayley", "exp"] as const)
    behavesLikeAManifold(`3 × 3, ${retraction}`, () => specialOrthogonal(3, { retraction }), off);
  behavesLikeAManifold("2 × 2", () => specialOrthogonal(2), off);
  behavesLikeAManifold("6 × 6", () => specialOrthogonal(6), off);

  it("the logarithm of a rotation in space is angle times axis, at all angles up to 180°", () => {
    const M = specialOrthogonal(3);
    const axis = [2 / 7, 3 / 7, -6 / 7];
    for (const angle of [1e-9, 1e-4, 0.5, 2, 3, Math.PI - 1e-3, Math.PI - 1e-6, Math.PI - 1e-9]) {
      const Ω = M.logInto(M.zero(), identity, rotation(axis, angle));
      [Ω[7]!, Ω[2]!, Ω[3]!].forEach((value, i) => {
        expect(Math.abs(value - angle * axis[i]!)).toBeLessThan(1e-13 + 1e-15 * angle);
      });
      expect(M.dist(identity, rotation(axis, angle))).toBeCloseTo(Math.SQRT2 * angle, 13);
    }
  });

  it("several planes near 180° together, in five dimensions", () => {
    const M = specialOrthogonal(5);
    const basis = M.randomPoint(seeded(3));
    for (const [a, b] of [
      [3.1, 3.13],
      [Math.PI - 1e-5, 1.2],
      [3.0, 2.2],
      [1.9, 1.4],
    ] as const) {
      const Ω = new Float64Array(25);
      for (const [i, angle] of [
        [0, a],
        [2, b],
      ] as const)
        for (let r = 0; r < 5; r++)
          for (let c = 0; c < 5; c++)
            Ω[5 * r + c] +=
              angle * (basis[5 * r + i + 1]! * basis[5 * c + i]! - basis[5 * r + i]! * basis[5 * c + i + 1]!);
      const I = new Float64Array(25);
      for (let i = 0; i < 5; i++) I[6 * i] = 1;
      const log = M.logInto(M.zero(), I, M.expInto(M.zero(), I, Ω));
      Ω.forEach((value, k) => {
        expect(Math.abs(log[k]! - value)).toBeLessThan(1e-9);
      });
    }
  });

  it("180° is the cut locus, and reflections aren't points", () => {
    const M = specialOrthogonal(3);
    expect(() => M.logInto(M.zero(), identity, Float64Array.of(-1, 0, 0, 0, -1, 0, 0, 0, 1))).toThrow(
      /specialOrthogonal\.logInto: argument `y` is at the cut locus of x: a rotation by 180°/,
    );
    const mirror = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, -1);
    expect(() => M.checkPoint("f", "x", mirror)).toThrow(
      /a reflection: its determinant is −1.*Change the sign of one column/,
    );
    expect(() => M.projectPointInto(M.zero(), mirror)).toThrow(/negative determinant/);
    expect(() => M.logInto(M.zero(), identity, mirror)).toThrow(/other component/);
  });

  it("refuses sizes and options", () => {
    expect(() => specialOrthogonal(1.5)).toThrow(/specialOrthogonal: argument `n` is 1.5/);
    expect(() => specialOrthogonal(3, { det: 1 } as never)).toThrow(/options\.det/);
  });
});
