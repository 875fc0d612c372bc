// Losses that weigh large residuals less: f = ½ c² Σ ρ(rᵢ² / c²) in place of ½ Σ rᵢ².
//
// Huber 1964; Triggs, McLauchlan, Hartley, Fitzgibbon 2000, "Bundle adjustment — a modern synthesis", §4.3: with z = r²/c², rows of J are
// multiplied by s = √(ρ' + 2zρ'') and residuals by ρ'/s, so that Ĵᵀr̂ is the gradient and ĴᵀĴ the Gauss–Newton part of the Hessian, loss included.
//
// Deviation: where ρ' + 2zρ'' falls below ρ'/10 (far outliers of losses that aren't convex in r) s² = ρ'/10 is taken: the curvature stays positive,
// and residuals of bounded size.
import { describe, misuse, requireNumber, type Vector } from "@hessia/core";

/** ρ and its first two derivatives at z ≥ 0; ρ(0) = 0, ρ'(0) = 1, ρ' > 0 and falling. */
export interface LossFunction {
  rho(z: number): number;
  first(z: number): number;
  second(z: number): number;
}

export type LossName = "squared" | "huber" | "softL1" | "cauchy";

/** What a least-squares method's options `loss` and `lossScale` say. */
export interface Loss extends LossFunction {
  /** c. */
  readonly scale: number;
  /** Whether ρ(z) = z. */
  readonly plain: boolean;
}

const losses: Readonly<Record<LossName, LossFunction>> = {
  squared: { rho: (z) => z, first: () => 1, second: () => 0 },
  huber: {
    rho: (z) => (z <= 1 ? z : 2 * Math.sqrt(z) - 1),
    first: (z) => (z <= 1 ? 1 : 1 / Math.sqrt(z)),
    second: (z) => (z <= 1 ? 0 : -0.5 / (z * Math.sqrt(z))),
  },
  softL1: {
    // 2 (√(1 + z) − 1), without cancellation.
    rho: (z) => (2 * z) / (Math.sqrt(1 + z) + 1),
    first: (z) => 1 / Math.sqrt(1 + z),
    second: (z) => -0.5 / ((1 + z) * Math.sqrt(1 + z)),
  },
  cauchy: { rho: Math.log1p, first: (z) => 1 / (1 + z), second: (z) => -1 / (1 + z) ** 2 },
};

/**
 * A loss by its name, or an own one.
 * @param scale c > 0: residuals well below it count as in least squares.
 * @throws ArgumentError for an unknown name, a member that is no function, or a scale that isn't a positive number.
 */
export function robustLoss(routine: string, loss: LossName | LossFunction = "squared", scale = 1): Loss {
  requireNumber(routine, "lossScale", scale, { above: 0, below: Number.POSITIVE_INFINITY });
  if (typeof loss === "object" && loss !== null) {
    for (const name of ["rho", "first", "second"] as const)
      if (typeof loss[name] !== "function") misuse(routine, `loss.${name}`, describe(loss[name]), "a function of z");
    return { rho: (z) => loss.rho(z), first: (z) => loss.first(z), second: (z) => loss.second(z), scale, plain: false };
  }
  if (!Object.hasOwn(losses, loss))
    misuse(routine, "loss", describe(loss), `one of ${Object.keys(losses).join(", ")}, or an object of functions`);
  return { ...losses[loss], scale, plain: loss === "squared" };
}

/** ½ c² Σ ρ(rᵢ²/c²). */
export function lossValue({ rho, scale, plain }: Loss, r: Vector): number {
  let sum = 0;
  if (plain) for (let i = 0; i < r.length; i++) sum += r[i]! * r[i]!;
  else for (let i = 0; i < r.length; i++) sum += scale * scale * rho((r[i]! / scale) ** 2);
  return 0.5 * sum;
}

/** out = ρ'(z) r: f has the gradient Jᵀ out. */
export function weightedResidualInto(out: Vector, { first, scale, plain }: Loss, r: Vector): Vector {
  for (let i = 0; i < r.length; i++) out[i] = plain ? r[i]! : first((r[i]! / scale) ** 2) * r[i]!;
  return out;
}

/** Triggs's correction: `rows` gets the factors s of the rows of J, `residuals` the corrected residuals. */
export function correctionInto(
  residuals: Vector,
  rows: Vector,
  { first, second, scale, plain }: Loss,
  r: Vector,
): void {
  for (let i = 0; i < r.length; i++) {
    const z = plain ? 0 : (r[i]! / scale) ** 2;
    const weight = plain ? 1 : first(z);
    rows[i] = plain ? 1 : Math.sqrt(Math.max(weight + 2 * z * second(z), 0.1 * weight));
    residuals[i] = plain ? r[i]! : (weight / rows[i]!) * r[i]!;
  }
}
