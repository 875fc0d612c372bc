import { Matrix, solve } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { minresInto } from "../../../src/linear/iterative/minres.js";
import { shiftedOperator } from "../../../src/linear/iterative/operator.js";
import { norm2 } from "../../../src/linear/vec.js";
import { randomVector } from "../dense-for-tests.js";
import {
  breakingAt,
  counting,
  diagonalOperator,
  gridOperator,
  residualOf,
  spectrumOperator,
  withSpectrum,
} from "../operators-for-tests.js";

const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);
const b = randomVector(60);

describe("minresInto", () => {
  it.each([1, 2, 4, 7])("ends after %i steps with as many different eigenvalues of either sign", (k) => {
    const A = counting(spectrumOperator(upTo(60).map((i) => (i % 2 === 0 ? 1 : -1) * (1 + (i % k)))));
    const different = new Set(upTo(60).map((i) => (i % 2 === 0 ? 1 : -1) * (1 + (i % k)))).size;
    const x = new Float64Array(60);
    const result = minresInto(x, A, b);
    expect(result).toMatchObject({ reason: "converged", iterations: different });
    expect(A.products).toBe(different);
    expect(residualOf(A, x, b)).toBeLessThan(1e-9 * norm2(b));
  });

  it("solves as ml-matrix does", () => {
    const d = upTo(30).map((i) => (i - 10.5) / 3);
    const rhs = randomVector(30);
    const x = new Float64Array(30);
    minresInto(x, spectrumOperator(d), rhs, { tolerance: 1e-13 });
    const D = withSpectrum(d);
    const rows = upTo(30).map((i) => Array.from(D.data.subarray(30 * i, 30 * i + 30)));
    const wanted = solve(new Matrix(rows), Matrix.columnVector(Array.from(rhs))).to1DArray();
    for (let i = 0; i < 30; i++) expect(x[i]).toBeCloseTo(wanted[i], 9);
  });

  it("has residuals that never grow and are those reported, with a shift too", () => {
    const A = gridOperator(8);
    const rhs = randomVector(64);
    for (const shift of [0, -2.3, -4.05]) {
      let last = norm2(rhs);
      for (let k = 1; k <= 64; k++) {
        const x = new Float64Array(64);
        const { residualNorm, iterations } = minresInto(x, A, rhs, { shift, maxIterations: k });
        expect(iterations).toBeLessThanOrEqual(k);
        const real = residualOf(shiftedOperator(A, shift), x, rhs);
        expect(Math.abs(real - residualNorm)).toBeLessThan(1e-12 * norm2(rhs));
        expect(real).toBeLessThanOrEqual(last * (1 + 1e-12));
        last = real;
      }
      expect(last).toBeLessThan(1e-9 * norm2(rhs));
    }
  });

  it("gives the solution of least norm of a consistent singular system", () => {
    const d = upTo(60).map((i) => (i < 7 ? 0 : i - 20.5));
    const A = spectrumOperator(d);
    const wanted = A.applyInto(new Float64Array(60), b);
    const rhs = A.applyInto(new Float64Array(60), wanted);
    const x = new Float64Array(60);
    expect(minresInto(x, A, rhs, { tolerance: 1e-12 }).reason).toBe("converged");
    // `wanted` lies in the range of A, so it is that solution.
    for (let i = 0; i < 60; i++) expect(x[i]).toBeCloseTo(wanted[i], 7);
  });

  it("says that b is out of reach, at a least-squares solution", () => {
    const d = upTo(60).map((i) => (i < 7 ? 0 : i - 20.5));
    const x = new Float64Array(60);
    const result = minresInto(x, diagonalOperator(d), b);
    expect(result.reason).toBe("leastSquares");
    expect(result.residualNorm).toBeCloseTo(norm2(b.slice(0, 7)), 10);
    for (let i = 7; i < 60; i++) expect(x[i]).toBeCloseTo(b[i] / d[i], 8);
    const outside = Float64Array.from({ length: 60 }, (_, i) => (i === 0 ? 3 : 0));
    expect(minresInto(x, diagonalOperator(d), outside)).toEqual({
      reason: "leastSquares",
      iterations: 1,
      residualNorm: 3,
    });
    expect(x.every((v) => v === 0)).toBe(true);
  });

  it("keeps a sensible x of such a system, also when told to go on", () => {
    const d = upTo(60).map((i) => (i < 7 ? 0 : i - 20.5));
    for (const normalTolerance of [0, 1e-12, 1e-10]) {
      const x = new Float64Array(60);
      const result = minresInto(x, diagonalOperator(d), b, { normalTolerance, maxIterations: 2000 });
      expect(result.reason).toBe("leastSquares");
      expect(result.residualNorm).toBeCloseTo(norm2(b.slice(0, 7)), 10);
      expect(residualOf(diagonalOperator(d), x, b)).toBeCloseTo(result.residualNorm, 10);
      for (let i = 7; i < 60; i++) expect(x[i]).toBeCloseTo(b[i] / d[i], 6);
    }
  });

  it("does not take a badly scaled regular system for a singular one", () => {
    const d = [1e7, -1, 3, 1e3, -1e5];
    const rhs = Float64Array.of(1, 1, 1, 1, 1);
    const x = new Float64Array(5);
    expect(minresInto(x, diagonalOperator(d), rhs).reason).toBe("converged");
    for (let i = 0; i < 5; i++) expect(x[i] * d[i]).toBeCloseTo(1, 8);
  });

  it("breaks down where a product isn't finite, and keeps the point before", () => {
    const A = spectrumOperator(upTo(60).map((i) => i - 20.5));
    const before = new Float64Array(60);
    expect(minresInto(before, A, b, { maxIterations: 5 })).toMatchObject({ reason: "budget", iterations: 5 });
    const x = new Float64Array(60);
    expect(minresInto(x, breakingAt(6, A), b)).toMatchObject({ reason: "breakdown", iterations: 6 });
    expect(x).toEqual(before);
  });

  it("does not mind the size of b", () => {
    const d = upTo(60).map((i) => (i % 2 === 0 ? -2 : 3));
    for (const size of [1e-250, 1e250]) {
      const x = new Float64Array(60);
      expect(
        minresInto(
          x,
          diagonalOperator(d),
          b.map((v) => v * size),
        ).reason,
      ).toBe("converged");
      for (let i = 0; i < 60; i++) expect((x[i] * d[i]) / size / b[i]).toBeCloseTo(1, 8);
    }
    expect(minresInto(new Float64Array(60), diagonalOperator(d), new Float64Array(60)).iterations).toBe(0);
    expect(minresInto(new Float64Array(), diagonalOperator([]), new Float64Array()).reason).toBe("converged");
  });

  it("throws on misuse", () => {
    const A = diagonalOperator([1, 2]);
    const v = () => new Float64Array(2);
    expect(() => minresInto(v(), A, v(), { shift: Number.POSITIVE_INFINITY })).toThrow(
      "minresInto: argument `shift` is Infinity; wanted a finite number.",
    );
    expect(() => minresInto(v(), A, v(), { normalTolerance: -1 })).toThrow(
      "minresInto: argument `normalTolerance` is -1; wanted a number >= 0.",
    );
    expect(() => minresInto(v(), A, v(), { restart: 3 } as never)).toThrow(
      "minresInto: argument `options.restart` is not an option; wanted one of tolerance, maxIterations, shift, normalTolerance.",
    );
  });
});
