// Powers of a manifold, M × M × … × M: for example `power(sphere(3), 100)`, a hundred unit vectors, or a graph of rotations. As a product; see product.ts.
//
// Lee, "Introduction to Riemannian Manifolds" (2018), Example 2.13.
import { describe, misuse } from "@hessia/core";
import type { Manifold } from "../manifold.js";
import { combine } from "../support/combine.js";
import { requireSize } from "../support/require.js";
import type { Product } from "./product.js";

/**
 * M × M × … × M, `count` times.
 * @throws ArgumentError when count isn't an integer ≥ 1 or the manifold isn't one.
 */
export function power<M extends Manifold>(manifold: M, count: number): Product<readonly M[]> {
  if (manifold === null || typeof manifold !== "object" || typeof manifold.retractInto !== "function")
    misuse("power", "manifold", describe(manifold), "a manifold");
  requireSize("power", "count", count);
  const parts = Array.from({ length: count }, () => manifold);
  return combine(`power(${manifold.name}, ${count})`, parts) as Product<readonly M[]>;
}
