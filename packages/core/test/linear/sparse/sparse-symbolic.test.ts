import { describe, expect, it } from "vitest";
import type { SparseMatrix } from "../../../src/linear/matrix.js";
import { permuteSymmetric, sparseFromTriplets } from "../../../src/linear/sparse/csc.js";
import { analyze, lowerFactor, type Symbolic, sparseFactorize } from "../../../src/linear/sparse/sparse-cholesky.js";
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
} from "../sparse-for-tests.js";

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

const panelSize = (S: Symbolic, s: number) => {
  const width = S.supernodes[s + 1] - S.supernodes[s];
  return width * (width + S.rowPointers[s + 1] - S.rowPointers[s]);
};

/** A with each entry replaced by a full d × d block. */
function blocks(A: SparseMatrix, d: number): SparseMatrix {
  const edges: Edge[] = [];
  for (let j = 0; j < A.cols; j++) {
    for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) {
      for (let t = 0; t < d; t++) {
        for (let u = 0; u < d; u++) {
          const [a, b] = [A.rowIndices[p] * d + u, j * d + t];
          if (a > b) edges.push([a, b]);
        }
      }
    }
  }
  return fromEdges(A.cols * d, edges, () => 10 * d);
}

/** What must hold of any layout: rows, runs, stack, places of the entries. */
function checkLayout(S: Symbolic, A: SparseMatrix): void {
  const count = S.superParent.length;
  expect(S.supernodes.length).toBe(count + 1);
  expect(isPermutation(S.sequence)).toBe(true);
  const rowsOf = (s: number) => Array.from(S.rowIndices.subarray(S.rowPointers[s], S.rowPointers[s + 1]));
  const frontOf = (s: number) => [
    ...Array.from({ length: S.supernodes[s + 1] - S.supernodes[s] }, (_, k) => S.supernodes[s] + k),
    ...rowsOf(s),
  ];
  const when = new Array<number>(count);
  S.sequence.forEach((s, k) => {
    when[s] = k;
  });
  for (let s = 0; s < count; s++) {
    const rows = rowsOf(s);
    const p = S.superParent[s];
    expect(S.panels[s + 1] - S.panels[s]).toBe(panelSize(S, s));
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
    if (rows.length > 0) expect(rows[0]).toBeGreaterThanOrEqual(S.supernodes[s + 1]);
    if (p === -1) {
      expect(rows).toEqual([]);
      continue;
    }
    expect(p).toBe(S.supernodeOf[rows[0]]);
    expect(when[p]).toBeGreaterThan(when[s]);
    // The runs lead each row to its place.
    const front = frontOf(p);
    const places: number[] = [];
    for (let t = S.runPointers[s]; t < S.runPointers[s + 1] - 1; t++) {
      for (let i = S.runs[2 * t]; i < S.runs[2 * t + 2]; i++) places.push(S.runs[2 * t + 1] + i - S.runs[2 * t]);
    }
    expect(places.map((k) => front[k])).toEqual(rows);
  }
  // Update matrices that are alive at the same time don't overlap, and stay inside.
  const alive: number[] = [];
  const size = (s: number) => (S.rowPointers[s + 1] - S.rowPointers[s]) ** 2;
  for (const s of S.sequence) {
    for (const t of alive) {
      expect(S.updates[s] + size(s) <= S.updates[t] || S.updates[t] + size(t) <= S.updates[s]).toBe(true);
    }
    if (size(s) > 0) alive.push(s);
    expect(S.updates[s] >= 0 && S.updates[s] + size(s) <= S.workSize).toBe(true);
    for (let c = S.firstChild[s]; c !== -1; c = S.nextSibling[c]) {
      expect(S.superParent[c]).toBe(s);
      if (size(c) > 0) alive.splice(alive.indexOf(c), 1);
    }
  }
  expect(alive).toEqual([]);
  // Each entry of A has its place, and each place its entry.
  const seen = new Set<number>();
  const columnOf = new Int32Array(A.values.length);
  for (let j = 0; j < A.cols; j++) columnOf.fill(j, A.colPointers[j], A.colPointers[j + 1]);
  for (let s = 0; s < count; s++) {
    const width = S.supernodes[s + 1] - S.supernodes[s];
    const front = frontOf(s);
    for (let e = S.entryPointers[s]; e < S.entryPointers[s + 1]; e++) {
      const p = S.entrySources[e];
      seen.add(p);
      const [a, b] = [S.inverse[A.rowIndices[p]], S.inverse[columnOf[p]]];
      expect(front[Math.floor(S.entryPlaces[e] / width)]).toBe(Math.max(a, b));
      expect(S.supernodes[s] + (S.entryPlaces[e] % width)).toBe(Math.min(a, b));
    }
  }
  expect(seen.size).toBe(A.values.length);
}

