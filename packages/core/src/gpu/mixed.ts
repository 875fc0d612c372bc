// A x = b, A symmetric positive definite, to float64 accuracy with products in float32: iterative refinement (Moler 1967; Carson, Higham 2018,
// "Accelerating the solution of linear systems by iterative refinement in three precisions", SIAM J. Sci. Comput. 40(2), Algorithm 1.1) around conjugate
// gradients (Hestenes, Stiefel 1952). The residual b − A x is in float64 on the CPU, once a refinement; the many products of the inner iterations are on the
// device. A refinement multiplies the residual by about innerTolerance + κ(A) n u, u = 2⁻²⁴: it works up to κ of about 10⁵.
//
// 1. The inner vectors and recurrences are in float64 on the CPU; they cost n a product of n² (or of all terms).
// 2. The inner system is scaled to a right-hand side of norm 1, so that small residuals don't leave the range of float32.
// 3. A refinement that makes the residual no smaller ends it, and so do two in a row that don't halve it; the best x is kept.
import type { ArrayBackend, BackendArray } from "../backend/backend.js";
import { describe, misuse, requireKnownOptions, requireNumber } from "../errors.js";
import { requireSides, requireSquareOperator } from "../linear/iterative/operator.js";
import type { LinearOperator, Vector } from "../linear/matrix.js";
import { axpy, copyInto, dot, norm2, scale, subtractInto } from "../linear/vec.js";
import type { GpuBackend } from "./gpu-backend.js";
import type { GpuTerms } from "./terms.js";

/** Products with about A, on a device: writes A v into `out`. */
export type RoughProduct = (out: Vector, v: Vector) => Promise<unknown>;

/** Products with a matrix on a device. */
export const gemvProduct =
  (backend: ArrayBackend, a: BackendArray): RoughProduct =>
  async (out, v) => {
    const x = await backend.upload(v);
    const y = await backend.gemv(a, x);
    await backend.downloadInto(out, y);
    backend.release(x, y);
  };

/** Products with the Hessian of a sum of terms at x, which is on the device. */
export const hessianProduct =
  (backend: GpuBackend, terms: GpuTerms, x: BackendArray): RoughProduct =>
  async (out, v) => {
    const direction = await backend.upload(v);
    const y = await terms.hessianApply(x, direction);
    await backend.downloadInto(out, y);
    backend.release(direction, y);
  };

export interface RefineOptions {
  /** Stop when ‖b − A x‖₂ ≤ tolerance · ‖b‖₂ in float64; ≥ 0. Default 1e-10. */
  readonly tolerance?: number;
  /** The part of the residual that an inner solve leaves, in (0, 1). Default 1e-4. */
  readonly innerTolerance?: number;
  /** Refinements at most, ≥ 0. Default 20. */
  readonly maxRefinements?: number;
  /** Rough products at most, ≥ 0. Default 20 n + 100. */
  readonly maxProducts?: number;
  /** Writes M⁻¹ r into `out`, in float64 on the CPU; linear, symmetric positive definite. */
  readonly precondition?: (out: Vector, r: Vector) => unknown;
}

export interface RefineResult {
  /**
   * "stagnated": float32 isn't enough for this A; "negativeCurvature": vᵀAv ≤ 0 for some v: A isn't positive definite, or not in float32; "breakdown": a
   * product isn't finite.
   */
  readonly reason: "converged" | "stagnated" | "negativeCurvature" | "breakdown" | "budget";
  readonly refinements: number;
  /** Products on the device. */
  readonly products: number;
  /** ‖b − A x‖₂ in float64, of the x that is returned. */
  readonly residualNorm: number;
}

/**
 * Solves A x = b from 0 into `out`. `exact` is A in float64, used once a refinement; `rough` is A on the device.
 * @throws ArgumentError when shapes don't fit, b isn't finite, or an option is wrong.
 */
