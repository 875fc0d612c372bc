import {
  type Counted,
  describe,
  type GradientState,
  type HasGradient,
  type HasHessianApply,
  type HasValue,
  misuse,
  requireNumber,
  type Stop,
  stateAt,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import type { Manifold } from "./manifold.js";

/** The manifold on which a problem lives; `dimension` is the number of coordinates of a point, `manifold.length`, not the manifold's dimension. */
export interface HasManifold<M extends Manifold = Manifold> {
  readonly manifold: M;
}

/**
 * f on a manifold. `value`, `gradientInto` and `hessianApplyInto` are f and its Euclidean derivatives as a function of the flat coordinates, as if there were no manifold; the methods
 * turn them into Riemannian ones. They are asked for at points of the manifold, and `hessianApplyInto` for tangent vectors, only.
 */
export type ManifoldProblem<M extends Manifold = Manifold> = HasValue &
  HasGradient &
  Partial<HasHessianApply> &
  HasManifold<M>;

/** A {@link ManifoldProblem} with products with the Euclidean Hessian. */
export type ManifoldHessianProblem<M extends Manifold = Manifold> = HasValue &
  HasGradient &
  HasHessianApply &
  HasManifold<M>;

/**
 * Puts a problem of as many variables as a point has coordinates on a manifold: one from `defineProblem`, or traced terms from `problemFromTerms`.
 * @throws ArgumentError when the number of variables isn't `manifold.length`.
 */
export function onManifold<M extends Manifold, P extends HasValue>(manifold: M, problem: P): P & HasManifold<M> {
  if (manifold === null || typeof manifold !== "object" || typeof manifold.retractInto !== "function")
    misuse("onManifold", "manifold", describe(manifold), "a manifold, for example `sphere(3)`");
  if (problem === null || typeof problem !== "object" || typeof problem.value !== "function")
    misuse("onManifold", "problem", describe(problem), "a problem object with `value`");
  if (problem.dimension !== manifold.length)
    misuse(
      "onManifold",
      "problem",
      `of ${describe(problem.dimension)} variables`,
      `${manifold.length}, the coordinates of a point of ${manifold.name}`,
    );
  return Object.assign(Object.create(problem) as P, { manifold });
}

/** The state of a method on a manifold that knows the gradient: `gradient` is grad f(x), `gradientNorm` and `initialGradientNorm` are Riemannian norms, `stepNorm` is ‖t u‖_x. */
export interface ManifoldState extends GradientState {
  /** ∇f(x), Euclidean: what the Hessian's conversion needs. */
  euclideanGradient: Vector;
}

/**
 * The fields of {@link ManifoldState} at a start point: one evaluation of f and ∇f.
 * @throws ArgumentError when x0 isn't on the manifold.
 */
export function startManifoldState(
  method: string,
  problem: Counted<ManifoldProblem>,
  x0: Vector,
): Omit<ManifoldState, "work"> {
  const { manifold } = problem;
  if (manifold === undefined) misuse(method, "problem", "without a manifold", "a problem made by `onManifold`");
  manifold.checkPoint(method, "x0", x0);
  const euclideanGradient = new Float64Array(x0.length);
  const value = valueAndGradientInto(problem, euclideanGradient, x0);
  const gradient = manifold.euclideanToRiemannianGradientInto(new Float64Array(x0.length), x0, euclideanGradient);
  const start = stateAt(method, x0.slice(), value, gradient, finiteNorm(manifold, x0, gradient));
  return { ...start, euclideanGradient };
}

/** A point that a method tries, with f and its gradients there. */
export interface ManifoldTrial {
  x: Vector;
  /** grad f(x). */
  gradient: Vector;
  /** ∇f(x). */
  euclideanGradient: Vector;
  value: number;
  stepNorm: number;
}

/** grad f at a trial point from its ∇f, into `trial.gradient`. Answers the norm, NaN where the gradient isn't finite. */
export function trialGradientNorm(manifold: Manifold, trial: ManifoldTrial): number {
  manifold.euclideanToRiemannianGradientInto(trial.gradient, trial.x, trial.euclideanGradient);
  return finiteNorm(manifold, trial.x, trial.gradient);
}

/**
 * Moves a state to an accepted trial point and swaps the buffers. `trial.euclideanGradient` holds ∇f(x⁺); the Riemannian gradient is computed here, unless its norm is given: then
 * `trial.gradient` holds it.
 */
export function acceptManifoldTrial(
  manifold: Manifold,
  state: ManifoldState,
  trial: ManifoldTrial,
  gradientNorm = trialGradientNorm(manifold, trial),
): void {
  const { x, gradient, euclideanGradient } = state;
  state.x = trial.x;
  state.gradient = trial.gradient;
  state.euclideanGradient = trial.euclideanGradient;
  state.value = trial.value;
  state.gradientNorm = gradientNorm;
  state.stepNorm = trial.stepNorm;
  trial.x = x;
  trial.gradient = gradient;
  trial.euclideanGradient = euclideanGradient;
}

/** ‖u‖_x, NaN where u isn't finite, which the clamping of small negative squares would hide. */
function finiteNorm(manifold: Manifold, x: Vector, u: Vector): number {
  for (let i = 0; i < u.length; i++) if (!Number.isFinite(u[i])) return Number.NaN;
  return manifold.norm(x, u);
}

/** Tolerances of {@link riemannianGradientNorm}; a number t stands for `{ absolute: t, relative: t }`. Defaults 1e-8. */
export interface RiemannianTolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

/** Converged when ‖grad f(x)‖_x ≤ max(absolute, relative · ‖grad f(x₀)‖), the norm of the manifold's metric. */
export function riemannianGradientNorm(tolerance: number | RiemannianTolerance = 1e-8): Stop<GradientState> {
  const rule = "riemannianGradientNorm";
  const { absolute = 1e-8, relative = 1e-8 } =
    typeof tolerance === "number" ? { absolute: tolerance, relative: tolerance } : tolerance;
  requireNumber(rule, "absolute", absolute, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(rule, "relative", relative, { atLeast: 0, below: 1 });
  return ({ state }) => {
    const threshold = Math.max(absolute, relative * state.initialGradientNorm);
    if (!(state.gradientNorm <= threshold)) return null;
    return {
      kind: "converged",
      rule,
      detail: `‖grad f‖ = ${state.gradientNorm.toExponential(2)} ≤ ${threshold.toExponential(2)}`,
    };
  };
}
