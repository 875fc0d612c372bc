// Affine scaling for bounds: vᵢ(x) ≥ 0, small near a bound that −∇f leads to, such that V∇f = 0 where x is stationary within l ≤ x ≤ u.
//
//   coleman–li               the distance to the bound ahead: u − x where g < 0, x − l where g > 0, the smaller where g = 0; 1 where there is none
//   heinkenschloss           that distance where |g| < δᵖ or δ < |g|ᵖ, δ = min(x − l, u − x), else 1: no scaling near bounds that aren't active
//   kanzow–klug              min(x − l + γ max(0, −g), u − x + γ max(0, g)): locally Lipschitz
//   combination              θ₁ v₁ + θ₂ v₂ + θ₃ v₃, θ ≥ 0 of sum 1
//
// Coleman, Li 1996, SIAM J. Optim. 6(2); Heinkenschloss, Ulbrich, Ulbrich 1999, Math. Program. 86; Kanzow, Klug 2006, Comput. Optim. Appl. 35;
// Ayanzadeh, Yazdanian, Shahamatnia 2019, "A new class of scaling matrices for scaled trust region algorithms", arXiv 1904.09209, which proposes the
// combination. The weights there weren't at hand: a third each here.
import type { HasBounds, Vector } from "@hessia/core";

export type ScalingName = "colemanLi" | "heinkenschloss" | "kanzowKlug" | "combination";

export interface ScalingParameters {
  /** p of Heinkenschloss, Ulbrich, Ulbrich; > 1. */
  readonly exponent: number;
  /** γ of Kanzow, Klug; > 0. */
  readonly gamma: number;
  /** θ: the weights of the three in the combination, in the order above. */
  readonly weights: readonly [number, number, number];
}

/** Writes v into `out`, for x strictly between its bounds. */
export function scalingInto(
  out: Vector,
  name: ScalingName,
  { lower, upper }: HasBounds,
  x: Vector,
  g: Vector,
  { exponent, gamma, weights }: ScalingParameters,
): Vector {
  for (let i = 0; i < x.length; i++) {
    const [below, above, gi] = [x[i]! - lower[i]!, upper[i]! - x[i]!, g[i]!];
    const near = Math.min(below, above);
    const ahead = gi < 0 ? above : gi > 0 ? below : near;
    const colemanLi = Number.isFinite(ahead) ? ahead : 1;
    const size = Math.abs(gi);
    const active = size < near ** exponent || near < size ** exponent;
    const heinkenschloss = active ? colemanLi : 1;
    const kanzowKlug = Number.isFinite(near)
      ? Math.min(below + gamma * Math.max(0, -gi), above + gamma * Math.max(0, gi))
      : 1;
    out[i] =
      name === "colemanLi"
        ? colemanLi
        : name === "heinkenschloss"
          ? heinkenschloss
          : name === "kanzowKlug"
            ? kanzowKlug
            : weights[0] * colemanLi + weights[1] * heinkenschloss + weights[2] * kanzowKlug;
  }
  return out;
}
