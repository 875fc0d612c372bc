// Limited-memory BFGS for simple bounds.
//
//   min f(x)   over   l ≤ x ≤ u
//
// Byrd, Lu, Nocedal, Zhu 1995, "A limited memory algorithm for bound constrained optimization", SIAM J. Sci. Comput. 16(5), the algorithm of its §6: the
// model of the last `memory` pairs is minimized over the box by way of its generalized Cauchy point (core's `compactBoxInto`, with the projection of
// Morales, Nocedal 2011), then a line search for the strong Wolfe conditions towards that point and beyond it as far as the bounds allow.
//
// Deviations:
// 1. A pair with sᵀy ≤ 1e-10 ‖s‖‖y‖ is skipped (the search ends at a bound without the curvature condition).
// 2. When the search fails, the memory is dropped and the projected steepest descent is tried once before giving up.
// 3. The line search is core's (Nocedal, Wright 2006, Algorithms 3.5 and 3.6) in place of Moré and Thuente's.
import {
  acceptBoundedTrial,
  type BoundedState,
  boundsOf,
  type CompactBoxWork,
  type Counted,
  compactBfgs,
  compactBoxInto,
  compactBoxWork,
  type GradientProblem,
  type HasBounds,
  type Method,
  newPairs,
  type Pairs,
  projectedGradient,
  requireKnownOptions,
  requireNumber,
  startBoundedState,
  storePair,
  strongWolfe,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import { dot, norm2 } from "@hessia/core/linear";
import { newTrial, type Trial } from "./hessian.js";

/** f, ∇f and bounds; a problem without bounds is one with infinite ones. */
export type BoundedGradientProblem = GradientProblem & Partial<HasBounds>;

export interface LbfgsbOptions {
  /** Pairs kept, 1 to 100. Default 10. */
  readonly memory?: number;
}

export interface LbfgsbState extends BoundedState {
  /** The stored pairs with their products. */
  pairs: Pairs;
  work?: Work;
}

interface Work {
  readonly bounds: HasBounds;
  readonly direction: Vector;
  readonly difference: Vector;
  readonly trial: Trial;
  readonly box: CompactBoxWork;
}

export function lbfgsb(options: LbfgsbOptions = {}): Method<BoundedGradientProblem, LbfgsbState> {
  const name = "lbfgsb";
  requireKnownOptions(name, options, ["memory"]);
  const { memory = 10 } = options;
  requireNumber(name, "memory", memory, { atLeast: 1, atMost: 100, integer: true });

  return {
    name,
    takes: { bounds: true },
    init: (problem, x0) => ({ ...startBoundedState(name, problem, x0), pairs: newPairs(x0.length, memory) }),

    step(problem, state) {
      const work = (state.work ??= newWork(state.x.length, memory, boundsOf(name, problem)));
      state.iteration++;
      state.stepNorm = 0;
      let found = search(problem, state, work);
      if (!found && state.pairs.count > 0) {
        forget(state.pairs);
        found = search(problem, state, work);
      }
      if (!found) {
        state.failure = {
          rule: "noProgress",
          detail: "the line search found no decrease along the projected gradient path",
        };
        return state;
      }
      const { trial, direction: s, difference: y } = work;
      for (let i = 0; i < s.length; i++) {
        s[i] = trial.x[i]! - state.x[i]!;
        y[i] = trial.gradient[i]! - state.gradient[i]!;
      }
      storePair(state.pairs, s, y);
      acceptBoundedTrial(state, work.bounds, trial);
      return state;
    },
  };
}

function newWork(n: number, memory: number, bounds: HasBounds): Work {
  return {
    bounds,
    direction: new Float64Array(n),
    difference: new Float64Array(n),
    trial: newTrial(n),
    box: compactBoxWork(n, memory),
  };
}

function forget(pairs: Pairs): void {
  pairs.count = 0;
  pairs.newest = -1;
}

/** Searches towards the minimizer of the model; leaves the point found, its value and gradient in `work.trial`. */
function search(
  problem: Counted<GradientProblem>,
  state: LbfgsbState,
  { direction, trial, box, bounds }: Work,
): boolean {
  const { x, value, gradient, pairs } = state;
  const { lower, upper } = bounds;
  const n = x.length;
  const B = compactBfgs(pairs, n);
  if (B === undefined) return false;
  compactBoxInto(direction, B, gradient, x, bounds, box);
  let maxStep = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) maxStep = Math.min(maxStep, breakpoint(x[i]!, direction[i]!, lower[i]!, upper[i]!));
  const slope = dot(gradient, direction);
  if (!(slope < 0)) return false;
  const phi = (step: number) => {
    for (let i = 0; i < n; i++) {
      const d = direction[i]!;
      const [l, u] = [lower[i]!, upper[i]!];
      // Who has reached a bound is there to the last bit.
      trial.x[i] = step >= breakpoint(x[i]!, d, l, u) ? (d > 0 ? u : l) : Math.min(u, Math.max(l, x[i]! + step * d));
    }
    trial.value = valueAndGradientInto(problem, trial.gradient, trial.x);
    return { value: trial.value, slope: dot(trial.gradient, direction) };
  };
  // The first direction has no scale of its own: begin with a step of length at most 1.
  const length = norm2(direction);
  const initialStep = pairs.count > 0 ? 1 : Math.min(1, 1 / length);
  const outcome = strongWolfe(phi, value, slope, { initialStep, maxStep: Math.max(1, maxStep) });
  trial.stepNorm = outcome.step * length;
  const rounding = Math.abs(outcome.value - value) <= 10 * Number.EPSILON * Math.max(1, Math.abs(value));
  const residual = outcome.accepted ? projectedGradient(bounds, trial.x, trial.gradient) : Number.NaN;
  return outcome.accepted && !(rounding && residual >= state.projectedGradientNorm && outcome.value >= value);
}

/** The step at which x + step · d reaches a bound. */
function breakpoint(x: number, d: number, l: number, u: number): number {
  return d > 0 ? (u - x) / d : d < 0 ? (l - x) / d : Number.POSITIVE_INFINITY;
}
