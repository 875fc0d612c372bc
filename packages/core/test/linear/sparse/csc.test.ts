import { describe, expect, it } from "vitest";
import { transposeDense } from "../../../src/linear/dense/dense.js";
import { denseMatrix, type SparseMatrix } from "../../../src/linear/matrix.js";
import {
  checkPattern,
  checkSparse,
  diagonalOf,
  inversePermutation,
  multiplySparseVectorInto,
  multiplyTransposeSparseVectorInto,
  permuteSymmetric,
  sparseFromDense,
  sparseFromTriplets,
  symmetricFromFull,
  toDenseMatrix,
  transposeSparse,
} from "../../../src/linear/sparse/csc.js";
import { map, random, randomSymmetric, randomVector, size, times } from "../dense-for-tests.js";
import { laplacian2d, permutedDense } from "../sparse-for-tests.js";

/** Dense, with about a third of the entries kept. */
const thinned = (rows: number, cols: number) =>
  map(random(rows, cols), (a, i, j) => ((i * 7 + j * 3) % 3 === 0 ? a : 0));

describe("sparse matrices", () => {
  it.each([
    [0, 0],
    [1, 1],
    [5, 3],
    [3, 5],
    [20, 31],
  ])("go to dense and back, transpose and multiply as dense ones do: %i × %i", (m, n) => {
    const D = thinned(m, n);
    const A = sparseFromDense(D);
    checkSparse("test", "A", A);
    expect(toDenseMatrix(A)).toEqual(D);
    const T = transposeSparse(A);
    checkSparse("test", "T", T);
    expect(toDenseMatrix(T)).toEqual(transposeDense(D));
    const x = randomVector(n);
    const y = randomVector(m);
    const Ax = times(D, denseMatrix(n, 1, x)).data;
    const Ay = times(transposeDense(D), denseMatrix(m, 1, y)).data;
    const difference = (a: Float64Array, b: Float64Array) => size({ data: a.map((v, i) => v - b[i]) });
    expect(difference(multiplySparseVectorInto(new Float64Array(m), A, x), Ax)).toBeLessThan(1e-14);
    expect(difference(multiplyTransposeSparseVectorInto(new Float64Array(n), A, y), Ay)).toBeLessThan(1e-14);
  });

  it("with symmetric storage are taken as whole", () => {
    const D = map(randomSymmetric(12), (a, i, j) => ((i + j) % 3 === 0 ? a : 0));
    const A = sparseFromDense(D, { symmetric: true });
    checkSparse("test", "A", A);
    expect(toDenseMatrix(A)).toEqual(D);
    expect(transposeSparse(A)).toBe(A);
    const x = randomVector(12);
    const wanted = times(D, denseMatrix(12, 1, x)).data;
    for (const product of [multiplySparseVectorInto, multiplyTransposeSparseVectorInto]) {
      product(new Float64Array(12), A, x).forEach((v, i) => {
        expect(v).toBeCloseTo(wanted[i], 14);
      });
    }
  });

  it("survive structuredClone", () => {
    expect(structuredClone(laplacian2d(3))).toEqual(laplacian2d(3));
  });

  it("sum duplicates also where they cancel: the entry stays", () => {
    const A = sparseFromTriplets(2, 2, [1, 1], [0, 0], [3, -3]);
    expect(Array.from(A.values)).toEqual([0]);
  });
});

describe("permuteSymmetric", () => {
  it("moves entry (p[i], p[j]) to (i, j)", () => {
    const A = laplacian2d(4);
    const permutation = Int32Array.from({ length: 16 }, (_, k) => (5 * k + 3) % 16);
    const B = permuteSymmetric(A, permutation);
    checkSparse("test", "B", B);
    expect(toDenseMatrix(B)).toEqual(permutedDense(A, permutation));
    expect(toDenseMatrix(permuteSymmetric(B, inversePermutation("t", "p", permutation, 16)))).toEqual(toDenseMatrix(A));
  });

  it("throws on what isn't a permutation, and on full storage", () => {
    for (const bad of [
      [0, 1, 2],
      [0, 1, 2, 2],
      [0, 1, 2, 4],
      [0, 1, 2, 0.5],
      [0, 1, 2, -1],
    ]) {
      expect(() => permuteSymmetric(laplacian2d(2), bad)).toThrow(
        `permuteSymmetric: argument \`permutation\` is an Array of length ${bad.length}; wanted a permutation of 0 … 3.`,
      );
    }
    expect(() => permuteSymmetric(transposeSparse(sparseFromTriplets(2, 2, [0], [1], [1])), [0, 1])).toThrow(
      "permuteSymmetric: argument `A` is 2 × 2, symmetric: false; wanted a square matrix with `symmetric: true` (lower triangle).",
    );
  });
});

