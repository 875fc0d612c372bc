// Backtracking by the Armijo condition: Nocedal, Wright, "Numerical Optimization" (2006), Algorithm 3.1, with the
// safeguarded quadratic and cubic interpolation of §3.5. The number of trials is bounded.

export interface LineSearchOutcome {
  /** Whether the conditions hold at `step`. */
  readonly accepted: boolean;
  /** The step length α; 0 when nothing was accepted. */
  readonly step: number;
  /** φ(α). */
  readonly value: number;
  readonly evaluations: number;
}

export interface ArmijoOptions {
  /** c₁ in φ(α) ≤ φ(0) + c₁ α φ'(0). Default 1e-4. */
  readonly sufficientDecrease?: number;
  /** The first trial. Default 1. */
  readonly initialStep?: number;
  /** Default 50. */
  readonly maxEvaluations?: number;
}

/**
 * Finds α with φ(α) ≤ φ(0) + c₁ α φ'(0), φ'(0) < 0. A non-finite φ(α) counts as too long a step and is halved.
 * Where φ's rounding hides the decrease (|φ(α) − φ(0)| ≤ 10 ε |φ(0)|) the value alone cannot decide: `allowance` is added.
 */
export function armijo(
  phi: (step: number) => number,
  value0: number,
  slope0: number,
  { sufficientDecrease = 1e-4, initialStep = 1, maxEvaluations = 50 }: ArmijoOptions = {},
  allowance = 0,
): LineSearchOutcome {
  let step = initialStep;
  let previousStep = 0;
  let previousValue = value0;
  for (let evaluations = 1; evaluations <= maxEvaluations; evaluations++) {
    const value = phi(step);
    if (Number.isFinite(value) && value <= value0 + sufficientDecrease * step * slope0 + allowance) {
      return { accepted: true, step, value, evaluations };
    }
    let next = 0.5 * step;
    if (Number.isFinite(value)) {
      next =
        previousStep === 0 || !Number.isFinite(previousValue)
          ? (-slope0 * step * step) / (2 * (value - value0 - slope0 * step))
          : cubicMinimizer(value0, slope0, previousStep, previousValue, step, value);
      if (!(next >= 0.1 * step)) next = 0.1 * step;
      if (!(next <= 0.5 * step)) next = 0.5 * step;
    }
    previousStep = step;
    previousValue = value;
    step = next;
    if (step < 1e-300) break;
  }
  return { accepted: false, step: 0, value: value0, evaluations: maxEvaluations };
}

/** The minimizer of the cubic through φ(0), φ'(0), φ(a), φ(b) (Nocedal, Wright 2006, eq. 3.58 and after). */
function cubicMinimizer(value0: number, slope0: number, a: number, phiA: number, b: number, phiB: number): number {
  const ra = phiA - value0 - slope0 * a;
  const rb = phiB - value0 - slope0 * b;
  const scale = 1 / (a * a * b * b * (b - a));
  const third = (a * a * rb - b * b * ra) * scale;
  const second = (-a * a * a * rb + b * b * b * ra) * scale;
  if (third === 0) return -slope0 / (2 * second);
  return (-second + Math.sqrt(Math.max(0, second * second - 3 * third * slope0))) / (3 * third);
}
