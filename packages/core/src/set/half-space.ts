import { misuse, requireNumber } from "../errors.js";
import { type ConvexSet, numbers, requireLengths } from "./set.js";

/**
 * {x : aᵀx ≤ b}; P(x) = x − a max(0, aᵀx − b)/‖a‖².
 * @throws ArgumentError where a is 0 or not finite, or b isn't finite.
 */
export function halfSpace(a: ArrayLike<number>, b: number): ConvexSet {
  return planeLike("halfSpace", "half-space", a, b, (excess) => Math.max(0, excess));
}

/**
 * {x : aᵀx = b}; P(x) = x − a (aᵀx − b)/‖a‖².
 * @throws ArgumentError where a is 0 or not finite, or b isn't finite.
 */
export function hyperplane(a: ArrayLike<number>, b: number): ConvexSet {
  return planeLike("hyperplane", "hyperplane", a, b, (excess) => excess);
}

function planeLike(
  routine: string,
  kind: string,
  given: ArrayLike<number>,
  b: number,
  part: (excess: number) => number,
): ConvexSet {
  const a = numbers(routine, "a", given);
  requireNumber(routine, "b", b, { above: Number.NEGATIVE_INFINITY, below: Number.POSITIVE_INFINITY });
  const n = a.length;
  const squared = a.reduce((sum, ai) => sum + ai * ai, 0);
  if (!(squared > 0 && squared < Number.POSITIVE_INFINITY))
    misuse(routine, "a", `of squared norm ${squared}`, "a vector that isn't 0, with a finite squared norm");
  return {
    kind,
    dimension: n,
    projectInto(out, x) {
      requireLengths(routine, out, x, n);
      let product = 0;
      for (let i = 0; i < n; i++) product += a[i]! * x[i]!;
      const t = part(product - b) / squared;
      for (let i = 0; i < n; i++) out[i] = x[i]! - t * a[i]!;
      return out;
    },
  };
}
