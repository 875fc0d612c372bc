// The line search of conjugate gradients and L-BFGS: strong Wolfe conditions along the curve R_x(t η), with core's search.
//
// Sato 2022, "Riemannian conjugate gradient methods: general framework and specific algorithms with convergence analyses", SIAM J. Optim. 32(4), eq. 4.3 and 4.4: the slope at t is
// ⟨grad f(y), T η⟩_y, y = R_x(t η), with the manifold's transport T.
import { type Counted, strongWolfe, type Vector, valueAndGradientInto } from "@hessia/core";
import { acceptManifoldTrial, type ManifoldProblem, type ManifoldState, type ManifoldTrial } from "../problem.js";
import { atRounding, hasEnded, moveInto, noiseOf, type Plateau } from "./trial.js";

export interface LineSearch {
  readonly direction: Vector;
  /** ⟨grad f(x), η⟩. */
  readonly slope: number;
  readonly initialStep: number;
  /** c₂. */
  readonly curvature: number;
}

/**
 * Finds t and leaves y, f, both gradients in `trial` and T η in `carried`. Answers t, or 0 where there is none. Where rounding hides the decrease of f the slopes decide.
 */
export function searchAlong(
  problem: Counted<ManifoldProblem>,
  state: ManifoldState,
  { direction: η, slope, initialStep, curvature }: LineSearch,
  trial: ManifoldTrial,
  carried: Vector,
): number {
  if (!(slope < 0 && initialStep > 0)) return 0;
  const { manifold } = problem;
  const { x, value } = state;
  const phi = (t: number) => {
    trial.value = Number.NaN;
    if (moveInto(manifold, trial, x, η, t))
      trial.value = valueAndGradientInto(problem, trial.euclideanGradient, trial.x);
    if (!Number.isFinite(trial.value)) return { value: trial.value, slope: Number.NaN };
    manifold.euclideanToRiemannianGradientInto(trial.gradient, trial.x, trial.euclideanGradient);
    manifold.transportInto(carried, x, trial.x, η);
    return { value: trial.value, slope: manifold.inner(trial.x, trial.gradient, carried) };
  };
  const { accepted, step } = strongWolfe(phi, value, slope, {
    initialStep,
    curvature,
    rounding: noiseOf(value),
  });
  if (!accepted) return 0;
  trial.stepNorm = step * manifold.norm(x, η);
  return step;
}

/** Moves the state to the point that {@link searchAlong} left in `trial`; where rounding has ended the progress it fails. */
export function acceptFound(
  { manifold }: Counted<ManifoldProblem>,
  state: ManifoldState & Plateau,
  trial: ManifoldTrial,
): void {
  const norm = manifold.norm(trial.x, trial.gradient);
  if (hasEnded(state, trial.value, norm)) state.failure = atRounding;
  acceptManifoldTrial(manifold, state, trial, norm);
}
