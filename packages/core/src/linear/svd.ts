// A = U diag(σ) Vᵀ by one-sided Jacobi rotations after a pivoted QR.
// Hestenes 1958; Drmač, Veselić 2008, "New fast and accurate Jacobi SVD algorithm I": the pivoted R, transposed, is a matrix on which few sweeps
// are needed, and small singular values keep their relative accuracy where the matrix lets them. Chosen for accuracy, not for speed.
import { transposeDense } from "./dense.js";
import { type DenseMatrix, denseMatrix, type Vector } from "./matrix.js";
import { qrApplyQInto, qrEntry, qrFactorize } from "./qr.js";
import { dot, norm2, normInf } from "./vec.js";

export interface Svd {
  /** U, m × k with k = min(m, n). */
  readonly U: DenseMatrix;
  /** σ₁ ≥ … ≥ σ_k ≥ 0. */
  readonly values: Vector;
  /** V, n × k. */
  readonly V: DenseMatrix;
  /** False when the rotations did not settle within 60 sweeps: not seen in practice. */
  readonly converged: boolean;
}

/** The thin singular value decomposition. */
export function svd(A: DenseMatrix): Svd {
  if (A.rows < A.cols) {
    const { U, values, V, converged } = svd(transposeDense(A));
    return { U: V, values, V: U, converged };
  }
  const { rows: m, cols: n } = A;
  // Powers of two scale without rounding, and keep squares in range.
  const size = normInf(A.data);
  const unit = size > 0 && (size > 1e100 || size < 1e-100) ? 2 ** -Math.floor(Math.log2(size)) : 1;
  const scaled = unit === 1 ? A : denseMatrix(m, n, A.data.map((a) => a * unit));
  const F = qrFactorize(scaled, { pivot: true });
  // Rows of G are the rows of R: G's rows are rotated until orthogonal, G = diag(σ) Wᵀ-like. Here R = (rotations)ᵀ · rows.
  const G = denseMatrix(n, n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) G.data[i * n + j] = qrEntry(F, i, j);
  const J = denseMatrix(n, n);
  for (let i = 0; i < n; i++) J.data[i * n + i] = 1;
  const row = (M: DenseMatrix, i: number) => M.data.subarray(i * n, (i + 1) * n);
  let converged = false;
  for (let sweep = 0; sweep < 60 && !converged; sweep++) {
    converged = true;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const x = row(G, p);
        const y = row(G, q);
        const a = dot(x, x);
        const b = dot(y, y);
        const c = dot(x, y);
        if (!(Math.abs(c) > n * Number.EPSILON * Math.sqrt(a * b)) || c === 0) continue;
        converged = false;
        const zeta = (b - a) / (2 * c);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const cosine = 1 / Math.hypot(1, t);
        rotate(x, y, cosine, t * cosine);
        rotate(row(J, p), row(J, q), cosine, t * cosine);
      }
    }
  }
  // J R P = diag(σ) Zᵀ, so A P = Q R = (Q Jᵀ) diag(σ) Zᵀ with Z's columns the normalized rows of G, in the pivoted numbering.
  const norms = Float64Array.from({ length: n }, (_, i) => norm2(row(G, i)));
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => norms[j]! - norms[i]!);
  const U = denseMatrix(m, n);
  const V = denseMatrix(n, n);
  const y = new Float64Array(m);
  order.forEach((i, k) => {
    y.fill(0);
    y.set(row(J, i));
    qrApplyQInto(y, F, y);
    for (let r = 0; r < m; r++) U.data[r * n + k] = y[r]!;
    for (let j = 0; j < n; j++) V.data[F.permutation[j]! * n + k] = norms[i]! === 0 ? 0 : G.data[i * n + j]! / norms[i]!;
  });
  completeBasis(V, order.findIndex((i) => norms[i] === 0));
  return { U, values: Float64Array.from(order, (i) => norms[i]! / unit), V, converged };
}

function rotate(x: Vector, y: Vector, c: number, s: number): void {
  for (let k = 0; k < x.length; k++) {
    const a = x[k]!;
    const b = y[k]!;
    x[k] = c * a - s * b;
    y[k] = s * a + c * b;
  }
}

/** Columns of V from `first` on belong to zero singular values: fills them with any orthonormal complement (Gram–Schmidt, twice). */
function completeBasis(V: DenseMatrix, first: number): void {
  const n = V.cols;
  if (first < 0) return;
  const column = new Float64Array(n);
  for (let k = first, axis = 0; k < n && axis < n; axis++) {
    column.fill(0);
    column[axis] = 1;
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) {
        let along = 0;
        for (let i = 0; i < n; i++) along += V.data[i * n + j]! * column[i]!;
        for (let i = 0; i < n; i++) column[i] = column[i]! - along * V.data[i * n + j]!;
      }
    }
    const length = norm2(column);
    if (length < 0.1 / Math.sqrt(n)) continue;
    for (let i = 0; i < n; i++) V.data[i * n + k] = column[i]! / length;
    k++;
  }
}

/** How many singular values exceed tolerance · σ₁ (default max(m, n) ε). */
export function svdRank({ values, U, V }: Svd, tolerance = Math.max(U.rows, V.rows) * Number.EPSILON): number {
  return values.filter((sigma) => sigma > tolerance * values[0]!).length;
}

/** Writes the x of least norm among the minimizers of ‖A x − b‖₂ into `out` (length n): the pseudo-inverse applied to b. */
export function svdSolveInto(out: Vector, F: Svd, b: Vector, tolerance?: number): Vector {
  const { U, values, V } = F;
  const k = values.length;
  const rank = svdRank(F, tolerance);
  out.fill(0);
  for (let j = 0; j < rank; j++) {
    let along = 0;
    for (let i = 0; i < U.rows; i++) along += U.data[i * k + j]! * b[i]!;
    along /= values[j]!;
    for (let i = 0; i < V.rows; i++) out[i] = out[i]! + along * V.data[i * k + j]!;
  }
  return out;
}
