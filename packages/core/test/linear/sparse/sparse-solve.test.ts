import { describe, expect, it } from "vitest";
import { denseMatrix } from "../../../src/linear/matrix.js";
import { toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import {
  analyze,
  sparseFactorize,
  sparseSolveInto,
  sparseSolveManyInto,
} from "../../../src/linear/sparse/sparse-cholesky.js";
import { random, randomVector, solveError } from "../dense-for-tests.js";
import { kernelPaths, using } from "../kernel-paths-for-tests.js";
import { cliqueEdges, fromEdges, laplacian2d } from "../sparse-for-tests.js";

/** One with plain memory, two with memory of the kernels' own: narrow supernodes, and a wide one. */
const matrices = [
  laplacian2d(6),
  laplacian2d(30),
  fromEdges(131, cliqueEdges(Array.from({ length: 131 }, (_, k) => k)), () => 200),
];

describe("sparse solves", () => {
  it.each(kernelPaths)("many right-hand sides are solved as each alone, in place too: %s", (_, backend) => {
    using(backend, () => {
      for (const A of matrices) {
        const n = A.cols;
        const F = sparseFactorize(analyze(A), A);
        for (const k of [0, 1, 2, 3, 4, 5, 8, 9]) {
          const B = random(n, k);
          const X = sparseSolveManyInto(denseMatrix(n, k), F, B);
          for (let c = 0; c < k; c++) {
            const b = Float64Array.from({ length: n }, (_, i) => B.data[i * k + c]);
            const x = sparseSolveInto(new Float64Array(n), F, b);
            const far = x.reduce((max, v, i) => Math.max(max, Math.abs(X.data[i * k + c] - v)), 0);
            expect(far).toBeLessThan(1e-12);
          }
          expect(sparseSolveManyInto(B, F, B)).toBe(B);
          expect(B.data).toEqual(X.data);
        }
      }
    });
  });

  it("agree among plain JavaScript, SIMD and relaxed SIMD", () => {
    for (const A of matrices) {
      const b = randomVector(A.cols);
      const all = kernelPaths.map(([, backend]) =>
        using(backend, () => sparseSolveInto(new Float64Array(A.cols), sparseFactorize(analyze(A), A), b)),
      );
      for (const x of all) {
        expect(solveError(toDenseMatrix(A), x, b)).toBeLessThan(2);
        for (const [i, v] of x.entries())
          expect(Math.abs(v - all[0][i])).toBeLessThan(1e-13 * (1 + Math.max(...all[0])));
      }
    }
  });

  it("a factor made with one backend serves another", () => {
    const A = laplacian2d(30);
    const b = randomVector(900);
    for (const [, maker] of kernelPaths) {
      const F = using(maker, () => sparseFactorize(analyze(A), A));
      for (const [, solver] of kernelPaths) {
        using(solver, () => {
          expect(solveError(toDenseMatrix(A), sparseSolveInto(new Float64Array(900), F, b), b)).toBeLessThan(2);
          expect(sparseFactorize(F.symbolic, A, { shift: 1, into: F }).failedAt).toBe(-1);
          sparseFactorize(F.symbolic, A, { into: F });
        });
      }
    }
  });

  it("of a factor that failed are NaN, and shapes that don't fit are errors", () => {
    const A = laplacian2d(3);
    const S = analyze(A);
    const failed = sparseFactorize(S, A, { shift: -8 });
    expect(sparseSolveManyInto(denseMatrix(9, 2), failed, random(9, 2)).data.every(Number.isNaN)).toBe(true);
    const F = sparseFactorize(S, A);
    expect(() => sparseSolveManyInto(denseMatrix(9, 2), F, denseMatrix(8, 2))).toThrow(
      "sparseSolveManyInto: argument `B` is 8 × 2; wanted 9 rows.",
    );
    expect(() => sparseSolveManyInto(denseMatrix(9, 3), F, denseMatrix(9, 2))).toThrow("argument `X` is 9 × 3");
    expect(() => sparseSolveInto(new Float64Array(9), F, new Float64Array(8))).toThrow("argument `b` is of length 8");
    expect(() => sparseSolveInto(new Float64Array(8), F, new Float64Array(9))).toThrow("argument `out` is of length 8");
  });
});