export async function refineInto(
  out: Vector,
  exact: LinearOperator,
  rough: RoughProduct,
  b: Vector,
  options: RefineOptions = {},
): Promise<RefineResult> {
  const routine = "refineInto";
  requireSquareOperator(routine, "exact", exact, true);
  requireSides(routine, exact, out, b);
  if (typeof rough !== "function")
    misuse(routine, "rough", describe(rough), "a function (out, v) that gives a promise");
  requireKnownOptions(routine, options, [
    "tolerance",
    "innerTolerance",
    "maxRefinements",
    "maxProducts",
    "precondition",
  ]);
  const n = b.length;
  const { tolerance = 1e-10, innerTolerance = 1e-4, maxRefinements = 20, maxProducts = 20 * n + 100 } = options;
  requireNumber(routine, "options.tolerance", tolerance, { atLeast: 0 });
  requireNumber(routine, "options.innerTolerance", innerTolerance, { above: 0, below: 1 });
  requireNumber(routine, "options.maxRefinements", maxRefinements, { atLeast: 0 });
  requireNumber(routine, "options.maxProducts", maxProducts, { atLeast: 0 });

  const x = out.fill(0);
  const trial = new Float64Array(n);
  const r = b.slice();
  const next = new Float64Array(n);
  const goal = tolerance * norm2(b);
  let residualNorm = norm2(r);
  let refinements = 0;
  let products = 0;
  let slow = 0;
  const finish = (reason: RefineResult["reason"]): RefineResult => ({ reason, refinements, products, residualNorm });

  while (residualNorm > goal) {
    if (refinements >= maxRefinements || products >= maxProducts) return finish("budget");
    refinements++;
    scale(r, 1 / residualNorm);
    const inner = await roughCg(rough, r, innerTolerance, maxProducts - products, options.precondition);
    products += inner.products;
    copyInto(trial, x);
    axpy(trial, residualNorm, inner.x);
    subtractInto(next, b, exact.applyInto(next, trial));
    const norm = norm2(next);
    if (norm < residualNorm) copyInto(x, trial);
    if (!Number.isFinite(norm)) return finish("breakdown");
    slow = norm <= 0.5 * residualNorm ? 0 : slow + 1;
    const better = norm < residualNorm;
    if (better) {
      residualNorm = norm;
      copyInto(r, next);
    }
    if (residualNorm <= goal) break;
    // With nothing gained the next solve would be the same one.
    if (!better || slow === 2) return finish(inner.reason === "solved" ? "stagnated" : inner.reason);
  }
  return finish("converged");
}

interface Inner {
  readonly x: Vector;
  readonly products: number;
  readonly reason: "solved" | "negativeCurvature" | "breakdown" | "budget";
}

/** Conjugate gradients on A x = r with ‖r‖ = 1 and rough products; always answers its last good x. */
async function roughCg(
  rough: RoughProduct,
  right: Vector,
  tolerance: number,
  most: number,
  precondition: RefineOptions["precondition"],
): Promise<Inner> {
  const n = right.length;
  const x = new Float64Array(n);
  const r = right.slice();
  const z = precondition === undefined ? r : new Float64Array(n);
  precondition?.(z, r);
  const p = z.slice();
  const Ap = new Float64Array(n);
  let rz = dot(r, z);
  let products = 0;
  for (; norm2(r) > tolerance; ) {
    if (!(rz > 0 && rz < Number.POSITIVE_INFINITY)) return { x, products, reason: "breakdown" };
    // More than 2 n iterations are rounding at work: the outer residual knows better.
    if (products >= most) return { x, products, reason: "budget" };
    if (products >= 2 * n + 20) break;
    await rough(Ap, p);
    products++;
    const curvature = dot(p, Ap);
    if (!Number.isFinite(curvature)) return { x, products, reason: "breakdown" };
    if (curvature <= 0) return { x, products, reason: "negativeCurvature" };
    const alpha = rz / curvature;
    axpy(x, alpha, p);
    axpy(r, -alpha, Ap);
    precondition?.(z, r);
    const rzNext = dot(r, z);
    const beta = rzNext / rz;
    for (let i = 0; i < n; i++) p[i] = z[i]! + beta * p[i]!;
    rz = rzNext;
  }
  return { x, products, reason: "solved" };
}
