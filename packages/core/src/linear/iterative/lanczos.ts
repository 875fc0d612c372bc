// The symmetric Lanczos process, one vector at a time, with full reorthogonalization.
//
//   A V_k = V_k T_k + β_k v_{k+1} e_kᵀ, V_k orthonormal, T_k tridiagonal with diagonal α and off-diagonal β
//
// Lanczos 1950; Golub, Van Loan, "Matrix Computations" (2013), Algorithm 10.1.1; reorthogonalized twice (§10.3.5), since the bases here are
// short and must be orthonormal to rounding.
import { misuse, requireNumber } from "../../errors.js";
import { type Tridiagonal, tridiagonalEigenvector, tridiagonalLowestEigenvalue } from "../dense/tridiagonal.js";
import type { LinearOperator, Vector } from "../matrix.js";
import { axpyAt, dot, dotAt, norm2 } from "../vec.js";

/** A Krylov space as it grows: memory for `capacity` vectors of length n. */
export interface KrylovSpace {
  readonly n: number;
  readonly capacity: number;
  /** v₁, v₂, … as rows of length n. */
  readonly basis: Vector;
  readonly alpha: Vector;
  /** β_k couples v_k and v_{k+1}. */
  readonly beta: Vector;
  /** ‖b‖₂ of the vector that the space began with. */
  startNorm: number;
  /** How many vectors have been multiplied by A: the order of T. */
  size: number;
  /** Whether A maps the space into itself: it can't grow. */
  invariant: boolean;
}

/** Makes room for a Krylov space: capacity + 1 vectors of length n. Throws ArgumentError when a size isn't a non-negative integer. */
export function krylovSpace(n: number, capacity: number): KrylovSpace {
  requireNumber("krylovSpace", "n", n, { atLeast: 0, integer: true });
  requireNumber("krylovSpace", "capacity", capacity, { atLeast: 0, integer: true });
  return {
    n,
    capacity,
    basis: new Float64Array((capacity + 1) * n),
    alpha: new Float64Array(capacity),
    beta: new Float64Array(capacity),
    startNorm: 0,
    size: 0,
    invariant: false,
  };
}

/** Begins a space with v₁ = b / ‖b‖₂; answers ‖b‖₂. Throws ArgumentError when b has another length. */
export function startKrylov(space: KrylovSpace, b: Vector): number {
  if (b.length !== space.n) misuse("startKrylov", "b", `of length ${b.length}`, `length ${space.n}`);
  const length = norm2(b);
  space.startNorm = length;
  space.size = 0;
  space.invariant = length === 0;
  for (let i = 0; i < space.n; i++) space.basis[i] = length === 0 ? 0 : b[i] / length;
  return length;
}

/**
 * Takes one more product with A, symmetric. False when the space is full or invariant, or the product isn't finite; the space is then
 * as it was.
 */
export function extendKrylov(space: KrylovSpace, A: LinearOperator): boolean {
  const { n, capacity, basis, alpha, beta, size: k } = space;
  if (A.rows !== n || A.cols !== n)
    misuse("extendKrylov", "A", `${A.rows} × ${A.cols}`, `${n} × ${n}, as the space is`);
  if (k >= capacity || space.invariant) return false;
  const v = basis.subarray(k * n, (k + 1) * n);
  const w = basis.subarray((k + 1) * n, (k + 2) * n);
  A.applyInto(w, v);
  const size = norm2(w);
  if (!Number.isFinite(size)) return false;
  alpha[k] = dot(v, w);
  for (let pass = 0; pass < 2; pass++) {
    for (let j = k; j >= 0; j--) axpyAt(w, 0, -dotAt(basis, j * n, w, 0, n), basis, j * n, n);
  }
  const b = norm2(w);
  space.size = k + 1;
  if (k + 1 >= n || b <= 4 * n * Number.EPSILON * Math.max(size, Math.abs(alpha[k]))) {
    beta[k] = 0;
    space.invariant = true;
  } else {
    beta[k] = b;
    for (let i = 0; i < n; i++) w[i] /= b;
  }
  return true;
}

/** T_k as a tridiagonal matrix (its orthogonal factor is the basis, not stored here). */
export function krylovTridiagonal({ alpha, beta, size }: KrylovSpace): Tridiagonal {
  return {
    kind: "tridiagonal",
    n: size,
    diagonal: alpha.subarray(0, size),
    offDiagonal: beta.subarray(0, Math.max(0, size - 1)),
    reflectors: new Float64Array(),
    tau: new Float64Array(),
  };
}

/** out = V_k y, y no longer than the basis. Throws ArgumentError when a length doesn't fit. */
export function fromKrylovInto(out: Vector, { n, basis, size }: KrylovSpace, y: Vector): Vector {
  if (out.length !== n) misuse("fromKrylovInto", "out", `of length ${out.length}`, `length ${n}`);
  if (y.length > size)
    misuse("fromKrylovInto", "y", `of length ${y.length}`, `length ${size} at most, the size of the space`);
  out.fill(0);
  for (let j = 0; j < y.length; j++) axpyAt(out, 0, y[j], basis, j * n, n);
  return out;
}

export interface LowestRitz {
  /** The lowest Ritz value θ ≥ λ_min(A). */
  readonly value: number;
  /** ‖A u − θ u‖₂ for its unit Ritz vector u: an eigenvalue lies this near to θ. */
  readonly residual: number;
  /** The largest |T| row sum: about ‖A‖₂. */
  readonly bound: number;
  readonly products: number;
}

/**
 * The lowest Ritz pair of a symmetric A after at most `steps` products; the unit Ritz vector is written into `vector`. It ends early when
 * the residual is at most `tolerance` times `bound`. Only the invariant space that `start` lies in is seen: an eigenvector orthogonal to
 * `start` isn't found. All is NaN or 0 when the first product isn't finite, or n, `steps` or `start` is 0.
 * @param start the first vector (default: a fixed dense one).
 */
export function lanczosLowest(
  vector: Vector,
  A: LinearOperator,
  steps: number,
  tolerance = 1e-6,
  start: Vector = Float64Array.from({ length: A.rows }, (_, i) => 1 + Math.cos(1 + 7 * i) * 0.7),
): LowestRitz {
  requireNumber("lanczosLowest", "steps", steps, { atLeast: 0 });
  requireNumber("lanczosLowest", "tolerance", tolerance, { atLeast: 0 });
  const space = krylovSpace(A.rows, Math.min(steps, A.rows));
  startKrylov(space, start);
  let value = Number.NaN;
  let residual = Number.NaN;
  let bound = 0;
  let y = new Float64Array();
  let growing = true;
  while (growing) {
    growing = extendKrylov(space, A);
    const k = space.size;
    const last = k - 1;
    if (k === y.length) break;
    bound = Math.max(bound, Math.abs(space.alpha[last]) + space.beta[last] + (k > 1 ? space.beta[k - 2] : 0));
    if (growing && !space.invariant && k < space.capacity && k % 5 !== 0) continue;
    const T = krylovTridiagonal(space);
    value = tridiagonalLowestEigenvalue(T);
    y = new Float64Array(k);
    tridiagonalEigenvector(y, T, value);
    residual = space.beta[last] * Math.abs(y[last]);
    if (residual <= tolerance * bound) break;
  }
  fromKrylovInto(vector, space, y);
  return { value, residual, bound, products: space.size };
}
