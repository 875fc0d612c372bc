// Closed forms on the line, the network simplex method on the same problems, and certificates.
import { describe, expect, it } from "vitest";
import { exactTransport, lineBarycenter, lineTransport } from "../../src/index.js";
import { uniform } from "../problems-for-tests.js";

const numbers = (n: number, seed: number) => Array.from({ length: n }, uniform(seed));
const scaled = (w: number[]) => {
  const total = w.reduce((a, b) => a + b, 0);
  return w.map((x) => x / total);
};

describe("lineTransport", () => {
  it("moves a translated measure by the translation: W_p = |t| for every p", () => {
    const x = numbers(7, 1);
    for (const power of [1, 1.5, 2, 7]) {
      const { distance } = lineTransport({ sourcePoints: x, targetPoints: x.map((v) => v + 3), power });
      expect(distance).toBeCloseTo(3, 12);
    }
  });

  it("knows the cost of a half moved by one: 0.5", () => {
    const { cost, plan } = lineTransport({ sourcePoints: [0], targetPoints: [1, 0] });
    expect(cost).toBe(0.5);
    expect([...plan.amounts]).toEqual([0.5, 0.5]);
  });

  for (const power of [1, 2, 3])
    it(`agrees with the network simplex method at p = ${power}, and its potentials prove it`, () => {
      const [x, y] = [numbers(12, 2), numbers(9, 3)];
      const [source, target] = [scaled(numbers(12, 4)), scaled(numbers(9, 5))];
      const cost = x.map((a) => y.map((b) => Math.abs(a - b) ** power));
      const line = lineTransport({ sourcePoints: x, targetPoints: y, source, target, power });
      const { cost: best } = exactTransport({ source, target, cost });
      expect(Math.abs(line.cost - best)).toBeLessThan(1e-14);
      const { source: u, target: v } = line.potentials;
      const dual = source.reduce((s, r, i) => s + r * u[i]!, 0) + target.reduce((s, c, j) => s + c * v[j]!, 0);
      expect(Math.abs(dual - best)).toBeLessThan(1e-14);
      for (let i = 0; i < 12; i++)
        for (let j = 0; j < 9; j++) expect(u[i]! + v[j]!).toBeLessThanOrEqual(cost[i]![j]! + 1e-14);
    });

  it("refuses points that aren't finite, p < 1, unequal mass, unknown options", () => {
    const points = { sourcePoints: [0, 1], targetPoints: [0, 1] };
    expect(() => lineTransport({ ...points, sourcePoints: [0, Number.NaN] })).toThrow(/sourcePoints/);
    expect(() => lineTransport({ ...points, targetPoints: [] })).toThrow(/targetPoints/);
    expect(() => lineTransport({ ...points, power: 0.5 })).toThrow(/power/);
    expect(() => lineTransport({ ...points, source: [1, 1], target: [1, 2] })).toThrow(/same sum/);
    expect(() => lineTransport({ ...points, source: [-1, 2] })).toThrow(/source/);
    expect(() => lineTransport({ ...points, metric: "l2" } as never)).toThrow(/metric/);
  });
});

describe("lineBarycenter", () => {
  it("is the midpoint of two points, and lies between two clouds as W₂ says", () => {
    const two = lineBarycenter([{ points: [0] }, { points: [4] }], [1, 3]);
    expect([...two.points]).toEqual([3]);
    const [a, b] = [numbers(6, 8), numbers(4, 9)];
    const middle = lineBarycenter([{ points: a }, { points: b }], [0.75, 0.25]);
    const whole = lineTransport({ sourcePoints: a, targetPoints: b }).distance;
    const part = lineTransport({
      sourcePoints: a,
      targetPoints: middle.points,
      target: middle.weights,
      normalize: false,
    }).distance;
    expect(Math.abs(part - 0.25 * whole)).toBeLessThan(1e-14);
  });

  it("refuses an empty list", () => expect(() => lineBarycenter([])).toThrow(/measures/));
});
