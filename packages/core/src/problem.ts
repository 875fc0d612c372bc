import type { Matrix, Vector } from "./linear/matrix.js";

/**
 * A problem is a bag of capabilities, intersected: a method states in its type which it needs,
 * so that a gradient method given a problem without a gradient does not compile.
 */
export interface HasValue {
  /** n, the number of variables, ≥ 0. */
  readonly dimension: number;
  /** f(x). May return Infinity or NaN outside of the domain: such a trial point is rejected. */
  value(x: Vector): number;
}

export interface HasGradient {
  /** Writes ∇f(x) (length n) into `out` and returns it. */
  gradientInto(out: Vector, x: Vector): Vector;
  /** Writes ∇f(x) into `out` and returns f(x): given where both together are cheaper. */
  valueAndGradientInto?(out: Vector, x: Vector): number;
}

export interface HasHessian {
  /** A matrix that `hessianInto` can fill: dense and full, or sparse with `symmetric: true` (lower triangle), its pattern fixed. */
  newHessian(): Matrix;
  /** Writes ∇²f(x) into `out`, a matrix made by `newHessian`, and returns it. */
  hessianInto(out: Matrix, x: Vector): Matrix;
}

export interface HasHessianApply {
  /** Writes ∇²f(x) v into `out` (not aliasing x or v) and returns it. */
  hessianApplyInto(out: Vector, x: Vector, v: Vector): Vector;
}

/** f alone. */
export type ValueProblem = HasValue;
/** f and ∇f. */
export type GradientProblem = HasValue & HasGradient;
/** f, ∇f and ∇²f as a matrix. */
export type HessianProblem = GradientProblem & HasHessian;
/** f, ∇f and products with ∇²f. */
export type HessianApplyProblem = GradientProblem & HasHessianApply;
/** f, ∇f and whatever second-order capability there is. */
export type AnyProblem = GradientProblem & Partial<HasHessian> & Partial<HasHessianApply>;

/** Simple bounds l ≤ x ≤ u. A method that takes them says so; the others refuse a problem that has any finite one. */
export interface HasBounds {
  /** l, −Infinity where there is none. */
  readonly lower: Vector;
  /** u ≥ l, Infinity where there is none. */
  readonly upper: Vector;
}

/** Residuals r(x): f = ½‖r‖² for least squares, or r(x) = 0 for a system of equations. */
export interface HasResidual {
  /** m, the number of residuals, ≥ 0. */
  readonly residuals: number;
  /** Writes r(x) (length m) into `out` and returns it. */
  residualInto(out: Vector, x: Vector): Vector;
}

export interface HasJacobian {
  /** A matrix m × n that `jacobianInto` can fill: dense, or sparse with its pattern fixed. */
  newJacobian(): Matrix;
  /** Writes J(x), J_ij = ∂rᵢ/∂xⱼ, into `out`, a matrix made by `newJacobian`, and returns it. */
  jacobianInto(out: Matrix, x: Vector): Matrix;
  /** Writes J(x) v (length m) into `out`. */
  jacobianApplyInto?(out: Vector, x: Vector, v: Vector): Vector;
  /** Writes J(x)ᵀ w (length n) into `out`. */
  jacobianTransposeApplyInto?(out: Vector, x: Vector, w: Vector): Vector;
}

/** General constraints l ≤ c(x) ≤ u; equality where both are the same. `constraints` has c as its residuals. */
export interface HasConstraints {
  readonly constraints: HasBounds & HasResidual & HasJacobian;
}
