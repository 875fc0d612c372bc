import { describe, expect, it } from "vitest";
import { power, product, specialOrthogonal, sphere, stiefel } from "../../src/index.js";
import { behavesLikeAManifold } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

const off = {
  spoil: (x: Float64Array) => {
    for (let i = 0; i < x.length; i++) x[i] *= 1.5;
  },
  says: /off power\(.*\) by /,
};

describe("power", () => {
  behavesLikeAManifold("five unit vectors", () => power(sphere(3), 5), off);
  behavesLikeAManifold("three frames", () => power(stiefel(4, 2), 3), off);
  behavesLikeAManifold("one rotation", () => power(specialOrthogonal(3), 1), off);

  it("is the product of equal parts", () => {
    const [A, B] = [power(sphere(3), 2), product(sphere(3), sphere(3))];
    const x = A.randomPoint(seeded(1));
    const u = A.randomTangent(x, seeded(2));
    expect(B.randomPoint(seeded(1))).toEqual(x);
    expect(A.expInto(A.zero(), x, u)).toEqual(B.expInto(B.zero(), x, u));
    expect(A).toMatchObject({ name: "power(sphere(3), 2)", dim: 4, length: 6 });
  });

  it("refuses a count below 1 and what isn't a manifold", () => {
    expect(() => power(sphere(3), 0)).toThrow(/power: argument `count` is 0/);
    expect(() => power({} as never, 2)).toThrow(/`manifold` is an Object; wanted a manifold/);
  });
});
