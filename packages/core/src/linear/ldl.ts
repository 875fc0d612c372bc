// Symmetric indefinite factorization P A Pᵀ = L D Lᵀ, L unit lower triangular, D with blocks of order 1 and 2.
//
// Bunch, Kaufman 1977, "Some stable methods for calculating inertia and solving symmetric linear systems", partial pivoting;
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), §4.4. Rook pivoting: Ashcraft, Grimes, Lewis 1998,
// "Accurate symmetric indefinite linear equation solvers", the bounded Bunch-Kaufman algorithm: entries of L stay below 2.79.
//
// Deviations:
// 1. Rows already computed are exchanged too, so that one permutation describes all exchanges.
// 2. The pivot tests compare ratios, so that no product of two entries overflows or underflows.

import { describe, misuse, requireKnownOptions, requireNumber } from "../errors.js";
import { type DenseInput, toDense } from "../interop/dense.js";
import { requireFiniteMatrix, requireSquare } from "./dense.js";
import type { Vector } from "./matrix.js";
import { exchangeLower, solveLowerInPlace, solveLowerTransposeInPlace } from "./triangular.js";
import { axpyAt } from "./vec.js";

export interface Ldl {
  readonly kind: "ldl";
  readonly n: number;
  /** L, row-major, below its unit diagonal; what stands elsewhere is scratch. */
  readonly L: Vector;
  /** The diagonal of D. */
  readonly d: Vector;
  /** e[k] ≠ 0 marks a block of order 2 at k, k + 1 with off-diagonal entry e[k]. */
  readonly e: Vector;
  /** permutation[k] is the variable in place k. */
  readonly permutation: Int32Array;
}

export interface LdlOptions {
  /** "partial": at most two columns looked at a step. "rook": on until one is largest in its row and column; L is bounded. Default "partial". */
  readonly pivoting?: "partial" | "rook";
}

export interface Inertia {
  readonly positive: number;
  readonly negative: number;
  readonly zero: number;
}

/** (1 + √17)/8 balances the growth of two steps of order 1 against that of one of order 2. */
const growth = (1 + Math.sqrt(17)) / 8;

/**
 * Factors a symmetric matrix (its lower triangle is read): n³/3 operations. Never fails; a singular A shows as a zero in D.
 * @throws ArgumentError when A isn't square or its lower triangle isn't finite.
 */
export function ldlFactorize(matrix: DenseInput, options: LdlOptions = {}): Ldl {
  const A = toDense(matrix, "ldlFactorize", "A");
  requireSquare("ldlFactorize", "A", A);
  requireFiniteMatrix("ldlFactorize", "A", A, { lower: true });
  requireKnownOptions("ldlFactorize", options, ["pivoting"]);
  const { pivoting = "partial" } = options;
  if (pivoting !== "partial" && pivoting !== "rook") {
    misuse("ldlFactorize", "options.pivoting", describe(pivoting), '"partial" or "rook"');
  }
  const n = A.rows;
  const W = A.data.slice();
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  const permutation = Int32Array.from({ length: n }, (_, i) => i);
  const c1 = new Float64Array(n);
  const c2 = new Float64Array(n);
  const move = (to: number, from: number) => {
    if (to === from) return;
    exchangeLower(W, n, to, from);
    [permutation[to], permutation[from]] = [permutation[from], permutation[to]];
  };
  for (let k = 0; k < n; ) {
    const { size, first, last } = pivoting === "rook" ? rookPivot(W, n, k) : partialPivot(W, n, k);
    move(k, first);
    if (size === 2) move(k + 1, last);
    d[k] = W[k * n + k];
    if (size === 1) {
      if (d[k] !== 0) eliminateOne(W, n, k, c1);
    } else {
      d[k + 1] = W[(k + 1) * n + k + 1];
      e[k] = W[(k + 1) * n + k];
      eliminateTwo(W, n, k, c1, c2);
      W[(k + 1) * n + k] = 0;
    }
    k += size;
  }
  return { kind: "ldl", n, L: W, d, e, permutation };
}

function eliminateOne(W: Vector, n: number, k: number, column: Vector): void {
  const pivot = W[k * n + k];
  for (let i = k + 1; i < n; i++) column[i] = W[i * n + k];
  for (let i = k + 1; i < n; i++) {
    const l = column[i] / pivot;
    W[i * n + k] = l;
    if (l !== 0) axpyAt(W, i * n + k + 1, -l, column, k + 1, i - k);
  }
}

function eliminateTwo(W: Vector, n: number, k: number, c1: Vector, c2: Vector): void {
  // The inverse of the block, scaled by its off-diagonal entry (the largest), so that nothing overflows.
  const off = W[(k + 1) * n + k];
  const p = W[(k + 1) * n + k + 1] / off;
  const q = W[k * n + k] / off;
  const determinant = p * q - 1;
  for (let i = k + 2; i < n; i++) {
    c1[i] = W[i * n + k];
    c2[i] = W[i * n + k + 1];
  }
  for (let i = k + 2; i < n; i++) {
    const l1 = (p * c1[i] - c2[i]) / off / determinant;
    const l2 = (q * c2[i] - c1[i]) / off / determinant;
    const row = i * n;
    for (let j = k + 2; j <= i; j++) W[row + j] -= l1 * c1[j] + l2 * c2[j];
    W[row + k] = l1;
    W[row + k + 1] = l2;
  }
}

