// Trial points and what the methods say when none is good.
import {
  type Counted,
  type Failure,
  HessiaError,
  type StopReason,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import { checkGradient, checkHessian } from "../check/derivatives.js";
import type { Manifold } from "../manifold.js";
import type { ManifoldHessianProblem, ManifoldProblem, ManifoldState, ManifoldTrial } from "../problem.js";
import type { ProductParts } from "./combine.js";

export const newTrial = (n: number): ManifoldTrial => ({
  x: new Float64Array(n),
  gradient: new Float64Array(n),
  euclideanGradient: new Float64Array(n),
  value: 0,
  stepNorm: 0,
});

/** trial.x ← R_x(t u). False where the retraction isn't defined so far. */
export function moveInto(manifold: Manifold, trial: ManifoldTrial, x: Vector, u: Vector, t = 1): boolean {
  manifold.retractInto(trial.x, x, u, t);
  return Number.isFinite(trial.x[0]);
}

/** The manifold's typical distance where all geodesics end or come back within a known length (in each part of a product), else Infinity. */
export function longestStep(manifold: Manifold & Partial<ProductParts>): number {
  const comesBack = ({ parts, injectivityRadius: r }: Manifold & Partial<ProductParts>): boolean =>
    parts?.every(comesBack) ?? (r > 0 && r < Number.POSITIVE_INFINITY);
  return comesBack(manifold) ? manifold.typicalDistance : Number.POSITIVE_INFINITY;
}

/** f at the trial point, and ∇f with it where one pass gives both; then the answer is true. */
export function evaluateTrial(problem: Counted<ManifoldProblem>, trial: ManifoldTrial): boolean {
  const fused = problem.valueAndGradientInto !== undefined;
  trial.value = fused ? valueAndGradientInto(problem, trial.euclideanGradient, trial.x) : problem.value(trial.x);
  return fused;
}

/** Differences of f below this share of max(1, |f|) are taken for rounding: f is a sum of many products, and points are rounded too. */
const noiseLevel = 1e3 * Number.EPSILON;

export const noiseOf = (value: number): number => noiseLevel * Math.max(1, Math.abs(value));

/**
 * ρ = (f − f⁺ + δ)/(predicted + δ), δ the rounding of f: Conn, Gould, Toint, "Trust-Region Methods" (2000), §17.4.2. `rounding` says that the decrease is below δ, so that the gradient
 * must decide; `exhausted` that the predicted one is too.
 */
export function regularizedRatio(value: number, trialValue: number, predicted: number) {
  if (!Number.isFinite(trialValue)) return { ratio: Number.NEGATIVE_INFINITY, rounding: false, exhausted: false };
  const δ = noiseOf(value);
  const actual = value - trialValue;
  const rounding = Math.abs(actual) <= δ;
  return { ratio: (actual + δ) / (Math.max(predicted, 0) + δ), rounding, exhausted: rounding && predicted <= δ };
}

/** What the state of a first-order method keeps, to see when rounding ends its progress. */
export interface Plateau {
  /** The least ‖grad f‖ so far, and the steps since that didn't lower f clearly. */
  leastNorm: number;
  sinceLeast: number;
}

export const startPlateau = ({ gradientNorm }: { gradientNorm: number }): Plateau => ({
  leastNorm: gradientNorm,
  sinceLeast: 0,
});

const patience = 100;
/** A fall of f by more than this share of max(1, |f|) is taken for one. */
const clearFall = 20 * Number.EPSILON;

/**
 * Counts a step that didn't lower f clearly, nor raised it beyond rounding. True where 100 such steps brought ‖grad f‖ no lower: progress has ended.
 */
export function hasEnded(state: ManifoldState & Plateau, trialValue: number, trialNorm: number): boolean {
  if (trialNorm < 0.9 * state.leastNorm) {
    state.leastNorm = trialNorm;
    state.sinceLeast = 0;
    return false;
  }
  const rise = trialValue - state.value;
  if (rise > -clearFall * Math.max(1, Math.abs(state.value)) && rise <= noiseOf(state.value)) state.sinceLeast++;
  return state.sinceLeast >= patience;
}

export const atRounding: Failure = {
  rule: "noProgress",
  detail: "f and ‖grad f‖ no longer decrease: the limit of rounding is reached",
};

export const noDecrease = (detail: string): Failure => ({ rule: "noProgress", detail });

/** Why there is no step of a model: the gradient or the first product. */
export const noModel = (gradientNorm: number): Failure =>
  noDecrease(gradientNorm === 0 ? "grad f is zero" : "a Hessian-vector product isn't finite");

/** What a method suspects after a failure: derivatives are checked along the retraction, never off the manifold. */
export function diagnoseOnManifold(problem: Counted<ManifoldProblem>, state: ManifoldState): StopReason | null {
  try {
    const { verdict, slope } = checkGradient(problem, state.x);
    if (verdict === "wrong") return suspicion("wrongGradientLikely", "gradient", 2, slope);
    if (verdict !== "right" || problem.hessianApplyInto === undefined) return null;
    const hessian = checkHessian(problem as Counted<ManifoldHessianProblem>, state.x);
    if (hessian.verdict === "wrong" && hessian.note === undefined)
      return suspicion("wrongHessianLikely", "Hessian", 3, hessian.slope);
  } catch (error) {
    // The point may be off by rounding, or the user's function throw there: then nothing is suspected.
    if (!(error instanceof HessiaError)) throw error;
  }
  return null;
}

const suspicion = (rule: string, what: string, wanted: number, slope: number): StopReason => ({
  kind: "failed",
  rule,
  detail: `the method stalled and the ${what} check along the retraction has slope ${slope.toFixed(2)} instead of ${wanted}; compare \`check${what[0]!.toUpperCase()}${what.slice(1)}\``,
});
