// A = V diag(λ) Vᵀ for many small symmetric matrices by cyclic Jacobi rotations, and what is made of it: the nearest positive semidefinite matrix
// (from five rows on by small-ql.ts).
//
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), Algorithm 8.5.3; Demmel, Veselić 1992, "Jacobi's method is more accurate than QR", SIAM J. Matrix Anal.
// Appl. 13(4), for the test.
//
// Deviations:
// 1. A rotation is left out when |a_pq| ≤ ε/2 · min(|a_pp|, |a_qq|) or below 2⁻¹²⁰ of the largest entry (2⁻⁵⁴ for projections); this is stricter than the geometric mean of the paper, and
//    needs no root.
// 2. Matrices are scaled by a power of two first, so that nothing overflows or underflows.
// 3. Eigenvalues are ordered by counting, which two lanes can do at once.
import type { Vector } from "../matrix.js";
import { absoluteThreshold, jacobiSweeps, projectionThreshold, relativeThreshold, unitOf } from "./small-jacobi.js";
import { diagonalizeByQl } from "./small-ql.js";

/**
 * Diagonalizes the matrix at a[at …] in the front of `work`, the rows of Vᵀ behind it; eigenvalues, times the scale that it answers, are on the diagonal. Answers 0 when
 * the matrix isn't finite, and the scale's negative when the iteration didn't end.
 */
function diagonalize(n: number, a: Vector, at: number, work: Vector, least = absoluteThreshold): number {
  const vt = n * n;
  let size = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) size = Math.max(size, Math.abs(a[at + i * n + j]));
  if (!(size < Number.POSITIVE_INFINITY)) return 0;
  const unit = unitOf(size);
  const scale = 1 / unit;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      work[i * n + j] = a[at + i * n + j] * scale;
      work[j * n + i] = work[i * n + j];
      work[vt + i * n + j] = 0;
      work[vt + j * n + i] = 0;
    }
    work[vt + i * n + i] = 1;
  }
  for (let sweep = 0; sweep < jacobiSweeps; sweep++) {
    let settled = true;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const app = work[p * n + p];
        const aqq = work[q * n + q];
        const apq = work[p * n + q];
        const small = Math.min(Math.abs(app), Math.abs(aqq));
        if (!(Math.abs(apq) > Math.max(relativeThreshold * small, least))) continue;
        settled = false;
        const theta = (aqq - app) / (apq + apq);
        const root = Math.abs(theta) + Math.sqrt(theta * theta + 1);
        const t = theta < 0 ? -1 / root : 1 / root;
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const x = work[p * n + k];
          const y = work[q * n + k];
          const px = c * x - s * y;
          const qx = s * x + c * y;
          work[p * n + k] = px;
          work[q * n + k] = qx;
          work[k * n + p] = px;
          work[k * n + q] = qx;
          const v = work[vt + p * n + k];
          const w = work[vt + q * n + k];
          work[vt + p * n + k] = c * v - s * w;
          work[vt + q * n + k] = s * v + c * w;
        }
        work[p * n + p] = app - t * apq;
        work[q * n + q] = aqq + t * apq;
        work[p * n + q] = 0;
        work[q * n + p] = 0;
      }
    }
    if (settled) return unit;
  }
  return -unit;
}

/** One matrix, from a[at …] to the matrix `index` of the outputs. */
export function eigenOf(
  n: number,
  a: Vector,
  at: number,
  [values, vectors]: readonly Vector[],
  index: number,
  work: Vector,
): number {
  const unit = diagonalize(n, a, at, work);
  const to = index * n * n;
  if (unit === 0) {
    values.fill(Number.NaN, index * n, index * n + n);
    vectors.fill(Number.NaN, to, to + n * n);
    return 0;
  }
  for (let j = 0; j < n; j++) {
    const lambda = work[j * n + j];
    let rank = 0;
    for (let i = 0; i < n; i++) if (work[i * n + i] < lambda || (i < j && work[i * n + i] === lambda)) rank++;
    values[index * n + rank] = lambda * Math.abs(unit);
    for (let k = 0; k < n; k++) vectors[to + k * n + rank] = work[n * n + j * n + k];
  }
  return unit > 0 ? -1 : 1;
}

/** Up to this n a projection diagonalizes by rotations. */
const mostByRotations = 4;

/** One matrix, projected. */
export function projectPsdOf(
  n: number,
  a: Vector,
  at: number,
  [out]: readonly Vector[],
  index: number,
  work: Vector,
  absolute: boolean,
): number {
  const byRotations = n <= mostByRotations;
  const unit = byRotations ? diagonalize(n, a, at, work, projectionThreshold) : qlOf(n, a, at, work);
  const to = index * n * n;
  if (unit === 0) {
    out.fill(Number.NaN, to, to + n * n);
    return 0;
  }
  const [values, stride] = byRotations ? [0, n + 1] : [2 * n * n, 1];
  let negative = false;
  for (let j = 0; j < n; j++) negative ||= work[values + j * stride] < 0;
  const size = Math.abs(unit);
  const vt = n * n;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[at + i * n + j];
      if (negative) {
        sum = 0;
        for (let k = 0; k < n; k++) {
          const lambda = work[values + k * stride];
          const kept = absolute ? Math.abs(lambda) : Math.max(lambda, 0);
          sum += kept * work[vt + k * n + i] * work[vt + k * n + j];
        }
        sum *= size;
      }
      out[to + i * n + j] = sum;
      out[to + j * n + i] = sum;
    }
  }
  return unit > 0 ? -1 : 1;
}

/** As `diagonalize`, with the eigenvalues behind the rows of Vᵀ. */
function qlOf(n: number, a: Vector, at: number, work: Vector): number {
  let size = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) size = Math.max(size, Math.abs(a[at + i * n + j]));
  if (!(size < Number.POSITIVE_INFINITY)) return 0;
  const unit = unitOf(size);
  const scale = 1 / unit;
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) work[i * n + j] = a[at + i * n + j] * scale;
  return diagonalizeByQl(n, work) ? unit : -unit;
}
