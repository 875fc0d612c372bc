import { Matrix, solve } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { inertia, ldlFactorize } from "../../../src/linear/dense/ldl.js";
import type { SparseMatrix } from "../../../src/linear/matrix.js";
import { multiplySparseVectorInto, toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import {
  analyze,
  lowerFactor,
  negativeCurvatureInto,
  type SparseFactor,
  sparseFactorize,
  sparseSolveInto,
} from "../../../src/linear/sparse/sparse-cholesky.js";
import { dot } from "../../../src/linear/vec.js";
import {
  backwardError,
  diagonalMatrix,
  flip,
  numbers,
  randomVector,
  secondDifferenceEigenvalues,
  solveError,
  times,
} from "../dense-for-tests.js";
import {
  cliqueEdges,
  type Edge,
  fromEdges,
  gridEdges,
  laplacian2d,
  laplacian2dEigenvalues,
  pathEdges,
  permutedDense,
  randomEdges,
} from "../sparse-for-tests.js";

const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);

/** L D Lᵀ, dense. */
function rebuilt(F: SparseFactor) {
  const L = toDenseMatrix(lowerFactor(F));
  return times(L, times(diagonalMatrix(F.d), flip(L)));
}

/** max|P(A + σI)Pᵀ − LDLᵀ| in units of n ε max|A + σI|. */
const factorError = (A: SparseMatrix, F: SparseFactor, shift = 0) =>
  backwardError(permutedDense(A, F.symbolic.permutation, shift), rebuilt(F));

/** Random off-diagonal entries in (−1, 1), and a diagonal that dominates them. */
function dominant(n: number, edges: readonly Edge[], seed = 1): SparseMatrix {
  const next = numbers(seed);
  const off = edges.map(() => next());
  const sums = new Array<number>(n).fill(0.1);
  edges.forEach(([i, j], k) => {
    sums[i] += Math.abs(off[k]);
    sums[j] += Math.abs(off[k]);
  });
  return fromEdges(
    n,
    edges,
    (k) => sums[k],
    (k) => off[k],
  );
}

const families: [string, number, Edge[]][] = [
  ["nothing", 0, []],
  ["one variable", 1, []],
  ["a diagonal", 7, []],
  ["a path", 30, pathEdges(30)],
  ["a grid", 144, gridEdges(12)],
  ["an arrow", 50, upTo(49).map((k) => [49, k])],
  ["a random graph", 150, randomEdges(150, 300, 4)],
  ["a denser one", 100, randomEdges(100, 900, 5)],
  ...upTo(14).map((n): [string, number, Edge[]] => [`a clique of ${n + 1}`, n + 1, cliqueEdges(upTo(n + 1))]),
  // A supernode of each width from 1 to 9 that updates later panels of each width from 1 to 3.
  ...upTo(9).flatMap((w) =>
    upTo(3).map((t): [string, number, Edge[]] => [
      `two cliques, ${w + 1} and 6, that share ${t + 1}`,
      w + 7,
      [...cliqueEdges(upTo(w + 1 + t + 1)), ...cliqueEdges(upTo(6).map((k) => w + 1 + k))],
    ]),
  ),
];

