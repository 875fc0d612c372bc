import { describe, expect, it } from "vitest";
import {
  addInto,
  axpy,
  axpyAt,
  copyInto,
  dot,
  dotAt,
  linearCombinationInto,
  norm2,
  normInf,
  powerOfTwoScale,
  safeDot,
  scale,
  subtractInto,
} from "../../src/linear/vec.js";

const counting = (n: number) => Float64Array.from({ length: n }, (_, i) => i + 1);

describe("vectors", () => {
  it("dot and axpy are right for every remainder of the unrolled loop", () => {
    for (let n = 0; n < 13; n++) {
      const x = counting(n);
      // Σ i² = n (n + 1) (2n + 1) / 6, exact in integers.
      expect(dot(x, x)).toBe((n * (n + 1) * (2 * n + 1)) / 6);
      expect(dotAt(counting(n + 3), 2, counting(n + 3), 3, n)).toBe(
        Array.from({ length: n }, (_, k) => (k + 3) * (k + 4)).reduce((a, b) => a + b, 0),
      );
      expect(Array.from(axpy(counting(n), -2, x))).toEqual(Array.from(x, (a) => -a));
      const y = counting(n + 3);
      axpyAt(y, 2, 10, x, 0, n);
      expect(Array.from(y)).toEqual(
        Array.from(counting(n + 3), (a, k) => a + (k >= 2 && k < n + 2 ? 10 * (k - 1) : 0)),
      );
    }
  });

  it("sums, differences and combinations may write into an operand", () => {
    const x = counting(5);
    const y = Float64Array.of(5, 4, 3, 2, 1);
    expect(Array.from(addInto(new Float64Array(5), x, y))).toEqual([6, 6, 6, 6, 6]);
    expect(Array.from(subtractInto(new Float64Array(5), x, y))).toEqual([-4, -2, 0, 2, 4]);
    expect(Array.from(linearCombinationInto(new Float64Array(5), 2, x, -1, y))).toEqual([-3, 0, 3, 6, 9]);
    expect(Array.from(scale(copyInto(new Float64Array(5), x), -1))).toEqual([-1, -2, -3, -4, -5]);
    expect(copyInto(x, x)).toBe(x);
    expect(Array.from(linearCombinationInto(x, 1, x, 1, y))).toEqual([6, 6, 6, 6, 6]);
  });

  it("norm2 neither overflows nor underflows", () => {
    for (const t of [1, 1e-150, 1e150, 1e-200, 1e200, 1e-300, 1e300]) {
      expect(Math.abs(norm2(Float64Array.of(3 * t, -4 * t)) / (5 * t) - 1)).toBeLessThan(4 * Number.EPSILON);
    }
    expect(norm2(Float64Array.of(Number.MIN_VALUE, 0))).toBe(Number.MIN_VALUE);
    expect(norm2(Float64Array.of(1e-200, 1))).toBe(1);
    expect(norm2(new Float64Array(0))).toBe(0);
    expect(norm2(new Float64Array(3))).toBe(0);
    expect(norm2(Float64Array.of(1, Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
    expect(norm2(Float64Array.of(1, Number.NaN))).toBeNaN();
  });

  it("normInf sees NaN wherever it stands", () => {
    expect(normInf(Float64Array.of(1, -7, 3))).toBe(7);
    expect(normInf(Float64Array.of(Number.NaN, 1))).toBeNaN();
    expect(normInf(Float64Array.of(1, Number.NaN, 2))).toBeNaN();
    expect(normInf(new Float64Array(0))).toBe(0);
  });

  it("powerOfTwoScale brings any number to [1, 2) without rounding", () => {
    for (const size of [1, 1.99, 2, 1e-150, 1e150, 1e300, 3e-300]) {
      const s = powerOfTwoScale(size);
      expect(s * size).toBeGreaterThanOrEqual(1);
      expect(s * size).toBeLessThan(2);
      expect((s * size) / s).toBe(size);
    }
    expect(powerOfTwoScale(Number.MIN_VALUE)).toBe(2 ** 1000);
  });

  it("a safe dot product overflows or underflows only where the result does", () => {
    const [big, tiny] = [2 ** 700, 2 ** -700];
    expect(dot(Float64Array.of(big, 1), Float64Array.of(big, 1))).toBe(Number.POSITIVE_INFINITY);
    // The large products cancel; what is left is a number.
    expect(safeDot(Float64Array.of(big, big, 3), Float64Array.of(big, -big, 2))).toBe(0);
    expect(safeDot(Float64Array.of(big, big), Float64Array.of(2 ** 300, -(2 ** 299)))).toBe(2 ** 999);
    expect(safeDot(Float64Array.of(big, 2 * big), Float64Array.of(2 ** 400, -(2 ** 399)))).toBe(0);
    expect(safeDot(Float64Array.of(tiny, tiny), Float64Array.of(big, big))).toBe(2);
    expect(safeDot(Float64Array.of(tiny, tiny), Float64Array.of(2 ** -374, 2 ** -374))).toBe(2 ** -1073);
    expect(safeDot(Float64Array.of(big, 0), Float64Array.of(big, 0))).toBe(Number.POSITIVE_INFINITY);
    expect(safeDot(Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6))).toBe(32);
    expect(safeDot(Float64Array.of(Number.NaN, 1), Float64Array.of(1, 1))).toBeNaN();
    expect(safeDot(Float64Array.of(Number.POSITIVE_INFINITY), Float64Array.of(2))).toBe(Number.POSITIVE_INFINITY);
    expect(safeDot(new Float64Array(0), new Float64Array(0))).toBe(0);
  });
});
