// Hess f(x) on the tangent space, and its symmetric Lanczos process in the inner product of the manifold.
//
//   H V_k = V_k T_k + β_k v_{k+1} e_kᵀ, ⟨vᵢ, vⱼ⟩_x = δᵢⱼ
//
// Golub, Van Loan, "Matrix Computations" (2013), Algorithm 10.1.1, reorthogonalized twice (§10.3.5).
import { type Counted, misuse, type Shifted, secularWork, solveSecular, type Vector } from "@hessia/core";
import { axpy, tridiagonalEigenvector, tridiagonalLowestEigenvalue } from "@hessia/core/linear";
import type { Manifold } from "../manifold.js";
import type { ManifoldHessianProblem, ManifoldProblem, ManifoldState } from "../problem.js";

/** out ← Hess f(x)[u]; not u. */
export type TangentOperator = (out: Vector, u: Vector) => Vector;

/** The method needs products with the Hessian: throws ArgumentError where there are none. */
export function requireProducts(routine: string, problem: Partial<ManifoldProblem>): void {
  if (typeof problem.hessianApplyInto !== "function")
    misuse(routine, "problem", "without Hessian products", "`hessianApplyInto`, the Euclidean ∇²f(x) v");
}

/** Hess f at x, whose ∇f(x) is given: a product each. */
export function hessianAt(
  problem: Counted<ManifoldHessianProblem>,
  { x, euclideanGradient }: Pick<ManifoldState, "x" | "euclideanGradient">,
): TangentOperator {
  return (out, u) => {
    problem.hessianApplyInto(out, x, u);
    return problem.manifold.euclideanToRiemannianHessianInto(out, x, euclideanGradient, out, u);
  };
}

/** A Krylov space as it grows, plain data. */
export interface TangentKrylov {
  readonly capacity: number;
  /** v₁, v₂, …, made when they are first needed. */
  vectors: Vector[];
  readonly alpha: Vector;
  /** β_k couples v_k and v_{k+1}. */
  readonly beta: Vector;
  startNorm: number;
  /** The order of T. */
  size: number;
  /** Whether H maps the space into itself. */
  invariant: boolean;
}

export const newTangentKrylov = (capacity: number): TangentKrylov => ({
  capacity,
  vectors: [],
  alpha: new Float64Array(capacity),
  beta: new Float64Array(capacity),
  startNorm: 0,
  size: 0,
  invariant: false,
});

/** Begins a space with v₁ = b/‖b‖; what rounding left of b normal to the tangent space is taken away. */
export function startTangentKrylov(space: TangentKrylov, manifold: Manifold, x: Vector, b: Vector): void {
  const v = manifold.projInto((space.vectors[0] ??= manifold.zero()), x, b);
  const size = manifold.norm(x, v);
  for (let i = 0; i < v.length; i++) v[i] = size > 0 ? v[i] / size : 0;
  space.startNorm = size;
  space.size = 0;
  space.invariant = !(size > 0);
}

/** One more product. False when the space is full or invariant, or the product isn't finite: then it is as it was. */
export function extendTangentKrylov(
  space: TangentKrylov,
  manifold: Manifold,
  x: Vector,
  apply: TangentOperator,
): boolean {
  const { capacity, vectors, alpha, beta, size: k } = space;
  if (k >= capacity || space.invariant) return false;
  const v = vectors[k]!;
  const w = apply((vectors[k + 1] ??= manifold.zero()), v);
  const size = manifold.norm(x, w);
  alpha[k] = manifold.inner(x, v, w);
  if (!Number.isFinite(size) || !Number.isFinite(alpha[k])) return false;
  for (let pass = 0; pass < 2; pass++)
    for (let j = k; j >= 0; j--) axpy(w, -manifold.inner(x, vectors[j]!, w), vectors[j]!);
  const b = manifold.norm(x, w);
  space.size = k + 1;
  space.invariant = k + 1 >= manifold.dim || !(b > 1e-12 * (size + Math.abs(alpha[k])));
  beta[k] = space.invariant ? 0 : b;
  for (let i = 0; i < w.length; i++) w[i] = space.invariant ? 0 : w[i] / b;
  return true;
}

/** Takes v outside of the space as its next vector where it is invariant; false where nothing of v lies outside. */
export function continueTangentKrylov(space: TangentKrylov, manifold: Manifold, x: Vector, v: Vector): boolean {
  const { vectors, size: k } = space;
  const w = manifold.projInto((vectors[k] ??= manifold.zero()), x, v);
  const first = manifold.norm(x, w);
  for (let pass = 0; pass < 2; pass++)
    for (let j = 0; j < k; j++) axpy(w, -manifold.inner(x, vectors[j]!, w), vectors[j]!);
  const rest = manifold.norm(x, w);
  if (!(rest > 1e-8 * first) || k >= Math.min(space.capacity, manifold.dim)) return false;
  for (let i = 0; i < w.length; i++) w[i] /= rest;
  space.invariant = false;
  return true;
}

