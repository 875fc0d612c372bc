import { describe, expect, it } from "vitest";
import { symmetricEigenvalues } from "../../../src/linear/dense/eigen.js";
import { inertia, ldlFactorize } from "../../../src/linear/dense/ldl.js";
import type { SparseMatrix } from "../../../src/linear/matrix.js";
import {
  multiplySparseVectorInto,
  sparseFromDense,
  sparseFromTriplets,
  toDenseMatrix,
} from "../../../src/linear/sparse/csc.js";
import { analyze, sparseFactorize, sparseSolveInto } from "../../../src/linear/sparse/sparse-cholesky.js";
import { type SparseLdl, sparseLdlFactorize } from "../../../src/linear/sparse/sparse-ldl.js";
import { sparseLdlSolveInto } from "../../../src/linear/sparse/sparse-ldl-solve.js";
import { numbers, randomVector, solveError } from "../dense-for-tests.js";
import { kernelPaths, using } from "../kernel-paths-for-tests.js";
import {
  cliqueEdges,
  fromEdges,
  gridEdges,
  laplacian2d,
  laplacian2dEigenvalues,
  permutedDense,
  randomEdges,
} from "../sparse-for-tests.js";

const signs = (F: SparseLdl) => [F.positive, F.negative, F.zero];

/** [H Aᵀ; A 0]: H = the Laplacian of a grid, A an m × n matrix of full rank: row k has a one in a column of its own, and noise. */
function kkt(side: number, m: number, seed = 1): SparseMatrix {
  const H = laplacian2d(side);
  const n = H.cols;
  const next = numbers(seed);
  const [i, j, v]: number[][] = [[], [], []];
  for (let c = 0; c < n; c++) {
    for (let p = H.colPointers[c]; p < H.colPointers[c + 1]; p++) {
      i.push(H.rowIndices[p]);
      j.push(c);
      v.push(H.values[p]);
    }
  }
  for (let k = 0; k < m; k++) {
    for (const [column, value] of [
      [k, 1],
      [(k * 7 + 3) % n, 0.1 * next()],
      [(k * 13 + 5) % n, 0.1 * next()],
    ]) {
      i.push(n + k);
      j.push(column);
      v.push(value);
    }
  }
  return sparseFromTriplets(n + m, n + m, i, j, v, { symmetric: true });
}

/** Random entries in (−1, 1) on the edges, the diagonal of `size` times that; some of it zero. */
function random(n: number, edges: [number, number][], seed: number, size: number): SparseMatrix {
  const next = numbers(seed);
  return fromEdges(
    n,
    edges,
    (k) => (k % 3 === 0 ? 0 : size * next()),
    () => next(),
  );
}

const families: [string, () => SparseMatrix][] = [
  ["empty", () => fromEdges(0, [], () => 1)],
  ["one negative number", () => fromEdges(1, [], () => -3)],
  [
    "[0 1; 1 0]",
    () =>
      fromEdges(
        2,
        [[1, 0]],
        () => 0,
        () => 1,
      ),
  ],
  [
    "pairs [0 1; 1 0] side by side",
    () =>
      fromEdges(
        40,
        Array.from({ length: 20 }, (_, k) => [2 * k + 1, 2 * k]),
        () => 0,
      ),
  ],
  [
    "a path with a zero diagonal",
    () =>
      fromEdges(
        50,
        Array.from({ length: 49 }, (_, k) => [k + 1, k]),
        () => 0,
      ),
  ],
  [
    "a clique of 90 with a zero diagonal",
    () =>
      fromEdges(
        90,
        cliqueEdges(Array.from({ length: 90 }, (_, k) => k)),
        () => 0,
        () => 1,
      ),
  ],
  [
    "a random clique of 120",
    () => random(120, cliqueEdges(Array.from({ length: 120 }, (_, k) => k)) as [number, number][], 3, 1),
  ],
  // [0 B; Bᵀ D] as one front: no block of 32 columns has a pivot of its own, so that all are looked at together.
  ...[40, 50, 61].map((half): [string, () => SparseMatrix] => [
    `two dense halves of ${half}, each without pivots`,
    () => {
      const next = numbers(half);
      const edges = cliqueEdges(Array.from({ length: 2 * half }, (_, k) => k));
      return fromEdges(
        2 * half,
        edges,
        (k) => (k < half ? 0 : 1e-4 * next()),
        (k) => (edges[k][0] >= half && edges[k][1] < half ? next() : 0),
      );
    },
  ]),
  ["KKT", () => kkt(12, 60)],
  ["KKT with as many constraints as variables", () => kkt(8, 64)],
  ...[1, 2, 3, 4].map((seed): [string, () => SparseMatrix] => [
    `random ${seed}`,
    () => random(150, randomEdges(150, 300 * seed, seed) as [number, number][], seed, seed - 1),
  ]),
  ["a grid, zero diagonal", () => random(225, gridEdges(15) as [number, number][], 5, 0)],
];

