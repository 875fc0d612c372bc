// What the suite `transport` is measured on: weights and a cost matrix.
import { denseMatrix } from "@hessia/core/linear";
import { type Cost, denseCost, type TransportProblem, transportProblem } from "@hessia/sinkhorn";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export interface TransportInput {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly source: Float64Array;
  readonly target: Float64Array;
  /** Row-major, rows × cols. */
  readonly cost: Float64Array;
  /** Greatest less least cost. */
  readonly range: number;
}

/** Uniform numbers in [0, 1), the same each time. */
export function uniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

export function transportInput(
  name: string,
  source: Float64Array,
  target: Float64Array,
  cost: Float64Array,
): TransportInput {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const c of cost) {
    least = Math.min(least, c);
    greatest = Math.max(greatest, c);
  }
  return { name, rows: source.length, cols: target.length, source, target, cost, range: greatest - least };
}

/** The cost as the package holds it: to be made once for all regularizations. */
export const costOf = ({ rows, cols, cost }: TransportInput): Cost => denseCost(denseMatrix(rows, cols, cost));

export const problemOf = ({ source, target }: TransportInput, cost: Cost, regularization: number): TransportProblem =>
  transportProblem({ source, target, cost, regularization });

/** Random assignment: n points a side of equal weight, uniform costs in [0, 1). */
export function randomAssignment(n: number, seed: number): TransportInput {
  const random = uniform(seed);
  const weights = new Float64Array(n).fill(1 / n);
  const cost = Float64Array.from({ length: n * n }, random);
  return transportInput(`random assignment, n = ${n}, seed ${seed}`, weights, weights, cost);
}

/** Points of equal weight in the unit square on either side, squared Euclidean cost. */
export function randomClouds(n: number, seed: number): TransportInput {
  const random = uniform(seed);
  const [X, Y] = [0, 1].map(() => Float64Array.from({ length: 2 * n }, random)) as [Float64Array, Float64Array];
  const weights = new Float64Array(n).fill(1 / n);
  return transportInput(`point clouds, n = ${n}, seed ${seed}`, weights, weights, squaredDistances(X, Y));
}

/** ‖xᵢ − yⱼ‖² of points in the plane, two numbers a point. */
export function squaredDistances(X: Float64Array, Y: Float64Array): Float64Array {
  const m = Y.length / 2;
  return Float64Array.from({ length: (X.length / 2) * m }, (_, k) => {
    const i = 2 * Math.floor(k / m);
    const j = 2 * (k % m);
    return (X[i]! - Y[j]!) ** 2 + (X[i + 1]! - Y[j + 1]!) ** 2;
  });
}

/**
 * The example of RegOT's own documentation: an exponential density and a mixture of two normal ones on [0, 5], on 100 and 80 points, squared cost.
 */
export function twoDensities(n = 100, m = 80): TransportInput {
  const grid = (length: number) => Float64Array.from({ length }, (_, i) => (5 * i) / (length - 1));
  const normal = (x: number, mean: number, deviation: number) =>
    Math.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
  const [x, y] = [grid(n), grid(m)];
  const scaled = (w: Float64Array) => w.map((value) => value / w.reduce((sum, one) => sum + one, 0));
  const source = scaled(x.map((t) => Math.exp(-t)));
  const target = scaled(y.map((t) => 0.2 * normal(t, 1, 0.2) + 0.8 * normal(t, 3, 0.5)));
  const cost = Float64Array.from({ length: n * m }, (_, k) => (x[Math.floor(k / m)]! - y[k % m]!) ** 2);
  return transportInput(`two densities, ${n} × ${m}`, source, target, cost);
}

/** The same cost between random weights in [0.2, 1.2), scaled to sum 1. */
export function withRandomWeights(input: TransportInput, seed: number): TransportInput {
  const random = uniform(1000 + seed);
  const weights = (length: number) => {
    const w = Float64Array.from({ length }, () => 0.2 + random());
    const sum = w.reduce((a, b) => a + b, 0);
    return w.map((value) => value / sum);
  };
  return { ...input, name: `${input.name}, random weights`, source: weights(input.rows), target: weights(input.cols) };
}
