import { requireNumber } from "../errors.js";
import { type ConvexSet, numbers, requireLengths } from "./set.js";

/**
 * {x : ‖x − center‖₂ ≤ radius}; P(x) = center + (x − center) min(1, radius/‖x − center‖).
 * @param radius finite, ≥ 0.
 * @throws ArgumentError on a center that isn't finite and a radius out of range.
 */
export function ball(center: ArrayLike<number>, radius: number): ConvexSet {
  const c = numbers("ball", "center", center);
  requireNumber("ball", "radius", radius, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  const n = c.length;
  return {
    kind: "ball",
    dimension: n,
    projectInto(out, x) {
      requireLengths("ball", out, x, n);
      let largest = 0;
      for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(x[i]! - c[i]!));
      let sum = 0;
      // Scaled: squares may overflow where the norm doesn't.
      if (largest > 0) for (let i = 0; i < n; i++) sum += ((x[i]! - c[i]!) / largest) ** 2;
      const norm = largest * Math.sqrt(sum);
      if (!(norm > radius)) {
        if (out !== x) out.set(x);
        return out;
      }
      for (let i = 0; i < n; i++) out[i] = c[i]! + (x[i]! - c[i]!) * (radius / norm);
      return out;
    },
  };
}
