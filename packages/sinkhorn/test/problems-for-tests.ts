// Transport problems of the tests, and what is known of them.
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { type Cost, denseCost, transportProblem } from "../src/index.js";

/** Uniform numbers in [0, 1). */
export function uniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

/** Positive weights of sum `mass`. */
export function randomWeights(n: number, random: () => number, mass = 1): Float64Array {
  const w = Float64Array.from({ length: n }, () => 0.2 + random());
  const sum = w.reduce((a, b) => a + b, 0);
  return w.map((value) => (value * mass) / sum);
}

export function randomCost(n: number, m: number, random: () => number): number[][] {
  return Array.from({ length: n }, () => Array.from({ length: m }, random));
}

export function randomProblem(n: number, m: number, regularization: number, seed = 1, mass = 1) {
  const random = uniform(seed);
  const C = randomCost(n, m, random);
  const source = randomWeights(n, random, mass);
  const target = randomWeights(m, random, mass);
  return { C, problem: transportProblem({ source, target, cost: C, regularization }) };
}

/**
 * Two points on either side, r = (a, 1 − a), c = (b, 1 − b): P = [[t, a − t], [b − t, 1 − a − b + t]] with
 * t (1 − a − b + t) = K (a − t)(b − t), K = exp(−(C₁₁ + C₂₂ − C₁₂ − C₂₁)/ε): a quadratic equation for t.
 */
export function twoByTwo(C: number[][], a: number, b: number, epsilon: number): number[][] {
  const K = Math.exp(-(C[0]![0]! + C[1]![1]! - C[0]![1]! - C[1]![0]!) / epsilon);
  // (1 − K) t² + (1 − a − b + K (a + b)) t − K a b = 0, the root in [0, min(a, b)].
  const p = 1 - a - b + K * (a + b);
  const root = Math.sqrt(p * p + 4 * (1 - K) * K * a * b);
  const t = (2 * K * a * b) / (p + root);
  return [
    [t, a - t],
    [b - t, 1 - a - b + t],
  ];
}

/** The plan at z as rows. */
export function planAt(cost: Cost, z: Float64Array, epsilon: number): number[][] {
  const out: number[][] = [];
  cost.planTiles(z.subarray(0, cost.rows), z.subarray(cost.rows), epsilon, ({ rows, plan }) => {
    for (let i = 0; i < rows; i++) out.push(Array.from(plan.subarray(i * cost.cols, (i + 1) * cost.cols)));
  });
  return out;
}

export const greatestDifference = (A: ArrayLike<number>, B: ArrayLike<number>): number => {
  let most = A.length === B.length ? 0 : Number.POSITIVE_INFINITY;
  for (let k = 0; k < A.length; k++) most = Math.max(most, Math.abs(A[k]! - B[k]!));
  return most;
};

export const dense = (C: number[][]): Cost => denseCost(C);
