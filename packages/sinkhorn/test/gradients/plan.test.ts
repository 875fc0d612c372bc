import { any, type DenseMatrix, denseMatrix, maxIterations, solve } from "@hessia/core";
import { luFactorize, luSolveInto } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import {
  logSinkhorn,
  type MatrixOrEntries,
  marginalError,
  type PlanTangent,
  type PointCostOptions,
  planDerivatives,
  pointCost,
  safeSparseNewton,
  type TransportProblem,
  type TransportProblemOptions,
  transportProblem,
} from "../../src/index.js";
import { planSystem } from "../../src/support/plan-system.js";
import { greatestDifference, planAt, randomCost, randomWeights, twoByTwo, uniform } from "../problems-for-tests.js";

const random = uniform(31);
const n = 6;
const m = 5;
const C = randomCost(n, m, random);
const source = randomWeights(n, random);
const target = randomWeights(m, random);
const epsilon = 0.1;

const solved = (options: TransportProblemOptions) => {
  const problem = transportProblem(options);
  const { state, reason } = solve(logSinkhorn(), problem, new Float64Array(problem.dimension), {
    stop: any(marginalError(1e-14), maxIterations(20_000)),
  });
  expect(reason.kind).toBe("converged");
  return { problem, z: state.x, P: Float64Array.from(planAt(problem.cost, state.x, options.regularization).flat()) };
};

/** (P(+h) − P(−h))/2h. */
const difference = (at: (t: number) => TransportProblemOptions, h = 1e-4) => {
  const [up, down] = [solved(at(h)).P, solved(at(-h)).P];
  return up.map((p, k) => (p - down[k]!) / (2 * h));
};
const normal = (length: number) => Float64Array.from({ length }, () => 2 * random() - 1);
const balanced = (length: number) => {
  const w = normal(length);
  const mean = w.reduce((a, b) => a + b, 0) / length;
  return w.map((value) => 0.05 * (value - mean));
};
const inner = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((s, ai, k) => s + ai * b[k]!, 0);
const matrix = (data: Float64Array, rows = n, cols = m): DenseMatrix => ({ kind: "dense", rows, cols, data });
const relative = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  greatestDifference(a, b) / Math.max(...Array.from(b, Math.abs));

