// Sparse symmetric factorization P (A + σI) Pᵀ = L D Lᵀ without pivoting, analysed once and factored for many values and shifts.
//
// Elimination tree: Liu 1990, "The role of elimination trees in sparse factorization". Numeric phase: up-looking, row by row, each row of L
// a sparse triangular solve whose pattern is read off the tree (Davis 2005, "Algorithm 849: a concise sparse Cholesky factorization package").
//
// Deviations:
// 1. A request for a positive definite factor ends at the first pivot that is not positive, and keeps what was done, so that a direction
//    of negative curvature can be read from it (Conn, Gould, Toint 2000, §7.3.1).
import { describe, misuse } from "../errors.js";
import type { SparseMatrix, Vector } from "./matrix.js";
import { amd } from "./ordering.js";

/** What a pattern fixes, as plain data. */
export interface Symbolic {
  readonly n: number;
  /** permutation[k] is the variable in place k. */
  readonly permutation: Int32Array;
  readonly inverse: Int32Array;
  /** The elimination tree; −1 for a root. */
  readonly parent: Int32Array;
  /** Where each column of L begins; the last entry is nnz(L) without its unit diagonal. */
  readonly pointers: Int32Array;
  /** The upper triangle of PAPᵀ by columns: row, and where in A's values the entry stands. */
  readonly upperPointers: Int32Array;
  readonly upperRows: Int32Array;
  readonly upperSources: Int32Array;
}

/** L (unit lower, by columns, its rows in the permuted numbering) and D. */
export interface SparseFactor {
  readonly symbolic: Symbolic;
  readonly rows: Int32Array;
  readonly values: Vector;
  /** The diagonal of D, permuted. */
  readonly d: Vector;
  /** Entries filled in each column so far: all of them when it succeeded. */
  readonly filled: Int32Array;
  /** The variable (original numbering) whose pivot was not positive, or too small where `indefinite` was asked; −1 for none. */
  failedAt: number;
  /** That pivot. */
  failedPivot: number;
  /** Pivots by sign, when it succeeded: the inertia of A + σI. */
  positive: number;
  negative: number;
}

/**
 * Analyses the pattern of a symmetric matrix (lower triangle stored).
 * @param ordering "amd" (default), "natural", or a permutation of 0 … n − 1.
 */
export function analyze(A: SparseMatrix, ordering: "amd" | "natural" | Int32Array = "amd"): Symbolic {
  const n = A.cols;
  if (A.rows !== n || !A.symmetric)
    misuse(
      "analyze",
      "A",
      `${A.rows} × ${n}, symmetric: ${A.symmetric}`,
      "a square matrix with `symmetric: true` (lower triangle)",
    );
  const permutation =
    typeof ordering === "string"
      ? ordering === "amd"
        ? amd(A)
        : Int32Array.from({ length: n }, (_, i) => i)
      : ordering;
  const inverse = new Int32Array(n).fill(-1);
  for (let k = 0; k < n; k++) inverse[permutation[k]!] = k;
  if (permutation.length !== n || inverse.includes(-1))
    misuse("analyze", "ordering", describe(ordering), `a permutation of 0 … ${n - 1}`);

  const upperPointers = new Int32Array(n + 1);
  const entries = A.values.length;
  const column = (i: number, j: number) => Math.max(inverse[i]!, inverse[j]!);
  for (let j = 0; j < n; j++)
    for (let p = A.colPointers[j]!; p < A.colPointers[j + 1]!; p++) upperPointers[column(A.rowIndices[p]!, j) + 1]!++;
  for (let k = 0; k < n; k++) upperPointers[k + 1] = upperPointers[k + 1]! + upperPointers[k]!;
  const upperRows = new Int32Array(entries);
  const upperSources = new Int32Array(entries);
  const next = upperPointers.slice(0, n);
  for (let j = 0; j < n; j++) {
    for (let p = A.colPointers[j]!; p < A.colPointers[j + 1]!; p++) {
      const q = next[column(A.rowIndices[p]!, j)]!++;
      upperRows[q] = Math.min(inverse[A.rowIndices[p]!]!, inverse[j]!);
      upperSources[q] = p;
    }
  }

  // The tree and the column counts: row k of L has an entry in every column on the way from its own entries up to k.
  const parent = new Int32Array(n).fill(-1);
  const seen = new Int32Array(n).fill(-1);
  const counts = new Int32Array(n);
  for (let k = 0; k < n; k++) {
    seen[k] = k;
    for (let q = upperPointers[k]!; q < upperPointers[k + 1]!; q++) {
      for (let i = upperRows[q]!; seen[i] !== k; i = parent[i]!) {
        if (parent[i] === -1) parent[i] = k;
        counts[i]!++;
        seen[i] = k;
      }
    }
  }
  const pointers = new Int32Array(n + 1);
  for (let k = 0; k < n; k++) pointers[k + 1] = pointers[k]! + counts[k]!;
  return { n, permutation, inverse, parent, pointers, upperPointers, upperRows, upperSources };
}

export interface FactorizeOptions {
  /** σ. Default 0. */
  readonly shift?: number;
  /** A factor of the same analysis whose arrays are used again. */
  readonly into?: SparseFactor;
  /** Go on past negative pivots (no pivoting is done: only pivots tiny against the matrix stop it). Default false. */
  readonly indefinite?: boolean;
}

