// Small vectors: every operation against numbers computed by hand or in plain JavaScript, and misuse.
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/errors.js";
import { kernel, lt, scalar, select, type Vec, vec2, vec3, vec4, vecN, vector } from "../../src/kernel/index.js";

const inputs = { a: vec3, b: vec3, s: scalar } as const;
const x = Float64Array.of(1, -2, 4, 0.5, 3, 1, -1.5);
const [a, b, s] = [[1, -2, 4], [0.5, 3, 1], -1.5] as const;
const vectorOf = (fn: (a: Vec<3>, b: Vec<3>) => Vec) => {
  const k = kernel({ inputs }, (given) => fn(given.a, given.b));
  return Array.from(k.valueInto(new Float64Array(k.outputs), x));
};

describe("Vec", () => {
  it("adds, subtracts, negates and scales", () => {
    expect(vectorOf((p, q) => p.add(q))).toEqual([1.5, 1, 5]);
    expect(vectorOf((p, q) => p.sub(q))).toEqual([0.5, -5, 3]);
    expect(vectorOf((p) => p.neg())).toEqual([-1, 2, -4]);
    expect(vectorOf((p) => p.scale(3))).toEqual([3, -6, 12]);
    expect(vectorOf((p) => p.div(-4))).toEqual([-0.25, 0.5, -1]);
    const k = kernel({ inputs }, (given) => given.a.scale(given.s).add(given.b.div(given.s)));
    const found = k.valueInto(new Float64Array(3), x);
    a.forEach((entry, i) => {
      expect(found[i]).toBeCloseTo(entry * s + b[i]! / s, 14);
    });
  });

  it("has products, norms and the cross product", () => {
    const k = kernel({ inputs }, ({ a: p, b: q }) =>
      vector(p.dot(q), p.squaredNorm(), p.norm(), ...p.cross(q), ...p.normalize()),
    );
    const found = k.valueInto(new Float64Array(9), x);
    const size = Math.sqrt(21);
    [-1.5, 21, size, -14, 1, 4, 1 / size, -2 / size, 4 / size].forEach((wanted, i) => {
      expect(found[i]).toBeCloseTo(wanted, 14);
    });
  });

  it("has the area as the cross product in the plane", () => {
    const area = kernel({ inputs: { p: vec2, q: vec2 } }, ({ p, q }) => p.cross(q));
    expect(area.value(Float64Array.of(3, 1, 2, 5))).toBe(13);
  });

  it("is read by index, by name and by destructuring", () => {
    const k = kernel({ inputs: { v: vec4, w: vecN(5) } }, ({ v, w }) => {
      const [first, , third] = v;
      return vector(first!, third!, v.x.mul(v.y), v.z, w.at(4), 7);
    });
    expect(Array.from(k.valueInto(new Float64Array(6), Float64Array.of(2, 3, 5, 7, 0, 0, 0, 0, 11)))).toEqual([
      2, 5, 6, 5, 11, 7,
    ]);
  });

  it("is chosen by select, branch by branch", () => {
    const k = kernel({ inputs: { p: vec2 } }, ({ p }) => select(lt(p.x, 0), p.neg(), vector(p.x.log(), p.y)));
    const value = new Float64Array(2);
    expect(Array.from(k.valueInto(value, Float64Array.of(-2, 3)))).toEqual([2, -3]);
    expect(Array.from(k.valueInto(value, Float64Array.of(1, 3)))).toEqual([0, 3]);
  });

  it("rejects misuse", () => {
    kernel({ inputs: { p: vec2, q: vec3 } }, ({ p, q }) => {
      const wrong = q as unknown as Vec<2>;
      expect(() => p.add(wrong)).toThrow(/Vec.add: argument `other` is of length 3; wanted length 2/);
      expect(() => p.dot(wrong)).toThrow(ArgumentError);
      expect(() => p.sub(3 as unknown as Vec<2>)).toThrow(/is 3; wanted a Vec of length 2/);
      expect(() => select(lt(p.x, 0), p, wrong)).toThrow(/of length 3/);
      expect(() => p.z).toThrow(/whole number from 0 to 1/);
      expect(() => p.scale("2" as unknown as number)).toThrow(/wanted an Expr or a number/);
      expect(() => (p as unknown as number) + 1).toThrow(/JavaScript's own/);
      expect(() => (vector(1, 2, 3, 4) as unknown as Vec<3>).cross(vector(1, 2, 3, 4) as never)).toThrow(
        /length 2 or 3/,
      );
      expect(() => vector()).toThrow(/at least one/);
      return p.x;
    });
    expect(() => vecN(0)).toThrow(/from 1 to 64/);
    expect(() => vecN(2.5)).toThrow(ArgumentError);
  });
});
