import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import {
  fromRows,
  identity,
  multiplyInto,
  multiplyTransposeVectorInto,
  multiplyVectorInto,
  normFrobenius,
  normMax,
  normOne,
  rankOneUpdate,
  requireFiniteMatrix,
  requireSquare,
  requireSymmetric,
  symmetricProductInto,
  symmetricRankTwoUpdate,
  toRows,
  transposeDense,
} from "../../../src/linear/dense/dense.js";
import { denseMatrix } from "../../../src/linear/matrix.js";
import {
  backwardError,
  flip,
  gradedRows,
  map,
  random,
  randomSymmetric,
  randomVector,
  scaled,
  times,
} from "../dense-for-tests.js";

const ml = (A: { rows: number; cols: number; data: Float64Array }) => Matrix.from1DArray(A.rows, A.cols, A.data);

describe("multiplyInto", () => {
  it.each([
    [0, 0, 0],
    [0, 3, 2],
    [1, 1, 1],
    [2, 2, 2],
    [3, 0, 4],
    [5, 7, 6],
    [33, 18, 41],
    [150, 64, 91],
  ])("multiplies %i × %i by %i columns, either factor transposed, like ml-matrix", (m, k, n) => {
    const A = random(m, k, 1);
    const B = random(k, n, 2);
    const wanted =
      m * k * n === 0 ? denseMatrix(m, n) : denseMatrix(m, n, Float64Array.from(ml(A).mmul(ml(B)).to1DArray()));
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const C = denseMatrix(m, n, new Float64Array(m * n).fill(Number.NaN));
        const got = multiplyInto(C, transposeA ? flip(A) : A, transposeB ? flip(B) : B, { transposeA, transposeB });
        expect(got).toBe(C);
        expect(backwardError(wanted, C)).toBeLessThan(2 * Math.max(1, k));
      }
    }
  });

  it("adds β C", () => {
    const A = random(6, 5, 1);
    const B = random(5, 4, 2);
    const C = random(6, 4, 3);
    const product = times(A, B);
    const wanted = map(C, (c, i, j) => 3 * product.data[i * 4 + j] - 2 * c);
    expect(backwardError(wanted, multiplyInto(C, A, B, { alpha: 3, beta: -2 }))).toBeLessThan(4);
    const kept = map(C, (c, i, j) => c + product.data[i * 4 + j]);
    expect(backwardError(kept, multiplyInto(C, A, B, { beta: 1 }))).toBeLessThan(4);
  });

  it("holds for tiny, huge and graded matrices", () => {
    const A = gradedRows(random(20, 20, 1));
    const B = random(20, 20, 2);
    const C = multiplyInto(denseMatrix(20, 20), A, B);
    const wanted = times(A, B);
    // Row by row: each has its own size.
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < 20; j++)
        expect(Math.abs(C.data[i * 20 + j] - wanted.data[i * 20 + j])).toBeLessThan(
          40 * 20 * Number.EPSILON * 10 ** ((-12 * i) / 19),
        );
    }
    const small = multiplyInto(denseMatrix(20, 20), scaled(A, 1e-150), scaled(B, 1e150));
    expect(backwardError(wanted, small)).toBeLessThan(4);
  });

  it("refuses shapes that don't fit and memory that overlaps", () => {
    const A = denseMatrix(2, 3);
    const B = denseMatrix(2, 3);
    expect(() => multiplyInto(denseMatrix(2, 3), A, B)).toThrow(
      "multiplyInto: argument `B` is 2 × 3; wanted 3 rows, as op(A) is 2 × 3.",
    );
    expect(() => multiplyInto(denseMatrix(2, 3), A, B, { transposeA: true })).toThrow(
      "multiplyInto: argument `C` is 2 × 3; wanted 3 × 3.",
    );
    expect(() => multiplyInto(denseMatrix(2, 2), B, denseMatrix(2, 2), { transposeB: true })).toThrow(
      "multiplyInto: argument `B` is (transposed) 2 × 2; wanted 3 rows, as op(A) is 2 × 3.",
    );
    const S = identity(2);
    expect(() => multiplyInto(S, S, identity(2))).toThrow(
      "multiplyInto: argument `C` is the same array as A; wanted memory of its own.",
    );
    expect(() => multiplyInto(S, identity(2), S)).toThrow(
      "multiplyInto: argument `C` is the same array as B; wanted memory of its own.",
    );
  });
});

