// What a Riemannian manifold is to the methods of this package: names as in Absil, Mahony, Sepulchre, "Optimization Algorithms on Matrix Manifolds" (2008)
// and Boumal, "An Introduction to Optimization on Smooth Manifolds" (2023).
import {
  describe,
  type HasGradient,
  type HasHessianApply,
  type HasValue,
  misuse,
  requireFiniteVector,
  type Vector,
} from "@hessia/core";
import { norm2 } from "@hessia/core/linear";
import type { MeanEvaluator } from "./support/mean-evaluator.js";
import { gaussianInto, type Random } from "./support/random.js";

/** How {@link Manifold.transportInto} carries a tangent vector: along the geodesic; by orthogonal projection; by the derivative of the retraction. */
export type TransportKind = "parallel" | "projection" | "differentiated";

/**
 * What a manifold must say of itself; {@link defineManifold} makes a {@link Manifold} of it.
 *
 * Points and tangent vectors are flat Float64Arrays of `length` numbers, row-major of the given `shape`. A tangent vector is the velocity of these coordinates: `x + t u` leaves
 * the manifold by O(t²). Every `…Into` writes into `out`, which may be any of the other arguments, and answers it. None allocates for small sizes; eigen and singular value
 * decompositions beyond 16 × 16 take memory of their own. A manifold has scratch memory: don't share one between threads.
 */
export interface ManifoldCore {
  /** For example `sphere(3)`. */
  readonly name: string;
  /** What makes a point, for error texts: `‖x‖₂ = 1`. */
  readonly constraint: string;
  /** The shape of points and tangents, row-major, one after another where there are several matrices. */
  readonly shape: readonly number[];
  /** Numbers in a point, and in a tangent. */
  readonly length: number;
  /** The dimension of the manifold. */
  readonly dim: number;
  /** The names of all retractions that the manifold could have been made with, and the one it has. */
  readonly retractions: readonly string[];
  readonly retraction: string;
  /** 2 where the retraction agrees with the geodesic to second order (the error is O(t³)), 1 where the error is O(t²). */
  readonly retractionOrder: 1 | 2;
  readonly transportKind: TransportKind;
  /** Geodesics shorter than this, from any point, are shortest paths; Infinity where all are; 0 where it depends on the point and has no positive lower bound. */
  readonly injectivityRadius: number;
  /** A length that is typical of the manifold, for first trust radii. */
  readonly typicalDistance: number;

  /** ⟨u, v⟩_x. */
  inner(x: Vector, u: Vector, v: Vector): number;
  /** The orthogonal projection of any vector of the ambient space on the tangent space at x (orthogonal as the file of the manifold says). */
  projInto(out: Vector, x: Vector, v: Vector): Vector;
  /** R_x(t u). NaN throughout where it isn't defined, so that a method can reject the trial point. */
  retractInto(out: Vector, x: Vector, u: Vector, t?: number): Vector;
  /** Carries u from x to y. */
  transportInto(out: Vector, x: Vector, y: Vector, u: Vector): Vector;
  /** The Riemannian gradient from the Euclidean one of f as a function of the coordinates: ⟨grad f, u⟩_x = Σᵢ ∂f/∂xᵢ uᵢ for each tangent u. */
  euclideanToRiemannianGradientInto(out: Vector, x: Vector, euclideanGradient: Vector): Vector;
  /** Hess f(x)[u] from the Euclidean gradient and the Euclidean product ∇²f(x) u. */
  euclideanToRiemannianHessianInto(
    out: Vector,
    x: Vector,
    euclideanGradient: Vector,
    euclideanHessianTimesU: Vector,
    u: Vector,
  ): Vector;
  /** A random point; `random` is uniform in [0, 1). */
  randomPoint(random: Random): Vector;
  /** How far x is from the manifold in the Euclidean norm of its coordinates, or a bound of it that is sharp near the manifold. */
  distanceFromManifold(x: Vector): number;
  /** The nearest point of the manifold, or, where that isn't a closed set, one near it. */
  projectPointInto(out: Vector, x: Vector): Vector;

