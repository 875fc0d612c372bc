// Closed convex sets that points are easily projected onto.
import { describe, misuse } from "../errors.js";
import type { Vector } from "../linear/matrix.js";

/** A closed convex set S of Rⁿ, known by its projection. */
export interface ConvexSet {
  /** What it is, for error texts: "box", "simplex" … */
  readonly kind: string;
  /** n. */
  readonly dimension: number;
  /** Writes argmin_{s ∈ S} ‖s − x‖₂ into `out` (which may be x) and returns it. */
  projectInto(out: Vector, x: Vector): Vector;
}

/** Rⁿ. */
export function wholeSpace(n: number): ConvexSet {
  requireDimension("wholeSpace", n);
  return {
    kind: "whole space",
    dimension: n,
    projectInto(out, x) {
      requireLengths("wholeSpace", out, x, n);
      if (out !== x) out.set(x);
      return out;
    },
  };
}

/** ‖P(x) − x‖₂, the distance from a set. */
export function distanceFrom(set: ConvexSet, x: Vector): number {
  const p = set.projectInto(new Float64Array(set.dimension), x);
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += (p[i]! - x[i]!) ** 2;
  return Math.sqrt(sum);
}

export function requireDimension(routine: string, n: number): void {
  if (!Number.isInteger(n) || n < 0) misuse(routine, "n", describe(n), "an integer >= 0");
}

export function requireLengths(routine: string, out: Vector, x: Vector, n: number): void {
  if (x.length !== n) misuse(routine, "x", `of length ${x.length}`, `length ${n}, the dimension of the set`);
  if (out.length !== n) misuse(routine, "out", `of length ${out.length}`, `length ${n}, the dimension of the set`);
}

/** An array of finite numbers (or of bounds, where ±Infinity is taken) as a copy of its own. */
export function numbers(routine: string, argument: string, given: ArrayLike<number>, infinite = false): Vector {
  if (given === null || typeof given !== "object" || typeof given.length !== "number")
    misuse(routine, argument, describe(given), "an array of numbers");
  const out = Float64Array.from(given);
  for (let i = 0; i < out.length; i++)
    if (infinite ? Number.isNaN(out[i]!) : !Number.isFinite(out[i]!))
      misuse(routine, argument, `${describe(given[i])} at index ${i}`, infinite ? "numbers" : "finite numbers");
  return out;
}
