import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inertia, ldlFactorize } from "../../../src/linear/dense/ldl.js";
import { multiplySparseVectorInto, permuteSymmetric, toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { amd } from "../../../src/linear/sparse/ordering.js";
import {
  analyze,
  lowerFactor,
  negativeCurvatureInto,
  sparseFactorize,
  sparseSolveInto,
} from "../../../src/linear/sparse/sparse-cholesky.js";
import { dot } from "../../../src/linear/vec.js";
import { backwardError, diagonalMatrix, flip, randomVector, times } from "../dense-for-tests.js";
import {
  type Edge,
  eliminate,
  exactMinimumDegree,
  fromEdges,
  isPermutation,
  permutedDense,
} from "../sparse-for-tests.js";

/** Random symmetric matrices of all densities, the diagonal about as large as `weight` says. */
const matrices = (weight: number) =>
  fc.tuple(fc.integer({ min: 1, max: 45 }), fc.integer({ min: 0, max: 6 }), fc.integer()).chain(([n, density]) =>
    fc
      .tuple(
        fc.uniqueArray(
          fc.tuple(fc.nat(n - 1), fc.nat(n - 1)).map(([a, b]): Edge => [Math.max(a, b), Math.min(a, b)]),
          {
            maxLength: density * n,
            selector: ([i, j]) => i * n + j,
          },
        ),
        fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
      )
      .map(([pairs, stream]) => {
        const draw = () => stream.next().value as number;
        const edges = pairs.filter(([i, j]) => i !== j);
        return fromEdges(n, edges, () => weight + draw(), draw);
      }),
  );

/** An order of 0 … n − 1 from a seed. */
const shuffled = (n: number, seed: number) => {
  const keys = randomVector(n, seed);
  return Int32Array.from({ length: n }, (_, k) => k).sort((a, b) => keys[a] - keys[b]);
};

describe("sparse factorization", () => {
  it("has the pattern of an elimination by hand and a backward error of n ε, in any order", () => {
    fc.assert(
      fc.property(matrices(20), fc.constantFrom("amd", "natural", "shuffled"), fc.nat(1000), (A, kind, seed) => {
        const n = A.cols;
        const S = analyze(A, kind === "shuffled" ? shuffled(n, seed) : (kind as "amd" | "natural"));
        const F = sparseFactorize(S, A, { shift: 0.5 });
        if (F.failedAt >= 0) return;
        const L = lowerFactor(F);
        const wanted = eliminate(A, S.permutation);
        const got = wanted.map((_, j) => Array.from(L.rowIndices.subarray(L.colPointers[j] + 1, L.colPointers[j + 1])));
        expect(got).toEqual(wanted);
        const D = toDenseMatrix(L);
        expect(
          backwardError(permutedDense(A, S.permutation, 0.5), times(D, times(diagonalMatrix(F.d), flip(D)))),
        ).toBeLessThan(4);
        const x = randomVector(n);
        const b = multiplySparseVectorInto(new Float64Array(n), A, x).map((v, i) => v + 0.5 * x[i]);
        sparseSolveInto(b, F, b);
        const r = multiplySparseVectorInto(
          new Float64Array(n),
          A,
          x.map((v, i) => v - b[i]),
        );
        expect(Math.sqrt(dot(r, r))).toBeLessThan(1e-12 * n * F.growth);
      }),
      { numRuns: 300 },
    );
  });

  it("is definite, or fails with a direction that shows it", () => {
    fc.assert(
      fc.property(matrices(1.5), fc.double({ min: -2, max: 2, noNaN: true }), (A, shift) => {
        const n = A.cols;
        const F = sparseFactorize(analyze(A), A, { shift });
        if (F.failedAt < 0) {
          expect(F.d.every((d) => d > 0)).toBe(true);
          return;
        }
        const v = new Float64Array(n);
        const squares = negativeCurvatureInto(v, F);
        const Av = multiplySparseVectorInto(new Float64Array(n), A, v);
        const error = Math.abs(dot(v, Av) + shift * squares - F.failedPivot);
        expect(error).toBeLessThan(1e-13 * n * squares * (F.growth + 1));
      }),
      { numRuns: 300 },
    );
  });

  it("gone through, has the inertia of the dense factorization with pivoting, unless it grew", () => {
    fc.assert(
      fc.property(matrices(0.5), (A) => {
        const n = A.cols;
        const F = sparseFactorize(analyze(A), A, { indefinite: true });
        const dense = inertia(ldlFactorize(toDenseMatrix(A)), 1e-9);
        if (F.failedAt >= 0 || F.growth > 1e5 || dense.zero > 0) return;
        expect([F.positive, F.negative]).toEqual([dense.positive, dense.negative]);
        expect(F.positive + F.negative).toBe(n);
      }),
      { numRuns: 300 },
    );
  });
});

describe("orders", () => {
  it("amd is a permutation, and its fill near that of exact minimum degree", () => {
    let ours = 0;
    let exact = 0;
    fc.assert(
      fc.property(matrices(20), (A) => {
        const order = amd(A);
        expect(isPermutation(order)).toBe(true);
        const entries = (p: ArrayLike<number>) => eliminate(A, p).reduce((sum, rows) => sum + rows.length, 0);
        ours += entries(order);
        exact += entries(exactMinimumDegree(A));
        expect(analyze(A, "amd").pointers[A.cols]).toBe(entries(order));
      }),
      { numRuns: 200 },
    );
    expect(ours).toBeLessThan(1.1 * exact);
  });

  it("permuting a matrix permutes its products", () => {
    fc.assert(
      fc.property(matrices(1), fc.nat(1000), (A, seed) => {
        const n = A.cols;
        const p = shuffled(n, seed);
        const x = randomVector(n);
        const y = multiplySparseVectorInto(new Float64Array(n), A, x);
        const moved = multiplySparseVectorInto(
          new Float64Array(n),
          permuteSymmetric(A, p),
          Float64Array.from(p, (i) => x[i]),
        );
        for (let k = 0; k < n; k++) expect(Math.abs(moved[k] - y[p[k]])).toBeLessThan(1e-13 * n);
      }),
      { numRuns: 200 },
    );
  });
});
