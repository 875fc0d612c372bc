import { any, deserialize, type GradientState, maxIterations, serialize, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import {
  buresWassersteinBarycenter,
  euclidean,
  fixedRank,
  geometricMedian,
  grassmann,
  hyperbolic,
  karcher,
  karcherMean,
  type Manifold,
  meanProblem,
  riemannianGradientNorm,
  spdAffineInvariant,
  spdAlphaProcrustes,
  spdBuresWasserstein,
  spdGeneralizedBuresWasserstein,
  spdLogCholesky,
  spdLogEuclidean,
  spdPowerEuclidean,
  specialOrthogonal,
  sphere,
  stiefel,
  weiszfeld,
} from "../../src/index.js";
import { genericMeanEvaluator } from "../../src/support/mean-evaluator.js";
import { spdWith } from "../manifold-behaviour.js";
import { seeded } from "../random.js";

/** Points near a point: exp of random tangents of the given length. */
function cloud(manifold: Manifold, count: number, length: number, seed: number): Float64Array[] {
  const random = seeded(seed);
  const center = manifold.randomPoint(random);
  return Array.from({ length: count }, () => {
    const u = manifold.randomTangent(center, random);
    return manifold.expInto!(manifold.zero(), center, u, length * random());
  });
}
const gap = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((ai, i) => ai - b[i]!)) / Math.hypot(...a);
const diagonal = (...d: number[]) => {
  const A = new Float64Array(d.length ** 2);
  d.forEach((value, i) => {
    A[i * (d.length + 1)] = value;
  });
  return A;
};

