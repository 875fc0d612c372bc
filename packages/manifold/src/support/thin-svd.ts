// A = U diag(σ) Vᵀ, thin, for m × p with m ≥ p, by rotations of the rows of R after Gram–Schmidt: Hestenes 1958, "Inversion of matrices by biorthogonalization and related results",
// J. SIAM 6(1). In place for small p; core's svd for large.
import { denseMatrix, type Vector } from "@hessia/core";
import { svd } from "@hessia/core/linear";
import { finite, orthonormalizeRows, transpose } from "./dense.js";

export interface ThinSvd {
  readonly m: number;
  readonly p: number;
  /** m × p with orthonormal columns, also where singular values are zero. */
  readonly U: Vector;
  /** σ₁ ≥ … ≥ σ_p ≥ 0. */
  readonly values: Vector;
  /** p × p. */
  readonly V: Vector;
  readonly rows: Vector;
  readonly L: Vector;
  readonly J: Vector;
  readonly order: Int32Array;
}

const sweepLimit = 60;
const small = 24;

export const newThinSvd = (m: number, p: number): ThinSvd => ({
  m,
  p,
  U: new Float64Array(m * p),
  values: new Float64Array(p),
  V: new Float64Array(p * p),
  rows: new Float64Array(m * p),
  L: new Float64Array(p * p),
  J: new Float64Array(p * p),
  order: new Int32Array(p),
});

/** Decomposes A into `work`; NaN throughout where A isn't finite. */
export function thinSvdInto(work: ThinSvd, A: Vector): ThinSvd {
  const { m, p, U, values, V, rows, L, J, order } = work;
  if (!finite(A, m * p)) {
    for (const part of [U, values, V]) part.fill(Number.NaN);
    return work;
  }
  if (p > small) {
    const found = svd(denseMatrix(m, p, A.slice(0, m * p)));
    U.set(found.U.data);
    V.set(found.V.data);
    values.set(found.values);
    return work;
  }
  // Aᵀ = L · rows.
  orthonormalizeRows(transpose(rows, A, m, p), p, m, L, true);
  J.fill(0);
  for (let i = 0; i < p; i++) J[i * p + i] = 1;
  rotateRows(L, J, p);
  for (let i = 0; i < p; i++) {
    order[i] = i;
    let square = 0;
    for (let k = 0; k < p; k++) square += L[i * p + k] ** 2;
    values[i] = Math.sqrt(square);
  }
  // Insertion sort: falling values, whose rows go with them.
  for (let i = 1; i < p; i++)
    for (let k = i; k > 0 && values[k] > values[k - 1]; k--) {
      const value = values[k];
      values[k] = values[k - 1];
      values[k - 1] = value;
      const index = order[k];
      order[k] = order[k - 1];
      order[k - 1] = index;
    }
  // V = Jᵀ; then J holds the rows L_i/σ_i, completed where σ_i = 0, and U = rowsᵀ Jᵀ.
  for (let j = 0; j < p; j++) for (let k = 0; k < p; k++) V[k * p + j] = J[order[j] * p + k];
  for (let j = 0; j < p; j++)
    for (let k = 0; k < p; k++) J[j * p + k] = values[j] > 0 ? L[order[j] * p + k] / values[j] : 0;
  orthonormalizeRows(J, p, p, undefined, true);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < p; j++) {
      let sum = 0;
      for (let k = 0; k < p; k++) sum += rows[k * m + i] * J[j * p + k];
      U[i * p + j] = sum;
    }
  return work;
}

/** Rotates pairs of rows of G until all are orthogonal to rounding, and the rows of J with them. */
function rotateRows(G: Vector, J: Vector, p: number): void {
  for (let sweep = 0; sweep < sweepLimit; sweep++) {
    let settled = true;
    for (let a = 0; a < p; a++)
      for (let b = a + 1; b < p; b++) {
        let [aa, bb, ab] = [0, 0, 0];
        for (let k = 0; k < p; k++) {
          const [x, y] = [G[a * p + k], G[b * p + k]];
          aa += x * x;
          bb += y * y;
          ab += x * y;
        }
        if (!(Math.abs(ab) > 2 * Number.EPSILON * Math.sqrt(aa) * Math.sqrt(bb)) || Math.abs(ab) < 1e-290) continue;
        settled = false;
        const zeta = (bb - aa) / (2 * ab);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        const s = t * c;
        for (let k = 0; k < p; k++) {
          const [x, y] = [G[a * p + k], G[b * p + k]];
          G[a * p + k] = c * x - s * y;
          G[b * p + k] = s * x + c * y;
          const [v, w] = [J[a * p + k], J[b * p + k]];
          J[a * p + k] = c * v - s * w;
          J[b * p + k] = s * v + c * w;
        }
      }
    if (settled) return;
  }
}
