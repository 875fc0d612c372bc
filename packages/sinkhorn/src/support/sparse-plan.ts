// One pass over the plan P_ij = exp((xᵢ + yⱼ − C_ij)/ε): its sums, the dual value, and a sparse copy of its large entries.
//
// Relative rule: Tang, Qiu 2024, "Safe and sparse Newton method for entropic-regularized optimal transport", NeurIPS, §3: what is dropped is bounded row by row and column
// by column, and the largest entry of every row and of every column is kept. Deviation: they sort each column; here an entry is kept where P_ij ≥ δ min(rᵢ/m, cⱼ/n), which needs
// no sorting and drops at most δ rᵢ of row i and δ cⱼ of column j, whatever the plan.
import { type Counted, evaluating, type Vector } from "@hessia/core";
import { dualValue, type TransportProblem } from "../problem.js";

/** Entries by rows: those of row i are pointers[i] to pointers[i + 1] of `indices` (columns, ascending) and `values`. */
export interface SparsePlan {
  readonly rows: number;
  readonly cols: number;
  readonly pointers: Int32Array;
  /** Longer than what is used: the number of entries is pointers[rows]. */
  indices: Int32Array;
  values: Vector;
}

/** What one pass finds at a point z = (x, y). */
export interface PlanPass {
  /** −D(z); not finite where the plan overflows. */
  value: number;
  /** (P1 − r, Pᵀ1 − c). */
  readonly gradient: Vector;
  /** (P1, Pᵀ1). */
  readonly sums: Vector;
  /** The l1 marginal error ‖∇‖₁ / mass. */
  error: number;
  readonly plan: SparsePlan;
}

export function newPlanPass(rows: number, cols: number): PlanPass {
  return {
    value: Number.NaN,
    gradient: new Float64Array(rows + cols),
    sums: new Float64Array(rows + cols),
    error: Number.NaN,
    plan: {
      rows,
      cols,
      pointers: new Int32Array(rows + 1),
      indices: new Int32Array(4 * (rows + cols)),
      values: new Float64Array(4 * (rows + cols)),
    },
  };
}

/** Which entries are kept: by δ ≥ 0 as above, where 0 keeps all that aren't 0 beside the weights, or those that are at least so large. The largest of a row or column always is. */
export type KeepRule = { readonly relative: number } | { readonly absolute: number };

/** Fills `pass` at z for the regularization ε. All weights are positive. Counted as one value, gradient and Hessian. */
export function planPassInto(
  pass: PlanPass,
  problem: Counted<TransportProblem>,
  z: Vector,
  keep: KeepRule,
  epsilon = problem.regularization,
): PlanPass {
  return evaluating(problem, ["hessian", "gradient", "value"], () => fill(pass, problem, z, keep, epsilon));
}

/** Entries below e^⁻⁴² of the least weight over the number of entries of a row or column aren't computed: all together they are 1e-18 of a weight. */
const negligible = -42;

function fill(pass: PlanPass, problem: TransportProblem, z: Vector, keep: KeepRule, epsilon: number): PlanPass {
  const { source: r, target: c, cost, mass } = problem;
  const { gradient, sums, plan } = pass;
  const n = r.length;
  const m = c.length;
  const x = z.subarray(0, n);
  const y = z.subarray(n);
  const { pointers } = plan;
  const colSums = sums.subarray(n);
  const held = new Uint8Array(m);
  const least = Math.min(leastOf(r) / m, leastOf(c) / n);
  const floor = Math.max(-708, Math.min(0, Math.log(least) + negligible));
  const absolute = "absolute" in keep;
  const delta = absolute ? 0 : keep.relative;
  const smallest = Math.max(Number.MIN_VALUE, absolute ? keep.absolute : delta * least);
  let count = 0;
  cost.planTiles(
    x,
    y,
    epsilon,
    ({ firstRow, rows, plan: tile, rowSums }) => {
      for (let k = 0; k < rows; k++) {
        const i = firstRow + k;
        const from = k * m;
        if (plan.indices.length < count + m) grow(plan, count, Math.max(2 * plan.indices.length, count + m));
        const { indices, values } = plan;
        const rowThreshold = (delta * r[i]!) / m;
        const first = count;
        for (let j = 0; j < m; j++) {
          const p = tile[from + j]!;
          if (p >= smallest && (absolute || p >= rowThreshold || p >= (delta * c[j]!) / n)) {
            indices[count] = j;
            values[count++] = p;
            held[j] = 1;
          }
        }
        sums[i] = rowSums[k]!;
        if (count === first) {
          let top = from;
          for (let j = from + 1; j < from + m; j++) if (tile[j]! > tile[top]!) top = j;
          if (tile[top]! > 0) {
            indices[count] = top - from;
            values[count++] = tile[top]!;
            held[top - from] = 1;
          }
        }
        pointers[i + 1] = count;
      }
    },
    { floor, colSums },
  );
  if (held.includes(0)) keepColumnTops(plan, problem, x, y, epsilon, held);
  let total = 0;
  let error = 0;
  for (let i = 0; i < n + m; i++) {
    gradient[i] = sums[i]! - (i < n ? r[i]! : c[i - n]!);
    error += Math.abs(gradient[i]!);
    if (i < n) total += sums[i]!;
  }
  pass.value = -dualValue(problem, z, total, epsilon);
  pass.error = error / mass;
  return pass;
}

