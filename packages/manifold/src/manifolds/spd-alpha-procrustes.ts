// Symmetric positive definite matrices with the α-Procrustes metric, d(P, Q) = min over orthogonal W of ‖P^α − Q^α W‖_F / α:
// d² = (tr P^{2α} + tr Q^{2α} − 2 tr (P^α Q^{2α} P^α)^½)/α². α = ½ is twice the Bures–Wasserstein distance, α → 0 the log-Euclidean one.
//
// Minh 2022, "Alpha Procrustes metrics between positive definite operators: a unifying formulation for the Bures–Wasserstein and Log-Euclidean/Log-Hilbert–Schmidt metrics", Linear Algebra
// Appl. 636. Computed as the Bures–Wasserstein metric of P^{2α}, divided by α².
import { requireKnownOptions, requireNumber } from "@hessia/core";
import type { GeodesicManifold } from "../manifold.js";
import { buresManifold } from "../support/bures.js";
import { powerMap } from "../support/kernel-metric.js";
import { pullBack } from "../support/pull-back.js";
import { requireSize } from "../support/require.js";

export interface SpdAlphaProcrustesOptions {
  /** α in (0, 2]. Default ½. */
  readonly alpha?: number;
}

/**
 * n × n symmetric positive definite matrices, α-Procrustes metric.
 * @throws ArgumentError when n isn't an integer ≥ 1 or α is out of range.
 */
export function spdAlphaProcrustes(n: number, options: SpdAlphaProcrustesOptions = {}): GeodesicManifold {
  const routine = "spdAlphaProcrustes";
  requireSize(routine, "n", n);
  requireKnownOptions(routine, options, ["alpha"]);
  const { alpha = 0.5 } = options;
  requireNumber(routine, "options.alpha", alpha, { above: 0, atMost: 2 });
  return pullBack({
    routine,
    name: `${routine}(${n}, ${alpha})`,
    n,
    map: powerMap(2 * alpha),
    scale: 1 / (alpha * alpha),
    target: buresManifold(routine, `${routine}(${n}, ${alpha})`, n, "exp"),
    injectivityRadius: 0,
  });
}