describe("derivatives of the plan", () => {
  it("of two points on either side are those of the closed form", () => {
    const cost = [
      [0.1, 0.9],
      [0.7, 0.4],
    ];
    const [a, b, ε] = [0.35, 0.6, 0.2];
    const { problem, z } = solved({ source: [a, 1 - a], target: [b, 1 - b], cost, regularization: ε });
    const t = twoByTwo(cost, a, b, ε)[0]![0]!;
    const K = Math.exp(-(cost[0]![0]! + cost[1]![1]! - cost[0]![1]! - cost[1]![0]!) / ε);
    // F(t) = t (1 − a − b + t) − K (a − t)(b − t) = 0.
    const slope = 1 - a - b + 2 * t + K * (a + b - 2 * t);
    const byCost = (-(a - t) * (b - t) * (K / ε)) / slope;
    const byWeight = (t + K * (b - t)) / slope;
    const derivatives = planDerivatives(problem, z);
    const [dC, dr] = [
      derivatives.pushForward({
        cost: [
          [1, 0],
          [0, 0],
        ],
      }),
      derivatives.pushForward({ source: [1, -1] }),
    ];
    expect(dC.outcome.reason).toBe("converged");
    expect(greatestDifference(dC.plan().data, [byCost, -byCost, -byCost, byCost])).toBeLessThan(1e-12);
    expect(greatestDifference(dr.plan().data, [byWeight, 1 - byWeight, -byWeight, byWeight - 1])).toBeLessThan(1e-12);
    const back = derivatives.pullBack([
      [1, 0],
      [0, 0],
    ]);
    expect(greatestDifference(back.cost().data, [byCost, -byCost, -byCost, byCost])).toBeLessThan(1e-12);
    expect(back.source[0]! - back.source[1]!).toBeCloseTo(byWeight, 12);
  });

  it.each<[string, (t: number) => TransportProblemOptions, PlanTangent]>([
    (() => {
      const dC = normal(n * m);
      const at = (t: number) => C.map((row, i) => row.map((c, j) => c + t * dC[i * m + j]!));
      return ["the cost", (t) => ({ source, target, cost: at(t), regularization: epsilon }), { cost: matrix(dC) }];
    })(),
    (() => {
      const [dr, dc] = [balanced(n), balanced(m)];
      const moved = (w: Float64Array, d: Float64Array, t: number) => w.map((wi, i) => wi + t * d[i]!);
      return [
        "the weights",
        (t) => ({ source: moved(source, dr, t), target: moved(target, dc, t), cost: C, regularization: epsilon }),
        { source: dr, target: dc },
      ];
    })(),
    [
      "the mass",
      (t) => ({
        source: source.map((w) => w * (1 + t)),
        target: target.map((w) => w * (1 + t)),
        cost: C,
        regularization: epsilon,
      }),
      { source, target },
    ],
  ])("in %s are those of the solved problem, by differences", (_name, at, tangent) => {
    const { problem, z } = solved(at(0));
    const found = planDerivatives(problem, z).pushForward(tangent);
    expect(found.outcome).toMatchObject({ reason: "converged" });
    expect(relative(found.plan().data, difference(at))).toBeLessThan(1e-6);
  });

  it.each<[string, Partial<PointCostOptions>]>([
    ["squared Euclidean", {}],
    ["Euclidean", { power: 1 }],
    ["p = 3, q = 2", { norm: 3 }],
    ["cosine", { metric: "cosine" }],
  ])("in the points: %s", (_name, metric) => {
    const d = 3;
    const [A, B, dA, dB] = [normal(n * d), normal(m * d), normal(n * d), normal(m * d)];
    const points = (t: number): PointCostOptions => ({
      ...metric,
      source: matrix(
        A.map((a, k) => a + t * dA[k]!),
        n,
        d,
      ),
      target: matrix(
        B.map((b, k) => b + t * dB[k]!),
        m,
        d,
      ),
    });
    const at = (t: number) => ({ source, target, cost: pointCost(points(t)), regularization: 0.5 });
    const { problem, z } = solved(at(0));
    const derivatives = planDerivatives(problem, z);
    const found = derivatives.pushForward({
      points: { of: points(0), source: matrix(dA, n, d), target: matrix(dB, m, d) },
    });
    expect(relative(found.plan().data, difference(at))).toBeLessThan(1e-6);
    const G = normal(n * m);
    const back = derivatives.pullBack(matrix(G)).points(points(0));
    const through = inner(back.source.data, dA) + inner(back.target.data, dB);
    expect(through).toBeCloseTo(inner(G, found.plan().data), 11);
  });

  it("forward and backward are transposed: ⟨G, dP⟩ is the same by both", () => {
    const { problem, z } = solved({ source, target, cost: C, regularization: epsilon });
    const derivatives = planDerivatives(problem, z);
    for (let trial = 0; trial < 5; trial++) {
      const [G, dC, dr] = [normal(n * m), normal(n * m), normal(n)];
      const sum = dr.reduce((a, b) => a + b, 0);
      const dc = balanced(m).map((w) => w + sum / m);
      const forward = derivatives.pushForward({ cost: (i, j) => dC[i * m + j]!, source: dr, target: dc });
      const back = derivatives.pullBack((i, j) => G[i * m + j]!);
      const left = inner(G, forward.plan().data);
      const right = inner(back.cost().data, dC) + inner(back.source, dr) + inner(back.target, dc);
      expect(right).toBeCloseTo(left, 11);
      // The marginals of dP are dr and dc.
      const dP = forward.plan().data;
      expect(
        greatestDifference(
          Array.from(dr, (_, i) => dP.slice(i * m, (i + 1) * m).reduce((a, b) => a + b, 0)),
          dr,
        ),
      ).toBeLessThan(1e-11);
    }
  });

  it("of a cotangent that is a sum over rows and columns lie in the weights alone", () => {
    const { problem, z } = solved({ source, target, cost: C, regularization: epsilon });
    const [f, g] = [normal(n), normal(m)];
    const back = planDerivatives(problem, z).pullBack((i, j) => f[i]! + g[j]!);
    expect(Math.max(...back.cost().data.map(Math.abs))).toBeLessThan(1e-11);
    expect(
      greatestDifference(
        back.source.map((x) => x - back.source[0]!),
        f.map((x) => x - f[0]!),
      ),
    ).toBeLessThan(1e-10);
    const mean = (v: Float64Array) => v.reduce((a, b) => a + b, 0) / v.length;
    expect(mean(back.source)).toBeCloseTo(mean(back.target), 12);
  });
});

