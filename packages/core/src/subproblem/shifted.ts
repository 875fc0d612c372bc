// A symmetric matrix H prepared once, so that (H + σI) y = b can be solved for many σ: what the trust-region and the
// cubic subproblem, and every further step with a lazy Hessian, live on. Dense: one reduction H = Q T Qᵀ to tridiagonal
// form, then O(n) a shift and O(n²) for Qᵀb and Qy. Sparse: one symbolic analysis, then one LDLᵀ a shift.
import { describe, misuse } from "../errors.js";
import { type Tridiagonal, tridiagonalize, tridiagonalLowestEigenvalue } from "../linear/dense/tridiagonal.js";
import type { DenseMatrix, Matrix, SparseMatrix, Vector } from "../linear/matrix.js";
import { toDenseMatrix } from "../linear/sparse/csc.js";
import { analyze, type Symbolic } from "../linear/sparse/sparse-cholesky.js";

export interface TridiagonalShifted {
  readonly kind: "tridiagonal";
  readonly n: number;
  readonly tridiagonal: Tridiagonal;
  /** λ_min(H), exact to rounding. */
  readonly lowest: number;
  /** An upper bound of |λ| over the spectrum. */
  readonly bound: number;
}

export interface SparseShifted {
  readonly kind: "sparse";
  readonly n: number;
  readonly matrix: SparseMatrix;
  readonly symbolic: Symbolic;
  /** Gershgorin's bounds of the spectrum, and the least diagonal entry (λ_min is not above it). */
  readonly lowerBound: number;
  readonly upperBound: number;
  readonly leastDiagonal: number;
}

export type Shifted = TridiagonalShifted | SparseShifted;

/** A sparse matrix with more than this share of its triangle stored is treated as dense (up to n = 3000). */
const denseShare = 0.2;

/**
 * Prepares H. `previous`, made from a matrix of the same pattern, lends its symbolic analysis.
 * The matrix is not copied when sparse: give one whose values won't change.
 */
export function prepareShifted(H: Matrix, previous?: Shifted | null): Shifted {
  if (H.rows !== H.cols) misuse("prepareShifted", "H", `${H.rows} × ${H.cols}`, "a square matrix");
  if (H.kind === "dense") return prepareDense(H);
  if (H.kind !== "sparse" || !H.symmetric) {
    misuse(
      "prepareShifted",
      "H",
      describe(H),
      "a dense matrix, or a sparse one with `symmetric: true` (lower triangle)",
    );
  }
  const n = H.cols;
  if (n <= 64 || (n <= 3000 && H.values.length > denseShare * 0.5 * n * (n + 1))) return prepareDense(toDenseMatrix(H));
  const symbolic = previous?.kind === "sparse" && previous.n === n ? previous.symbolic : analyze(H);
  return { kind: "sparse", n, matrix: H, symbolic, ...gershgorin(H) };
}

function prepareDense(H: DenseMatrix): TridiagonalShifted {
  const tridiagonal = tridiagonalize(H);
  const { n, diagonal, offDiagonal } = tridiagonal;
  let bound = 0;
  for (let i = 0; i < n; i++) {
    const left = i > 0 ? Math.abs(offDiagonal[i - 1]!) : 0;
    const right = i + 1 < n ? Math.abs(offDiagonal[i]!) : 0;
    bound = Math.max(bound, Math.abs(diagonal[i]!) + left + right);
  }
  return { kind: "tridiagonal", n, tridiagonal, lowest: n === 0 ? 0 : tridiagonalLowestEigenvalue(tridiagonal), bound };
}

function gershgorin(A: SparseMatrix): { lowerBound: number; upperBound: number; leastDiagonal: number } {
  const n = A.cols;
  const diagonal: Vector = new Float64Array(n);
  const radius: Vector = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    for (let p = A.colPointers[j]!; p < A.colPointers[j + 1]!; p++) {
      const i = A.rowIndices[p]!;
      const a = A.values[p]!;
      if (i === j) diagonal[j] = a;
      else {
        radius[i] = radius[i]! + Math.abs(a);
        radius[j] = radius[j]! + Math.abs(a);
      }
    }
  }
  let lowerBound = Number.POSITIVE_INFINITY;
  let upperBound = Number.NEGATIVE_INFINITY;
  let leastDiagonal = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    lowerBound = Math.min(lowerBound, diagonal[i]! - radius[i]!);
    upperBound = Math.max(upperBound, diagonal[i]! + radius[i]!);
    leastDiagonal = Math.min(leastDiagonal, diagonal[i]!);
  }
  return { lowerBound, upperBound, leastDiagonal };
}
