// Symmetric positive definite matrices with the Bures–Wasserstein metric, the L² Wasserstein distance of centred Gaussians, d² = tr P + tr Q − 2 tr (P^½ Q P^½)^½; curvature ≥ 0, not
// complete: exp_P(U) = (I + L) P (I + L), PL + LP = U, while I + L is positive definite.
//
// Bhatia, Jain, Lim 2019; Malagò, Montrucchio, Pistone 2018; Han, Mishra, Jawanpuria, Gao 2021. Everything is in support/bures.ts; the parallel transport, in closed form where P and Q
// commute and by an ordinary differential equation else, in support/bures-transport.ts.
import { requireKnownOptions, requireOneOf } from "@hessia/core";
import type { GeodesicManifold } from "../manifold.js";
import { buresManifold } from "../support/bures.js";
import { requireSize } from "../support/require.js";

export interface SpdBuresWassersteinOptions {
  /** "exp", NaN outside of its domain; or "congruence", the same formula everywhere. Default "exp". */
  readonly retraction?: "exp" | "congruence";
}

/**
 * n × n symmetric positive definite matrices, Bures–Wasserstein metric; dimension n(n + 1)/2.
 * @throws ArgumentError when n isn't an integer ≥ 1 or an option isn't known.
 */
export function spdBuresWasserstein(n: number, options: SpdBuresWassersteinOptions = {}): GeodesicManifold {
  const routine = "spdBuresWasserstein";
  requireSize(routine, "n", n);
  requireKnownOptions(routine, options, ["retraction"]);
  const { retraction = "exp" } = options;
  requireOneOf(routine, "options.retraction", retraction, ["exp", "congruence"]);
  return buresManifold(routine, `${routine}(${n})`, n, retraction);
}