describe("the system of the plan", () => {
  const points = (count: number) => matrix(normal(2 * count), count, 2);
  /** Random points in the plane, solved by Newton's method. */
  const cloud = (size: number, ε: number) => {
    const problem = transportProblem({
      source: randomWeights(size, random),
      target: randomWeights(size, random),
      cost: pointCost({ source: points(size), target: points(size) }),
      regularization: ε,
    });
    const { state, reason } = solve(safeSparseNewton(), problem, new Float64Array(2 * size), {
      stop: any(marginalError(1e-12), maxIterations(500)),
    });
    expect(reason.kind).toBe("converged");
    return { problem, z: state.x };
  };
  /** H with the last potential held, by a dense LU factorization; the other column as ground than the code's. */
  const byLu = (problem: TransportProblem, z: Float64Array, b: Float64Array) => {
    const P = planAt(problem.cost, z, problem.regularization);
    const [rows, size] = [problem.cost.rows, problem.dimension - 1];
    const H = denseMatrix(size, size);
    const put = (i: number, j: number, value: number) => {
      if (i < size && j < size) H.data[i * size + j] = H.data[i * size + j]! + value;
    };
    P.forEach((row, i) => {
      row.forEach((p, j) => {
        put(i, i, p);
        put(rows + j, rows + j, p);
        put(i, rows + j, p);
        put(rows + j, i, p);
      });
    });
    const w = luSolveInto(new Float64Array(size), luFactorize(H), b.slice(0, size));
    return { w: [...w, 0], rows };
  };
  const entries = (problem: TransportProblem, z: Float64Array, w: ArrayLike<number>) =>
    planAt(problem.cost, z, problem.regularization).flatMap((row, i) =>
      row.map((p, j) => p * (w[i]! + w[problem.cost.rows + j]!)),
    );
  const consistent = (problem: TransportProblem, z: Float64Array) => {
    const b = new Float64Array(problem.dimension);
    planAt(problem.cost, z, problem.regularization).forEach((row, i) => {
      row.forEach((p, j) => {
        const value = p * (2 * random() - 1);
        b[i] = b[i]! + value;
        b[problem.cost.rows + j] = b[problem.cost.rows + j]! + value;
      });
    });
    return b;
  };

  it.each([
    [0.5, "conjugateGradients"],
    [0.004, "sparse"],
  ] as const)("agrees with a dense factorization, ε = %s", (ε, solver) => {
    const { problem, z } = cloud(120, ε);
    const b = consistent(problem, z);
    const out = new Float64Array(240);
    const outcome = planSystem(problem, z, { tolerance: 1e-12, maxIterations: 1000 }).solveInto(out, b);
    expect(outcome).toMatchObject({ reason: "converged", solver });
    expect(outcome.iterations).toBeGreaterThan(0);
    const { w } = byLu(problem, z, b);
    expect(relative(entries(problem, z, out), entries(problem, z, w))).toBeLessThan(1e-8);
  });

  it("repairs by the exact plan what was dropped from its preconditioner", () => {
    const { problem, z } = cloud(150, 0.05);
    const b = consistent(problem, z);
    const out = new Float64Array(300);
    const outcome = planSystem(problem, z, { tolerance: 1e-11, maxIterations: 1000, mostKept: 0 }).solveInto(out, b);
    expect(outcome).toMatchObject({ reason: "converged" });
    expect(relative(entries(problem, z, out), entries(problem, z, byLu(problem, z, b).w))).toBeLessThan(1e-8);
  });

  it("gives the same by tiles as with the plan kept", () => {
    const { problem, z } = cloud(80, 0.02);
    const b = consistent(problem, z);
    const [kept, tiled] = [new Float64Array(160), new Float64Array(160)];
    planSystem(problem, z, { tolerance: 1e-12, maxIterations: 1000 }).solveInto(kept, b);
    const outcome = planSystem(problem, z, { tolerance: 1e-12, maxIterations: 1000, mostKept: 0 }).solveInto(tiled, b);
    expect(outcome.reason).toBe("converged");
    expect(relative(entries(problem, z, tiled), entries(problem, z, kept))).toBeLessThan(1e-9);
  });

  it("ends for each reason: converged by a dense factor after its budget, budget, breakdown", () => {
    const { problem, z } = cloud(60, 0.3);
    const b = consistent(problem, z);
    const out = new Float64Array(120);
    const run = (options: object) =>
      planSystem(problem, z, { tolerance: 1e-10, maxIterations: 1, ...options }).solveInto(out, b);
    expect(run({})).toMatchObject({ reason: "converged", solver: "dense" });
    expect(run({ mostKept: 0 })).toMatchObject({ reason: "budget", iterations: 1 });
    expect(run({ mostKept: 0 }).residual).toBeGreaterThan(1e-10);
    expect(planDerivatives(problem, z).pullBack(() => 0).outcome).toMatchObject({ reason: "converged", iterations: 0 });
    const beyond = z.map((value) => value + 1e4);
    expect(planDerivatives(problem, beyond).pullBack((i, j) => i - j).outcome.reason).toBe("breakdown");
  });
});

