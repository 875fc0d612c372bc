// The strong Wolfe conditions: Nocedal, Wright, "Numerical Optimization" (2006), Algorithms 3.5 (bracketing) and 3.6 (zoom),
// with safeguarded cubic interpolation (eq. 3.59).
// Deviations: (1) a non-finite φ closes the bracket as a too long step; (2) evaluations are bounded, and the best point with
// sufficient decrease is returned when they run out; (3) where rounding hides the decrease, the approximate Wolfe
// condition of Hager, Zhang (2005), eq. 4.1 decides, as stated in `search/reduction.ts`; (4) with a longest step allowed, that one is
// accepted on sufficient decrease alone where φ still falls (Moré, Thuente 1994, "Line search algorithms with guaranteed sufficient decrease", §2).
import type { LineSearchOutcome } from "./armijo.js";

export interface WolfeOptions {
  /** c₁, sufficient decrease. Default 1e-4. */
  readonly sufficientDecrease?: number;
  /** c₂ in |φ'(α)| ≤ c₂ |φ'(0)|. Default 0.9. */
  readonly curvature?: number;
  readonly initialStep?: number;
  /** No longer step is tried; one of this length is accepted where φ still falls there. Default Infinity. */
  readonly maxStep?: number;
  /** Default 30. */
  readonly maxEvaluations?: number;
  /** Differences of φ up to this are taken for rounding. Default 10 ε max(1, |φ(0)|). */
  readonly rounding?: number;
}

/** φ(α) and φ'(α). */
export interface LinePoint {
  readonly value: number;
  readonly slope: number;
}

interface Trial extends LinePoint {
  readonly step: number;
}

/** Finds α that meets the strong Wolfe conditions for φ with φ'(0) < 0. The last evaluation was at the returned step when `accepted`. */
export function strongWolfe(
  phi: (step: number) => LinePoint,
  value0: number,
  slope0: number,
  {
    sufficientDecrease: c1 = 1e-4,
    curvature: c2 = 0.9,
    initialStep = 1,
    maxStep = Number.POSITIVE_INFINITY,
    maxEvaluations = 30,
    rounding: noise = 10 * Number.EPSILON * Math.max(1, Math.abs(value0)),
  }: WolfeOptions = {},
): LineSearchOutcome {
  let evaluations = 0;
  const evaluate = (step: number): Trial => {
    evaluations++;
    return { step, ...phi(step) };
  };
  const decreases = (trial: Trial) =>
    Number.isFinite(trial.value) &&
    Number.isFinite(trial.slope) &&
    (trial.value <= value0 + c1 * trial.step * slope0 ||
      (Math.abs(trial.value - value0) <= noise && trial.slope <= (2 * c1 - 1) * slope0));
  const flat = (trial: Trial) => Math.abs(trial.slope) <= -c2 * slope0;
  const accept = (trial: Trial): LineSearchOutcome => ({
    accepted: true,
    step: trial.step,
    value: trial.value,
    evaluations,
  });
  const origin: Trial = { step: 0, value: value0, slope: slope0 };

  let low = origin;
  let high: Trial | undefined;
  let step = Math.min(initialStep, maxStep);
  let last = origin;
  while (evaluations < maxEvaluations) {
    const trial = evaluate(step);
    last = trial;
    const noisy = Math.abs(trial.value - low.value) <= noise;
    if (!decreases(trial) || (trial.value >= low.value && low.step > 0 && !noisy)) high = trial;
    else if (flat(trial)) return accept(trial);
    else if (trial.slope * (high === undefined ? 1 : Math.sign(high.step - low.step)) >= 0) {
      high = low;
      low = trial;
    } else low = trial;
    if (high === undefined) {
      if (step >= maxStep) return accept(low);
      step = Math.min(maxStep, 10 * step, Math.max(2 * step, 1.1 * secant(origin, trial)));
    } else {
      if (Math.abs(high.step - low.step) <= 1e-14 * Math.max(low.step, high.step)) break;
      step = interpolate(low, high);
    }
    if (!Number.isFinite(step)) break;
  }
  if (low.step === 0) return { accepted: false, step: 0, value: value0, evaluations };
  // Sufficient decrease without the curvature condition is still a step; the caller's data must be those of `low`.
  if (last.step !== low.step) evaluate(low.step);
  return accept(low);
}

/** Where the slope through two points vanishes. */
function secant(a: Trial, b: Trial): number {
  const t = b.step - (b.slope * (b.step - a.step)) / (b.slope - a.slope);
  return Number.isFinite(t) && t > b.step ? t : 4 * b.step;
}

/** Cubic interpolation between the ends of a bracket, kept a tenth of its length away from both. */
function interpolate(low: Trial, high: Trial): number {
  const width = high.step - low.step;
  let step = low.step + 0.5 * width;
  if (Number.isFinite(high.value) && Number.isFinite(high.slope)) {
    const d1 = low.slope + high.slope - (3 * (low.value - high.value)) / (low.step - high.step);
    const square = d1 * d1 - low.slope * high.slope;
    if (square >= 0) {
      const d2 = Math.sign(width) * Math.sqrt(square);
      const cubic = high.step - (width * (high.slope + d2 - d1)) / (high.slope - low.slope + 2 * d2);
      if (Number.isFinite(cubic)) step = cubic;
    }
  }
  const fraction = (step - low.step) / width;
  return low.step + Math.min(0.9, Math.max(0.1, fraction)) * width;
}
