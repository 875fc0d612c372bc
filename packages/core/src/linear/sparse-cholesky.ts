// Sparse symmetric factorization P (A + σI) Pᵀ = L D Lᵀ without pivoting, analysed once and factored for many values and shifts.
//
// Left-looking by supernodes: Ng, Peyton 1993, "Block sparse Cholesky algorithms on advanced uniprocessor computers", SIAM J. Sci.
// Comput. 14(5), §4. A supernode gathers the updates of all earlier ones that have rows in it, then is factored as a dense panel.
//
// Deviations:
// 1. L D Lᵀ in place of L Lᵀ, so that indefinite matrices can be gone through too where asked.
// 2. A request for a positive definite factor ends at the first pivot that is not positive, and keeps what was done, so that a direction
//    of negative curvature can be read from it (Conn, Gould, Toint 2000, "Trust-Region Methods", §7.3).
import { misuse, requireKnownOptions } from "../errors.js";
import type { SparseMatrix, Vector } from "./matrix.js";
import { updatePanel } from "./sparse-panel.js";
import type { Symbolic } from "./sparse-symbolic.js";

export { analyze, type Symbolic } from "./sparse-symbolic.js";

/** L (unit lower triangular, by columns, its pattern in `symbolic`) and D. */
export interface SparseFactor {
  readonly symbolic: Symbolic;
  /** The entries of L below its diagonal. */
  readonly values: Vector;
  /** The diagonal of D, permuted. */
  readonly d: Vector;
  /** The variable (original numbering) whose pivot was not positive, or too small where `indefinite` was asked; −1 for none. */
  failedAt: number;
  /** That pivot; 0 when there is none. */
  failedPivot: number;
  /** Pivots by sign, when it succeeded: the inertia of A + σI. */
  positive: number;
  negative: number;
  /** max (|L||D||Lᵀ|)ₖₖ over the columns done: the backward error is some n ε times this. When positive definite it is max aₖₖ + σ. */
  growth: number;
  /** Scratch memory. */
  readonly work: SparseFactorWork;
}

export interface SparseFactorWork {
  readonly x: Vector;
  readonly head: Int32Array;
  readonly link: Int32Array;
  readonly next: Int32Array;
  readonly place: Int32Array;
  readonly local: Int32Array;
  readonly identity: Int32Array;
}

export interface FactorizeOptions {
  /** σ, finite. Default 0. */
  readonly shift?: number;
  /** A factor of the same analysis whose arrays are used again: nothing is allocated, and the earlier factor is gone. */
  readonly into?: SparseFactor;
  /**
   * Go on past negative pivots. No pivoting is done: a pivot of which cancellation has left nothing, so that rounding made its sign,
   * ends it. A growth far above max|A + σI| says that the counts and solutions may be wrong. Default false.
   */
  readonly indefinite?: boolean;
}

/**
 * Factors A + σI, A of the analysed pattern. What can go wrong is in the result: see `failedAt`.
 * @throws ArgumentError when A has another size or number of entries than the analysed matrix, `into` comes from another analysis, or
 * an option is wrong.
 */
export function sparseFactorize(symbolic: Symbolic, A: SparseMatrix, options: FactorizeOptions = {}): SparseFactor {
  const routine = "sparseFactorize";
  requireKnownOptions(routine, options, ["shift", "into", "indefinite"]);
  const { shift = 0, into, indefinite = false } = options;
  const { n, targets } = symbolic;
  if (A.values.length !== targets.length || A.cols !== n) {
    const wanted = `the pattern that was analysed (${targets.length} entries)`;
    misuse(routine, "A", `with ${A.values.length} entries`, wanted);
  }
  if (!Number.isFinite(shift)) misuse(routine, "options.shift", String(shift), "a finite number");
  if (into !== undefined && into.symbolic !== symbolic) {
    misuse(routine, "options.into", "a factor of another analysis", "one made with the same `symbolic`");
  }
  const F = into ?? newFactor(symbolic);
  const { values, d, work } = F;
  values.fill(0);
  d.fill(shift);
  for (let p = 0; p < targets.length; p++) {
    const a = A.values[p];
    const t = targets[p];
    if (t >= 0) values[t] = a;
    else d[-1 - t] += a;
  }
  work.x.fill(0);
  work.head.fill(-1);
  F.failedAt = -1;
  F.failedPivot = 0;
  F.positive = 0;
  F.negative = 0;
  F.growth = 0;
  const count = symbolic.supernodes.length - 1;
  for (let s = 0; s < count; s++) {
    collectUpdates(F, s);
    if (!factorizePanel(F, s, indefinite)) break;
    enqueue(F, s, symbolic.rowPointers[s]);
  }
  return F;
}

