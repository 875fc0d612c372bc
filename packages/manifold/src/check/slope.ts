// The order of an error that shrinks with a step: regression on a log-log grid, over the best decade that stands clear of rounding.
import type { DerivativeCheck, SlopeRow } from "@hessia/core";

/** 10⁰, 10^−0.25, …, 10⁻⁷. */
export const stepGrid: readonly number[] = Array.from({ length: 29 }, (_, i) => 10 ** (-i / 4));

/**
 * Two decades at the small end that are straight and of an order lower than expected by 0.75 or more say "wrong"; a decade of order ≥ expected − 0.2 says "right". An error that is
 * rounding everywhere counts as right, with slope Infinity.
 */
export function judgeSlope(rows: readonly SlopeRow[], expectedSlope: number): DerivativeCheck {
  const finite = rows.filter((row) => Number.isFinite(row.error));
  const clear = finite.filter((row) => row.error > 20 * row.rounding);
  if (finite.length >= 5 && clear.length === 0)
    return { verdict: "right", slope: Number.POSITIVE_INFINITY, expectedSlope, rows };
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i + 5 <= clear.length; i++) best = Math.max(best, regression(clear.slice(i, i + 5)));
  const tail = clear.slice(-8);
  if (tail.length === 8) {
    const slope = regression(tail);
    const straight = Math.abs(regression(tail.slice(0, 4)) - regression(tail.slice(4))) < 0.3;
    if (straight && slope < expectedSlope - 0.75) return { verdict: "wrong", slope, expectedSlope, rows };
  }
  return { verdict: best >= expectedSlope - 0.2 ? "right" : "unclear", slope: best, expectedSlope, rows };
}

function regression(rows: readonly SlopeRow[]): number {
  const mean = (f: (row: SlopeRow) => number) => rows.reduce((sum, row) => sum + f(row), 0) / rows.length;
  const x = mean((row) => Math.log10(row.step));
  const y = mean((row) => Math.log10(row.error));
  const xy = mean((row) => (Math.log10(row.step) - x) * (Math.log10(row.error) - y));
  return xy / mean((row) => (Math.log10(row.step) - x) ** 2);
}
