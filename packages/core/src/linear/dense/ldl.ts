// Symmetric indefinite factorization P A Pᵀ = L D Lᵀ, L unit lower triangular, D with blocks of order 1 and 2.
//
// Bunch, Kaufman 1977, "Some stable methods for calculating inertia and solving symmetric linear systems", partial pivoting;
// Golub, Van Loan, "Matrix Computations" (4th ed., 2013), §4.4. Rook pivoting: Ashcraft, Grimes, Lewis 1998,
// "Accurate symmetric indefinite linear equation solvers", the bounded Bunch-Kaufman algorithm: entries of L stay below 2.79.
//
// Deviations:
// 1. Rows already computed are exchanged too, so that one permutation describes all exchanges.
// 2. The updates of up to 32 columns reach the rest of the matrix together, as a product (LAPACK's dlasyf); a column is brought up to date when it is looked at.
// 3. The pivot tests compare ratios, so that no product of two entries overflows or underflows.

import { describe, misuse, requireKnownOptions, requireNumber } from "../../errors.js";
import { type DenseInput, toDense } from "../../interop/dense.js";
import type { Vector } from "../matrix.js";
import { dotAt } from "../vec.js";
import { blockSize, denseBackend } from "./backend.js";
import { requireFiniteMatrix, requireSquare } from "./dense.js";
import { exchangeLower, solveLowerInPlace, solveLowerTransposeInPlace } from "./triangular.js";

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
  const backend = denseBackend();
  const large = n > blockSize;
  const length = n * n + n * panel;
  const memory = large ? backend.allocate(length) : new Float64Array(length);
  memory.set(A.data);
  const run: Elimination = {
    n,
    A: memory.subarray(0, n * n),
    W: memory.subarray(n * n),
    d: new Float64Array(n),
    e: new Float64Array(n),
    permutation: Int32Array.from({ length: n }, (_, i) => i),
    columns: [new Float64Array(n), new Float64Array(n), new Float64Array(n)],
  };
  for (let start = 0; start < n; ) {
    const end = factorPanel(run, start, pivoting);
    const at = end * n;
    backend.syrkProduct(n - end, end - start, -1, run.A, at + start, n, run.W, end * panel, panel, run.A, at + end, n);
    start = end;
  }
  const L = memory.slice(0, n * n);
  if (large) backend.release(memory);
  return { kind: "ldl", n, L, d: run.d, e: run.e, permutation: run.permutation };
}

/** Columns of a panel: their updates reach the rest of the matrix together. */
const panel = 32;

interface Elimination {
  readonly n: number;
  /** Left of the panel and in it L; right of it A, without the panel's updates. */
  readonly A: Vector;
  /** L D of the panel's columns, `panel` numbers a row. */
  readonly W: Vector;
  readonly d: Vector;
  readonly e: Vector;
  readonly permutation: Int32Array;
  /** Columns as they would stand with all updates. */
  readonly columns: [Vector, Vector, Vector];
}

/** Factors columns from `start` on, at most `panel` of them, and answers where it ended. */
function factorPanel(run: Elimination, start: number, pivoting: "partial" | "rook"): number {
  const { n, A, W, d, e } = run;
  const limit = Math.min(n, start + panel);
  let k = start;
  // A block of order 2 needs two columns of room.
  while (k < limit && (k + 1 < limit || limit === n)) {
    const { size, first, last, c1, c2 } = pivoting === "rook" ? rookPivot(run, start, k) : partialPivot(run, start, k);
    move(run, start, k, first, c1, c2);
    if (size === 2) move(run, start, k + 1, last, c1, c2);
    const column = k - start;
    d[k] = c1[k];
    if (size === 1) {
      for (let i = k + 1; i < n; i++) {
        A[i * n + k] = d[k] === 0 ? 0 : c1[i] / d[k];
        W[i * panel + column] = d[k] === 0 ? 0 : c1[i];
      }
    } else {
      // The inverse of the block, scaled by its off-diagonal entry (the largest), so that nothing overflows.
      const off = c1[k + 1];
      d[k + 1] = c2[k + 1];
      e[k] = off;
      const p = c2[k + 1] / off;
      const q = c1[k] / off;
      const determinant = p * q - 1;
      for (let i = k + 2; i < n; i++) {
        A[i * n + k] = (p * c1[i] - c2[i]) / off / determinant;
        A[i * n + k + 1] = (q * c2[i] - c1[i]) / off / determinant;
        W[i * panel + column] = c1[i];
        W[i * panel + column + 1] = c2[i];
      }
      A[(k + 1) * n + k] = 0;
    }
    k += size;
  }
  return k;
}

