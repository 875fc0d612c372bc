// How far a point is from stationary: ‖∇f‖∞, and with bounds the norm of the projected gradient.
import type { HasBounds } from "@hessia/core";
import { normInf } from "@hessia/core/linear";

/** ‖P(x − g) − x‖∞, P the projection onto the bounds: ‖g‖∞ where there are none, to the bit. */
export function projectedGradientNorm({ lower, upper }: Partial<HasBounds>, x: Float64Array, g: Float64Array): number {
  if (lower === undefined || upper === undefined) return normInf(g);
  let norm = 0;
  for (let i = 0; i < x.length; i++) {
    norm = Math.max(norm, Math.abs(Math.min(upper[i]! - x[i]!, Math.max(lower[i]! - x[i]!, -g[i]!))));
  }
  return norm;
}
