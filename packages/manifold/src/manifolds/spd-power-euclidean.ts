// Symmetric positive definite matrices with the power-Euclidean metric, d(P, Q) = ‖P^α − Q^α‖_F / |α|: flat, not complete. α = 1 is the Euclidean metric, α = ½ the square-root metric,
// α → 0 the log-Euclidean one.
//
// Dryden, Pennec, Peyrat 2010, "Power Euclidean metrics for covariance matrices with application to diffusion tensor imaging", arXiv:1009.3045; Thanwerdas, Pennec 2022, "The geometry
// of mixed-Euclidean metrics on symmetric positive definite matrices", Differ. Geom. Appl. 81.
import { misuse, requireKnownOptions, requireNumber } from "@hessia/core";
import type { GeodesicManifold } from "../manifold.js";
import { powerMap } from "../support/kernel-metric.js";
import { pullBack } from "../support/pull-back.js";
import { requireSize } from "../support/require.js";
import { symmetricMatrices } from "./euclidean.js";

export interface SpdPowerEuclideanOptions {
  /** α, not 0, in [−4, 4]. Default ½. */
  readonly power?: number;
}

/**
 * n × n symmetric positive definite matrices, power-Euclidean metric. Geodesics that leave the positive definite matrices are refused by `expInto`, and NaN from `retractInto`.
 * @throws ArgumentError when n isn't an integer ≥ 1 or the power is out of range.
 */
export function spdPowerEuclidean(n: number, options: SpdPowerEuclideanOptions = {}): GeodesicManifold {
  const routine = "spdPowerEuclidean";
  requireSize(routine, "n", n);
  requireKnownOptions(routine, options, ["power"]);
  const { power = 0.5 } = options;
  requireNumber(routine, "options.power", power, { atLeast: -4, atMost: 4 });
  if (power === 0) misuse(routine, "options.power", "0", "a power other than 0", "Its limit is `spdLogEuclidean(n)`.");
  return pullBack({
    routine,
    name: `${routine}(${n}, ${power})`,
    n,
    map: powerMap(power),
    scale: 1 / (power * power),
    target: symmetricMatrices(n),
    injectivityRadius: 0,
  });
}
