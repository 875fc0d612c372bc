import { describe, expect, it } from "vitest";
import { sparseFromDense, toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { addSparse, fullFromSymmetric, permuteSparse, scaleSparse } from "../../../src/linear/sparse/sparse-sum.js";
import { map, random, symmetricPart } from "../dense-for-tests.js";

/** About a third of the entries of a random matrix. */
const thinned = (rows: number, cols: number, seed: number) =>
  map(random(rows, cols, seed), (a) => (Math.abs(a) < 0.35 ? a : 0));

describe("sparse sums", () => {
  it("α A + β B is that of the dense matrices, in either storage", () => {
    const [A, B] = [thinned(7, 5, 1), thinned(7, 5, 2)];
    const C = toDenseMatrix(addSparse(2, sparseFromDense(A), -3, sparseFromDense(B)));
    expect(C.data).toEqual(A.data.map((a, k) => 2 * a + -3 * B.data[k] + 0));
    const [S, T] = [symmetricPart(thinned(6, 6, 3)), symmetricPart(thinned(6, 6, 4))];
    const half = addSparse(1, sparseFromDense(S, { symmetric: true }), 1, sparseFromDense(T, { symmetric: true }));
    expect(half.symmetric).toBe(true);
    const mixed = addSparse(1, sparseFromDense(S, { symmetric: true }), 1, sparseFromDense(T));
    expect(mixed.symmetric).toBe(false);
    for (const M of [half, mixed]) expect(toDenseMatrix(M).data).toEqual(S.data.map((a, k) => a + T.data[k]));
    expect(toDenseMatrix(fullFromSymmetric(half))).toEqual(toDenseMatrix(half));
    const before = toDenseMatrix(half).data;
    expect(toDenseMatrix(scaleSparse(half, -2)).data).toEqual(before.map((a) => -2 * a + 0));
  });

  it("permutes rows and columns", () => {
    const A = thinned(4, 3, 5);
    const [p, q] = [
      [2, 0, 3, 1],
      [1, 2, 0],
    ];
    expect(toDenseMatrix(permuteSparse(sparseFromDense(A), p, q))).toEqual(
      map(A, (_, i, j) => A.data[p[i] * 3 + q[j]]),
    );
    expect(toDenseMatrix(permuteSparse(sparseFromDense(A), p))).toEqual(map(A, (_, i, j) => A.data[p[i] * 3 + j]));
    expect(toDenseMatrix(permuteSparse(sparseFromDense(A), undefined, q))).toEqual(
      map(A, (_, i, j) => A.data[i * 3 + q[j]]),
    );
  });

  it("says what doesn't fit", () => {
    const A = sparseFromDense(thinned(4, 3, 5));
    expect(() => addSparse(1, A, 1, sparseFromDense(thinned(3, 4, 5)))).toThrow(
      "addSparse: argument `B` is 3 × 4; wanted the shape of A, 4 × 3.",
    );
    expect(() => addSparse(Number.NaN, A, 1, A)).toThrow("argument `alpha` is NaN");
    expect(() => scaleSparse(A, Number.POSITIVE_INFINITY)).toThrow("argument `alpha` is Infinity");
    expect(() => permuteSparse(A, [0, 1, 1, 2])).toThrow("permuteSparse: argument `rows` is an Array of length 4");
  });
});
