// Derivatives of the entropic plan by implicit differentiation: how P moves with the cost, the weights and the points.
//
//   P_ij = exp((xᵢ + yⱼ − C_ij)/ε),  P1 = r, Pᵀ1 = c;   H = [diag(P1) P; Pᵀ diag(Pᵀ1)]
//   forward:  H (dx, dy) = ε (dr, dc) + ((P∘dC) 1, (P∘dC)ᵀ 1),   dP = P ∘ (dx 1ᵀ + 1 dyᵀ − dC)/ε
//   backward: H (λ, μ) = ((G∘P) 1, (G∘P)ᵀ 1),   ∂/∂r = λ, ∂/∂c = μ, ∂/∂C = P ∘ (λ 1ᵀ + 1 μᵀ − G)/ε   for a function of the plan with the gradient G
//
// The implicit function theorem on the optimality conditions; for transport: Luise, Rudi, Pontil, Ciliberto 2018, "Differential properties of Sinkhorn approximation for learning with Wasserstein
// distance", NeurIPS, §4; Eisenberger, Toker, Leal-Taixé, Bernard, Cremers 2022, "A unified framework for implicit Sinkhorn differentiation", CVPR, for the backward products. The system is that of the Newton methods
// (support/plan-system.ts). It has the null direction (1, −1): changes of the weights must keep the two masses equal, and (λ, μ) are known up to (λ + t, μ − t).
import {
  type DenseMatrix,
  denseMatrix,
  requireFiniteVector,
  requireKnownOptions,
  requireNumber,
  type Vector,
} from "@hessia/core";
import { requireStorable } from "../cost/dense.js";
import type { PointCostOptions } from "../cost/points.js";
import type { TransportProblem } from "../problem.js";
import { type PlanSystemOutcome, planSystem } from "../support/plan-system.js";
import {
  addWeights,
  costTangent,
  type Entries,
  entriesOf,
  type MatrixOrEntries,
  type PlanTangent,
} from "../support/plan-tangent.js";
import { pointSlopes, sumSlopes } from "../support/point-slopes.js";
import { requirePositiveWeights } from "../support/weights.js";

export interface PlanDerivativeOptions {
  /** The linear system is solved to ‖residual‖₂ ≤ tolerance · ‖right side‖₂. In [0, 1). Default 1e-12. */
  readonly tolerance?: number;
  /** Products with the system's matrix in one solve, before a dense factor is tried where there are at most 4000 columns. Default 2000. */
  readonly maxIterations?: number;
}

export interface PlanPushForward {
  /** dP, n × m; throws ArgumentError beyond 2 GB. */
  plan(): DenseMatrix;
  /** dx and dy. Known up to dx + t, dy − t. */
  readonly source: Vector;
  readonly target: Vector;
  readonly outcome: PlanSystemOutcome;
}

export interface PlanPullBack {
  /** λ = ∂/∂r and μ = ∂/∂c, with the same mean: for changes that keep Σr = Σc; where both masses are kept each is known up to a constant. */
  readonly source: Vector;
  readonly target: Vector;
  /** ∂/∂C, n × m; throws ArgumentError beyond 2 GB. */
  cost(): DenseMatrix;
  /** The gradients in the points of a cost that `pointCost` made of these options: n × d and m × d. Kinks as in `pointGradients`. */
  points(of: PointCostOptions): { source: DenseMatrix; target: DenseMatrix };
  readonly outcome: PlanSystemOutcome;
}

export interface PlanDerivatives {
  /** The Jacobian times a tangent: dP. */
  pushForward(tangent: PlanTangent): PlanPushForward;
  /** The transposed Jacobian times a cotangent G (n × m), the gradient in P of what follows. */
  pullBack(cotangent: MatrixOrEntries): PlanPullBack;
}

/**
 * The derivative of the plan at the solution z = (x, y), which is as right as z is near the solution: solve to 1e-12 for eight digits. The system is prepared once for all products; a numerical failure is
 * told by `outcome`, whose reason is "converged" where the tolerance was reached.
 * @throws ArgumentError when z has another length or isn't finite, when a weight is 0, on an option out of range; in the products on wrong shapes, entries that aren't finite, and changes of the weights of unequal sum.
 */
