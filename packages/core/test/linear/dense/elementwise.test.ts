import { describe, expect, it } from "vitest";
import {
  expInto,
  logInto,
  logSumExp,
  logSumExpColsInto,
  logSumExpRowsInto,
  softmaxInto,
  softmaxRowsInto,
  tanhInto,
} from "../../../src/linear/dense/elementwise.js";
import { denseMatrix } from "../../../src/linear/matrix.js";
import { denseBackends, withDense } from "../backends-for-tests.js";
import { map, random, scaled } from "../dense-for-tests.js";

const vector = (n: number) => random(n, 1, 2).data;

describe.each(denseBackends.map((backend) => [backend.name, backend] as const))("by %s", (_, backend) => {
  it("functions undo each other, and y may be x", () => {
    const x = vector(100);
    const y = withDense(backend, () => logInto(new Float64Array(100), expInto(new Float64Array(100), x)));
    y.forEach((value, k) => {
      expect(Math.abs(value - x[k])).toBeLessThan(4 * Number.EPSILON);
    });
    // tanh x = (e^{2x} − 1)/(e^{2x} + 1).
    const t = withDense(backend, () => tanhInto(y, y));
    expect(t).toBe(y);
    const e = withDense(backend, () => expInto(new Float64Array(100), scaled(denseMatrix(100, 1, x), 2).data));
    t.forEach((value, k) => {
      expect(Math.abs(value - (e[k] - 1) / (e[k] + 1))).toBeLessThan(8 * Number.EPSILON);
    });
  });

  it("exponentials overflow to infinity and underflow to zero, logarithms leave their range as NaN", () => {
    const x = new Float64Array(40).fill(710);
    expect(withDense(backend, () => expInto(x, x)).every((value) => value === Number.POSITIVE_INFINITY)).toBe(true);
    x.fill(-746);
    expect(withDense(backend, () => expInto(x, x)).every((value) => value === 0)).toBe(true);
    x.fill(-1);
    expect(withDense(backend, () => logInto(x, x)).every(Number.isNaN)).toBe(true);
  });

  it("log-sum-exp is shifted with its argument, where e^x overflows too", () => {
    const x = vector(50);
    const plain = withDense(backend, () => logSumExp(x));
    for (const shift of [1000, -1000]) {
      const moved = withDense(backend, () => logSumExp(x.map((value) => value + shift)));
      expect(Math.abs(moved - shift - plain)).toBeLessThan(1e-12);
    }
    expect(withDense(backend, () => logSumExp(new Float64Array(0)))).toBe(Number.NEGATIVE_INFINITY);
    expect(withDense(backend, () => logSumExp(Float64Array.of(3)))).toBe(3);
    // n equal numbers: x + log n.
    expect(Math.abs(withDense(backend, () => logSumExp(new Float64Array(64).fill(5))) - 5 - Math.log(64))).toBeLessThan(
      4 * Number.EPSILON * 10,
    );
  });

  it("softmax of rows is that of each row, and its logarithm is the row less its log-sum-exp", () => {
    const M = map(random(9, 37, 5), (a) => 20 * a);
    const S = withDense(backend, () => softmaxRowsInto(denseMatrix(9, 37), M));
    const lse = withDense(backend, () => logSumExpRowsInto(new Float64Array(9), M, new Float64Array(37)));
    for (let i = 0; i < 9; i++) {
      const row = withDense(backend, () => softmaxInto(new Float64Array(37), M.data.slice(37 * i, 37 * (i + 1))));
      row.forEach((value, j) => {
        expect(Math.abs(S.data[37 * i + j] / value - 1)).toBeLessThan(40 * Number.EPSILON);
        expect(Math.abs(Math.log(value) - (M.data[37 * i + j] - lse[i]))).toBeLessThan(1e-13);
      });
    }
    // Columns are the rows of the transpose.
    const T = map(denseMatrix(37, 9), (_, i, j) => M.data[j * 37 + i]);
    const cols = withDense(backend, () => logSumExpColsInto(new Float64Array(9), T, new Float64Array(37)));
    cols.forEach((value, i) => {
      expect(Math.abs(value - lse[i])).toBeLessThan(1e-13);
    });
    expect(withDense(backend, () => softmaxRowsInto(M, M)).data).toEqual(S.data);
    const nothing = denseMatrix(0, 5);
    expect(softmaxRowsInto(nothing, nothing)).toBe(nothing);
  });
});

describe("misuse", () => {
  const M = random(3, 2);
  it.each([
    ["expInto", () => expInto(new Float64Array(2), new Float64Array(3))],
    ["logInto", () => logInto(new Float64Array(2), new Float64Array(3))],
    ["tanhInto", () => tanhInto(new Float64Array(2), new Float64Array(3))],
    ["softmaxInto", () => softmaxInto(new Float64Array(2), new Float64Array(3))],
    ["softmaxRowsInto", () => softmaxRowsInto(random(2, 3), M)],
    ["logSumExpRowsInto", () => logSumExpRowsInto(new Float64Array(2), M, new Float64Array(2))],
    ["logSumExpRowsInto", () => logSumExpRowsInto(new Float64Array(3), M, new Float64Array(3))],
    ["logSumExpColsInto", () => logSumExpColsInto(new Float64Array(3), M, new Float64Array(3))],
    ["logSumExpColsInto", () => logSumExpColsInto(new Float64Array(2), M, new Float64Array(2))],
  ])("%s refuses lengths that don't fit", (name, run) => {
    expect(run).toThrow(`${name}: argument`);
  });
});
