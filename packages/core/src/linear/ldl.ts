// Symmetric indefinite factorization P A Pᵀ = L D Lᵀ, L unit lower triangular, D with blocks of order 1 and 2.
// Bunch, Kaufman 1977, "Some stable methods for calculating inertia and solving symmetric linear systems", partial pivoting;
// Golub, Van Loan, "Matrix Computations" (2013), Algorithm 4.4.4.
// Deviation: rows already computed are exchanged too, so that one permutation describes all exchanges.
import { misuse } from "../errors.js";
import type { DenseMatrix, Vector } from "./matrix.js";

export interface Ldl {
  readonly kind: "ldl";
  readonly n: number;
  /** L, row-major, below its unit diagonal. */
  readonly L: Vector;
  /** The diagonal of D. */
  readonly d: Vector;
  /** e[k] ≠ 0 marks a block of order 2 at k, k + 1 with off-diagonal entry e[k]. */
  readonly e: Vector;
  /** permutation[k] is the variable in place k. */
  readonly permutation: Int32Array;
}

export interface Inertia {
  readonly positive: number;
  readonly negative: number;
  readonly zero: number;
}

const growth = (1 + Math.sqrt(17)) / 8;

/** Factors A (its lower triangle is read): n³/3 operations. Never fails; a singular A shows as a zero in D. Throws ArgumentError when A isn't square. */
export function ldlFactorize(A: DenseMatrix): Ldl {
  const n = A.rows;
  if (A.cols !== n) misuse("ldlFactorize", "A", `${n} × ${A.cols}`, "a square matrix");
  const W = A.data.slice();
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  const permutation = Int32Array.from({ length: n }, (_, i) => i);
  const c1 = new Float64Array(n);
  const c2 = new Float64Array(n);
  let k = 0;
  while (k < n) {
    const { size, pivot } = choosePivot(W, n, k);
    const place = k + size - 1;
    if (pivot !== place) {
      exchange(W, n, place, pivot);
      [permutation[place], permutation[pivot]] = [permutation[pivot]!, permutation[place]!];
    }
    const d11 = W[k * n + k]!;
    d[k] = d11;
    if (size === 1) {
      if (d11 !== 0) {
        for (let i = k + 1; i < n; i++) c1[i] = W[i * n + k]!;
        for (let i = k + 1; i < n; i++) {
          const l = c1[i]! / d11;
          const row = i * n;
          for (let j = k + 1; j <= i; j++) W[row + j] = W[row + j]! - l * c1[j]!;
          W[row + k] = l;
        }
      }
    } else {
      const d21 = W[(k + 1) * n + k]!;
      const d22 = W[(k + 1) * n + k + 1]!;
      d[k + 1] = d22;
      e[k] = d21;
      W[(k + 1) * n + k] = 0;
      // The inverse of the block, scaled by its off-diagonal entry (the largest), so that nothing overflows.
      const p = d22 / d21;
      const q = d11 / d21;
      const t = 1 / (d21 * (p * q - 1));
      for (let i = k + 2; i < n; i++) {
        c1[i] = W[i * n + k]!;
        c2[i] = W[i * n + k + 1]!;
      }
      for (let i = k + 2; i < n; i++) {
        const l1 = t * (p * c1[i]! - c2[i]!);
        const l2 = t * (q * c2[i]! - c1[i]!);
        const row = i * n;
        for (let j = k + 2; j <= i; j++) W[row + j] = W[row + j]! - l1 * c1[j]! - l2 * c2[j]!;
        W[row + k] = l1;
        W[row + k + 1] = l2;
      }
    }
    k += size;
  }
  return { kind: "ldl", n, L: W, d, e, permutation };
}