export function planDerivatives(
  problem: TransportProblem,
  z: Vector,
  options: PlanDerivativeOptions = {},
): PlanDerivatives {
  const routine = "planDerivatives";
  requireKnownOptions(routine, options, ["tolerance", "maxIterations"]);
  const { tolerance = 1e-12, maxIterations = 2000 } = options;
  requireNumber(routine, "options.tolerance", tolerance, { atLeast: 0, below: 1 });
  requireNumber(routine, "options.maxIterations", maxIterations, { atLeast: 0, integer: true });
  requireFiniteVector(routine, "z", z, problem.dimension);
  requirePositiveWeights(routine, problem);
  const at = z.slice();
  const system = planSystem(problem, at, { tolerance, maxIterations });
  const { regularization: ε, cost } = problem;
  const { rows: n, cols: m } = cost;

  return {
    pushForward(tangent) {
      const name = "pushForward";
      requireKnownOptions(name, tangent, ["source", "target", "cost", "points"]);
      const dC = costTangent(name, problem, tangent);
      const b = weightedSums(problem, at, dC);
      addWeights(name, b, tangent, n, m, ε);
      const w = new Float64Array(n + m);
      const outcome = system.solveInto(w, b);
      const plan = () =>
        newMatrix(name, problem, at, (i, j, p) => (p * (w[i] + w[n + j] - (dC === undefined ? 0 : dC(i, j)))) / ε);
      return { plan, source: w.slice(0, n), target: w.slice(n), outcome };
    },

    pullBack(cotangent) {
      const name = "pullBack";
      const G = entriesOf(name, "cotangent", cotangent, n, m);
      const w = new Float64Array(n + m);
      const outcome = system.solveInto(w, weightedSums(problem, at, G));
      const t = 0.5 * (mean(w.subarray(n)) - mean(w.subarray(0, n)));
      for (let k = 0; k < n + m; k++) w[k] += k < n ? t : -t;
      const slope = (i: number, j: number, p: number) => (p * (w[i] + w[n + j] - G(i, j))) / ε;
      return {
        source: w.slice(0, n),
        target: w.slice(n),
        cost: () => newMatrix(name, problem, at, slope),
        points: (of) => sumSlopes(problem, at, pointSlopes(name, problem, of), slope),
        outcome,
      };
    },
  };
}

/** ((P∘E) 1, (P∘E)ᵀ 1); zeros without E. */
function weightedSums({ cost, regularization }: TransportProblem, z: Vector, E: Entries | undefined): Vector {
  const { rows: n, cols: m } = cost;
  const b = new Float64Array(n + m);
  if (E === undefined) return b;
  cost.planTiles(z.subarray(0, n), z.subarray(n), regularization, ({ firstRow, rows, plan }) => {
    for (let k = 0; k < rows; k++)
      for (let j = 0; j < m; j++) {
        const p = plan[k * m + j];
        if (p === 0) continue;
        const value = p * E(firstRow + k, j);
        b[firstRow + k] += value;
        b[n + j] += value;
      }
  });
  return b;
}

/** A matrix n × m with `entry(i, j, P_ij)` where the plan isn't 0. */
function newMatrix(
  routine: string,
  { cost, regularization }: TransportProblem,
  z: Vector,
  entry: (i: number, j: number, p: number) => number,
): DenseMatrix {
  const { rows: n, cols: m } = cost;
  requireStorable(
    routine,
    "the result",
    n,
    m,
    "Ask for the gradients in the points, or take rows of a smaller problem.",
  );
  const out = denseMatrix(n, m);
  cost.planTiles(z.subarray(0, n), z.subarray(n), regularization, ({ firstRow, rows, plan }) => {
    for (let k = 0; k < rows * m; k++) {
      const p = plan[k];
      const i = firstRow + Math.floor(k / m);
      if (p > 0) out.data[firstRow * m + k] = entry(i, k % m, p);
    }
  });
  return out;
}

function mean(v: Vector): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i];
  return sum / v.length;
}
