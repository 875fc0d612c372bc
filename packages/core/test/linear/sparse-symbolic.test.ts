import { describe, expect, it } from "vitest";
import { sparseFromTriplets } from "../../src/linear/csc.js";
import type { SparseMatrix } from "../../src/linear/matrix.js";
import { analyze, lowerFactor, type Symbolic, sparseFactorize } from "../../src/linear/sparse-cholesky.js";
import {
  cliqueEdges,
  type Edge,
  eliminate,
  fromEdges,
  gridEdges,
  isPermutation,
  laplacian2d,
  pathEdges,
  randomEdges,
} from "./sparse-for-tests.js";

const cases: [string, number, Edge[]][] = [
  ["empty", 0, []],
  ["one variable", 1, []],
  ["diagonal", 9, []],
  ["path", 12, pathEdges(12)],
  ["grid", 42, gridEdges(6, 7)],
  ["clique", 11, cliqueEdges(Array.from({ length: 11 }, (_, k) => k))],
  ["arrow", 20, Array.from({ length: 19 }, (_, k) => [k + 1, 0])],
  ["sparse random", 80, randomEdges(80, 90, 1)],
  ["random", 60, randomEdges(60, 150, 2)],
  ["dense random", 40, randomEdges(40, 400, 3)],
];

/** Rows of each column of L below the diagonal, as the analysis has them. */
function columns(symbolic: Symbolic, A: SparseMatrix): number[][] {
  const L = lowerFactor(sparseFactorize(symbolic, A));
  return Array.from({ length: symbolic.n }, (_, j) =>
    Array.from(L.rowIndices.subarray(L.colPointers[j] + 1, L.colPointers[j + 1])),
  );
}

describe("analyze", () => {
  describe.each(["amd", "natural", "given"] as const)("with the %s order", (kind) => {
    it.each(cases)("has the tree, counts and pattern of an elimination by hand: %s", (_, n, edges) => {
      const A = fromEdges(n, edges, () => 2 * n + 2);
      const given = Int32Array.from({ length: n }, (_, k) => n - 1 - k);
      const S = structuredClone(analyze(A, kind === "given" ? given : kind));
      expect(isPermutation(S.permutation)).toBe(true);
      if (kind !== "amd") expect(S.permutation).toEqual(kind === "given" ? given : given.slice().reverse());
      expect(Array.from(S.permutation, (i) => S.inverse[i])).toEqual(Array.from({ length: n }, (_, k) => k));
      const wanted = eliminate(A, S.permutation);
      expect(Array.from(S.parent)).toEqual(wanted.map((rows) => rows[0] ?? -1));
      expect(Array.from({ length: n }, (_, k) => S.pointers[k + 1] - S.pointers[k])).toEqual(
        wanted.map((r) => r.length),
      );
      expect(columns(S, A)).toEqual(wanted);
      // Supernodes: consecutive columns with the same rows below, as long as can be.
      for (let k = 1; k < n; k++) {
        const joins = wanted[k - 1][0] === k && wanted[k - 1].length === wanted[k].length + 1;
        expect(S.supernodeOf[k] - S.supernodeOf[k - 1]).toBe(joins ? 0 : 1);
      }
      S.supernodeOf.forEach((s, k) => {
        expect(S.supernodes[s] <= k && k < S.supernodes[s + 1]).toBe(true);
      });
      // Children come before their parents; with "amd" a subtree is contiguous.
      if (kind !== "amd") return;
      const subtree = new Array<number>(n).fill(1);
      S.parent.forEach((p, k) => {
        if (p >= 0) subtree[p] += subtree[k];
      });
      S.parent.forEach((p, k) => {
        if (p >= 0) expect(k - subtree[k]).toBeGreaterThanOrEqual(p - subtree[p]);
      });
    });
  });

  it("doesn't read the values", () => {
    const A = laplacian2d(5);
    expect(analyze({ ...A, values: A.values.map(() => Number.NaN) })).toEqual(analyze(A));
  });

  it("throws on bad matrices and orders", () => {
    const A = laplacian2d(2);
    expect(() => analyze(sparseFromTriplets(2, 3, [], [], []))).toThrow(
      "analyze: argument `A` is 2 × 3, symmetric: false; wanted a square matrix with `symmetric: true` (lower triangle).",
    );
    expect(() => analyze({ ...A, rowIndices: A.rowIndices.map((i) => 3 - i) })).toThrow(
      "analyze: argument `A.rowIndices` is not ascending in column 0; wanted ascending rows without repetition.",
    );
    expect(() => analyze(A, Int32Array.of(0, 1, 2))).toThrow(
      "analyze: argument `ordering` is a Int32Array of length 3; wanted a permutation of 0 … 3.",
    );
    expect(() => analyze(A, "rcm" as never)).toThrow(
      'analyze: argument `ordering` is "rcm"; wanted "amd", "natural" or an Int32Array.',
    );
  });
});
