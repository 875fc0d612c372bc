// BOME: bilevel optimization made easy, a first-order method with a dynamic barrier.
//
//   min F(x, y)  subject to  q(x, y) = f(x, y) − f(x, y*(x)) ≤ 0
//
// Liu, Ye, Wright, Stone, Liu 2022, "BOME! Bilevel optimization made easy: a simple first-order approach", NeurIPS, Algorithm 1: y*(x) is replaced by T gradient steps from y, held constant in the gradient of q;
// v ← v − ξ (∇F + λ ∇q), λ = max((φ − ⟨∇F, ∇q⟩)/‖∇q‖², 0), φ = η ‖∇q‖².
//
// Deviations:
// 1. ξ and α default to 0.5/L with curvatures estimated at the start; the paper leaves them to the user.
// 2. x is projected onto X.
// 3. ξ shrinks as ξ/√(1 + k/`decay`), so that the dithering of a constant step ends.
import { type Counted, type Method, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { dot } from "@hessia/core/linear";
import {
  type BilevelProblem,
  type BilevelState,
  bilevelStart,
  evaluateInto,
  isLost,
  objectivesOf,
  projectUpperLower,
  requirePlainLower,
} from "../problem.js";
import { estimateConstants } from "../support/constants.js";

export interface BomeOptions {
  /** ξ, > 0. Default: estimated. */
  readonly upperStep?: number;
  /** α of the steps to y_T, > 0. Default: estimated. */
  readonly innerStep?: number;
  /** T, ≥ 1. Default 10. */
  readonly innerSteps?: number;
  /** η, > 0. Default 0.5. */
  readonly barrier?: number;
  /** > 0, Infinity for a constant ξ. Default 1000. */
  readonly decay?: number;
}

export interface BomeState extends BilevelState {
  upperStep: number;
  innerStep: number;
  /** λ of the last step. */
  multiplier: number;
  work?: { readonly point: Vector; readonly below: Vector; readonly q: Vector; readonly F: Vector };
}

/** @throws ArgumentError on an unknown option, or one out of range; a problem with lower constraints or a lower set. */
export function bome(options: BomeOptions = {}): Method<BilevelProblem, BomeState> {
  const name = "bome";
  requireKnownOptions(name, options, ["upperStep", "innerStep", "innerSteps", "barrier", "decay"]);
  const { innerSteps = 10, barrier = 0.5, decay = 1000, upperStep, innerStep } = options;
  for (const [key, value] of Object.entries({ upperStep, innerStep, barrier }))
    if (value !== undefined)
      requireNumber(name, `options.${key}`, value, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(name, "options.innerSteps", innerSteps, { atLeast: 1, integer: true });
  requireNumber(name, "options.decay", decay, { above: 0 });

  return {
    name,
    init(problem, z0) {
      requirePlainLower(name, problem);
      const start = bilevelStart(name, problem, z0);
      const { lower, upper } = estimateConstants(problem, start.x);
      return {
        ...start,
        upperStep: upperStep ?? 0.5 / Math.max(lower, upper, 1e-6),
        innerStep: innerStep ?? 0.5 / (lower || 1),
        multiplier: 0,
      };
    },
    step: (problem, state) => step(problem, state, innerSteps, barrier, decay),
  };
}

function step(problem: Counted<BilevelProblem>, state: BomeState, T: number, η: number, decay: number): BomeState {
  const { upperDimension: n, dimension } = problem;
  const vector = () => new Float64Array(dimension);
  const { point, below, q, F } = (state.work ??= { point: vector(), below: vector(), q: vector(), F: vector() });
  const { x: v } = state;
  const k = state.iteration++;
  const ξ = state.upperStep / Math.sqrt(1 + k / decay);
  const { upper, lower } = objectivesOf(problem, k);
  point.set(v);
  let inner = 0;
  for (let t = 0; t < T; t++) {
    inner = evaluateInto(problem, lower, below, point);
    for (let j = n; j < dimension; j++) point[j] = point[j]! - state.innerStep * below[j]!;
  }
  inner = evaluateInto(problem, lower, below, point);
  const above = evaluateInto(problem, lower, q, v);
  for (let i = 0; i < n; i++) q[i] = q[i]! - below[i]!;
  evaluateInto(problem, upper, F, v);
  const qq = dot(q, q);
  const λ = qq > 0 ? Math.max((η * qq - dot(F, q)) / qq, 0) : 0;
  for (let i = 0; i < dimension; i++) {
    point[i] = v[i]!;
    v[i] = v[i]! - ξ * (F[i]! + λ * q[i]!);
  }
  projectUpperLower(problem, v);
  if (isLost(v)) {
    const detail =
      "a step isn't finite, or has led beyond 1e12; likely causes: (a) the step ξ or α is too long: take smaller ones, (b) overflow in F or f";
    state.failure = { rule: "nonFinite", detail };
    v.set(point);
    return state;
  }
  let length = 0;
  state.gradientNorm = 0;
  for (let i = 0; i < dimension; i++) {
    state.gradient[i] = (point[i]! - v[i]!) / ξ;
    state.gradientNorm = Math.max(state.gradientNorm, Math.abs(state.gradient[i]!));
    length += (point[i]! - v[i]!) ** 2;
  }
  state.multiplier = λ;
  state.stepNorm = Math.sqrt(length);
  state.gap = Math.abs(above - inner);
  state.value = problem.value(v);
  return state;
}
