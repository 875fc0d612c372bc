// Marginals of the rounded plan, the bound of Lemma 7, and a matrix against its products.
import { describe, expect, it } from "vitest";
import { roundedOperator, roundingOf, roundPlanInto } from "../src/index.js";
import type { PlanProducts } from "../src/rounding.js";
import { uniform } from "./problems-for-tests.js";

const n = 17;
const m = 11;
const random = uniform(4);
const P = Float64Array.from({ length: n * m }, () => random() / (n * m));
const r = Float64Array.from({ length: n }, random);
const c = Float64Array.from({ length: m }, random);
const scale = (w: Float64Array) => {
  const total = w.reduce((a, b) => a + b, 0);
  return w.map((x) => x / total);
};
const [source, target] = [scale(r), scale(c)];
const rowSum = (p: Float64Array, i: number) => p.subarray(i * m, (i + 1) * m).reduce((a, b) => a + b, 0);
const colSum = (p: Float64Array, j: number) =>
  Array.from({ length: n }, (_, i) => p[i * m + j]!).reduce((a, b) => a + b, 0);

describe("rounding", () => {
  it("has the marginals to 1e-15 n, no negative entry, and stays within the bound of Lemma 7", () => {
    const Q = roundPlanInto(P.slice(), n, m, source, target);
    let before = 0;
    for (let i = 0; i < n; i++) {
      expect(Math.abs(rowSum(Q, i) - source[i]!)).toBeLessThan(1e-15 * n);
      before += Math.abs(rowSum(P, i) - source[i]!);
    }
    for (let j = 0; j < m; j++) {
      expect(Math.abs(colSum(Q, j) - target[j]!)).toBeLessThan(1e-15 * n);
      before += Math.abs(colSum(P, j) - target[j]!);
    }
    expect(Q.every((q) => q >= 0)).toBe(true);
    expect(Q.reduce((s, q, k) => s + Math.abs(q - P[k]!), 0)).toBeLessThanOrEqual(2 * before);
  });

  it("leaves a plan with the marginals as it is", () => {
    const exact = Float64Array.from({ length: n * m }, (_, k) => source[Math.floor(k / m)]! * target[k % m]!);
    const Q = roundPlanInto(exact.slice(), n, m, source, target);
    for (let k = 0; k < n * m; k++) expect(Math.abs(Q[k]! - exact[k]!)).toBeLessThan(1e-16);
  });

  it("is the same by products", () => {
    const Q = roundPlanInto(P.slice(), n, m, source, target);
    const products = (p: Float64Array): PlanProducts => ({
      rows: n,
      cols: m,
      traits: {},
      applyInto(out, x) {
        for (let i = 0; i < n; i++) out[i] = x.reduce((s, xj, j) => s + p[i * m + j]! * xj, 0);
        return out;
      },
      applyTransposeInto(out, y) {
        for (let j = 0; j < m; j++) out[j] = y.reduce((s, yi, i) => s + p[i * m + j]! * yi, 0);
        return out;
      },
    });
    const operator = roundedOperator(products(P), roundingOf(products(P), source, target));
    const x = Float64Array.from({ length: m }, random);
    const got = operator.applyInto(new Float64Array(n), x);
    const wanted = products(Q).applyInto(new Float64Array(n), x);
    for (let i = 0; i < n; i++) expect(Math.abs(got[i]! - wanted[i]!)).toBeLessThan(1e-15);
    const y = Float64Array.from({ length: n }, random);
    const back = operator.applyTransposeInto(new Float64Array(m), y);
    const wantedBack = products(Q).applyTransposeInto(new Float64Array(m), y);
    for (let j = 0; j < m; j++) expect(Math.abs(back[j]! - wantedBack[j]!)).toBeLessThan(1e-15);
  });

  it("refuses negative entries, wrong lengths, unequal mass", () => {
    expect(() => roundPlanInto(Float64Array.of(1, -1), 1, 2, [1], [0.5, 0.5])).toThrow(/row 0, column 1/);
    expect(() => roundPlanInto(new Float64Array(3), 1, 2, [1], [0.5, 0.5])).toThrow(/length 3/);
    expect(() => roundPlanInto(new Float64Array(2), 1, 2, [1], [0.5, 0.6])).toThrow(/same sum/);
  });
});
