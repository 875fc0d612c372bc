// The exact system of the plan at a point, [diag(P1) P; Pᵀ diag(Pᵀ1)] w = b, solved again and again: conjugate gradients whose preconditioner is the factor of the sparse Newton system.
//
// The null direction (1, −1) is taken out by holding the potential of the heaviest column at 0; b must be orthogonal to it, and what rounding leaves goes to the held equation. Products are sums over entries,
// (H w)ᵢ = Σ_j P_ij (uᵢ + vⱼ): u + v is small along the nearly flat directions, where diag(P1) u + P v would cancel. The preconditioner keeps the exact diagonal and the entries P_ij ≥ δ min(rᵢ/m, cⱼ/n) as in
// Tang, Qiu 2024 (see sparse-plan.ts); where its factor would be too full, it is the diagonal, and where that is too slow the dense factor of the reduced system decides.
import { type Counted, counted, type Vector } from "@hessia/core";
import { conjugateGradientInto, type LinearOperator, type SparseFactor, sparseSolveInto } from "@hessia/core/linear";
import type { TransportProblem } from "../problem.js";
import { factorSystem, mayBeSparse, type SystemSolver, solveSystemInto } from "./newton-system.js";
import { newPlanPass, type PlanPass, planPassInto } from "./sparse-plan.js";
import { heaviest } from "./weights.js";

export interface PlanSystemOptions {
  /** Solved to ‖b − H w‖₂ ≤ tolerance · ‖b‖₂. */
  readonly tolerance: number;
  /** The most iterations of a solve. */
  readonly maxIterations: number;
  /** Entries up to which the plan is kept; beyond, each product is a pass over the tiles. Default 2.5e7: 300 MB. */
  readonly mostKept?: number;
}

export interface PlanSystemOutcome {
  readonly reason: "converged" | "budget" | "breakdown";
  /** ‖b − H w‖₂ / ‖b‖₂, computed anew. */
  readonly residual: number;
  /** Products with the exact matrix. */
  readonly iterations: number;
  /** What the preconditioner was, or "dense" where that factor was needed. */
  readonly solver: SystemSolver;
}

export interface PlanSystem {
  /** Solves into `out` (length n + m). */
  solveInto(out: Vector, b: Vector): PlanSystemOutcome;
}

/** The largest order of a dense factor. */
const mostDense = 4000;
/** δ of the preconditioner: the first whose factor is sparse. */
const drops = [1e-4, 1e-3, 1e-2, 0.1];
/** Rounds of conjugate gradients, each on the residual of the one before. */
const mostRounds = 4;

