// Symmetric matrices in tridiagonal form.
//
//   A = Q T Qᵀ, T tridiagonal, Q a product of Householder reflections that is kept as such
//
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), Algorithm 8.3.1; the order of elimination (last row first) is that
// of Martin, Reinsch, Wilkinson 1968, since it walks the rows of the lower triangle, which lie together in memory.
//
// Deviations:
// 1. The rank-two update of one step and the matrix-vector product of the next are one pass over the triangle: the
//    reduction is bound by memory, and this halves the traffic.
// 2. The matrix is scaled to unit size first, so that no square overflows or underflows.
import { misuse } from "../errors.js";
import type { DenseMatrix, Vector } from "./matrix.js";
import { norm2, normInf } from "./vec.js";

/** A = Q T Qᵀ as plain data. */
export interface Tridiagonal {
  readonly kind: "tridiagonal";
  readonly n: number;
  /** The n diagonal entries of T. */
  readonly diagonal: Vector;
  /** The n − 1 entries beside the diagonal. */
  readonly offDiagonal: Vector;
  /** Row i (of length n) holds the Householder vector vᵢ in its first i entries. */
  readonly reflectors: Vector;
  /** τᵢ in Hᵢ = I − τᵢ vᵢ vᵢᵀ. */
  readonly tau: Vector;
}

/** Reduces a symmetric matrix (its lower triangle is read): 4/3 n³ operations. Throws ArgumentError when it isn't square or finite. */
export function tridiagonalize(A: DenseMatrix): Tridiagonal {
  const n = A.rows;
  if (A.cols !== n) misuse("tridiagonalize", "A", `${A.rows} × ${A.cols}`, "a square matrix");
  const a = A.data.slice();
  const size = normInf(a);
  if (!Number.isFinite(size)) misuse("tridiagonalize", "A", "not finite", "a matrix of finite numbers");
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(Math.max(0, n - 1));
  const tau = new Float64Array(n);
  // Powers of two scale without rounding.
  const unit = size > 0 && (size > 1e100 || size < 1e-100) ? 2 ** -Math.floor(Math.log2(size)) : 1;
  if (unit !== 1) for (let i = 0; i < a.length; i++) a[i] = a[i]! * unit;

  const q = new Float64Array(n);
  let pending = false;
  for (let i = n - 1; i >= 1; i--) {
    // With an update pending, v is row i + 1 and q its partner: first this row, so that its reflector is known.
    const vRow = (i + 1) * n;
    if (pending) updateRow(a, i, n, vRow, q);
    tau[i] = reflector(a, i * n, i, offDiagonal);
    // One pass: the rest of the pending update, and p = A v for the new v.
    const p = new Float64Array(i);
    const row = i * n;
    if (tau[i] !== 0) {
      for (let j = 0; j < i; j++) {
        if (pending) updateRow(a, j, n, vRow, q);
        const start = j * n;
        const vj = a[row + j]!;
        let sum0 = 0;
        let sum1 = 0;
        let k = 0;
        for (; k + 1 < j; k += 2) {
          const a0 = a[start + k]!;
          const a1 = a[start + k + 1]!;
          sum0 += a0 * a[row + k]!;
          sum1 += a1 * a[row + k + 1]!;
          p[k] = p[k]! + a0 * vj;
          p[k + 1] = p[k + 1]! + a1 * vj;
        }
        if (k < j) {
          const a0 = a[start + k]!;
          sum0 += a0 * a[row + k]!;
          p[k] = p[k]! + a0 * vj;
        }
        p[j] = p[j]! + sum0 + sum1 + a[start + j]! * vj;
      }
      const t = tau[i]!;
      let pv = 0;
      for (let k = 0; k < i; k++) pv += p[k]! * a[row + k]!;
      const half = 0.5 * t * t * pv;
      for (let k = 0; k < i; k++) q[k] = t * p[k]! - half * a[row + k]!;
      pending = true;
    } else {
      if (pending) for (let j = 0; j < i; j++) updateRow(a, j, n, vRow, q);
      pending = false;
    }
    diagonal[i] = a[row + i]!;
  }
  if (n > 0) {
    if (pending) updateRow(a, 0, n, n, q);
    diagonal[0] = a[0]!;
  }
  if (unit !== 1) {
    for (let i = 0; i < n; i++) diagonal[i] = diagonal[i]! / unit;
    for (let i = 0; i + 1 < n; i++) offDiagonal[i] = offDiagonal[i]! / unit;
  }
  return { kind: "tridiagonal", n, diagonal, offDiagonal, reflectors: a, tau };
}

