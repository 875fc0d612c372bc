import { describe, expect, it } from "vitest";
import { armijo, nextRadius, reduction, strongWolfe } from "../../src/index.js";

describe("armijo", () => {
  it("takes the first step when it decreases enough, and backtracks by interpolation else", () => {
    expect(armijo((t) => (t - 1) ** 2, 1, -2)).toEqual({ accepted: true, step: 1, value: 0, evaluations: 1 });
    // φ(t) = (10t − 1)²: the quadratic through φ(0), φ'(0), φ(1) is exact, its minimizer 0.1.
    const outcome = armijo((t) => (10 * t - 1) ** 2, 1, -20);
    expect(outcome.accepted).toBe(true);
    expect(outcome.step).toBeCloseTo(0.1, 12);
    expect(outcome.evaluations).toBe(2);
  });

  it("halves over values that aren't finite, and gives up after its evaluations", () => {
    const outcome = armijo((t) => (t > 0.3 ? Number.NaN : -t), 0, -1);
    expect(outcome).toMatchObject({ accepted: true, step: 0.25, evaluations: 3 });
    expect(armijo(() => 1, 0, -1, { maxEvaluations: 7 })).toEqual({
      accepted: false,
      step: 0,
      value: 0,
      evaluations: 7,
    });
  });
});

describe("strongWolfe", () => {
  const functions: [string, (t: number) => number, (t: number) => number][] = [
    ["a parabola far away", (t) => (t - 50) ** 2, (t) => 2 * (t - 50)],
    ["a parabola near", (t) => (t - 1e-3) ** 2, (t) => 2 * (t - 1e-3)],
    ["Moré and Thuente's 1", (t) => -t / (t * t + 2), (t) => (t * t - 2) / (t * t + 2) ** 2],
    ["a wall", (t) => (t < 2 ? -Math.log(2 - t) - 3 * t : Number.NaN), (t) => 1 / (2 - t) - 3],
  ];
  for (const [name, f, df] of functions) {
    it(`finds a step that meets both conditions: ${name}`, () => {
      for (const initialStep of [1e-3, 1, 1e3]) {
        const { accepted, step, value } = strongWolfe((t) => ({ value: f(t), slope: df(t) }), f(0), df(0), {
          initialStep,
        });
        expect(accepted).toBe(true);
        expect(value).toBe(f(step));
        expect(value).toBeLessThanOrEqual(f(0) + 1e-4 * step * df(0));
        expect(Math.abs(df(step))).toBeLessThanOrEqual(0.9 * Math.abs(df(0)));
      }
    });
  }

  it("tries no step beyond the longest allowed, and takes that one where f still falls there", () => {
    const tried: number[] = [];
    const far = (t: number) => {
      tried.push(t);
      return { value: (t - 50) ** 2, slope: 2 * (t - 50) };
    };
    expect(strongWolfe(far, 2500, -100, { maxStep: 3, curvature: 0.1 })).toMatchObject({ accepted: true, step: 3 });
    expect(tried).toEqual([1, 3]);
    expect(strongWolfe(far, 2500, -100, { initialStep: 8, maxStep: 3, curvature: 0.1 }).step).toBe(3);
    // A longest step beyond the minimum changes nothing.
    expect(strongWolfe(far, 2500, -100, { maxStep: 80, curvature: 0.1 }).step).toBe(
      strongWolfe(far, 2500, -100, { curvature: 0.1 }).step,
    );
  });

  it("takes the slope's word where rounding hides the decrease, as far as it is told", () => {
    // φ with noise of 1e-9: the minimum at 1 lies 1e-12 below φ(0).
    const noisy = (t: number) => ({ value: 1 + (t === 0 ? 0 : 1e-9), slope: 2e-12 * (t - 1) });
    expect(strongWolfe(noisy, 1, -2e-12).accepted).toBe(false);
    expect(strongWolfe(noisy, 1, -2e-12, { rounding: 2e-9 })).toMatchObject({ accepted: true, step: 1 });
  });

  it("gives up within its evaluations when nothing decreases", () => {
    let evaluations = 0;
    const outcome = strongWolfe(
      () => {
        evaluations++;
        return { value: 1, slope: -1 };
      },
      0,
      -1,
    );
    expect(outcome.accepted).toBe(false);
    expect(evaluations).toBeLessThanOrEqual(31);
  });
});

describe("reduction and radius", () => {
  it("is actual over predicted, −Infinity for a value that isn't finite, and 1 below rounding", () => {
    expect(reduction(2, 1, 2).ratio).toBeCloseTo(0.5, 12);
    expect(reduction(2, Number.NaN, 2)).toEqual({ ratio: Number.NEGATIVE_INFINITY, rounding: false });
    const tiny = reduction(1, 1 + 2e-16, 1e-17);
    expect(tiny.rounding).toBe(true);
    expect(tiny.ratio).toBeGreaterThan(0.7);
    expect(reduction(0, 1, 1).ratio).toBeLessThan(0);
  });

  it("shrinks to a quarter of a failed step, grows only from the boundary", () => {
    expect(nextRadius(1, -1, 0.8)).toBe(0.2);
    expect(nextRadius(1, 0.5, 0.8)).toBe(1);
    expect(nextRadius(1, 0.9, 1)).toBe(2.5);
    expect(nextRadius(1, 0.9, 0.1)).toBe(1);
    expect(nextRadius(1, Number.NaN, 1)).toBe(0.25);
  });
});