/** All weights are positive; z is as near the solution as the derivative is to be right. */
export function planSystem(problem: TransportProblem, z: Vector, options: PlanSystemOptions): PlanSystem {
  const watched = counted(problem);
  const { cost, target } = problem;
  const { mostKept = 2.5e7 } = options;
  const n = cost.rows;
  const ground = heaviest(target);
  const kept = n * cost.cols <= mostKept ? planPassInto(newPlanPass(n, cost.cols), watched, z, { relative: 0 }) : null;
  const product = kept === null ? tiledProduct(problem, z) : keptProduct(kept);
  const H: LinearOperator = {
    rows: z.length,
    cols: z.length,
    traits: { symmetric: true, positiveDefinite: true },
    applyInto(to, w) {
      const held = w[n + ground];
      w[n + ground] = 0;
      product(to, w);
      w[n + ground] = held;
      to[n + ground] = held;
      return to;
    },
  };
  const { factor, sums } = preconditioner(watched, z, kept, ground);

  return {
    solveInto(out, b) {
      const right = b.slice();
      right[n + ground] = 0;
      const size = norm(right);
      out.fill(0);
      if (!Number.isFinite(size)) return { reason: "breakdown", residual: Number.NaN, iterations: 0, solver: "sparse" };
      if (size === 0) return { reason: "converged", residual: 0, iterations: 0, solver: "sparse" };
      const correction = new Float64Array(b.length);
      const residual = right.slice();
      let solver: SystemSolver = factor === undefined ? "conjugateGradients" : "sparse";
      let reason: PlanSystemOutcome["reason"] = "budget";
      let error = 1;
      let iterations = 0;
      const precondition = (to: Vector, r: Vector) => {
        if (factor !== undefined) sparseSolveInto(to, factor, r);
        else for (let k = 0; k < r.length; k++) to[k] = r[k] / sums[k];
      };
      /** Takes the correction where it lowers the residual. */
      const correct = (): boolean => {
        for (let k = 0; k < out.length; k++) out[k] += correction[k];
        H.applyInto(residual, out);
        for (let k = 0; k < out.length; k++) residual[k] = right[k] - residual[k];
        const now = norm(residual) / size;
        if (now < error) {
          error = now;
          return true;
        }
        for (let k = 0; k < out.length; k++) out[k] -= correction[k];
        H.applyInto(residual, out);
        for (let k = 0; k < out.length; k++) residual[k] = right[k] - residual[k];
        return false;
      };
      for (let round = 0; round < mostRounds && error > options.tolerance; round++) {
        const left = options.maxIterations - iterations;
        if (left <= 0) break;
        const tolerance = Math.min(0.5, (0.5 * options.tolerance) / error);
        const run = conjugateGradientInto(correction, H, residual, { tolerance, maxIterations: left, precondition });
        iterations += run.iterations;
        if (run.reason !== "converged" && run.reason !== "budget") reason = "breakdown";
        if (!correct()) break;
      }
      if (error > options.tolerance && kept !== null && cost.cols <= mostDense) {
        const system = { plan: kept.plan, diagonal: sums, ground };
        for (let round = 0; round < 2 && error > options.tolerance; round++) {
          if (!solveSystemInto(correction, system, residual, watched, { solver: "dense" }).solved) break;
          solver = "dense";
          if (!correct()) break;
        }
      }
      if (error <= options.tolerance) reason = "converged";
      return { reason, residual: error, iterations, solver };
    },
  };
}

/** The factor of the first of the sparse systems that has a sparse one, and the sums (P1, Pᵀ1). */
function preconditioner(
  problem: Counted<TransportProblem>,
  z: Vector,
  kept: PlanPass | null,
  ground: number,
): { factor: SparseFactor | undefined; sums: Vector } {
  let sums = kept?.sums;
  if (kept !== null && mayBeSparse(kept.plan)) {
    const factor = factorSystem({ plan: kept.plan, diagonal: kept.sums, ground }, problem);
    if (factor !== undefined) return { factor, sums: kept.sums };
  }
  const pass = newPlanPass(problem.cost.rows, problem.cost.cols);
  for (const delta of drops) {
    planPassInto(pass, problem, z, { relative: delta });
    sums ??= pass.sums;
    if (!mayBeSparse(pass.plan)) continue;
    const factor = factorSystem({ plan: pass.plan, diagonal: sums, ground }, problem);
    if (factor !== undefined) return { factor, sums };
  }
  return { factor: undefined, sums: sums! };
}

type Product = (out: Vector, w: Vector) => void;

function keptProduct({ plan }: PlanPass): Product {
  const { rows: n, pointers, indices, values } = plan;
  return (out, w) => {
    out.fill(0);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let k = pointers[i]; k < pointers[i + 1]; k++) {
        const j = n + indices[k];
        const flow = values[k] * (w[i] + w[j]);
        sum += flow;
        out[j] += flow;
      }
      out[i] = sum;
    }
  };
}

function tiledProduct({ cost, regularization }: TransportProblem, z: Vector): Product {
  const { rows: n, cols: m } = cost;
  return (out, w) => {
    out.fill(0);
    cost.planTiles(z.subarray(0, n), z.subarray(n), regularization, ({ firstRow, rows, plan }) => {
      for (let k = 0; k < rows; k++) {
        let sum = 0;
        for (let j = 0; j < m; j++) {
          const flow = plan[k * m + j] * (w[firstRow + k] + w[n + j]);
          sum += flow;
          out[n + j] += flow;
        }
        out[firstRow + k] = sum;
      }
    });
  };
}

function norm(v: Vector): number {
  let sum = 0;
  for (let k = 0; k < v.length; k++) sum += v[k] * v[k];
  return Math.sqrt(sum);
}
