// Other points to begin the inner problem from, for lower levels that aren't convex in y.
import { misuse, type Vector } from "@hessia/core";
import type { BilevelProblem } from "../problem.js";

export interface LowerStartsOptions {
  /**
   * Other points y to begin the inner problem from, each time ("path"): the least minimum counts, so that the value function is the global one where f isn't convex in y. γ is Infinity then unless given.
   * Default: none.
   */
  readonly lowerStarts?: readonly ArrayLike<number>[];
}

/** The points as vectors, and γ with them. */
export function lowerStartsOf(
  { lowerStarts = [], proximal }: LowerStartsOptions & { readonly proximal?: number },
  path: boolean,
): { readonly starts: readonly Vector[]; readonly proximal: number | undefined } {
  const starts = lowerStarts.map((start) => Float64Array.from(start));
  return { starts, proximal: proximal ?? (path && starts.length > 0 ? Number.POSITIVE_INFINITY : undefined) };
}

/** @throws ArgumentError unless each is a finite point of the lower level. */
export function requireLowerStarts(
  method: string,
  { lowerDimension }: BilevelProblem,
  starts: readonly Vector[],
): void {
  for (const start of starts)
    if (start.length !== lowerDimension || !start.every(Number.isFinite))
      misuse(method, "options.lowerStarts", `a point of length ${start.length}`, `${lowerDimension} finite numbers`);
}
