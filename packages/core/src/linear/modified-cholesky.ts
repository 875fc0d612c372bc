// A positive definite matrix near a symmetric indefinite one, in factored form: A + E = Pᵀ L D̃ Lᵀ P, D̃ ≻ 0.
// Cheng, Higham 1998, "A modified Cholesky algorithm based on a symmetric indefinite factorization", SIAM J. Matrix Anal. Appl. 19(4):
// the blocks of a Bunch–Kaufman D get their eigenvalues raised to at least δ. E = 0 when A is positive definite with eigenvalues of D above δ.
import type { DenseMatrix, Vector } from "./matrix.js";
import { normOne } from "./dense.js";
import { blockEigenvalues, type Ldl, ldlFactorize, ldlSolveInto } from "./ldl.js";

export interface ModifiedCholesky {
  /** L and D̃: solve with `modifiedCholeskySolveInto`. */
  readonly factor: Ldl;
  /** The largest amount by which an eigenvalue of a block was raised; 0 when E = 0. */
  readonly raised: number;
}

/** @param delta δ > 0. Default √ε ‖A‖₁, as in the paper (or √ε for A = 0). */
export function modifiedCholesky(A: DenseMatrix, delta = Math.sqrt(Number.EPSILON) * (normOne(A) || 1)): ModifiedCholesky {
  const factor = ldlFactorize(A);
  const { n, d, e } = factor;
  let raised = 0;
  const lift = (lambda: number) => {
    if (lambda >= delta) return lambda;
    raised = Math.max(raised, delta - lambda);
    return delta;
  };
  for (let k = 0; k < n; k++) {
    if (e[k] !== 0 && k + 1 < n) {
      const { values, cosine, sine } = blockEigenvalues(d[k]!, e[k]!, d[k + 1]!);
      const high = lift(values[0]);
      const low = lift(values[1]);
      d[k] = high * cosine * cosine + low * sine * sine;
      d[k + 1] = high * sine * sine + low * cosine * cosine;
      e[k] = (high - low) * cosine * sine;
      k++;
    } else d[k] = lift(d[k]!);
  }
  return { factor, raised };
}

/** out = (A + E)⁻¹ b. `out` may be b. */
export const modifiedCholeskySolveInto = (out: Vector, { factor }: ModifiedCholesky, b: Vector): Vector => ldlSolveInto(out, factor, b);
