// The nearest positive semidefinite matrices to a batch of symmetric ones, of any order: what sums of terms are told to make their Hessians convex with (kernel/project.ts).
import { describe, misuse, requireNumber, requireOneOf } from "../../errors.js";
import type { Vector } from "../matrix.js";
import { batchedProjectPsdInto } from "./small-batch.js";
import { projectPsdOf } from "./small-eigen.js";
import { largestSmall } from "./small-shapes.js";

/**
 * Replaces `count` symmetric n × n matrices (their lower triangles are read), matrix after matrix, row-major, by V diag(max(λ, 0)) Vᵀ ("clamp"), or with |λ| ("absolute"), both
 * triangles. Up to n = 16 as {@link batchedProjectPsdInto}, above by the same steps one by one. A matrix that isn't finite becomes NaN throughout.
 * @throws ArgumentError when n or count is out of range, the length doesn't fit or `negative` isn't one of the two.
 */
export function projectPsdInto(A: Vector, n: number, count: number, negative: "clamp" | "absolute"): Vector {
  const routine = "projectPsdInto";
  requireNumber(routine, "n", n, { atLeast: 1, integer: true });
  requireNumber(routine, "count", count, { atLeast: 0, integer: true });
  requireOneOf(routine, "negative", negative, ["clamp", "absolute"]);
  if (!(A instanceof Float64Array) || A.length !== count * n * n)
    misuse(routine, "A", describe(A), `a Float64Array of length count · n² = ${count * n * n}`);
  if (n <= largestSmall) batchedProjectPsdInto(A, n, count, A, undefined, { negative });
  else {
    const work = new Float64Array(2 * n * n + 2 * n);
    for (let i = 0; i < count; i++) projectPsdOf(n, A, i * n * n, [A], i, work, negative === "absolute");
  }
  return A;
}
