// P A = L U with partial pivoting. Golub, Van Loan, "Matrix Computations" (4th ed., 2013), Algorithm 3.4.1, by recursion on the columns (Toledo 1997,
// "Locality of reference in LU decomposition with partial pivoting");
// the condition estimate is Hager's (1984) in the form of Higham, "Accuracy and Stability of Numerical Algorithms" (2nd ed.,
// 2002), Algorithm 15.4.

import { misuse } from "../../errors.js";
import { type DenseInput, toDense } from "../../interop/dense.js";
import type { Vector } from "../matrix.js";
import { blockSize, type DenseBackend, denseBackend } from "./backend.js";
import { solveCols } from "./blocked.js";
import { normOne, requireFiniteMatrix, requireSquare } from "./dense.js";
import {
  solveLowerInPlace,
  solveLowerTransposeInPlace,
  solveUpperInPlace,
  solveUpperTransposeInPlace,
} from "./triangular.js";

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
  /** ‖A‖₁. */
  readonly norm1: number;
}

/**
 * Factors A: 2n³/3 operations.
 * @throws ArgumentError when A isn't square or isn't finite.
 */
export function luFactorize(matrix: DenseInput): Lu {
  const A = toDense(matrix, "luFactorize", "A");
  requireSquare("luFactorize", "A", A);
  requireFiniteMatrix("luFactorize", "A", A);
  const n = A.rows;
  const backend = denseBackend();
  const work = n <= blockSize ? new Float64Array(n * n) : backend.allocate(n * n);
  work.set(A.data);
  const state: Elimination = {
    backend,
    n,
    LU: work,
    permutation: Int32Array.from({ length: n }, (_, i) => i),
    held: new Float64Array(n),
    sign: 1,
    singularAt: -1,
  };
  eliminate(state, 0, n);
  const { permutation, sign, singularAt } = state;
  const LU = n <= blockSize ? work : work.slice();
  backend.release(work);
  return { kind: "lu", n, LU, permutation, sign, singularAt, norm1: normOne(A) };
}

interface Elimination {
  readonly backend: DenseBackend;
  readonly n: number;
  readonly LU: Vector;
  readonly permutation: Int32Array;
  readonly held: Vector;
  sign: number;
  singularAt: number;
}

/** Columns of a panel that are eliminated one by one. */
const panel = 8;

/** Columns from … to − 1, all rows from `from` on, what stands left of them done. */
function eliminate(state: Elimination, from: number, to: number): void {
  const { backend, n, LU } = state;
  if (to - from <= panel) {
    eliminatePanel(state, from, to);
    return;
  }
  const middle = from + panel * Math.ceil((to - from) / (2 * panel));
  eliminate(state, from, middle);
  const width = to - middle;
  const size = middle - from;
  const corner = from * n + from;
  const right = from * n + middle;
  const below = middle * n;
  solveCols(backend, size, width, LU, corner, n, 1, true, LU, right, n);
  backend.gemmStrided(n - middle, width, size, -1, LU, below + from, n, 1, LU, right, n, 1, LU, below + middle, n);
  eliminate(state, middle, to);
}

function eliminatePanel(state: Elimination, from: number, to: number): void {
  const { n, LU, permutation, held } = state;
  for (let k = from; k < to; k++) {
    let p = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(LU[i * n + k]) > Math.abs(LU[p * n + k])) p = i;
    if (p !== k) {
      held.set(LU.subarray(k * n, (k + 1) * n));
      LU.copyWithin(k * n, p * n, (p + 1) * n);
      LU.set(held, p * n);
      [permutation[k], permutation[p]] = [permutation[p], permutation[k]];
      state.sign = -state.sign;
    }
    const pivot = LU[k * n + k];
    if (pivot === 0) {
      if (state.singularAt < 0) state.singularAt = k;
      continue;
    }
    for (let i = k + 1; i < n; i++) {
      const l = LU[i * n + k] / pivot;
      LU[i * n + k] = l;
      for (let j = k + 1; j < to; j++) LU[i * n + j] -= l * LU[k * n + j];
    }
  }
}

