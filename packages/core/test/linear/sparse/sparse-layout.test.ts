import { describe, expect, it } from "vitest";
import { analyze } from "../../../src/linear/sparse/sparse-cholesky.js";
import { compressedGraph } from "../../../src/linear/sparse/sparse-graph.js";
import { layOut } from "../../../src/linear/sparse/sparse-layout.js";
import { type Edge, fromEdges } from "../sparse-for-tests.js";

/** Triangles {0, 1, 4} and {2, 3, 5} and the edge {4, 5}: supernodes {0, 1} and {2, 3} below {4, 5}. */
const edges: Edge[] = [
  [1, 0],
  [4, 0],
  [4, 1],
  [3, 2],
  [5, 2],
  [5, 3],
  [5, 4],
];

describe("layOut", () => {
  it("lays out a small tree as it is worked out by hand", () => {
    const A = fromEdges(6, edges, () => 9);
    const S = analyze(A, { ordering: "natural", relaxation: false });
    expect(Array.from(S.supernodes)).toEqual([0, 2, 4, 6]);
    expect(Array.from(S.superParent)).toEqual([2, 2, -1]);
    expect(Array.from(S.rowIndices)).toEqual([4, 5]);
    expect(Array.from(S.rowPointers)).toEqual([0, 1, 2, 2]);
    // Panels of 3 × 2, 3 × 2 and 2 × 2 entries.
    expect(Array.from(S.panels)).toEqual([0, 6, 12, 16]);
    // Runs: row 4 goes to place 0 of the root, row 5 to place 1. Each list ends with (rows, 0).
    expect(Array.from(S.runPointers)).toEqual([0, 2, 4, 5]);
    expect(Array.from(S.runs)).toEqual([0, 0, 1, 0, 0, 1, 1, 0, 0, 0]);
    // Updates of one number each stand together; the root has none.
    expect(S.workSize).toBe(2);
    expect(S.scaledSize).toBe(4);
    expect([S.firstChild[2], S.nextSibling[S.firstChild[2]]].sort()).toEqual([0, 1]);
    // Entry (5, 2) is row 2, column 0 of the second panel.
    const place = new Map(Array.from(S.entrySources, (source, e) => [source, S.entryPlaces[e]]));
    const p = Array.from(A.rowIndices.keys()).find((q) => q >= A.colPointers[2] && A.rowIndices[q] === 5) ?? -1;
    expect(place.get(p)).toBe(2 * 2);
  });

  it("refuses a factor of 2³¹ entries, and working memory of 16 GiB", () => {
    const A = fromEdges(2, [], () => 1);
    const order = Int32Array.of(0, 1);
    const tree = (heights: number[]) => ({
      supernodes: { starts: Int32Array.of(0, 1, 2), of: Int32Array.of(0, 1) },
      superParent: Int32Array.of(1, -1),
      sequence: Int32Array.of(0, 1),
      heights: Int32Array.from(heights),
    });
    const layout = (heights: number[]) => layOut(A, compressedGraph(A), order, order, tree(heights), order);
    expect(() => layout([2 ** 30, 2 ** 30])).toThrow(
      "is a matrix whose factor has 2³¹ entries or more; wanted a sparser one.",
    );
    expect(() => layout([50_000, 0])).toThrow("needs 16 GiB of working memory or more");
    expect(layout([0, 0]).workSize).toBe(0);
  });
});
