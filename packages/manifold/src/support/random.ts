// Gaussian numbers from uniform ones: Box, Muller 1958.
import type { Vector } from "@hessia/core";

/** A generator of uniform numbers in [0, 1). */
export type Random = () => number;

/** Fills `out` with independent standard normal numbers. */
export function gaussianInto(out: Vector, random: Random): Vector {
  for (let i = 0; i < out.length; i += 2) {
    // 1 − u lies in (0, 1], so that the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}
