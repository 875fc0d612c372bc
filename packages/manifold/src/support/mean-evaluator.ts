// What a mean needs of a manifold: ½ Σ wᵢ d(x, pᵢ)² and its gradient, −Σ wᵢ log_x(pᵢ). Karcher 1977, "Riemannian center of mass and mollifier smoothing", Comm. Pure Appl. Math. 30(5).
import type { Vector } from "@hessia/core";
import type { GeodesicManifold } from "../manifold.js";

export interface MeanEvaluator {
  /** Writes the Riemannian gradient at x into `gradient` and answers ½ Σ wᵢ d². Throws ArgumentError where a point is at x's cut locus; NaN outside of the manifold. */
  evaluateInto(gradient: Vector, x: Vector): number;
  /** Bounds of 1/λ over the eigenvalues λ of the Hessian at the point last evaluated: steps within them are safe. */
  readonly steps: { least: number; most: number };
  /** A tangent from x to y, good enough for a step length: given where the manifold's own transport is dear. */
  transportInto?(out: Vector, x: Vector, y: Vector, u: Vector): Vector;
}

/** By logarithms, for any manifold; weights sum to 1. */
export function genericMeanEvaluator(
  manifold: GeodesicManifold,
  points: readonly Vector[],
  weights: Vector,
): MeanEvaluator {
  const log = manifold.zero();
  return {
    evaluateInto(gradient, x) {
      gradient.fill(0);
      let sum = 0;
      for (let i = 0; i < points.length; i++) {
        if (weights[i] === 0) continue;
        manifold.logInto(log, x, points[i]);
        sum += weights[i] * manifold.inner(x, log, log);
        for (let k = 0; k < log.length; k++) gradient[k] -= weights[i] * log[k];
      }
      return 0.5 * sum;
    },
    steps: { least: 0.25, most: 2 },
  };
}