function choosePivot(W: Vector, n: number, k: number): { size: 1 | 2; pivot: number } {
  const own = Math.abs(W[k * n + k]!);
  let columnMax = 0;
  let r = k;
  for (let i = k + 1; i < n; i++) {
    const a = Math.abs(W[i * n + k]!);
    if (a > columnMax) {
      columnMax = a;
      r = i;
    }
  }
  if (columnMax === 0 || own >= growth * columnMax) return { size: 1, pivot: k };
  let rowMax = 0;
  for (let j = k; j < n; j++) {
    if (j !== r) rowMax = Math.max(rowMax, Math.abs(j < r ? W[r * n + j]! : W[j * n + r]!));
  }
  if (own * rowMax >= growth * columnMax * columnMax) return { size: 1, pivot: k };
  if (Math.abs(W[r * n + r]!) >= growth * rowMax) return { size: 1, pivot: r };
  return { size: 2, pivot: r };
}

/** Exchanges rows and columns p < q of a symmetric matrix in its lower triangle, computed rows of L included. */
function exchange(W: Vector, n: number, p: number, q: number): void {
  const swap = (a: number, b: number) => {
    const t = W[a]!;
    W[a] = W[b]!;
    W[b] = t;
  };
  for (let j = 0; j < p; j++) swap(p * n + j, q * n + j);
  for (let j = p + 1; j < q; j++) swap(j * n + p, q * n + j);
  for (let i = q + 1; i < n; i++) swap(i * n + p, i * n + q);
  swap(p * n + p, q * n + q);
}

/** out = A⁻¹ b; entries that a singular D leaves open are 0. `out` may be b. */
export function ldlSolveInto(out: Vector, { n, L, d, e, permutation }: Ldl, b: Vector): Vector {
  const y = new Float64Array(n);
  for (let k = 0; k < n; k++) y[k] = b[permutation[k]!]!;
  for (let i = 0; i < n; i++) {
    let sum = y[i]!;
    for (let j = 0; j < i; j++) sum -= L[i * n + j]! * y[j]!;
    y[i] = sum;
  }
  for (let k = 0; k < n; k++) {
    if (e[k] !== 0 && k + 1 < n) {
      const p = d[k + 1]! / e[k]!;
      const q = d[k]! / e[k]!;
      const t = 1 / (e[k]! * (p * q - 1));
      const a = y[k]!;
      const c = y[k + 1]!;
      y[k] = t * (p * a - c);
      y[k + 1] = t * (q * c - a);
      k++;
    } else y[k] = d[k] === 0 ? 0 : y[k]! / d[k]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    const x = y[i]!;
    for (let j = 0; j < i; j++) y[j] = y[j]! - L[i * n + j]! * x;
  }
  for (let k = 0; k < n; k++) out[permutation[k]!] = y[k]!;
  return out;
}

/** The signs of A's eigenvalues (Sylvester): those of the blocks of D, zero when below tolerance · max|D| (default n ε). */
export function inertia({ n, d, e }: Ldl, tolerance = n * Number.EPSILON): Inertia {
  let positive = 0;
  let negative = 0;
  let top = 0;
  for (let k = 0; k < n; k++) top = Math.max(top, Math.abs(d[k]!), Math.abs(e[k]!));
  const count = (lambda: number) => {
    if (Math.abs(lambda) > tolerance * top) lambda > 0 ? positive++ : negative++;
  };
  for (let k = 0; k < n; k++) {
    if (e[k] !== 0 && k + 1 < n) {
      for (const lambda of blockEigenvalues(d[k]!, e[k]!, d[k + 1]!).values) count(lambda);
      k++;
    } else count(d[k]!);
  }
  return { positive, negative, zero: n - positive - negative };
}

/** The eigenvalues λ₁ ≥ λ₂ of [a b; b c], and the unit eigenvector (cosine, sine) of λ₁. */
export function blockEigenvalues(a: number, b: number, c: number): { values: [number, number]; cosine: number; sine: number } {
  const angle = 0.5 * Math.atan2(2 * b, a - c);
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const mean = 0.5 * (a + c);
  const radius = Math.hypot(0.5 * (a - c), b);
  return { values: [mean + radius, mean - radius], cosine, sine };
}
