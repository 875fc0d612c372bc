import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GatherLevel, planGather } from "../../src/gpu/gather.js";

/** What the kernels do, level by level. */
function gather(levels: readonly GatherLevel[], numbers: readonly number[]): number[] {
  let values = [...numbers];
  for (const { width, segments, table } of levels) {
    values = Array.from({ length: segments }, (_, s) => {
      let sum = 0;
      for (let p = 0; p < width; p++) if (table[p * segments + s]! >= 0) sum += values[table[p * segments + s]!]!;
      return sum;
    });
  }
  return values;
}

describe("planGather", () => {
  it("adds by owner", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(1000), { maxLength: 300 }), (owners, random) => {
        const owner = (k: number) => (random[k]! % (owners + 1)) - 1;
        const levels = planGather(owners, random.length, owner, (k) => random.length - 1 - k);
        const wanted = new Array<number>(owners).fill(0);
        random.forEach((_, k) => {
          if (owner(k) >= 0) wanted[owner(k)]! += random[random.length - 1 - k]!;
        });
        expect(gather(levels, random)).toEqual(wanted);
      }),
    );
  });

  it("cuts long lists, so that no thread adds more than 32 numbers", () => {
    const levels = planGather(
      2,
      5000,
      (k) => (k === 0 ? 1 : 0),
      (k) => k,
    );
    expect(levels.map(({ width }) => width)).toEqual([32, 32, 5]);
    expect(gather(levels, new Array(5000).fill(1))).toEqual([4999, 1]);
    expect(levels.at(-1)!.segments).toBe(2);
  });

  it("gives owners of nothing 0", () => {
    expect(
      gather(
        planGather(
          3,
          0,
          () => 0,
          () => 0,
        ),
        [],
      ),
    ).toEqual([0, 0, 0]);
  });
});
