// Exact transport on the line.
//
//   min Σ |xᵢ − yⱼ|^p P_ij,  P ≥ 0, P1 = r, Pᵀ1 = c,  p ≥ 1
//
// For a convex cost of x − y the monotone plan is optimal (Villani 2003, "Topics in optimal transportation", Theorem 2.18; Santambrogio 2015, "Optimal transport for applied mathematicians", §2.2): both measures
// are sorted, and mass goes from left to right. W_p is the L^p distance of the quantile functions, and the barycenter for p = 2 has the mean of the quantile functions as its own.
//
// Deviation: weights are whole multiples of 2^-52 of the mass, as in networkSimplex, so that marginals are exact.
import { describe, misuse, requireFiniteVector, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import type { PlanEntries } from "../plan-entries.js";
import { balance, givenWeights, sum, weights } from "../problem.js";
import { wholeWeights } from "../support/whole-weights.js";

export interface LineTransportOptions {
  /** x: n points, in any order. */
  readonly sourcePoints: ArrayLike<number>;
  /** y: m points. */
  readonly targetPoints: ArrayLike<number>;
  /** r ≥ 0. Default: equal weights of sum 1. */
  readonly source?: ArrayLike<number>;
  /** c ≥ 0, of the same sum as r. Default: equal weights of sum 1. */
  readonly target?: ArrayLike<number>;
  /** p ≥ 1, finite. Default 2. */
  readonly power?: number;
  /** Scales both weights to sum 1. Default false: unequal sums are refused. */
  readonly normalize?: boolean;
}

export interface LineTransportResult {
  /** The monotone plan, at most n + m − 1 entries. */
  readonly plan: PlanEntries;
  /** Σ |xᵢ − yⱼ|^p P_ij. */
  readonly cost: number;
  /** W_p of the measures scaled to mass 1: (cost / mass)^(1/p), without overflow. */
  readonly distance: number;
  /** u and v with uᵢ + vⱼ ≤ |xᵢ − yⱼ|^p, equal where the plan has an entry. */
  readonly potentials: { readonly source: Vector; readonly target: Vector };
}

/** A measure on the line. */
export interface LineMeasure {
  readonly points: ArrayLike<number>;
  /** Default: equal weights. Scaled to sum 1. */
  readonly weights?: ArrayLike<number>;
}

/**
 * Exact transport between measures on the line, by sorting: O((n + m) log (n + m)).
 * @throws ArgumentError on points that aren't finite, on weights that are negative, not finite, without mass, of unequal mass or of the wrong number, and on p < 1.
 */
export function lineTransport(options: LineTransportOptions): LineTransportResult {
  const routine = "lineTransport";
  requireKnownOptions(routine, options, ["sourcePoints", "targetPoints", "source", "target", "power", "normalize"]);
  const { power: p = 2, normalize = false } = options;
  requireNumber(routine, "options.power", p, { atLeast: 1, below: Number.POSITIVE_INFINITY });
  const x = linePoints(routine, "options.sourcePoints", options.sourcePoints);
  const y = linePoints(routine, "options.targetPoints", options.targetPoints);
  const side = (name: "source" | "target", length: number) =>
    weights(
      routine,
      `options.${name}`,
      givenWeights(routine, name, options[name], length, normalize, true),
      length,
      "the points",
    );
  const r = side("source", x.length);
  const c = side("target", y.length);
  const mass = sum(r);
  balance(routine, c, mass, routine);
  const steps = staircase(r, c, ascending(x), ascending(y));

  let farthest = 0;
  for (const { i, j, amount } of steps) if (amount > 0) farthest = Math.max(farthest, Math.abs(x[i]! - y[j]!));
  let relative = 0;
  let cost = 0;
  for (const { i, j, amount } of steps) {
    const d = Math.abs(x[i]! - y[j]!);
    cost += amount > 0 ? amount * d ** p : 0;
    if (farthest > 0) relative += (amount / mass) * (d / farthest) ** p;
  }
  return {
    plan: entriesOf(steps, x.length, y.length),
    cost,
    distance: farthest === 0 ? 0 : farthest * relative ** (1 / p),
    potentials: potentialsOf(steps, x, y, p),
  };
}

/**
 * The barycenter of measures on the line for p = 2: the minimizer of Σ_k λ_k W₂²(·, μ_k). Its quantile function is Σ_k λ_k Q_k. With two measures and λ = (1 − t, t) it is their displacement interpolation.
 * Answers points in ascending order and weights of sum 1; at most Σ n_k − K + 1 of them.
 * @throws ArgumentError on measures as `lineTransport` does, and on λ that is negative or without mass.
 */
export function lineBarycenter(
  measures: readonly LineMeasure[],
  lambda?: ArrayLike<number>,
): { points: Vector; weights: Vector } {
  const routine = "lineBarycenter";
  if (!Array.isArray(measures) || measures.length === 0)
    misuse(routine, "measures", describe(measures), "a list of at least one measure");
  const K = measures.length;
  const shares = weights(routine, "lambda", lambda ?? new Float64Array(K).fill(1), K, "the measures");
  const total = sum(shares);
  const sorted = measures.map((measure, k) => {
    requireKnownOptions(routine, measure, ["points", "weights"]);
    const points = linePoints(routine, `measures[${k}].points`, measure.points);
    const given = measure.weights ?? new Float64Array(points.length).fill(1);
    const w = weights(routine, `measures[${k}].weights`, given, points.length, "the points");
    return { points, w: w.map((wi) => wi / sum(w)), order: ascending(points) };
  });
  // All with the sum of the first, in its units; then every measure's next point is known exactly.
  const first = sorted[0]!.w;
  const whole = sorted.map(({ w }, k) => (k === 0 ? wholeWeights(first, first).supply : wholeWeights(first, w).demand));
  const unit = wholeWeights(first, first).unit;
  const at = new Int32Array(K);
  const left = whole.map((w, k) => w[sorted[k]!.order[0]!]!);
  const points: number[] = [];
  const amounts: number[] = [];
  for (;;) {
    let amount = Number.POSITIVE_INFINITY;
    for (let k = 0; k < K; k++) {
      const { order } = sorted[k]!;
      while (left[k] === 0 && at[k]! + 1 < order.length) {
        at[k] = at[k]! + 1;
        left[k] = whole[k]![order[at[k]!]!]!;
      }
      amount = Math.min(amount, left[k]!);
    }
    if (amount === 0) break;
    let position = 0;
    for (let k = 0; k < K; k++) {
      position += (shares[k]! / total) * sorted[k]!.points[sorted[k]!.order[at[k]!]!]!;
      left[k] = left[k]! - amount;
    }
    points.push(position);
    amounts.push(amount * unit);
  }
  return { points: Float64Array.from(points), weights: Float64Array.from(amounts) };
}

interface Step {
  readonly i: number;
  readonly j: number;
  readonly amount: number;
}

/** The monotone path through all pairs of neighbours in both orders, with what each moves: 0 at some corners. */
function staircase(r: Vector, c: Vector, rows: Int32Array, cols: Int32Array): Step[] {
  const { supply, demand, unit } = wholeWeights(r, c);
  const steps: Step[] = [];
  let a = 0;
  let b = 0;
  let left = supply[rows[0]!]!;
  let lacking = demand[cols[0]!]!;
  for (;;) {
    const amount = Math.min(left, lacking);
    steps.push({ i: rows[a]!, j: cols[b]!, amount: amount * unit });
    left -= amount;
    lacking -= amount;
    if (a + 1 === rows.length && b + 1 === cols.length) return steps;
    if (b + 1 === cols.length || (left === 0 && a + 1 < rows.length)) left = supply[rows[++a]!]!;
    else lacking = demand[cols[++b]!]!;
  }
}

/** uᵢ + vⱼ = C_ij along the path: feasible, since C_ij + C_kl ≤ C_il + C_kj for i before k and j before l. */
function potentialsOf(steps: readonly Step[], x: Vector, y: Vector, p: number): LineTransportResult["potentials"] {
  const u = new Float64Array(x.length).fill(Number.NaN);
  const v = new Float64Array(y.length).fill(Number.NaN);
  u[steps[0]!.i] = 0;
  for (const { i, j } of steps) {
    const c = Math.abs(x[i]! - y[j]!) ** p;
    if (Number.isNaN(v[j]!)) v[j] = c - u[i]!;
    else if (Number.isNaN(u[i]!)) u[i] = c - v[j]!;
  }
  return { source: u, target: v };
}

function entriesOf(steps: readonly Step[], rows: number, cols: number): PlanEntries {
  const used = steps.filter(({ amount }) => amount > 0).sort((a, b) => a.i - b.i || a.j - b.j);
  return {
    rows,
    cols,
    sources: Int32Array.from(used, ({ i }) => i),
    targets: Int32Array.from(used, ({ j }) => j),
    amounts: Float64Array.from(used, ({ amount }) => amount),
  };
}

function linePoints(routine: string, argument: string, given: ArrayLike<number>): Vector {
  if (given === null || typeof given !== "object" || typeof given.length !== "number" || given.length === 0)
    misuse(routine, argument, describe(given), "an array of at least one number");
  const points = Float64Array.from(given);
  requireFiniteVector(routine, argument, points);
  return points;
}

const ascending = (x: Vector): Int32Array => Int32Array.from(x.keys()).sort((a, b) => x[a]! - x[b]! || a - b);