describe("products with vectors", () => {
  it("agree with the matrix product", () => {
    for (const [m, n] of [
      [0, 0],
      [0, 3],
      [3, 0],
      [1, 1],
      [7, 5],
      [40, 33],
    ]) {
      const A = random(m, n);
      const x = denseMatrix(n, 1, randomVector(n));
      const y = denseMatrix(m, 1, randomVector(m));
      expect(
        backwardError(times(A, x), denseMatrix(m, 1, multiplyVectorInto(new Float64Array(m), A, x.data))),
      ).toBeLessThan(8);
      const back = denseMatrix(n, 1, multiplyTransposeVectorInto(new Float64Array(n), A, y.data));
      expect(backwardError(times(flip(A), y), back)).toBeLessThan(8);
    }
  });

  it("refuse lengths that don't fit and memory that overlaps", () => {
    const A = denseMatrix(2, 3);
    const x = new Float64Array(3);
    expect(() => multiplyVectorInto(new Float64Array(2), A, new Float64Array(2))).toThrow(
      "multiplyVectorInto: argument `x` is of length 2; wanted length 3.",
    );
    expect(() => multiplyVectorInto(x, A, new Float64Array(3))).toThrow(
      "multiplyVectorInto: argument `out` is of length 3; wanted length 2.",
    );
    expect(() => multiplyVectorInto(x, identity(3), x)).toThrow(
      "multiplyVectorInto: argument `out` is the same array as x; wanted memory of its own.",
    );
    expect(() => multiplyTransposeVectorInto(x, A, x)).toThrow(
      "multiplyTransposeVectorInto: argument `x` is of length 3; wanted length 2.",
    );
  });
});

describe("updates", () => {
  it("rankOneUpdate adds α x yᵀ", () => {
    const A = random(4, 3);
    const x = randomVector(4, 1);
    const y = randomVector(3, 2);
    const wanted = map(A, (a, i, j) => a - 2 * x[i] * y[j]);
    expect(backwardError(wanted, rankOneUpdate(A, -2, x, y))).toBeLessThan(2);
    expect(() => rankOneUpdate(A, 1, y, y)).toThrow("rankOneUpdate: argument `x` is of length 3; wanted length 4.");
    expect(() => rankOneUpdate(A, 1, x, x)).toThrow("rankOneUpdate: argument `y` is of length 4; wanted length 3.");
  });

  it("symmetricRankTwoUpdate keeps the symmetry to the bit", () => {
    const A = randomSymmetric(7);
    const x = randomVector(7, 1);
    const y = randomVector(7, 2);
    const wanted = map(A, (a, i, j) => a + 3 * (x[i] * y[j] + y[i] * x[j]));
    symmetricRankTwoUpdate(A, 3, x, y);
    expect(backwardError(wanted, A)).toBeLessThan(2);
    expect(Array.from(flip(A).data)).toEqual(Array.from(A.data));
    expect(() => symmetricRankTwoUpdate(denseMatrix(2, 3), 1, x, y)).toThrow(
      "symmetricRankTwoUpdate: argument `A` is 2 × 3; wanted a square matrix.",
    );
    expect(() => symmetricRankTwoUpdate(A, 1, randomVector(2), y)).toThrow(
      "symmetricRankTwoUpdate: argument `x` is of length 2; wanted length 7.",
    );
    expect(() => symmetricRankTwoUpdate(A, 1, x, randomVector(2))).toThrow(
      "symmetricRankTwoUpdate: argument `y` is of length 2; wanted length 7.",
    );
  });

  it("symmetricProductInto writes AᵀA whole", () => {
    for (const [m, n] of [
      [0, 2],
      [3, 0],
      [4, 6],
      [40, 33],
    ]) {
      const A = random(m, n);
      const C = symmetricProductInto(denseMatrix(n, n, new Float64Array(n * n).fill(Number.NaN)), A);
      expect(backwardError(times(flip(A), A), C)).toBeLessThan(4);
      expect(Array.from(flip(C).data)).toEqual(Array.from(C.data));
    }
    expect(() => symmetricProductInto(denseMatrix(2, 2), denseMatrix(2, 3))).toThrow(
      "symmetricProductInto: argument `C` is 2 × 2; wanted 3 × 3.",
    );
    const S = identity(2);
    expect(() => symmetricProductInto(S, S)).toThrow(
      "symmetricProductInto: argument `C` is the same array as A; wanted memory of its own.",
    );
  });
});

