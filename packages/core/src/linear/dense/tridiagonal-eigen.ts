// Eigenvalues of a symmetric tridiagonal matrix T: one by bisection on Sturm counts with its vector by inverse iteration,
// or all by implicit QL.
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), §8.4.1 and §8.2.2; Barth, Martin, Wilkinson 1967 (bisection).
//
// Deviations:
// 1. The recurrence of the count divides before it multiplies, (e / pivot) e, so that it holds for entries of any size.
// 2. Inverse iteration starts from one fixed vector: the answer is the same each time.
import { misuse } from "../../errors.js";
import type { Vector } from "../matrix.js";
import { norm2, normInf, powerOfTwoScale, scale } from "../vec.js";
import { implicitQl } from "./implicit-ql.js";
import { type TridiagonalEntries, tridiagonalEliminateInPlace, tridiagonalLu } from "./tridiagonal-solve.js";

/** How many eigenvalues of T are below λ: the negative pivots of T − λI. */
export function countBelow(T: TridiagonalEntries, lambda: number): number {
  return negativePivots(T, lambda, T.n);
}

/** Negative pivots of T − λI, counted up to `enough`. */
function negativePivots({ n, diagonal, offDiagonal }: TridiagonalEntries, lambda: number, enough: number): number {
  let count = 0;
  let correction = 0;
  for (let i = 0; i < n && count < enough; i++) {
    let pivot = diagonal[i] - lambda - correction;
    // A zero pivot is moved by less than a rounding error of the neighbouring entry.
    if (pivot === 0) pivot = -Number.EPSILON * (Math.abs(i + 1 < n ? offDiagonal[i] : 0) + Number.MIN_VALUE);
    if (pivot === 0) pivot = -Number.MIN_VALUE;
    if (pivot < 0) count++;
    if (i + 1 < n) correction = (offDiagonal[i] / pivot) * offDiagonal[i];
  }
  return count;
}

/** max |dᵢ| + |eᵢ₋₁| + |eᵢ|, a bound of the spectrum. */
function spectralBound({ n, diagonal, offDiagonal }: TridiagonalEntries): number {
  let bound = 0;
  for (let i = 0; i < n; i++) {
    const left = i > 0 ? Math.abs(offDiagonal[i - 1]) : 0;
    const right = i + 1 < n ? Math.abs(offDiagonal[i]) : 0;
    bound = Math.max(bound, Math.abs(diagonal[i]) + left + right);
  }
  return bound;
}

/** λ_min(T) to the last bit that the count resolves: an error of a few ε relative to the largest entries. NaN for n = 0. */
export function tridiagonalLowestEigenvalue(T: TridiagonalEntries): number {
  const { n, diagonal } = T;
  if (n === 0) return Number.NaN;
  const bound = spectralBound(T);
  if (bound === 0 || !Number.isFinite(bound)) return bound === 0 ? 0 : Number.NaN;
  let high = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) high = Math.min(high, diagonal[i]);
  let low = -bound * (1 + 4 * Number.EPSILON);
  // No eigenvalue is below low, and one is at most high. Near zero, 1e-30 of the bound is as good as exact.
  while (high - low > Math.max(0.5 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high)), 1e-30 * bound)) {
    const middle = low + 0.5 * (high - low);
    if (!(middle > low && middle < high)) break;
    if (negativePivots(T, middle, 1) === 1) high = middle;
    else low = middle;
  }
  return high;
}

/** All eigenvalues, ascending. Errors of a few ε relative to the largest. */
export function tridiagonalEigenvalues(T: TridiagonalEntries): Vector {
  const d = T.diagonal.slice();
  const e = new Float64Array(T.n);
  e.set(T.offDiagonal);
  const size = Math.max(normInf(d), normInf(e));
  if (!Number.isFinite(size)) misuse("tridiagonalEigenvalues", "T", "not finite", "finite entries");
  const unit = size > 0 ? powerOfTwoScale(size) : 1;
  const converged = implicitQl(scale(d, unit), scale(e, unit));
  if (!converged) return d.fill(Number.NaN);
  return scale(d.sort(), 1 / unit);
}

/** Solves of inverse iteration: the second is enough for a λ correct to rounding. */
const passes = 3;

/** Writes a unit eigenvector of T for its eigenvalue λ (correct to rounding) into `out`; answers `out`. */
export function tridiagonalEigenvector(out: Vector, T: TridiagonalEntries, lambda: number): Vector {
  const { n } = T;
  if (out.length !== n) misuse("tridiagonalEigenvector", "out", `of length ${out.length}`, `length ${n}`);
  const bound = spectralBound(T);
  const unit = bound > 0 && Number.isFinite(bound) ? powerOfTwoScale(bound) : 1;
  const diagonal = scale(T.diagonal.slice(), unit);
  const offDiagonal = scale(T.offDiagonal.slice(), unit);
  const F = tridiagonalLu({ n, diagonal, offDiagonal }, lambda * unit);
  const { u0, u1, u2 } = F;
  for (let i = 0; i < n; i++) {
    if (Math.abs(u0[i]) < Number.EPSILON) u0[i] = u0[i] < 0 ? -Number.EPSILON : Number.EPSILON;
  }
  for (let i = 0; i < n; i++) out[i] = 1 + 0.25 * Math.cos(1 + 3 * i);
  for (let pass = 0; pass < passes; pass++) {
    // The first pass takes its start as P⁻¹L times the fixed vector (Wilkinson).
    if (pass > 0) tridiagonalEliminateInPlace(out, F);
    for (let i = n - 1; i >= 0; i--) {
      let value = out[i];
      if (i + 1 < n) value -= u1[i] * out[i + 1];
      if (i + 2 < n) value -= u2[i] * out[i + 2];
      out[i] = value / u0[i];
      if (Math.abs(out[i]) > 1e150) scale(out, 1e-150);
    }
    scale(out, 1 / norm2(out));
  }
  return out;
}
