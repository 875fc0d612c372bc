// Incomplete Cholesky by level of fill, IC(k): an entry of A has level 0, one made by entries of levels a and b has level a + b + 1, and what has a level
// above k is dropped. Meijerink, van der Vorst 1977, "An iterative solution method for linear systems of which the coefficient matrix is a symmetric
// M-matrix", Math. Comp. 31 (IC(0): it exists for M-matrices); Gustafsson 1978; Saad 2003, "Iterative Methods for Sparse Linear Systems", §10.3.3.
//
// Deviation: none in the rule; on breakdown see incomplete-factor.ts.
import { requireKnownOptions, requireNumber } from "../../errors.js";
import type { SparseMatrix } from "../matrix.js";
import { type IncompleteCholesky, incompleteFactor } from "./incomplete-factor.js";

export interface IncompleteLevelOptions {
  /** The highest level that is kept, a whole number ≥ 0 (Infinity: the whole factor). Default 0, the pattern of A. */
  readonly level?: number;
  /** α to begin with, ≥ 0. Default 0. */
  readonly shift?: number;
}

/**
 * L Lᵀ ≈ A + α diag(A) with fill up to a level, as a preconditioner: `{ precondition: M.applyInto }`. A is symmetric (lower triangle); the order of the
 * unknowns is taken as it is.
 * @throws ArgumentError when A isn't a well-formed symmetric matrix with finite values and a positive diagonal, or an option is wrong.
 */
export function incompleteCholesky(A: SparseMatrix, options: IncompleteLevelOptions = {}): IncompleteCholesky {
  const routine = "incompleteCholesky";
  requireKnownOptions(routine, options, ["level", "shift"]);
  const { level: most = 0, shift = 0 } = options;
  requireNumber(routine, "options.level", most, { atLeast: 0, integer: most !== Number.POSITIVE_INFINITY });
  requireNumber(routine, "options.shift", shift, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  return incompleteFactor(routine, A, ({ rows, level }) => rows.filter((i) => level[i] <= most), shift);
}
