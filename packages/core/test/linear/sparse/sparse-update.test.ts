import { describe, expect, it } from "vitest";
import { choleskyFactorize, choleskySolveInto } from "../../../src/linear/dense/cholesky.js";
import type { SparseMatrix } from "../../../src/linear/matrix.js";
import { toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { analyze, lowerFactor, sparseFactorize, sparseSolveInto } from "../../../src/linear/sparse/sparse-cholesky.js";
import { sparseUpdate } from "../../../src/linear/sparse/sparse-update.js";
import { backwardError, diagonalMatrix, flip, map, numbers, randomVector, times } from "../dense-for-tests.js";
import { kernelPaths, using } from "../kernel-paths-for-tests.js";
import { fromEdges, laplacian2d, permutedDense, randomEdges } from "../sparse-for-tests.js";

/** A vector with entries at a vertex and its neighbours of greater number in the order: the pattern of a column of L holds it. */
function star(A: SparseMatrix, inverse: Int32Array, vertex: number, seed: number): Float64Array {
  const next = numbers(seed);
  const w = new Float64Array(A.cols);
  for (let j = 0; j < A.cols; j++) {
    for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) {
      const i = A.rowIndices[p];
      if (i !== vertex && j !== vertex) continue;
      const other = i === vertex ? j : i;
      if (inverse[other] >= inverse[vertex]) w[other] = next();
    }
  }
  return w;
}

const withProduct = (A: SparseMatrix, w: Float64Array, sign: number) =>
  map(toDenseMatrix(A), (a, i, j) => a + sign * w[i] * w[j]);

describe("sparseUpdate", () => {
  it.each(kernelPaths)("is the factor of A ± w wᵀ, for stars all over the graph: %s", (_, backend) => {
    using(backend, () => {
      for (const A of [laplacian2d(24), fromEdges(200, randomEdges(200, 500, 3), () => 30)]) {
        const S = analyze(A);
        const n = A.cols;
        for (const sign of [1, -1] as const) {
          for (const vertex of [0, 17, n >> 1, n - 1, S.permutation[n - 1]]) {
            const F = sparseFactorize(S, A);
            const w = star(A, S.inverse, vertex, vertex + 1).map((v) => 0.4 * v);
            expect(sparseUpdate(F, w, sign)).toEqual({ outcome: "done", variable: -1 });
            const b = randomVector(n);
            const x = sparseSolveInto(new Float64Array(n), F, b);
            const dense = choleskyFactorize(withProduct(A, w, sign));
            const y = choleskySolveInto(new Float64Array(n), dense, b);
            for (let k = 0; k < n; k++) expect(x[k]).toBeCloseTo(y[k], 11);
            expect(F.d.every((d) => d > 0)).toBe(true);
          }
        }
      }
    });
  });

  it("stays L D Lᵀ of the matrix, and a downdate takes an update back", () => {
    const A = laplacian2d(10);
    const S = analyze(A, { ordering: "amd", relaxation: false });
    const F = sparseFactorize(S, A);
    const before = { values: F.values.slice(), d: F.d.slice() };
    const w = star(A, S.inverse, 44, 5).map((v) => 10 * v);
    sparseUpdate(F, w);
    const L = toDenseMatrix(lowerFactor(F));
    const wanted = map(permutedDense(A, S.permutation), (a, i, j) => a + w[S.permutation[i]] * w[S.permutation[j]]);
    expect(backwardError(wanted, times(L, times(diagonalMatrix(F.d), flip(L))))).toBeLessThan(2);
    expect(F.growth).toBeGreaterThan(4);
    expect(sparseUpdate(F, w, -1).outcome).toBe("done");
    for (let k = 0; k < 100; k++) expect(F.d[k]).toBeCloseTo(before.d[k], 10);
    const back = toDenseMatrix(lowerFactor(F));
    expect(
      backwardError(permutedDense(A, S.permutation), times(back, times(diagonalMatrix(F.d), flip(back)))),
    ).toBeLessThan(100);
  });

  it("changes nothing, and says so, where the result would be indefinite or not in the pattern", () => {
    const A = laplacian2d(8);
    const S = analyze(A);
    const F = sparseFactorize(S, A);
    const before = structuredClone(F);
    const e = new Float64Array(64);
    // A − c² e eᵀ is definite just when c² (A⁻¹)ₖₖ < 1.
    e[20] = 1;
    const inverse = sparseSolveInto(new Float64Array(64), F, e)[20];
    const large = e.map((v) => v * Math.sqrt((1 + 1e-10) / inverse));
    expect(sparseUpdate(F, large, -1)).toEqual({ outcome: "indefinite", variable: -1 });
    const corner = S.permutation[0];
    const far = S.permutation.find((_, k) => k > 0 && !isRow(S, k)) ?? -1;
    const w = new Float64Array(64);
    w[corner] = 1;
    w[far] = 1;
    expect(sparseUpdate(F, w)).toEqual({ outcome: "pattern", variable: far });
    expect(F.values).toEqual(before.values);
    expect(F.d).toEqual(before.d);
    expect(sparseUpdate(F, new Float64Array(64))).toEqual({ outcome: "done", variable: -1 });
    const small = e.map((v) => v * Math.sqrt((1 - 1e-6) / inverse));
    expect(sparseUpdate(F, small, -1).outcome).toBe("done");
  });

  it("throws on failed factors, wrong vectors and signs", () => {
    const A = laplacian2d(2);
    const S = analyze(A);
    const F = sparseFactorize(S, A);
    expect(() => sparseUpdate(sparseFactorize(S, A, { shift: -9 }), new Float64Array(4))).toThrow(
      "argument `factor` is failed or indefinite",
    );
    expect(() => sparseUpdate(F, new Float64Array(3))).toThrow("argument `w` is of length 3");
    expect(() => sparseUpdate(F, new Float64Array(4).fill(Number.NaN))).toThrow("argument `w` is NaN at index 0");
    expect(() => sparseUpdate(F, new Float64Array(4), 2 as never)).toThrow("argument `sign` is 2; wanted 1 or -1.");
  });
});

/** Whether place k is a row of the panel of place 0. */
function isRow(S: ReturnType<typeof analyze>, k: number): boolean {
  const s = S.supernodeOf[0];
  return k < S.supernodes[s + 1] || S.rowIndices.subarray(S.rowPointers[s], S.rowPointers[s + 1]).includes(k);
}