  /** exp_x(t u). Throws ArgumentError outside of its domain. */
  expInto?(out: Vector, x: Vector, u: Vector, t?: number): Vector;
  /** log_x(y), the shortest tangent with exp_x(log_x(y)) = y. Throws ArgumentError where there is none or several. */
  logInto?(out: Vector, x: Vector, y: Vector): Vector;
  /** The geodesic distance. */
  dist?(x: Vector, y: Vector): number;
  /** The u with R_x(u) = y. Throws ArgumentError where there is none. */
  invRetractInto?(out: Vector, x: Vector, y: Vector): Vector;
  /** ⟨R(u, v)v, u⟩ / (‖u‖²‖v‖² − ⟨u, v⟩²), the sectional curvature of the plane of u and v. */
  sectionalCurvature?(x: Vector, u: Vector, v: Vector): number;
  /** ½ Σ wᵢ d(x, pᵢ)² and its gradient, given where it can be had faster than by a logarithm for each point. Weights sum to 1. */
  meanEvaluator?(points: readonly Vector[], weights: Vector): MeanEvaluator;
  /** A cheap point near the mean. */
  meanStart?(points: readonly Vector[], weights: Vector): Vector;
  /** The point itself, as numbers that are the same for all coordinates of it: given where coordinates aren't unique (on quotients). */
  embed?(x: Vector): Vector;
  /** A smooth function that is well defined on the manifold, for checks: given where a general function of the coordinates isn't (on quotients). */
  sampleProblem?(random: Random): HasValue & HasGradient & HasHessianApply;
  /** Given where a point needs more checks than {@link ManifoldCore.distanceFromManifold}: what is wrong with x, and what to do. */
  pointFault?(x: Vector): { readonly given: string; readonly hint?: string } | undefined;
}

/** A Riemannian manifold with its metric, one retraction and one transport. */
export interface Manifold extends ManifoldCore {
  /** ‖u‖_x. */
  norm(x: Vector, u: Vector): number;
  /** The zero tangent. */
  zero(): Vector;
  /** A random tangent of unit norm at x, Gaussian in direction. */
  randomTangent(x: Vector, random: Random): Vector;
  /**
   * Throws ArgumentError, naming the routine and the argument, where x isn't a point: it says how far it is off and how to project it. The distance allowed is
   * 1e-8 · max(1, ‖x‖₂).
   */
  checkPoint(routine: string, argument: string, x: Vector): void;
  /** As `checkPoint`, for a tangent vector u at x. */
  checkTangent(routine: string, argument: string, x: Vector, u: Vector): void;
}

/** A manifold whose geodesics are known: exponential, logarithm and distance. */
export type GeodesicManifold = Manifold & Required<Pick<ManifoldCore, "expInto" | "logInto" | "dist">>;

/** Whether exponential, logarithm and distance are there. */
export const isGeodesic = (manifold: Manifold): manifold is GeodesicManifold =>
  manifold.expInto !== undefined && manifold.logInto !== undefined && manifold.dist !== undefined;

/** How far a point may be off, relative to max(1, ‖x‖₂). */
const pointTolerance = 1e-8;

/**
 * Completes a manifold: what follows from the rest is added. Own manifolds are made by it too.
 * @throws ArgumentError when a required member is missing.
 */
export function defineManifold<C extends ManifoldCore>(core: C): C & Manifold {
  if (core === null || typeof core !== "object") misuse("defineManifold", "core", describe(core), "an object");
  for (const member of required)
    if (typeof core[member] !== "function")
      misuse("defineManifold", `core.${member}`, describe(core[member]), "a function");
  for (const member of ["length", "dim"] as const)
    if (!(Number.isInteger(core[member]) && core[member] >= 0))
      misuse("defineManifold", `core.${member}`, describe(core[member]), "an integer >= 0");
  const { name, constraint, length } = core;
  const work = new Float64Array(length);

  const norm = (x: Vector, u: Vector) => Math.sqrt(Math.max(0, core.inner(x, u, u)));
  return {
    ...core,
    norm,
    zero: () => new Float64Array(length),
    randomTangent(x, random) {
      const u = gaussianInto(new Float64Array(length), random);
      if (core.dim === 0) return u.fill(0);
      core.projInto(u, x, u);
      const size = norm(x, u);
      if (size > 0) for (let i = 0; i < length; i++) u[i] /= size;
      return u;
    },
    checkPoint(routine, argument, x) {
      requireFiniteVector(routine, argument, x, length);
      const fault = core.pointFault?.(x);
      if (fault !== undefined) misuse(routine, argument, fault.given, `a point of ${name}: ${constraint}`, fault.hint);
      const distance = core.distanceFromManifold(x);
      if (distance <= pointTolerance * Math.max(1, norm2(x))) return;
      misuse(
        routine,
        argument,
        `off ${name} by ${distance.toExponential(2)}`,
        `a point of it: ${constraint}`,
        "Put it on the manifold by `projectPointInto(out, x)`.",
      );
    },
    checkTangent(routine, argument, x, u) {
      requireFiniteVector(routine, argument, u, length);
      core.projInto(work, x, u);
      let off = 0;
      for (let i = 0; i < length; i++) off = Math.max(off, Math.abs(work[i] - u[i]));
      if (off <= pointTolerance * Math.max(1, norm2(u))) return;
      misuse(
        routine,
        argument,
        `off the tangent space of ${name} by ${off.toExponential(2)}`,
        "a tangent vector at x",
        "Put it there by `projInto(out, x, u)`.",
      );
    },
  };
}

const required = [
  "inner",
  "projInto",
  "retractInto",
  "transportInto",
  "euclideanToRiemannianGradientInto",
  "euclideanToRiemannianHessianInto",
  "randomPoint",
  "distanceFromManifold",
  "projectPointInto",
] as const;
