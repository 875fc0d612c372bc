// One sweep of Sinkhorn's algorithm in logarithms, for the first stage of the Newton methods.
import { type Counted, evaluating, type Vector } from "@hessia/core";
import { dualValue, type TransportProblem } from "../problem.js";

/** Scratch of a sweep; `rows` holds log Σ_j exp((yⱼ − C_ij)/ε) at the present y. */
export interface SweepWork {
  readonly rows: Vector;
  readonly cols: Vector;
}

export const newSweepWork = (n: number, m: number): SweepWork => ({
  rows: new Float64Array(n),
  cols: new Float64Array(m),
});

/** Fills `work.rows` at z: to be done once before the first sweep, and when ε has changed. */
export function beginSweeps(
  work: SweepWork,
  problem: Counted<TransportProblem>,
  z: Vector,
  epsilon = problem.regularization,
): void {
  const y = z.subarray(problem.source.length);
  evaluating(problem, ["gradient"], () => problem.cost.logSumExpRowsInto(work.rows, y, epsilon));
}

/**
 * x ← ε (log r − rows), y ← ε (log c − cols): z in place, the gradient at it (0 in its second half, to rounding) into `gradient`.
 * Two passes over the cost; answers −D(z) and the l1 marginal error. Counted as two gradients.
 */
export function sweepInto(
  gradient: Vector,
  z: Vector,
  problem: Counted<TransportProblem>,
  work: SweepWork,
  epsilon = problem.regularization,
): { value: number; error: number } {
  const { source: r, logSource, logTarget, cost, mass } = problem;
  const n = r.length;
  const x = z.subarray(0, n);
  const y = z.subarray(n);
  for (let i = 0; i < n; i++) x[i] = epsilon * (logSource[i]! - work.rows[i]!);
  evaluating(problem, ["gradient"], () => cost.logSumExpColsInto(work.cols, x, epsilon));
  for (let j = 0; j < y.length; j++) y[j] = epsilon * (logTarget[j]! - work.cols[j]!);
  evaluating(problem, ["gradient"], () => cost.logSumExpRowsInto(work.rows, y, epsilon));
  gradient.fill(0, n);
  let total = 0;
  let error = 0;
  for (let i = 0; i < n; i++) {
    const sum = Math.exp(x[i]! / epsilon + work.rows[i]!);
    gradient[i] = sum - r[i]!;
    total += sum;
    error += Math.abs(gradient[i]!);
  }
  return { value: -dualValue(problem, z, total, epsilon), error: error / mass };
}
