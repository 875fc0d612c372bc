// The hypergradient by the implicit function theorem: dF = ∇ₓF − ∇²ₓᵧf v, ∇²ᵧᵧf v = ∇ᵧF; with linear equations A_x x + A_y y = b in the lower level both hold in the null space of A_y.
import type { Counted, Vector } from "@hessia/core";
import { conjugateGradientInto, norm2 } from "@hessia/core/linear";
import type { NullSpace } from "../lower-level.js";
import { type BilevelProblem, evaluateInto, hessianApplyInto, type Objective } from "../problem.js";

/** How ∇²ᵧᵧf v = ∇ᵧF is solved. */
export type LinearSolver =
  | { readonly kind: "conjugateGradients"; readonly tolerance: number; readonly maxIterations: number }
  /** v = α Σ_{k < terms} (I − α ∇²ᵧᵧf)ᵏ ∇ᵧF: Lorraine, Vicol, Duvenaud 2020, Algorithm 3. */
  | { readonly kind: "neumann"; readonly terms: number; readonly step: number };

export interface ImplicitOutcome {
  /** F(x, y). */
  readonly value: number;
  readonly products: number;
  /** Why the system can't be solved; undefined where it was. */
  readonly singular?: string;
}

/** Writes the hypergradient at z = (x, y), y the lower level's solution, into `out` (length n). */
export function implicitGradientInto(
  out: Vector,
  problem: Counted<BilevelProblem>,
  { upper, lower }: { readonly upper: Objective; readonly lower: Objective },
  z: Vector,
  solver: LinearSolver,
  space: NullSpace | undefined,
): ImplicitOutcome {
  const { upperDimension: n, lowerDimension: m, dimension } = problem;
  const ofUpper = new Float64Array(dimension);
  const joint = new Float64Array(dimension);
  const Hv = new Float64Array(dimension);
  const value = evaluateInto(problem, upper, ofUpper, z);
  const v = joint.subarray(n);
  const right = ofUpper.slice(n);
  space?.project(right);
  let products = 0;
  const applyInto = (to: Vector, p: Vector): Vector => {
    products++;
    joint.set(p, n);
    hessianApplyInto(problem, lower, Hv, z, joint);
    to.set(Hv.subarray(n));
    return space?.project(to) ?? to;
  };
  const solution = new Float64Array(m);
  let singular: string | undefined;
  if (solver.kind === "conjugateGradients") {
    const { tolerance, maxIterations } = solver;
    const A = { rows: m, cols: m, traits: { symmetric: true }, applyInto };
    const { reason, residualNorm: residual } = conjugateGradientInto(solution, A, right, { tolerance, maxIterations });
    const size = norm2(right);
    if (reason === "negativeCurvature" || reason === "breakdown")
      singular = `∇²ᵧᵧf isn't positive definite (${reason} in conjugate gradients)`;
    else if (reason === "budget" && residual > 1e-3 * size)
      singular = `∇²ᵧᵧf v = ∇ᵧF has no solution that conjugate gradients find: relative residual ${(residual / size).toExponential(1)} after ${maxIterations} iterations`;
  } else {
    const p = right.slice();
    const Hp = new Float64Array(m);
    for (let k = 0; k < solver.terms; k++) {
      for (let j = 0; j < m; j++) solution[j] = solution[j]! + solver.step * p[j]!;
      if (k === solver.terms - 1) break;
      applyInto(Hp, p);
      for (let j = 0; j < m; j++) p[j] = p[j]! - solver.step * Hp[j]!;
    }
    if (!solution.every(Number.isFinite)) singular = "the Neumann series diverges: the step is longer than 2/‖∇²ᵧᵧf‖";
  }
  joint.fill(0, 0, n);
  v.set(solution);
  products++;
  hessianApplyInto(problem, lower, Hv, z, joint);
  for (let i = 0; i < n; i++) out[i] = ofUpper[i]! - Hv[i]!;
  if (space !== undefined) {
    // The equations' multipliers: A_y A_yᵀ q = A_y (∇ᵧF − H v).
    const rest = ofUpper.slice(n);
    for (let j = 0; j < m; j++) rest[j] = rest[j]! - Hv[n + j]!;
    const pulled = space.pullInto(new Float64Array(n), rest);
    for (let i = 0; i < n; i++) out[i] = out[i]! - pulled[i]!;
  }
  return { value, products, ...(singular === undefined ? {} : { singular }) };
}
