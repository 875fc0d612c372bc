// A = U diag(σ) Vᵀ by one-sided Jacobi rotations after a pivoted QR.
//
// Hestenes 1958; Drmač, Veselić 2008, "New fast and accurate Jacobi SVD algorithm I", SIAM J. Matrix Anal. Appl. 29(4): R of
// the pivoted QR is a matrix on whose rows few sweeps are needed, and small singular values keep their relative accuracy where
// the matrix lets them (A = B diag(d) with B well conditioned).
//
// Deviations:
// 1. Pairs are taken block by block, in a fixed order; squared norms are carried through a sweep and computed anew for each.
// 2. A matrix of extreme size is scaled by a power of two first, and singular values below about 1e-120 of the largest are
//    taken as zero, so that no product of two rows underflows.

import { misuse, requireNumber } from "../../errors.js";
import { type DenseInput, toDense } from "../../interop/dense.js";
import { type DenseMatrix, denseMatrix, type Vector } from "../matrix.js";
import { axpyAt, dotAt, norm2, normInf, powerOfTwoScale } from "../vec.js";
import { blockSize, denseBackend } from "./backend.js";
import { requireFiniteMatrix, transposeDense } from "./dense.js";
import { type Qr, qrApplyQInto, qrFactorize, qrUpper } from "./qr.js";

export interface Svd {
  readonly kind: "svd";
  /** U, m × k with k = min(m, n). */
  readonly U: DenseMatrix;
  /** σ₁ ≥ … ≥ σ_k ≥ 0. */
  readonly values: Vector;
  /** V, n × k. */
  readonly V: DenseMatrix;
  /** False when the rotations did not settle within 60 sweeps: not seen in practice. */
  readonly converged: boolean;
}

const sweepLimit = 60;

/**
 * The thin singular value decomposition of an m × n matrix.
 * @throws ArgumentError when A isn't finite.
 */
export function svd(matrix: DenseInput): Svd {
  const A = toDense(matrix, "svd", "A");
  requireFiniteMatrix("svd", "A", A);
  if (A.rows < A.cols) {
    const { kind, U, values, V, converged } = svd(transposeDense(A));
    return { kind, U: V, values, V: U, converged };
  }
  const { rows: m, cols: n } = A;
  const { F, G, unit } = reduce(A);
  const J = new Float64Array(n * n);
  for (let i = 0; i < n; i++) J[i * n + i] = 1;
  const converged = orthogonalizeRows(G, n, J);
  // J R = G = diag(σ) Zᵀ, so A P = Q R = (Q Jᵀ) diag(σ) Zᵀ.
  const norms = rowNorms(G, n);
  const order = Array.from(norms.keys()).sort((i, j) => norms[j] - norms[i]);
  // By rows: Uᵀ and Vᵀ.
  const Ut = denseMatrix(n, m);
  const Vt = denseMatrix(n, n);
  order.forEach((i, k) => {
    const u = Ut.data.subarray(k * m, (k + 1) * m);
    u.set(J.subarray(i * n, (i + 1) * n));
    qrApplyQInto(u, F, u);
    if (norms[i] > 0) for (let j = 0; j < n; j++) Vt.data[k * n + F.permutation[j]] = G[i * n + j] / norms[i];
  });
  completeRows(Vt.data, n, norms.filter((size) => size > 0).length);
  return {
    kind: "svd",
    U: transposeDense(Ut),
    values: Float64Array.from(order, (i) => norms[i] / unit),
    V: transposeDense(Vt),
    converged,
  };
}

/**
 * The singular values alone, falling.
 * @throws ArgumentError when A isn't finite.
 */
export function singularValues(matrix: DenseInput): Vector {
  const A = toDense(matrix, "singularValues", "A");
  requireFiniteMatrix("singularValues", "A", A);
  const { G, unit } = reduce(A.rows < A.cols ? transposeDense(A) : A);
  const n = Math.min(A.rows, A.cols);
  orthogonalizeRows(G, n, undefined);
  return rowNorms(G, n)
    .map((size) => size / unit)
    .sort((a, b) => b - a);
}

