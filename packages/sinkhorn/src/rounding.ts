// A nonnegative matrix moved to the nearest useful plan with the marginals that are wanted.
//
//   P̂ = diag(u) P diag(v) + a bᵀ,   P̂1 = r, P̂ᵀ1 = c,   ‖P̂ − P‖₁ ≤ 2 (‖P1 − r‖₁ + ‖Pᵀ1 − c‖₁)
//
// Altschuler, Weed, Rigollet 2017, "Near-linear time approximation algorithms for optimal transport via Sinkhorn iteration", NeurIPS, Algorithm 2 and Lemma 7.
import { describe, type LinearOperator, misuse, type Vector } from "@hessia/core";
import type { PlanOperator } from "./plan.js";
import { balance, sum, type TransportProblem, weights } from "./problem.js";

export interface RoundedPlan {
  /** u and v, each ≤ 1. */
  readonly rows: Vector;
  readonly cols: Vector;
  /** What rows and columns lack after that, a, and b divided by its sum: a bᵀ fills it up. */
  readonly rowRest: Vector;
  readonly colRest: Vector;
}

/** A plan by its products. */
export type PlanProducts = LinearOperator & Pick<PlanOperator, "applyTransposeInto">;

/**
 * Rounds the n × m matrix `plan` (row-major) in place, and returns it: its marginals are r and c to rounding.
 * @throws ArgumentError on entries that are negative or not finite, a wrong length, and weights as `transportProblem` does.
 */
export function roundPlanInto(plan: Vector, n: number, m: number, r: ArrayLike<number>, c: ArrayLike<number>): Vector {
  const routine = "roundPlanInto";
  if (!(plan instanceof Float64Array)) misuse(routine, "plan", describe(plan), `a Float64Array of length ${n * m}`);
  if (plan.length !== n * m) misuse(routine, "plan", `of length ${plan.length}`, `length ${n * m}, n m`);
  for (let k = 0; k < plan.length; k++)
    if (!(plan[k]! >= 0 && plan[k]! < Number.POSITIVE_INFINITY))
      misuse(routine, "plan", `${plan[k]} at row ${Math.floor(k / m)}, column ${k % m}`, "finite entries >= 0");
  const matrix: PlanProducts = {
    rows: n,
    cols: m,
    traits: {},
    applyInto(out, x) {
      for (let i = 0; i < n; i++) {
        let total = 0;
        for (let j = 0; j < m; j++) total += plan[i * m + j]! * x[j]!;
        out[i] = total;
      }
      return out;
    },
    applyTransposeInto(out, y) {
      out.fill(0);
      for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[j] = out[j]! + plan[i * m + j]! * y[i]!;
      return out;
    },
  };
  const { rows: u, cols: v, rowRest: a, colRest: b } = roundingOf(matrix, r, c, routine);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) plan[i * m + j] = u[i]! * plan[i * m + j]! * v[j]! + a[i]! * b[j]!;
  return plan;
}

/**
 * The factors of P̂ for a plan that is known by its products: four of them.
 * @throws ArgumentError on sums of rows or columns that are negative or not finite, and on weights as `transportProblem` does.
 */
export function roundingOf(
  plan: PlanProducts,
  r: ArrayLike<number>,
  c: ArrayLike<number>,
  routine = "roundingOf",
): RoundedPlan {
  const { rows: n, cols: m } = plan;
  const rowRest = weights(routine, "r", r, n, "the rows of the plan");
  const colRest = weights(routine, "c", c, m, "the columns of the plan");
  balance(routine, colRest, sum(rowRest), routine);
  const u = plan.applyInto(new Float64Array(n), new Float64Array(m).fill(1));
  requireSums(routine, "row", u);
  for (let i = 0; i < n; i++) u[i] = u[i]! > rowRest[i]! ? rowRest[i]! / u[i]! : 1;
  const sums = plan.applyTransposeInto(new Float64Array(m), u);
  requireSums(routine, "column", sums);
  const v = sums.map((s, j) => (s > colRest[j]! ? colRest[j]! / s : 1));
  const ofRows = plan.applyInto(new Float64Array(n), v);
  for (let i = 0; i < n; i++) rowRest[i] = Math.max(0, rowRest[i]! - u[i]! * ofRows[i]!);
  const ofCols = plan.applyTransposeInto(new Float64Array(m), u);
  for (let j = 0; j < m; j++) colRest[j] = Math.max(0, colRest[j]! - v[j]! * ofCols[j]!);
  const total = sum(colRest);
  if (total > 0) for (let j = 0; j < m; j++) colRest[j] = colRest[j]! / total;
  else rowRest.fill(0);
  return { rows: u, cols: v, rowRest, colRest };
}

