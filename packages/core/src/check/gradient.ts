import { counted } from "../counts.js";
import { startPoint } from "../method.js";
import type { GradientProblem } from "../problem.js";
import { checkDirection, type DerivativeCheck, fitSlope, type SlopeRow, stepGrid } from "./slope.js";

export interface GradientCheck extends DerivativeCheck {
  /** The components in which central differences disagree with the gradient, worst first (at most 5). */
  readonly suspects: readonly { readonly index: number; readonly given: number; readonly difference: number }[];
}

/**
 * Checks ∇f against f at x: E(h) = |f(x + h d) − f(x) − h ∇f(x)ᵀd| must shrink like h², so on a log-log grid its slope is 2;
 * with a wrong gradient it is 1 (Boumal, "An Introduction to Optimization on Smooth Manifolds" (2023), §4.8).
 *
 * @param direction d; default a fixed dense direction of unit length.
 * @returns the verdict, the fitted slope, a table ready to plot, and the suspected components.
 * @throws ArgumentError when x or the direction has the wrong length or isn't finite.
 */
export function checkGradient(
  problem: GradientProblem,
  x: ArrayLike<number>,
  direction?: ArrayLike<number>,
): GradientCheck {
  const watched = counted(problem);
  const at = startPoint("checkGradient", problem.dimension, x);
  const d = checkDirection("checkGradient", problem.dimension, direction);
  const g = watched.gradientInto(new Float64Array(at.length), at);
  const value = watched.value(at);
  const slope = dotOf(g, d);
  const trial = new Float64Array(at.length);
  const scale = Math.max(1, maxAbs(at));
  const rows: SlopeRow[] = stepGrid.map((h) => {
    for (let i = 0; i < at.length; i++) trial[i] = at[i]! + h * scale * d[i]!;
    const step = h * scale;
    const moved = watched.value(trial);
    return {
      step,
      error: Math.abs(moved - value - step * slope),
      rounding: 4 * Number.EPSILON * (Math.abs(moved) + Math.abs(value) + Math.abs(step * slope)),
    };
  });
  const fit = fitSlope(rows, 2);
  return { ...fit, suspects: fit.verdict === "wrong" ? findSuspects(watched, at, g, trial) : [] };
}

/** Components where a central difference is farther from g than its own error allows; only for n ≤ 2000. */
function findSuspects(
  problem: GradientProblem,
  x: Float64Array,
  g: Float64Array,
  trial: Float64Array,
): GradientCheck["suspects"] {
  const n = x.length;
  if (n > 2000) return [];
  const found: { index: number; given: number; difference: number; gap: number }[] = [];
  trial.set(x);
  for (let i = 0; i < n; i++) {
    const h = Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(x[i]!));
    trial[i] = x[i]! + h;
    const up = problem.value(trial);
    trial[i] = x[i]! - h;
    const down = problem.value(trial);
    trial[i] = x[i]!;
    const difference = (up - down) / (2 * h);
    const gap = Math.abs(difference - g[i]!) / Math.max(1, Math.abs(difference), Math.abs(g[i]!));
    if (gap > 1e-4) found.push({ index: i, given: g[i]!, difference, gap });
  }
  found.sort((a, b) => b.gap - a.gap);
  return found.slice(0, 5).map(({ index, given, difference }) => ({ index, given, difference }));
}

function dotOf(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function maxAbs(a: Float64Array): number {
  let max = 0;
  for (let i = 0; i < a.length; i++) max = Math.max(max, Math.abs(a[i]!));
  return max;
}
