// One sweep of one-sided Jacobi rotations over all pairs of rows of a matrix, by blocks of rows that stay in cache together.
// Hestenes 1958, "Inversion of matrices by biorthogonalization and related results", J. SIAM 6(1).
import type { Vector } from "../matrix.js";
import { dotAt } from "../vec.js";

/** Rows of a block. */
export const sweepBlock = 16;

/**
 * Rotates pairs of rows of G (n × n, from gStart) that aren't orthogonal, |gₚ·g_q| > tolerance ‖gₚ‖‖g_q‖, and the rows of J (n × n, from jStart) with them where jStart ≥ 0;
 * both in g. `squares`, n numbers of g from their start, are the squared norms and are kept up to date. Answers how many were rotated.
 */
export function jacobiSweep(
  n: number,
  g: Vector,
  gStart: number,
  jStart: number,
  squares: number,
  tolerance: number,
): number {
  let rotated = 0;
  for (let pb = 0; pb < n; pb += sweepBlock) {
    for (let qb = pb; qb < n; qb += sweepBlock) {
      for (let p = pb; p < Math.min(n, pb + sweepBlock); p++) {
        for (let q = Math.max(p + 1, qb); q < Math.min(n, qb + sweepBlock); q++) {
          const a = g[squares + p];
          const b = g[squares + q];
          const c = dotAt(g, gStart + p * n, g, gStart + q * n, n);
          if (!(Math.abs(c) > tolerance * Math.sqrt(a) * Math.sqrt(b))) continue;
          rotated++;
          const zeta = (b - a) / (2 * c);
          const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
          const cosine = 1 / Math.sqrt(1 + t * t);
          rotate(g, gStart + p * n, gStart + q * n, n, cosine, t * cosine);
          if (jStart >= 0) rotate(g, jStart + p * n, jStart + q * n, n, cosine, t * cosine);
          g[squares + p] = Math.max(0, a - t * c);
          g[squares + q] = b + t * c;
        }
      }
    }
  }
  return rotated;
}

function rotate(x: Vector, p: number, q: number, n: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const a = x[p + k];
    const b = x[q + k];
    x[p + k] = c * a - s * b;
    x[q + k] = s * a + c * b;
  }
}
