// A = V diag(λ) Vᵀ for small symmetric matrices of five rows and more, to the size of the matrix: Householder's tridiagonal form and implicit QL steps with Wilkinson's shift.
// For projections; it takes a quarter of the operations of Jacobi's rotations, which keep small eigenvalues of badly scaled matrices to more digits.
//
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), Algorithms 8.3.1 and 8.3.3 (there as QR, from the other end); Dubrulle, Martin, Wilkinson 1968, "The implicit QL
// algorithm", Numerische Mathematik 12, for the order of operations.
//
// Deviations:
// 1. Matrices come scaled to a largest entry in [1, 2); what is below 2⁻¹²⁰ in a column isn't reflected, and an off-diagonal entry counts as zero below 2⁻⁵² or an ulp of its neighbours.
// 2. Every step looks for the end of its block from the row that is being finished on, so that two matrices can go together, one a lane (wasm/small-ql-kernels.ts).
import type { Vector } from "../matrix.js";

/** QL steps for one eigenvalue until it counts as not converged: not seen in practice (one to three are the rule). */
export const mostSteps = 60;
/** What counts as zero. */
export const negligibleColumn = 2 ** -240;
export const negligibleEntry = 2 ** -52;
export const negligibleRatio = 2 ** -53;

/**
 * Diagonalizes the lower triangle in the front of `work`, n × n row by row: afterwards eigenvectors are the rows of the n × n behind it, and eigenvalues the n numbers behind
 * those. Needs 2 n² + 2 n numbers. Answers whether all steps ended.
 */
export function diagonalizeByQl(n: number, work: Vector): boolean {
  const z = n * n;
  const d = 2 * n * n;
  const e = d + n;
  tridiagonalize(n, work, z, d, e);
  let converged = true;
  for (let l = 0; l < n - 1; l++) {
    for (let step = 0; ; step++) {
      let m = n - 1;
      for (let i = n - 2; i >= l; i--) {
        const size = Math.abs(work[d + i]) + Math.abs(work[d + i + 1]);
        if (Math.abs(work[e + i]) <= Math.max(negligibleEntry, negligibleRatio * size)) m = i;
      }
      if (m === l) break;
      if (step === mostSteps) {
        converged = false;
        break;
      }
      qlStep(n, work, z, d, e, l, m);
    }
  }
  return converged;
}

/** T = QᵀAQ: its diagonal, what is below it, and Qᵀ. */
function tridiagonalize(n: number, work: Vector, z: number, d: number, e: number): void {
  for (let k = 0; k < n - 2; k++) {
    let rest = 0;
    for (let i = k + 2; i < n; i++) rest += work[i * n + k] * work[i * n + k];
    const x0 = work[(k + 1) * n + k];
    const isReflected = rest > negligibleColumn;
    const norm = Math.sqrt(x0 * x0 + rest);
    const v0 = x0 < 0 ? x0 - norm : x0 + norm;
    const beta = isReflected ? 2 / (v0 * v0 + rest) : 0;
    work[e + k] = isReflected ? x0 - v0 : x0;
    work[d + k] = work[k * n + k];
    // v stays in the column, and β in place of the diagonal.
    work[k * n + k] = beta;
    work[(k + 1) * n + k] = v0;
    // p = β A v in the off-diagonal's place, which is filled from k + 1 on only later.
    const p = e + 1;
    let along = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += (i >= j ? work[i * n + j] : work[j * n + i]) * work[j * n + k];
      work[p + i - 1] = beta * sum;
      along += work[p + i - 1] * work[i * n + k];
    }
    const half = 0.5 * beta * along;
    for (let i = k + 1; i < n; i++) work[p + i - 1] -= half * work[i * n + k];
    for (let i = k + 1; i < n; i++)
      for (let j = k + 1; j <= i; j++)
        work[i * n + j] = work[i * n + j] - work[p + i - 1] * work[j * n + k] - work[i * n + k] * work[p + j - 1];
  }
  work[d + n - 2] = work[(n - 2) * n + n - 2];
  work[d + n - 1] = work[n * n - 1];
  work[e + n - 2] = work[(n - 1) * n + n - 2];
  work[e + n - 1] = 0;
  work.fill(0, z, z + n * n);
  for (let i = 0; i < n; i++) work[z + i * n + i] = 1;
  for (let k = n - 3; k >= 0; k--) {
    const beta = work[k * n + k];
    for (let r = k + 1; r < n; r++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += work[z + r * n + j] * work[j * n + k];
      sum *= beta;
      for (let j = k + 1; j < n; j++) work[z + r * n + j] -= sum * work[j * n + k];
    }
  }
}

/**
 * One step on rows l to m, whose off-diagonal entries are above 2⁻⁵² and not far above 1. Then r is never zero: its f = s e_i would be so only for a vanishing s, which is made smaller
 * by at most e / r a row; so the s before would vanish, too, c be ±1 twice, and g = c t − b be e_{i+1} to rounding.
 */
function qlStep(n: number, work: Vector, z: number, d: number, e: number, l: number, m: number): void {
  const ratio = (work[d + l + 1] - work[d + l]) / (2 * work[e + l]);
  const root = Math.sqrt(ratio * ratio + 1);
  let g = work[d + m] - work[d + l] + work[e + l] / (ratio < 0 ? ratio - root : ratio + root);
  let [c, s, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * work[e + i];
    const b = c * work[e + i];
    const r = Math.sqrt(f * f + g * g);
    work[e + i + 1] = i === m - 1 ? 0 : r;
    s = f / r;
    c = g / r;
    g = work[d + i + 1] - p;
    const t = (work[d + i] - g) * s + 2 * c * b;
    p = s * t;
    work[d + i + 1] = g + p;
    g = c * t - b;
    for (let k = 0; k < n; k++) {
      const x = work[z + i * n + k];
      const y = work[z + (i + 1) * n + k];
      work[z + (i + 1) * n + k] = s * x + c * y;
      work[z + i * n + k] = c * x - s * y;
    }
  }
  work[d + l] -= p;
  work[e + l] = g;
}
