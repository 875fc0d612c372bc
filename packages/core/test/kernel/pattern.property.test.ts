// The pattern against sorting pairs in the plainest way.
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Contributions, makePattern } from "../../src/kernel/pattern.js";

const list = (pairs: [number, number][]): Contributions => ({
  count: pairs.length,
  scan: (emit) => {
    for (const [row, col] of pairs) emit(row, col);
  },
});

it("holds every pair once, sorted, and says where each went", () => {
  const size = 7;
  const pair = fc.tuple(fc.nat(size - 1), fc.nat(size - 1));
  fc.assert(
    fc.property(fc.array(fc.array(pair), { maxLength: 3 }), fc.boolean(), (given, diagonal) => {
      const lists = given.map((pairs) =>
        pairs.map(([i, j]): [number, number] => (diagonal ? [Math.max(i, j), Math.min(i, j)] : [i, j])),
      );
      const { colPointers, rowIndices, positions } = makePattern(size, size, lists.map(list), diagonal);
      const wanted = new Set(lists.flat().map(([i, j]) => j * size + i));
      if (diagonal) for (let i = 0; i < size; i++) wanted.add(i * size + i);
      const columnOf = (p: number) => colPointers.findLastIndex((start) => start <= p);
      const keys = Array.from(rowIndices, (row, p) => columnOf(p) * size + row);
      expect(keys).toEqual([...wanted].sort((a, b) => a - b));
      lists.forEach((pairs, l) => {
        expect(positions[l]!.length).toBe(pairs.length);
        pairs.forEach(([i, j], e) => {
          expect(keys[positions[l]![e]!]).toBe(j * size + i);
        });
      });
    }),
    { numRuns: 300 },
  );
});
