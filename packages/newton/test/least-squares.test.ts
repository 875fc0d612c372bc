import { denseMatrix, type Observation } from "@hessia/core";
import { sparseFromDense } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { type LeastSquaresState, orthogonality, residualNorm } from "../src/index.js";
import { columnNormsInto, squaresReduction, valueNoise } from "../src/least-squares.js";

const seen = (state: Partial<LeastSquaresState>) => ({ state }) as unknown as Observation<LeastSquaresState>;

describe("orthogonality", () => {
  it("answers at a small cosine, and where residuals are rounding alone", () => {
    const residual = Float64Array.of(3, 4);
    expect(orthogonality()(seen({ cosine: 2e-8, residual, sensitivity: 1 }))).toBeNull();
    expect(orthogonality()(seen({ cosine: 1e-8, residual, sensitivity: 1 }))).toMatchObject({ kind: "converged" });
    expect(orthogonality()(seen({ cosine: 1, residual, sensitivity: 1e16 }))?.detail).toContain("rounding alone");
    expect(orthogonality()(seen({ cosine: Number.NaN, residual, sensitivity: Number.NaN }))).toBeNull();
    expect(() => orthogonality(0)).toThrow("tolerance");
    expect(() => orthogonality(1)).toThrow("tolerance");
  });
});

describe("residualNorm", () => {
  it("answers at small residuals only", () => {
    expect(residualNorm(0.5)(seen({ residual: Float64Array.of(0.1, -0.5) }))).toMatchObject({ rule: "residualNorm" });
    expect(residualNorm(0.5)(seen({ residual: Float64Array.of(0.1, -0.6) }))).toBeNull();
    expect(residualNorm(0)(seen({ residual: new Float64Array(2) }))).toMatchObject({ kind: "converged" });
    expect(residualNorm(1)(seen({ residual: Float64Array.of(Number.NaN) }))).toBeNull();
  });
});

describe("squaresReduction", () => {
  const state = { value: 1, sensitivity: 1e3 } as LeastSquaresState;
  it("is the plain ratio above rounding, and 1 below", () => {
    expect(squaresReduction(state, 0.9, 0.2).ratio).toBeCloseTo(0.5, 10);
    expect(squaresReduction(state, 0.9, 0.2).rounding).toBe(false);
    const noise = valueNoise(state);
    expect(noise).toBeGreaterThan(1e3 * Number.EPSILON);
    expect(noise).toBeLessThan(1e4 * Number.EPSILON);
    expect(squaresReduction(state, 1 + 0.01 * noise, 0.01 * noise)).toMatchObject({ rounding: true });
    expect(squaresReduction(state, Number.NaN, 1)).toEqual({ ratio: Number.NEGATIVE_INFINITY, rounding: false });
    // Nothing promised and nothing gained at an exact zero.
    expect(squaresReduction({ value: 0, sensitivity: 0 } as LeastSquaresState, 0, 0).ratio).toBe(1);
  });
});

describe("columnNormsInto", () => {
  it("weighs rows, dense and sparse", () => {
    const J = denseMatrix(2, 2, Float64Array.of(3, 0, 4, 2));
    for (const one of [J, sparseFromDense(J)]) {
      expect([...columnNormsInto(new Float64Array(2), one)]).toEqual([5, 2]);
      expect([...columnNormsInto(new Float64Array(2), one, Float64Array.of(1, 0.5))]).toEqual([Math.sqrt(13), 1]);
    }
  });
});
