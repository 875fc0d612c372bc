// Systems with a symmetric tridiagonal matrix T, O(n).
//   positive definite:  T + σI = L D Lᵀ                   (Golub, Van Loan 2013, Algorithm 4.3.6)
//   any other:          P (T − λI) = L U, row exchanges   (Golub, Van Loan 2013, §4.3.1, band Gaussian elimination)
import { misuse } from "../../errors.js";
import type { Vector } from "../matrix.js";
import { copyInto } from "../vec.js";

/** A symmetric tridiagonal matrix by its entries. */
export interface TridiagonalEntries {
  readonly n: number;
  /** The n diagonal entries. */
  readonly diagonal: Vector;
  /** The n − 1 entries beside the diagonal. */
  readonly offDiagonal: Vector;
}

/** The L D Lᵀ factors of T + σI: scratch memory that `shiftedTridiagonalFactorizeInto` fills. */
export interface TridiagonalFactor {
  readonly d: Vector;
  readonly l: Vector;
}

/** Memory for the factors of an n × n matrix. */
export const tridiagonalFactor = (n: number): TridiagonalFactor => ({
  d: new Float64Array(n),
  l: new Float64Array(Math.max(0, n - 1)),
});

/** Factors T + σI = L D Lᵀ; false when it isn't positive definite to rounding (the factor is of no use then). */
export function shiftedTridiagonalFactorizeInto(
  factor: TridiagonalFactor,
  T: TridiagonalEntries,
  sigma: number,
): boolean {
  const { n, diagonal, offDiagonal } = T;
  const { d, l } = factor;
  if (d.length !== n) misuse("shiftedTridiagonalFactorizeInto", "factor", `of size ${d.length}`, `size ${n}`);
  let correction = 0;
  for (let i = 0; i < n; i++) {
    const pivot = diagonal[i] + sigma - correction;
    if (!(pivot > 0 && pivot < Number.POSITIVE_INFINITY)) return false;
    d[i] = pivot;
    if (i + 1 < n) {
      l[i] = offDiagonal[i] / pivot;
      correction = l[i] * offDiagonal[i];
    }
  }
  return true;
}

/** out ← (T + σI)⁻¹ b from its factors. `out` may be b. */
export function shiftedTridiagonalSolveInto(out: Vector, { d, l }: TridiagonalFactor, b: Vector): Vector {
  const n = d.length;
  if (b.length !== n) misuse("shiftedTridiagonalSolveInto", "b", `of length ${b.length}`, `length ${n}`);
  if (out.length !== n) misuse("shiftedTridiagonalSolveInto", "out", `of length ${out.length}`, `length ${n}`);
  if (n === 0) return out;
  out[0] = b[0];
  for (let i = 1; i < n; i++) out[i] = b[i] - l[i - 1] * out[i - 1];
  out[n - 1] /= d[n - 1];
  for (let i = n - 2; i >= 0; i--) out[i] = out[i] / d[i] - l[i] * out[i + 1];
  return out;
}

/** P (T − λI) = L U as plain data: U has its diagonal and two entries right of it. */
export interface TridiagonalLu {
  readonly kind: "tridiagonal-lu";
  readonly n: number;
  readonly u0: Vector;
  readonly u1: Vector;
  readonly u2: Vector;
  /** The multiplier of step i. */
  readonly l: Vector;
  /** 1 where step i exchanged rows i and i + 1. */
  readonly exchanged: Uint8Array;
  /** −1, or the first zero pivot: then the matrix is singular. */
  readonly singularAt: number;
}

/** Factors T − λI, which may be indefinite, with partial pivoting. */
export function tridiagonalLu({ n, diagonal, offDiagonal }: TridiagonalEntries, lambda = 0): TridiagonalLu {
  const u0 = new Float64Array(n);
  const u1 = new Float64Array(n);
  const u2 = new Float64Array(n);
  const l = new Float64Array(n);
  const exchanged = new Uint8Array(n);
  // The row being eliminated is (a, b), then zeros.
  let a = n > 0 ? diagonal[0] - lambda : 0;
  let b = n > 1 ? offDiagonal[0] : 0;
  for (let i = 0; i + 1 < n; i++) {
    const below = offDiagonal[i];
    const next = diagonal[i + 1] - lambda;
    const beyond = i + 2 < n ? offDiagonal[i + 1] : 0;
    if (Math.abs(below) > Math.abs(a)) {
      exchanged[i] = 1;
      l[i] = a / below;
      u0[i] = below;
      u1[i] = next;
      u2[i] = beyond;
      a = b - l[i] * next;
      b = -l[i] * beyond;
    } else {
      l[i] = a === 0 ? 0 : below / a;
      u0[i] = a;
      u1[i] = b;
      a = next - l[i] * b;
      b = beyond;
    }
  }
  if (n > 0) u0[n - 1] = a;
  return { kind: "tridiagonal-lu", n, u0, u1, u2, l, exchanged, singularAt: u0.indexOf(0) };
}

/** x ← L⁻¹P x: the exchanges and eliminations of the factorization, done to a vector. */
export function tridiagonalEliminateInPlace(x: Vector, { n, l, exchanged }: TridiagonalLu): void {
  for (let i = 0; i + 1 < n; i++) {
    const upper = x[i];
    if (exchanged[i] === 1) {
      x[i] = x[i + 1];
      x[i + 1] = upper - l[i] * x[i];
    } else x[i + 1] -= l[i] * upper;
  }
}

/** out ← (T − λI)⁻¹ b; not finite when the factor is singular. `out` may be b. */
export function tridiagonalLuSolveInto(out: Vector, F: TridiagonalLu, b: Vector): Vector {
  const { n, u0, u1, u2 } = F;
  if (b.length !== n) misuse("tridiagonalLuSolveInto", "b", `of length ${b.length}`, `length ${n}`);
  if (out.length !== n) misuse("tridiagonalLuSolveInto", "out", `of length ${out.length}`, `length ${n}`);
  copyInto(out, b);
  tridiagonalEliminateInPlace(out, F);
  for (let i = n - 1; i >= 0; i--) {
    let value = out[i];
    if (i + 1 < n) value -= u1[i] * out[i + 1];
    if (i + 2 < n) value -= u2[i] * out[i + 2];
    out[i] = value / u0[i];
  }
  return out;
}
