// A = Q P, Q orthogonal and P symmetric positive semidefinite, for many small square matrices: A = U diag(σ) Vᵀ by one-sided Jacobi rotations,
// Q = U Vᵀ, P = V diag(σ) Vᵀ.
//
// Higham, "Functions of Matrices" (2008), chapter 8; Hestenes 1958, "Inversion of matrices by biorthogonalization and related results", J. SIAM 6(1). The rotations
// keep the directions of small singular values accurate, so that Q is orthogonal to rounding even for a nearly singular A.
//
// Deviation: matrices are scaled by a power of two first, and columns below 2⁻⁴⁰⁰ of that count as zero.
import type { Vector } from "../matrix.js";
import { jacobiSweeps, negligibleSquare, orthogonality, unitOf } from "./small-jacobi.js";

/** One matrix, from a[at …] to the matrix `index` of the outputs. */
export function polarOf(
  n: number,
  a: Vector,
  at: number,
  [Q, P]: readonly Vector[],
  index: number,
  work: Vector,
): number {
  const to = index * n * n;
  const vt = n * n;
  let size = 0;
  for (let k = 0; k < n * n; k++) size = Math.max(size, Math.abs(a[at + k]));
  if (!(size < Number.POSITIVE_INFINITY)) {
    Q.fill(Number.NaN, to, to + n * n);
    P.fill(Number.NaN, to, to + n * n);
    return 0;
  }
  const unit = unitOf(size);
  const scale = 1 / unit;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      work[j * n + i] = a[at + i * n + j] * scale;
      work[vt + i * n + j] = i === j ? 1 : 0;
    }
  }
  const converged = orthogonalize(n, work);
  let singular = false;
  const roots = 2 * n * n;
  for (let j = 0; j < n; j++) {
    let square = 0;
    for (let k = 0; k < n; k++) square += work[j * n + k] * work[j * n + k];
    const none = !(square > negligibleSquare);
    singular ||= none;
    work[roots + j] = none ? 0 : Math.sqrt(square);
    work[roots + n + j] = none ? 0 : 1 / Math.sqrt(square);
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let q = 0;
      let p = 0;
      for (let k = 0; k < n; k++) {
        q += work[roots + n + k] * work[k * n + i] * work[vt + k * n + j];
        p += work[roots + k] * (work[vt + k * n + i] * work[vt + k * n + j]);
      }
      Q[to + i * n + j] = q;
      P[to + i * n + j] = p * unit;
    }
  }
  return converged ? (singular ? 2 : -1) : 1;
}

/** Rotates pairs of rows of the first matrix of `work`, and those of the second with them, until all are orthogonal. */
function orthogonalize(n: number, work: Vector): boolean {
  const vt = n * n;
  for (let sweep = 0; sweep < jacobiSweeps; sweep++) {
    let settled = true;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        let a = 0;
        let b = 0;
        let d = 0;
        for (let k = 0; k < n; k++) {
          const x = work[p * n + k];
          const y = work[q * n + k];
          a += x * x;
          b += y * y;
          d += x * y;
        }
        if (!(d * d > orthogonality * a * b && a > negligibleSquare && b > negligibleSquare)) continue;
        settled = false;
        const theta = (b - a) / (d + d);
        const root = Math.abs(theta) + Math.sqrt(theta * theta + 1);
        const t = theta < 0 ? -1 / root : 1 / root;
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const x = work[p * n + k];
          const y = work[q * n + k];
          work[p * n + k] = c * x - s * y;
          work[q * n + k] = s * x + c * y;
          const v = work[vt + p * n + k];
          const w = work[vt + q * n + k];
          work[vt + p * n + k] = c * v - s * w;
          work[vt + q * n + k] = s * v + c * w;
        }
      }
    }
    if (settled) return true;
  }
  return false;
}
