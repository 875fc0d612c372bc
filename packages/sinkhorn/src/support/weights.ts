import { misuse, type Vector } from "@hessia/core";
import type { TransportProblem } from "../problem.js";

/** The Newton methods divide by sums of rows and columns. */
export function requirePositiveWeights(routine: string, { positive }: TransportProblem): void {
  if (!positive)
    misuse(
      routine,
      "problem",
      "one with a weight 0",
      "positive weights",
      "`transport` leaves such rows and columns out.",
    );
}

/** The index of the largest weight. */
export function heaviest(weights: Vector): number {
  let at = 0;
  for (let j = 0; j < weights.length; j++) if (weights[j]! > weights[at]!) at = j;
  return at;
}

/** ‖a − b‖₂. */
export function distance(a: Vector, b: Vector): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2;
  return Math.sqrt(sum);
}