function newFactor(symbolic: Symbolic): SparseFactor {
  const { n, pointers, supernodes } = symbolic;
  const count = supernodes.length - 1;
  return {
    symbolic,
    values: new Float64Array(pointers[n]),
    d: new Float64Array(n),
    failedAt: -1,
    failedPivot: 0,
    positive: 0,
    negative: 0,
    growth: 0,
    work: {
      x: new Float64Array(n),
      head: new Int32Array(count),
      link: new Int32Array(count),
      next: new Int32Array(count),
      place: new Int32Array(n),
      local: new Int32Array(n),
      identity: Int32Array.from({ length: n }, (_, i) => i),
    },
  };
}

/** Puts supernode J, whose rows before `next` are dealt with, on the list of the supernode that its next row lies in. */
function enqueue({ symbolic, work }: SparseFactor, J: number, next: number): void {
  if (next === symbolic.rowPointers[J + 1]) return;
  const target = symbolic.supernodeOf[symbolic.rowIndices[next]];
  work.next[J] = next;
  work.link[J] = work.head[target];
  work.head[target] = J;
}

/** Subtracts from the columns of supernode s what all earlier supernodes contribute to them. */
function collectUpdates(F: SparseFactor, s: number): void {
  const { symbolic, values, d, work } = F;
  const { pointers, supernodes, rowPointers, rowIndices } = symbolic;
  const { head, link, next, place, local, x } = work;
  if (head[s] === -1) return;
  const first = supernodes[s];
  const end = supernodes[s + 1];
  for (let k = first; k < end; k++) place[k] = k - first;
  for (let q = rowPointers[s]; q < rowPointers[s + 1]; q++) place[rowIndices[q]] = end - first + q - rowPointers[s];
  for (let J = head[s]; J !== -1; ) {
    const following = link[J];
    const from = next[J];
    const to = rowPointers[J + 1];
    let inside = from;
    while (inside < to && rowIndices[inside] < end) inside++;
    for (let q = from; q < to; q++) local[q - from] = place[rowIndices[q]];
    const column = supernodes[J];
    const width = supernodes[J + 1] - column;
    updatePanel(
      values,
      d,
      x,
      pointers,
      column,
      width,
      from - rowPointers[J],
      inside - from,
      to - from,
      local,
      0,
      first,
    );
    enqueue(F, J, inside);
    J = following;
  }
}

/** Columns that are factored one by one before they update the rest of their panel together. */
const block = 4;

/** Factors the columns of supernode s, all updates from outside done; false when a pivot ends it. */
function factorizePanel(F: SparseFactor, s: number, indefinite: boolean): boolean {
  const { symbolic, values, d, work } = F;
  const { n, pointers, supernodes, permutation } = symbolic;
  const { identity, x } = work;
  const first = supernodes[s];
  const end = supernodes[s + 1];
  for (let j0 = first; j0 < end; j0 += block) {
    const j1 = Math.min(j0 + block, end);
    for (let j = j0; j < j1; j++) {
      const pivot = d[j];
      const size = x[j] + Math.abs(pivot);
      F.growth = Math.max(F.growth, size);
      const good = indefinite ? Math.abs(pivot) > n * Number.EPSILON * size : pivot > 0;
      if (!good || Math.abs(pivot) === Number.POSITIVE_INFINITY) {
        F.failedAt = permutation[j];
        F.failedPivot = pivot;
        return false;
      }
      if (pivot > 0) F.positive++;
      else F.negative++;
      for (let p = pointers[j]; p < pointers[j + 1]; p++) values[p] /= pivot;
      const rows = pointers[j + 1] - pointers[j];
      if (j + 1 < j1) updatePanel(values, d, x, pointers, j, 1, 0, j1 - 1 - j, rows, identity, j + 1 - first, first);
    }
    const rows = pointers[j1] - pointers[j1 - 1];
    if (j1 < end) updatePanel(values, d, x, pointers, j0, j1 - j0, 0, end - j1, rows, identity, j1 - first, first);
  }
  return true;
}

/**
 * out = (A + σI)⁻¹ b. `out` may be b. Of a factorization that failed the answer is NaN throughout.
 * @throws ArgumentError when a length doesn't fit.
 */
