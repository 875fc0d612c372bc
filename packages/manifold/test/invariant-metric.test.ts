import { describe, expect, it } from "vitest";
import { invariantMetric, metricKernels, powerKernel, spdAffineInvariant, spdAlphaProcrustes } from "../src/index.js";
import { spdWith } from "./manifold-behaviour.js";
import { seeded } from "./random.js";

describe("invariantMetric", () => {
  const P = spdWith([0.5, 2, 7], 4);
  const random = seeded(3);
  const A = spdAffineInvariant(3);
  const [U, V] = [A.randomTangent(P, random), A.randomTangent(P, random)];

  it("the trace term: ⟨P, P⟩_P = n + βn², and the gradient is the dual of the inner product", () => {
    const metric = invariantMetric(3, metricKernels.affineInvariant, { trace: 0.5 });
    expect(metric.inner(P, P, P)).toBeCloseTo(3 + 0.5 * 9, 12);
    expect(metric.inner(P, U, V)).toBeCloseTo(metric.inner(P, V, U), 14);
    const G = A.randomTangent(P, random);
    const gradient = metric.euclideanToRiemannianGradientInto(new Float64Array(9), P, G);
    const along = G.reduce((sum, g, k) => sum + g * U[k]!, 0);
    expect(metric.inner(P, gradient, U)).toBeCloseTo(along, 12);
    // Near its bound β → −1/n the norm of P vanishes.
    expect(invariantMetric(3, metricKernels.affineInvariant, { trace: -0.33333 }).inner(P, P, P)).toBeCloseTo(3e-5, 10);
  });

  it("the power kernel of Bures–Wasserstein is the α-Procrustes metric, but for the factor", () => {
    const α = 0.3;
    const kernel = powerKernel(metricKernels.buresWasserstein, 2 * α);
    // Procrustes divides by α², the deformation of power 2α by 4α².
    expect(invariantMetric(3, kernel).inner(P, U, V) * 4).toBeCloseTo(
      spdAlphaProcrustes(3, { alpha: α }).inner(P, U, V),
      12,
    );
  });

  it("an own kernel between two named ones", () => {
    const inner = (kernel: (x: number, y: number) => number) => invariantMetric(3, kernel).inner(P, U, U);
    const between = inner((x, y) => Math.sqrt(x * y * 2 * (x + y)));
    expect(between).toBeGreaterThan(
      Math.min(inner(metricKernels.affineInvariant), inner(metricKernels.buresWasserstein)) * 0.1,
    );
    expect(inner(metricKernels.euclidean)).toBeCloseTo(
      U.reduce((sum, u) => sum + u * u, 0),
      12,
    );
  });

  it("refuses β ≤ −1/n, a trace term with another kernel, and what isn't a kernel", () => {
    expect(() => invariantMetric(3, metricKernels.affineInvariant, { trace: -0.5 })).toThrow(
      /options\.trace` is -0\.5/,
    );
    expect(() => invariantMetric(3, metricKernels.buresWasserstein, { trace: 1 })).toThrow(/1 with another kernel/);
    expect(() => invariantMetric(3, 1 as never)).toThrow(/`kernel` is 1/);
    expect(() => invariantMetric(0, metricKernels.euclidean)).toThrow(/`n` is 0/);
    expect(() => powerKernel(metricKernels.euclidean, 0)).toThrow(/a power other than 0/);
  });
});
