// What the pivots of a sparse factor say: the determinant, and whether the matrix was positive definite, with the column that says not.
import { misuse } from "../../errors.js";
import type { SparseFactor } from "./sparse-cholesky.js";
import type { SparseLdl } from "./sparse-ldl.js";

/** det = sign · exp(logAbs): sign 0 and logAbs −∞ for a singular matrix. */
export interface SparseDeterminant {
  readonly sign: -1 | 0 | 1;
  readonly logAbs: number;
}

/**
 * The determinant of A + σI as a sign and a logarithm, from either sparse factorization: Σ log |dₖ|, with blocks of order 2 by their determinants.
 * @throws ArgumentError when the factorization failed.
 */
export function sparseDeterminant(F: SparseFactor | SparseLdl): SparseDeterminant {
  const e = "e" in F ? F.e : undefined;
  if ("failedAt" in F && F.failedAt >= 0)
    misuse("sparseDeterminant", "factor", `one that failed at variable ${F.failedAt}`, "one that succeeded");
  if ("zero" in F && F.zero > 0) return { sign: 0, logAbs: Number.NEGATIVE_INFINITY };
  let logAbs = 0;
  for (let k = 0; k < F.d.length; k++) {
    const off = e === undefined ? 0 : e[k];
    if (off === 0) logAbs += Math.log(Math.abs(F.d[k]));
    else {
      logAbs += 2 * Math.log(Math.abs(off)) + Math.log(Math.abs((F.d[k] / off) * (F.d[k + 1] / off) - 1));
      k++;
    }
  }
  return { sign: F.negative % 2 === 0 ? 1 : -1, logAbs };
}

/**
 * Answers the factor if the matrix was positive definite.
 * @throws ArgumentError that names the column and its pivot if it wasn't; `routine` and `argument` are those of the caller.
 */
export function requirePositiveDefinite(
  F: SparseFactor,
  routine = "requirePositiveDefinite",
  argument = "A",
): SparseFactor {
  if (F.failedAt < 0 && F.negative === 0) return F;
  if (F.failedAt < 0)
    misuse(routine, argument, `indefinite, with ${F.negative} negative eigenvalues`, "positive definite");
  const pivot = Number.isNaN(F.failedPivot) ? "no number" : String(F.failedPivot);
  const place = F.symbolic.inverse[F.failedAt];
  return misuse(
    routine,
    argument,
    `not positive definite: the pivot of column ${F.failedAt} (eliminated as number ${place}) is ${pivot}`,
    "a positive definite matrix",
    "Likely: (a) the matrix is indefinite or singular (try `shift`, `sparseLdlFactorize`), (b) a value isn't finite, (c) a sign or a missing diagonal entry.",
  );
}
