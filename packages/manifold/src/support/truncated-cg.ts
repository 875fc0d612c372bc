// The trust-region subproblem by truncated conjugate gradients on the tangent space: min ⟨g, η⟩ + ½⟨η, Hη⟩, ‖η‖ ≤ Δ.
//
// Absil, Baker, Gallivan 2007, "Trust-region methods on Riemannian manifolds", Found. Comput. Math. 7(3), Algorithm 2, after Steihaug 1983 and Toint 1981. With a preconditioner P the
// norm of the trust region is that of P⁻¹, which the recurrences give without P⁻¹ (Conn, Gould, Toint 2000, §7.5.1).
import type { Vector } from "@hessia/core";
import { axpy } from "@hessia/core/linear";
import type { Manifold } from "../manifold.js";
import type { TangentOperator } from "./tangent-operator.js";

export interface TruncatedCgWork {
  readonly η: Vector;
  readonly Hη: Vector;
  readonly r: Vector;
  readonly z: Vector;
  readonly δ: Vector;
  readonly Hδ: Vector;
}

export function truncatedCgWork(n: number): TruncatedCgWork {
  const vector = () => new Float64Array(n);
  return { η: vector(), Hη: vector(), r: vector(), z: vector(), δ: vector(), Hδ: vector() };
}

export interface TruncatedCgOptions {
  readonly radius: number;
  /** It ends at ‖r‖ ≤ max(‖r₀‖ min(κ, (‖r₀‖/scale)^θ), 4ε scale). */
  readonly κ: number;
  readonly θ: number;
  readonly scale: number;
  readonly maxProducts: number;
  /** out ← P⁻¹ r, symmetric and positive on the tangent space. */
  readonly precondition?: ((out: Vector, x: Vector, r: Vector) => Vector) | undefined;
}

export interface TruncatedCgStep {
  /** ‖η‖, in the norm of the trust region; 0 where the first product isn't finite. */
  readonly norm: number;
  readonly predicted: number;
  readonly atBoundary: boolean;
}

/** Leaves the step in `work.η` and Hη in `work.Hη`. */
export function truncatedCg(
  manifold: Manifold,
  x: Vector,
  g: Vector,
  apply: TangentOperator,
  { radius: Δ, κ, θ, scale, maxProducts, precondition }: TruncatedCgOptions,
  { η, Hη, r, z, δ, Hδ }: TruncatedCgWork,
): TruncatedCgStep {
  const n = g.length;
  η.fill(0);
  Hη.fill(0);
  // The rounding of grad f normal to the tangent space isn't seen by H: r would end in it.
  manifold.projInto(r, x, g);
  // Without a preconditioner z is r.
  const p = precondition === undefined ? r : z;
  precondition?.(z, x, r);
  let rr = manifold.inner(x, r, r);
  let zr = precondition === undefined ? rr : manifold.inner(x, p, r);
  const first = Math.sqrt(rr);
  const target = Math.max(first * Math.min(κ, (first / scale) ** θ), 4 * Number.EPSILON * scale);
  for (let i = 0; i < n; i++) δ[i] = -p[i];
  let [ηη, ηδ, δδ] = [0, 0, zr];
  let atBoundary = false;
  for (let product = 0; product < maxProducts; product++) {
    apply(Hδ, δ);
    const δHδ = manifold.inner(x, δ, Hδ);
    if (!Number.isFinite(δHδ) || !(δδ > 0)) break;
    const α = zr / δHδ;
    const next = ηη + 2 * α * ηδ + α * α * δδ;
    if (δHδ <= 0 || next >= Δ * Δ) {
      const τ = (Δ * Δ - ηη) / (ηδ + Math.sqrt(ηδ * ηδ + δδ * Math.max(0, Δ * Δ - ηη)));
      axpy(η, τ, δ);
      axpy(Hη, τ, Hδ);
      ηη = Δ * Δ;
      atBoundary = true;
      break;
    }
    axpy(η, α, δ);
    axpy(Hη, α, Hδ);
    axpy(r, α, Hδ);
    ηη = next;
    rr = manifold.inner(x, r, r);
    if (Math.sqrt(rr) <= target) break;
    precondition?.(z, x, r);
    const before = zr;
    zr = precondition === undefined ? rr : manifold.inner(x, z, r);
    const β = zr / before;
    for (let i = 0; i < n; i++) δ[i] = β * δ[i] - p[i];
    ηδ = β * (ηδ + α * δδ);
    δδ = zr + β * β * δδ;
  }
  const predicted = -manifold.inner(x, g, η) - 0.5 * manifold.inner(x, η, Hη);
  return { norm: Math.sqrt(Math.max(0, ηη)), predicted, atBoundary };
}