/**
 * out ← A⁻¹ b, 2n² operations. `out` may be b.
 * @throws ArgumentError when A is exactly singular or a length doesn't fit.
 */
export function luSolveInto(out: Vector, F: Lu, b: Vector): Vector {
  checkSolve("luSolveInto", F, out, b);
  const { n, LU, permutation } = F;
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) y[i] = b[permutation[i]];
  out.set(y);
  solveLowerInPlace(out, LU, n, n, true);
  solveUpperInPlace(out, LU, n, n);
  return out;
}

/**
 * out ← A⁻ᵀ b, 2n² operations. `out` may be b.
 * @throws ArgumentError when A is exactly singular or a length doesn't fit.
 */
export function luSolveTransposeInto(out: Vector, F: Lu, b: Vector): Vector {
  checkSolve("luSolveTransposeInto", F, out, b);
  const { n, LU, permutation } = F;
  const y = b.slice();
  solveUpperTransposeInPlace(y, LU, n, n);
  solveLowerTransposeInPlace(y, LU, n, n, true);
  for (let i = 0; i < n; i++) out[permutation[i]] = y[i];
  return out;
}

function checkSolve(routine: string, { n, singularAt }: Lu, out: Vector, b: Vector): void {
  if (singularAt >= 0) misuse(routine, "F", `singular at column ${singularAt}`, "a factorization with singularAt = −1");
  if (b.length !== n) misuse(routine, "b", `of length ${b.length}`, `length ${n}`);
  if (out.length !== n) misuse(routine, "out", `of length ${out.length}`, `length ${n}`);
}

/** det A; 0 when singular. May overflow or underflow: see {@link luLogDeterminant}. */
export function luDeterminant({ n, LU, sign, singularAt }: Lu): number {
  if (singularAt >= 0) return 0;
  let product = sign;
  for (let i = 0; i < n; i++) product *= LU[i * n + i];
  return product;
}

/** The sign of det A (0 when singular) and log |det A|. */
export function luLogDeterminant({ n, LU, sign, singularAt }: Lu): { readonly sign: number; readonly logAbs: number } {
  if (singularAt >= 0) return { sign: 0, logAbs: Number.NEGATIVE_INFINITY };
  let total = sign;
  let logAbs = 0;
  for (let i = 0; i < n; i++) {
    if (LU[i * n + i] < 0) total = -total;
    logAbs += Math.log(Math.abs(LU[i * n + i]));
  }
  return { sign: total, logAbs };
}

/** An estimate of 1 / (‖A‖₁ ‖A⁻¹‖₁), never too small but for rounding and rarely three times too large; 0 when singular, 1 for n = 0. */
export function reciprocalCondition(F: Lu): number {
  const { n, norm1, singularAt } = F;
  if (n === 0) return 1;
  if (singularAt >= 0) return 0;
  const x = new Float64Array(n).fill(1 / n);
  const y = new Float64Array(n);
  let estimate = 0;
  let last = -1;
  for (let iteration = 0; iteration < 5; iteration++) {
    luSolveInto(y, F, x);
    const size = sumOfSizes(y);
    if (!(size > estimate)) break;
    estimate = size;
    // The gradient of ‖A⁻¹x‖₁: its largest entry names the unit vector to try next.
    for (let i = 0; i < n; i++) y[i] = y[i] >= 0 ? 1 : -1;
    luSolveTransposeInto(y, F, y);
    let j = 0;
    for (let i = 1; i < n; i++) if (Math.abs(y[i]) > Math.abs(y[j])) j = i;
    if (j === last) break;
    last = j;
    x.fill(0);
    x[j] = 1;
  }
  // Higham's second guess against cancellation: an alternating, growing vector.
  for (let i = 0; i < n; i++) y[i] = (i % 2 === 0 ? 1 : -1) * (1 + (n > 1 ? i / (n - 1) : 0));
  estimate = Math.max(estimate, (2 * sumOfSizes(luSolveInto(y, F, y))) / (3 * n));
  return Math.min(1, 1 / norm1 / estimate);
}

function sumOfSizes(x: Vector): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.abs(x[i]);
  return sum;
}
