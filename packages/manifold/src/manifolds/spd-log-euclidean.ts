// Symmetric positive definite matrices with the log-Euclidean metric, d(P, Q) = ‖log P − log Q‖_F: flat and complete, all through the matrix logarithm.
//
// Arsigny, Fillard, Pennec, Ayache 2007, "Geometric means in a novel vector space structure on symmetric positive-definite matrices", SIAM J. Matrix Anal. Appl. 29(1). The derivative
// of the logarithm is taken by divided differences in the eigenbasis (support/kernel-metric.ts). The eigenvectors of P lose κ(P) ε: at κ = 1e10 distances keep about six digits.
import { requireKnownOptions } from "@hessia/core";
import type { GeodesicManifold } from "../manifold.js";
import { logarithm } from "../support/kernel-metric.js";
import { pullBack } from "../support/pull-back.js";
import { requireSize } from "../support/require.js";
import { symmetricMatrices } from "./euclidean.js";

/**
 * n × n symmetric positive definite matrices, log-Euclidean metric; dimension n(n + 1)/2.
 * @throws ArgumentError when n isn't an integer ≥ 1.
 */
export function spdLogEuclidean(n: number, options: Record<string, never> = {}): GeodesicManifold {
  const routine = "spdLogEuclidean";
  requireSize(routine, "n", n);
  requireKnownOptions(routine, options, []);
  return pullBack({
    routine,
    name: `${routine}(${n})`,
    n,
    map: logarithm,
    scale: 1,
    target: symmetricMatrices(n),
    injectivityRadius: Number.POSITIVE_INFINITY,
  });
}
