import { requireNumber } from "../errors.js";
import { type ConvexSet, requireDimension, requireLengths } from "./set.js";

/**
 * {x ∈ Rⁿ : x ≥ 0, Σ x = total}; P(x) = max(x − τ, 0) with τ from the sorted entries.
 *
 * Held, Wolfe, Crowder 1974, "Validation of subgradient optimization", Math. Programming 6, §5: O(n log n).
 * @param total finite, > 0. Default 1.
 * @throws ArgumentError where n isn't an integer ≥ 1 and the total isn't positive.
 */
export function simplex(n: number, total = 1): ConvexSet {
  requireDimension("simplex", n);
  requireNumber("simplex", "n", n, { atLeast: 1 });
  requireNumber("simplex", "total", total, { above: 0, below: Number.POSITIVE_INFINITY });
  const sorted = new Float64Array(n);
  return {
    kind: "simplex",
    dimension: n,
    projectInto(out, x) {
      requireLengths("simplex", out, x, n);
      sorted.set(x);
      sorted.sort();
      let sum = -total;
      let tau = Number.NEGATIVE_INFINITY;
      for (let k = n - 1, count = 1; k >= 0; k--, count++) {
        sum += sorted[k]!;
        tau = sum / count;
        if (k === 0 || sorted[k - 1]! <= tau) break;
      }
      for (let i = 0; i < n; i++) out[i] = Math.max(0, x[i]! - tau);
      return out;
    },
  };
}