describe("sparseLdlFactorize", () => {
  it.each(kernelPaths)("has the inertia of the dense factorization, and solves: %s", (_, backend) => {
    using(backend, () => {
      for (const [name, make] of families) {
        const A = make();
        const n = A.cols;
        const D = toDenseMatrix(A);
        const wanted = inertia(ldlFactorize(D), 1e-12);
        for (const ordering of ["fill", "amd", "natural"] as const) {
          const F = structuredClone(sparseLdlFactorize(analyze(A, ordering), A));
          expect([name, ...signs(F)]).toEqual([name, wanted.positive, wanted.negative, wanted.zero]);
          expect(F.starts[F.starts.length - 1]).toBe(n);
          const b = randomVector(n);
          const x = sparseLdlSolveInto(new Float64Array(n), F, b);
          if (F.zero === 0) expect(solveError(D, x, b)).toBeLessThan(100);
          const same = b.slice();
          expect(sparseLdlSolveInto(same, F, same)).toEqual(x);
        }
      }
    });
  });

  it("KKT matrices have the inertia (n, m, 0), as H is definite and A of full rank", () => {
    for (const [side, m] of [
      [10, 30],
      [20, 150],
      [30, 500],
    ]) {
      const K = kkt(side, m);
      const F = sparseLdlFactorize(analyze(K), K);
      expect(signs(F)).toEqual([side * side, m, 0]);
      expect(F.singularAt).toBe(-1);
    }
  });

  it("counts the eigenvalues of a shifted Laplacian, by their closed form", () => {
    const A = laplacian2d(20);
    const S = analyze(A);
    const eigenvalues = laplacian2dEigenvalues(20);
    for (const shift of [0, -0.2, -1.5, -3.999, -4.001, -6.3, -8.1]) {
      const negative = eigenvalues.filter((v) => v + shift < 0).length;
      const F = sparseLdlFactorize(S, A, { shift });
      expect(signs(F)).toEqual([400 - negative, negative, 0]);
    }
  });

  it("agrees with the eigenvalues of random matrices, whatever the threshold", () => {
    for (const seed of [11, 12, 13]) {
      const A = random(60, randomEdges(60, 150, seed) as [number, number][], seed, 1);
      const values = symmetricEigenvalues(toDenseMatrix(A));
      const negative = values.filter((v) => v < 0).length;
      for (const threshold of [1e-8, 0.01, 0.1, 0.4]) {
        const F = sparseLdlFactorize(analyze(A), A, { threshold });
        expect(signs(F)).toEqual([60 - negative, negative, 0]);
      }
    }
  });

  it("is the definite factorization's equal on definite matrices", () => {
    const A = laplacian2d(25);
    const S = analyze(A);
    const b = randomVector(625);
    const F = sparseLdlFactorize(S, A);
    expect(signs(F)).toEqual([625, 0, 0]);
    expect(F.delayed).toBe(0);
    const x = sparseLdlSolveInto(new Float64Array(625), F, b);
    const y = sparseSolveInto(new Float64Array(625), sparseFactorize(S, A), b);
    for (let k = 0; k < 625; k++) expect(x[k]).toBeCloseTo(y[k], 12);
  });

  it("counts zeros and names the variable where the matrix is singular", () => {
    // The Laplacian of a graph with three components has three zero eigenvalues.
    const edges = [...gridEdges(5), ...gridEdges(4).map(([i, j]): [number, number] => [i + 25, j + 25])];
    const degree = new Array<number>(42).fill(0);
    for (const [i, j] of edges) {
      degree[i]++;
      degree[j]++;
    }
    const A = fromEdges(42, edges, (k) => degree[k]);
    const F = sparseLdlFactorize(analyze(A), A);
    expect(signs(F)).toEqual([39, 0, 3]);
    expect(F.singularAt).toBeGreaterThanOrEqual(0);
    const Z = fromEdges(
      5,
      cliqueEdges([0, 1, 2, 3, 4]),
      () => 0,
      () => 0,
    );
    expect(signs(sparseLdlFactorize(analyze(Z), Z))).toEqual([0, 0, 5]);
    const ones = sparseFromDense(
      { kind: "dense", rows: 6, cols: 6, data: new Float64Array(36).fill(1) },
      { symmetric: true },
    );
    expect(signs(sparseLdlFactorize(analyze(ones), ones))).toEqual([1, 0, 5]);
    expect(inertia(ldlFactorize(permutedDense(ones, [0, 1, 2, 3, 4, 5])), 1e-12).zero).toBe(5);
  });

  it("stands extreme scales", () => {
    const A = kkt(6, 20);
    for (const scale of [1e-200, 1e200]) {
      const B = { ...A, values: A.values.map((v) => scale * v) };
      const F = sparseLdlFactorize(analyze(B), B);
      expect(signs(F)).toEqual([36, 20, 0]);
      const x = randomVector(56);
      const b = multiplySparseVectorInto(new Float64Array(56), B, x);
      const y = sparseLdlSolveInto(new Float64Array(56), F, b);
      for (let k = 0; k < 56; k++) expect(y[k]).toBeCloseTo(x[k], 10);
    }
  });

  it("knows the sign of a determinant that underflows", () => {
    const A = fromEdges(
      2,
      [[1, 0]],
      () => 0,
      () => 1e-200,
    );
    expect(signs(sparseLdlFactorize(analyze(A), A))).toEqual([1, 1, 0]);
    const B = fromEdges(
      2,
      [[1, 0]],
      () => 0,
      () => -1e-200,
    );
    expect(signs(sparseLdlFactorize(analyze(B), B))).toEqual([1, 1, 0]);
  });

  it("throws on another pattern, values that aren't finite, wrong options and lengths", () => {
    const A = laplacian2d(3);
    const S = analyze(A);
    const with1 = { ...A, values: A.values.map((v, k) => (k === 4 ? Number.NaN : v)) };
    expect(() => sparseLdlFactorize(S, with1)).toThrow("sparseLdlFactorize: argument `A.values` is NaN at row");
    expect(() => sparseLdlFactorize(S, laplacian2d(4))).toThrow("wanted the pattern that was analysed (21 entries).");
    expect(() => sparseLdlFactorize(S, A, { shift: Number.NaN })).toThrow("argument `options.shift` is NaN");
    expect(() => sparseLdlFactorize(S, A, { threshold: 0.5 })).toThrow("argument `options.threshold` is 0.5");
    expect(() => sparseLdlFactorize(S, A, { pivot: 1 } as never)).toThrow("argument `options.pivot` is not an option");
    const F = sparseLdlFactorize(S, A);
    expect(() => sparseLdlSolveInto(new Float64Array(8), F, new Float64Array(9))).toThrow(
      "argument `out` is of length 8",
    );
    expect(() => sparseLdlSolveInto(new Float64Array(9), F, new Float64Array(8))).toThrow(
      "argument `b` is of length 8",
    );
  });
});
