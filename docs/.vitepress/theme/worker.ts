// What the live pages compute, in a worker: the page stays free. One request, one answer, by number.

import { hyperCleaning, minimize as minimizeBilevel, sampleWeights } from "@hessia/bilevel";
import { any, type GradientState, gradientNorm, maxIterations, solve } from "@hessia/core";
import { problemFromExpression } from "@hessia/core/expression";
import {
  karcherMean,
  spdAffineInvariant,
  spdBuresWasserstein,
  spdLogCholesky,
  spdLogEuclidean,
  spdPowerEuclidean,
} from "@hessia/manifold";
import { arc, lazyCubicNewton, lbfgs, newton, trustRegion } from "@hessia/newton";
import { transport } from "@hessia/sinkhorn";

const newtonMethods = { trustRegion, lazyCubicNewton, newton, arc, lbfgs } as const;
const metrics = {
  "affine-invariant": spdAffineInvariant,
  "log-Euclidean": spdLogEuclidean,
  "Bures–Wasserstein": spdBuresWasserstein,
  "log-Cholesky": spdLogCholesky,
  "square roots": (n: number) => spdPowerEuclidean(n, { power: 0.5 }),
} as const;

const tasks = {
  /** The traces of every method on a function of x and y. */
  newton({ text, start }: { text: string; start: number[] }) {
    const problem = problemFromExpression(text, ["x", "y"]);
    return Object.entries(newtonMethods).map(([name, make]) => {
      const points: number[][] = [];
      const { reason, value, iterations, counts } = solve(make() as never, problem as never, start, {
        stop: any<GradientState>(gradientNorm(1e-8), maxIterations(500)),
        observers: [({ state }: { state: GradientState }) => points.push(Array.from(state.x))],
      });
      return { name, points, kind: reason.kind, value, iterations, evaluations: counts.value + counts.gradient };
    });
  },
  /** The plan between two clouds, as lines that weigh something. */
  transport({ source, target, share }: { source: number[][]; target: number[][]; share: number }) {
    let range = 0;
    for (const [a, b] of source as [number, number][])
      for (const [p, q] of target as [number, number][]) range = Math.max(range, (a - p) ** 2 + (b - q) ** 2);
    const begin = performance.now();
    const { plan, cost, marginalErrors, reason, iterations } = transport({
      points: { source, target },
      regularization: share * range,
    });
    const ms = performance.now() - begin;
    const lines: { i: number; j: number; weight: number }[] = [];
    const m = target.length;
    const heaviest = plan.data.reduce((most, p) => Math.max(most, p), 0);
    plan.data.forEach((p, k) => {
      if (p > 0.02 * heaviest) lines.push({ i: Math.floor(k / m), j: k % m, weight: p / heaviest });
    });
    return { lines, cost, error: marginalErrors.source + marginalErrors.target, kind: reason.kind, iterations, ms };
  },
  /** The mean of 2 × 2 matrices under each metric. */
  means({ matrices }: { matrices: number[][] }) {
    return Object.entries(metrics).map(([name, make]) => {
      const { x, reason } = karcherMean(
        make(2),
        matrices.map((m) => Float64Array.from(m)),
      );
      return { name, mean: Array.from(x), determinant: x[0]! * x[3]! - x[1]! * x[2]!, kind: reason.kind };
    });
  },
  /** Weights of labelled points, some of them wrong. */
  bilevel({
    features,
    labels,
    clean,
    cleanLabels,
  }: {
    features: number[][];
    labels: number[];
    clean: number[][];
    cleanLabels: number[];
  }) {
    const withOne = (rows: number[][]): number[][] => rows.map((row) => [...row, 1]);
    const problem = hyperCleaning(
      { features: withOne(features), targets: labels },
      { features: withOne(clean), targets: cleanLabels },
      { ridge: 1e-3 },
    );
    const start = { x: new Float64Array(features.length), y: new Float64Array(3) };
    const first = minimizeBilevel(problem, start, { maxIterations: 1 });
    const { x, y, upperValue, reason, iterations } = minimizeBilevel(problem, start, {
      tolerance: 1e-5,
      maxIterations: 300,
    });
    return {
      weights: Array.from(sampleWeights(x)),
      before: first.upperValue,
      after: upperValue,
      line: Array.from(y),
      kind: reason.kind,
      iterations,
    };
  },
} as const;

export type Tasks = typeof tasks;

self.addEventListener("message", ({ data: { id, task, input } }: MessageEvent) => {
  try {
    const answer = (tasks as Record<string, (input: unknown) => unknown>)[task]!(input);
    self.postMessage({ id, answer });
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