/** One column goes to place k, or two (`first`, then `last`) to places k and k + 1. */
interface Pivot {
  readonly size: 1 | 2;
  readonly first: number;
  readonly last: number;
}

/** The place of the largest |entry| of row and column r of the trailing matrix from k on, its diagonal left out; r if all are zero. */
function largestBeside(W: Vector, n: number, k: number, r: number): number {
  let at = r;
  let max = 0;
  for (let j = k; j < n; j++) {
    const size = j === r ? 0 : Math.abs(entry(W, n, r, j));
    if (size > max) {
      max = size;
      at = j;
    }
  }
  return at;
}

const entry = (W: Vector, n: number, i: number, j: number) => W[i > j ? i * n + j : j * n + i];

function partialPivot(W: Vector, n: number, k: number): Pivot {
  const own = Math.abs(W[k * n + k]);
  const r = largestBeside(W, n, k, k);
  const columnMax = r === k ? 0 : Math.abs(entry(W, n, k, r));
  const stay: Pivot = { size: 1, first: k, last: k };
  if (own >= growth * columnMax) return stay;
  const rowMax = Math.abs(entry(W, n, r, largestBeside(W, n, k, r)));
  if (own >= growth * columnMax * (columnMax / rowMax)) return stay;
  if (Math.abs(W[r * n + r]) >= growth * rowMax) return { size: 1, first: r, last: r };
  return { size: 2, first: k, last: r };
}

function rookPivot(W: Vector, n: number, k: number): Pivot {
  let p = k;
  let r = largestBeside(W, n, k, k);
  if (r === k || Math.abs(W[k * n + k]) >= growth * Math.abs(entry(W, n, k, r))) return { size: 1, first: k, last: k };
  for (;;) {
    const next = largestBeside(W, n, k, r);
    const columnMax = Math.abs(entry(W, n, p, r));
    const rowMax = Math.abs(entry(W, n, r, next));
    if (Math.abs(W[r * n + r]) >= growth * rowMax) return { size: 1, first: r, last: r };
    // Each turn of the loop finds a larger entry, so that it ends.
    if (!(rowMax > columnMax)) return { size: 2, first: p, last: r === k ? p : r };
    p = r;
    r = next;
  }
}

/** out ← A⁻¹ b, 2n² operations; entries that a zero in D leaves open are 0. `out` may be b. */
export function ldlSolveInto(out: Vector, { n, L, d, e, permutation }: Ldl, b: Vector): Vector {
  if (b.length !== n) misuse("ldlSolveInto", "b", `of length ${b.length}`, `length ${n}`);
  if (out.length !== n) misuse("ldlSolveInto", "out", `of length ${out.length}`, `length ${n}`);
  const y = new Float64Array(n);
  for (let k = 0; k < n; k++) y[k] = b[permutation[k]];
  solveLowerInPlace(y, L, n, n, true);
  for (let k = 0; k < n; k++) {
    if (e[k] !== 0) {
      const p = d[k + 1] / e[k];
      const q = d[k] / e[k];
      const determinant = p * q - 1;
      const a = y[k] / e[k];
      const c = y[k + 1] / e[k];
      y[k] = (p * a - c) / determinant;
      y[k + 1] = (q * c - a) / determinant;
      k++;
    } else y[k] = d[k] === 0 ? 0 : y[k] / d[k];
  }
  solveLowerTransposeInPlace(y, L, n, n, true);
  for (let k = 0; k < n; k++) out[permutation[k]] = y[k];
  return out;
}

/**
 * The signs of A's eigenvalues (Sylvester): those of the blocks of D.
 * @param tolerance an eigenvalue of D counts as zero up to this times max|D|, ≥ 0. Default n ε; 0 for a graded matrix.
 */
export function inertia({ n, d, e }: Ldl, tolerance = n * Number.EPSILON): Inertia {
  requireNumber("inertia", "tolerance", tolerance, { atLeast: 0 });
  let top = 0;
  for (let k = 0; k < n; k++) top = Math.max(top, Math.abs(d[k]), Math.abs(e[k]));
  let positive = 0;
  let negative = 0;
  const count = (lambda: number) => {
    if (lambda > tolerance * top) positive++;
    else if (lambda < -tolerance * top) negative++;
  };
  for (let k = 0; k < n; k++) {
    if (e[k] !== 0) {
      for (const lambda of blockEigenvalues(d[k], e[k], d[k + 1]).values) count(lambda);
      k++;
    } else count(d[k]);
  }
  return { positive, negative, zero: n - positive - negative };
}

/** The eigenvalues λ₁ ≥ λ₂ of [a b; b c], and the unit eigenvector (cosine, sine) of λ₁. */
export function blockEigenvalues(
  a: number,
  b: number,
  c: number,
): { values: [number, number]; cosine: number; sine: number } {
  const angle = 0.5 * Math.atan2(2 * b, a - c);
  const mean = 0.5 * (a + c);
  const radius = Math.hypot(0.5 * (a - c), b);
  return { values: [mean + radius, mean - radius], cosine: Math.cos(angle), sine: Math.sin(angle) };
}
