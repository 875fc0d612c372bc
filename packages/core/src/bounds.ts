// Simple bounds l ≤ x ≤ u: whether a problem has any, the projection onto them, and how far a point is from stationary under them.
import { describe, misuse } from "./errors.js";
import type { Vector } from "./linear/matrix.js";
import type { HasBounds, HasConstraints } from "./problem.js";

/**
 * The bounds of a problem; undefined where it has none, or only infinite ones.
 * @throws ArgumentError when only one of the two is given, one isn't a Float64Array of length `dimension`, an entry is NaN, a lower
 * one is Infinity or an upper one −Infinity, or l > u for a variable (the first is named): no point is feasible then.
 */
export function finiteBounds(
  routine: string,
  problem: { readonly dimension: number } & Partial<HasBounds>,
): HasBounds | undefined {
  const { dimension: n, lower, upper } = problem;
  if (lower === undefined && upper === undefined) return undefined;
  for (const [name, side] of [
    ["lower", lower],
    ["upper", upper],
  ] as const) {
    if (!(side instanceof Float64Array) || side.length !== n)
      misuse(routine, `problem.${name}`, describe(side), `a Float64Array of length ${n}, the problem's dimension`);
  }
  const [l, u] = [lower!, upper!];
  let any = false;
  for (let i = 0; i < n; i++) {
    if (!(l[i]! < Number.POSITIVE_INFINITY))
      misuse(routine, `problem.lower[${i}]`, String(l[i]), "a number, or −Infinity where there is no bound");
    if (!(u[i]! > Number.NEGATIVE_INFINITY))
      misuse(routine, `problem.upper[${i}]`, String(u[i]), "a number, or Infinity where there is no bound");
    if (l[i]! > u[i]!)
      misuse(routine, `problem.lower[${i}]`, `${l[i]}, above the upper bound ${u[i]}`, "lower ≤ upper");
    any ||= Number.isFinite(l[i]) || Number.isFinite(u[i]);
  }
  return any ? { lower: l, upper: u } : undefined;
}

/** The bounds of a problem as arrays also where it has none (−Infinity and Infinity). Throws as {@link finiteBounds} does. */
export function boundsOf(routine: string, problem: { readonly dimension: number } & Partial<HasBounds>): HasBounds {
  const { dimension: n } = problem;
  return (
    finiteBounds(routine, problem) ?? {
      lower: new Float64Array(n).fill(Number.NEGATIVE_INFINITY),
      upper: new Float64Array(n).fill(Number.POSITIVE_INFINITY),
    }
  );
}

/**
 * The problem with simple bounds beside what it has. A number stands for that bound on every variable.
 * @throws ArgumentError when a side has another length than the problem, isn't made of numbers, or l > u.
 */
export function withBounds<P extends { readonly dimension: number }>(
  problem: P,
  lower: number | ArrayLike<number>,
  upper: number | ArrayLike<number>,
): P & HasBounds {
  const n = problem.dimension;
  const side = (name: string, given: number | ArrayLike<number>): Vector => {
    if (typeof given === "number") return new Float64Array(n).fill(given);
    if (given === null || typeof given !== "object" || given.length !== n)
      misuse("withBounds", name, describe(given), `a number, or ${n} of them, the problem's dimension`);
    return Float64Array.from(given);
  };
  const bounds = { lower: side("lower", lower), upper: side("upper", upper) };
  finiteBounds("withBounds", { dimension: n, ...bounds });
  return Object.assign(Object.create(Object.getPrototypeOf(problem) as object | null) as P, problem, bounds);
}

/** What a method says that it takes besides f and its derivatives. */
export interface Takes {
  readonly bounds?: boolean;
  readonly constraints?: boolean;
}

/**
 * Refuses a problem with finite bounds or with constraints for a method that doesn't take them, so that none are passed over in
 * silence; else moves x, the start, onto the nearest point within the bounds and answers it.
 * @throws ArgumentError as said, and as {@link finiteBounds} does.
 */
export function startWithinBounds(
  routine: string,
  method: { readonly name: string; readonly takes?: Takes },
  problem: { readonly dimension: number } & Partial<HasBounds & HasConstraints>,
  x: Vector,
): Vector {
  if ((problem.constraints?.residuals ?? 0) > 0 && method.takes?.constraints !== true)
    misuse(routine, "problem", "one with constraints", `one without: ${method.name} takes none`);
  const bounds = finiteBounds(routine, problem);
  if (bounds === undefined) return x;
  if (method.takes?.bounds !== true)
    misuse(
      routine,
      "problem",
      "one with bounds",
      `one without finite bounds: ${method.name} takes none`,
      "Use a method that takes bounds, such as tron or lbfgsb of @hessia/newton.",
    );
  return projectInto(x, x, bounds);
}

/** out = P(x), the nearest point with l ≤ x ≤ u: min(u, max(l, x)). `out` may be x. */
export function projectInto(out: Vector, x: Vector, { lower, upper }: HasBounds): Vector {
  for (let i = 0; i < out.length; i++) out[i] = Math.min(upper[i]!, Math.max(lower[i]!, x[i]!));
  return out;
}

/** ‖P(x − g) − x‖∞ for a feasible x, as max |clip(−gᵢ, lᵢ − xᵢ, uᵢ − xᵢ)|: ‖g‖∞ where there are no bounds. NaN when g has one. */
export function projectedGradient({ lower, upper }: HasBounds, x: Vector, g: Vector): number {
  let norm = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(Math.min(upper[i]! - x[i]!, Math.max(lower[i]! - x[i]!, -g[i]!)));
    if (Number.isNaN(size)) return size;
    if (size > norm) norm = size;
  }
  return norm;
}