function leastOf(weights: Vector): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < weights.length; i++) least = Math.min(least, weights[i]!);
  return least;
}

function grow(plan: SparsePlan, count: number, capacity: number): void {
  const indices = new Int32Array(capacity);
  indices.set(plan.indices.subarray(0, count));
  const values = new Float64Array(capacity);
  values.set(plan.values.subarray(0, count));
  plan.indices = indices;
  plan.values = values;
}

/** Puts in the largest entry of every column that has none: seldom, and then by a second pass over the plan. */
function keepColumnTops(
  plan: SparsePlan,
  { cost }: TransportProblem,
  x: Vector,
  y: Vector,
  epsilon: number,
  held: Uint8Array,
): void {
  const { rows: n, cols: m, pointers } = plan;
  const top = new Float64Array(m);
  const topRow = new Int32Array(m).fill(-1);
  cost.planTiles(x, y, epsilon, ({ firstRow, rows, plan: tile }) => {
    for (let j = 0; j < m; j++) {
      if (held[j] === 1) continue;
      for (let k = 0; k < rows; k++) {
        if (tile[k * m + j]! > top[j]!) {
          top[j] = tile[k * m + j]!;
          topRow[j] = firstRow + k;
        }
      }
    }
  });
  // Entries of row i that are put in, in front of those of its entries that have larger columns.
  const missing = new Map<number, number[]>();
  let added = 0;
  for (let j = 0; j < m; j++) {
    const i = topRow[j]!;
    if (i < 0) continue;
    missing.set(i, [...(missing.get(i) ?? []), j]);
    added++;
  }
  const count = pointers[n]!;
  if (plan.indices.length < count + added) grow(plan, count, count + added);
  const { indices, values } = plan;
  let to = count + added;
  for (let i = n - 1; i >= 0; i--) {
    const more = missing.get(i) ?? [];
    let k = pointers[i + 1]! - 1;
    pointers[i + 1] = to;
    for (let q = more.length - 1; k >= pointers[i]! || q >= 0; ) {
      const own = q < 0 || (k >= pointers[i]! && indices[k]! > more[q]!);
      to--;
      indices[to] = own ? indices[k]! : more[q]!;
      values[to] = own ? values[k--]! : top[more[q--]!]!;
    }
  }
}

/** out = P̃ v. */
export function multiplyPlanInto(out: Vector, { rows, pointers, indices, values }: SparsePlan, v: Vector): Vector {
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let k = pointers[i]!; k < pointers[i + 1]!; k++) sum += values[k]! * v[indices[k]!]!;
    out[i] = sum;
  }
  return out;
}

/** out = P̃ᵀ u. */
export function multiplyPlanTransposeInto(
  out: Vector,
  { rows, pointers, indices, values }: SparsePlan,
  u: Vector,
): Vector {
  out.fill(0);
  for (let i = 0; i < rows; i++) {
    const ui = u[i]!;
    for (let k = pointers[i]!; k < pointers[i + 1]!; k++) out[indices[k]!] = out[indices[k]!]! + values[k]! * ui;
  }
  return out;
}
