import { describe, expect, it } from "vitest";
import { jacobiPreconditioner } from "../../../src/linear/dense/jacobi.js";
import { sparseFromDense } from "../../../src/linear/sparse/csc.js";
import { diagonalMatrix, random } from "../dense-for-tests.js";
import { denseOf, iterationsWith } from "../preconditioners-for-tests.js";
import { fromEdges, gridEdges } from "../sparse-for-tests.js";

describe("jacobiPreconditioner", () => {
  it("is the inverse of the diagonal", () => {
    const A = fromEdges(9, gridEdges(3), (k) => k + 4);
    expect(denseOf(jacobiPreconditioner(A))).toEqual(diagonalMatrix(Array.from({ length: 9 }, (_, k) => 1 / (k + 4))));
    expect(jacobiPreconditioner(A).traits).toEqual({ symmetric: true, positiveDefinite: true });
  });

  it("undoes a bad scaling: the iterations are those of the matrix with ones on its diagonal", () => {
    const scale = (k: number) => 10 ** ((k * 7) % 5);
    const edges = gridEdges(15);
    const A = fromEdges(
      225,
      edges,
      (k) => 4.2 * scale(k) ** 2,
      (k) => -scale(edges[k][0]) * scale(edges[k][1]),
    );
    const even = iterationsWith(fromEdges(225, edges, () => 4.2));
    expect(iterationsWith(A)).toBeGreaterThan(5 * even);
    expect(Math.abs(iterationsWith(A, jacobiPreconditioner(A)) - even)).toBeLessThan(0.5 * even);
  });

  it("names the column whose diagonal isn't positive, and wrong shapes", () => {
    for (const bad of [0, -2, Number.NaN, Number.POSITIVE_INFINITY]) {
      const A = fromEdges(4, [[2, 0]], () => 1);
      A.values[A.colPointers[2]] = bad;
      expect(() => jacobiPreconditioner(A)).toThrow(
        `jacobiPreconditioner: argument \`A\` is ${bad} on the diagonal of column 2; wanted positive and finite numbers there.`,
      );
    }
    expect(() => jacobiPreconditioner(sparseFromDense(random(2, 3)))).toThrow("argument `A` is 2 × 3");
    const M = jacobiPreconditioner(fromEdges(2, [], () => 1));
    expect(() => M.applyInto(new Float64Array(3), new Float64Array(2))).toThrow("argument `out` is of length 3");
    expect(() => M.applyInto(new Float64Array(2), new Float64Array(3))).toThrow("argument `r` is of length 3");
  });
});
