import { Matrix, SVD, solve } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { lsmrInto } from "../../../src/linear/iterative/lsmr.js";
import { operatorFrom, operatorFromFunction } from "../../../src/linear/iterative/operator.js";
import { type DenseMatrix, denseMatrix } from "../../../src/linear/matrix.js";
import { norm2 } from "../../../src/linear/vec.js";
import { flip, ofRank, random, randomVector, scaled, times } from "../dense-for-tests.js";
import { breakingAt, residualOf, withSpectrum } from "../operators-for-tests.js";

const rows = ({ rows: m, cols: n, data }: DenseMatrix) =>
  Array.from({ length: m }, (_, i) => Array.from(data.subarray(n * i, n * i + n)));

/** (AᵀA + damp² I) x = Aᵀb by ml-matrix. */
function normalEquations(D: DenseMatrix, b: Float64Array, damp = 0): number[] {
  const n = D.cols;
  const N = times(flip(D), D);
  for (let i = 0; i < n; i++) N.data[i * n + i] += damp * damp;
  return solve(new Matrix(rows(N)), new Matrix(rows(times(flip(D), denseMatrix(D.rows, 1, b))))).to1DArray();
}

/** ‖Aᵀ(b − A x) − damp² x‖. */
function normalResidual(D: DenseMatrix, x: Float64Array, b: Float64Array, damp = 0): number {
  const r = times(D, denseMatrix(D.cols, 1, x)).data.map((v, i) => b[i] - v);
  return norm2(times(flip(D), denseMatrix(D.rows, 1, r)).data.map((v, i) => v - damp * damp * x[i]));
}

describe("lsmrInto", () => {
  it.each([
    [30, 8, 0],
    [30, 8, 0.7],
    [8, 30, 0.7],
    [12, 12, 0],
    [1, 1, 0],
    [5, 1, 0],
    [1, 5, 2],
  ])("agrees with the normal equations: %i × %i, damp %d", (m, n, damp) => {
    const D = random(m, n, 2);
    const b = randomVector(m);
    const x = new Float64Array(n);
    expect(lsmrInto(x, operatorFrom(D), b, { damp, tolerance: 1e-13 }).reason).toBe("converged");
    const wanted = normalEquations(D, b, damp);
    for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(wanted[i], 7);
  });

  it("gives the solution of least norm where there are many", () => {
    for (const D of [random(6, 20), ofRank(20, 9, 4), ofRank(9, 20, 4)]) {
      const b = randomVector(D.rows);
      const x = new Float64Array(D.cols);
      expect(lsmrInto(x, operatorFrom(D), b, { tolerance: 1e-12 }).reason).toBe("converged");
      const inverse = new SVD(new Matrix(rows(D)), { autoTranspose: true });
      const wanted = inverse.solve(Matrix.columnVector(Array.from(b))).to1DArray();
      for (let i = 0; i < D.cols; i++) expect(x[i]).toBeCloseTo(wanted[i], 7);
    }
  });

  it("reports ‖Aᵀr − damp² x‖, which never grows", () => {
    const D = random(40, 25, 6);
    const b = randomVector(40);
    for (const damp of [0, 0.5]) {
      let last = Number.POSITIVE_INFINITY;
      for (let k = 0; k <= 30; k++) {
        const x = new Float64Array(25);
        const { residualNorm, iterations } = lsmrInto(x, operatorFrom(D), b, { damp, maxIterations: k });
        expect(iterations).toBeLessThanOrEqual(k);
        expect(normalResidual(D, x, b, damp)).toBeCloseTo(residualNorm, 10);
        expect(residualNorm).toBeLessThanOrEqual(last);
        last = residualNorm;
      }
    }
  });

  it("solves a regular system", () => {
    const D = withSpectrum(Array.from({ length: 20 }, (_, i) => i - 9.5));
    const b = randomVector(20);
    const x = new Float64Array(20);
    expect(lsmrInto(x, operatorFrom(D), b, { tolerance: 1e-13 }).reason).toBe("converged");
    expect(residualOf(operatorFrom(D), x, b)).toBeLessThan(1e-10);
  });

  it("ends after as many steps as there are different singular values", () => {
    const D = withSpectrum(Array.from({ length: 20 }, (_, i) => 1 + (i % 3)));
    expect(lsmrInto(new Float64Array(20), operatorFrom(D), randomVector(20))).toMatchObject({
      reason: "converged",
      iterations: 3,
    });
  });

  it("does not mind the size of A and b", () => {
    const D = random(12, 5);
    const b = randomVector(12);
    const wanted = normalEquations(D, b);
    for (const [sizeA, sizeB] of [
      [1e-150, 1e-200],
      [1e150, 1e200],
      [1, 1e-300],
      [1e-200, 1],
    ]) {
      const x = new Float64Array(5);
      const result = lsmrInto(
        x,
        operatorFrom(scaled(D, sizeA)),
        b.map((v) => v * sizeB),
        { tolerance: 1e-12 },
      );
      expect(result.reason).toBe("converged");
      for (let i = 0; i < 5; i++) expect((x[i] * (sizeA / sizeB)) / wanted[i]).toBeCloseTo(1, 6);
    }
  });

  it("breaks down where a product isn't finite, and keeps the point before", () => {
    const D = random(12, 7);
    const b = randomVector(12);
    const before = new Float64Array(7);
    expect(lsmrInto(before, operatorFrom(D), b, { maxIterations: 2 }).reason).toBe("budget");
    const x = new Float64Array(7);
    expect(lsmrInto(x, breakingAt(3, operatorFrom(D)), b).reason).toBe("breakdown");
    expect(x).toEqual(before);
    const broken = { ...operatorFrom(D), applyTransposeInto: (out: Float64Array) => out.fill(Number.NaN) };
    expect(lsmrInto(x, broken, b).reason).toBe("breakdown");
    expect(x.every((v) => v === 0)).toBe(true);
  });

  it("answers zero where Aᵀb is zero", () => {
    const x = new Float64Array(3).fill(5);
    expect(lsmrInto(x, operatorFrom(denseMatrix(4, 3)), randomVector(4))).toEqual({
      reason: "converged",
      iterations: 0,
      residualNorm: 0,
    });
    expect(Array.from(x)).toEqual([0, 0, 0]);
    expect(lsmrInto(x, operatorFrom(random(4, 3)), new Float64Array(4)).iterations).toBe(0);
    expect(lsmrInto(new Float64Array(), operatorFrom(denseMatrix(0, 0)), new Float64Array()).reason).toBe("converged");
  });

  it("throws on misuse", () => {
    const A = operatorFrom(random(4, 3));
    expect(() => lsmrInto(new Float64Array(3), A, new Float64Array(3))).toThrow(
      "lsmrInto: argument `b` is of length 3; wanted length 4, the rows of A.",
    );
    expect(() => lsmrInto(new Float64Array(3), A, new Float64Array(4), { damp: -1 })).toThrow(
      "lsmrInto: argument `damp` is -1; wanted a number >= 0 and < Infinity.",
    );
    expect(() => lsmrInto(new Float64Array(3), A, new Float64Array(4), { shift: 1 } as never)).toThrow(
      "lsmrInto: argument `options.shift` is not an option; wanted one of tolerance, maxIterations, damp.",
    );
    expect(() =>
      lsmrInto(
        new Float64Array(2),
        operatorFromFunction(2, () => {}),
        new Float64Array(2),
      ),
    ).toThrow("lsmrInto: argument `A` is without applyTransposeInto; wanted an operator with products by Aᵀ.");
  });
});
