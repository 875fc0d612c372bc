import { type DenseMatrix, denseMatrix } from "@hessia/core";
import { identity, symmetricEigen, toRows } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import {
  gaussianDistance,
  gaussianDivergence,
  gaussianInterpolation,
  gaussianMap,
  gaussianTransport,
  transport,
} from "../../src/index.js";
import { greatestDifference, uniform } from "../problems-for-tests.js";
import { diagonal, randomGaussian, times } from "./gaussians-for-tests.js";

/** tr(A + B − 2 (A^½ B A^½)^½) as it stands, by square roots of matrices. */
function bures(A: DenseMatrix, B: DenseMatrix): number {
  const root = (M: DenseMatrix) => {
    const { values, vectors } = symmetricEigen(M);
    return times(times(vectors, diagonal(...values.map((λ) => Math.sqrt(Math.max(0, λ))))), vectors, true);
  };
  const R = root(A);
  const X = times(times(R, B), R);
  for (let i = 0; i < X.rows; i++)
    for (let j = 0; j < i; j++) X.data[i * X.rows + j] = X.data[j * X.rows + i] = X.data[i * X.rows + j]!;
  const S = root(X);
  let sum = 0;
  for (let i = 0; i < A.rows; i++) {
    const k = i * (A.rows + 1);
    sum += A.data[k]! + B.data[k]! - 2 * S.data[k]!;
  }
  return sum;
}

/** A Gaussian on a grid of the line, wide and fine enough that sums are integrals to rounding. */
function onGrid(mean: number, variance: number, points: number[]): number[] {
  const w = points.map((x) => Math.exp(-((x - mean) ** 2) / (2 * variance)));
  const total = w.reduce((a, b) => a + b);
  return w.map((value) => value / total);
}

describe("closed forms of Gaussians", () => {
  it("on the line: (a − b)² + (s − t)², and the affine map", () => {
    const alpha = { mean: [1], covariance: [[4]] };
    const beta = { mean: [-2], covariance: [[0.25]] };
    expect(gaussianDistance(alpha, beta)).toBeCloseTo(Math.sqrt(9 + 1.5 ** 2), 14);
    const map = gaussianMap(alpha, beta);
    expect(map.matrix.data[0]).toBeCloseTo(0.25, 15);
    expect(map.applyInto(new Float64Array(1), Float64Array.of(3))[0]).toBeCloseTo(-2 + 0.25 * 2, 14);
  });

  it("commuting covariances: distances of the square roots, axis by axis", () => {
    const alpha = { mean: [0, 0, 0], covariance: diagonal(1, 4, 0) };
    const beta = { mean: [1, 0, 2], covariance: diagonal(9, 0.25, 1) };
    expect(gaussianDistance(alpha, beta)).toBeCloseTo(Math.sqrt(5 + 4 + 2.25 + 1), 14);
  });

  it("agrees with the formula in square roots of matrices, and the map takes A to B", () => {
    const random = uniform(3);
    for (const d of [1, 2, 5, 40]) {
      const [a, b] = [randomGaussian(d, random), randomGaussian(d, random)];
      const gap = a.mean.reduce((sum, ai, i) => sum + (ai - b.mean[i]!) ** 2, 0);
      expect(gaussianDistance(a, b) ** 2 / (gap + bures(a.covariance, b.covariance))).toBeCloseTo(1, 10);
      const { matrix, applyInto } = gaussianMap(a, b);
      const image = times(times(matrix, a.covariance), matrix, true);
      // The matrix of the map loses digits as A's condition number says.
      expect(greatestDifference(image.data, b.covariance.data)).toBeLessThan(1e-7 * d);
      expect(greatestDifference(applyInto(new Float64Array(d), a.mean), b.mean)).toBeLessThan(1e-9);
      expect(symmetricEigen(matrix).values[0]).toBeGreaterThan(-1e-9);
    }
  });

  it("loses no digits between nearly equal covariances", () => {
    const t = 1e-9;
    const alpha = { mean: [0, 0], covariance: diagonal(1, 1) };
    const beta = { mean: [0, 0], covariance: diagonal((1 + t) ** 2, 1) };
    expect(gaussianDistance(alpha, beta) / t).toBeCloseTo(1, 6);
    expect(gaussianDistance(alpha, alpha)).toBeLessThan(1e-15);
  });

  it("interpolates at constant speed, and pushes forward by (1 − t) x + t T(x)", () => {
    const random = uniform(5);
    const [a, b] = [randomGaussian(4, random), randomGaussian(4, random)];
    const whole = gaussianDistance(a, b);
    for (const [s, t] of [
      [0, 1],
      [0, 0.3],
      [0.25, 0.75],
      [0.6, 1],
    ] as const)
      expect(gaussianDistance(gaussianInterpolation(a, b, s), gaussianInterpolation(a, b, t))).toBeCloseTo(
        (t - s) * whole,
        10,
      );
    const { matrix } = gaussianMap(a, b);
    const half = matrix.data.map((entry, k) => 0.5 * entry + (k % 5 === 0 ? 0.5 : 0));
    const M: DenseMatrix = { kind: "dense", rows: 4, cols: 4, data: half };
    const pushed = times(times(M, a.covariance), M, true);
    expect(greatestDifference(pushed.data, gaussianInterpolation(a, b, 0.5).covariance.data)).toBeLessThan(1e-9);
    const degenerate = randomGaussian(4, random, 1);
    expect(gaussianDistance(gaussianInterpolation(degenerate, b, 0.5), degenerate)).toBeCloseTo(
      0.5 * gaussianDistance(degenerate, b),
      7,
    );
  });
});

