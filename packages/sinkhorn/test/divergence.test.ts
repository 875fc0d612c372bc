import { checkGradient, defineProblem } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { type DivergenceOptions, sinkhornDivergence } from "../src/index.js";
import { randomWeights, uniform } from "./problems-for-tests.js";

const random = uniform(21);
const cloud = (n: number, shift = 0) => Array.from({ length: n }, () => [random() + shift, random()]);

describe("sinkhornDivergence", () => {
  it("is 0 between equal measures, positive else, and the same both ways", () => {
    const a = cloud(9);
    const b = cloud(7, 0.5);
    const r = randomWeights(9, random);
    const c = randomWeights(7, random);
    const options = { regularization: 0.05, tolerance: 1e-12 };
    const there = sinkhornDivergence({ ...options, source: r, target: c, points: { source: a, target: b } });
    const back = sinkhornDivergence({ ...options, source: c, target: r, points: { source: b, target: a } });
    const same = sinkhornDivergence({ ...options, source: r, target: r, points: { source: a, target: a } });
    expect(there.reason.kind).toBe("converged");
    expect(there.value).toBeGreaterThan(0.01);
    expect(back.value).toBeCloseTo(there.value, 12);
    expect(Math.abs(same.value)).toBeLessThan(1e-12);
    for (const g of same.pointGradients!.source.data) expect(Math.abs(g)).toBeLessThan(1e-10);
  });

  it("of a measure and its translate is the squared length of the translation, at any ε", () => {
    const a = cloud(12);
    const b = a.map(([p, q]) => [p! + 0.3, q! - 0.4]);
    for (const regularization of [1, 0.1, 0.02]) {
      const { value, pointGradients } = sinkhornDivergence({
        points: { source: a, target: b },
        regularization,
        tolerance: 1e-12,
      });
      expect(value).toBeCloseTo(0.25, 10);
      // Every source point is drawn along the translation: ∂S/∂a = 2 w (a − b).
      for (let i = 0; i < 12; i++) expect(pointGradients!.source.data[2 * i]).toBeCloseTo((-2 * 0.3) / 12, 8);
    }
  });

  it("has gradients in points and weights that agree with differences", () => {
    const n = 4;
    const b = cloud(5, 0.3);
    const r = randomWeights(n, random);
    const c = randomWeights(5, random);
    const options = { target: c, regularization: 0.1, tolerance: 1e-14, method: "logSinkhorn" } as const;
    const points = (data: Float64Array) => ({ source: { kind: "dense" as const, rows: n, cols: 2, data }, target: b });
    const start = Float64Array.from(cloud(n).flat());
    const inPoints = defineProblem({
      dimension: 2 * n,
      value: (p) => sinkhornDivergence({ ...options, source: r, points: points(p.slice()) }).value,
      gradient: (p) =>
        sinkhornDivergence({ ...options, source: r, points: points(p.slice()) }).pointGradients!.source.data,
    });
    expect(checkGradient(inPoints, start).verdict).toBe("right");
    const at = (p: Float64Array) => {
      const w = r.slice();
      for (let i = 0; i < n - 1; i++) {
        w[i] = w[i]! + p[i]! / 50;
        w[n - 1] = w[n - 1]! - p[i]! / 50;
      }
      return sinkhornDivergence({ ...options, source: w, points: points(start) });
    };
    const inWeights = defineProblem({
      dimension: n - 1,
      value: (p) => at(p).value,
      gradient: (p) => {
        const g = at(p).weightGradients.source;
        return Array.from(g.subarray(0, n - 1), (gi) => (gi - g[n - 1]!) / 50);
      },
    });
    expect(checkGradient(inWeights, new Float64Array(n - 1)).verdict).toBe("right");
  });

  it("takes grids and matrices of costs alike", () => {
    const r = randomWeights(6, random);
    const c = randomWeights(6, random);
    const C = Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 }, (_, j) => (i - j) ** 2));
    const options = { source: r, target: c, regularization: 0.5, tolerance: 1e-12 };
    const grid = sinkhornDivergence({ ...options, grid: { shape: [6] } });
    const costs = sinkhornDivergence({ ...options, costs: { cross: C, source: C, target: C } });
    expect(grid.value).toBeCloseTo(costs.value, 11);
    expect(grid.pointGradients).toBe(null);
  });

  it("takes weights of any sum where it shall normalize them", () => {
    const points = { source: cloud(4), target: cloud(4, 1) };
    const options = { points, regularization: 0.1, tolerance: 1e-12 };
    const heavy = sinkhornDivergence({ ...options, source: [3, 3, 3, 3], target: [1, 1, 1, 1], normalize: true });
    const plain = sinkhornDivergence(options);
    expect(heavy.value).toBeCloseTo(plain.value, 12);
    heavy.pointGradients!.source.data.forEach((g, k) => {
      expect(g).toBeCloseTo(plain.pointGradients!.source.data[k]!, 10);
    });
  });

  it("says which run did not converge", () => {
    const { reason } = sinkhornDivergence({
      points: { source: cloud(5), target: cloud(5) },
      regularization: 0.01,
      maxIterations: 1,
    });
    expect(reason).toMatchObject({ kind: "budget", rule: "maxIterations" });
  });

  it.each<[object, string]>([
    [{ points: undefined }, "with 0 of points, grid and costs; wanted exactly one of them."],
    [{ grid: { shape: [2] } }, "with 2 of points, grid and costs"],
    [{ source: [1, 0] }, "argument `options.source` is 0 at index 1; wanted weights > 0"],
    [{ source: [0.5, -0.5] }, "transport: argument `options.source` is -0.5 at index 1"],
    [{ epsilon: 1 }, "sinkhornDivergence: argument `options.epsilon` is not an option"],
    [{ regularization: -1 }, "argument `options.regularization` is -1"],
    [{ source: 3 }, "argument `options.source` is 3; wanted an array of weights."],
  ])("refuses misuse %#", (changes, message) => {
    const good: DivergenceOptions = { points: { source: [0, 1], target: [0, 2] }, regularization: 1 };
    expect(() => sinkhornDivergence({ ...good, ...changes } as never)).toThrow(message);
  });
});
