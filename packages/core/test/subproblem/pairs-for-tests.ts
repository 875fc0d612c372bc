// Pairs of limited-memory BFGS, and the matrix that they make by the update formula.
import { expect } from "vitest";
import { newPairs, type Pairs, storePair } from "../../src/index.js";
import { dot } from "../../src/linear/index.js";

/** The number of variables. */
export const n = 7;

/** Pairs with y = A s for a fixed A ≻ 0 that isn't diagonal. */
export function examplePairs(memory: number, made: number): { pairs: Pairs; list: [Float64Array, Float64Array][] } {
  const pairs = newPairs(n, memory);
  const list: [Float64Array, Float64Array][] = [];
  for (let k = 0; k < made; k++) {
    const s = Float64Array.from({ length: n }, (_, i) => Math.sin(1 + 3 * k + i * i));
    const y = s.map((si, i) => (2 + i) * si - 0.5 * (s[i - 1] ?? 0) - 0.5 * (s[i + 1] ?? 0));
    expect(storePair(pairs, s, y)).toBe(true);
    list.push([s, y]);
  }
  return { pairs, list: list.slice(-memory) };
}

/** B by the update formula, pair after pair: B⁺ = B − Bs sᵀB / sᵀBs + y yᵀ / yᵀs from θI. */
export function updatedMatrix(list: readonly (readonly [Float64Array, Float64Array])[]): Float64Array[] {
  const [lastS, lastY] = list.at(-1)!;
  const theta = dot(lastY, lastY) / dot(lastS, lastY);
  const B = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? theta : 0)));
  for (const [s, y] of list) {
    const Bs = Float64Array.from(B, (row) => dot(row, s));
    const sBs = dot(s, Bs);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) B[i]![j]! += (y[i]! * y[j]!) / dot(s, y) - (Bs[i]! * Bs[j]!) / sBs;
  }
  return B;
}
