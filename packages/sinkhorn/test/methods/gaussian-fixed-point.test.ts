import {
  any,
  checkGradient,
  type DenseMatrix,
  deserialize,
  gradientNorm,
  maxIterations,
  serialize,
  solve,
} from "@hessia/core";
import { identity, symmetricEigen } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import {
  type Gaussian,
  gaussianBarycenter,
  gaussianDistance,
  gaussianDivergence,
  gaussianFixedPoint,
  gaussianMap,
  gaussianMeanProblem,
  gaussianTransport,
} from "../../src/index.js";
import { diagonal, randomGaussian, times } from "../closed-form/gaussians-for-tests.js";
import { greatestDifference, uniform } from "../problems-for-tests.js";

const random = uniform(21);
const three = [randomGaussian(4, random), randomGaussian(4, random), randomGaussian(4, random)];
const weights = [0.2, 0.5, 0.3];

describe("barycenters of Gaussians", () => {
  it("commuting covariances: the square root is the mean of the square roots", () => {
    const { barycenter, reason, value } = gaussianBarycenter(
      [
        { mean: [0, 2], covariance: diagonal(1, 0) },
        { mean: [4, 0], covariance: diagonal(9, 4) },
      ],
      { weights: [1, 3] },
    );
    expect(reason).toMatchObject({ kind: "converged", rule: "gradientNorm" });
    expect(Array.from(barycenter.mean)).toEqual([3, 0.5]);
    expect(greatestDifference(barycenter.covariance.data, [2.5 ** 2, 0, 0, 1.5 ** 2])).toBeLessThan(1e-11);
    // ½ (¼ (1.5² + 1.5²) + ¾ (0.5² + 0.5²)).
    expect(value).toBeCloseTo(0.75, 11);
  });

  it("the mean of the maps from it is the identity, and no near Gaussian has a lower sum", () => {
    const { barycenter, reason, trace } = gaussianBarycenter(three, { weights, trace: true });
    expect(reason.kind).toBe("converged");
    for (let k = 1; k < trace.length; k++) expect(trace[k]!.value).toBeLessThanOrEqual(trace[k - 1]!.value + 1e-14);
    const mean = new Float64Array(16);
    three.forEach((gaussian, k) => {
      gaussianMap(barycenter, gaussian).matrix.data.forEach((entry, i) => {
        mean[i] = mean[i]! + weights[k]! * entry;
      });
    });
    expect(greatestDifference(mean, identity(4).data)).toBeLessThan(1e-9);
    const sum = (g: Gaussian) => three.reduce((s, other, k) => s + weights[k]! * gaussianDistance(g, other) ** 2, 0);
    const least = sum(barycenter);
    for (let trial = 0; trial < 20; trial++) {
      const M: DenseMatrix = {
        kind: "dense",
        rows: 4,
        cols: 4,
        data: identity(4).data.map((e) => e + 0.02 * (random() - 0.5)),
      };
      const S = times(times(M, barycenter.covariance), M, true);
      const covariance = { ...S, data: S.data.map((e, k) => 0.5 * (e + S.data[(k % 4) * 4 + (k >> 2)]!)) };
      expect(sum({ mean: barycenter.mean, covariance })).toBeGreaterThan(least);
    }
  });

  it("on the line with entropy: a − ε/2, a point where a ≤ ε/2; a itself where debiased", () => {
    const one = (variance: number) => [{ mean: [1], covariance: [[variance]] }];
    const options = { regularization: 0.6, debiased: false };
    expect(gaussianBarycenter(one(2), options).barycenter.covariance.data[0]).toBeCloseTo(1.7, 11);
    const shrunk = gaussianBarycenter(one(0.2), { ...options, tolerance: 1e-9 });
    expect(shrunk.reason.kind).toBe("converged");
    expect(shrunk.barycenter.covariance.data[0]).toBeLessThan(1e-16);
    expect(gaussianBarycenter(one(2), { regularization: 0.6 }).barycenter.covariance.data[0]).toBeCloseTo(2, 11);
  });

  it("solves Σ wₖ (S^½AₖS^½ + σ⁴/4)^½ = (S² + σ⁴/4)^½ (debiased) or = S + σ²/2", () => {
    for (const debiased of [true, false]) {
      const { barycenter, reason } = gaussianBarycenter(three, { weights, regularization: 0.3, debiased });
      expect(reason.kind).toBe("converged");
      const S = symmetricEigen(barycenter.covariance);
      const by = ({ values, vectors }: typeof S, f: (λ: number) => number) =>
        times(times(vectors, diagonal(...values.map(f))), vectors, true);
      const R = by(S, Math.sqrt);
      const mean = new Float64Array(16);
      three.forEach(({ covariance }, k) => {
        const X = times(times(R, covariance), R);
        const symmetric = { ...X, data: X.data.map((e, i) => 0.5 * (e + X.data[(i % 4) * 4 + (i >> 2)]!)) };
        by(symmetricEigen(symmetric), (λ) => Math.sqrt(λ + 0.0225 / 4)).data.forEach((entry, i) => {
          mean[i] = mean[i]! + weights[k]! * entry;
        });
      });
      const right = by(S, (λ) => (debiased ? Math.sqrt(λ * λ + 0.0225 / 4) : λ + 0.075));
      expect(greatestDifference(mean, right.data)).toBeLessThan(1e-10);
    }
  });

  it("debiased, is lowest in the sum of divergences; else in the sum of entropic values", () => {
    const others = [0.98, 1.02].map((t) => (g: Gaussian & { covariance: DenseMatrix }) => ({
      mean: g.mean,
      covariance: { ...g.covariance, data: g.covariance.data.map((e) => e * t) },
    }));
    const regularization = 0.4;
    for (const debiased of [true, false]) {
      const of = (g: Gaussian) =>
        three.reduce(
          (s, other, k) =>
            s +
            weights[k]! *
              (debiased
                ? gaussianDivergence(g, other, { regularization })
                : gaussianTransport(g, other, { regularization }).value),
          0,
        );
      const { barycenter } = gaussianBarycenter(three, { weights, regularization, debiased });
      for (const other of others) expect(of(other(barycenter))).toBeGreaterThan(of(barycenter));
    }
  });

  it("singular covariances: on a common line the barycenter stays there", () => {
    const on = (t: number) => ({
      mean: [0, 0],
      covariance: [
        [t * t, 2 * t * t],
        [2 * t * t, 4 * t * t],
      ],
    });
    const { barycenter, reason } = gaussianBarycenter([on(1), on(2), on(6)]);
    expect(reason.kind).toBe("converged");
    expect(greatestDifference(barycenter.covariance.data, [9, 18, 18, 36])).toBeLessThan(1e-7);
  });
});

