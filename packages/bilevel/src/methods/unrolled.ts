// Unrolled differentiation: the lower level replaced by T gradient steps, which are differentiated.
//
//   min_{x ∈ X} F(x, y_T(x)),   y_{t+1} = y_t − s ∇ᵧf(x, y_t),   y₀ fixed
//
// Franceschi, Donini, Frasconi, Pontil 2017, "Forward and reverse gradient-based hyperparameter optimization", ICML, Algorithms 1 (reverse) and 2 (forward); truncated: Shaban, Cheng, Hatch, Boots 2019,
// "Truncated back-propagation for bilevel optimization", AISTATS.
//
// Deviations:
// 1. Steps in x are spectral projected gradient steps on the unrolled objective (support/spectral.ts); a constant `upperStep` where F and f are sampled.
// 2. s defaults to 1/L, L estimated at the start.
import { type Counted, type Method, requireKnownOptions, requireNumber, requireOneOf, type Vector } from "@hessia/core";
import { type BilevelProblem, evaluateInto, hessianApplyInto, type Objective, requirePlainLower } from "../problem.js";
import { estimateConstants } from "../support/constants.js";
import { type ReducedState, reducedStart, reducedStep } from "../support/reduced.js";

export interface UnrolledOptions {
  /** T, ≥ 1. Default 100. */
  readonly innerSteps?: number;
  /** s, > 0. Default: estimated. */
  readonly innerStep?: number;
  /** "reverse" (default): O(T m) memory, 2T products. "forward": O(n m) memory, n T products. */
  readonly mode?: "reverse" | "forward";
  /** K, only the last K steps are differentiated ("reverse"), ≥ 1. Default: all. */
  readonly truncate?: number;
  /** A constant step in x, > 0: needed where F and f are sampled. Default: spectral steps. */
  readonly upperStep?: number;
}

export interface UnrolledState extends ReducedState {
  /** y₀ and s. */
  start: Vector;
  innerStep: number;
}

/** @throws ArgumentError on an unknown option, or one out of range; a problem with lower constraints or a lower set, or without products with the lower Hessian. */
export function unrolled(options: UnrolledOptions = {}): Method<BilevelProblem, UnrolledState> {
  const name = "unrolled";
  requireKnownOptions(name, options, ["innerSteps", "innerStep", "mode", "truncate", "upperStep"]);
  const { innerSteps: T = 100, innerStep, mode = "reverse", truncate = T, upperStep } = options;
  requireNumber(name, "options.innerSteps", T, { atLeast: 1, integer: true });
  requireNumber(name, "options.truncate", truncate, { atLeast: 1, integer: true });
  requireOneOf(name, "options.mode", mode, ["reverse", "forward"]);
  for (const [key, value] of Object.entries({ innerStep, upperStep }))
    if (value !== undefined)
      requireNumber(name, `options.${key}`, value, { above: 0, below: Number.POSITIVE_INFINITY });
  return {
    name,
    init(problem, z0) {
      requirePlainLower(name, problem);
      const start = reducedStart(name, problem, z0, upperStep);
      return {
        ...start,
        start: start.x.slice(problem.upperDimension),
        innerStep: innerStep ?? 1 / (estimateConstants(problem, start.x).lower || 1),
      };
    },
    step: (problem, state) =>
      reducedStep(
        problem,
        state,
        upperStep,
        () => (gradient, z, objectives) =>
          mode === "reverse"
            ? reverse(gradient, problem, state, z, objectives, T, Math.min(T, truncate))
            : forward(gradient, problem, state, z, objectives, T),
      ) as UnrolledState,
  };
}

interface Objectives {
  readonly upper: Objective;
  readonly lower: Objective;
}

function reverse(
  out: Vector,
  problem: Counted<BilevelProblem>,
  { start, innerStep: s }: UnrolledState,
  z: Vector,
  { upper, lower }: Objectives,
  T: number,
  K: number,
) {
  const { upperDimension: n, lowerDimension: m, dimension } = problem;
  const gradient = new Float64Array(dimension);
  const path = new Float64Array(K * m);
  z.set(start, n);
  for (let t = 0; t < T; t++) {
    if (t >= T - K) path.set(z.subarray(n), (t - T + K) * m);
    evaluateInto(problem, lower, gradient, z);
    for (let j = n; j < dimension; j++) z[j] = z[j]! - s * gradient[j]!;
  }
  const last = z.slice(n);
  evaluateInto(problem, lower, gradient, z);
  const lowerGradient = normOfTail(gradient, n);
  const value = evaluateInto(problem, upper, gradient, z);
  for (let i = 0; i < n; i++) out[i] = gradient[i]!;
  // a_t = (I − s ∇²ᵧᵧf) a_{t+1}, the hypergradient loses s ∇²ₓᵧf a_{t+1}.
  const a = new Float64Array(dimension);
  a.set(gradient.subarray(n), n);
  const Ha = new Float64Array(dimension);
  for (let t = K - 1; t >= 0; t--) {
    z.set(path.subarray(t * m, (t + 1) * m), n);
    hessianApplyInto(problem, lower, Ha, z, a);
    for (let i = 0; i < n; i++) out[i] = out[i]! - s * Ha[i]!;
    for (let j = n; j < dimension; j++) a[j] = a[j]! - s * Ha[j]!;
  }
  z.set(last, n);
  return { value, products: K, innerSteps: T, lowerGradient };
}

function forward(
  out: Vector,
  problem: Counted<BilevelProblem>,
  { start, innerStep: s }: UnrolledState,
  z: Vector,
  { upper, lower }: Objectives,
  T: number,
) {
  const { upperDimension: n, lowerDimension: m, dimension } = problem;
  const gradient = new Float64Array(dimension);
  // Column i of the Jacobian of y_t, as row i: (e_i, ∂y/∂xᵢ).
  const rows = new Float64Array(n * dimension);
  for (let i = 0; i < n; i++) rows[i * dimension + i] = 1;
  const Hv = new Float64Array(dimension);
  z.set(start, n);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < n; i++) {
      const v = rows.subarray(i * dimension, (i + 1) * dimension);
      hessianApplyInto(problem, lower, Hv, z, v);
      for (let j = n; j < dimension; j++) v[j] = v[j]! - s * Hv[j]!;
    }
    evaluateInto(problem, lower, gradient, z);
    for (let j = n; j < dimension; j++) z[j] = z[j]! - s * gradient[j]!;
  }
  evaluateInto(problem, lower, gradient, z);
  const lowerGradient = normOfTail(gradient, n);
  const value = evaluateInto(problem, upper, gradient, z);
  for (let i = 0; i < n; i++) {
    let sum = gradient[i]!;
    for (let j = 0; j < m; j++) sum += rows[i * dimension + n + j]! * gradient[n + j]!;
    out[i] = sum;
  }
  return { value, products: n * T, innerSteps: T, lowerGradient };
}

function normOfTail(v: Vector, from: number): number {
  let most = 0;
  for (let j = from; j < v.length; j++) most = Math.max(most, Math.abs(v[j]!));
  return most;
}
