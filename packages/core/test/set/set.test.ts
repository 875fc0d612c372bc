// Projections: closed forms at chosen points, and what characterizes every projection: P(x) ∈ S, and (x − P(x))ᵀ(s − P(x)) ≤ 0 for all s ∈ S.
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, it } from "vitest";
import {
  affine,
  ball,
  box,
  type ConvexSet,
  distanceFrom,
  halfSpace,
  hyperplane,
  nonnegative,
  productSet,
  simplex,
  wholeSpace,
} from "../../src/set/index.js";

const generator = xoroshiro128plus(5);
const normal = () => {
  let sum = -6;
  for (let k = 0; k < 12; k++) sum += (generator.next() >>> 0) / 2 ** 32;
  return sum;
};
const random = (n: number, scale = 2) => Float64Array.from({ length: n }, () => scale * normal());
const project = (set: ConvexSet, x: ArrayLike<number>) =>
  Array.from(set.projectInto(new Float64Array(set.dimension), Float64Array.from(x)));

const A = [
  [1, 2, 0, -1, 0.5],
  [0, 1, 1, 1, -2],
];
const sets: readonly [ConvexSet, (x: Float64Array) => number][] = [
  [wholeSpace(5), () => 0],
  [
    box([-1, 0, Number.NEGATIVE_INFINITY, 2, 0], [1, 0, 3, Number.POSITIVE_INFINITY, 0.5]),
    (x) => Math.max(Math.abs(x[0]!) - 1, Math.abs(x[1]!), x[2]! - 3, 2 - x[3]!, -x[4]!, x[4]! - 0.5, 0),
  ],
  [nonnegative(5), (x) => Math.max(0, -Math.min(...x))],
  [ball([1, 0, 2, 0, 0], 1.5), (x) => Math.max(0, Math.hypot(x[0]! - 1, x[1]!, x[2]! - 2, x[3]!, x[4]!) - 1.5)],
  [simplex(5, 2), (x) => Math.max(0, -Math.min(...x)) + Math.abs(x.reduce((a, b) => a + b) - 2)],
  [halfSpace([1, -1, 0, 2, 3], 0.7), (x) => Math.max(0, x[0]! - x[1]! + 2 * x[3]! + 3 * x[4]! - 0.7)],
  [hyperplane([1, -1, 0, 2, 3], 0.7), (x) => Math.abs(x[0]! - x[1]! + 2 * x[3]! + 3 * x[4]! - 0.7)],
  [
    affine(A, [1, -2]),
    (x) => Math.max(...A.map((row, i) => Math.abs(row.reduce((s, a, j) => s + a * x[j]!, 0) - [1, -2][i]!))),
  ],
  [
    productSet(simplex(2), ball([0, 0, 0], 1)),
    (x) => Math.max(0, -x[0]!, -x[1]!, Math.abs(x[0]! + x[1]! - 1), Math.hypot(x[2]!, x[3]!, x[4]!) - 1),
  ],
];

describe.each(sets)("the projection onto a $kind", (set, distance) => {
  it("lies in the set, is the nearest point, and stays where it is", () => {
    for (let trial = 0; trial < 50; trial++) {
      const x = random(5);
      const p = set.projectInto(new Float64Array(5), x);
      expect(distance(p)).toBeLessThan(1e-12);
      expect(Math.max(...project(set, p).map((v, i) => Math.abs(v - p[i]!)))).toBeLessThan(1e-12);
      for (let other = 0; other < 10; other++) {
        const s = set.projectInto(new Float64Array(5), random(5, 5));
        const product = s.reduce((sum, si, i) => sum + (x[i]! - p[i]!) * (si - p[i]!), 0);
        expect(product).toBeLessThan(1e-10);
      }
      expect(distanceFrom(set, x)).toBeCloseTo(Math.hypot(...x.map((v, i) => v - p[i]!)), 12);
    }
  });

  it("may be written over its input, and refuses other lengths", () => {
    const x = random(5);
    const p = project(set, x);
    expect([...set.projectInto(x, x)]).toEqual(p);
    expect(() => set.projectInto(new Float64Array(5), new Float64Array(4))).toThrow(/of length 4; wanted length 5/);
    expect(() => set.projectInto(new Float64Array(6), new Float64Array(5))).toThrow(/`out`/);
  });
});

describe("closed forms", () => {
  it("are met", () => {
    expect(project(simplex(3), [0.4, 0.2, -5])).toEqual([0.6, 0.4, 0].map((v) => expect.closeTo(v, 14)));
    expect(project(simplex(3), [7, 1, 1])).toEqual([1, 0, 0]);
    expect(project(simplex(1, 3), [-2])).toEqual([3]);
    expect(project(ball([0, 0], 1), [3, 4])).toEqual([expect.closeTo(0.6, 15), expect.closeTo(0.8, 15)]);
    expect(project(ball([1, 1], 0), [3, 4])).toEqual([1, 1]);
    expect(project(ball([0, 0], 1e200), [3e200, 4e200])).toEqual([
      expect.closeTo(6e199, -187),
      expect.closeTo(8e199, -187),
    ]);
    expect(project(halfSpace([1, 1], 0), [1, 3])).toEqual([-1, 1]);
    expect(project(hyperplane([0, 2], 4), [5, 5])).toEqual([5, 2]);
    expect(project(affine([[1, 0]], [3]), [0, 7])).toEqual([3, 7]);
  });
});

describe("bad sets", () => {
  it.each([
    [() => box([0, 1], [1]), /`upper` is of length 1/],
    [() => box([2], [1]), /`lower` is 2 > upper = 1 at index 0/],
    [() => box([Number.NaN], [1]), /`lower` is NaN at index 0/],
    [() => box([Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY]), /isn't empty/],
    [() => nonnegative(-1), /`n` is -1/],
    [() => wholeSpace(1.5), /`n` is 1.5/],
    [() => ball([0], -1), /`radius` is -1/],
    [() => ball([Number.POSITIVE_INFINITY], 1), /`center`/],
    [() => ball(3 as never, 1), /`center` is 3; wanted an array of numbers/],
    [() => simplex(0), /`n` is 0/],
    [() => simplex(3, 0), /`total` is 0/],
    [() => halfSpace([0, 0], 1), /`a` is of squared norm 0/],
    [() => hyperplane([1], Number.NaN), /`b`/],
    [
      () =>
        affine(
          [
            [1, 2],
            [2, 4],
          ],
          [1, 2],
        ),
      /full row rank/,
    ],
    [() => affine([[1, 2]], [1, 2]), /`b` is of length 2/],
    [() => affine([[Number.NaN]], [1]), /`A`/],
    [() => productSet(), /`sets` is none/],
    [() => productSet({} as never), /`sets\[0\]`/],
  ])("%# are refused", (make, message) => expect(make).toThrow(message));
});
