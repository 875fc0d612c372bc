import { describe, expect, it } from "vitest";
import { findSupernodes, mergeSupernodes, orderSupernodes } from "../../../src/linear/sparse/supernodes.js";

const list = (...values: number[]) => Int32Array.from(values);
const one = () => 1;

describe("findSupernodes", () => {
  it("joins columns that have the same rows below, and only those", () => {
    // Columns 0–1 dense, 2 on its own, 3–5 dense: counts below 3, 2 | 1 | 2, 1, 0.
    const { starts, of } = findSupernodes(list(1, 3, 3, 4, 5, -1), list(3, 2, 1, 2, 1, 0), one);
    expect(Array.from(starts)).toEqual([0, 2, 3, 6]);
    expect(Array.from(of)).toEqual([0, 0, 1, 2, 2, 2]);
    expect(Array.from(findSupernodes(list(), list(), one).starts)).toEqual([0]);
    // With weights: vertex 0 has two unknowns, vertex 1 three, and column 0 counts those of 1 and its rows.
    expect(Array.from(findSupernodes(list(1, -1), list(3, 0), (k) => [2, 3][k]).starts)).toEqual([0, 2]);
    expect(Array.from(findSupernodes(list(1, -1), list(2, 0), (k) => [2, 3][k]).starts)).toEqual([0, 1, 2]);
  });
});

describe("mergeSupernodes", () => {
  const never = { shares: [0, 0, 0], always: 0 } as const;

  it("merges a child that brings no zeros, and none that brings some, where none are allowed", () => {
    // Child 0 (2 columns, 3 rows below) under 1 (3 columns, none below): 3 = 3 + 0, no zeros. Child 0 with 2 rows: a zero a column.
    expect(Array.from(mergeSupernodes(list(1, -1), list(2, 3), list(3, 0), never, false))).toEqual([1, 1]);
    expect(Array.from(mergeSupernodes(list(1, -1), list(2, 3), list(2, 0), never, false))).toEqual([0, 1]);
  });

  it("allows the share of zeros that it is told to", () => {
    // Two zeros among ½·5·6 + 0 = 15 entries.
    for (const [share, merged] of [
      [2 / 15 + 1e-9, 1],
      [2 / 15 - 1e-9, 0],
    ]) {
      const relaxation = { shares: [share, 0, 0], always: 0 } as const;
      expect(mergeSupernodes(list(1, -1), list(2, 3), list(2, 0), relaxation, false)[0]).toBe(merged);
    }
    // Up to `always` columns whatever it costs.
    expect(mergeSupernodes(list(1, -1), list(2, 3), list(1, 0), { shares: [0, 0, 0], always: 5 }, false)[0]).toBe(1);
    expect(mergeSupernodes(list(1, -1), list(2, 3), list(1, 0), { shares: [0, 0, 0], always: 4 }, false)[0]).toBe(0);
  });

  it("takes the child that brings the fewest zeros first, and only the last one where the order stands", () => {
    // Children 0 (3 rows: no zeros) and 1 (1 row: two zeros a column) of 2, three columns.
    expect(Array.from(mergeSupernodes(list(2, 2, -1), list(1, 1, 3), list(3, 1, 0), never, false))).toEqual([2, 1, 2]);
    expect(Array.from(mergeSupernodes(list(2, 2, -1), list(1, 1, 3), list(3, 1, 0), never, true))).toEqual([0, 1, 2]);
    expect(Array.from(mergeSupernodes(list(2, 2, -1), list(1, 1, 3), list(1, 3, 0), never, true))).toEqual([0, 2, 2]);
  });

  it("follows chains to the supernode at their end", () => {
    expect(Array.from(mergeSupernodes(list(1, 2, 3, -1), list(1, 1, 1, 1), list(3, 2, 1, 0), never, false))).toEqual([
      3, 3, 3, 3,
    ]);
  });
});

/** The most memory that a postorder needs: a supernode's own update stands while its children's do. */
function peak(order: readonly number[], up: Int32Array, heights: Int32Array): number {
  let held = 0;
  let most = 0;
  const left = new Map<number, number>();
  for (const s of order) {
    held += heights[s] ** 2;
    most = Math.max(most, held);
    held -= left.get(s) ?? 0;
    if (up[s] === -1) held -= heights[s] ** 2;
    else left.set(up[s], (left.get(up[s]) ?? 0) + heights[s] ** 2);
  }
  return most;
}

/** All postorders of a tree. */
function postorders(root: number, up: Int32Array): number[][] {
  const children = [...up.keys()].filter((s) => up[s] === root);
  const orders = (rest: number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((c) =>
          postorders(c, up).flatMap((mine) => orders(rest.filter((d) => d !== c)).map((tail) => [...mine, ...tail])),
        );
  return orders(children).map((order) => [...order, root]);
}

describe("orderSupernodes", () => {
  it("is a postorder that needs the least memory of all postorders (Liu 1986)", () => {
    const trees: [number[], number[]][] = [
      [
        [4, 4, 4, 4, -1],
        [5, 3, 9, 7, 2],
      ],
      [
        [2, 2, 6, 5, 5, 6, -1],
        [8, 3, 2, 9, 4, 6, 0],
      ],
      [
        [1, 2, -1],
        [4, 5, 6],
      ],
      [
        [3, 3, 3, 7, 6, 6, 7, -1],
        [1, 2, 3, 7, 9, 2, 1, 0],
      ],
    ];
    for (const [parents, heights] of trees) {
      const up = Int32Array.from(parents);
      const own = Int32Array.from(up.keys());
      const { order, up: kept } = orderSupernodes(up, own, Int32Array.from(heights));
      expect(kept).toEqual(up);
      const all = postorders(parents.length - 1, up);
      const least = Math.min(...all.map((o) => peak(o, up, Int32Array.from(heights))));
      expect(all).toContainEqual(Array.from(order));
      expect(peak(Array.from(order), up, Int32Array.from(heights))).toBe(least);
    }
  });

  it("leaves out what has been merged, and has its children go to where it went", () => {
    const { order, up } = orderSupernodes(
      Int32Array.of(1, 3, 3, -1),
      Int32Array.of(0, 3, 2, 3),
      Int32Array.of(2, 2, 3, 0),
    );
    expect(Array.from(order)).toEqual([0, 2, 3]);
    expect([up[0], up[2], up[3]]).toEqual([3, 3, -1]);
  });
});
