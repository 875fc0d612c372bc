// The covariance of fitted parameters.
//
//   cov(x̂) ≈ s² (JᵀJ)⁻¹,   s² = ‖r‖² / (m − n)
//
// Seber, Wild, "Nonlinear Regression" (1989), §2.1 and §5.1: asymptotically right for independent errors of one variance in r, J at the solution.
//
// 1. The columns of J are brought to length 1 first, so that units don't decide about the rank.
// 2. Dense: from the singular values of J. Sparse: from a Cholesky factor of JᵀJ, or from the singular values where it isn't safely definite.
// 3. A rank k < n: s² has m − k degrees of freedom, the pseudo-inverse takes the inverse's place, and parameters of which the data say nothing
//    (those that move along null vectors of J) have infinite standard errors.
import {
  type DenseMatrix,
  denseMatrix,
  describe,
  type Matrix,
  misuse,
  requireKnownOptions,
  requireNumber,
  type Vector,
} from "@hessia/core";
import { analyze, analyzeGram, gramInto, norm2, sparseFactorize, sparseSolveInto, svd } from "@hessia/core/linear";
import { columnNormsInto, denseOf } from "./least-squares.js";

export interface CovarianceOptions {
  /** The variance of the residuals where it is known, > 0 (1 for residuals divided by their own deviations). Default: ‖r‖²/(m − rank). */
  readonly variance?: number;
  /** Singular values (of J with columns of length 1) up to tolerance · σ₁ count as zero; in [0, 1). Default max(m, n) ε. */
  readonly tolerance?: number;
}

export interface Covariance {
  /** n × n. Of a rank-deficient J: by the pseudo-inverse, with rows and columns of `undetermined` parameters NaN. */
  readonly matrix: DenseMatrix;
  /** √ of its diagonal; Infinity for undetermined parameters. */
  readonly standardErrors: Vector;
  /** s². NaN where m equals the rank and no variance was given. */
  readonly variance: number;
  readonly rank: number;
  readonly degreesOfFreedom: number;
  /** The numbers of the parameters that J doesn't determine; empty when it has full rank. */
  readonly undetermined: readonly number[];
}

/**
 * The covariance of the parameters from J and r at a solution, as a least-squares method's final state has them.
 * @throws ArgumentError when lengths don't fit, an entry isn't finite, or an option is wrong.
 */
export function parameterCovariance(J: Matrix, residual: Vector, options: CovarianceOptions = {}): Covariance {
  const routine = "parameterCovariance";
  requireKnownOptions(routine, options, ["variance", "tolerance"]);
  const { rows: m, cols: n } = J;
  const { variance: known, tolerance = Math.max(m, n, 1) * Number.EPSILON } = options;
  if (known !== undefined)
    requireNumber(routine, "options.variance", known, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.tolerance", tolerance, { atLeast: 0, below: 1 });
  if (residual.length !== m) misuse(routine, "residual", `of length ${residual.length}`, `length ${m}, the rows of J`);
  const norms = columnNormsInto(new Float64Array(n), J);
  const bad = norms.findIndex((length) => !Number.isFinite(length));
  if (bad >= 0) misuse(routine, "J", `${describe(norms[bad]!)} as the length of column ${bad}`, "finite numbers");
  const rNorm = norm2(residual);
  if (!Number.isFinite(rNorm)) misuse(routine, "residual", "not finite", "finite numbers");
  const scaled = withUnitColumns(J, norms);
  const { inverse, rank, undetermined } = byCholesky(scaled, tolerance) ?? bySingularValues(scaled, tolerance);
  const degreesOfFreedom = m - rank;
  const variance = known ?? (degreesOfFreedom > 0 ? (rNorm * rNorm) / degreesOfFreedom : Number.NaN);
  const matrix = denseMatrix(n, n);
  const standardErrors = new Float64Array(n);
  const unknown = new Set(undetermined);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const free = unknown.has(i) || unknown.has(j);
      matrix.data[i * n + j] = free ? Number.NaN : (variance * inverse.data[i * n + j]!) / norms[i]! / norms[j]!;
    }
    standardErrors[i] = unknown.has(i) ? Number.POSITIVE_INFINITY : Math.sqrt(matrix.data[i * n + i]!);
  }
  return { matrix, standardErrors, variance, rank, degreesOfFreedom, undetermined };
}

interface Inverse {
  readonly inverse: DenseMatrix;
  readonly rank: number;
  readonly undetermined: readonly number[];
}

/** A copy with columns of length 1; zero columns stay. */
function withUnitColumns(J: Matrix, norms: Vector): Matrix {
  if (J.kind === "dense") return { ...J, data: J.data.map((a, p) => a / (norms[p % J.cols]! || 1)) };
  const values = J.values.slice();
  for (let j = 0; j < J.cols; j++)
    for (let p = J.colPointers[j]!; p < J.colPointers[j + 1]!; p++) values[p] = values[p]! / (norms[j]! || 1);
  return { ...J, values };
}

/** (JᵀJ)⁻¹ of a sparse J with full rank beyond doubt: pivots of JᵀJ (ones on its diagonal) far above rounding. */
function byCholesky(J: Matrix, tolerance: number): Inverse | undefined {
  if (J.kind === "dense" || J.rows < J.cols) return undefined;
  const { cols: n } = J;
  const { plan, C } = analyzeGram(J);
  const F = sparseFactorize(analyze(C), gramInto(C, plan, J));
  const least = F.d.reduce((min, pivot) => Math.min(min, pivot), 1);
  if (F.failedAt >= 0 || !(least > Math.max(1e-10, tolerance))) return undefined;
  const inverse = denseMatrix(n, n);
  const unit = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    unit.fill(0)[i] = 1;
    sparseSolveInto(inverse.data.subarray(i * n, (i + 1) * n), F, unit);
  }
  return { inverse, rank: n, undetermined: [] };
}

function bySingularValues(J: Matrix, tolerance: number): Inverse {
  const { cols: n } = J;
  const { values, V } = svd(denseOf(J));
  const k = values.length;
  const rank = values.filter((sigma) => sigma > tolerance * values[0]!).length;
  const inverse = denseMatrix(n, n);
  // What the row space of J holds of each unit vector: 1 where the parameter is determined.
  const held = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let s = 0; s < rank; s++) sum += (V.data[i * k + s]! * V.data[j * k + s]!) / values[s]! ** 2;
      inverse.data[i * n + j] = sum;
    }
    for (let s = 0; s < rank; s++) held[i] = held[i]! + V.data[i * k + s]! ** 2;
  }
  const undetermined = [...held.keys()].filter((i) => rank < n && held[i]! < 1 - 1e-8);
  return { inverse, rank, undetermined };
}
