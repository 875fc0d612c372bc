// Sparse matrices, their ordering and their factorization, against dense counterparts and closed forms.
import { describe, expect, it } from "vitest";
import {
  checkSparse,
  multiplySparseVectorInto,
  multiplyTransposeSparseVectorInto,
  sparseFromDense,
  sparseFromTriplets,
  toDenseMatrix,
  transposeSparse,
} from "../../src/linear/csc.js";
import { multiplyVectorInto, transposeDense } from "../../src/linear/dense.js";
import { inertia, ldlFactorize } from "../../src/linear/ldl.js";
import type { SparseMatrix } from "../../src/linear/matrix.js";
import { amd } from "../../src/linear/ordering.js";
import { analyze, negativeCurvatureInto, sparseFactorize, sparseSolveInto } from "../../src/linear/sparse-cholesky.js";

/** The 5-point Laplacian of an m × m grid. */
export function grid(m: number): SparseMatrix {
  const [i, j, v]: [number[], number[], number[]] = [[], [], []];
  const add = (r: number, c: number, a: number) => {
    i.push(r);
    j.push(c);
    v.push(a);
  };
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < m; b++) {
      const k = a * m + b;
      add(k, k, 4);
      if (b + 1 < m) add(k + 1, k, -1);
      if (a + 1 < m) add(k + m, k, -1);
    }
  }
  return sparseFromTriplets(m * m, m * m, i, j, v, { symmetric: true });
}

describe("sparseFromTriplets", () => {
  it("sums duplicates and sorts rows", () => {
    const A = sparseFromTriplets(3, 2, [2, 0, 2, 1], [1, 0, 1, 1], [1, 5, 2, 7]);
    checkSparse("test", "A", A);
    expect(Array.from(A.colPointers)).toEqual([0, 1, 3]);
    expect(Array.from(A.rowIndices)).toEqual([0, 1, 2]);
    expect(Array.from(A.values)).toEqual([5, 7, 3]);
  });

  it("puts a symmetric matrix into its lower triangle", () => {
    const A = sparseFromTriplets(2, 2, [0, 0], [0, 1], [1, 9], { symmetric: true });
    expect(Array.from(toDenseMatrix(A).data)).toEqual([1, 9, 9, 0]);
  });

  it("throws on what can't be an entry", () => {
    expect(() => sparseFromTriplets(2, 2, [0], [0, 1], [1])).toThrow(
      "sparseFromTriplets: argument `i, j, v` is of lengths 1, 2, 1; wanted three lists of one length.",
    );
    expect(() => sparseFromTriplets(2, 2, [2], [0], [1])).toThrow(
      "sparseFromTriplets: argument `i[0]` is 2; wanted a row number from 0 to 1.",
    );
    expect(() => sparseFromTriplets(2, 2, [0], [-1], [1])).toThrow(
      "sparseFromTriplets: argument `j[0]` is -1; wanted a column number from 0 to 1.",
    );
    expect(() => sparseFromTriplets(2, 2, [0], [0], [Number.NaN])).toThrow(
      "sparseFromTriplets: argument `v[0]` is NaN; wanted a finite number.",
    );
    expect(() => sparseFromTriplets(2, 3, [], [], [], { symmetric: true })).toThrow(
      "wanted a square matrix when `symmetric` is true.",
    );
  });
});

describe("products", () => {
  const A = sparseFromTriplets(3, 4, [0, 2, 1, 2], [0, 1, 3, 3], [2, -1, 4, 0.5]);
  const x = Float64Array.of(1, 2, 3, 4);
  it("agree with dense ones", () => {
    const D = toDenseMatrix(A);
    expect(multiplySparseVectorInto(new Float64Array(3), A, x)).toEqual(multiplyVectorInto(new Float64Array(3), D, x));
    const y = Float64Array.of(1, -1, 2);
    expect(multiplyTransposeSparseVectorInto(new Float64Array(4), A, y)).toEqual(
      multiplyVectorInto(new Float64Array(4), transposeDense(D), y),
    );
    expect(toDenseMatrix(transposeSparse(A))).toEqual(transposeDense(D));
    expect(sparseFromDense(D)).toEqual(A);
    const S = grid(3);
    expect(
      multiplySparseVectorInto(
        new Float64Array(9),
        S,
        Float64Array.from({ length: 9 }, (_, i) => i),
      ),
    ).toEqual(
      multiplyVectorInto(
        new Float64Array(9),
        toDenseMatrix(S),
        Float64Array.from({ length: 9 }, (_, i) => i),
      ),
    );
  });
});

describe("checkSparse", () => {
  const good = grid(2);
  it.each([
    [
      { ...good, colPointers: Int32Array.of(0, 1) },
      "`A.colPointers` is a Int32Array of length 2; wanted 5 numbers that begin with 0.",
    ],
    [{ ...good, values: new Float64Array(1) }, "wanted as many as the last column pointer says, 8."],
    [
      { ...good, rowIndices: good.rowIndices.map((i) => 3 - i) },
      "`A.rowIndices` is not ascending in column 0; wanted ascending rows without repetition.",
    ],
    [
      { ...good, rowIndices: good.rowIndices.map((i) => i + 9) },
      "`A.rowIndices` is 9 in column 0; wanted rows 0 to 3 (the lower triangle).",
    ],
    [
      { ...good, values: good.values.map(() => Number.POSITIVE_INFINITY) },
      "`A.values` is Infinity at row 0, column 0; wanted finite numbers.",
    ],
  ])("names the fault %#", (A, message) => {
    expect(() => checkSparse("test", "A", A)).toThrow(message);
  });
});