describe("karcherMean", () => {
  const diagonals = [diagonal(1, 2, 9), diagonal(4, 2, 1), diagonal(16, 2, 3)];
  const weights = [0.5, 0.25, 0.25];
  const means: readonly [string, Manifold, (p: readonly number[]) => number][] = [
    [
      "affine-invariant: the geometric mean",
      spdAffineInvariant(3),
      (p) => Math.exp(p.reduce((s, x, i) => s + weights[i]! * Math.log(x), 0)),
    ],
    [
      "log-Euclidean: the geometric mean",
      spdLogEuclidean(3),
      (p) => Math.exp(p.reduce((s, x, i) => s + weights[i]! * Math.log(x), 0)),
    ],
    [
      "log-Cholesky: the geometric mean",
      spdLogCholesky(3),
      (p) => Math.exp(p.reduce((s, x, i) => s + weights[i]! * Math.log(x), 0)),
    ],
    [
      "Bures–Wasserstein: the mean of roots, squared",
      spdBuresWasserstein(3),
      (p) => p.reduce((s, x, i) => s + weights[i]! * Math.sqrt(x), 0) ** 2,
    ],
    [
      "generalized Bures–Wasserstein, M diagonal: the same",
      spdGeneralizedBuresWasserstein(3, { metric: diagonal(1, 2, 3) }),
      (p) => p.reduce((s, x, i) => s + weights[i]! * Math.sqrt(x), 0) ** 2,
    ],
    [
      "power-Euclidean: the power mean",
      spdPowerEuclidean(3, { power: 0.3 }),
      (p) => p.reduce((s, x, i) => s + weights[i]! * x ** 0.3, 0) ** (1 / 0.3),
    ],
    [
      "α-Procrustes: the power mean",
      spdAlphaProcrustes(3, { alpha: 0.3 }),
      (p) => p.reduce((s, x, i) => s + weights[i]! * x ** 0.3, 0) ** (1 / 0.3),
    ],
  ];
  for (const [what, manifold, mean] of means)
    it(`of diagonal matrices, weighted; ${what}`, () => {
      const { x, reason } = karcherMean(manifold, diagonals, { weights });
      expect(reason).toMatchObject({ kind: "converged", rule: "riemannianGradientNorm" });
      for (let k = 0; k < 3; k++) expect(x[4 * k]! / mean(diagonals.map((D) => D[4 * k]!))).toBeCloseTo(1, 11);
      expect(Math.abs(x[1]!) + Math.abs(x[2]!) + Math.abs(x[5]!)).toBeLessThan(1e-11);
    });

  it("of two points it is the middle of the geodesic, on every manifold", () => {
    for (const M of [
      sphere(4),
      hyperbolic(3),
      stiefel(5, 2, { metric: "canonical" }),
      specialOrthogonal(3),
      spdAffineInvariant(3),
      spdBuresWasserstein(3),
      grassmann(5, 2),
    ]) {
      const [p, q] = cloud(M, 2, 0.8, 3) as [Float64Array, Float64Array];
      const middle = M.expInto(M.zero(), p, M.logInto(M.zero(), p, q), 0.5);
      const { x, reason } = karcherMean(M, [p, q], { tolerance: 1e-11 });
      expect(reason.kind).toBe("converged");
      expect(M.dist(x, middle)).toBeLessThan(1e-10);
    }
  });

  it("the gradient vanishes to 1e-12 at means of 30 points; the batch and the general way agree, n = 4 and 20", () => {
    for (const n of [4, 20])
      for (const M of [spdAffineInvariant(n), spdBuresWasserstein(n)]) {
        const random = seeded(8);
        const points = Array.from({ length: 30 }, () => M.randomPoint(random));
        const batch = karcherMean(M, points, { tolerance: 3e-11 });
        expect(batch.reason.kind).toBe("converged");
        const problem = {
          ...meanProblem(M, points),
          evaluator: genericMeanEvaluator(M, points, new Float64Array(30).fill(1 / 30)),
        };
        const gradient = M.zero();
        problem.evaluator.evaluateInto(gradient, batch.x);
        expect(M.norm(batch.x, gradient)).toBeLessThan(1e-10);
        expect(problem.evaluator.evaluateInto(gradient, batch.x)).toBeCloseTo(batch.value, 10);
      }
  });

  it("Barzilai–Borwein steps need fewer iterations than the fixed rule, and end at the same point", () => {
    const M = spdAffineInvariant(6);
    const random = seeded(9);
    const points = Array.from({ length: 20 }, () => M.randomPoint(random));
    const [bb, fixed] = (["barzilai-borwein", "fixed"] as const).map((step) =>
      karcherMean(M, points, { step, tolerance: 1e-11 }),
    );
    expect(bb!.iterations).toBeLessThan(fixed!.iterations);
    expect(M.dist(bb!.x, fixed!.x)).toBeLessThan(1e-10);
  });

  it("affine-invariant: congruence and inversion carry the mean along; its determinant is the geometric mean", () => {
    const M = spdAffineInvariant(2);
    const points = [Float64Array.of(2, 1, 1, 3), Float64Array.of(5, -2, -2, 1), Float64Array.of(1, 0, 0, 7)];
    const det = ([a, b, c, d]: Float64Array) => a! * d! - b! * c!;
    const inverse = (P: Float64Array) =>
      Float64Array.of(P[3]! / det(P), -P[1]! / det(P), -P[2]! / det(P), P[0]! / det(P));
    const { x } = karcherMean(M, points);
    expect(det(x)).toBeCloseTo(Math.cbrt(5 * 1 * 7), 11);
    expect(gap(karcherMean(M, points.map(inverse)).x, inverse(x))).toBeLessThan(1e-11);
  });

  it("flat manifolds: one step, or none", () => {
    const E = euclidean(3);
    const points = [Float64Array.of(1, 2, 3), Float64Array.of(3, 0, -3)];
    const { x, iterations } = karcherMean(E, points, { start: Float64Array.of(9, 9, 9) });
    expect([...x]).toEqual([2, 1, 0]);
    expect(iterations).toBe(1);
    const L = spdLogCholesky(4);
    const spread = Array.from({ length: 8 }, (_, i) => L.randomPoint(seeded(i)));
    expect(karcherMean(L, spread).iterations).toBeLessThanOrEqual(2);
  });

  it("on the sphere: the mean of an octant's corners is its middle", () => {
    const { x } = karcherMean(sphere(3), [diagonalVector(0), diagonalVector(1), diagonalVector(2)]);
    for (let i = 0; i < 3; i++) expect(x[i]).toBeCloseTo(1 / Math.sqrt(3), 12);
  });

  it("antipodal points from one of them: there is no logarithm, and the reason says so", () => {
    const p = diagonalVector(0);
    const { reason } = karcherMean(sphere(3), [p, p.map((x) => -x)]);
    expect(reason.kind).toBe("failed");
    expect(reason.rule).toBe("nonFiniteStart");
  });

  it("one point, and a point of weight 0", () => {
    const M = spdAffineInvariant(3);
    const [p, q] = [M.randomPoint(seeded(1)), M.randomPoint(seeded(2))];
    expect(gap(karcherMean(M, [p]).x, p)).toBeLessThan(1e-13);
    expect(gap(karcherMean(M, [p, q], { weights: [2, 0] }).x, p)).toBeLessThan(1e-12);
  });

  it("of matrices of κ = 1e12 with unrelated eigenvectors ends at the level of rounding, and says at which", () => {
    const M = spdAffineInvariant(3);
    const points = [spdWith([1e-6, 1, 1e6], 1), spdWith([1e-6, 1, 1e6], 2), spdWith([1e-6, 1, 1e6], 3)];
    const { reason, state } = karcherMean(M, points, { tolerance: 1e-15 });
    expect(reason).toMatchObject({ kind: "failed", rule: "rounding" });
    expect(reason.detail).toMatch(/the level of rounding/);
    expect(state.gradientNorm).toBeLessThan(0.1);
  });

  it("stops by its budget, and goes on from a stored state to the last bit", () => {
    const M = spdAffineInvariant(5);
    const random = seeded(9);
    const points = Array.from({ length: 10 }, () => M.randomPoint(random));
    expect(karcherMean(M, points, { maxIterations: 2, start: points[0]! }).reason).toMatchObject({ kind: "budget" });
    const stop = any<GradientState>(riemannianGradientNorm({ absolute: 1e-11, relative: 0 }), maxIterations(100));
    const whole = solve(karcher(), meanProblem(M, points), points[0]!, { stop, trace: true });
    const first = solve(karcher(), meanProblem(M, points), points[0]!, { stop: maxIterations(3) });
    const rest = solve(karcher(), meanProblem(M, points), points[0]!, {
      stop,
      resume: deserialize(serialize(first.state)),
    });
    expect(whole.reason.kind).toBe("converged");
    expect(rest.x).toEqual(whole.x);
    expect(rest.iterations).toBe(whole.iterations);
    // f never rises.
    for (let k = 1; k < whole.trace.length; k++)
      expect(whole.trace[k]!.value).toBeLessThanOrEqual(whole.trace[k - 1]!.value * (1 + 1e-14));
  });

  it("names points off the manifold, weights that don't fit, and manifolds without logarithms", () => {
    const M = spdAffineInvariant(2);
    const [I, bad] = [diagonal(1, 1), diagonal(1, -1)];
    expect(() => karcherMean(M, [I, bad])).toThrow(/karcherMean: argument `points\[1\]` is not positive definite/);
    expect(() => karcherMean(M, [])).toThrow(/`points` is an Array of length 0; wanted at least one point/);
    expect(() => karcherMean(M, [I], { weights: [1, 2] })).toThrow(/options\.weights` is an Array of length 2/);
    expect(() => karcherMean(M, [I, I], { weights: [1, -2] })).toThrow(/options\.weights\[1\]` is -2/);
    expect(() => karcherMean(M, [I, I], { weights: [0, 0] })).toThrow(/of sum 0/);
    expect(() => karcherMean(M, [I], { start: bad })).toThrow(/options\.start/);
    expect(() => karcherMean(M, [I], { step: "newton" as never })).toThrow(/wanted one of/);
    expect(() => karcherMean(M, [I], { tolerance: 2 })).toThrow(/options\.tolerance/);
    expect(() => karcherMean(M, [I], { tol: 1 } as never)).toThrow(/options\.tol/);
    expect(() => karcherMean(fixedRank(2, 2, 1), [new Float64Array(9)])).toThrow(/which has no logarithm/);
    expect(() => karcherMean({} as never, [I])).toThrow(/`manifold` is an Object/);
  });
});

