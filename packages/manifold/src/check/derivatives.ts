// Derivatives on a manifold against f itself along the retraction: Boumal, "An Introduction to Optimization on Smooth Manifolds" (2023), §4.8 and §6.8.
import {
  ArgumentError,
  counted,
  type DerivativeCheck,
  describe,
  misuse,
  requireFiniteVector,
  requireKnownOptions,
  type SlopeRow,
  type Vector,
} from "@hessia/core";
import { norm2 } from "@hessia/core/linear";
import type { Manifold } from "../manifold.js";
import type { ManifoldHessianProblem, ManifoldProblem } from "../problem.js";
import type { Random } from "../support/random.js";
import { judgeSlope, stepGrid } from "./slope.js";

/** What {@link checkGradient} and {@link checkHessian} may be told: a direction, or where to take a random one from. */
export interface DerivativeCheckOptions {
  /** A tangent vector at x. Default: a random one, or a fixed dense one where `random` is missing. */
  readonly direction?: Vector;
  readonly random?: Random;
}

/**
 * Checks the gradient at x: |f(R(t u)) − f(x) − t ⟨grad f, u⟩| must shrink like t². "wrong" where it shrinks like t.
 * @throws ArgumentError when x isn't on the manifold or the direction isn't tangent.
 */
export function checkGradient(
  problem: ManifoldProblem,
  x: Vector,
  options: DerivativeCheckOptions = {},
): DerivativeCheck {
  const { at, u, manifold, watched } = prepare("checkGradient", problem, x, options);
  const euclidean = watched.gradientInto(new Float64Array(at.length), at);
  const gradient = manifold.euclideanToRiemannianGradientInto(new Float64Array(at.length), at, euclidean);
  const slope = manifold.inner(at, gradient, u);
  return judgeSlope(
    remainders(manifold, watched, at, u, (t) => t * slope),
    2,
  );
}

export interface ManifoldHessianCheck extends DerivativeCheck {
  /** |⟨Hess f[u], v⟩ − ⟨u, Hess f[v]⟩| relative to the sizes, for a second direction v. */
  readonly asymmetry: number;
  /** Why a slope of 3 can't be asked for, where the retraction is of first order and x isn't a stationary point. */
  readonly note?: string;
}

/**
 * Checks gradient and Hessian at x: |f(R(t u)) − f(x) − t ⟨grad f, u⟩ − ½t² ⟨Hess f[u], u⟩| must shrink like t³ along a retraction of second order, which the exponential always is: it is
 * used where the manifold has one. Else the check is conclusive at a stationary point only, and `note` says so.
 * @throws ArgumentError when x isn't on the manifold or the direction isn't tangent.
 */
export function checkHessian(
  problem: ManifoldHessianProblem,
  x: Vector,
  options: DerivativeCheckOptions = {},
): ManifoldHessianCheck {
  const { at, u, manifold, watched } = prepare("checkHessian", problem, x, options);
  if (typeof problem.hessianApplyInto !== "function")
    misuse("checkHessian", "problem.hessianApplyInto", describe(problem.hessianApplyInto), "products with ∇²f");
  const n = at.length;
  const euclidean = watched.gradientInto(new Float64Array(n), at);
  const gradient = manifold.euclideanToRiemannianGradientInto(new Float64Array(n), at, euclidean);
  const hessian = (w: Vector) => {
    const product = watched.hessianApplyInto(new Float64Array(n), at, w);
    return manifold.euclideanToRiemannianHessianInto(product, at, euclidean, product, w);
  };
  const v = tangentOf(manifold, at, (i) => Math.sin(2 + 3 * i) + (i % 2));
  const [Hu, Hv] = [hessian(u), hessian(v)];
  const [uHv, vHu] = [manifold.inner(at, u, Hv), manifold.inner(at, v, Hu)];
  const scale = Math.max(manifold.norm(at, Hu), manifold.norm(at, Hv));
  const [slope, curvature] = [manifold.inner(at, gradient, u), manifold.inner(at, u, Hu)];
  const verdict = judgeSlope(
    remainders(manifold, watched, at, u, (t) => t * slope + 0.5 * t * t * curvature),
    3,
  );
  const firstOrder = manifold.expInto === undefined && manifold.retractionOrder === 1;
  return {
    ...verdict,
    asymmetry: scale > 0 ? Math.abs(uHv - vHu) / scale : 0,
    ...(firstOrder
      ? { note: `the retraction "${manifold.retraction}" is of first order: conclusive at a stationary point only` }
      : {}),
  };
}

function remainders(
  manifold: Manifold,
  problem: { value(x: Vector): number },
  x: Vector,
  u: Vector,
  model: (t: number) => number,
): SlopeRow[] {
  const value = problem.value(x);
  const trial = new Float64Array(x.length);
  return stepGrid.map((step) => {
    moveInto(trial, manifold, x, u, step);
    const moved = problem.value(trial);
    const predicted = model(step);
    return {
      step,
      error: Math.abs(moved - value - predicted),
      rounding: 4 * Number.EPSILON * (Math.abs(moved) + Math.abs(value) + Math.abs(predicted)),
    };
  });
}

/** Along the exponential where there is one, and its domain allows, else along the retraction. */
function moveInto(out: Vector, manifold: Manifold, x: Vector, u: Vector, t: number): Vector {
  if (manifold.expInto === undefined) return manifold.retractInto(out, x, u, t);
  try {
    return manifold.expInto(out, x, u, t);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    return out.fill(Number.NaN);
  }
}

function prepare<P extends ManifoldProblem>(routine: string, problem: P, x: Vector, options: DerivativeCheckOptions) {
  requireKnownOptions(routine, options, ["direction", "random"]);
  const { manifold } = problem;
  if (manifold === undefined) misuse(routine, "problem", "without a manifold", "a problem made by `onManifold`");
  manifold.checkPoint(routine, "x", x);
  const { direction, random } = options;
  let u: Vector;
  if (direction !== undefined) {
    requireFiniteVector(routine, "options.direction", direction, manifold.length);
    manifold.checkTangent(routine, "options.direction", x, direction);
    if (norm2(direction) === 0) misuse(routine, "options.direction", "zero", "a direction of non-zero length");
    u = direction.slice();
    const size = manifold.norm(x, u);
    for (let i = 0; i < u.length; i++) u[i] /= size;
  } else if (random !== undefined) u = manifold.randomTangent(x, random);
  else u = tangentOf(manifold, x, (i) => Math.cos(1 + i) + (i % 3 === 0 ? 0.5 : -0.25));
  return { at: x, u, manifold, watched: counted(problem) };
}

/** A unit tangent from a formula for ambient entries; zero on a manifold of dimension 0. */
function tangentOf(manifold: Manifold, x: Vector, entry: (i: number) => number): Vector {
  const u = new Float64Array(manifold.length).map((_, i) => entry(i));
  manifold.projInto(u, x, u);
  const size = manifold.norm(x, u);
  if (size > 0) for (let i = 0; i < u.length; i++) u[i] /= size;
  return u;
}
