// The lower level at a fixed x solved on its own, with multipliers: augmented Lagrangian over spectral projected gradient steps.
//
// Nocedal, Wright 2006, "Numerical Optimization", Framework 17.3 in the form of Rockafellar 1973 (inequalities by [z + ρ g]₊); ρ grows where the violation doesn't fall by a quarter.
import type { Counted, Vector } from "@hessia/core";
import { type BilevelProblem, objectivesOf } from "../problem.js";
import { estimateConstants } from "./constants.js";
import { gapFunction } from "./value-function.js";

export interface SolvedLower {
  /** (x, y*(x)), f there, the multipliers. */
  readonly z: Vector;
  readonly value: number;
  readonly multipliers: Vector;
  /** Projected gradient of the Lagrangian, ‖·‖∞, and the violation of g. */
  readonly residual: number;
  readonly violation: number;
}

/** Starts from the y of z, and from multipliers where they are known. */
export function solveLower(
  problem: Counted<BilevelProblem>,
  z: Vector,
  tolerance: number,
  known?: Vector,
): SolvedLower {
  const { upperDimension: n, dimension, lowerConstraints: g } = problem;
  const { lower } = objectivesOf(problem, 0);
  const { lower: L, jacobian } = estimateConstants(problem, z);
  const p = g?.count ?? 0;
  const at = z.slice();
  const multipliers = known?.slice() ?? new Float64Array(p);
  const parameters = {
    proximal: Number.POSITIVE_INFINITY,
    dual: jacobian > 0 ? (10 * (L || 1)) / jacobian ** 2 : 1,
    bound: Number.POSITIVE_INFINITY,
  };
  const theta = z.slice(n);
  const gap = gapFunction(problem, lower, "proximalLagrangian", parameters, { theta, step: 0 });
  const values = new Float64Array(p);
  let violation = 0;
  let before = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 60; round++) {
    gap.solve(at, multipliers, 0.1 * tolerance, 2000);
    at.set(theta, n);
    if (g === null) break;
    g.valueInto(values, at);
    let moved = 0;
    for (let i = 0; i < p; i++) {
      const next = multipliers[i]! + parameters.dual * values[i]!;
      const kept = i < g.equalities ? next : Math.max(0, next);
      moved = Math.max(moved, Math.abs(kept - multipliers[i]!) / parameters.dual);
      multipliers[i] = kept;
    }
    violation = g.violation(at);
    // `moved` is the violation and the lack of complementarity together.
    if (moved <= tolerance) break;
    if (moved > 0.25 * before && parameters.dual < 1e8) parameters.dual *= 4;
    before = moved;
  }
  const gradient = new Float64Array(dimension);
  const value = lower.value(at);
  return { z: at, value, multipliers, residual: stationarity(problem, at, multipliers, gradient), violation };
}

/** ‖P_Y(y − ∇ᵧ(f + λᵀg)) − y‖∞; `gradient` is scratch. */
export function stationarity(
  problem: Counted<BilevelProblem>,
  z: Vector,
  multipliers: Vector,
  gradient: Vector,
): number {
  const { upperDimension: n, lowerConstraints: g, lowerSet } = problem;
  const { lower } = objectivesOf(problem, 0);
  lower.gradientInto(gradient, z);
  if (g !== null) {
    const pulled = g.transposeApplyInto(new Float64Array(z.length), z, multipliers);
    for (let k = 0; k < z.length; k++) gradient[k] = gradient[k]! + pulled[k]!;
  }
  const moved = z.slice(n);
  for (let j = 0; j < moved.length; j++) moved[j] = moved[j]! - gradient[n + j]!;
  lowerSet.projectInto(moved, moved);
  let most = 0;
  for (let j = 0; j < moved.length; j++) {
    const size = Math.abs(moved[j]! - z[n + j]!);
    if (!(size <= most)) most = size;
  }
  return most;
}
