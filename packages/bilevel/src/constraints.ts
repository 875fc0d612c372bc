// The lower level's constraints: g(x, y) ≤ 0, the first of them equations.
import {
  type DenseInput,
  denseMatrix,
  describe,
  type HasJacobian,
  type HasResidual,
  type Matrix,
  misuse,
  requireKnownOptions,
  requireNumber,
  toDense,
  type Vector,
} from "@hessia/core";
import {
  choleskyFactorize,
  multiplyInto,
  multiplySparseVectorInto,
  multiplyTransposeSparseVectorInto,
  multiplyTransposeVectorInto,
  multiplyVectorInto,
  transposeDense,
  triangularSolveInto,
} from "@hessia/core/linear";
import { affine, type ConvexSet } from "@hessia/core/set";

/** g with its products, and what is asked of multipliers. */
export interface Constraints {
  /** p. */
  readonly count: number;
  /** The first so many are equations: their multipliers may be negative. */
  readonly equalities: number;
  valueInto(out: Vector, z: Vector): Vector;
  /** out = J(z)ᵀ λ, length n + m. */
  transposeApplyInto(out: Vector, z: Vector, multipliers: Vector): Vector;
  /** out = J(z) v, length p. */
  applyInto(out: Vector, z: Vector, v: Vector): Vector;
  /** max |gᵢ| over equations and max(gᵢ, 0) over the rest. */
  violation(z: Vector): number;
  /** λ ← its projection onto [0, r]^p, [−r, r] for equations. */
  projectMultipliers(multipliers: Vector, bound: number): Vector;
  /** {z : g(z) = 0}, where g is linear and made of equations only. */
  affineSet?(): ConvexSet;
  /** The multipliers of g as it was given, for those of g as it is here; in place. */
  givenMultipliers(multipliers: Vector): Vector;
}

/** What `linearConstraints` makes: g(z) = A z − b. */
export type LinearConstraints = HasResidual &
  HasJacobian & { readonly equalities: number; affineSet?(): ConvexSet; readonly linear: true };

/**
 * g(x, y) = A (x, y) − b, the first `equalities` rows (default none) equations.
 * @throws ArgumentError on shapes that don't fit and entries that aren't finite.
 */
export function linearConstraints(
  A: DenseInput,
  b: ArrayLike<number>,
  options: { readonly equalities?: number } = {},
): LinearConstraints {
  const routine = "linearConstraints";
  requireKnownOptions(routine, options, ["equalities"]);
  const matrix = toDense(A, routine, "A");
  const { rows, cols } = matrix;
  const { equalities = 0 } = options;
  requireNumber(routine, "options.equalities", equalities, { atLeast: 0, atMost: rows, integer: true });
  if (b === null || typeof b !== "object" || b.length !== rows)
    misuse(routine, "b", describe(b), `${rows} numbers, one for each row of A`);
  const right = Float64Array.from(b);
  if (!right.every(Number.isFinite) || !matrix.data.every(Number.isFinite))
    misuse(routine, "A and b", "not finite", "finite numbers");
  return {
    dimension: cols,
    residuals: rows,
    equalities,
    linear: true,
    residualInto(out: Vector, z: Vector) {
      multiplyVectorInto(out, matrix, z);
      for (let i = 0; i < rows; i++) out[i] = out[i]! - right[i]!;
      return out;
    },
    newJacobian: () => denseMatrix(rows, cols),
    jacobianInto(out: Matrix) {
      (out as typeof matrix).data.set(matrix.data);
      return out;
    },
    jacobianApplyInto: (out: Vector, _z: Vector, v: Vector) => multiplyVectorInto(out, matrix, v),
    jacobianTransposeApplyInto: (out: Vector, _z: Vector, w: Vector) => multiplyTransposeVectorInto(out, matrix, w),
    ...(equalities === rows ? { affineSet: () => affine(matrix, right) } : {}),
  } as LinearConstraints;
}

/** g over (x, y) as residuals, with its Jacobian as a matrix or by both products. */
export type LowerConstraints = HasResidual &
  Partial<HasJacobian> & { readonly equalities?: number; readonly dimension?: number; affineSet?(): ConvexSet };