/** The pivoted QR of unit · A, and its R (n × n) for the rotations. */
function reduce({ rows, cols, data }: DenseMatrix): { F: Qr; G: Vector; unit: number } {
  const size = normInf(data);
  const unit = size > 1e100 || (size > 0 && size < 1e-100) ? powerOfTwoScale(size) : 1;
  const F = qrFactorize(denseMatrix(rows, cols, unit === 1 ? data : data.map((a) => a * unit)), { pivot: true });
  return { F, G: qrUpper(F).data, unit };
}

const rowNorms = (G: Vector, n: number) =>
  Float64Array.from({ length: n }, (_, i) => norm2(G.subarray(i * n, (i + 1) * n)));

/** Rotates pairs of rows of G (n × n) until all are orthogonal to n ε, and the rows of J with them. */
function orthogonalizeRows(G: Vector, n: number, J: Vector | undefined): boolean {
  const backend = denseBackend();
  const size = n * n;
  const squares = J === undefined ? size : 2 * size;
  // All in one allocation, so that the kernels work in place.
  const memory = n <= blockSize ? new Float64Array(squares + n) : backend.allocate(squares + n);
  memory.set(G);
  if (J !== undefined) memory.set(J, size);
  let converged = false;
  for (let sweep = 0; sweep < sweepLimit && !converged; sweep++) {
    for (let i = 0; i < n; i++) {
      let square = dotAt(memory, i * n, memory, i * n, n);
      if (square < 1e-240) {
        square = 0;
        memory.fill(0, i * n, (i + 1) * n);
      }
      memory[squares + i] = square;
    }
    converged = backend.jacobiSweep(n, memory, 0, J === undefined ? -1 : size, squares, n * Number.EPSILON) === 0;
  }
  G.set(memory.subarray(0, size));
  J?.set(memory.subarray(size, 2 * size));
  if (n > blockSize) backend.release(memory);
  return converged;
}

/** Rows of Vt from `first` on belong to zero singular values: any orthonormal complement will do (Gram-Schmidt, twice). */
function completeRows(Vt: Vector, n: number, first: number): void {
  for (let k = first, axis = 0; k < n && axis < n; axis++) {
    const row = Vt.subarray(k * n, (k + 1) * n).fill(0);
    row[axis] = 1;
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) axpyAt(row, 0, -dotAt(Vt, j * n, row, 0, n), Vt, j * n, n);
    }
    const length = norm2(row);
    // The squares of the axes' distances from the rows so far sum to n − k, so that some axis passes.
    if (length < 0.1 / Math.sqrt(n)) continue;
    for (let i = 0; i < n; i++) row[i] /= length;
    k++;
  }
}

/** How many singular values exceed tolerance · σ₁. @param tolerance in [0, 1]. Default max(m, n) ε. */
export function svdRank(
  { values, U, V }: Svd,
  tolerance = Math.min(1, Math.max(U.rows, V.rows) * Number.EPSILON),
): number {
  requireNumber("svdRank", "tolerance", tolerance, { atLeast: 0, atMost: 1 });
  return values.filter((sigma) => sigma > tolerance * values[0]).length;
}

/**
 * Writes the x of least norm among the minimizers of ‖A x − b‖₂ into `out` (length n): the pseudo-inverse applied to b.
 * Singular values up to tolerance · σ₁ count as zero (see {@link svdRank}). `out` may be b.
 * @throws ArgumentError when a length doesn't fit.
 */
export function svdSolveInto(out: Vector, F: Svd, b: Vector, tolerance?: number): Vector {
  const { U, values, V } = F;
  const k = values.length;
  if (b.length !== U.rows) misuse("svdSolveInto", "b", `of length ${b.length}`, `length ${U.rows}, the rows of A`);
  if (out.length !== V.rows)
    misuse("svdSolveInto", "out", `of length ${out.length}`, `length ${V.rows}, the columns of A`);
  const rank = svdRank(F, tolerance);
  const y = new Float64Array(k);
  for (let i = 0; i < U.rows; i++) axpyAt(y, 0, b[i], U.data, i * k, k);
  for (let j = 0; j < k; j++) y[j] = j < rank ? y[j] / values[j] : 0;
  for (let i = 0; i < V.rows; i++) out[i] = dotAt(V.data, i * k, y, 0, k);
  return out;
}
