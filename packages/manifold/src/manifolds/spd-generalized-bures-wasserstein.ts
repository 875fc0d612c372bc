// Symmetric positive definite matrices with the generalized Bures–Wasserstein metric of parameter M ≻ 0 and, optionally, a power deformation:
// d² = tr(M⁻¹P) + tr(M⁻¹Q) − 2 tr (P M⁻¹ Q M⁻¹)^½, ⟨U, U⟩ = ½ tr(U L) with P L M + M L P = U. M = I is the plain metric; at P = M it is ¼ of the affine-invariant one.
//
// Han, Mishra, Jawanpuria, Gao 2023, "Learning with symmetric positive definite matrices via generalized Bures–Wasserstein geometry", GSI. With M = C Cᵀ it is the plain metric of C⁻¹PC⁻ᵀ: so
// it is computed. The power deformation of exponent α takes P^α in place of P and divides the metric by α².
import { describe, misuse, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import type { GeodesicManifold } from "../manifold.js";
import { buresManifold } from "../support/bures.js";
import { congruence } from "../support/congruence.js";
import { powerMap } from "../support/kernel-metric.js";
import { pullBack } from "../support/pull-back.js";
import { requireSize } from "../support/require.js";
import { spdBasics } from "../support/spd.js";

export interface SpdGeneralizedBuresWassersteinOptions {
  /** M, n × n, row-major, symmetric positive definite. Default the identity. */
  readonly metric?: Vector;
  /** α of the power deformation, not 0, in [−4, 4]. Default 1: none. */
  readonly power?: number;
}

/**
 * n × n symmetric positive definite matrices, generalized Bures–Wasserstein metric.
 * @throws ArgumentError when n isn't an integer ≥ 1, M isn't symmetric positive definite or the power is out of range.
 */
export function spdGeneralizedBuresWasserstein(
  n: number,
  options: SpdGeneralizedBuresWassersteinOptions = {},
): GeodesicManifold {
  const routine = "spdGeneralizedBuresWasserstein";
  requireSize(routine, "n", n);
  requireKnownOptions(routine, options, ["metric", "power"]);
  const { metric, power = 1 } = options;
  requireNumber(routine, "options.power", power, { atLeast: -4, atMost: 4 });
  if (power === 0) misuse(routine, "options.power", "0", "a power other than 0");
  let base = buresManifold(routine, `${routine}(${n})`, n, "exp");
  if (metric !== undefined) {
    if (!(metric instanceof Float64Array) || metric.length !== n * n)
      misuse(routine, "options.metric", describe(metric), `a Float64Array of length n² = ${n * n}`);
    const fault = metric.every(Number.isFinite)
      ? spdBasics(routine, n).pointFault(metric)
      : { given: "not finite", hint: "" };
    if (fault !== undefined)
      misuse(routine, "options.metric", fault.given, "a symmetric positive definite matrix", fault.hint);
    base = congruence(routine, `${routine}(${n}, M)`, n, metric, base);
  }
  if (power === 1) return base;
  return pullBack({
    routine,
    name: `${base.name} of power ${power}`,
    n,
    map: powerMap(power),
    scale: 1 / (power * power),
    target: base,
    injectivityRadius: 0,
  });
}