describe("sparseFactorize", () => {
  it.each(families)("P A Pᵀ = L D Lᵀ to n ε, and solves, with either order: %s", (_, n, edges) => {
    const A = dominant(n, edges);
    for (const ordering of ["amd", "natural"] as const) {
      const F = structuredClone(sparseFactorize(analyze(A, ordering), A));
      expect(F.failedAt).toBe(-1);
      expect([F.positive, F.negative]).toEqual([n, 0]);
      expect(factorError(A, F)).toBeLessThan(2);
      const b = randomVector(n);
      const x = sparseSolveInto(new Float64Array(n), F, b);
      expect(solveError(toDenseMatrix(A), x, b)).toBeLessThan(4);
      const same = b.slice();
      expect(sparseSolveInto(same, F, same)).toBe(same);
      expect(same).toEqual(x);
      if (n > 0) expect(F.growth).toBeCloseTo(Math.max(...toDenseMatrix(A).data), 10);
    }
  });

  it("solves as ml-matrix does", () => {
    const A = dominant(60, randomEdges(60, 150, 9));
    const b = randomVector(60);
    const x = sparseSolveInto(new Float64Array(60), sparseFactorize(analyze(A), A), b);
    const D = toDenseMatrix(A);
    const rows = upTo(60).map((i) => Array.from(D.data.subarray(60 * i, 60 * i + 60)));
    const wanted = solve(new Matrix(rows), Matrix.columnVector(Array.from(b))).to1DArray();
    for (let i = 0; i < 60; i++) expect(x[i]).toBeCloseTo(wanted[i], 12);
  });

  it("has the determinant and the inverse of the second-difference matrix", () => {
    // det = n + 1, and (A⁻¹)ᵢⱼ = (i + 1)(n − j)/(n + 1) for i ≤ j.
    const n = 40;
    const A = fromEdges(n, pathEdges(n), () => 2);
    const F = sparseFactorize(analyze(A), A);
    expect(F.d.reduce((product, d) => product * d, 1)).toBeCloseTo(n + 1, 10);
    const e = new Float64Array(n);
    e[10] = 1;
    sparseSolveInto(e, F, e);
    for (let i = 0; i < n; i++) {
      expect(e[i]).toBeCloseTo(((Math.min(i, 10) + 1) * (n - Math.max(i, 10))) / (n + 1), 12);
    }
  });

  it("serves many values and shifts with one analysis, in the same memory, after failures too", () => {
    const A = laplacian2d(9);
    const symbolic = analyze(A);
    const F = sparseFactorize(symbolic, A);
    for (const shift of [0, 3, -5, 1e-9, -0.1, 1e6]) {
      const again = sparseFactorize(symbolic, A, { shift, into: F });
      expect(again).toBe(F);
      const fresh = sparseFactorize(symbolic, A, { shift });
      expect([F.failedAt, F.failedPivot, F.positive, F.growth]).toEqual([
        fresh.failedAt,
        fresh.failedPivot,
        fresh.positive,
        fresh.growth,
      ]);
      if (F.failedAt >= 0) continue;
      expect(F.values).toEqual(fresh.values);
      expect(F.d).toEqual(fresh.d);
      expect(factorError(A, F, shift)).toBeLessThan(2);
    }
    const scaled = { ...A, values: A.values.map((v) => 1e-200 * v) };
    expect(factorError(scaled, sparseFactorize(symbolic, scaled, { into: F }))).toBeLessThan(2);
  });

  it("takes a missing diagonal for zero", () => {
    const A = fromEdges(2, [[1, 0]], () => 0);
    const bare: SparseMatrix = {
      ...A,
      colPointers: Int32Array.of(0, 1, 1),
      rowIndices: Int32Array.of(1),
      values: Float64Array.of(-1),
    };
    expect(Array.from(sparseFactorize(analyze(bare, "natural"), bare, { shift: 2 }).d)).toEqual([2, 1.5]);
  });

  it("fails at the column where the leading block is no longer definite, in the original numbering", () => {
    // The leading k × k block of the second-difference matrix − σI is definite just when σ < its least eigenvalue.
    const n = 30;
    const A = fromEdges(n, pathEdges(n), () => 2);
    for (const shift of [-0.5, -0.1, -0.02, -0.012]) {
      const column = upTo(n).find((k) => secondDifferenceEigenvalues(k + 1)[0] + shift <= 0) ?? -1;
      for (const reverse of [false, true]) {
        const order = Int32Array.from(upTo(n), (k) => (reverse ? n - 1 - k : k));
        const F = sparseFactorize(analyze(A, order), A, { shift });
        expect(F.failedAt).toBe(order[column]);
        expect(F.failedPivot).toBeLessThanOrEqual(0);
        // The pivot is det(k + 1)/det(k).
        const det = (k: number) => secondDifferenceEigenvalues(k).reduce((product, v) => product * (v + shift), 1);
        expect(F.failedPivot / (det(column + 1) / det(column))).toBeCloseTo(1, 9);
      }
    }
  });

  it("fails where a value isn't finite", () => {
    const A = laplacian2d(3);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const indefinite of [false, true]) {
        const F = sparseFactorize(analyze(A), { ...A, values: A.values.map(() => bad) }, { indefinite });
        expect(F.failedAt).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it("gives NaN, not numbers, when asked to solve with a failed factor", () => {
    const A = laplacian2d(3);
    const F = sparseFactorize(analyze(A), A, { shift: -8 });
    expect(sparseSolveInto(new Float64Array(9), F, randomVector(9)).every(Number.isNaN)).toBe(true);
  });
});

describe("an indefinite matrix gone through", () => {
  it("has the inertia that its eigenvalues give", () => {
    const A = laplacian2d(8);
    const eigenvalues = laplacian2dEigenvalues(8);
    const symbolic = analyze(A);
    for (const shift of [0, -0.3, -1.23, -2.7, -3.9, -5.1, -7.77, -9]) {
      const F = sparseFactorize(symbolic, A, { shift, indefinite: true });
      expect(F.failedAt).toBe(-1);
      const negative = eigenvalues.filter((v) => v + shift < 0).length;
      expect([F.positive, F.negative]).toEqual([64 - negative, negative]);
      expect(inertia(ldlFactorize(permutedDense(A, upTo(64), shift)))).toEqual({
        positive: 64 - negative,
        negative,
        zero: 0,
      });
      expect(factorError(A, F, shift)).toBeLessThan((10 * F.growth) / 4);
      const b = randomVector(64);
      const x = sparseSolveInto(new Float64Array(64), F, b);
      const r = multiplySparseVectorInto(new Float64Array(64), A, x).map((v, i) => v + shift * x[i] - b[i]);
      expect(Math.sqrt(dot(r, r))).toBeLessThan(1e-11 * F.growth);
    }
  });

  it("stops at a pivot that is zero, or whose sign rounding made", () => {
    const zero = fromEdges(2, [[1, 0]], () => 0);
    expect(sparseFactorize(analyze(zero, "natural"), zero, { indefinite: true })).toMatchObject({
      failedAt: 0,
      failedPivot: 0,
    });
    // [[1e-9, 1], [1, 1e9 + δ]]: the second pivot is what is left of 1e9 − 1e9.
    const A = fromEdges(2, [[1, 0]], (k) => (k === 0 ? 1e-9 : 1e9));
    const F = sparseFactorize(analyze(A, "natural"), A, { indefinite: true });
    expect(F.failedAt).toBe(1);
    expect(Math.abs(F.failedPivot)).toBeLessThan(1e-6);
    expect(F.growth).toBeCloseTo(1e9, -3);
    // A singular Laplacian: the last pivot is rounding.
    const n = 12;
    const free = fromEdges(
      n,
      pathEdges(n),
      (k) => (k === 0 || k === n - 1 ? 1 / 3 : 2 / 3),
      () => -1 / 3,
    );
    expect(sparseFactorize(analyze(free), free, { indefinite: true }).failedAt).toBeGreaterThanOrEqual(0);
  });
});

describe("negativeCurvatureInto", () => {
  it.each(families.filter(([, n]) => n > 1))("writes v with vᵀ(A + σI)v = the failed pivot: %s", (_, n, edges) => {
    const A = dominant(n, edges, 3);
    for (const ordering of ["amd", "natural"] as const) {
      for (const shift of [-0.2, -0.7, -2, -50]) {
        const F = sparseFactorize(analyze(A, ordering), A, { shift });
        if (F.failedAt < 0) continue;
        const v = new Float64Array(n).fill(7);
        const squares = negativeCurvatureInto(v, F);
        const Av = multiplySparseVectorInto(new Float64Array(n), A, v);
        const tolerance = 1e-12 * (1 + Math.abs(shift)) * n * squares;
        expect(Math.abs(dot(v, Av) + shift * dot(v, v) - F.failedPivot)).toBeLessThan(tolerance);
        expect(squares).toBeCloseTo(dot(v, v), 8);
        expect(v[F.failedAt]).toBe(1);
        // (A + σI) v is zero in the variables eliminated before.
        const k = F.symbolic.inverse[F.failedAt];
        for (let i = 0; i < n; i++) {
          const place = F.symbolic.inverse[i];
          if (place < k) expect(Math.abs(Av[i] + shift * v[i])).toBeLessThan(tolerance);
          if (place > k) expect(v[i]).toBe(0);
        }
      }
    }
  });
});

describe("misuse", () => {
  const A = laplacian2d(3);
  const symbolic = analyze(A);
  const F = sparseFactorize(symbolic, A);
  it("throws with the reason", () => {
    expect(() => sparseFactorize(symbolic, laplacian2d(2))).toThrow(
      "sparseFactorize: argument `A` is with 8 entries; wanted the pattern that was analysed (21 entries).",
    );
    expect(() => sparseFactorize(symbolic, A, { shift: Number.NaN })).toThrow(
      "sparseFactorize: argument `options.shift` is NaN; wanted a finite number.",
    );
    expect(() => sparseFactorize(analyze(A), A, { into: F })).toThrow(
      "sparseFactorize: argument `options.into` is a factor of another analysis; wanted one made with the same `symbolic`.",
    );
    expect(() => sparseFactorize(symbolic, A, { pivoting: true } as never)).toThrow(
      "sparseFactorize: argument `options.pivoting` is not an option; wanted one of shift, into, indefinite.",
    );
    expect(() => sparseSolveInto(new Float64Array(9), F, new Float64Array(8))).toThrow(
      "sparseSolveInto: argument `b` is of length 8; wanted length 9.",
    );
    expect(() => sparseSolveInto(new Float64Array(8), F, new Float64Array(9))).toThrow(
      "sparseSolveInto: argument `out` is of length 8; wanted length 9.",
    );
    expect(() => negativeCurvatureInto(new Float64Array(9), F)).toThrow(
      "negativeCurvatureInto: argument `factor` is a factor that succeeded; wanted one with `failedAt` ≥ 0.",
    );
    const failed = sparseFactorize(symbolic, A, { shift: -8 });
    expect(() => negativeCurvatureInto(new Float64Array(8), failed)).toThrow(
      "negativeCurvatureInto: argument `out` is of length 8; wanted length 9.",
    );
  });
});