describe("diagonalOf", () => {
  it("is zero where nothing is stored", () => {
    const A = sparseFromTriplets(3, 4, [0, 2, 1], [0, 2, 3], [7, -2, 9]);
    expect(Array.from(diagonalOf(new Float64Array(3).fill(5), A))).toEqual([7, 0, -2]);
    expect(() => diagonalOf(new Float64Array(4), A)).toThrow(
      "diagonalOf: argument `out` is of length 4; wanted length 3.",
    );
  });
});

describe("symmetricFromFull", () => {
  it("keeps the lower triangle", () => {
    const S = laplacian2d(3);
    const full = sparseFromDense(toDenseMatrix(S));
    expect(symmetricFromFull(full)).toEqual(S);
    expect(symmetricFromFull(S)).toBe(S);
    expect(() => symmetricFromFull(sparseFromTriplets(2, 3, [], [], []))).toThrow(
      "symmetricFromFull: argument `A` is 2 × 3; wanted a square matrix.",
    );
  });
});

describe("misuse", () => {
  it("of triplets", () => {
    expect(() => sparseFromTriplets(-1, 2, [], [], [])).toThrow(
      "sparseFromTriplets: argument `rows` is -1; wanted an integer >= 0.",
    );
    expect(() => sparseFromTriplets(1, 2.5, [], [], [])).toThrow(
      "sparseFromTriplets: argument `cols` is 2.5; wanted an integer >= 0.",
    );
  });

  it("of products", () => {
    const A = sparseFromTriplets(2, 3, [], [], []);
    const v = (n: number) => new Float64Array(n);
    expect(() => multiplySparseVectorInto(v(2), A, v(2))).toThrow(
      "multiplySparseVectorInto: argument `x` is of length 2; wanted length 3.",
    );
    expect(() => multiplySparseVectorInto(v(3), A, v(3))).toThrow(
      "multiplySparseVectorInto: argument `out` is of length 3; wanted length 2.",
    );
    expect(() => multiplyTransposeSparseVectorInto(v(3), A, v(3))).toThrow(
      "multiplyTransposeSparseVectorInto: argument `y` is of length 3; wanted length 2.",
    );
    const x = v(4);
    expect(() => multiplySparseVectorInto(x, laplacian2d(2), x)).toThrow(
      "multiplySparseVectorInto: argument `out` is the same array as x; wanted memory of its own.",
    );
  });

  it.each<[string, Partial<SparseMatrix>, string]>([
    [
      "a pointer too few",
      { colPointers: Int32Array.of(0, 8) },
      "`A.colPointers` is an Int32Array of length 2; wanted 5 numbers that begin with 0.",
    ],
    [
      "a late begin",
      { colPointers: Int32Array.of(1, 3, 5, 7, 8) },
      "`A.colPointers` is an Int32Array of length 5; wanted 5 numbers that begin with 0.",
    ],
    [
      "falling pointers",
      { colPointers: Int32Array.of(0, 5, 3, 7, 8) },
      "`A.colPointers` is falling at column 1; wanted ascending numbers.",
    ],
    [
      "too few indices",
      { rowIndices: new Int32Array(3) },
      "`A` is with 3 row indices and 8 values; wanted as many as the last column pointer says, 8.",
    ],
    [
      "an index above the diagonal",
      { rowIndices: new Int32Array(8) },
      "`A.rowIndices` is not ascending in column 0; wanted ascending rows without repetition.",
    ],
    ["no square", { rows: 5 }, "`A` is 5 × 4; wanted a square matrix."],
    [
      "NaN",
      { values: new Float64Array(8).fill(Number.NaN) },
      "`A.values` is NaN at row 0, column 0; wanted finite numbers.",
    ],
  ])("checkSparse names %s", (_, fault, message) => {
    expect(() => checkSparse("check", "A", { ...laplacian2d(2), ...fault })).toThrow(`check: argument ${message}`);
  });

  it("checkPattern needs no values", () => {
    const { values: _, ...pattern } = laplacian2d(2);
    checkPattern("check", "A", pattern);
    expect(() => checkPattern("check", "A", { ...pattern, rowIndices: new Int32Array(3) })).toThrow(
      "check: argument `A.rowIndices` is of length 3; wanted as many as the last column pointer says, 8.",
    );
    expect(() => checkPattern("check", "A", { ...pattern, symmetric: false, rows: 3 })).toThrow(
      "check: argument `A.rowIndices` is 3 in column 1; wanted rows 0 to 2.",
    );
  });
});
