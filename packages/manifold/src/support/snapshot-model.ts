// The Hessian of a snapshot point, held as V T Vᵀ, and the cubic model of later points in its coordinates: what `lazyCubicNewton` on manifolds reuses.
//
// At x the gradient comes to the snapshot's tangent space by the transport and splits into V c and ρ r̂, r̂ ⊥ V. Since H V = V T + β v₊ eₖᵀ, the matrix of span(V, r̂) is T bordered by
// β⟨v₊, r̂⟩ and ⟨r̂, H r̂⟩, tridiagonal again.
import { type Counted, type Shifted, secularWork, solveSecular, type Vector } from "@hessia/core";
import { axpy } from "@hessia/core/linear";
import type { Manifold } from "../manifold.js";
import type { ManifoldHessianProblem, ManifoldState } from "../problem.js";
import {
  combineInto,
  continueTangentKrylov,
  extendTangentKrylov,
  hessianAt,
  type KrylovStep,
  newTangentKrylov,
  startTangentKrylov,
  type TangentKrylov,
  tangentCubicInto,
  tridiagonalModel,
} from "./tangent-operator.js";

/** Plain data. */
export interface Snapshot {
  readonly x: Vector;
  readonly euclideanGradient: Vector;
  readonly space: TangentKrylov;
  /** Whether V spans the whole tangent space. */
  whole: boolean;
  /** Products that it took. */
  products: number;
}

/** The model of one point in the coordinates of a snapshot. */
export interface LazyModel {
  tridiagonal: Extract<Shifted, { kind: "tridiagonal" }> | null;
  coefficients: Vector;
  readonly carried: Vector;
  /** r̂; used where the model is bordered. */
  readonly outside: Vector;
  bordered: boolean;
  usable: boolean;
}

export const newLazyModel = (n: number): LazyModel => ({
  tridiagonal: null,
  coefficients: new Float64Array(),
  carried: new Float64Array(n),
  outside: new Float64Array(n),
  bordered: false,
  usable: false,
});

/** Takes the Hessian at the state's point. The arrays of `previous` are used again. */
export function buildSnapshot(
  problem: Counted<ManifoldHessianProblem>,
  state: ManifoldState,
  previous: Snapshot | null,
  maxBasis: number,
  M: number,
): Snapshot {
  const { manifold } = problem;
  const { x, gradient, gradientNorm } = state;
  const snapshot: Snapshot = previous ?? {
    x: manifold.zero(),
    euclideanGradient: manifold.zero(),
    space: newTangentKrylov(Math.min(manifold.dim, maxBasis)),
    whole: false,
    products: 0,
  };
  const { space } = snapshot;
  snapshot.x.set(x);
  snapshot.euclideanGradient.set(state.euclideanGradient);
  const before = problem.counts.hessianApply;
  const apply = hessianAt(problem, snapshot);
  startTangentKrylov(space, manifold, x, gradient);
  if (extendTangentKrylov(space, manifold, x, apply)) {
    if (manifold.dim <= maxBasis) fill(space, manifold, x, apply);
    else {
      const first = M > 0 ? M : Math.abs(space.alpha[0]) / manifold.typicalDistance || 1;
      const tolerance = Math.min(0.1, Math.sqrt(gradientNorm / state.initialGradientNorm)) * gradientNorm;
      const least = 4 * Number.EPSILON * state.initialGradientNorm;
      tangentCubicInto(manifold.zero(), manifold, x, gradient, apply, first, space, tolerance, least);
    }
  }
  snapshot.whole = space.size === manifold.dim;
  snapshot.products = problem.counts.hessianApply - before;
  return snapshot;
}

/** Grows the space to the whole tangent space, with new directions where it is invariant. */
function fill(space: TangentKrylov, manifold: Manifold, x: Vector, apply: (out: Vector, u: Vector) => Vector): void {
  const start = manifold.zero();
  for (let seed = 0; space.size < manifold.dim && seed < 4 * manifold.dim; ) {
    if (extendTangentKrylov(space, manifold, x, apply)) continue;
    if (!space.invariant) return;
    for (let i = 0; i < start.length; i++) start[i] = Math.cos(1 + 7 * i + 3 * seed * (i + 1));
    seed++;
    continueTangentKrylov(space, manifold, x, start);
  }
}

/** The model at the state's point: two transports at most, and one product where the carried gradient leaves the space. */
export function lazyModelInto(
  model: LazyModel,
  problem: Counted<ManifoldHessianProblem>,
  snapshot: Snapshot,
  state: ManifoldState,
): void {
  const { manifold } = problem;
  const { x: z, space } = snapshot;
  const { carried, outside } = model;
  const k = space.size;
  model.usable = k > 0;
  if (k === 0) return;
  manifold.transportInto(carried, state.x, z, state.gradient);
  outside.set(carried);
  const coefficients = new Float64Array(k + 1);
  for (let pass = 0; pass < 2; pass++)
    for (let j = 0; j < k; j++) {
      const c = manifold.inner(z, space.vectors[j]!, outside);
      coefficients[j] += c;
      axpy(outside, -c, space.vectors[j]!);
    }
  const ρ = manifold.norm(z, outside);
  model.bordered = !snapshot.whole && ρ > 1e-10 * manifold.norm(z, carried);
  if (!model.bordered) {
    model.tridiagonal = tridiagonalModel(space);
    model.coefficients = coefficients.subarray(0, k);
    return;
  }
  for (let i = 0; i < outside.length; i++) outside[i] /= ρ;
  coefficients[k] = ρ;
  const product = hessianAt(problem, snapshot)(carried, outside);
  const alpha = manifold.inner(z, outside, product);
  const beta = space.beta[k - 1] === 0 ? 0 : space.beta[k - 1] * manifold.inner(z, space.vectors[k]!, outside);
  model.usable = Number.isFinite(alpha);
  if (!model.usable) return;
  model.tridiagonal = tridiagonalModel(space, { alpha, beta });
  model.coefficients = coefficients;
}

/** out ← the minimizer of the model with the given M, carried to x. */
export function lazyStepInto(
  out: Vector,
  manifold: Manifold,
  { x: z, space }: Snapshot,
  x: Vector,
  model: LazyModel,
  M: number,
): KrylovStep {
  const n = model.coefficients.length;
  const y = new Float64Array(n);
  const target = { kind: "cubic", M } as const;
  const { norm, predicted } = solveSecular(y, model.tridiagonal!, model.coefficients, target, secularWork(n));
  combineInto(out, space, y, space.size);
  if (model.bordered) axpy(out, y[n - 1], model.outside);
  manifold.transportInto(out, z, x, out);
  return { norm, predicted };
}