/** Exchanges variables `to` and `from` everywhere. */
function move(
  { n, A, W, permutation }: Elimination,
  start: number,
  to: number,
  from: number,
  c1: Vector,
  c2: Vector,
): void {
  if (to === from) return;
  exchangeLower(A, n, to, from);
  [permutation[to], permutation[from]] = [permutation[from], permutation[to]];
  [c1[to], c1[from]] = [c1[from], c1[to]];
  [c2[to], c2[from]] = [c2[from], c2[to]];
  for (let t = 0; t < to - start && t < panel; t++) {
    const held = W[to * panel + t];
    W[to * panel + t] = W[from * panel + t];
    W[from * panel + t] = held;
  }
}

/** Column r of the trailing matrix from k on, with the panel's updates. */
function columnInto(out: Vector, { n, A, W }: Elimination, start: number, k: number, r: number): Vector {
  const done = k - start;
  for (let i = k; i < n; i++) {
    out[i] = (i > r ? A[i * n + r] : A[r * n + i]) - dotAt(A, i * n + start, W, r * panel, done);
  }
  return out;
}

/** One column goes to place k, or two (`first`, then `last`) to places k and k + 1; c1 and c2 are these columns. */
interface Pivot {
  readonly size: 1 | 2;
  readonly first: number;
  readonly last: number;
  readonly c1: Vector;
  readonly c2: Vector;
}

/** The place of the largest |entry| of a column from k on, entry r left out; r if all are zero. */
function largestBeside(column: Vector, k: number, r: number): number {
  let at = r;
  let max = 0;
  for (let j = k; j < column.length; j++) {
    const size = j === r ? 0 : Math.abs(column[j]);
    if (size > max) {
      max = size;
      at = j;
    }
  }
  return at;
}

function partialPivot(run: Elimination, start: number, k: number): Pivot {
  const [c1, c2] = run.columns;
  columnInto(c1, run, start, k, k);
  const stay: Pivot = { size: 1, first: k, last: k, c1, c2 };
  const own = Math.abs(c1[k]);
  const r = largestBeside(c1, k, k);
  const columnMax = r === k ? 0 : Math.abs(c1[r]);
  if (own >= growth * columnMax) return stay;
  columnInto(c2, run, start, k, r);
  const rowMax = Math.abs(c2[largestBeside(c2, k, r)]);
  if (own >= growth * columnMax * (columnMax / rowMax)) return stay;
  if (Math.abs(c2[r]) >= growth * rowMax) return { size: 1, first: r, last: r, c1: c2, c2: c1 };
  return { size: 2, first: k, last: r, c1, c2 };
}

function rookPivot(run: Elimination, start: number, k: number): Pivot {
  let [mine, other, spare] = run.columns;
  columnInto(mine, run, start, k, k);
  let p = k;
  let r = largestBeside(mine, k, k);
  if (r === k || Math.abs(mine[k]) >= growth * Math.abs(mine[r]))
    return { size: 1, first: k, last: k, c1: mine, c2: other };
  for (;;) {
    columnInto(other, run, start, k, r);
    const next = largestBeside(other, k, r);
    const columnMax = Math.abs(mine[r]);
    const rowMax = Math.abs(other[next]);
    if (Math.abs(other[r]) >= growth * rowMax) return { size: 1, first: r, last: r, c1: other, c2: mine };
    // Each turn of the loop finds a larger entry, so that it ends.
    if (!(rowMax > columnMax)) return { size: 2, first: p, last: r === k ? p : r, c1: mine, c2: other };
    p = r;
    r = next;
    [mine, other, spare] = [other, spare, mine];
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
