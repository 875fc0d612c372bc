// An incomplete factorization A + α diag(A) ≈ L Lᵀ column by column, with a rule for the entries that are kept: what the level and the threshold rules
// share. Left-looking, with the columns that update column j in a list (Jones, Plassmann 1995, "An improved incomplete Cholesky factorization", ACM
// Trans. Math. Softw. 21(1), §2).
//
// A pivot that isn't positive ends an attempt; the next one has a larger α (Manteuffel 1980, "An incomplete factorization technique for positive definite
// linear systems", Math. Comp. 34), 10⁻³ first and then doubled: for a large enough α the matrix is diagonally dominant, and all pivots are positive.
import { misuse } from "../../errors.js";
import { preconditioner, requirePositiveEntry, requireSymmetricStorage } from "../dense/jacobi.js";
import type { LinearOperator, SparseMatrix, Vector } from "../matrix.js";
import { checkSparse } from "../sparse/csc.js";

/** M⁻¹ = L⁻ᵀ L⁻¹ as an operator, and what it is made of. */
export interface IncompleteCholesky extends LinearOperator {
  /** L, the diagonal first in each column. */
  readonly L: SparseMatrix;
  /** The α that was needed: L Lᵀ ≈ A + α diag(A). */
  readonly shift: number;
}

/** The column in work: its rows below the diagonal with values w, levels of fill; `norm` is ‖·‖₂ of A's column below and on the diagonal. */
export interface ColumnInWork {
  readonly rows: number[];
  readonly w: Vector;
  readonly level: Int32Array;
  readonly norm: number;
}

/** Answers the rows that are kept, in any order. */
export type KeepRule = (column: ColumnInWork) => number[];

/**
 * Factors with the rule `keep`, α beginning at `shift`.
 * @throws ArgumentError when A isn't a well-formed symmetric matrix with finite values and a positive diagonal.
 */
export function incompleteFactor(routine: string, A: SparseMatrix, keep: KeepRule, shift: number): IncompleteCholesky {
  requireSymmetricStorage(routine, A);
  checkSparse(routine, "A", A);
  for (let j = 0; j < A.cols; j++) {
    const p = A.colPointers[j];
    const diagonal = p < A.colPointers[j + 1] && A.rowIndices[p] === j ? A.values[p] : 0;
    requirePositiveEntry(routine, diagonal, j);
  }
  for (let alpha = shift; ; alpha = Math.max(1e-3, 2 * alpha)) {
    const L = attempt(A, keep, alpha);
    if (L !== undefined) return { ...preconditioner(A.cols, (out, r) => substitute(out, L, r)), L, shift: alpha };
    if (!(alpha < 1e300))
      misuse(routine, "A", "without an incomplete factor for any shift", "numbers that don't overflow");
  }
}

function attempt(A: SparseMatrix, keep: KeepRule, alpha: number): SparseMatrix | undefined {
  const { cols: n, colPointers, rowIndices, values } = A;
  const pointers = new Int32Array(n + 1);
  let rows = new Int32Array(2 * values.length);
  let entries = new Float64Array(2 * values.length);
  let levels = new Int32Array(2 * values.length);
  /** The columns whose next row is i are a list from head[i]; at[k] is where column k goes on. */
  const head = new Int32Array(n).fill(-1);
  const next = new Int32Array(n).fill(-1);
  const at = new Int32Array(n);
  const w = new Float64Array(n);
  const level = new Int32Array(n);
  const mark = new Int32Array(n).fill(-1);
  const list = (k: number) => {
    if (at[k] >= pointers[k + 1]) return;
    next[k] = head[rows[at[k]]];
    head[rows[at[k]]] = k;
  };
  let count = 0;
  for (let j = 0; j < n; j++) {
    const touched: number[] = [];
    const touch = (i: number) => {
      if (mark[i] === j) return;
      mark[i] = j;
      w[i] = 0;
      level[i] = n;
      if (i > j) touched.push(i);
    };
    touch(j);
    let squares = 0;
    for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
      const i = rowIndices[p];
      touch(i);
      w[i] = i === j ? values[p] * (1 + alpha) : values[p];
      level[i] = 0;
      squares += values[p] * values[p];
    }
    const whole = w[j];
    for (let k = head[j]; k !== -1; ) {
      const after = next[k];
      const p = at[k]++;
      for (let q = p; q < pointers[k + 1]; q++) {
        const i = rows[q];
        touch(i);
        w[i] -= entries[p] * entries[q];
        level[i] = Math.min(level[i], levels[p] + levels[q] + 1);
      }
      list(k);
      k = after;
    }
    // What cancellation has left of a pivot is no pivot.
    if (!(w[j] > n * Number.EPSILON * whole && w[j] < Number.POSITIVE_INFINITY)) return undefined;
    const kept = keep({ rows: touched, w, level, norm: Math.sqrt(squares) }).sort((a, b) => a - b);
    if (count + kept.length + 1 > rows.length) {
      const size = 2 * (count + kept.length + 1);
      rows = longer(rows, new Int32Array(size));
      entries = longer(entries, new Float64Array(size));
      levels = longer(levels, new Int32Array(size));
    }
    const root = Math.sqrt(w[j]);
    rows[count] = j;
    entries[count++] = root;
    for (const i of kept) {
      rows[count] = i;
      levels[count] = level[i];
      entries[count++] = w[i] / root;
    }
    pointers[j + 1] = count;
    at[j] = pointers[j] + 1;
    list(j);
  }
  const stored = { colPointers: pointers, rowIndices: rows.slice(0, count), values: entries.slice(0, count) };
  return { kind: "sparse", rows: n, cols: n, ...stored, symmetric: false };
}

function longer<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** out = L⁻ᵀ L⁻¹ r. */
function substitute(out: Vector, { cols: n, colPointers, rowIndices, values }: SparseMatrix, r: Vector): void {
  out.set(r);
  for (let j = 0; j < n; j++) {
    const first = colPointers[j];
    out[j] /= values[first];
    const x = out[j];
    for (let p = first + 1; p < colPointers[j + 1]; p++) out[rowIndices[p]] -= values[p] * x;
  }
  for (let j = n - 1; j >= 0; j--) {
    const first = colPointers[j];
    let sum = out[j];
    for (let p = first + 1; p < colPointers[j + 1]; p++) sum -= values[p] * out[rowIndices[p]];
    out[j] = sum / values[first];
  }
}
