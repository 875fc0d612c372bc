// Symmetric positive definite systems.
//
//   A = L Lᵀ                      choleskyFactorize
//   Pᵀ A P ≈ L Lᵀ, L n × rank     pivotedCholesky, for a semidefinite A
//
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), Algorithm 4.2.1, by recursion on halves;
// Higham, "Accuracy and Stability of Numerical Algorithms" (2nd ed., 2002), §10.3, complete pivoting.
//
// Deviations:
// 1. Only rows meet rows: L is row-major, and every inner loop is a product of stretches of rows.
// 2. The pivoted form is left-looking too: it never changes A and reads only the columns it needs, n·rank² operations.

import { misuse, requireKnownOptions, requireNumber } from "../../errors.js";
import { type DenseInput, toDense } from "../../interop/dense.js";
import type { Vector } from "../matrix.js";
import { copyInto, dotAt } from "../vec.js";
import { blockSize, denseBackend } from "./backend.js";
import { choleskyInPlace } from "./blocked.js";
import { requireSquare } from "./dense.js";
import { solveLowerInPlace, solveLowerTransposeInPlace } from "./triangular.js";

/** A = L Lᵀ as plain data. */
export interface Cholesky {
  readonly kind: "cholesky";
  readonly n: number;
  /** Row-major n × n; zero above the diagonal. */
  readonly L: Vector;
  /** −1, or the first column whose pivot wasn't a positive finite number: then A isn't positive definite and L is of no use. */
  readonly failedAt: number;
}

/**
 * Factors a symmetric matrix, reading its lower triangle only: n³/3 operations. A matrix that isn't positive definite to
 * rounding (or holds NaN or Infinity) is reported by `failedAt`.
 * @param options.into an earlier factor of the same size whose memory is used again.
 * @throws ArgumentError when A isn't square or `into` has another size.
 */
export function choleskyFactorize(
  matrix: DenseInput,
  options: { readonly into?: Cholesky | undefined } = {},
): Cholesky {
  const A = toDense(matrix, "choleskyFactorize", "A");
  requireSquare("choleskyFactorize", "A", A);
  requireKnownOptions("choleskyFactorize", options, ["into"]);
  const n = A.rows;
  const { into } = options;
  if (into !== undefined && into.n !== n)
    misuse("choleskyFactorize", "options.into", `of size ${into.n}`, `a factor of size ${n}`);
  const L = into === undefined ? new Float64Array(n * n) : into.L;
  const backend = denseBackend();
  const inPlace = n <= blockSize;
  const work = inPlace ? L : backend.allocate(n * n);
  for (let i = 0; i < n; i++) work.set(A.data.subarray(i * n, i * n + i + 1), i * n);
  const failedAt = choleskyInPlace(backend, n, work, 0, n);
  if (!inPlace) {
    for (let i = 0; i < n; i++) L.set(work.subarray(i * n, i * n + i + 1), i * n);
    backend.release(work);
  }
  if (into !== undefined) for (let i = 0; i < n; i++) L.fill(0, i * n + i + 1, (i + 1) * n);
  return { kind: "cholesky", n, L, failedAt };
}

/**
 * out ← A⁻¹ b, 2n² operations. `out` may be b.
 * @throws ArgumentError when the factorization failed or a length doesn't fit.
 */
export function choleskySolveInto(out: Vector, F: Cholesky, b: Vector): Vector {
  const { n, L, failedAt } = F;
  if (failedAt >= 0)
    misuse("choleskySolveInto", "F", `a factorization that failed at column ${failedAt}`, "one with failedAt = −1");
  if (b.length !== n) misuse("choleskySolveInto", "b", `of length ${b.length}`, `length ${n}`);
  if (out.length !== n) misuse("choleskySolveInto", "out", `of length ${out.length}`, `length ${n}`);
  copyInto(out, b);
  solveLowerInPlace(out, L, n, n);
  solveLowerTransposeInPlace(out, L, n, n);
  return out;
}

/** log det A = 2 Σ log L_ii; NaN when the factorization failed. */
export function logDeterminant({ n, L, failedAt }: Cholesky): number {
  if (failedAt >= 0) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(L[i * n + i]);
  return 2 * sum;
}

/** A[permutation[i], permutation[j]] ≈ (L Lᵀ)[i, j] as plain data. */
export interface PivotedCholesky {
  readonly kind: "pivoted-cholesky";
  readonly n: number;
  /** Steps taken before the largest remaining diagonal entry fell to the tolerance. */
  readonly rank: number;
  /** Row-major n × n, lower triangular; columns from `rank` on are zero. */
  readonly L: Vector;
  readonly permutation: Int32Array;
  /** The trace of what is left, A − L Lᵀ: for a semidefinite A a bound of its every norm. */
  readonly residual: number;
}

/**
 * Factors a positive semidefinite matrix with complete pivoting, reading its lower triangle only.
 * @param options.tolerance relative to the largest diagonal entry, in [0, 1]. Default n·2⁻⁵², as in LAPACK's dpstrf.
 * @throws ArgumentError when A isn't square or the tolerance is out of range.
 */
export function pivotedCholesky(matrix: DenseInput, options: { readonly tolerance?: number } = {}): PivotedCholesky {
  const A = toDense(matrix, "pivotedCholesky", "A");
  requireSquare("pivotedCholesky", "A", A);
  requireKnownOptions("pivotedCholesky", options, ["tolerance"]);
  const n = A.rows;
  const { tolerance = Math.min(1, n * Number.EPSILON) } = options;
  requireNumber("pivotedCholesky", "options.tolerance", tolerance, { atLeast: 0, atMost: 1 });
  const L = new Float64Array(n * n);
  const permutation = Int32Array.from({ length: n }, (_, i) => i);
  const rest = Float64Array.from({ length: n }, (_, i) => A.data[i * n + i]);
  let floor = 0;
  let rank = 0;
  for (; rank < n; rank++) {
    const k = rank;
    let best = k;
    for (let i = k + 1; i < n; i++) if (rest[i] > rest[best]) best = i;
    if (k === 0) floor = tolerance * rest[best];
    if (!(rest[best] > floor)) break;
    if (best !== k) {
      [rest[k], rest[best]] = [rest[best], rest[k]];
      [permutation[k], permutation[best]] = [permutation[best], permutation[k]];
      for (let j = 0; j < k; j++) {
        const t = L[k * n + j];
        L[k * n + j] = L[best * n + j];
        L[best * n + j] = t;
      }
    }
    const pivot = Math.sqrt(rest[k]);
    const column = permutation[k];
    L[k * n + k] = pivot;
    for (let i = k + 1; i < n; i++) {
      const row = permutation[i];
      const a = A.data[row > column ? row * n + column : column * n + row];
      const l = (a - dotAt(L, i * n, L, k * n, k)) / pivot;
      L[i * n + k] = l;
      rest[i] -= l * l;
    }
  }
  let residual = 0;
  for (let i = rank; i < n; i++) residual += Math.max(0, rest[i]);
  return { kind: "pivoted-cholesky", n, rank, L, permutation, residual };
}
