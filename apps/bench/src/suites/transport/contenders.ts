// Methods of Hessia (and L-BFGS on the dual as a rival) on one transport problem: the same start, the same test on the l1 marginal error, and the final error evaluated anew by the benchmark.
import { any, type GradientState, type Method, maxIterations, type Observer, type Stop, solve } from "@hessia/core";
import { lbfgs } from "@hessia/newton";
import {
  logSinkhorn,
  safeSparseNewton,
  sinkhornNewtonSparse,
  sparseLowRank,
  type TransportProblem,
  type TransportState,
} from "@hessia/sinkhorn";
import { processorNow } from "../../stopwatch.js";

export interface TransportContender {
  readonly name: string;
  make(): Method<TransportProblem, GradientState>;
}

/** A method of a package as a contender. */
export const ours = (name: string, make: () => unknown): TransportContender => ({
  name,
  make: make as () => Method<TransportProblem, GradientState>,
});

/** The default of `transport`: sweeps, an automatic switch, then safe and sparse Newton steps. */
export const byDefault = ours("safeSparseNewton (default)", () => safeSparseNewton());
export const newtonSparse = ours("sinkhornNewtonSparse", () => sinkhornNewtonSparse());
export const lowRank = ours("sparseLowRank", () => sparseLowRank());
/** Sinkhorn's algorithm as it is. */
export const plainSinkhorn = ours("logSinkhorn", () => logSinkhorn());
export const scaledSinkhorn = ours("logSinkhorn, falling ε, relaxed", () =>
  logSinkhorn({ scaling: true, relaxation: "auto" }),
);
export const dualLbfgs = ours("L-BFGS on the dual", () => lbfgs());

export const everyContender: readonly TransportContender[] = [
  byDefault,
  newtonSparse,
  lowRank,
  scaledSinkhorn,
  plainSinkhorn,
  dualLbfgs,
];

export interface Trial {
  readonly ms: number;
  /** Processor time of this process: what other work on the machine doesn't stretch. */
  readonly processorMs: number;
  readonly iterations: number;
  /** l1, of the mass, at the potentials returned. */
  readonly marginalError: number;
  readonly reached: boolean;
  readonly reason: string;
  /** Milliseconds and marginal error after each step at the problem's own regularization. */
  readonly path: readonly (readonly [number, number])[];
}

export interface AttemptLimits {
  readonly iterations?: number;
  /** Milliseconds of processor time. */
  readonly processor?: number;
}

/** One run from potentials 0 until the marginal error is within the tolerance, or for so many milliseconds. */
export function attempt(
  contender: TransportContender,
  problem: TransportProblem,
  tolerance: number,
  limit: number,
  { iterations = 1_000_000, processor = Number.POSITIVE_INFINITY }: AttemptLimits = {},
): Trial {
  /** While ε is being lowered the gradient is that of another problem. */
  const lowering = (state: GradientState) => typeof (state as TransportState).regularizationNow === "number";
  const within: Stop<GradientState> = ({ state }) =>
    !lowering(state) && errorOf(state.gradient, problem.mass) <= tolerance
      ? { kind: "converged", rule: "marginalError", detail: `within ${tolerance}` }
      : null;
  const spent: Stop<GradientState> = () =>
    processorNow() - started >= processor ? { kind: "budget", rule: "processorTime", detail: `${processor} ms` } : null;
  const path: [number, number][] = [];
  const begin = performance.now();
  const started = processorNow();
  const watch: Observer<GradientState> = ({ state }) => {
    if (!lowering(state)) path.push([performance.now() - begin, errorOf(state.gradient, problem.mass)]);
  };
  const result = solve(contender.make(), problem, new Float64Array(problem.dimension), {
    stop: any<GradientState>(within, spent, maxIterations(iterations)),
    timeLimit: limit,
    secondOrder: false,
    observers: [watch],
  });
  const processorMs = processorNow() - started;
  const ms = result.times.total;
  const error = errorOf(problem.gradientInto(new Float64Array(problem.dimension), result.state.x), problem.mass);
  return {
    ms,
    processorMs,
    iterations: result.iterations,
    marginalError: error,
    // The last digits of a sum over n² entries depend on its order.
    reached: error <= 1.01 * tolerance + 1e-14,
    reason: result.reason.rule,
    path,
  };
}

/** (‖P1 − r‖₁ + ‖Pᵀ1 − c‖₁)/mass of a gradient. */
export function errorOf(gradient: Float64Array, mass: number): number {
  let sum = 0;
  for (let k = 0; k < gradient.length; k++) sum += Math.abs(gradient[k]!);
  return sum / mass;
}