describe("misuse of planDerivatives", () => {
  const { problem, z } = solved({ source, target, cost: C, regularization: epsilon });
  it.each<[string, () => unknown, string]>([
    [
      "z",
      () => planDerivatives(problem, new Float64Array(3)),
      "planDerivatives: argument `z` is of length 3; wanted length 11.",
    ],
    ["an option", () => planDerivatives(problem, z, { foo: 1 } as object), "`options.foo` is not an option"],
    ["the tolerance", () => planDerivatives(problem, z, { tolerance: 1 }), "`options.tolerance` is 1"],
    ["the budget", () => planDerivatives(problem, z, { maxIterations: -1 }), "`options.maxIterations` is -1"],
    [
      "a weight 0",
      () =>
        planDerivatives(
          transportProblem({
            source: [0, 1],
            target: [0.5, 0.5],
            cost: [
              [1, 2],
              [3, 4],
            ],
            regularization: 1,
          }),
          new Float64Array(4),
        ),
      "argument `problem` is one with a weight 0",
    ],
    [
      "a cotangent's shape",
      () => planDerivatives(problem, z).pullBack([[1]]),
      "pullBack: argument `cotangent` is 1 × 1; wanted 6 × 5, as the plan is.",
    ],
    [
      "its entries",
      () => planDerivatives(problem, z).pullBack(() => Number.NaN),
      "`cotangent` is NaN at row 0, column 0",
    ],
    [
      "a matrix's entries",
      () => planDerivatives(problem, z).pullBack(matrix(new Float64Array(30).fill(Number.POSITIVE_INFINITY))),
      "`cotangent` is Infinity at row 0, column 0",
    ],
    [
      "an unknown tangent",
      () => planDerivatives(problem, z).pushForward({ x: 1 } as object),
      "pushForward: argument `options.x` is not an option",
    ],
    [
      "a change of one mass",
      () => planDerivatives(problem, z).pushForward({ source: [1, 0, 0, 0, 0, 0] }),
      "pushForward: argument `tangent.target` is of a sum that differs from tangent.source's by -1",
    ],
    [
      "weights of another number",
      () => planDerivatives(problem, z).pushForward({ source: [1] }),
      "`tangent.source` is an Array of length 1; wanted an array of 6 numbers.",
    ],
    [
      "a weight that isn't finite",
      () => planDerivatives(problem, z).pushForward({ target: [0, 0, Number.NaN, 0, 0] }),
      "`tangent.target` is NaN at index 2",
    ],
    [
      "points of another number",
      () => planDerivatives(problem, z).pushForward({ points: { of: { source: [0], target: [1] } } }),
      "`tangent.points.of` is 1 and 1 of them",
    ],
    [
      "a motion of another shape",
      () =>
        planDerivatives(problem, z).pushForward({
          points: { of: { source: [0, 1, 2, 3, 4, 5], target: [0, 1, 2, 3, 4] }, source: [1, 2] },
        }),
      "`tangent.points.source` is 2 × 1; wanted 6 × 1, as the points are.",
    ],
  ])("%s", (_name, call, message) => {
    expect(call).toThrow(message);
  });

  it("takes matrices and functions for entries", () => {
    const as: MatrixOrEntries[] = [C, (i, j) => C[i]![j]!];
    const [a, b] = as.map((cotangent) => planDerivatives(problem, z).pullBack(cotangent).cost().data);
    expect(a).toEqual(b);
  });
});
