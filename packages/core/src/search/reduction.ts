/**
 * The ratio ρ = (f − f⁺) / (predicted reduction) that decides on a trial step.
 *
 * Near a minimizer the true decrease falls below the rounding error of f and the plain ratio becomes noise. As in
 * Conn, Gould, Toint, "Trust-Region Methods" (2000), §17.4.2, both terms are raised by δ = 10 ε max(1, |f|): the ratio then
 * tends to 1 when both are below rounding. `rounding` says that this happened; a method that sees it must use its gradient
 * test instead (accept only if ‖∇f(x⁺)‖ is below ‖∇f(x)‖), because the ratio carries no information there.
 */
export interface Reduction {
  /** ρ; −Infinity when f⁺ isn't finite. */
  readonly ratio: number;
  readonly rounding: boolean;
}

export function reduction(value: number, trialValue: number, predicted: number): Reduction {
  if (!Number.isFinite(trialValue)) return { ratio: Number.NEGATIVE_INFINITY, rounding: false };
  const delta = 10 * Number.EPSILON * Math.max(1, Math.abs(value));
  const actual = value - trialValue;
  const rounding = predicted <= delta && Math.abs(actual) <= delta;
  return { ratio: (actual + delta) / (Math.max(predicted, 0) + delta), rounding };
}