describe("amd", () => {
  const fill = (A: SparseMatrix, ordering?: "natural" | Int32Array) => analyze(A, ordering).pointers[A.cols]!;

  it("gives a permutation: empty, diagonal, dense, one variable", () => {
    for (const [n, pairs] of [
      [0, []],
      [1, []],
      [5, []],
      [
        4,
        [
          [1, 0],
          [2, 0],
          [3, 0],
          [2, 1],
          [3, 1],
          [3, 2],
        ],
      ],
    ] as const) {
      const A = sparseFromTriplets(
        n,
        n,
        [...pairs.map((p) => p[0]), ...Array.from({ length: n }, (_, k) => k)],
        [...pairs.map((p) => p[1]), ...Array.from({ length: n }, (_, k) => k)],
        [...pairs.map(() => 1), ...new Array<number>(n).fill(1)],
        { symmetric: true },
      );
      expect(Array.from(amd(A)).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, k) => k));
    }
  });

  it("fills less than the natural order on a grid: at most a third at 60 × 60", () => {
    const A = grid(60);
    expect(fill(A)).toBeLessThan(fill(A, "natural") / 3);
  });

  it("leaves an arrowhead without fill, whichever way it points", () => {
    const n = 300;
    for (const tip of [0, n - 1]) {
      const others = Array.from({ length: n }, (_, k) => k).filter((k) => k !== tip);
      const A = sparseFromTriplets(
        n,
        n,
        [...others, ...others, tip],
        [...others.map(() => tip), ...others, tip],
        [...others.map(() => 1), ...others.map(() => n), n],
        { symmetric: true },
      );
      expect(fill(A)).toBe(n - 1);
    }
  });
});

describe("sparseFactorize", () => {
  it("solves with many shifts after one analysis, into the same memory", () => {
    const A = grid(12);
    const symbolic = analyze(A);
    const x = Float64Array.from({ length: 144 }, (_, i) => Math.sin(i));
    let into = sparseFactorize(symbolic, A);
    for (const shift of [0, 1, 100, 1e-8]) {
      into = sparseFactorize(symbolic, A, { shift, into });
      expect(into.failedAt).toBe(-1);
      const b = multiplySparseVectorInto(new Float64Array(144), A, x).map((v, i) => v + shift * x[i]!);
      sparseSolveInto(b, into, b);
      for (let i = 0; i < 144; i++) expect(Math.abs(b[i]! - x[i]!)).toBeLessThan(1e-12);
    }
  });

  it("gives the column and the pivot where the matrix is not positive definite, and a direction that shows it", () => {
    const A = grid(8);
    const shift = -3;
    const F = sparseFactorize(analyze(A), A, { shift });
    expect(F.failedAt).toBeGreaterThanOrEqual(0);
    expect(F.failedPivot).toBeLessThanOrEqual(0);
    const v = new Float64Array(64);
    const vv = negativeCurvatureInto(v, F);
    const Av = multiplySparseVectorInto(new Float64Array(64), A, v);
    const curvature = v.reduce((sum, vi, i) => sum + vi * (Av[i]! + shift * vi), 0);
    expect(curvature).toBeCloseTo(F.failedPivot, 10);
    expect(vv).toBeCloseTo(
      v.reduce((sum, vi) => sum + vi * vi, 0),
      10,
    );
    expect(() => negativeCurvatureInto(v, sparseFactorize(analyze(A), A))).toThrow(
      "negativeCurvatureInto: argument `factor` is a factor that succeeded; wanted one with `failedAt` ≥ 0.",
    );
  });

  it("gives the inertia of an indefinite matrix, as the dense factorization does", () => {
    const A = grid(7);
    // λ = 4 − 2cos(iπ/8) − 2cos(jπ/8); how many are below 3.1?
    let below = 0;
    for (let i = 1; i <= 7; i++)
      for (let j = 1; j <= 7; j++)
        if (4 - 2 * Math.cos((i * Math.PI) / 8) - 2 * Math.cos((j * Math.PI) / 8) < 3.1) below++;
    const F = sparseFactorize(analyze(A), A, { shift: -3.1, indefinite: true });
    expect([F.positive, F.negative]).toEqual([49 - below, below]);
    const D = toDenseMatrix(A);
    for (let i = 0; i < 49; i++) D.data[i * 49 + i] = D.data[i * 49 + i]! - 3.1;
    expect(inertia(ldlFactorize(D))).toEqual({ positive: 49 - below, negative: below, zero: 0 });
  });

  it("throws on another pattern, on one that isn't symmetric, and on a bad permutation", () => {
    expect(() => sparseFactorize(analyze(grid(3)), grid(4))).toThrow(
      "sparseFactorize: argument `A` is with 40 entries; wanted the pattern that was analysed (21 entries).",
    );
    expect(() => analyze(sparseFromTriplets(2, 2, [0], [0], [1]))).toThrow(
      "analyze: argument `A` is 2 × 2, symmetric: false; wanted a square matrix with `symmetric: true` (lower triangle).",
    );
    expect(() => analyze(grid(2), Int32Array.of(0, 0, 1, 2))).toThrow(
      "analyze: argument `ordering` is a Int32Array of length 4; wanted a permutation of 0 … 3.",
    );
  });
});
