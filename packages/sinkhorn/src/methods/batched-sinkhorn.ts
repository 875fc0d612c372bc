// Sinkhorn's algorithm for many pairs of measures over one cost: products with the kernel become products of matrices.
//
//   V ← C / (U K),   U ← R / (V Kᵀ),   pairs as rows of R, C, U, V,   K_ij = exp((γ − C_ij)/ε), γ the least cost
//
// Cuturi 2013, "Sinkhorn distances: lightspeed computation of optimal transport", NeurIPS, §4.1.
//
// Deviations:
// 1. The iterates are kept as potentials, as in sinkhorn.ts.
// 2. A pair whose sums leave [1e-150, 1e150], or whose scalings leave 1e±100, goes on in the log domain, by itself; the state says which (`logDomain`).
// 3. All pairs are swept until the worst has converged.
import {
  type Counted,
  evaluating,
  type Method,
  requireKnownOptions,
  requireNumber,
  startPoint,
  stateAt,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import { denseBackend, expInto, logInto } from "@hessia/core/linear";
import type { BatchedProblem } from "../batched-problem.js";
import { requireStorable } from "../cost/dense.js";
import { dualValue, marginalErrorOf, type TransportState } from "../problem.js";

export interface BatchedSinkhornOptions {
  /** ω in [1, 2) for all pairs. Default 1. Beyond 1 without a check of descent: see logSinkhorn for that. */
  readonly relaxation?: number;
}

/** `gradientNorm` is the greatest marginal error of the pairs. */
export interface BatchedSinkhornState extends TransportState {
  /** The marginal error of each pair. */
  errors: Vector;
  /** −D of each pair. */
  values: Vector;
  /** 1 for a pair that is done in the log domain. */
  logDomain: Uint8Array;
  work?: Work;
}

interface Work {
  readonly K: Vector;
  readonly U: Vector;
  readonly V: Vector;
  /** log-sums: B × n and B × m. */
  readonly rows: Vector;
  readonly cols: Vector;
  readonly shift: number;
  begun: boolean;
}

const mostLogScaling = 100 * Math.LN10;
const leastSum = 1e-150;
const mostSum = 1e150;

/**
 * For `batchedProblem`; two products of B × n and n × m matrices a sweep.
 * @throws ArgumentError on an option out of range; where the kernel is too large to be stored.
 */
export function batchedSinkhorn(options: BatchedSinkhornOptions = {}): Method<BatchedProblem, BatchedSinkhornState> {
  const name = "batchedSinkhorn";
  requireKnownOptions(name, options, ["relaxation"]);
  const { relaxation = 1 } = options;
  requireNumber(name, "options.relaxation", relaxation, { atLeast: 1, below: 2 });

  return {
    name,
    init(problem, z0) {
      requireStorable(name, "problem.cost", problem.cost.rows, problem.cost.cols, "logSinkhorn stores no kernel.");
      const x = startPoint(name, problem.dimension, z0);
      const gradient = new Float64Array(x.length);
      const value = valueAndGradientInto(problem, gradient, x);
      const B = problem.pairs.length;
      const size = x.length / B;
      const errors = Float64Array.from(problem.pairs, ({ mass }, b) =>
        marginalErrorOf(gradient.subarray(b * size, (b + 1) * size), mass),
      );
      return {
        ...stateAt(name, x, value, gradient, Math.max(...errors)),
        errors,
        values: new Float64Array(B).fill(Number.NaN),
        logDomain: new Uint8Array(B),
      };
    },

    step(problem, state) {
      const work = (state.work ??= newWork(problem));
      state.iteration++;
      // First sweep, or resumed.
      if (!work.begun) sumsInto(work.cols, problem, state, work, true);
      work.begun = true;
      const first = relax(problem, state, work.cols, true, relaxation);
      sumsInto(work.rows, problem, state, work, false);
      state.stepNorm = Math.sqrt(first + relax(problem, state, work.rows, false, relaxation));
      sumsInto(work.cols, problem, state, work, true);
      marginals(problem, state, work);
      if (!Number.isFinite(state.gradientNorm))
        state.failure = { rule: "nonFinite", detail: "a sum of a plan is not finite: forbidden arcs may leave none" };
      return state;
    },
  };
}

function newWork({ cost, pairs, regularization }: BatchedProblem): Work {
  const { rows: n, cols: m } = cost;
  const B = pairs.length;
  // One allocation, so that products are done in place.
  const memory = denseBackend().allocate(n * m + 2 * B * (n + m));
  let end = 0;
  const take = (length: number) => memory.subarray(end, (end += length));
  const K = take(n * m);
  const shift = cost.least;
  cost.planTiles(new Float64Array(n).fill(shift), new Float64Array(m), regularization, ({ firstRow, rows, plan }) =>
    K.set(plan.subarray(0, rows * m), firstRow * m),
  );
  return { K, U: take(B * n), V: take(B * m), rows: take(B * n), cols: take(B * m), shift, begun: false };
}

/** Log-sums of all pairs: over rows (B × m, `ofCols`) from x, or over columns (B × n) from y. */
function sumsInto(
  out: Vector,
  problem: Counted<BatchedProblem>,
  state: BatchedSinkhornState,
  { K, U, V, shift }: Work,
  ofCols: boolean,
): void {
  const { cost, pairs, regularization: epsilon } = problem;
  const { rows: n, cols: m } = cost;
  const [from, length, width] = ofCols ? [U, n, m] : [V, m, n];
  const own = (b: number) => state.x.subarray(b * (n + m) + (ofCols ? 0 : n), b * (n + m) + (ofCols ? n : n + m));
  evaluating(problem, ["gradient"], () => {
    for (let b = 0; b < pairs.length; b++) {
      const z = own(b);
      let largest = 0;
      for (let k = 0; k < length; k++) {
        const t = z[k]! / epsilon;
        largest = Math.max(largest, t);
        from[b * length + k] = t;
      }
      if (largest > mostLogScaling) state.logDomain[b] = 1;
      if (state.logDomain[b] === 1) from.fill(0, b * length, (b + 1) * length);
    }
    expInto(from, from);
    out.fill(0);
    const backend = denseBackend();
    const [row, col] = ofCols ? [m, 1] : [1, m];
    backend.gemmStrided(pairs.length, width, length, 1, from, 0, length, 1, K, 0, row, col, out, 0, width);
    for (let b = 0; b < pairs.length; b++) {
      for (let k = b * width; state.logDomain[b] === 0 && k < (b + 1) * width; k++)
        if (!(out[k]! >= leastSum && out[k]! <= mostSum)) state.logDomain[b] = 1;
    }
    logInto(out, out);
    for (let k = 0; k < out.length; k++) out[k] = out[k]! - shift / epsilon;
    for (let b = 0; b < pairs.length; b++) {
      if (state.logDomain[b] === 0) continue;
      const part = out.subarray(b * width, (b + 1) * width);
      if (ofCols) cost.logSumExpColsInto(part, own(b), epsilon);
      else cost.logSumExpRowsInto(part, own(b), epsilon);
    }
  });
}

/** Potentials of one side from their log-sums; answers the square of the change. */
function relax(
  { pairs, cost, regularization: epsilon }: BatchedProblem,
  { x: z }: BatchedSinkhornState,
  sums: Vector,
  ofCols: boolean,
  omega: number,
): number {
  const { rows: n, cols: m } = cost;
  const length = ofCols ? m : n;
  let square = 0;
  for (let b = 0; b < pairs.length; b++) {
    const logWeights = ofCols ? pairs[b]!.logTarget : pairs[b]!.logSource;
    const at = b * (n + m) + (ofCols ? n : 0);
    for (let k = 0; k < length; k++) {
      const change = omega * (epsilon * (logWeights[k]! - sums[b * length + k]!) - z[at + k]!);
      z[at + k] = z[at + k]! + change;
      square += change * change;
    }
  }
  return square;
}

function marginals(problem: BatchedProblem, state: BatchedSinkhornState, { rows, cols }: Work): void {
  const { pairs, cost, regularization: epsilon } = problem;
  const { rows: n, cols: m } = cost;
  const { x: z, gradient } = state;
  state.value = 0;
  state.gradientNorm = 0;
  pairs.forEach((pair, b) => {
    const at = b * (n + m);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const sum = Math.exp(z[at + i]! / epsilon + rows[b * n + i]!);
      gradient[at + i] = sum - pair.source[i]!;
      total += sum;
    }
    for (let j = 0; j < m; j++)
      gradient[at + n + j] = Math.exp(z[at + n + j]! / epsilon + cols[b * m + j]!) - pair.target[j]!;
    state.errors[b] = marginalErrorOf(gradient.subarray(at, at + n + m), pair.mass);
    state.values[b] = -dualValue(pair, z.subarray(at, at + n + m), total);
    state.value += state.values[b]!;
    state.gradientNorm = Number.isNaN(state.errors[b]!) ? Number.NaN : Math.max(state.gradientNorm, state.errors[b]!);
  });
}
