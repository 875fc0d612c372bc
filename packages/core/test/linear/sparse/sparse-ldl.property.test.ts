import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { symmetricEigenvalues } from "../../../src/linear/dense/eigen.js";
import { iterativeRefinementInto } from "../../../src/linear/iterative/refinement.js";
import { toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { analyze } from "../../../src/linear/sparse/sparse-cholesky.js";
import { sparseLdlFactorize } from "../../../src/linear/sparse/sparse-ldl.js";
import { sparseLdlSolveInto } from "../../../src/linear/sparse/sparse-ldl-solve.js";
import { randomVector } from "../dense-for-tests.js";
import { type Edge, fromEdges } from "../sparse-for-tests.js";

/** Random symmetric matrices of all densities, most of the diagonal zero: pivots of order 2 and delays everywhere. */
const matrices = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 3 }))
  .chain(([n, density, zeros]) =>
    fc
      .tuple(
        fc.uniqueArray(
          fc.tuple(fc.nat(n - 1), fc.nat(n - 1)).map(([a, b]): Edge => [Math.max(a, b), Math.min(a, b)]),
          { maxLength: density * n, selector: ([i, j]) => i * n + j },
        ),
        fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
      )
      .map(([pairs, stream]) => {
        const draw = () => {
          const value = stream.next().value as number;
          return Math.abs(value) < 1e-60 ? 0 : value;
        };
        return fromEdges(
          n,
          pairs.filter(([i, j]) => i !== j),
          (k) => (k % 4 < zeros ? 0 : draw()),
          draw,
        );
      }),
  );

describe("sparse indefinite factorization", () => {
  it("has the inertia of the eigenvalues where none is near zero, and solves to full accuracy after refinement", () => {
    fc.assert(
      fc.property(
        matrices,
        fc.constantFrom("fill", "amd", "natural"),
        fc.constantFrom(0.01, 0.1),
        (A, ordering, threshold) => {
          const n = A.cols;
          const F = sparseLdlFactorize(analyze(A, ordering as "fill"), A, { threshold });
          expect(F.positive + F.negative + F.zero).toBe(n);
          expect(F.starts[F.starts.length - 1]).toBe(n);
          const values = symmetricEigenvalues(toDenseMatrix(A));
          const most = values.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
          if (values.some((v) => Math.abs(v) <= 1e-9 * most) || most === 0) return;
          const negative = values.filter((v) => v < 0).length;
          expect([F.positive, F.negative, F.zero]).toEqual([n - negative, negative, 0]);
          // Solutions of tiny matrices overflow.
          if (most < 1e-200) return;
          const solve = (out: Float64Array, r: Float64Array) => sparseLdlSolveInto(out, F, r);
          const { backwardError } = iterativeRefinementInto(new Float64Array(n), A, solve, randomVector(n));
          expect(backwardError).toBeLessThan(1e-14);
        },
      ),
      { numRuns: 400 },
    );
  });
});
