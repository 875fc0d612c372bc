// P A = L U with partial pivoting. Golub, Van Loan, "Matrix Computations" (2013), Algorithm 3.4.1 (rows are contiguous here);
// the condition estimate is Hager's (1984) in the form of Higham 1988, Algorithm 2.1 (1-norm power method on A⁻¹).
import { misuse } from "../errors.js";
import { normOne } from "./dense.js";
import type { DenseMatrix, Vector } from "./matrix.js";

export interface Lu {
  readonly kind: "lu";
  readonly n: number;
  /** U on and above the diagonal, L (unit) below it; row-major. */
  readonly LU: Vector;
  /** permutation[k] is the row of A in place k. */
  readonly permutation: Int32Array;
  /** +1 or −1, the permutation's sign. */
  readonly sign: number;
  /** The first column without a non-zero pivot; −1 when A is not exactly singular. */
  readonly singularAt: number;
  readonly norm1: number;
}

/** Factors A: 2n³/3 operations. Throws ArgumentError when A isn't square. */
export function luFactorize(A: DenseMatrix): Lu {
  const n = A.rows;
  if (A.cols !== n) misuse("luFactorize", "A", `${n} × ${A.cols}`, "a square matrix");
  const LU = A.data.slice();
  const permutation = Int32Array.from({ length: n }, (_, i) => i);
  let sign = 1;
  let singularAt = -1;
  for (let k = 0; k < n; k++) {
    let p = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(LU[i * n + k]!) > Math.abs(LU[p * n + k]!)) p = i;
    if (p !== k) {
      for (let j = 0; j < n; j++) {
        const t = LU[k * n + j]!;
        LU[k * n + j] = LU[p * n + j]!;
        LU[p * n + j] = t;
      }
      const t = permutation[k]!;
      permutation[k] = permutation[p]!;
      permutation[p] = t;
      sign = -sign;
    }
    const pivot = LU[k * n + k]!;
    if (pivot === 0 || Number.isNaN(pivot)) {
      if (singularAt < 0) singularAt = k;
      continue;
    }
    for (let i = k + 1; i < n; i++) {
      const l = LU[i * n + k]! / pivot;
      LU[i * n + k] = l;
      if (l === 0) continue;
      for (let j = k + 1; j < n; j++) LU[i * n + j] = LU[i * n + j]! - l * LU[k * n + j]!;
    }
  }
  return { kind: "lu", n, LU, permutation, sign, singularAt, norm1: normOne(A) };
}

/** out = A⁻¹ b. `out` may be b. Throws ArgumentError when A is exactly singular. */
export function luSolveInto(out: Vector, { n, LU, permutation, singularAt }: Lu, b: Vector): Vector {
  if (singularAt >= 0) misuse("luSolveInto", "F", `singular at column ${singularAt}`, "a factorization with singularAt = −1");
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = b[permutation[i]!]!;
    for (let j = 0; j < i; j++) sum -= LU[i * n + j]! * y[j]!;
    y[i] = sum;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = y[i]!;
    for (let j = i + 1; j < n; j++) sum -= LU[i * n + j]! * y[j]!;
    y[i] = sum / LU[i * n + i]!;
  }
  out.set(y);
  return out;
}

/** out = A⁻ᵀ b. `out` may be b. */
export function luSolveTransposeInto(out: Vector, { n, LU, permutation, singularAt }: Lu, b: Vector): Vector {
  if (singularAt >= 0) misuse("luSolveTransposeInto", "F", `singular at column ${singularAt}`, "a factorization with singularAt = −1");
  const y = b.slice();
  for (let i = 0; i < n; i++) {
    const x = y[i]! / LU[i * n + i]!;
    y[i] = x;
    for (let j = i + 1; j < n; j++) y[j] = y[j]! - LU[i * n + j]! * x;
  }
  for (let i = n - 1; i >= 0; i--) {
    const x = y[i]!;
    for (let j = 0; j < i; j++) y[j] = y[j]! - LU[i * n + j]! * x;
  }
  for (let i = 0; i < n; i++) out[permutation[i]!] = y[i]!;
  return out;
}

/** det A; 0 when singular. */
export function luDeterminant({ n, LU, sign, singularAt }: Lu): number {
  if (singularAt >= 0) return 0;
  let product = sign;
  for (let i = 0; i < n; i++) product *= LU[i * n + i]!;
  return product;
}

/** An estimate of 1 / (‖A‖₁ ‖A⁻¹‖₁), rarely more than three times too large; 0 when singular, 1 for n = 0. */
export function reciprocalCondition(F: Lu): number {
  const { n, norm1, singularAt } = F;
  if (n === 0) return 1;
  if (singularAt >= 0) return 0;
  let x = new Float64Array(n).fill(1 / n);
  let estimate = 0;
  let last = -1;
  for (let iteration = 0; iteration < 5; iteration++) {
    const y = luSolveInto(new Float64Array(n), F, x);
    const size = y.reduce((sum, v) => sum + Math.abs(v), 0);
    if (size <= estimate) break;
    estimate = size;
    const z = luSolveTransposeInto(new Float64Array(n), F, y.map((v) => (v >= 0 ? 1 : -1)));
    let j = 0;
    for (let i = 1; i < n; i++) if (Math.abs(z[i]!) > Math.abs(z[j]!)) j = i;
    if (j === last) break;
    last = j;
    x = new Float64Array(n);
    x[j] = 1;
  }
  // Higham's second guess against cancellation: an alternating, growing vector.
  const v = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + (n > 1 ? i / (n - 1) : 0)));
  const alternative = luSolveInto(v, F, v).reduce((sum, t) => sum + Math.abs(t), 0);
  estimate = Math.max(estimate, (2 * alternative) / (3 * n));
  return 1 / (norm1 * estimate);
}
