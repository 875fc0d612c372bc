import { describe, misuse } from "../errors.js";
import { type ConvexSet, requireLengths } from "./set.js";

/**
 * S₁ × S₂ × …: the projection is that of each part.
 * @throws ArgumentError where there is no set, or one that isn't one.
 */
export function productSet(...sets: ConvexSet[]): ConvexSet {
  if (sets.length === 0) misuse("productSet", "sets", "none", "at least one set");
  sets.forEach((set, k) => {
    if (set === null || typeof set !== "object" || typeof set.projectInto !== "function")
      misuse("productSet", `sets[${k}]`, describe(set), "a convex set, for example `ball([0, 0], 1)`");
  });
  const n = sets.reduce((sum, set) => sum + set.dimension, 0);
  return {
    kind: `product of ${sets.map(({ kind }) => kind).join(", ")}`,
    dimension: n,
    projectInto(out, x) {
      requireLengths("productSet", out, x, n);
      let from = 0;
      for (const set of sets) {
        const to = from + set.dimension;
        set.projectInto(out.subarray(from, to), x.subarray(from, to));
        from = to;
      }
      return out;
    },
  };
}