export function sparseSolveInto(out: Vector, F: SparseFactor, b: Vector): Vector {
  const { symbolic, values, d, work } = F;
  const { n, permutation, pointers, supernodes, rowPointers, rowIndices } = symbolic;
  if (b.length !== n) misuse("sparseSolveInto", "b", `of length ${b.length}`, `length ${n}`);
  if (out.length !== n) misuse("sparseSolveInto", "out", `of length ${out.length}`, `length ${n}`);
  if (F.failedAt >= 0) return out.fill(Number.NaN);
  const y = work.x;
  for (let k = 0; k < n; k++) y[k] = b[permutation[k]];
  const count = supernodes.length - 1;
  for (let s = 0; s < count; s++) {
    const end = supernodes[s + 1];
    const to = rowPointers[s + 1];
    for (let j = supernodes[s]; j < end; j++) {
      const yj = y[j];
      if (yj === 0) continue;
      let p = pointers[j];
      for (let i = j + 1; i < end; i++) y[i] -= values[p++] * yj;
      for (let q = rowPointers[s]; q < to; q++) y[rowIndices[q]] -= values[p++] * yj;
    }
  }
  for (let s = count - 1; s >= 0; s--) {
    const end = supernodes[s + 1];
    const to = rowPointers[s + 1];
    for (let j = end - 1; j >= supernodes[s]; j--) {
      let sum = y[j] / d[j];
      let p = pointers[j];
      for (let i = j + 1; i < end; i++) sum -= values[p++] * y[i];
      for (let q = rowPointers[s]; q < to; q++) sum -= values[p++] * y[rowIndices[q]];
      y[j] = sum;
    }
  }
  for (let k = 0; k < n; k++) out[permutation[k]] = y[k];
  return out;
}

/**
 * After a failure at a pivot π ≤ 0: writes a vector v with vᵀ(A + σI)v = π into `out` and answers vᵀv, so that
 * λ_min(A) ≤ π / vᵀv − σ. v solves Lᵀv = e_k on the leading block (Conn, Gould, Toint 2000, §7.3).
 * @throws ArgumentError when the factorization succeeded or `out` has another length.
 */
export function negativeCurvatureInto(out: Vector, { symbolic, values, failedAt }: SparseFactor): number {
  const { n, permutation, inverse, pointers, supernodes, supernodeOf, rowPointers, rowIndices } = symbolic;
  if (failedAt < 0) misuse("negativeCurvatureInto", "factor", "a factor that succeeded", "one with `failedAt` ≥ 0");
  if (out.length !== n) misuse("negativeCurvatureInto", "out", `of length ${out.length}`, `length ${n}`);
  const k = inverse[failedAt];
  out.fill(0);
  out[failedAt] = 1;
  let squares = 1;
  for (let j = k - 1; j >= 0; j--) {
    const s = supernodeOf[j];
    const end = supernodes[s + 1];
    let sum = 0;
    let p = pointers[j];
    for (let i = j + 1; i < end; i++) sum -= values[p++] * (i > k ? 0 : out[permutation[i]]);
    for (let q = rowPointers[s]; q < rowPointers[s + 1] && rowIndices[q] <= k; q++) {
      sum -= values[p++] * out[permutation[rowIndices[q]]];
    }
    out[permutation[j]] = sum;
    squares += sum * sum;
  }
  return squares;
}

/** L as a sparse matrix, its unit diagonal stored, in the permuted numbering. Rows of a column are ascending. */
export function lowerFactor({ symbolic, values }: SparseFactor): SparseMatrix {
  const { n, pointers, supernodes, supernodeOf, rowPointers, rowIndices } = symbolic;
  const colPointers = pointers.map((p, j) => p + j);
  const rows = new Int32Array(pointers[n] + n);
  const entries = new Float64Array(pointers[n] + n);
  let at = 0;
  for (let j = 0; j < n; j++) {
    const s = supernodeOf[j];
    const end = supernodes[s + 1];
    entries[at] = 1;
    entries.set(values.subarray(pointers[j], pointers[j + 1]), at + 1);
    for (let i = j; i < end; i++) rows[at++] = i;
    for (let q = rowPointers[s]; q < rowPointers[s + 1]; q++) rows[at++] = rowIndices[q];
  }
  return { kind: "sparse", rows: n, cols: n, colPointers, rowIndices: rows, values: entries, symmetric: false };
}
