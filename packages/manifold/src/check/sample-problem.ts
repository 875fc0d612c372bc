// A smooth function with exact derivatives to try a manifold on.
import type { HasGradient, HasHessianApply, HasValue, Vector } from "@hessia/core";
import type { Manifold } from "../manifold.js";
import { gaussianInto, type Random } from "../support/random.js";

export type SampleProblem = HasValue & HasGradient & HasHessianApply;

/** The manifold's own, or f(x) = ⟨c, x⟩ + ½(⟨a, x⟩² + ⟨b, x⟩²) + Σ eᵢ xᵢ²/2 with random coefficients, scaled by the size of points. */
export function sampleProblemOf(manifold: Manifold, random: Random): SampleProblem {
  const own = manifold.sampleProblem?.(random);
  if (own !== undefined) return own;
  const n = manifold.length;
  const [a, b, c, e] = [0, 1, 2, 3].map(() => gaussianInto(new Float64Array(n), random)) as [
    Vector,
    Vector,
    Vector,
    Vector,
  ];
  const along = (g: Vector, x: Vector) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += g[i] * x[i];
    return sum / Math.sqrt(n);
  };
  return {
    dimension: n,
    value(x) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += c[i] * x[i] + 0.5 * e[i] * x[i] * x[i];
      return sum + 0.5 * (along(a, x) ** 2 + along(b, x) ** 2);
    },
    gradientInto(out, x) {
      const [ax, bx] = [along(a, x), along(b, x)];
      for (let i = 0; i < n; i++) out[i] = c[i] + e[i] * x[i] + (ax * a[i] + bx * b[i]) / Math.sqrt(n);
      return out;
    },
    hessianApplyInto(out, _x, v) {
      const [av, bv] = [along(a, v), along(b, v)];
      for (let i = 0; i < n; i++) out[i] = e[i] * v[i] + (av * a[i] + bv * b[i]) / Math.sqrt(n);
      return out;
    },
  };
}
