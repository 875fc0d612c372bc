import { describe, expect, it } from "vitest";
import { readMatrixMarket, writeMatrixMarket } from "../../src/interop/matrix-market.js";
import { denseMatrix, type Matrix } from "../../src/linear/matrix.js";
import { sparseFromDense, toDenseMatrix } from "../../src/linear/sparse/csc.js";
import { map, random, symmetricPart } from "../linear/dense-for-tests.js";

const rows = (A: Matrix): number[][] => {
  const { rows: m, cols: n, data } = A.kind === "dense" ? A : toDenseMatrix(A);
  return Array.from({ length: m }, (_, i) => Array.from(data.subarray(i * n, i * n + n)));
};
const file = (header: string, ...lines: string[]) => [`%%MatrixMarket matrix ${header}`, ...lines].join("\n");

describe("readMatrixMarket", () => {
  it("reads coordinates: real, integer, pattern; comments, blank lines, Fortran's exponents, Windows' ends, duplicates", () => {
    const A = readMatrixMarket(
      file(
        "coordinate real general",
        "% a comment",
        "",
        "  3 4   5",
        "1 1 1.5",
        "% in between",
        "3 4 -2e-1",
        "2 3 1.25D+2",
        "",
        "3 4 1",
        "1 2 .5",
      ).replaceAll("\n", "\r\n"),
    );
    expect(A.kind).toBe("sparse");
    expect(rows(A)).toEqual([
      [1.5, 0.5, 0, 0],
      [0, 0, 125, 0],
      [0, 0, 0, 0.8],
    ]);
    expect(rows(readMatrixMarket(file("COORDINATE Integer General", "2 2 1", "2 1 -7")))).toEqual([
      [0, 0],
      [-7, 0],
    ]);
    expect(rows(readMatrixMarket(file("coordinate pattern general", "2 2 2", "1 2", "2 2")))).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(rows(readMatrixMarket(file("coordinate real general", "0 0 0")))).toEqual([]);
  });

  it("reads symmetric ones as a lower triangle, skew-symmetric ones as a whole", () => {
    const S = readMatrixMarket(file("coordinate real symmetric", "3 3 3", "1 1 2", "3 1 -1", "2 3 5"));
    expect(S).toMatchObject({ kind: "sparse", symmetric: true });
    expect(rows(S)).toEqual([
      [2, 0, -1],
      [0, 0, 5],
      [-1, 5, 0],
    ]);
    const K = readMatrixMarket(file("coordinate real skew-symmetric", "3 3 2", "2 1 4", "3 2 1"));
    expect(K).toMatchObject({ kind: "sparse", symmetric: false });
    expect(rows(K)).toEqual([
      [0, -4, 0],
      [4, 0, -1],
      [0, 1, 0],
    ]);
    const P = readMatrixMarket(file("coordinate pattern symmetric", "2 2 1", "2 1"));
    expect(rows(P)).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it("reads arrays by columns", () => {
    expect(rows(readMatrixMarket(file("array real general", "2 3", "1", "2", "3", "4", "5", "6")))).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
    expect(rows(readMatrixMarket(file("array integer symmetric", "2 2", "1", "2", "3")))).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(rows(readMatrixMarket(file("array real skew-symmetric", "3 3", "1", "2", "3")))).toEqual([
      [0, -1, -2],
      [1, 0, -3],
      [2, 3, 0],
    ]);
  });

  it.each<[string, string, string]>([
    ["no header", "hello", '"hello" in line 1; wanted "%%MatrixMarket matrix", coordinate or array'],
    ["nothing", "", '"" in line 1'],
    [
      "complex",
      file("coordinate complex general", "1 1 0"),
      '"%%MatrixMarket matrix coordinate complex general" in line 1',
    ],
    ["array of patterns", file("array pattern general", "1 1"), "in line 1"],
    ["no sizes", file("coordinate real general", "% only a comment"), "is of 2 lines without sizes"],
    [
      "two sizes",
      file("coordinate real general", "3 3"),
      '"3 3" in line 2; wanted rows, columns and the number of entries.',
    ],
    [
      "a size that is none",
      file("array real general", "3 -3"),
      '"3 -3" in line 2; wanted rows and columns, whole numbers',
    ],
    [
      "not square",
      file("coordinate real symmetric", "3 4 0"),
      '"3 4 0" in line 2; wanted a square matrix, as it is symmetric.',
    ],
    [
      "too few entries",
      file("coordinate real general", "3 3 2", "1 1 1"),
      "with 1 entries; wanted 2 of them, as the sizes say.",
    ],
    ["too many numbers", file("array real general", "1 1", "1", "2"), "with 2 entries; wanted 1 of them"],
    [
      "a word too few",
      file("coordinate real general", "3 3 1", "%", "1 2"),
      '"1 2" in line 4; wanted a row, a column and a value.',
    ],
    [
      "a row out of range",
      file("coordinate real general", "3 3 1", "4 1 1"),
      '"4 1 1" in line 3; wanted a row from 1 to 3 in place of "4".',
    ],
    ["a row 0", file("coordinate real general", "3 3 1", "0 1 1"), 'wanted a row from 1 to 3 in place of "0".'],
    [
      "a fractional column",
      file("coordinate real general", "3 3 1", "1 1.5 1"),
      'wanted a column from 1 to 3 in place of "1.5".',
    ],
    [
      "a word for a number",
      file("coordinate real general", "3 3 1", "1 1 one"),
      '"1 1 one" in line 3; wanted a finite number in place of "one".',
    ],
    ["infinity", file("array real general", "1 1", "Infinity"), 'wanted a finite number in place of "Infinity".'],
    ["overflow", file("array real general", "1 1", "1e999"), 'wanted a finite number in place of "1e999".'],
    ["a fraction among integers", file("array integer general", "1 1", "1.5"), 'wanted an integer in place of "1.5".'],
    [
      "a diagonal in a skew-symmetric",
      file("coordinate real skew-symmetric", "2 2 1", "1 1 3"),
      '"1 1 3" in line 3; wanted entries off the diagonal only',
    ],
    ["two numbers a line", file("array real general", "1 2", "1 2", "3"), '"1 2" in line 3; wanted one number a line.'],
  ])("names the line and its words: %s", (_, text, message) => {
    expect(() => readMatrixMarket(text)).toThrow(message);
    expect(() => readMatrixMarket(text)).toThrow("readMatrixMarket: argument `text` is ");
  });

  it("wants a text", () => {
    expect(() => readMatrixMarket(3 as never)).toThrow(
      "argument `text` is 3; wanted the text of a Matrix Market file.",
    );
  });
});

describe("writeMatrixMarket", () => {
  it("is read back bit by bit, in each storage", () => {
    const scaled = map(random(7, 5), (a, i) => a * 10 ** (40 * i - 100));
    const thin = map(random(6, 6), (a) => (Math.abs(a) < 0.4 ? a / 3 : 0));
    for (const A of [
      scaled,
      denseMatrix(0, 0),
      sparseFromDense(scaled),
      sparseFromDense(thin),
      sparseFromDense(symmetricPart(thin), { symmetric: true }),
    ]) {
      expect(readMatrixMarket(writeMatrixMarket(A, "made by a test"))).toEqual(A);
    }
  });

  it("writes what the format says", () => {
    const A = sparseFromDense(
      { kind: "dense", rows: 2, cols: 2, data: Float64Array.of(1, -0.5, -0.5, 3e-20) },
      { symmetric: true },
    );
    expect(writeMatrixMarket(A, "Hessian")).toBe(
      "%%MatrixMarket matrix coordinate real symmetric\n% Hessian\n2 2 3\n1 1 1\n2 1 -0.5\n2 2 3e-20\n",
    );
    expect(writeMatrixMarket(denseMatrix(1, 2, Float64Array.of(1, 2)))).toBe(
      "%%MatrixMarket matrix array real general\n1 2\n1\n2\n",
    );
  });

  it("throws on numbers that aren't finite, and comments of several lines", () => {
    expect(() => writeMatrixMarket(denseMatrix(1, 2, Float64Array.of(1, Number.NaN)))).toThrow(
      "writeMatrixMarket: argument `A` is NaN at row 0, column 1; wanted finite numbers.",
    );
    expect(() => writeMatrixMarket(denseMatrix(0, 0), "a\nb")).toThrow("wanted one line");
  });
});
