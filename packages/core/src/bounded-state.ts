// The state of a method that takes bounds: what GradientState has, and the optimality conditions of Karush, Kuhn and Tucker.
import { boundsOf, projectedGradient } from "./bounds.js";
import type { Counted } from "./counts.js";
import type { Vector } from "./linear/matrix.js";
import { acceptTrial, type GradientState, startState } from "./method.js";
import type { GradientProblem, HasBounds } from "./problem.js";

/** Which bound holds a variable. */
export const activity = { atLower: -1, free: 0, atUpper: 1, fixed: 2 } as const;

/**
 * x is stationary when ∇f(x) = λ with λᵢ ≥ 0 at a lower bound, ≤ 0 at an upper one, 0 between them (and any number where l = u):
 * then ‖P(x − ∇f(x)) − x‖∞, the residual of these conditions, is 0.
 */
export interface BoundedState extends GradientState {
  /** ‖P(x − ∇f(x)) − x‖∞. */
  projectedGradientNorm: number;
  /** The same at the start, kept for relative tests, also across a resume. */
  initialProjectedGradientNorm: number;
  /** Of each variable one of {@link activity}: −1 at its lower bound, 1 at its upper one, 2 where l = u, 0 between. */
  active: Int32Array;
  /** λ: ∂f/∂xᵢ of the active variables whose sign is right, 0 of all others. */
  multipliers: Vector;
}

/** The fields of {@link BoundedState} at a feasible start: one evaluation of f and ∇f. */
export function startBoundedState(
  method: string,
  problem: Counted<GradientProblem & Partial<HasBounds>>,
  x0: Vector,
): Omit<BoundedState, "work"> {
  const bounds = boundsOf(method, problem);
  const state: BoundedState = {
    ...startState(method, problem, x0),
    projectedGradientNorm: 0,
    initialProjectedGradientNorm: 0,
    active: new Int32Array(x0.length),
    multipliers: new Float64Array(x0.length),
  };
  updateMultipliers(state, bounds);
  state.initialProjectedGradientNorm = state.projectedGradientNorm;
  return state;
}

/** As `acceptTrial`, with the active set, the multipliers and the residual at the new point. */
export function acceptBoundedTrial(
  state: BoundedState,
  bounds: HasBounds,
  trial: { x: Vector; gradient: Vector; value: number; stepNorm: number },
): void {
  acceptTrial(state, trial);
  updateMultipliers(state, bounds);
}

function updateMultipliers(state: BoundedState, bounds: HasBounds): void {
  const { x, gradient, active, multipliers } = state;
  const { lower, upper } = bounds;
  const { atLower, atUpper, free, fixed } = activity;
  for (let i = 0; i < x.length; i++) {
    const [g, low, high] = [gradient[i]!, x[i]! <= lower[i]!, x[i]! >= upper[i]!];
    active[i] = low && high ? fixed : low ? atLower : high ? atUpper : free;
    multipliers[i] = (low && g > 0) || (high && g < 0) ? g : 0;
  }
  state.projectedGradientNorm = projectedGradient(bounds, x, gradient);
}
