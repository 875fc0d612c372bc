// A⁻¹ for many small matrices: general ones by Gauss-Jordan elimination with partial pivoting, positive definite ones by A = L Lᵀ, A⁻¹ = L⁻ᵀ L⁻¹.
// Higham, "Accuracy and Stability of Numerical Algorithms" (2nd ed., 2002), §14.4 (Gauss-Jordan) and §14.2 (triangular inverses, Method 1).
import type { Vector } from "../matrix.js";
import { factorLower } from "./small-cholesky.js";

/** One general matrix, from a[at …] to the matrix `index` of the output. */
export function inverseOf(
  n: number,
  a: Vector,
  at: number,
  [out]: readonly Vector[],
  index: number,
  work: Vector,
): number {
  const rows = n * n;
  for (let k = 0; k < n * n; k++) work[k] = a[at + k];
  const to = index * n * n;
  let failed = -1;
  for (let k = 0; k < n && failed < 0; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(work[i * n + k]) > Math.abs(work[best * n + k])) best = i;
    const pivot = work[best * n + k];
    if (!(Math.abs(pivot) > 0 && Math.abs(pivot) < Number.POSITIVE_INFINITY)) {
      failed = k;
      break;
    }
    work[rows + k] = best;
    for (let j = 0; j < n; j++) {
      const held = work[k * n + j];
      work[k * n + j] = work[best * n + j];
      work[best * n + j] = held;
    }
    const inverse = 1 / pivot;
    work[k * n + k] = 1;
    for (let j = 0; j < n; j++) work[k * n + j] *= inverse;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = work[i * n + k];
      work[i * n + k] = 0;
      for (let j = 0; j < n; j++) work[i * n + j] -= factor * work[k * n + j];
    }
  }
  // An infinity or NaN that met no pivot shows here.
  for (let k = 0; k < n * n && failed < 0; k++) if (!Number.isFinite(work[k])) failed = n - 1;
  if (failed >= 0) {
    out.fill(Number.NaN, to, to + n * n);
    return failed;
  }
  for (let k = n - 1; k >= 0; k--) {
    const best = work[rows + k];
    for (let i = 0; i < n; i++) {
      const held = work[i * n + k];
      work[i * n + k] = work[i * n + best];
      work[i * n + best] = held;
    }
  }
  for (let k = 0; k < n * n; k++) out[to + k] = work[k];
  return -1;
}

/** One positive definite matrix. */
export function inverseDefiniteOf(
  n: number,
  a: Vector,
  at: number,
  [out]: readonly Vector[],
  index: number,
  work: Vector,
): number {
  const failed = factorLower(n, a, at, work);
  const to = index * n * n;
  if (failed >= 0) {
    out.fill(Number.NaN, to, to + n * n);
    return failed;
  }
  // X = L⁻¹ in place, by columns.
  for (let j = 0; j < n; j++) work[j * n + j] = 1 / work[j * n + j];
  for (let j = 0; j < n; j++) {
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += work[i * n + k] * work[k * n + j];
      work[i * n + j] = -(sum * work[i * n + i]);
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < n; k++) sum += work[k * n + i] * work[k * n + j];
      out[to + i * n + j] = sum;
      out[to + j * n + i] = sum;
    }
  }
  return -1;
}
