import { all, create } from "mathjs";
import { Matrix, MatrixTransposeView, SymmetricMatrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { ArgumentError, misuse } from "../../src/errors.js";
import { type DenseInput, toDense, toMathjs, toMlMatrix } from "../../src/interop/dense.js";
import { toRows } from "../../src/linear/dense/dense.js";
import { denseMatrix } from "../../src/linear/matrix.js";
import { sparseFromTriplets } from "../../src/linear/sparse/csc.js";

const math = create(all, {});
const rows = [
  [1, 2, 3],
  [4, 5, 6],
];

describe("toDense", () => {
  it("takes nested arrays, of typed arrays too", () => {
    expect(toDense(rows)).toEqual(denseMatrix(2, 3, Float64Array.of(1, 2, 3, 4, 5, 6)));
    expect(toRows(toDense([Float64Array.of(1, 2), Float32Array.of(3, 4)]))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(toDense([])).toEqual(denseMatrix(0, 0));
    expect(toDense([[], []])).toEqual(denseMatrix(2, 0));
  });

  it("answers Hessia's own dense matrix as it is, and unfolds a sparse one", () => {
    const A = denseMatrix(2, 2);
    expect(toDense(A)).toBe(A);
    expect(toRows(toDense(sparseFromTriplets(2, 2, [0, 1, 1], [0, 0, 1], [1, 2, 3], { symmetric: true })))).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it("takes ml-matrix matrices and views", () => {
    const M = new Matrix(rows);
    expect(toRows(toDense(M))).toEqual(rows);
    expect(toRows(toDense(new MatrixTransposeView(M)))).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(
      toRows(
        toDense(
          new SymmetricMatrix([
            [1, 2],
            [2, 3],
          ]),
        ),
      ),
    ).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(toDense(new Matrix(0, 0))).toEqual(denseMatrix(0, 0));
    // A copy: what happens to M later doesn't matter.
    const A = toDense(M);
    M.set(0, 0, 9);
    expect(A.data[0]).toBe(1);
  });

  it("takes mathjs matrices, dense and sparse", () => {
    expect(toRows(toDense(math.matrix(rows)))).toEqual(rows);
    expect(
      toRows(
        toDense(
          math.sparse([
            [0, 2],
            [3, 0],
          ]),
        ),
      ),
    ).toEqual([
      [0, 2],
      [3, 0],
    ]);
  });

  it("refuses what isn't a matrix of numbers, naming the place", () => {
    const bad = (input: unknown) => () => toDense(input as DenseInput);
    expect(bad(3)).toThrow(
      "toDense: argument `input` is 3; wanted a dense or sparse matrix, nested arrays, or a matrix of ml-matrix or mathjs.",
    );
    expect(bad(null)).toThrow(ArgumentError);
    expect(bad(undefined)).toThrow(ArgumentError);
    expect(bad({ rows: 2 })).toThrow("toDense: argument `input` is an Object; wanted a dense or sparse matrix");
    expect(bad([[1, 2], [3]])).toThrow(
      "toDense: argument `input[1]` is an Array of length 1; wanted a row of 2 numbers, as the first.",
    );
    expect(bad([1, 2])).toThrow("toDense: argument `input[0]` is 1; wanted a row of");
    expect(bad([[1, "2"]])).toThrow('toDense: argument `input[0][1]` is "2"; wanted a number.');
    expect(bad(math.matrix([1, 2, 3]))).toThrow(ArgumentError);
    expect(bad(math.matrix([[math.bignumber(1)]]))).toThrow(
      "toDense: argument `input[0][0]` is a Decimal; wanted a number.",
    );
    expect(bad({ rows: 1, columns: 1, get: () => "x" })).toThrow(
      'toDense: argument `input.get(0, 0)` is "x"; wanted a number.',
    );
    expect(bad({ kind: "dense", rows: 2, cols: 2, data: new Float64Array(3) })).toThrow(
      "toDense: argument `input.data` is a Float64Array of length 3; wanted a Float64Array of length rows * cols = 4.",
    );
    expect(() => toDense(3 as never, "solve", "H")).toThrow("solve: argument `H` is 3;");
    expect(() => misuse("a", "b", "c", "d")).toThrow(ArgumentError);
  });
});

describe("toMlMatrix and toMathjs", () => {
  it("give back what came", () => {
    const M = toMlMatrix(toDense(rows), Matrix);
    expect(M).toBeInstanceOf(Matrix);
    expect(M.to2DArray()).toEqual(rows);
    expect(toDense(M)).toEqual(toDense(rows));
    const D = toMathjs(toDense(rows), math);
    expect(math.isDenseMatrix(D)).toBe(true);
    expect(toDense(D)).toEqual(toDense(rows));
    expect(toMlMatrix(denseMatrix(0, 0), Matrix).rows).toBe(0);
  });
});