/** The constraints of a problem over z, checked. */
export function constraintsOf(routine: string, given: LowerConstraints, dimension: number): Constraints {
  const argument = "options.lowerConstraints";
  if (given === null || typeof given !== "object" || typeof given.residualInto !== "function")
    misuse(routine, argument, describe(given), "residuals g over (x, y) with their Jacobian");
  const products = given.jacobianTransposeApplyInto !== undefined && given.jacobianApplyInto !== undefined;
  if (!products && (given.jacobianInto === undefined || given.newJacobian === undefined))
    misuse(routine, argument, "without a Jacobian", "a Jacobian as a matrix, or both products with it");
  const { residuals: p, equalities = 0 } = given;
  const { dimension: own } = given;
  if (own !== undefined && own !== dimension)
    misuse(routine, argument, `over ${own} variables`, `${dimension}, those of the objectives`);
  requireNumber(routine, `${argument}.residuals`, p, { atLeast: 1, integer: true });
  requireNumber(routine, `${argument}.equalities`, equalities, { atLeast: 0, atMost: p, integer: true });
  const values = new Float64Array(p);
  let jacobian: Matrix | undefined;
  const matrixAt = (z: Vector): Matrix => given.jacobianInto!((jacobian ??= given.newJacobian!()), z);
  return {
    count: p,
    equalities,
    valueInto: (out, z) => given.residualInto(out, z),
    transposeApplyInto(out, z, multipliers) {
      if (given.jacobianTransposeApplyInto) return given.jacobianTransposeApplyInto(out, z, multipliers);
      const J = matrixAt(z);
      return J.kind === "sparse"
        ? multiplyTransposeSparseVectorInto(out, J, multipliers)
        : multiplyTransposeVectorInto(out, J, multipliers);
    },
    applyInto(out, z, v) {
      if (given.jacobianApplyInto) return given.jacobianApplyInto(out, z, v);
      const J = matrixAt(z);
      return J.kind === "sparse" ? multiplySparseVectorInto(out, J, v) : multiplyVectorInto(out, J, v);
    },
    violation(z) {
      given.residualInto(values, z);
      let most = 0;
      for (let i = 0; i < p; i++) most = Math.max(most, i < equalities ? Math.abs(values[i]!) : values[i]!);
      return most;
    },
    projectMultipliers(multipliers, bound) {
      for (let i = 0; i < p; i++)
        multipliers[i] = Math.min(bound, Math.max(i < equalities ? -bound : 0, multipliers[i]!));
      return multipliers;
    },
    givenMultipliers: (multipliers) => multipliers,
    ...(given.affineSet === undefined ? {} : { affineSet: () => given.affineSet!() }),
  };
}

/**
 * Linear equations A_x x + A_y y = b as L⁻¹(A_x x + A_y y − b) = 0, L Lᵀ = A_y A_yᵀ: their Jacobian in y has orthonormal rows, so that multipliers are as well conditioned as can be. As given where there are
 * inequalities, rows that depend on each other, or only one.
 */
export function conditioned(g: Constraints, n: number, m: number): Constraints {
  const { count: p } = g;
  // One equation is only scaled by it.
  if (g.affineSet === undefined || p < 2 || p > mostConditioned) return g;
  const rows = denseMatrix(p, m);
  const unit = new Float64Array(p);
  const row = new Float64Array(n + m);
  for (let i = 0; i < p; i++) {
    unit[i] = 1;
    g.transposeApplyInto(row, row, unit);
    unit[i] = 0;
    rows.data.set(row.subarray(n), i * m);
  }
  const { L, failedAt } = choleskyFactorize(multiplyInto(denseMatrix(p, p), rows, transposeDense(rows)));
  if (failedAt >= 0) return g;
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < p; i++) {
    least = Math.min(least, L[i * p + i]!);
    most = Math.max(most, L[i * p + i]!);
  }
  if (!(least > 1e-7 * most)) return g;
  const factor = denseMatrix(p, p, L);
  const solveInPlace = (v: Vector, transpose: boolean): Vector => {
    const column = denseMatrix(p, 1, v);
    triangularSolveInto(column, factor, column, { triangle: "lower", transpose });
    return v;
  };
  const forward = (v: Vector): Vector => solveInPlace(v, false);
  const backward = (v: Vector): Vector => solveInPlace(v, true);
  const scratch = new Float64Array(p);
  return {
    ...g,
    valueInto: (out, z) => forward(g.valueInto(out, z)),
    applyInto: (out, z, v) => forward(g.applyInto(out, z, v)),
    transposeApplyInto(out, z, multipliers) {
      scratch.set(multipliers);
      return g.transposeApplyInto(out, z, backward(scratch));
    },
    givenMultipliers: backward,
  };
}

/** More equations aren't conditioned: that takes p² numbers and operations each time. */
const mostConditioned = 2000;