describe("entropic transport of Gaussians", () => {
  const epsilon = 0.8;
  const alpha = { mean: [0.5], covariance: [[1.3]] };
  const beta = { mean: [-0.25], covariance: [[0.4]] };

  it("is what `transport` finds on a fine grid of the line: value, cost, covariance", () => {
    const points = Array.from({ length: 161 }, (_, i) => -8 + 0.1 * i);
    const source = onGrid(0.5, 1.3, points);
    const target = onGrid(-0.25, 0.4, points);
    const found = transport({
      source,
      target,
      normalize: true,
      cost: points.map((x) => points.map((y) => (x - y) ** 2)),
      regularization: epsilon,
      method: "logSinkhorn",
      tolerance: 1e-11,
    });
    expect(found.reason.kind).toBe("converged");
    const closed = gaussianTransport(alpha, beta, { regularization: epsilon });
    const entropy = [...source, ...target].reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0);
    expect(found.entropicValue - epsilon * entropy).toBeCloseTo(closed.value, 8);
    expect(found.cost).toBeCloseTo(closed.cost, 8);
    let cross = 0;
    points.forEach((x, i) => {
      points.forEach((y, j) => {
        cross += (x - 0.5) * (y + 0.25) * found.plan.data[i * 161 + j]!;
      });
    });
    expect(cross).toBeCloseTo(closed.crossCovariance.data[0]!, 8);
  });

  it("is the formula of Janati et al.: tr A + tr B − tr D + dσ² (1 − log 2σ²) + σ² log det(D + σ²)", () => {
    const random = uniform(8);
    const [a, b] = [diagonal(0.7, 1.9, 0.2), diagonal(1.1, 0.3, 2.4)];
    const σ2 = epsilon / 2;
    let value = 0;
    for (let i = 0; i < 3; i++) {
      const [p, q] = [a.data[4 * i]!, b.data[4 * i]!];
      const δ = Math.sqrt(4 * p * q + σ2 * σ2);
      value += p + q - δ + σ2 * (1 - Math.log(2 * σ2)) + σ2 * Math.log(δ + σ2);
    }
    // Turned by the same rotation nothing changes.
    const { vectors: Q } = symmetricEigen(randomGaussian(3, random).covariance);
    const turn = (M: DenseMatrix) => {
      const T = times(times(Q, M), Q, true);
      return {
        kind: "dense",
        rows: 3,
        cols: 3,
        data: T.data.map((_, k) => 0.5 * (T.data[k]! + T.data[(k % 3) * 3 + Math.floor(k / 3)]!)),
      } as const;
    };
    const found = gaussianTransport(
      { mean: [0, 0, 0], covariance: turn(a) },
      { mean: [0, 0, 0], covariance: turn(b) },
      { regularization: epsilon },
    );
    expect(found.value).toBeCloseTo(value, 12);
    expect(found.cost + epsilon * found.information).toBeCloseTo(found.value, 14);
  });

  it("has a plan with the right marginals, whose cost, information and map are those of the result", () => {
    const random = uniform(11);
    const [a, b] = [randomGaussian(3, random), randomGaussian(3, random)];
    const { cost, information, crossCovariance, plan } = gaussianTransport(a, b, { regularization: epsilon });
    const { data } = plan.covariance;
    let expected = 0;
    for (let i = 0; i < 3; i++)
      expected += (a.mean[i]! - b.mean[i]!) ** 2 + data[i * 7]! + data[(3 + i) * 7]! - 2 * crossCovariance.data[i * 4]!;
    expect(cost).toBeCloseTo(expected, 13);
    const logDet = (M: DenseMatrix) => symmetricEigen(M).values.reduce((sum, λ) => sum + Math.log(λ), 0);
    expect(information).toBeCloseTo(0.5 * (logDet(a.covariance) + logDet(b.covariance) - logDet(plan.covariance)), 10);
    const { matrix } = gaussianMap(a, b, { regularization: epsilon });
    // E (x − a) (y − b)ᵀ = A Mᵀ.
    expect(greatestDifference(times(a.covariance, matrix, true).data, crossCovariance.data)).toBeLessThan(1e-10);
  });

  it("goes to W₂² as ε → 0, to the product as ε → ∞", () => {
    const random = uniform(2);
    const [a, b] = [randomGaussian(3, random), randomGaussian(3, random)];
    const square = gaussianDistance(a, b) ** 2;
    const exact = gaussianTransport(a, b);
    expect(exact.value).toBeCloseTo(square, 13);
    expect(exact.information).toBe(Number.POSITIVE_INFINITY);
    const errors = [1e-2, 1e-3, 1e-4].map((e) => gaussianTransport(a, b, { regularization: e }).cost - square);
    for (const error of errors) expect(error).toBeGreaterThan(0);
    // The cost exceeds W₂² by d ε/2 in the limit.
    expect(errors[2]! / (1.5 * 1e-4)).toBeCloseTo(1, 2);
    const far = gaussianTransport(a, b, { regularization: 1e9 });
    expect(greatestDifference(far.crossCovariance.data, new Float64Array(9))).toBeLessThan(1e-8);
    expect(far.information).toBeLessThan(1e-15);
    const gap = a.mean.reduce((sum, ai, i) => sum + (ai - b.mean[i]!) ** 2, 0);
    expect(gaussianDivergence(a, b, { regularization: 1e9 })).toBeCloseTo(gap, 7);
    expect(gaussianDivergence(a, b, { regularization: 1e-7 })).toBeCloseTo(square, 6);
    expect(gaussianDivergence(a, b)).toBeCloseTo(square, 13);
    expect(gaussianDivergence(a, a, { regularization: 0.5 })).toBe(0);
    expect(gaussianDivergence(a, b, { regularization: 0.5 })).toBeGreaterThan(gap);
  });

  it("keeps relative accuracy where ε is small or large beside singular values", () => {
    const one = { mean: [0], covariance: [[1]] };
    // ½ log((δ + σ²)/(2σ²)) with σ² = 5e7: s²/(2σ⁴) to first order.
    expect(gaussianTransport(one, one, { regularization: 1e8 }).information / (0.5 / 2.5e15)).toBeCloseTo(1, 7);
    const point = { mean: [3], covariance: [[0]] };
    const certain = gaussianTransport(one, point, { regularization: 2 });
    expect([certain.value, certain.information]).toEqual([10, 0]);
  });
});

