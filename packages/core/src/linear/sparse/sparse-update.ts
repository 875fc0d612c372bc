// The factor L D Lᵀ of A + σI turned into that of A + σI ± w wᵀ, in place, along one path of the elimination tree.
//
// Davis, Hager 1999, "Modifying a sparse Cholesky factorization", SIAM J. Matrix Anal. Appl. 20(3): only columns on the path from w's first row to the root
// change, §4; the numbers by method C1 of Gill, Golub, Murray, Saunders 1974, "Methods for modifying matrix factorizations", Math. Comp. 28.
//
// Deviations:
// 1. The pattern of L stays: that of w must lie in it (see `sparseUpdate`), as w = √c e, or that of a column or an element of A, does.
// 2. Columns are those of the panels of supernodes; zeros stored there may be filled.
// 3. Before a downdate wᵀA⁻¹w is found by substitution along the path, so that one that would leave the matrix indefinite changes nothing.
import { misuse, requireFiniteVector } from "../../errors.js";
import type { Vector } from "../matrix.js";
import type { SparseFactor } from "./sparse-cholesky.js";

export interface SparseUpdate {
  /** "done"; "pattern": w has an entry outside the pattern of L; "indefinite": A + σI − w wᵀ isn't (safely) positive definite. The last two change nothing. */
  readonly outcome: "done" | "pattern" | "indefinite";
  /** The variable (original numbering) outside the pattern; −1 otherwise. */
  readonly variable: number;
}

/**
 * F becomes the factor of A + σI + w wᵀ (`sign` 1) or A + σI − w wᵀ (`sign` −1); w has the original numbering. The rows of w must be among those of the
 * column of L that belongs to the first of them in the order of elimination: so it is when they are neighbours of each other in the graph of A.
 * @throws ArgumentError when the factor failed or is indefinite, w has another length or isn't finite, or `sign` isn't ±1.
 */
export function sparseUpdate(F: SparseFactor, w: Vector, sign: 1 | -1 = 1): SparseUpdate {
  const routine = "sparseUpdate";
  const { n, inverse, permutation } = F.symbolic;
  if (F.failedAt >= 0 || F.negative > 0)
    misuse(routine, "factor", "failed or indefinite", "one of a positive definite matrix");
  requireFiniteVector(routine, "w", w, n);
  if (sign !== 1 && sign !== -1) misuse(routine, "sign", String(sign), "1 or -1");
  const y = new Float64Array(n);
  let first = n;
  for (let i = 0; i < n; i++) {
    if (w[i] === 0) continue;
    y[inverse[i]] = w[i];
    first = Math.min(first, inverse[i]);
  }
  if (first === n) return { outcome: "done", variable: -1 };
  const outside = firstOutside(F, y, first);
  if (outside !== -1) return { outcome: "pattern", variable: permutation[outside] };
  // α = ±1 at the start, and ± (1 ± pᵀD⁻¹p)⁻¹ of the columns passed.
  if (sign === -1 && !(1 - walk(F, y.slice(), first, 0) > 4 * n * Number.EPSILON))
    return { outcome: "indefinite", variable: -1 };
  walk(F, y, first, sign);
  let most = 0;
  for (let i = 0; i < n; i++) most = Math.max(most, w[i] * w[i]);
  if (sign === 1) F.growth += most;
  return { outcome: "done", variable: -1 };
}

/** The first row in which y has an entry that the panel of column `first` lacks; −1 for none. */
function firstOutside(F: SparseFactor, y: Vector, first: number): number {
  const { n, supernodes, supernodeOf, rowPointers, rowIndices } = F.symbolic;
  const s = supernodeOf[first];
  let q = rowPointers[s];
  for (let k = supernodes[s + 1]; k < n; k++) {
    const inside = q < rowPointers[s + 1] && rowIndices[q] === k;
    if (inside) q++;
    else if (y[k] !== 0) return k;
  }
  return -1;
}

/** With α = 0: answers Σ pₖ²/dₖ, L p = y, and changes y only. With α = ±1: modifies L and D too. */
function walk(F: SparseFactor, y: Vector, from: number, alpha: number): number {
  const { values, d, symbolic } = F;
  const { supernodes, supernodeOf, superParent, rowPointers, rowIndices, panels } = symbolic;
  let sum = 0;
  let a = alpha;
  for (let s = supernodeOf[from]; s !== -1; s = superParent[s]) {
    const begin = supernodes[s];
    const width = supernodes[s + 1] - begin;
    const below = rowPointers[s];
    const size = width + rowPointers[s + 1] - below;
    for (let k = Math.max(0, from - begin); k < width; k++) {
      const p = y[begin + k];
      if (p === 0) continue;
      const old = d[begin + k];
      sum += (p / old) * p;
      let beta = 0;
      if (alpha !== 0) {
        const pivot = old + a * p * p;
        beta = (a * p) / pivot;
        a *= old / pivot;
        d[begin + k] = pivot;
      }
      for (let i = k + 1; i < size; i++) {
        const at = panels[s] + i * width + k;
        const row = i < width ? begin + i : rowIndices[below + i - width];
        y[row] -= p * values[at];
        if (alpha !== 0) values[at] += beta * y[row];
      }
    }
  }
  return sum;
}
