// The penalized problem φ_t(x, y, multipliers) = t F(x, y) + gap, and where {g ≤ 0} isn't projected onto + w γ₂/2t ‖[g]₊‖², as a function for spectral steps.
import type { Counted, Vector } from "@hessia/core";
import { type BilevelProblem, evaluateInto, objectivesOf, projectUpperLower } from "../problem.js";
import type { Smooth } from "./spectral.js";
import { type GapKind, type GapParameters, gapFunction, type InnerMemory } from "./value-function.js";

/** What φ_t depends on besides its variables; part of a state. */
export interface Penalty {
  /** t = 1/c. */
  weight: number;
  parameters: GapParameters;
  inner: InnerMemory;
  /** ‖∇F‖∞ at the start, and the scale of steps of multipliers beside those of (x, y). */
  upperGradient: number;
  multiplierScale: number;
  /** w. v itself falls by γ₂/2 ‖[g]₊‖², and more where the lower level has no feasible point: then it grows instead of r. */
  violationWeight: number;
  /** How far φ_t is from being solved. */
  readonly spectral: { readonly residual: number } | null;
}

export interface Penalized {
  readonly smooth: Smooth;
  /** ∇F where it was last evaluated. */
  readonly upperGradient: Vector;
}

/** A level is solved when its projected gradient is so much below t ‖∇F‖. */
export const accuracy = 1e-7;
/** θ is found to so much of the penalized problem's own residual: L-BFGS needs gradients whose differences mean something. */
const innerAccuracy = 1e-3;

/** φ_t, whose t, weights and parameters are read from the penalty at each evaluation. */
export function penalized(
  problem: Counted<BilevelProblem>,
  penalty: Penalty,
  kind: GapKind,
  starts: readonly Vector[],
): Penalized {
  const { dimension, lowerConstraints: g, coupledSet } = problem;
  const p = g?.count ?? 0;
  const { lower, upper } = objectivesOf(problem, 0);
  const gap = gapFunction(problem, lower, kind, penalty.parameters, penalty.inner, starts);
  const upperGradient = new Float64Array(dimension);
  const values = new Float64Array(p);
  const pulled = new Float64Array(dimension);
  // The set of (x, y) with g ≤ 0 isn't projected onto: its violation is penalized, as strongly as F is weakened.
  const dear = g !== null && kind === "proximalLagrangian" && coupledSet === null;
  const scaling = new Float64Array(dimension + p).fill(1);
  scaling.fill(penalty.multiplierScale, dimension);
  const error = { value: 0, gradient: 0 };
  const coupled = coupledSet !== null && kind !== "regularizedGap" ? coupledSet : null;
  const isAffine = coupled === null ? problem.upperIsFree && problem.lowerIsFree : coupled.kind === "affine set";
  const smooth: Smooth = {
    scaling,
    error,
    affine: isAffine && (g === null || g.count === g.equalities),
    valueAndGradientInto(out, u) {
      const z = u.subarray(0, dimension);
      const multipliers = u.subarray(dimension);
      const t = penalty.weight;
      const floor = 1e-5 * accuracy * t * penalty.upperGradient;
      const wanted = innerAccuracy * (penalty.spectral?.residual ?? t * penalty.upperGradient);
      gap.solve(z, multipliers, Math.max(floor, wanted), 500);
      let value = gap.valueAndGradientInto(out.subarray(0, dimension), out.subarray(dimension), z, multipliers);
      error.value = 1e-15 * gap.size;
      error.gradient = Math.sqrt(dimension) * gap.residual + 1e-16 * gap.size;
      value += t * evaluateInto(problem, upper, upperGradient, z);
      for (let k = 0; k < dimension; k++) out[k] = out[k]! + t * upperGradient[k]!;
      if (dear) {
        g.valueInto(values, z);
        const rho = (penalty.violationWeight * penalty.parameters.dual) / t;
        for (let i = 0; i < p; i++) {
          values[i] = i < g.equalities ? values[i]! : Math.max(0, values[i]!);
          value += 0.5 * rho * values[i]! ** 2;
          values[i] = rho * values[i]!;
        }
        g.transposeApplyInto(pulled, z, values);
        for (let k = 0; k < dimension; k++) out[k] = out[k]! + pulled[k]!;
      }
      return value;
    },
    project(u) {
      const z = u.subarray(0, dimension);
      if (coupled !== null) coupled.projectInto(z, z);
      else projectUpperLower(problem, z);
      g?.projectMultipliers(u.subarray(dimension), penalty.parameters.bound);
    },
  };
  return { smooth, upperGradient };
}
