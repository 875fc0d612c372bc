import fc from "fast-check";
import { expect, it } from "vitest";
import { multiplySparseVectorInto, sparseFromTriplets } from "../../src/linear/csc.js";
import { amd } from "../../src/linear/ordering.js";
import { analyze, sparseFactorize, sparseSolveInto } from "../../src/linear/sparse-cholesky.js";

const matrices = fc.integer({ min: 1, max: 40 }).chain((n) =>
  fc
    .array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1), fc.double({ min: -1, max: 1, noNaN: true })), { maxLength: 4 * n })
    .map((entries) => {
      const off = entries.filter(([i, j]) => i !== j);
      const all = Array.from({ length: n }, (_, k) => k);
      return sparseFromTriplets(
        n,
        n,
        [...off.map((e) => e[0]), ...all],
        [...off.map((e) => e[1]), ...all],
        [...off.map((e) => e[2]), ...all.map(() => 8 * n)],
        { symmetric: true },
      );
    }),
);

it("amd gives a permutation of any pattern", () => {
  fc.assert(
    fc.property(matrices, (A) => {
      expect(Array.from(amd(A)).sort((a, b) => a - b)).toEqual(Array.from({ length: A.cols }, (_, k) => k));
    }),
    { numRuns: 300 },
  );
});

it("the factorization solves, in whatever order", () => {
  fc.assert(
    fc.property(matrices, fc.boolean(), (A, natural) => {
      const n = A.cols;
      const F = sparseFactorize(analyze(A, natural ? "natural" : "amd"), A);
      expect(F.failedAt).toBe(-1);
      const x = Float64Array.from({ length: n }, (_, i) => Math.cos(i));
      const b = multiplySparseVectorInto(new Float64Array(n), A, x);
      sparseSolveInto(b, F, b);
      for (let i = 0; i < n; i++) expect(Math.abs(b[i]! - x[i]!)).toBeLessThan(1e-12);
    }),
    { numRuns: 200 },
  );
});
