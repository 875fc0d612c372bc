// An estimate of ‖A⁻¹‖₁ of a symmetric matrix from a few solves.
//
// Hager 1984; Higham 2002, "Accuracy and Stability of Numerical Algorithms" (2nd ed.), Algorithm 15.4: ascent on the convex function x ↦ ‖A⁻¹x‖₁ over the
// unit ball of ‖·‖₁, and a second guess against cancellation. A lower bound, within a factor of three nearly always.
//
// Deviation: A is symmetric, so that solves with A serve for its transpose.
import { misuse, requireNumber } from "../../errors.js";
import type { SparseMatrix, Vector } from "../matrix.js";

/**
 * Estimates ‖A⁻¹‖₁, `solveInto(out, b)` writing A⁻¹b with a symmetric A of order n (`out` isn't b). Infinity where a solve isn't finite; 0 for n = 0.
 * @throws ArgumentError when n isn't a whole number ≥ 0.
 */
export function inverseNormEstimate(n: number, solveInto: (out: Vector, b: Vector) => unknown): number {
  requireNumber("inverseNormEstimate", "n", n, { atLeast: 0, integer: true });
  if (n === 0) return 0;
  const x = new Float64Array(n).fill(1 / n);
  const y = new Float64Array(n);
  const signs = new Float64Array(n);
  const z = new Float64Array(n);
  solveInto(y, x);
  let estimate = sumOfSizes(y);
  let last = -1;
  for (let k = 0; k < 5 && estimate < Number.POSITIVE_INFINITY; k++) {
    let changed = false;
    for (let i = 0; i < n; i++) {
      const sign = y[i] >= 0 ? 1 : -1;
      if (sign !== signs[i]) changed = true;
      signs[i] = sign;
    }
    if (!changed) break;
    solveInto(z, signs);
    let j = 0;
    let slope = 0;
    for (let i = 0; i < n; i++) {
      slope += z[i] * x[i];
      if (Math.abs(z[i]) > Math.abs(z[j])) j = i;
    }
    if (j === last || (k > 0 && Math.abs(z[j]) <= slope)) break;
    last = j;
    x.fill(0);
    x[j] = 1;
    solveInto(z, x);
    const next = sumOfSizes(z);
    if (!(next > estimate)) break;
    estimate = next;
    y.set(z);
  }
  for (let i = 0; i < n; i++) x[i] = (i % 2 === 0 ? 1 : -1) * (1 + (n > 1 ? i / (n - 1) : 0));
  solveInto(y, x);
  const guess = (2 * sumOfSizes(y)) / (3 * n);
  const most = Math.max(estimate, guess);
  return Number.isNaN(most) ? Number.POSITIVE_INFINITY : most;
}

/** ‖A‖₁ of a sparse matrix, the largest sum of sizes of a column; a symmetric one is taken as whole. */
export function sparseNormOne({ cols, colPointers, rowIndices, values, symmetric }: SparseMatrix): number {
  const sums = new Float64Array(cols);
  for (let j = 0; j < cols; j++) {
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      sums[j] += Math.abs(values[p]);
      if (symmetric && rowIndices[p] !== j) sums[rowIndices[p]] += Math.abs(values[p]);
    }
  }
  let most = 0;
  for (const sum of sums) if (!(sum <= most)) most = sum;
  return most;
}

/**
 * An estimate of 1/κ₁(A) = 1/(‖A‖₁ ‖A⁻¹‖₁), A symmetric and a solver as in {@link inverseNormEstimate}: 0 where A is singular to working precision, 1 for
 * n = 0. The relative error of a solution is some ε/rcond at most.
 * @throws ArgumentError when A isn't in symmetric storage.
 */
export function sparseReciprocalCondition(A: SparseMatrix, solveInto: (out: Vector, b: Vector) => unknown): number {
  if (!A.symmetric)
    misuse("sparseReciprocalCondition", "A", "not in symmetric storage", "a matrix with `symmetric: true`");
  if (A.cols === 0) return 1;
  const norm = sparseNormOne(A);
  const inverse = inverseNormEstimate(A.cols, solveInto);
  return norm === 0 || !Number.isFinite(norm) ? 0 : Math.min(1, 1 / norm / inverse);
}

function sumOfSizes(x: Vector): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.abs(x[i]);
  return sum;
}
