// A positive definite matrix near a symmetric indefinite one, in factored form: P (A + E) Pᵀ = L D̃ Lᵀ, D̃ ≻ 0.
//
// Cheng, Higham 1998, "A modified Cholesky algorithm based on a symmetric indefinite factorization", SIAM J. Matrix Anal.
// Appl. 19(4): the blocks of a bounded Bunch-Kaufman D get their eigenvalues raised to at least δ. E = 0 when A is positive
// definite with the eigenvalues of D at δ or above. See schnabel-eskow.ts for the one that adds to the diagonal only.

import { requireNumber } from "../../errors.js";
import { type DenseInput, toDense } from "../../interop/dense.js";
import type { DenseMatrix, Vector } from "../matrix.js";
import { requireFiniteMatrix, requireSquare } from "./dense.js";
import { blockEigenvalues, type Ldl, ldlFactorize, ldlSolveInto } from "./ldl.js";

export interface ModifiedCholesky {
  readonly kind: "modified-cholesky";
  /** L and D̃: solve with `modifiedCholeskySolveInto`. */
  readonly factor: Ldl;
  /** ‖D̃ − D‖₂, the largest amount by which an eigenvalue of D was raised; 0 when E = 0. */
  readonly raised: number;
  /** How many eigenvalues of D were raised. */
  readonly count: number;
}

/**
 * Factors A + E, reading the lower triangle of A: n³/3 operations.
 * @param raiseTo δ > 0. Default √ε ‖A‖₁, as in the paper (√ε for A = 0).
 * @throws ArgumentError when A isn't square, its lower triangle isn't finite or δ isn't a positive number.
 */
export function modifiedCholesky(matrix: DenseInput, raiseTo?: number): ModifiedCholesky {
  const A = toDense(matrix, "modifiedCholesky", "A");
  requireSquare("modifiedCholesky", "A", A);
  requireFiniteMatrix("modifiedCholesky", "A", A, { lower: true });
  const delta = raiseTo ?? defaultDelta(A);
  requireNumber("modifiedCholesky", "raiseTo", delta, { above: 0, atMost: Number.MAX_VALUE });
  const factor = ldlFactorize(A, { pivoting: "rook" });
  const { n, d, e } = factor;
  let raised = 0;
  let count = 0;
  const lift = (lambda: number) => {
    if (lambda >= delta) return lambda;
    raised = Math.max(raised, delta - lambda);
    count++;
    return delta;
  };
  for (let k = 0; k < n; k++) {
    if (e[k] !== 0) {
      const { values, cosine, sine } = blockEigenvalues(d[k], e[k], d[k + 1]);
      const high = lift(values[0]);
      const low = lift(values[1]);
      d[k] = high * cosine * cosine + low * sine * sine;
      d[k + 1] = high * sine * sine + low * cosine * cosine;
      e[k] = (high - low) * cosine * sine;
      k++;
    } else d[k] = lift(d[k]);
  }
  return { kind: "modified-cholesky", factor, raised, count };
}

/** √ε ‖A‖₁, from the lower triangle; at least the smallest normal number. */
function defaultDelta({ rows: n, cols, data }: DenseMatrix): number {
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i && j < cols; j++) {
      const size = Math.abs(data[i * cols + j]);
      sums[i] += size;
      if (j < i) sums[j] += size;
    }
  }
  const norm = sums.reduce((max, sum) => Math.max(max, sum), 0);
  return Math.max(Math.sqrt(Number.EPSILON) * (norm || 1), 2 ** -1022);
}

/** out ← (A + E)⁻¹ b. `out` may be b. */
export function modifiedCholeskySolveInto(out: Vector, { factor }: ModifiedCholesky, b: Vector): Vector {
  return ldlSolveInto(out, factor, b);
}