describe("analyze", () => {
  describe.each(["fill", "amd", "natural", "given"] as const)("with the %s order", (kind) => {
    it.each(cases)("has the tree, counts and pattern of an elimination by hand: %s", (_, n, edges) => {
      const A = fromEdges(n, edges, () => 2 * n + 2);
      const given = Int32Array.from({ length: n }, (_, k) => n - 1 - k);
      const ordering = kind === "given" ? given : kind;
      const S = structuredClone(analyze(A, { ordering, relaxation: false }));
      const free = kind === "fill" || kind === "amd";
      expect(isPermutation(S.permutation)).toBe(true);
      if (!free) expect(S.permutation).toEqual(kind === "given" ? given : given.slice().reverse());
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
      expect(S.flops).toBe(wanted.reduce((sum, rows) => sum + (rows.length + 1) ** 2, 0));
      expect(S.panels[S.supernodes.length - 1]).toBe(
        Array.from(S.superParent, (_, s) => panelSize(S, s)).reduce((a, b) => a + b, 0),
      );
      checkLayout(S, A);
      // Merged supernodes: the same pattern of L, and rows that hold it.
      const M = analyze(A, { ordering });
      checkLayout(M, A);
      expect(M.pointers[n]).toBe(S.pointers[n]);
      expect(M.superParent.length).toBeLessThanOrEqual(S.superParent.length);
      if (!free) expect(M.permutation).toEqual(S.permutation);
      expect(columns(M, A)).toEqual(eliminate(A, M.permutation));
    });
  });

  it("finds the unknowns of a vertex to be alike, and orders and analyses their blocks", () => {
    for (const d of [2, 3, 4]) {
      const A = blocks(laplacian2d(12), d);
      const S = analyze(A);
      checkLayout(S, A);
      expect(analyze(A, { blockSize: d })).toEqual(S);
      // Unknowns of a vertex stay together and in order.
      for (let k = 0; k < A.cols; k += d) {
        for (let t = 1; t < d; t++) expect(S.inverse[k + t]).toBe(S.inverse[k] + t);
      }
      expect(columns(S, A)).toEqual(eliminate(A, S.permutation));
      // The same by another numbering, in which only the compression by neighbours can find them.
      const n = A.cols;
      const apart = permuteSymmetric(
        A,
        Int32Array.from({ length: n }, (_, k) => (k % (n / d)) * d + Math.floor(k / (n / d))),
      );
      const T = analyze(apart);
      checkLayout(T, apart);
      expect(T.pointers[n]).toBe(S.pointers[n]);
      expect(columns(T, apart)).toEqual(eliminate(apart, T.permutation));
    }
  });

  it("merges supernodes within the zeros that are allowed", () => {
    const A = laplacian2d(30);
    const exact = analyze(A, { relaxation: false });
    const merged = analyze(A);
    const all = analyze(A, { relaxation: { shares: [1, 1, 1], always: 4 } });
    expect(merged.superParent.length).toBeLessThan(0.6 * exact.superParent.length);
    expect(all.superParent.length).toBe(1);
    for (const S of [exact, merged, all]) checkLayout(S, A);
    const entries = (S: Symbolic) => {
      let sum = 0;
      for (let s = 0; s < S.superParent.length; s++) {
        const w = S.supernodes[s + 1] - S.supernodes[s];
        sum += 0.5 * w * (w - 1) + w * (S.rowPointers[s + 1] - S.rowPointers[s]);
      }
      return sum;
    };
    expect(entries(exact)).toBe(exact.pointers[900]);
    expect(entries(merged)).toBeLessThan(2 * merged.pointers[900]);
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
      "analyze: argument `ordering` is an Int32Array of length 3; wanted a permutation of 0 … 3.",
    );
    expect(() => analyze(A, "rcm" as never)).toThrow(
      'analyze: argument `ordering` is "rcm"; wanted "fill", "amd", "nested-dissection", "natural" or an Int32Array.',
    );
    expect(() => analyze(A, { order: "amd" } as never)).toThrow(
      "analyze: argument `options.order` is not an option; wanted one of ordering, blockSize, relaxation.",
    );
    expect(() => analyze(A, { blockSize: 2 })).toThrow(
      "analyze: argument `options.blockSize` is 2; wanted a d such that the pattern consists of full d × d blocks.",
    );
    expect(() => analyze(A, { blockSize: 0 })).toThrow("wanted an integer >= 1.");
  });
});
