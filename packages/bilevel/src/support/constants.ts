// Constants that a user can't know, estimated at a point: curvatures by differences of gradients, the norm of the constraints' Jacobian by power iteration.
import type { Counted, Vector } from "@hessia/core";
import { norm2 } from "@hessia/core/linear";
import { type BilevelProblem, evaluateInto, type Objective } from "../problem.js";

export interface Constants {
  /** ‖∇f‖ changes by about so much for a unit step of y, and ‖∇F‖ for one of (x, y). 0 where they are linear. */
  readonly lower: number;
  readonly upper: number;
  /** ‖∂g/∂y‖₂; 0 without constraints. */
  readonly jacobian: number;
  /** ‖∇F‖∞. */
  readonly upperGradient: number;
}

export function estimateConstants(problem: Counted<BilevelProblem>, z: Vector): Constants {
  const { upperDimension: n, dimension, upperObjective: upper, lowerObjective: lower, lowerConstraints: g } = problem;
  const gradient = new Float64Array(dimension);
  evaluateInto(problem, upper, gradient, z);
  const upperGradient = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let jacobian = 0;
  if (g !== null) {
    const v = pattern(dimension, n);
    const w = new Float64Array(g.count);
    for (let k = 0; k < 6; k++) {
      const length = norm2(v);
      if (length === 0) break;
      for (let i = 0; i < dimension; i++) v[i] = i < n ? 0 : v[i]! / length;
      jacobian = norm2(g.applyInto(w, z, v));
      g.transposeApplyInto(v, z, w);
      v.fill(0, 0, n);
    }
  }
  return {
    lower: curvature(problem, lower, z, n),
    upper: curvature(problem, upper, z, 0),
    jacobian,
    upperGradient,
  };
}

/** The greatest of ‖∇(z + h d) − ∇(z)‖/h over a few directions d among the variables from `first` on, found as by power iteration. */
function curvature(problem: Counted<BilevelProblem>, of: Objective, z: Vector, first: number): number {
  const { dimension } = problem;
  const base = new Float64Array(dimension);
  const moved = new Float64Array(dimension);
  const point = new Float64Array(dimension);
  evaluateInto(problem, of, base, z);
  const d = pattern(dimension, first);
  let most = 0;
  for (let k = 0; k < 5; k++) {
    const length = norm2(d);
    if (!(length > 0)) break;
    const h = 1e-6 * Math.max(1, norm2(z));
    for (let i = 0; i < dimension; i++) point[i] = z[i]! + (h * d[i]!) / length;
    evaluateInto(problem, of, moved, point);
    for (let i = 0; i < dimension; i++) d[i] = i < first ? 0 : (moved[i]! - base[i]!) / h;
    const grown = norm2(d);
    if (!Number.isFinite(grown)) break;
    most = Math.max(most, grown);
  }
  return most > 1e-7 ? most : 0;
}

/** A fixed vector with no symmetry, 0 before `first`. */
const pattern = (length: number, first: number): Vector =>
  Float64Array.from({ length }, (_, i) => (i < first ? 0 : 1 + 0.5 * Math.sin(1 + 2.3 * i)));
