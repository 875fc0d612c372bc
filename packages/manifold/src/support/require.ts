// Checks of arguments that several manifolds share.
import { misuse, requireNumber } from "@hessia/core";

/** A size ≥ 1 (or another least size). Throws ArgumentError. */
export const requireSize = (routine: string, argument: string, value: number, atLeast = 1): void =>
  requireNumber(routine, argument, value, { atLeast, atMost: 1e8, integer: true });

/** p ≤ n. Throws ArgumentError. */
export function requireColumns(routine: string, n: number, p: number): void {
  requireSize(routine, "n", n);
  requireSize(routine, "p", p);
  if (p > n)
    misuse(routine, "p", `${p}, larger than n = ${n}`, "p <= n: there are no more than n orthonormal columns in ℝⁿ");
}
