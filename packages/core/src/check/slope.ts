// The slope test shared by the derivative checks: the error of a Taylor model on a grid of steps, its order on a log-log scale.
import { misuse, requireFiniteVector } from "../errors.js";
import { norm2 } from "../linear/vec.js";

/** One row of the table: a step h, the model's error E(h), and the rounding error below which E(h) says nothing. */
export interface SlopeRow {
  readonly step: number;
  readonly error: number;
  readonly rounding: number;
}

export interface DerivativeCheck {
  /** "right", "wrong", or "unclear" where too few points stand clear of rounding and of f's domain. */
  readonly verdict: "right" | "wrong" | "unclear";
  /** The order fitted; Infinity when the model is exact to rounding. */
  readonly slope: number;
  readonly expectedSlope: number;
  readonly rows: readonly SlopeRow[];
}

/** h = 10⁰, 10^−0.25, …, 10⁻⁸, relative to the size of x. */
export const stepGrid: readonly number[] = Array.from({ length: 33 }, (_, i) => 10 ** (-i / 4));

/** The given direction, checked, or a fixed dense one; of unit length. */
export function checkDirection(routine: string, n: number, direction?: ArrayLike<number>): Float64Array {
  const d = new Float64Array(n);
  if (direction === undefined) for (let i = 0; i < n; i++) d[i] = Math.cos(1 + i) + (i % 3 === 0 ? 0.5 : -0.25);
  else {
    if (direction.length !== n) misuse(routine, "direction", `of length ${direction.length}`, `length ${n}`);
    for (let i = 0; i < n; i++) d[i] = direction[i]!;
    requireFiniteVector(routine, "direction", d);
  }
  const length = norm2(d);
  if (n > 0 && length === 0) misuse(routine, "direction", "zero", "a direction of non-zero length");
  for (let i = 0; i < n; i++) d[i] = d[i]! / length;
  return d;
}

/**
 * Fits the order of E(h), on rows that stand clear of rounding. A wrong derivative leaves an error of one order less that
 * dominates for small h: two decades of it at the small end (a straight line of slope expected − 1) say "wrong". Else the best
 * decade counts, and a slope of at least expected − 0.2 says "right".
 */
export function fitSlope(rows: readonly SlopeRow[], expectedSlope: number): DerivativeCheck {
  const finite = rows.filter((row) => Number.isFinite(row.error));
  const clear = finite.filter((row) => row.error > 20 * row.rounding);
  if (finite.length >= 5 && clear.length === 0) {
    return { verdict: "right", slope: Number.POSITIVE_INFINITY, expectedSlope, rows };
  }
  if (clear.length >= 8) {
    const tail = clear.slice(-8);
    const slope = regression(tail);
    const straight = Math.abs(regression(tail.slice(0, 4)) - regression(tail.slice(4))) < 0.3;
    if (straight && slope < expectedSlope - 0.75) return { verdict: "wrong", slope, expectedSlope, rows };
  }
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i + 5 <= clear.length; i++) best = Math.max(best, regression(clear.slice(i, i + 5)));
  return { verdict: best >= expectedSlope - 0.2 ? "right" : "unclear", slope: best, expectedSlope, rows };
}

function regression(rows: readonly SlopeRow[]): number {
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (const { step, error } of rows) {
    const x = Math.log10(step);
    const y = Math.log10(error);
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  return (rows.length * sxy - sx * sy) / (rows.length * sxx - sx * sx);
}
