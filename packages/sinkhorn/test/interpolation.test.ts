// McCann's geodesic property with an optimal plan, and its ends.
import { describe, expect, it } from "vitest";
import { barycentricProjection, displacementFrames, exactTransport, pointCost } from "../src/index.js";
import { uniform } from "./problems-for-tests.js";

const n = 8;
const random = uniform(6);
const cloud = () => Array.from({ length: n }, () => [random(), random()]);
const [X, Y] = [cloud(), cloud()];
const weights = new Float64Array(n).fill(1 / n);
const squared = (A: number[][], B: number[][]) =>
  A.map((a) => B.map((b) => (a[0]! - b[0]!) ** 2 + (a[1]! - b[1]!) ** 2));
const { plan, cost } = exactTransport({ source: weights, target: weights, cost: squared(X, Y) });

describe("displacementFrames", () => {
  it("begins at the source and ends at the target", () => {
    const [first, last] = displacementFrames(plan, X, Y, [0, 1]);
    const sources = Array.from(plan.sources, (i) => X[i]!).flat();
    const targets = Array.from(plan.targets, (j) => Y[j]!).flat();
    expect([...first!.points.data]).toEqual(sources);
    expect([...last!.points.data]).toEqual(targets);
  });

  it("is a geodesic: W₂² from the source to time t is t² of the whole", () => {
    const [frame] = displacementFrames(plan, X, Y, [0.3]);
    const rows = Array.from({ length: frame!.weights.length }, (_, k) => [
      frame!.points.data[2 * k]!,
      frame!.points.data[2 * k + 1]!,
    ]);
    const part = exactTransport({ source: weights, target: frame!.weights, cost: squared(X, rows) });
    expect(Math.abs(part.cost - 0.09 * cost)).toBeLessThan(1e-14);
  });

  it("refuses times outside of [0, 1] and clouds of another size", () => {
    expect(() => displacementFrames(plan, X, Y, [1.5])).toThrow(/times\[0\]/);
    expect(() => displacementFrames(plan, X.slice(1), Y, [0])).toThrow(/source/);
  });
});

describe("barycentricProjection", () => {
  it("is the assignment's map for equal weights, and the mean of the target for the product plan", () => {
    const T = barycentricProjection(plan, X, Y);
    for (let k = 0; k < plan.sources.length; k++)
      for (let q = 0; q < 2; q++) expect(T.data[2 * plan.sources[k]! + q]!).toBeCloseTo(Y[plan.targets[k]!]![q]!, 14);
    const product = Array.from({ length: n }, () => new Array<number>(n).fill(1 / n ** 2));
    const mean = barycentricProjection(product, X, Y);
    for (let q = 0; q < 2; q++)
      expect(mean.data[q]!).toBeCloseTo(
        Y.reduce((s, y) => s + y[q]! / n, 0),
        14,
      );
  });

  it("agrees with point costs on what the squared distance is", () => {
    const again = exactTransport({ source: weights, target: weights, cost: pointCost({ source: X, target: Y }) });
    expect(Math.abs(again.cost - cost)).toBeLessThan(1e-14);
  });
});
