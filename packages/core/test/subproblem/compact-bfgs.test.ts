import { describe, expect, it } from "vitest";
import {
  addFactorProduct,
  applyMiddleInto,
  type CompactBfgs,
  compactBfgs,
  factorRowInto,
  newPairs,
  storePair,
  transposeFactorInto,
} from "../../src/index.js";
import { dot } from "../../src/linear/index.js";
import { examplePairs, n, updatedMatrix } from "./pairs-for-tests.js";

/** B v by the compact form. */
function product(B: CompactBfgs, v: Float64Array): Float64Array {
  const k = 2 * B.size;
  const middle = applyMiddleInto(new Float64Array(k), B, transposeFactorInto(new Float64Array(k), B, v));
  const out = v.map((vi) => B.theta * vi);
  addFactorProduct(out, B, -1, middle, Int32Array.from(v.keys()), n);
  return out;
}

describe("the compact form of limited-memory BFGS", () => {
  it("is what the update formula makes, pair after pair, also where the ring has turned", () => {
    for (const [memory, made] of [
      [5, 1],
      [5, 3],
      [5, 5],
      [4, 9],
      [1, 3],
    ] as const) {
      const { pairs, list } = examplePairs(memory, made);
      const B = compactBfgs(pairs, n)!;
      expect(B.size).toBe(Math.min(memory, made));
      const wanted = updatedMatrix(list);
      for (let j = 0; j < n; j++) {
        const column = product(
          B,
          Float64Array.from({ length: n }, (_, i) => Number(i === j)),
        );
        for (let i = 0; i < n; i++) expect(Math.abs(column[i]! - wanted[i]![j]!)).toBeLessThan(1e-9);
      }
      // The newest pair meets the secant equation B s = y.
      const [s, y] = list.at(-1)!;
      const Bs = product(B, s);
      for (let i = 0; i < n; i++) expect(Bs[i]).toBeCloseTo(y[i]!, 9);
    }
  });

  it("gives rows of W and products with it that agree", () => {
    const B = compactBfgs(examplePairs(3, 5).pairs, n)!;
    for (let i = 0; i < n; i++) {
      const unit = Float64Array.from({ length: n }, (_, j) => Number(j === i));
      const row = factorRowInto(new Float64Array(6), B, i);
      expect(row).toEqual(transposeFactorInto(new Float64Array(6), B, unit));
      const out = new Float64Array(1);
      addFactorProduct(out, B, 2, row, Int32Array.of(i), 1);
      expect(out[0]).toBeCloseTo(2 * dot(row, row), 12);
    }
  });

  it("is the identity without pairs", () => {
    const B = compactBfgs(newPairs(n, 4), n)!;
    expect([B.size, B.theta]).toEqual([0, 1]);
  });

  it("refuses a pair without positive curvature, and keeps the others", () => {
    const { pairs } = examplePairs(3, 3);
    const before = structuredClone(pairs);
    const s = new Float64Array(n).fill(1);
    expect(
      storePair(
        pairs,
        s,
        s.map((v) => -v),
      ),
    ).toBe(false);
    expect(storePair(pairs, s, new Float64Array(n))).toBe(false);
    expect(
      storePair(
        pairs,
        s,
        s.map(() => Number.NaN),
      ),
    ).toBe(false);
    expect(
      storePair(
        pairs,
        s,
        s.map(() => 1e200),
      ),
    ).toBe(false);
    expect(pairs).toEqual(before);
  });
});
