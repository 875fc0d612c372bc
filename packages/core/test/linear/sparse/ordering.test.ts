import { describe, expect, it } from "vitest";
import type { SparseMatrix } from "../../../src/linear/matrix.js";
import { permuteSymmetric } from "../../../src/linear/sparse/csc.js";
import { amd, minimumFill } from "../../../src/linear/sparse/ordering.js";
import { analyze } from "../../../src/linear/sparse/sparse-cholesky.js";
import { randomVector } from "../dense-for-tests.js";
import {
  cliqueEdges,
  type Edge,
  eliminate,
  exactMinimumDegree,
  fromEdges,
  gridEdges,
  isPermutation,
  laplacian2d,
  pathEdges,
  randomEdges,
  reverseCuthillMcKee,
} from "../sparse-for-tests.js";

const fill = (A: SparseMatrix, order: Int32Array | number[]) => analyze(A, Int32Array.from(order)).pointers[A.cols];
const natural = (n: number) => Array.from({ length: n }, (_, k) => k);
const entriesBelow = (A: SparseMatrix) => A.values.length - A.cols;

describe("amd", () => {
  it.each<[string, number, Edge[]]>([
    ["nothing", 0, []],
    ["one variable", 1, []],
    ["a diagonal", 50, []],
    ["a clique", 30, cliqueEdges(natural(30))],
    ["a path", 100, pathEdges(100)],
    ["a star around the first", 40, natural(39).map((k) => [k + 1, 0])],
    ["a star with a row set aside", 3000, natural(2999).map((k) => [k + 1, 0])],
    ["a binary tree", 255, natural(254).map((k) => [k + 1, k >> 1])],
    ["cliques side by side", 40, natural(8).flatMap((c) => cliqueEdges(natural(5).map((k) => c + 8 * k)))],
    ["cliques in a chain", 41, natural(10).flatMap((c) => cliqueEdges(natural(5).map((k) => 4 * c + k)))],
  ])("orders %s without fill", (_, n, edges) => {
    const A = fromEdges(n, edges, () => n);
    for (const order of [amd(A), minimumFill(A)]) {
      expect(isPermutation(order)).toBe(true);
      expect(fill(A, order)).toBe(entriesBelow(A));
    }
  });

  it("fills far less than the natural and the reverse Cuthill–McKee order on a grid", () => {
    const A = laplacian2d(50);
    const ours = fill(A, amd(A));
    expect(ours).toBeLessThan(0.35 * fill(A, natural(2500)));
    expect(ours).toBeLessThan(0.5 * fill(A, reverseCuthillMcKee(A)));
  });

  it("fills about as little as exact minimum degree does", () => {
    let ours = 0;
    let exact = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const A = fromEdges(120, randomEdges(120, 260, seed), () => 50);
      ours += fill(A, amd(A));
      exact += fill(A, exactMinimumDegree(A));
    }
    expect(ours).toBeLessThan(1.08 * exact);
    expect(ours).toBeGreaterThan(0.9 * exact);
  });

  it("fills less by minimum fill on grids, and hardly more anywhere", () => {
    const A = laplacian2d(60);
    expect(fill(A, minimumFill(A))).toBeLessThan(fill(A, amd(A)));
    let ours = 0;
    let degree = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const B = fromEdges(150, randomEdges(150, 300, seed), () => 50);
      ours += fill(B, minimumFill(B));
      degree += fill(B, amd(B));
    }
    expect(ours).toBeLessThan(1.02 * degree);
  });

  it("doesn't depend much on the numbering it is given", () => {
    const m = 50;
    const A = laplacian2d(m);
    const keys = randomVector(m * m, 3);
    const shuffle = Int32Array.from(natural(m * m)).sort((a, b) => keys[a] - keys[b]);
    const B = permuteSymmetric(A, shuffle);
    expect(fill(B, minimumFill(B))).toBeLessThan(1.15 * fill(A, minimumFill(A)));
  });

  it("puts rows that meet nearly all others last", () => {
    const n = 40 * 40;
    const dense = [7, 801, n + 1];
    const edges = [
      ...gridEdges(40),
      ...dense.flatMap((d) =>
        natural(n + 2)
          .filter((k) => k !== d)
          .map((k): Edge => [Math.max(d, k), Math.min(d, k)]),
      ),
    ];
    const A = fromEdges(n + 2, edges, () => 10);
    const order = amd(A);
    expect(isPermutation(order)).toBe(true);
    expect(Array.from(order.slice(-3)).sort((a, b) => a - b)).toEqual(dense);
    // The rest is a grid, nearly, and the three rows are full.
    expect(fill(A, order)).toBeLessThan(fill(laplacian2d(40), amd(laplacian2d(40))) * 1.1 + 3 * n);
  });

  it("holds where its memory has to be moved, and gives the same each time", () => {
    for (const [n, count] of [
      [300, 1200],
      [1000, 2500],
      [2000, 3000],
    ]) {
      const A = fromEdges(n, randomEdges(n, count, 5), () => 50);
      const order = amd(A);
      expect(isPermutation(order)).toBe(true);
      expect(amd(A)).toEqual(order);
    }
  });

  it("keeps the variables of a supernode together: its order is a postorder but for equal columns", () => {
    const A = laplacian2d(15);
    const rows = eliminate(A, amd(A));
    const given = rows.reduce((sum, r) => sum + r.length, 0);
    expect(analyze(A, "amd").pointers[225]).toBe(given);
    expect(analyze(A).pointers[225]).toBe(fill(A, minimumFill(A)));
  });

  it("reads the pattern only, with or without the diagonal", () => {
    const A = laplacian2d(6);
    const { rows, cols, colPointers, rowIndices } = A;
    const keep = Array.from(rowIndices.keys()).filter((p) => !colPointers.includes(p));
    const pointers = Int32Array.from(colPointers, (p) => keep.filter((q) => q < p).length);
    const bare = { rows, cols, colPointers: pointers, rowIndices: Int32Array.from(keep, (p) => rowIndices[p]) };
    expect(amd(bare)).toEqual(amd(A));
  });

  it("throws on what isn't a lower triangle", () => {
    const A = laplacian2d(2);
    expect(() => amd({ ...A, rows: 5 })).toThrow("amd: argument `A` is 5 × 4; wanted a square matrix.");
    expect(() => amd({ ...A, rowIndices: A.rowIndices.map((i, p) => (p === 4 ? 0 : i)) })).toThrow(
      "amd: argument `A.rowIndices` is 0 in column 1; wanted rows 1 to 3 (the lower triangle).",
    );
  });
});
