import { describe, expect, it } from "vitest";
import { sparseFromTriplets, toDenseMatrix } from "../../../src/linear/sparse/csc.js";
import { refillInto, sparseBuilder, sparseEntry } from "../../../src/linear/sparse/sparse-builder.js";
import { numbers } from "../dense-for-tests.js";

describe("sparseBuilder", () => {
  it("sums duplicates, keeps zeros, and grows", () => {
    const builder = sparseBuilder(9, 7);
    const next = numbers(3);
    const wanted = new Float64Array(63);
    for (let k = 0; k < 500; k++) {
      const [i, j, v] = [k % 9, (k * k) % 7, next()];
      builder.add(i, j, v);
      wanted[i * 7 + j] += v;
    }
    builder.add(8, 6, 0);
    expect(builder.count).toBe(501);
    const A = builder.build();
    toDenseMatrix(A).data.forEach((v, k) => {
      expect(v).toBeCloseTo(wanted[k], 13);
    });
    expect(sparseEntry(A, 8, 6)).toBe(toDenseMatrix(A).data[62]);
    builder.add(0, 0, 5);
    expect(sparseEntry(builder.build(), 0, 0)).toBeCloseTo(wanted[0] + 5, 13);
  });

  it("gives the places that refill the values, the pattern kept, in either storage", () => {
    for (const symmetric of [false, true]) {
      const builder = sparseBuilder(6, 6, { symmetric });
      const list = Array.from({ length: 40 }, (_, k) => [(k * 5) % 6, (k * k + 1) % 6, k - 20.5]);
      for (const [i, j, v] of list) builder.add(i, j, v);
      const { matrix, places } = builder.buildWithPlaces();
      const before = structuredClone(matrix);
      const twice = list.map(([, , v]) => 2 * v);
      expect(refillInto(matrix, places, twice)).toBe(matrix);
      expect(matrix.rowIndices).toEqual(before.rowIndices);
      expect(matrix.values).toEqual(before.values.map((v) => 2 * v));
      const direct = sparseFromTriplets(
        6,
        6,
        ...([0, 1].map((c) => list.map((e) => e[c])) as [number[], number[]]),
        twice,
        {
          symmetric,
        },
      );
      expect(matrix).toEqual(direct);
      for (let i = 0; i < 6; i++) {
        for (let j = 0; j < 6; j++) expect(sparseEntry(matrix, i, j)).toBe(toDenseMatrix(matrix).data[6 * i + j]);
      }
    }
  });

  it("says what is wrong with an entry, a size, a place", () => {
    const builder = sparseBuilder(2, 3);
    expect(() => builder.add(2, 0, 1)).toThrow("add: argument `i` is 2; wanted a row number from 0 to 1.");
    expect(() => builder.add(0, -1, 1)).toThrow("add: argument `j` is -1; wanted a column number from 0 to 2.");
    expect(() => builder.add(0, 0.5, 1)).toThrow("argument `j` is 0.5");
    expect(() => builder.add(0, 0, Number.NaN)).toThrow("add: argument `v` is NaN; wanted a finite number.");
    expect(builder.count).toBe(0);
    expect(() => sparseBuilder(-1, 2)).toThrow("sparseBuilder: argument `rows` is -1");
    expect(() => sparseBuilder(2, 3, { symmetric: true })).toThrow("wanted a square matrix when `symmetric` is true");
    builder.add(0, 0, 1);
    const { matrix, places } = builder.buildWithPlaces();
    expect(() => refillInto(matrix, places, [])).toThrow("refillInto: argument `v` is of length 0; wanted length 1.");
    expect(() => refillInto(matrix, places, [Number.NaN])).toThrow("argument `v[0]` is NaN");
    expect(() => refillInto(matrix, Int32Array.of(1), [1])).toThrow(
      "argument `places[0]` is 1; wanted a place from 0 to 0.",
    );
    expect(() => sparseEntry(matrix, 0, 3)).toThrow("sparseEntry: argument `j` is 3");
  });
});
