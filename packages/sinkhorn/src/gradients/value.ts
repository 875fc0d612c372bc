// Gradients of the value of entropic transport by the envelope theorem: at the solution only what stands in D itself moves it.
//
//   ∂W/∂r = x,  ∂W/∂c = y (up to a constant, along changes that keep the mass),   ∂W/∂C = P,   ∂W/∂aᵢ = Σ_j P_ij ∂c(aᵢ, b_j)/∂aᵢ
//
// Danskin 1967; for transport: Cuturi, Doucet 2014, "Fast computation of Wasserstein barycenters", ICML, §4; Feydy et al. 2019, "Interpolating between optimal transport and MMD using Sinkhorn
// divergences", AISTATS, §2.
import { type DenseMatrix, denseMatrix, requireFiniteVector, type Vector } from "@hessia/core";
import type { PointCostOptions } from "../cost/points.js";
import type { TransportProblem } from "../problem.js";
import { pointSlopes, sumSlopes } from "../support/point-slopes.js";

/**
 * ∂W/∂r and ∂W/∂c at the solution z = (x, y): potentials with mean 0, so that a step along them keeps the mass. Lengths n and m.
 * @throws ArgumentError when z has another length or isn't finite.
 */
export function weightGradients(problem: TransportProblem, z: Vector): { source: Vector; target: Vector } {
  requireFiniteVector("weightGradients", "z", z, problem.dimension);
  const n = problem.source.length;
  return { source: centered(z.slice(0, n)), target: centered(z.slice(n)) };
}

function centered(v: Vector): Vector {
  let mean = 0;
  for (let i = 0; i < v.length; i++) mean += v[i]! / v.length;
  for (let i = 0; i < v.length; i++) v[i] = v[i]! - mean;
  return v;
}

/** ∂W/∂C at the solution z: the plan, n × m. Throws ArgumentError as {@link weightGradients}. */
export function costGradient(problem: TransportProblem, z: Vector): DenseMatrix {
  requireFiniteVector("costGradient", "z", z, problem.dimension);
  const { cost, regularization } = problem;
  const out = denseMatrix(cost.rows, cost.cols);
  cost.planTiles(z.subarray(0, cost.rows), z.subarray(cost.rows), regularization, ({ firstRow, rows, plan }) =>
    out.data.set(plan.subarray(0, rows * cost.cols), firstRow * cost.cols),
  );
  return out;
}

/**
 * ∂W/∂a (n × d) and ∂W/∂b (m × d) at the solution z, for the points and the metric of `pointCost`. Where the cost has a kink (equal coordinates with p = 1, equal points with q ≤ 1, a tie with
 * p = ∞) one of its subgradients, 0 at equal points.
 * @throws ArgumentError when the problem has not as many points, or as {@link weightGradients}.
 */
export function pointGradients(
  problem: TransportProblem,
  z: Vector,
  points: PointCostOptions,
): { source: DenseMatrix; target: DenseMatrix } {
  const routine = "pointGradients";
  requireFiniteVector(routine, "z", z, problem.dimension);
  return sumSlopes(problem, z, pointSlopes(routine, problem, points), (_i, _j, p) => p);
}