describe("gaussianFixedPoint", () => {
  it("has the gradient of its problem right, with and without entropy, debiased or not", () => {
    const start = Float64Array.from({ length: 16 }, () => 2 * random() - 1);
    for (const options of [{}, { regularization: 0.5 }, { regularization: 0.5, debiased: false }])
      expect(checkGradient(gaussianMeanProblem(three, { ...options, weights }), start).verdict).toBe("right");
  });

  const problem = gaussianMeanProblem(three, { weights });
  const start = identity(4).data;

  it("converges linearly from any start", () => {
    const { reason, trace } = solve(gaussianFixedPoint(), problem, start, {
      stop: any(gradientNorm({ absolute: 1e-11, relative: 0 }), maxIterations(200)),
      trace: true,
    });
    expect(reason.kind).toBe("converged");
    const norms = trace.map((row) => row.gradientNorm);
    const rates = norms.slice(-6).map((g, k, last) => (k === 0 ? 0 : g / last[k - 1]!));
    expect(Math.max(...rates)).toBeLessThan(0.9);
  });

  it("gets by nearly singular covariances", () => {
    const some = uniform(77);
    const thin = () => {
      const { vectors: Q } = symmetricEigen(randomGaussian(5, some).covariance);
      const S = times(times(Q, diagonal(1, 3e-3, 1e-5, 3e-8, 1e-10)), Q, true);
      return {
        mean: new Float64Array(5),
        covariance: { ...S, data: S.data.map((e, k) => 0.5 * (e + S.data[(k % 5) * 5 + Math.floor(k / 5)]!)) },
      };
    };
    const four = [thin(), thin(), thin(), thin()];
    for (const options of [{}, { regularization: 0.1, debiased: false }, { regularization: 0.1 }]) {
      const { reason, iterations } = gaussianBarycenter(four, options);
      expect(reason.kind).toBe("converged");
      expect(iterations).toBeLessThan(300);
    }
  });

  it("goes on from a stored state with the same bits", () => {
    const whole = solve(gaussianFixedPoint(), problem, start, { stop: maxIterations(12) });
    const half = solve(gaussianFixedPoint(), problem, start, { stop: maxIterations(5) });
    const rest = solve(gaussianFixedPoint(), problem, start, {
      stop: maxIterations(12),
      resume: deserialize<typeof half.state>(serialize(half.state)),
    });
    expect(rest.state.x).toEqual(whole.state.x);
    expect(rest.value).toBe(whole.value);
  });

  it("ends for each reason: budget, time, aborted, no progress below rounding, a start that isn't finite", () => {
    expect(gaussianBarycenter(three, { maxIterations: 2 }).reason).toMatchObject({
      kind: "budget",
      rule: "maxIterations",
    });
    expect(gaussianBarycenter(three, { timeLimit: 0 }).reason.rule).toBe("timeLimit");
    expect(gaussianBarycenter(three, { signal: { aborted: true, reason: "enough" } }).reason).toMatchObject({
      kind: "aborted",
      detail: "enough",
    });
    const last = gaussianBarycenter(three, { tolerance: 0 });
    expect(last.reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(last.state.gradientNorm).toBeLessThan(1e-14);
    const huge = solve(gaussianFixedPoint(), problem, new Float64Array(16).fill(1e200));
    expect(huge.reason).toMatchObject({ kind: "failed", rule: "nonFiniteStart" });
  });

  it("refuses misuse", () => {
    const door = (gaussians: unknown, options: object = {}) => gaussianBarycenter(gaussians as Gaussian[], options);
    expect(() => door([])).toThrow("gaussianBarycenter: argument `gaussians` is empty; wanted at least one Gaussian.");
    expect(() => door(4)).toThrow("argument `gaussians` is 4");
    expect(() => door([three[0], { mean: [0], covariance: [[1]] }])).toThrow("`gaussians[1].mean` is of length 1");
    expect(() => door(three, { weights: [1, 2] })).toThrow("`options.weights`");
    expect(() => door(three, { weights: [1, -2, 3] })).toThrow("`options.weights[1]` is -2");
    expect(() => door(three, { weights: [0, 0, 0] })).toThrow("`options.weights` is of sum 0; wanted a positive sum.");
    expect(() => door(three, { regularization: -1 })).toThrow("`options.regularization` is -1");
    expect(() => door(three, { debiased: 1 })).toThrow("`options.debiased` is 1; wanted true or false.");
    expect(() => door(three, { tolerance: 1 })).toThrow("`options.tolerance` is 1");
    expect(() => door(three, { steps: 1 })).toThrow("`options.steps` is not an option");
    expect(() => gaussianFixedPoint({ step: 1 })).toThrow(
      "gaussianFixedPoint: argument `options.step` is not an option",
    );
    expect(() => solve(gaussianFixedPoint(), problem, [1])).toThrow("`x0` is of length 1");
  });
});