/** a[j, 0..j] −= v[j] q[0..j] + q[j] v[0..j], where v begins at `v` in a. */
function updateRow(a: Vector, j: number, n: number, v: number, q: Vector): void {
  const start = j * n;
  const vj = a[v + j]!;
  const qj = q[j]!;
  for (let k = 0; k <= j; k++) a[start + k] = a[start + k]! - vj * q[k]! - qj * a[v + k]!;
}

/** Turns the first `length` entries from `start` into the Householder vector that maps them to a multiple of the last; answers τ. */
function reflector(a: Vector, start: number, length: number, offDiagonal: Vector): number {
  const x = a.subarray(start, start + length);
  const last = x[length - 1]!;
  const norm = norm2(x);
  let rest = 0;
  for (let k = 0; k + 1 < length; k++) rest += Math.abs(x[k]!);
  if (rest === 0) {
    offDiagonal[length - 1] = last;
    return 0;
  }
  const beta = last >= 0 ? -norm : norm;
  offDiagonal[length - 1] = beta;
  // v = x − β e, scaled so that its last entry is 1.
  const scale = 1 / (last - beta);
  for (let k = 0; k + 1 < length; k++) x[k] = x[k]! * scale;
  x[length - 1] = 1;
  return (beta - last) / beta;
}

/** out = Q x, O(n²). `out` may be x. */
export function applyQInto(out: Vector, { n, reflectors, tau }: Tridiagonal, x: Vector): Vector {
  if (out !== x) out.set(x);
  for (let i = 1; i < n; i++) reflect(out, reflectors, i * n, i, tau[i]!);
  return out;
}

/** out = Qᵀ x, O(n²). `out` may be x. */
export function applyQTransposeInto(out: Vector, { n, reflectors, tau }: Tridiagonal, x: Vector): Vector {
  if (out !== x) out.set(x);
  for (let i = n - 1; i >= 1; i--) reflect(out, reflectors, i * n, i, tau[i]!);
  return out;
}

function reflect(x: Vector, reflectors: Vector, start: number, length: number, tau: number): void {
  if (tau === 0) return;
  let s0 = 0;
  let s1 = 0;
  let k = 0;
  for (; k + 1 < length; k += 2) {
    s0 += reflectors[start + k]! * x[k]!;
    s1 += reflectors[start + k + 1]! * x[k + 1]!;
  }
  if (k < length) s0 += reflectors[start + k]! * x[k]!;
  const factor = tau * (s0 + s1);
  for (k = 0; k < length; k++) x[k] = x[k]! - factor * reflectors[start + k]!;
}

/** The L D Lᵀ factors of T + σI: scratch memory that `shiftedTridiagonalFactorizeInto` fills. */
export interface TridiagonalFactor {
  readonly d: Vector;
  readonly l: Vector;
}

export const tridiagonalFactor = (n: number): TridiagonalFactor => ({
  d: new Float64Array(n),
  l: new Float64Array(Math.max(0, n - 1)),
});

/** Factors T + σI = L D Lᵀ, O(n); false when it isn't positive definite. */
export function shiftedTridiagonalFactorizeInto(factor: TridiagonalFactor, { n, diagonal, offDiagonal }: Tridiagonal, sigma: number): boolean {
  const { d, l } = factor;
  let pivot = 1;
  for (let i = 0; i < n; i++) {
    pivot = diagonal[i]! + sigma - (i > 0 ? l[i - 1]! * offDiagonal[i - 1]! : 0);
    if (!(pivot > 0)) return false;
    d[i] = pivot;
    if (i + 1 < n) l[i] = offDiagonal[i]! / pivot;
  }
  return true;
}

/** out = (T + σI)⁻¹ b from its factors. `out` may be b. */
export function shiftedTridiagonalSolveInto(out: Vector, { d, l }: TridiagonalFactor, b: Vector): Vector {
  const n = d.length;
  if (n === 0) return out;
  out[0] = b[0]!;
  for (let i = 1; i < n; i++) out[i] = b[i]! - l[i - 1]! * out[i - 1]!;
  out[n - 1] = out[n - 1]! / d[n - 1]!;
  for (let i = n - 2; i >= 0; i--) out[i] = out[i]! / d[i]! - l[i]! * out[i + 1]!;
  return out;
}