/** P̂ by its products, each one of P and O(n + m) more; with its rows where P has them. */
export function roundedOperator<P extends PlanProducts>(
  plan: P,
  { rows: u, cols: v, rowRest: a, colRest: b }: RoundedPlan,
): PlanProducts & Pick<P, Extract<keyof P, "rowInto">> {
  const { rows: n, cols: m } = plan;
  const scaled = new Float64Array(Math.max(n, m));
  const rowInto = (plan as Partial<PlanOperator>).rowInto?.bind(plan);
  const product = (x: Vector, y: Vector) => {
    let total = 0;
    for (let k = 0; k < x.length; k++) total += x[k]! * y[k]!;
    return total;
  };
  const operator: PlanProducts & Partial<PlanOperator> = {
    rows: n,
    cols: m,
    traits: {},
    applyInto(out, x) {
      const rest = product(b, x);
      for (let j = 0; j < m; j++) scaled[j] = v[j]! * x[j]!;
      plan.applyInto(out, scaled.subarray(0, m));
      for (let i = 0; i < n; i++) out[i] = u[i]! * out[i]! + a[i]! * rest;
      return out;
    },
    applyTransposeInto(out, y) {
      const rest = product(a, y);
      for (let i = 0; i < n; i++) scaled[i] = u[i]! * y[i]!;
      plan.applyTransposeInto(out, scaled.subarray(0, n));
      for (let j = 0; j < m; j++) out[j] = v[j]! * out[j]! + b[j]! * rest;
      return out;
    },
    ...(rowInto === undefined
      ? {}
      : {
          rowInto(out: Vector, i: number) {
            rowInto(out, i);
            for (let j = 0; j < m; j++) out[j] = u[i]! * out[j]! * v[j]! + a[i]! * b[j]!;
            return out;
          },
        }),
  };
  return operator as PlanProducts & Pick<P, Extract<keyof P, "rowInto">>;
}

/** ⟨C, P̂⟩ and ⟨C, P̂⟩ + ε Σ P̂ log P̂: one pass. Infinite where a bᵀ uses a forbidden arc. */
export function roundedValues(
  problem: TransportProblem,
  z: Vector,
  { rows, cols, rowRest, colRest }: RoundedPlan,
): { cost: number; entropic: number } {
  const { cost, regularization: epsilon } = problem;
  const n = cost.rows;
  const m = cost.cols;
  let linear = 0;
  let entropy = 0;
  cost.planTiles(z.subarray(0, n), z.subarray(n), epsilon, ({ firstRow, rows: count, plan, cost: C }) => {
    for (let k = 0; k < count; k++) {
      const u = rows[firstRow + k]!;
      const a = rowRest[firstRow + k]!;
      for (let j = 0; j < m; j++) {
        const p = u * plan[k * m + j]! * cols[j]! + a * colRest[j]!;
        if (p > 0) {
          linear += p * C[k * m + j]!;
          entropy += p * Math.log(p);
        }
      }
    }
  });
  return { cost: linear, entropic: linear + epsilon * entropy };
}

function requireSums(routine: string, of: string, sums: Vector): void {
  for (let k = 0; k < sums.length; k++)
    if (!(sums[k]! >= 0 && sums[k]! < Number.POSITIVE_INFINITY))
      misuse(routine, "plan", `of sum ${sums[k]} in ${of} ${k}`, "finite entries >= 0");
}