describe("buresWassersteinBarycenter", () => {
  it("satisfies the fixed-point equation x = Σ wᵢ (x^½ Qᵢ x^½)^½, in eigenvalues that are known", () => {
    const points = [spdWith([1, 4, 9], 3), spdWith([16, 1, 4], 3)];
    const { x, reason } = buresWassersteinBarycenter(3, points);
    expect(reason.kind).toBe("converged");
    // The same eigenvectors: roots are averaged.
    expect(gap(x, spdWith([2.5 ** 2, 1.5 ** 2, 2.5 ** 2], 3))).toBeLessThan(1e-12);
  });
});

describe("geometricMedian", () => {
  it("of three points on a line is the middle one, though the mean isn't", () => {
    const E = euclidean(1);
    const points = [Float64Array.of(0), Float64Array.of(1), Float64Array.of(10)];
    const { x, reason } = geometricMedian(E, points);
    expect(reason.kind).toBe("converged");
    expect(x[0]).toBeCloseTo(1, 7);
    expect(karcherMean(E, points).x[0]).toBeCloseTo(11 / 3, 14);
  });

  it("of an equilateral triangle is its center: each angle 120°", () => {
    const E = euclidean(2);
    const points = [0, 1, 2].map((k) =>
      Float64Array.of(3 + Math.cos((2 * Math.PI * k) / 3), 1 + Math.sin((2 * Math.PI * k) / 3)),
    );
    const { x } = geometricMedian(E, points, { start: Float64Array.of(3.2, 0.7) });
    expect(x[0]).toBeCloseTo(3, 7);
    expect(x[1]).toBeCloseTo(1, 7);
  });

  it("a point of weight over one half is the median, from wherever it starts, that point too", () => {
    for (const M of [euclidean(3), spdAffineInvariant(2), sphere(3)]) {
      const points = cloud(M, 4, 0.7, 5);
      const weights = [0.2, 0.6, 0.1, 0.1];
      for (const start of [points[1]!, points[0]!]) {
        const { x, reason } = geometricMedian(M, points, { weights, start });
        expect(reason.kind).toBe("converged");
        expect(M.dist(x, points[1]!)).toBeLessThan(1e-6);
      }
    }
  });

  it("at a point the gradient is what pulls away beyond its weight", () => {
    const line = meanProblem(euclidean(1), [Float64Array.of(0), Float64Array.of(1)], [0.4, 0.6]);
    const at = (x: number) => solve(weiszfeld(), line, [x], { stop: maxIterations(0) }).state;
    expect(at(0).gradientNorm).toBeCloseTo(0.2, 15);
    expect(at(0).gradient[0]).toBeCloseTo(-0.2, 15);
    expect(at(1).gradientNorm).toBe(0);
    expect(at(0.5).gradientNorm).toBeCloseTo(0.2, 15);
  });

  it("leaves a point that isn't the median, where Weiszfeld's step is undefined", () => {
    const E = euclidean(2);
    const points = [Float64Array.of(0, 0), Float64Array.of(4, 0), Float64Array.of(4, 4), Float64Array.of(0, 4)];
    const { x, reason } = geometricMedian(E, points, { start: points[0]! });
    expect(reason.kind).toBe("converged");
    expect(x[0]).toBeCloseTo(2, 6);
    expect(x[1]).toBeCloseTo(2, 6);
  });

  it("an outlier moves the mean and hardly the median, under every metric", () => {
    for (const M of [spdAffineInvariant(3), spdLogEuclidean(3), spdBuresWasserstein(3), spdLogCholesky(3)]) {
      const points = Array.from({ length: 15 }, (_, i) => spdWith([1 + 0.01 * i, 2, 3 - 0.01 * i], 3 + i));
      const withOutlier = [...points, diagonal(900, 700, 800)];
      const tolerance = 1e-7;
      const medians = [points, withOutlier].map((p) => geometricMedian(M, p, { tolerance }));
      expect(medians.map(({ reason }) => reason.kind)).toEqual(["converged", "converged"]);
      const moved = M.dist(medians[0]!.x, medians[1]!.x);
      expect(moved).toBeLessThan(0.35 * M.dist(karcherMean(M, points).x, karcherMean(M, withOutlier).x));
    }
  });

  it("stops by its budget and goes on from a stored state to the last bit", () => {
    const M = spdAffineInvariant(3);
    const random = seeded(2);
    const points = Array.from({ length: 7 }, () => M.randomPoint(random));
    const whole = geometricMedian(M, points);
    expect(whole.reason.kind).toBe("converged");
    expect(geometricMedian(M, points, { maxIterations: 3 }).reason.kind).toBe("budget");
    expect(() => geometricMedian(M, points, { step: "fixed" } as never)).toThrow(/options\.step/);
  });
});

function diagonalVector(k: number): Float64Array {
  const x = new Float64Array(3);
  x[k] = 1;
  return x;
}

describe("points of a mean", () => {
  it("are taken flat or by rows, as arrays or Float64Arrays, and are not changed", () => {
    const M = spdAffineInvariant(2);
    const byRows = [
      [
        [2, 1],
        [1, 3],
      ],
      [
        [1, 0],
        [0, 5],
      ],
    ];
    const flat = byRows.map((rows) => rows.flat());
    const typed = flat.map((numbers) => Float64Array.from(numbers));
    const [a, b, c] = [byRows, flat, typed].map((points) => karcherMean(M, points).x);
    expect(a).toEqual(c);
    expect(b).toEqual(c);
    expect(byRows[0]).toEqual([
      [2, 1],
      [1, 3],
    ]);
    expect(() => karcherMean(M, [[1, 2]])).toThrow(/points\[0\]/);
    expect(() => karcherMean(spdAffineInvariant as never, flat)).toThrow(/calling its function/);
  });
});