describe("shapes and checks", () => {
  it("transposes, makes identities, and goes from rows to rows", () => {
    const A = random(35, 18);
    expect(Array.from(transposeDense(A).data)).toEqual(Array.from(flip(A).data));
    expect(toRows(identity(2))).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(toRows(fromRows(toRows(A)))).toEqual(toRows(A));
    expect(fromRows([])).toEqual(denseMatrix(0, 0));
    expect(fromRows([], 3)).toEqual(denseMatrix(0, 3));
    expect(toRows(fromRows([[], []]))).toEqual([[], []]);
    expect(() => fromRows([[1, 2], [3]])).toThrow(
      "fromRows: argument `rows[1]` is of length 1; wanted length 2, as the first row has.",
    );
    expect(() => fromRows([[1, "2" as unknown as number]])).toThrow(
      'fromRows: argument `rows[0][1]` is "2"; wanted a number.',
    );
  });

  it("norms", () => {
    const A = fromRows([
      [1, -2, 2],
      [0, 5, -4],
    ]);
    expect(normOne(A)).toBe(7);
    expect(normMax(A)).toBe(5);
    expect(normFrobenius(A)).toBeCloseTo(Math.sqrt(50), 14);
    expect(normFrobenius(scaled(A, 1e300)) / 1e300).toBeCloseTo(Math.sqrt(50), 14);
    expect(normOne(denseMatrix(0, 0))).toBe(0);
    expect(normOne(fromRows([[1, Number.NaN]]))).toBeNaN();
  });

  it("requireSymmetric names the worst pair", () => {
    const A = randomSymmetric(4);
    expect(() => requireSymmetric("test", "A", A)).not.toThrow();
    A.data.set([2, 3], 1 * 4 + 0);
    A.data[0 * 4 + 1] = 1;
    A.data[3 * 4 + 2] = 0;
    A.data[2 * 4 + 3] = 7;
    expect(() => requireSymmetric("test", "A", A)).toThrow(
      "test: argument `A` is not symmetric: entry (3, 2) is 0 and entry (2, 3) is 7; wanted a symmetric matrix, to 1e-12 of its largest entry. Use (A + Aᵀ)/2 if the difference is noise.",
    );
    expect(() => requireSymmetric("test", "A", A, 2)).not.toThrow();
    expect(() => requireSymmetric("test", "A", denseMatrix(1, 2))).toThrow(
      "test: argument `A` is 1 × 2; wanted a square matrix.",
    );
    expect(() => requireSymmetric("test", "A", fromRows([[Number.NaN]]))).toThrow(
      "test: argument `A` is NaN at (0, 0); wanted finite entries.",
    );
  });

  it("requireFiniteMatrix and requireSquare name what is wrong", () => {
    const A = fromRows([
      [1, Number.POSITIVE_INFINITY],
      [2, 3],
    ]);
    expect(() => requireFiniteMatrix("test", "A", A)).toThrow(
      "test: argument `A` is Infinity at (0, 1); wanted finite entries.",
    );
    expect(() => requireFiniteMatrix("test", "A", A, { lower: true })).not.toThrow();
    expect(() => requireSquare("test", "A", denseMatrix(3, 1))).toThrow(
      "test: argument `A` is 3 × 1; wanted a square matrix.",
    );
  });
});