/** T, bordered by one more row where `border` is given, ready for the secular equation. */
export function tridiagonalModel(space: TangentKrylov, border?: { readonly alpha: number; readonly beta: number }) {
  const n = space.size + (border === undefined ? 0 : 1);
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(Math.max(0, n - 1));
  for (let i = 0; i < space.size; i++) {
    diagonal[i] = space.alpha[i];
    if (i + 1 < space.size) offDiagonal[i] = space.beta[i];
  }
  if (border !== undefined) {
    diagonal[n - 1] = border.alpha;
    if (n > 1) offDiagonal[n - 2] = border.beta;
  }
  let bound = 0;
  for (let i = 0; i < n; i++) {
    const left = i > 0 ? Math.abs(offDiagonal[i - 1]) : 0;
    const right = i + 1 < n ? Math.abs(offDiagonal[i]) : 0;
    bound = Math.max(bound, Math.abs(diagonal[i]) + left + right);
  }
  const tridiagonal = {
    kind: "tridiagonal" as const,
    n,
    diagonal,
    offDiagonal,
    // Q is the identity.
    reflectors: new Float64Array(),
    tau: new Float64Array(n),
  };
  const lowest = n === 0 ? 0 : tridiagonalLowestEigenvalue(tridiagonal);
  return { kind: "tridiagonal", n, tridiagonal, lowest, bound } satisfies Shifted;
}

/** out ← Σ yⱼ vⱼ. */
export function combineInto(out: Vector, { vectors }: TangentKrylov, y: Vector, count: number): Vector {
  out.fill(0);
  for (let j = 0; j < count; j++) axpy(out, y[j], vectors[j]!);
  return out;
}

export interface KrylovStep {
  readonly norm: number;
  /** The decrease of the model with its cubic term, ≥ 0. */
  readonly predicted: number;
}

/**
 * The minimizer of ⟨g, s⟩ + ½⟨s, Hs⟩ + (M/6)‖s‖³ over the Krylov space of g, which is begun when it is empty and used again otherwise (the same g and H, another M). It grows until
 * ‖∇m(s)‖ ≤ max(tolerance · min(1, ‖s‖), least), or it is full or invariant: core's `lanczosCubicInto` in another inner product.
 */
export function tangentCubicInto(
  out: Vector,
  manifold: Manifold,
  x: Vector,
  g: Vector,
  apply: TangentOperator,
  M: number,
  space: TangentKrylov,
  tolerance: number,
  least = 0,
): KrylovStep {
  if (space.size === 0) {
    startTangentKrylov(space, manifold, x, g);
    extendTangentKrylov(space, manifold, x, apply);
  }
  for (;;) {
    const k = space.size;
    if (k === 0) {
      out.fill(0);
      return { norm: 0, predicted: 0 };
    }
    const work = secularWork(k);
    const right = new Float64Array(k);
    right[0] = space.startNorm;
    const y = new Float64Array(k);
    const { norm, predicted } = solveSecular(y, tridiagonalModel(space), right, { kind: "cubic", M }, work);
    const residual = space.beta[k - 1] * Math.abs(y[k - 1]);
    let grew = false;
    if (residual > Math.max(least, tolerance * Math.min(1, norm))) {
      const target = k + 1 + Math.floor(k / 10);
      while (space.size < target && extendTangentKrylov(space, manifold, x, apply)) grew = true;
    }
    if (!grew) {
      combineInto(out, space, y, k);
      return { norm, predicted };
    }
  }
}

/** A unit direction of negative curvature at a stationary point, and its curvature. */
export interface Escape {
  direction: Vector;
  curvature: number;
}

/** The minimizer of the cubic model along the escape direction d, ⟨d, Hd⟩ = κ < 0: ‖s‖ = (−κ + (κ² + 2M|⟨g, d⟩|)^½)/M. */
export function cubicEscapeInto(
  s: Vector,
  manifold: Manifold,
  state: ManifoldState & { readonly M: number; readonly escape: Escape | null },
): KrylovStep {
  const { M } = state;
  const { direction, curvature: κ } = state.escape!;
  const slope = manifold.inner(state.x, state.gradient, direction);
  const norm = (-κ + Math.sqrt(κ * κ + 2 * M * Math.abs(slope))) / M;
  for (let i = 0; i < s.length; i++) s[i] = (slope > 0 ? -norm : norm) * direction[i];
  return { norm, predicted: norm * Math.abs(slope) - 0.5 * κ * norm * norm - (M / 6) * norm ** 3 };
}

/** A stationary point counts as second-order when λ_min ≥ −tolerance · max(‖Hess f‖, tiny). */
const curvatureTolerance = 1e-6;
const certificateProducts = 40;

/** The lowest Ritz pair of Hess f at the state's point after at most 40 products; what is negative is left in `state.escape`. */
export function certifyOnTangent<S extends ManifoldState & { escape: Escape | null }>(
  problem: Counted<ManifoldHessianProblem>,
  state: S,
) {
  const { manifold } = problem;
  state.escape = null;
  if (manifold.dim === 0) return { holds: true, leastCurvature: 0, state };
  const space = newTangentKrylov(Math.min(certificateProducts, manifold.dim));
  const start = manifold.zero();
  for (let i = 0; i < start.length; i++) start[i] = 1 + 0.7 * Math.cos(1 + 7 * i);
  manifold.projInto(start, state.x, start);
  startTangentKrylov(space, manifold, state.x, start);
  const apply = hessianAt(problem, state);
  let model = tridiagonalModel(space);
  let y: Vector = new Float64Array();
  for (let growing = true; growing; ) {
    growing = extendTangentKrylov(space, manifold, state.x, apply);
    const k = space.size;
    if (k === 0 || (growing && k % 5 !== 0 && !space.invariant && k < space.capacity)) continue;
    model = tridiagonalModel(space);
    y = tridiagonalEigenvector(new Float64Array(k), model.tridiagonal, model.lowest);
    if (space.beta[k - 1] * Math.abs(y[k - 1]) <= 1e-6 * model.bound) break;
  }
  const holds = !(model.lowest < -curvatureTolerance * Math.max(1, model.bound));
  if (!holds) state.escape = { direction: combineInto(manifold.zero(), space, y, y.length), curvature: model.lowest };
  return { holds, leastCurvature: model.lowest, state };
}