/** Factors A + σI, A of the analysed pattern. What can go wrong is in the result: see `failedAt`. */
export function sparseFactorize(
  symbolic: Symbolic,
  A: SparseMatrix,
  { shift = 0, into, indefinite = false }: FactorizeOptions = {},
): SparseFactor {
  const { n, permutation, parent, pointers, upperPointers, upperRows, upperSources } = symbolic;
  if (A.values.length !== upperRows.length || A.cols !== n) {
    misuse(
      "sparseFactorize",
      "A",
      `with ${A.values.length} entries`,
      `the pattern that was analysed (${upperRows.length} entries)`,
    );
  }
  const factor: SparseFactor = into ?? {
    symbolic,
    rows: new Int32Array(pointers[n]!),
    values: new Float64Array(pointers[n]!),
    d: new Float64Array(n),
    filled: new Int32Array(n),
    failedAt: -1,
    failedPivot: 0,
    positive: 0,
    negative: 0,
  };
  const { rows, values, d, filled } = factor;
  filled.fill(0);
  factor.failedAt = -1;
  factor.positive = 0;
  factor.negative = 0;
  const y = new Float64Array(n);
  const pattern = new Int32Array(n);
  const path = new Int32Array(n);
  const seen = new Int32Array(n).fill(-1);
  const source = A.values;
  let largest = 0;
  if (indefinite) for (let p = 0; p < source.length; p++) largest = Math.max(largest, Math.abs(source[p]!));
  const tiny = indefinite ? n * Number.EPSILON * Math.max(largest, Math.abs(shift)) : 0;

  for (let k = 0; k < n; k++) {
    // Scatter column k of the upper triangle; its pattern in L, in topological order, is the top of `pattern`.
    let top = n;
    let pivot = shift;
    seen[k] = k;
    for (let q = upperPointers[k]!; q < upperPointers[k + 1]!; q++) {
      let i = upperRows[q]!;
      if (i === k) {
        pivot += source[upperSources[q]!]!;
        continue;
      }
      y[i] = y[i]! + source[upperSources[q]!]!;
      let length = 0;
      for (; seen[i] !== k; i = parent[i]!) {
        path[length++] = i;
        seen[i] = k;
      }
      while (length > 0) pattern[--top] = path[--length]!;
    }
    // Row k of L: solve L y = a_k over the pattern.
    for (; top < n; top++) {
      const i = pattern[top]!;
      const yi = y[i]!;
      y[i] = 0;
      const begin = pointers[i]!;
      const end = begin + filled[i]!;
      for (let p = begin; p < end; p++) y[rows[p]!] = y[rows[p]!]! - values[p]! * yi;
      const l = yi / d[i]!;
      pivot -= l * yi;
      rows[end] = k;
      values[end] = l;
      filled[i]!++;
    }
    d[k] = pivot;
    if (indefinite ? !(Math.abs(pivot) > tiny) : !(pivot > 0 && pivot < Number.POSITIVE_INFINITY)) {
      factor.failedAt = permutation[k]!;
      factor.failedPivot = pivot;
      return factor;
    }
    if (pivot > 0) factor.positive++;
    else factor.negative++;
  }
  return factor;
}

/** out = (A + σI)⁻¹ b. `out` may be b. */
export function sparseSolveInto(out: Vector, { symbolic, rows, values, d }: SparseFactor, b: Vector): Vector {
  const { n, permutation, pointers } = symbolic;
  const y = new Float64Array(n);
  for (let k = 0; k < n; k++) y[k] = b[permutation[k]!]!;
  for (let j = 0; j < n; j++) {
    const yj = y[j]!;
    if (yj === 0) continue;
    for (let p = pointers[j]!; p < pointers[j + 1]!; p++) y[rows[p]!] = y[rows[p]!]! - values[p]! * yj;
  }
  for (let j = n - 1; j >= 0; j--) {
    let sum = y[j]! / d[j]!;
    for (let p = pointers[j]!; p < pointers[j + 1]!; p++) sum -= values[p]! * y[rows[p]!]!;
    y[j] = sum;
  }
  for (let k = 0; k < n; k++) out[permutation[k]!] = y[k]!;
  return out;
}

/**
 * After a failure at a pivot π ≤ 0: writes a vector v with vᵀ(A + σI)v = π into `out` and answers vᵀv, so that
 * λ_min(A) ≤ π / vᵀv − σ. v solves Lᵀv = e_k on the leading block (Conn, Gould, Toint 2000, §7.3.1).
 */
export function negativeCurvatureInto(out: Vector, { symbolic, rows, values, filled, failedAt }: SparseFactor): number {
  if (failedAt < 0) misuse("negativeCurvatureInto", "factor", "a factor that succeeded", "one with `failedAt` ≥ 0");
  const { n, permutation, inverse, pointers } = symbolic;
  const k = inverse[failedAt]!;
  const y = new Float64Array(n);
  y[k] = 1;
  let squares = 1;
  for (let j = k - 1; j >= 0; j--) {
    let sum = 0;
    const begin = pointers[j]!;
    for (let p = begin; p < begin + filled[j]!; p++) sum -= values[p]! * y[rows[p]!]!;
    y[j] = sum;
    squares += sum * sum;
  }
  for (let i = 0; i < n; i++) out[permutation[i]!] = y[i]!;
  return squares;
}
