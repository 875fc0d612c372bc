// Incomplete Cholesky by threshold: of column j of L those entries are kept that aren't small beside column j of A, and of those the largest.
// Saad 1994, "ILUT: a dual threshold incomplete LU factorization", Numer. Linear Algebra Appl. 1(4), for the two rules; Lin, Moré 1999, "Incomplete
// Cholesky factorizations with limited memory", SIAM J. Sci. Comput. 21(1), for columns of a symmetric matrix.
//
// Deviation: none in the rules; on breakdown see incomplete-factor.ts.
import { requireKnownOptions, requireNumber } from "../../errors.js";
import type { SparseMatrix } from "../matrix.js";
import { type IncompleteCholesky, incompleteFactor } from "./incomplete-factor.js";

export interface IncompleteThresholdOptions {
  /** τ ≥ 0: entries below τ ‖A's column on and below the diagonal‖₂ are dropped. Default 1e-3; 0 drops zeros only. */
  readonly tolerance?: number;
  /** Most entries below the diagonal of a column, ≥ 0. Default Infinity. */
  readonly perColumn?: number;
  /** α to begin with, ≥ 0. Default 0. */
  readonly shift?: number;
}

/**
 * L Lᵀ ≈ A + α diag(A) with fill by size, as a preconditioner: `{ precondition: M.applyInto }`. A is symmetric (lower triangle); the order of the
 * unknowns is taken as it is.
 * @throws ArgumentError when A isn't a well-formed symmetric matrix with finite values and a positive diagonal, or an option is wrong.
 */
export function thresholdCholesky(A: SparseMatrix, options: IncompleteThresholdOptions = {}): IncompleteCholesky {
  const routine = "thresholdCholesky";
  requireKnownOptions(routine, options, ["tolerance", "perColumn", "shift"]);
  const { tolerance = 1e-3, perColumn = Number.POSITIVE_INFINITY, shift = 0 } = options;
  requireNumber(routine, "options.tolerance", tolerance, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.perColumn", perColumn, { atLeast: 0 });
  requireNumber(routine, "options.shift", shift, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  return incompleteFactor(
    routine,
    A,
    ({ rows, w, norm }) => {
      const large = rows.filter((i) => w[i] !== 0 && Math.abs(w[i]) >= tolerance * norm);
      if (large.length <= perColumn) return large;
      return large.sort((a, b) => Math.abs(w[b]) - Math.abs(w[a]) || a - b).slice(0, perColumn);
    },
    shift,
  );
}
