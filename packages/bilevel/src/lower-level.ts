// The lower level at a fixed x, as a problem of core over y, and the null space of its linear equations.
import {
  type Counted,
  denseMatrix,
  type GradientProblem,
  type HasHessianApply,
  misuse,
  type Vector,
} from "@hessia/core";
import { type Cholesky, choleskyFactorize, choleskySolveInto, multiplyInto, transposeDense } from "@hessia/core/linear";
import { type BilevelProblem, evaluateInto, hessianApplyInto, type Objective } from "./problem.js";

/** f(x, ·) with what f has; `z` is read at each evaluation, its y part is scratch. */
export function lowerLevelAt(
  problem: Counted<BilevelProblem>,
  lower: Objective,
  z: Vector,
): GradientProblem & Partial<HasHessianApply> {
  const { upperDimension: n, lowerDimension: m, dimension } = problem;
  const gradient = new Float64Array(dimension);
  const v = new Float64Array(dimension);
  const Hv = new Float64Array(dimension);
  const evaluate = (out: Vector, y: Vector): number => {
    z.set(y, n);
    const value = evaluateInto(problem, lower, gradient, z);
    out.set(gradient.subarray(n));
    return value;
  };
  return {
    dimension: m,
    value(y) {
      z.set(y, n);
      return lower.value(z);
    },
    gradientInto(out, y) {
      evaluate(out, y);
      return out;
    },
    valueAndGradientInto: evaluate,
    ...(lower.hessianApplyInto === undefined
      ? {}
      : {
          hessianApplyInto(out: Vector, y: Vector, d: Vector) {
            z.set(y, n);
            v.set(d, n);
            hessianApplyInto(problem, lower, Hv, z, v);
            out.set(Hv.subarray(n));
            return out;
          },
        }),
  };
}

/** The null space of A_y, where the lower level's constraints are the equations A_x x + A_y y = b. */
export interface NullSpace {
  /** v ← its projection onto {v : A_y v = 0}. */
  project(v: Vector): Vector;
  /** Moves y to the nearest point with g(x, y) = 0; z = (x, y) in place. */
  restore(z: Vector): void;
  /** out ← A_xᵀ (A_y A_yᵀ)⁻¹ A_y w, length n. */
  pullInto(out: Vector, w: Vector): Vector;
}

/** Undefined where there are no constraints. @throws ArgumentError where they aren't linear equations of full rank in y. */
export function nullSpaceOf(method: string, problem: BilevelProblem): NullSpace | undefined {
  const { lowerConstraints: g, upperDimension: n, lowerDimension: m, dimension } = problem;
  if (g === null) return undefined;
  if (g.affineSet === undefined)
    misuse(
      method,
      "problem",
      "with lower inequalities or nonlinear equations",
      "none, or linear equations",
      "lvHba and bicGaffa take them.",
    );
  const p = g.count;
  const Ax = denseMatrix(p, n);
  const Ay = denseMatrix(p, m);
  const unit = new Float64Array(p);
  const row = new Float64Array(dimension);
  for (let i = 0; i < p; i++) {
    unit.fill(0);
    unit[i] = 1;
    g.transposeApplyInto(row, row, unit);
    Ax.data.set(row.subarray(0, n), i * n);
    Ay.data.set(row.subarray(n), i * m);
  }
  const F: Cholesky = choleskyFactorize(multiplyInto(denseMatrix(p, p), Ay, transposeDense(Ay)));
  if (F.failedAt >= 0)
    misuse(method, "problem", "whose equations don't have full rank in y", "independent rows of A_y");
  const values = new Float64Array(p);
  const multipliers = new Float64Array(p);
  const solve = (v: Vector): Vector => {
    for (let i = 0; i < p; i++) {
      let sum = 0;
      for (let j = 0; j < m; j++) sum += Ay.data[i * m + j]! * v[j]!;
      values[i] = sum;
    }
    return choleskySolveInto(multipliers, F, values);
  };
  const subtract = (v: Vector): void => {
    for (let i = 0; i < p; i++) for (let j = 0; j < m; j++) v[j] = v[j]! - multipliers[i]! * Ay.data[i * m + j]!;
  };
  return {
    project(v) {
      solve(v);
      subtract(v);
      return v;
    },
    restore(z) {
      for (let pass = 0; pass < 2; pass++) {
        g.valueInto(values, z);
        choleskySolveInto(multipliers, F, values);
        subtract(z.subarray(n));
      }
    },
    pullInto(out, w) {
      solve(w);
      out.fill(0);
      for (let i = 0; i < p; i++) for (let k = 0; k < n; k++) out[k] = out[k]! + multipliers[i]! * Ax.data[i * n + k]!;
      return out;
    },
  };
}
