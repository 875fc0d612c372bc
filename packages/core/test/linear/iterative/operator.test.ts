import { describe, expect, it } from "vitest";
import { operatorFrom, operatorFromFunction, shiftedOperator } from "../../../src/linear/iterative/operator.js";
import { denseMatrix } from "../../../src/linear/matrix.js";
import { sparseFromDense } from "../../../src/linear/sparse/csc.js";
import { flip, random, randomSymmetric, randomVector, times } from "../dense-for-tests.js";
import { laplacian2d } from "../sparse-for-tests.js";

describe("operatorFrom", () => {
  it("multiplies as the matrix does, dense or sparse, and with its transpose", () => {
    const D = random(4, 7);
    const x = randomVector(7);
    const y = randomVector(4);
    const Ax = times(D, denseMatrix(7, 1, x)).data;
    const Ay = times(flip(D), denseMatrix(4, 1, y)).data;
    for (const A of [operatorFrom(D), operatorFrom(sparseFromDense(D))]) {
      expect([A.rows, A.cols]).toEqual([4, 7]);
      const out = new Float64Array(4);
      expect(A.applyInto(out, x)).toBe(out);
      out.forEach((v, i) => {
        expect(v).toBeCloseTo(Ax[i], 14);
      });
      A.applyTransposeInto?.(new Float64Array(7), y).forEach((v, i) => {
        expect(v).toBeCloseTo(Ay[i], 14);
      });
    }
  });

  it("knows the symmetry of sparse storage, and takes other traits on trust", () => {
    expect(operatorFrom(laplacian2d(2)).traits).toEqual({ symmetric: true });
    expect(operatorFrom(laplacian2d(2), { positiveDefinite: true }).traits).toEqual({
      symmetric: true,
      positiveDefinite: true,
    });
    expect(operatorFrom(randomSymmetric(3)).traits).toEqual({});
    expect(() => operatorFrom(random(2, 3), { symmetric: true })).toThrow(
      "operatorFrom: argument `traits` is those of a symmetric matrix; wanted none for a matrix of 2 × 3.",
    );
  });

  it("checks lengths at each product", () => {
    expect(() => operatorFrom(random(2, 3)).applyInto(new Float64Array(2), new Float64Array(2))).toThrow(
      "argument `x` is of length 2; wanted length 3.",
    );
  });
});

describe("operatorFromFunction", () => {
  it("answers the output, whatever the function answers", () => {
    const A = operatorFromFunction(2, (out, x) => out.set([x[1], -x[0]]), { symmetric: false });
    const out = new Float64Array(2);
    expect(A.applyInto(out, Float64Array.of(3, 4))).toBe(out);
    expect(Array.from(out)).toEqual([4, -3]);
    expect(A.traits).toEqual({ symmetric: false });
  });

  it("throws on a bad order and a missing function", () => {
    expect(() => operatorFromFunction(1.5, () => {})).toThrow(
      "operatorFromFunction: argument `n` is 1.5; wanted an integer >= 0.",
    );
    expect(() => operatorFromFunction(2, undefined as never)).toThrow(
      "operatorFromFunction: argument `applyInto` is undefined; wanted a function (out, x).",
    );
  });
});

describe("shiftedOperator", () => {
  it("adds σx, for Aᵀ too, and keeps the traits that stay true", () => {
    const D = random(5, 5);
    const x = randomVector(5);
    const A = operatorFrom(D);
    const S = shiftedOperator(A, 0.75);
    S.applyInto(new Float64Array(5), x).forEach((v, i) => {
      expect(v).toBeCloseTo(A.applyInto(new Float64Array(5), x)[i] + 0.75 * x[i], 14);
    });
    const At = operatorFrom(flip(D));
    S.applyTransposeInto?.(new Float64Array(5), x).forEach((v, i) => {
      expect(v).toBeCloseTo(At.applyInto(new Float64Array(5), x)[i] + 0.75 * x[i], 14);
    });
    const P = operatorFrom(laplacian2d(2), { positiveDefinite: true });
    expect(shiftedOperator(P, 1).traits).toEqual({ symmetric: true, positiveDefinite: true });
    expect(shiftedOperator(P, -1).traits).toEqual({ symmetric: true });
    expect(
      shiftedOperator(
        operatorFromFunction(2, () => {}),
        1,
      ),
    ).not.toHaveProperty("applyTransposeInto");
  });

  it("throws on what isn't square or finite", () => {
    expect(() => shiftedOperator(operatorFrom(random(2, 3)), 1)).toThrow(
      "shiftedOperator: argument `A` is 2 × 3; wanted a square operator.",
    );
    expect(() => shiftedOperator(operatorFrom(random(2, 2)), Number.NaN)).toThrow(
      "shiftedOperator: argument `sigma` is NaN; wanted a finite number.",
    );
  });
});
