// Sinkhorn's algorithm in the log domain: stable at any regularization.
//
//   max_{x, y} D(x, y),   y ← ε (log c − log Σ_i exp((xᵢ − C_ij)/ε)),   x ← ε (log r − log Σ_j exp((yⱼ − C_ij)/ε))
//
// Sinkhorn 1964; Cuturi 2013, "Sinkhorn distances", NeurIPS; in logarithms and with a falling ε: Schmitzer 2019, "Stabilized sparse scaling algorithms for entropy regularized transport
// problems", SIAM J. Sci. Comput. 41(3), §3. Over-relaxation with its descent check: Thibault, Chizat, Dossal, Papadakis 2021, Algorithms 14(5), Algorithm 1. Anderson acceleration of
// y ↦ G(y): Walker, Ni 2011.
//
// Deviations:
// 1. Columns come first and rows last, so that the sums of both are known after two passes over the cost: the marginal error costs nothing.
// 2. The check of over-relaxation compares growths of D in closed form (support/acceleration.ts) and halves ω − 1 until enough is left.
// 3. An accelerated y is taken where the dual value at it, rows solved for, isn't below that of the plain step before its rows are; else the memory is dropped.
// 4. While ε falls, a stage ends when its marginal error is below 0.05 or after `sweeps` sweeps.
import { type Method, requireKnownOptions } from "@hessia/core";
import type { TransportProblem } from "../problem.js";
import { type SinkhornOptions, type SinkhornState, sinkhornMethod } from "../support/sinkhorn-method.js";
import { logPasses } from "../support/sweep.js";

export type LogSinkhornOptions = SinkhornOptions;
export type LogSinkhornState = SinkhornState;

/**
 * The alternate maximization of the dual by sums of exponentials that neither overflow nor underflow: two passes over the cost a sweep.
 * @throws ArgumentError on an unknown option, or one out of range.
 */
export function logSinkhorn(options: LogSinkhornOptions = {}): Method<TransportProblem, LogSinkhornState> {
  requireKnownOptions("logSinkhorn", options, ["scaling", "relaxation", "anderson"]);
  return sinkhornMethod("logSinkhorn", options, (_problem, state) => state, logPasses);
}
