import { misuse, requireNumber } from "../errors.js";
import { type ConvexSet, numbers, requireDimension, requireLengths } from "./set.js";

/**
 * {x : l ≤ x ≤ u}, P(x)ᵢ = min(max(xᵢ, lᵢ), uᵢ).
 * @param lower l, n numbers, −Infinity where there is no bound.
 * @param upper u ≥ l, n numbers, Infinity where there is none.
 * @throws ArgumentError on NaN, on different lengths, where l > u, where l is Infinity or u is −Infinity.
 */
export function box(lower: ArrayLike<number>, upper: ArrayLike<number>): ConvexSet {
  const l = numbers("box", "lower", lower, true);
  const u = numbers("box", "upper", upper, true);
  const n = l.length;
  if (u.length !== n) misuse("box", "upper", `of length ${u.length}`, `length ${n}, that of lower`);
  for (let i = 0; i < n; i++) {
    if (l[i]! > u[i]!) misuse("box", "lower", `${l[i]} > upper = ${u[i]} at index ${i}`, "lower <= upper");
    if (l[i] === Number.POSITIVE_INFINITY || u[i] === Number.NEGATIVE_INFINITY)
      misuse("box", "lower and upper", `${l[i]} and ${u[i]} at index ${i}`, "a set that isn't empty");
  }
  return {
    kind: "box",
    dimension: n,
    projectInto(out, x) {
      requireLengths("box", out, x, n);
      for (let i = 0; i < n; i++) out[i] = Math.min(Math.max(x[i]!, l[i]!), u[i]!);
      return out;
    },
  };
}

/** {x ∈ Rⁿ : x ≥ least}. Default least 0. */
export function nonnegative(n: number, least = 0): ConvexSet {
  requireDimension("nonnegative", n);
  requireNumber("nonnegative", "least", least, {});
  return box(new Float64Array(n).fill(least), new Float64Array(n).fill(Number.POSITIVE_INFINITY));
}
