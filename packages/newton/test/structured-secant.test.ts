import { describe, expect, it } from "vitest";
import { structuredSecantInto } from "../src/structured-secant.js";

describe("structuredSecantInto", () => {
  const p = Float64Array.of(1, -2, 0.5);
  const y = Float64Array.of(2, -3, 1);
  const ySharp = Float64Array.of(0.3, 0.1, -0.7);
  const times = (S: Float64Array) => [0, 1, 2].map((i) => p.reduce((sum, pj, j) => sum + S[3 * i + j]! * pj, 0));

  it("meets the secant equation and stays symmetric, from zero and from a matrix that is too large", () => {
    for (const start of [new Float64Array(9), Float64Array.of(50, 1, 2, 1, 40, 3, 2, 3, 60)]) {
      const S = start.slice();
      structuredSecantInto(S, p, y, ySharp);
      for (const [i, value] of times(S).entries()) expect(value).toBeCloseTo(ySharp[i]!, 12);
      for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) expect(S[3 * i + j]).toBeCloseTo(S[3 * j + i]!, 12);
    }
  });

  it("shrinks what is too large: across p and y S is multiplied by τ", () => {
    // p = y = e₁: entries off the first row and column are τ S, τ = |p·y#| / pᵀSp = 1/4.
    const S = Float64Array.of(4, 0, 0, 0, 8, 4, 0, 4, 12);
    const unit = Float64Array.of(1, 0, 0);
    structuredSecantInto(S, unit, unit, unit);
    expect([...S]).toEqual([1, 0, 0, 0, 2, 1, 0, 1, 3]);
  });

  it("leaves S where the gradient doesn't grow along p", () => {
    const S = Float64Array.from({ length: 9 }, (_, k) => k);
    const before = S.slice();
    structuredSecantInto(
      S,
      p,
      y.map((v) => -v),
      ySharp,
    );
    expect(S).toEqual(before);
  });
});