describe("misuse of Gaussians", () => {
  const good = { mean: [0, 0], covariance: identity(2) };
  const refused: [string, unknown, string][] = [
    ["no Gaussian", 3, "argument `beta` is 3; wanted a Gaussian"],
    ["no mean", { mean: 1, covariance: identity(1) }, "argument `beta.mean` is 1; wanted an array of numbers."],
    ["an empty mean", { mean: [], covariance: denseMatrix(0, 0) }, "argument `beta.mean` is empty"],
    ["another dimension", { mean: [0], covariance: [[1]] }, "argument `beta.mean` is of length 1; wanted length 2"],
    ["NaN in the mean", { mean: [0, Number.NaN], covariance: identity(2) }, "`beta.mean` is NaN at index 1"],
    ["a covariance of another size", { mean: [0, 0], covariance: identity(3) }, "`beta.covariance` is 3 × 3"],
    [
      "one that isn't symmetric",
      {
        mean: [0, 0],
        covariance: [
          [1, 0.5],
          [0, 1],
        ],
      },
      "`beta.covariance`",
    ],
    [
      "an indefinite one",
      {
        mean: [0, 0],
        covariance: [
          [1, 2],
          [2, 1],
        ],
      },
      "`beta.covariance` is indefinite: it has the eigenvalue -1.00",
    ],
    [
      "NaN in it",
      {
        mean: [0, 0],
        covariance: [
          [1, Number.NaN],
          [Number.NaN, 1],
        ],
      },
      "`beta.covariance`",
    ],
  ];
  it.each(refused)("%s", (_name, beta, message) => {
    for (const door of [gaussianDistance, gaussianTransport, gaussianMap, gaussianDivergence])
      expect(() => door(good, beta as typeof good)).toThrow(message);
    expect(() => gaussianInterpolation(good, beta as typeof good, 0.5)).toThrow(message);
  });

  it("options out of range, unknown options, times outside of [0, 1], a map from a singular Gaussian", () => {
    expect(() => gaussianTransport(good, good, { regularization: -1 })).toThrow(
      "gaussianTransport: argument `options.regularization` is -1; wanted a number >= 0",
    );
    expect(() => gaussianDivergence(good, good, { epsilon: 1 } as object)).toThrow(
      "`options.epsilon` is not an option",
    );
    expect(() => gaussianInterpolation(good, good, 1.5)).toThrow("gaussianInterpolation: argument `t` is 1.5");
    expect(() => gaussianMap({ mean: [0, 0], covariance: diagonal(1, 0) }, good)).toThrow(
      "gaussianMap: argument `alpha.covariance` is singular; wanted a positive definite matrix.",
    );
    expect(toRows(gaussianMap(good, { mean: [0, 0], covariance: diagonal(4, 0) }).matrix)).toEqual([
      [2, 0],
      [0, 0],
    ]);
  });
});
