import { describe, expect, it } from "vitest";
import { jacobiPreconditioner } from "../../../src/linear/dense/jacobi.js";
import { blockJacobiPreconditioner } from "../../../src/linear/iterative/block-jacobi.js";
import { sparseFromDense, toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { backwardError, eye, map, random, randomDefinite, times } from "../dense-for-tests.js";
import { denseOf, iterationsWith } from "../preconditioners-for-tests.js";
import { fromEdges, gridEdges } from "../sparse-for-tests.js";

describe("blockJacobiPreconditioner", () => {
  it.each([1, 2, 3, 5, 11, 20])("is the inverse of the blocks along the diagonal: d = %d", (d) => {
    const dense = randomDefinite(11);
    const A = sparseFromDense(dense, { symmetric: true });
    const blocks = map(dense, (a, i, j) => (Math.floor(i / d) === Math.floor(j / d) ? a : 0));
    const M = blockJacobiPreconditioner(A, d);
    expect(backwardError(eye(11), times(denseOf(M), blocks))).toBeLessThan(100);
    if (d === 1)
      expect(denseOf(M).data.every((v, k) => Math.abs(v - denseOf(jacobiPreconditioner(A)).data[k]) < 1e-14)).toBe(
        true,
      );
    if (d >= 11) expect(iterationsWith(A, M)).toBeLessThanOrEqual(2);
  });

  it("takes fewer iterations than the diagonal where the unknowns of a vertex are strongly coupled", () => {
    // Pairs with off-diagonal 0.99: the condition of a pair is 199.
    const n = 2 * 144;
    const pairs = Array.from({ length: 144 }, (_, k): [number, number] => [2 * k + 1, 2 * k]);
    const grid = gridEdges(12).map(([i, j]): [number, number] => [2 * i, 2 * j]);
    const A = fromEdges(
      n,
      [...pairs, ...grid],
      (k) => (k % 2 === 0 ? 1.02 : 1),
      (k) => (k < 144 ? 0.99 : -1e-3),
    );
    expect(iterationsWith(A, blockJacobiPreconditioner(A, 2))).toBeLessThan(
      0.7 * iterationsWith(A, jacobiPreconditioner(A)),
    );
    expect(toDenseMatrix(A).rows).toBe(n);
  });

  it("names the column of a block that isn't definite, and wrong arguments", () => {
    const A = fromEdges(
      6,
      [[3, 2]],
      () => 1,
      () => 2,
    );
    expect(() => blockJacobiPreconditioner(A, 2)).toThrow(
      "blockJacobiPreconditioner: argument `A` is not positive definite in the block of column 3; wanted positive definite.",
    );
    expect(() => blockJacobiPreconditioner(A, 0)).toThrow("argument `blockSize` is 0");
    expect(() => blockJacobiPreconditioner(sparseFromDense(random(2, 2)), 1)).toThrow("symmetric: false");
    const bad = { ...A, values: A.values.map(() => Number.NaN) };
    expect(() => blockJacobiPreconditioner(bad, 2)).toThrow("argument `A.values` is NaN at row 0, column 0");
  });
});
