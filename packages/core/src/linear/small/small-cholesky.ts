// A = L Lᵀ for many small matrices. Golub, Van Loan, "Matrix Computations" (4th ed., 2013), Algorithm 4.2.1, by rows.
import type { Vector } from "../matrix.js";

/** One matrix, from a[at …] to the matrix `index` of the output. */
export function choleskyOf(
  n: number,
  a: Vector,
  at: number,
  [out]: readonly Vector[],
  index: number,
  work: Vector,
): number {
  const failedAt = factorLower(n, a, at, work);
  const to = index * n * n;
  if (failedAt >= 0) out.fill(Number.NaN, to, to + n * n);
  else for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[to + i * n + j] = j <= i ? work[i * n + j] : 0;
  return failedAt;
}

/** L to the lower triangle at the front of `work`. Answers −1 or the row that failed. */
export function factorLower(n: number, a: Vector, at: number, work: Vector): number {
  for (let j = 0; j < n; j++) {
    let pivot = a[at + j * n + j];
    for (let k = 0; k < j; k++) pivot -= work[j * n + k] * work[j * n + k];
    if (!(pivot > 0 && pivot < Number.POSITIVE_INFINITY)) return j;
    work[j * n + j] = Math.sqrt(pivot);
    const inverse = 1 / work[j * n + j];
    for (let i = j + 1; i < n; i++) {
      let sum = a[at + i * n + j];
      for (let k = 0; k < j; k++) sum -= work[i * n + k] * work[j * n + k];
      work[i * n + j] = sum * inverse;
    }
  }
  return -1;
}
