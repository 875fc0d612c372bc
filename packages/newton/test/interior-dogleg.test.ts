import { denseMatrix, type Vector } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { between, interiorDoglegInto } from "../src/interior-dogleg.js";
import type { LeastSquaresState } from "../src/least-squares.js";

/** J = I, so that g = F and the Newton point is −F. */
function step(x: number[], F: number[], v: number[], lower: number[], upper: number[], radius: number) {
  const n = x.length;
  const identity = denseMatrix(n, n);
  for (let i = 0; i < n; i++) identity.data[i * n + i] = 1;
  const state = { x: Float64Array.from(x), gradient: Float64Array.from(F), jacobian: identity } as LeastSquaresState;
  const newton = Float64Array.from(F, (f) => -f);
  const work = { v: Float64Array.from(v), newton, cauchy: new Float64Array(n), image: new Float64Array(n) };
  const bounds = { lower: Float64Array.from(lower), upper: Float64Array.from(upper) };
  const p: Vector = new Float64Array(n);
  const predicted = interiorDoglegInto(p, state, work, bounds, radius);
  return { p, predicted };
}

const [open, wide] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

describe("interiorDoglegInto", () => {
  it("is the Newton step inside of the region and of the bounds, with the model's decrease", () => {
    const { p, predicted } = step([0, 0], [1, -2], [1, 1], [open, open], [wide, wide], 10);
    expect([...p]).toEqual([-1, 2]);
    expect(predicted).toBeCloseTo(2.5, 14);
  });

  it("ends on the boundary of the scaled region", () => {
    for (const radius of [0.1, 0.5, 1.2]) {
      const { p } = step([0, 0], [1, -2], [1, 4], [open, open], [wide, wide], radius);
      expect(Math.hypot(p[0]!, p[1]! / 2)).toBeCloseTo(radius, 12);
    }
  });

  it("goes 0.99995 of the way to a bound, and nearer the shorter the step", () => {
    const long = step([0.5], [2], [1], [0], [1], 10);
    expect(long.p[0]).toBeCloseTo(-0.99995 * 0.5, 14);
    const short = step([1e-7], [2e-7], [1], [0], [1], 10);
    expect(short.p[0]! / -1e-7).toBeCloseTo(1 - 2e-7, 12);
    expect(1e-7 + short.p[0]!).toBeGreaterThan(0);
  });

  it("turns to the Cauchy step where a near bound leaves nothing of the Newton step", () => {
    // The Newton step (−1, 0.4) is cut to a millionth by the first bound; −V g = (−1e-6, 0.2) isn't.
    const { p, predicted } = step([1e-6, 0.5], [1, -0.4], [1e-6, 0.5], [0, 0], [1, 1], 10);
    // Cauchy's decrease at half of its free length: 0.4·0.2 − 0.2²/2 = 0.06.
    expect(predicted).toBeGreaterThanOrEqual(0.1 * 0.06 * 0.999);
    expect(p[1]).toBeGreaterThan(0.01);
    expect(1e-6 + p[0]!).toBeGreaterThan(0);
  });

  it("takes the Cauchy step where there is no Newton point", () => {
    const { p } = step([0], [0], [1], [open], [wide], 1);
    expect(p[0]! + 0).toBe(0);
  });
});

describe("between", () => {
  it("leaves what is inside, and brings back the rest as near to the bound as numbers allow", () => {
    expect(between(0.5, 0.2, 0, 1)).toBe(0.5);
    expect(between(1, 0.5, 0, 1)).toBeLessThan(1);
    expect(between(1, 0.5, 0, 1)).toBeGreaterThan(1 - 1e-10);
    expect(between(-3, 0.5, 0, 1)).toBeCloseTo(5e-11, 15);
    expect(between(1, 1 - 2 ** -53, 0, 1)).toBeLessThanOrEqual(1);
    const big = 1e10;
    expect(between(big + 1, big - 1, 0, big)).toBeLessThan(big);
    expect(between(big + 1, big - 1, 0, big)).toBeGreaterThan(big - 1e-3);
  });
});
