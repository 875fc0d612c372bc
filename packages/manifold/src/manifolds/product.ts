// Products of manifolds, M₁ × M₂ × …: points and tangents one after another, ⟨u, v⟩ the sum of the inner products, everything else part by part.
//
// Lee, "Introduction to Riemannian Manifolds" (2018), Example 2.13. What a part doesn't have (an exponential, say) the product doesn't have either.
import { describe, misuse } from "@hessia/core";
import type { GeodesicManifold, Manifold } from "../manifold.js";
import { combine, type ProductParts } from "../support/combine.js";

/** Geodesic where all of the parts are. */
export type Product<M extends readonly Manifold[]> = (M extends readonly GeodesicManifold[]
  ? GeodesicManifold
  : Manifold) &
  ProductParts;

/**
 * M₁ × M₂ × …, each with its own metric and retraction.
 * @throws ArgumentError when there is no part or one isn't a manifold.
 */
export function product<const M extends readonly Manifold[]>(...parts: M): Product<M> {
  if (parts.length === 0) misuse("product", "parts", "empty", "at least one manifold");
  parts.forEach((part, i) => {
    if (part === null || typeof part !== "object" || typeof part.retractInto !== "function")
      misuse("product", `parts[${i}]`, describe(part), "a manifold");
  });
  return combine(parts.map((part) => part.name).join(" × "), parts) as Product<M>;
}