/** How many eigenvalues of T are below λ: the negative pivots of T − λI (Sturm; Golub, Van Loan 2013, §8.4.1). */
export function countBelow({ n, diagonal, offDiagonal }: Tridiagonal, lambda: number): number {
  let count = 0;
  let pivot = 1;
  for (let i = 0; i < n; i++) {
    const e = i > 0 ? offDiagonal[i - 1]! : 0;
    pivot = diagonal[i]! - lambda - (e === 0 ? 0 : (e * e) / pivot);
    if (pivot === 0) pivot = -Number.MIN_VALUE;
    if (pivot < 0) count++;
  }
  return count;
}

/** λ_min(T) by bisection on the Sturm count, to the last bit that the count resolves. NaN for n = 0. */
export function tridiagonalLowestEigenvalue(T: Tridiagonal): number {
  const { n, diagonal, offDiagonal } = T;
  if (n === 0) return Number.NaN;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const radius = (i > 0 ? Math.abs(offDiagonal[i - 1]!) : 0) + (i + 1 < n ? Math.abs(offDiagonal[i]!) : 0);
    low = Math.min(low, diagonal[i]! - radius);
    high = Math.min(high, diagonal[i]!);
  }
  if (low === high) return low;
  const span = high - low;
  for (let iteration = 0; iteration < 200; iteration++) {
    const middle = 0.5 * (low + high);
    if (!(middle > low && middle < high) || high - low <= 1e-17 * span) break;
    if (countBelow(T, middle) >= 1) high = middle;
    else low = middle;
  }
  return 0.5 * (low + high);
}

/** Writes a unit eigenvector of T for its eigenvalue λ into `out`: inverse iteration from a fixed start (Golub, Van Loan 2013, §8.4.2). */
export function tridiagonalEigenvector(out: Vector, T: Tridiagonal, lambda: number): Vector {
  const { n, diagonal, offDiagonal } = T;
  const size = Math.max(normInf(diagonal), normInf(offDiagonal), Number.MIN_VALUE);
  // Rows of the LU factors with partial pivoting: u, and two entries right of it.
  const u0 = new Float64Array(n);
  const u1 = new Float64Array(n);
  const u2 = new Float64Array(n);
  const l = new Float64Array(n);
  const swapped = new Uint8Array(n);
  let a = n > 0 ? diagonal[0]! - lambda : 0;
  let b = n > 1 ? offDiagonal[0]! : 0;
  for (let i = 0; i + 1 < n; i++) {
    const below = offDiagonal[i]!;
    const next = diagonal[i + 1]! - lambda;
    const beyond = i + 2 < n ? offDiagonal[i + 1]! : 0;
    if (Math.abs(below) > Math.abs(a)) {
      swapped[i] = 1;
      l[i] = a / below;
      u0[i] = below;
      u1[i] = next;
      u2[i] = beyond;
      a = b - l[i]! * next;
      b = -l[i]! * beyond;
    } else {
      if (a === 0) a = Number.EPSILON * size;
      l[i] = below / a;
      u0[i] = a;
      u1[i] = b;
      a = next - l[i]! * b;
      b = beyond;
    }
  }
  if (n > 0) u0[n - 1] = a === 0 ? Number.EPSILON * size : a;
  for (let i = 0; i < n; i++) out[i] = 1 + 0.25 * Math.cos(1 + 3 * i);
  for (let pass = 0; pass < 4; pass++) {
    if (pass > 0) {
      for (let i = 0; i + 1 < n; i++) {
        if (swapped[i] === 1) {
          const upper = out[i]!;
          out[i] = out[i + 1]!;
          out[i + 1] = upper - l[i]! * out[i]!;
        } else out[i + 1] = out[i + 1]! - l[i]! * out[i]!;
      }
    }
    for (let i = n - 1; i >= 0; i--) {
      let value = out[i]!;
      if (i + 1 < n) value -= u1[i]! * out[i + 1]!;
      if (i + 2 < n) value -= u2[i]! * out[i + 2]!;
      out[i] = value / u0[i]!;
      if (Math.abs(out[i]!) > 1e200) for (let k = i; k < n; k++) out[k] = out[k]! * 1e-200;
    }
    const length = norm2(out);
    for (let i = 0; i < n; i++) out[i] = out[i]! / length;
  }
  return out;
}
