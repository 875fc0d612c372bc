import { any, denseMatrix, leastSquaresProblem, maxIterations, solve } from "@hessia/core";
import { sparseFromDense, toDenseMatrix } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import {
  type LeastSquaresState,
  levenbergMarquardt,
  nl2sol,
  orthogonality,
  parameterCovariance,
} from "../src/index.js";
import { nist, withDenseJacobian } from "./least-squares-problems.js";

const stop = any<LeastSquaresState>(orthogonality(1e-9), maxIterations(500));

describe("parameterCovariance", () => {
  it("has the certified standard deviations, sparse and dense", () => {
    for (const { problem, starts, deviations } of nist)
      for (const one of [problem, withDenseJacobian(problem)]) {
        const { state } = solve(nl2sol({ second: "secant" }), one, starts[1]!, { stop });
        const { standardErrors, rank, undetermined } = parameterCovariance(state.jacobian, state.residual);
        expect(rank).toBe(deviations.length);
        expect(undetermined).toEqual([]);
        for (const [i, certified] of deviations.entries())
          expect(Math.abs(standardErrors[i]! / certified - 1)).toBeLessThan(1e-6);
      }
  });

  it("of a straight line is known by hand", () => {
    // y = a + b t at t = −1, 0, 1: JᵀJ = diag(3, 2).
    const J = denseMatrix(3, 2, Float64Array.of(1, -1, 1, 0, 1, 1));
    const { matrix, variance, degreesOfFreedom } = parameterCovariance(J, Float64Array.of(1, -2, 1));
    expect(degreesOfFreedom).toBe(1);
    expect(variance).toBeCloseTo(6, 13);
    for (const [k, wanted] of [2, 0, 0, 3].entries()) expect(matrix.data[k]).toBeCloseTo(wanted, 12);
    const known = parameterCovariance(J, Float64Array.of(1, -2, 1), { variance: 0.25 });
    expect(known.standardErrors[0]).toBeCloseTo(Math.sqrt(0.25 / 3), 13);
  });

  it("tells which parameters the data leave open", () => {
    // a + b is determined, a and b are not; c is; d has no influence.
    const J = denseMatrix(4, 4, Float64Array.of(1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 2, 0, 1, 1, 3, 0));
    for (const one of [J, sparseFromDense(J)]) {
      const { rank, undetermined, standardErrors, matrix, degreesOfFreedom } = parameterCovariance(
        one,
        Float64Array.of(1, -1, -1, 1),
      );
      expect(rank).toBe(2);
      expect(degreesOfFreedom).toBe(2);
      expect(undetermined).toEqual([0, 1, 3]);
      expect(standardErrors[0]).toBe(Number.POSITIVE_INFINITY);
      expect(standardErrors[3]).toBe(Number.POSITIVE_INFINITY);
      // The slope of a line over t = 0, 1, 2, 3: s²/Σ(t − t̄)² with s² = 4/2.
      expect(standardErrors[2]).toBeCloseTo(Math.sqrt(2 / 5), 12);
      expect(matrix.data[0]).toBeNaN();
    }
  });

  it("doesn't take units for a missing rank", () => {
    const J = denseMatrix(3, 2, Float64Array.of(1e-12, -1e9, 1e-12, 0, 1e-12, 1e9));
    const { rank, standardErrors } = parameterCovariance(J, Float64Array.of(1, -2, 1));
    expect(rank).toBe(2);
    expect(standardErrors[0]! / (Math.SQRT2 * 1e12)).toBeCloseTo(1, 10);
  });

  it("has no variance where nothing is left over, and fewer rows than columns have no full rank", () => {
    expect(
      parameterCovariance(denseMatrix(2, 2, Float64Array.of(1, 0, 0, 1)), Float64Array.of(0, 0)).variance,
    ).toBeNaN();
    const { rank, undetermined } = parameterCovariance(denseMatrix(1, 2, Float64Array.of(1, 0)), Float64Array.of(0));
    expect(rank).toBe(1);
    expect(undetermined).toEqual([1]);
  });

  it("refuses what doesn't fit or isn't finite", () => {
    const J = denseMatrix(2, 1, Float64Array.of(1, 2));
    expect(() => parameterCovariance(J, new Float64Array(3))).toThrow("length 2, the rows of J");
    expect(() => parameterCovariance(J, Float64Array.of(1, Number.NaN))).toThrow("`residual` is not finite");
    expect(() => parameterCovariance(denseMatrix(1, 1, Float64Array.of(Number.NaN)), new Float64Array(1))).toThrow(
      "column 0",
    );
    expect(() => parameterCovariance(J, new Float64Array(2), { variance: 0 })).toThrow("options.variance");
    expect(() => parameterCovariance(J, new Float64Array(2), { tolerance: 1 })).toThrow("options.tolerance");
    expect(() => parameterCovariance(J, new Float64Array(2), { foo: 1 } as never)).toThrow("`options.foo`");
  });

  it("agrees between a sparse J and its dense copy", () => {
    const J = sparseFromDense(
      denseMatrix(
        40,
        12,
        Float64Array.from({ length: 480 }, (_, k) => ((7 * k) % 5 < 2 ? Math.sin(k) + 1.5 : 0)),
      ),
    );
    const r = Float64Array.from({ length: 40 }, (_, k) => Math.cos(k));
    const sparse = parameterCovariance(J, r);
    const dense = parameterCovariance(toDenseMatrix(J), r);
    for (let k = 0; k < 144; k++) expect(Math.abs(sparse.matrix.data[k]! - dense.matrix.data[k]!)).toBeLessThan(1e-11);
  });

  it("is what many fits to noise scatter by", () => {
    // y = 2 exp(−0.7 t) + noise of deviation 0.02; a fixed sequence of pseudo-random numbers.
    let seed = 12345;
    const uniform = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return (seed + 0.5) / 2 ** 32;
    };
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const t = Array.from({ length: 20 }, (_, k) => k / 5);
    const fits = 600;
    let noise: number[] = [];
    const problem = leastSquaresProblem({
      dimension: 2,
      residuals: 20,
      residual: ([a, b]) => t.map((tk, k) => a! * Math.exp(-b! * tk) - 2 * Math.exp(-0.7 * tk) - noise[k]!),
      jacobian: ([a, b]) => t.map((tk) => [Math.exp(-b! * tk), -a! * tk * Math.exp(-b! * tk)]),
    });
    const estimates = Array.from({ length: fits }, () => {
      noise = t.map(() => 0.02 * normal());
      return solve(levenbergMarquardt(), problem, [2, 0.7], { stop });
    });
    const mean = [0, 1].map((i) => estimates.reduce((sum, { x }) => sum + x[i]!, 0) / fits);
    expect(mean[0]).toBeCloseTo(2, 2);
    expect(mean[1]).toBeCloseTo(0.7, 2);
    const J = problem.jacobianInto(problem.newJacobian(), Float64Array.of(2, 0.7));
    const { matrix } = parameterCovariance(J, new Float64Array(20), { variance: 0.02 ** 2 });
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const scatter = estimates.reduce((sum, { x }) => sum + (x[i]! - mean[i]!) * (x[j]! - mean[j]!), 0) / (fits - 1);
      expect(Math.abs(scatter / matrix.data[2 * i + j]! - 1)).toBeLessThan(0.15);
    }
    // And each fit's own estimate is right on average.
    const own = estimates.reduce(
      (sum, { state }) => sum + parameterCovariance(state.jacobian, state.residual).matrix.data[0]!,
      0,
    );
    expect(Math.abs(own / fits / matrix.data[0]! - 1)).toBeLessThan(0.05);
  });
});
