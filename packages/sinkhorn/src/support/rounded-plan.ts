// The plan at a point moved onto the feasible set, without storing it: P̂ = diag(u) P diag(v) + a bᵀ.
//
// Altschuler, Weed, Rigollet 2017, "Near-linear time approximation algorithms for optimal transport via Sinkhorn iteration", NeurIPS, Algorithm 2.
import type { Vector } from "@hessia/core";
import type { TransportProblem } from "../problem.js";

export interface RoundedPlan {
  /** u and v, each ≤ 1. */
  readonly rows: Vector;
  readonly cols: Vector;
  /** What rows and columns lack after that, a, and b divided by its sum: a bᵀ fills it up. */
  readonly rowRest: Vector;
  readonly colRest: Vector;
}

/** Three passes over the plan at z. */
export function roundedPlan(problem: TransportProblem, z: Vector): RoundedPlan {
  const { source: r, target: c, cost, regularization: epsilon } = problem;
  const n = r.length;
  const m = c.length;
  const x = z.subarray(0, n);
  const y = z.subarray(n);
  const rows = new Float64Array(n);
  const cols = new Float64Array(m);
  const rowRest = r.slice();
  const colRest = c.slice();
  cost.planTiles(x, y, epsilon, ({ firstRow, rows: count, rowSums, plan }) => {
    for (let k = 0; k < count; k++) {
      const i = firstRow + k;
      const u = rowSums[k]! > r[i]! ? r[i]! / rowSums[k]! : 1;
      rows[i] = u;
      for (let j = 0; j < m; j++) cols[j] = cols[j]! + u * plan[k * m + j]!;
    }
  });
  for (let j = 0; j < m; j++) cols[j] = cols[j]! > c[j]! ? c[j]! / cols[j]! : 1;
  cost.planTiles(x, y, epsilon, ({ firstRow, rows: count, plan }) => {
    for (let k = 0; k < count; k++) {
      const u = rows[firstRow + k]!;
      let sum = 0;
      for (let j = 0; j < m; j++) {
        const p = u * plan[k * m + j]! * cols[j]!;
        sum += p;
        colRest[j] = colRest[j]! - p;
      }
      rowRest[firstRow + k] = Math.max(0, r[firstRow + k]! - sum);
    }
  });
  let total = 0;
  for (let j = 0; j < m; j++) {
    colRest[j] = Math.max(0, colRest[j]!);
    total += colRest[j]!;
  }
  if (total > 0) for (let j = 0; j < m; j++) colRest[j] = colRest[j]! / total;
  else rowRest.fill(0);
  return { rows, cols, rowRest, colRest };
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
