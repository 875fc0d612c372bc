// Products of sparse matrices, with the pattern found once and the numbers filled in as often as they change.
//
// Gustavson 1978, "Two fast algorithms for sparse matrices: multiplication and permuted transposition", ACM Trans. Math. Softw. 4(3): column j of A B
// is the sum of the columns of A that column j of B names, gathered in one dense column. The products Aᵀ D A and A D Aᵀ are taken the same
// way, with the rows of A at hand as lists of places, and their lower triangle only.
import { describe, misuse, requireFiniteVector } from "../../errors.js";
import type { SparseMatrix, Vector } from "../matrix.js";
import { fullFromSymmetric } from "./sparse-sum.js";

/** C = A B, pattern and values. Matrices in symmetric storage are taken as whole. Throws ArgumentError when the inner sizes differ. */
export function multiplySparse(A: SparseMatrix, B: SparseMatrix): SparseMatrix {
  const [left, right] = [fullFromSymmetric(A), fullFromSymmetric(B)];
  return multiplySparseInto(productPattern(left, right), left, right);
}

/** A matrix of zeros with the pattern of A B. Throws ArgumentError when the inner sizes differ or a matrix is in symmetric storage. */
export function productPattern(A: SparseMatrix, B: SparseMatrix): SparseMatrix {
  requireFactors("productPattern", A, B);
  return columnsOf(A.rows, B.cols, A.rows, false, (j, take) => {
    for (let q = B.colPointers[j]; q < B.colPointers[j + 1]; q++) {
      const k = B.rowIndices[q];
      for (let p = A.colPointers[k]; p < A.colPointers[k + 1]; p++) take(A.rowIndices[p]);
    }
  });
}

/**
 * C = A B into the values of a C from {@link productPattern}; C may have more entries than the product.
 * @throws ArgumentError when shapes don't fit, a matrix is in symmetric storage, or the product has an entry that C lacks.
 */
export function multiplySparseInto(C: SparseMatrix, A: SparseMatrix, B: SparseMatrix): SparseMatrix {
  const routine = "multiplySparseInto";
  requireFactors(routine, A, B);
  if (C.rows !== A.rows || C.cols !== B.cols || C.symmetric)
    misuse(
      routine,
      "C",
      `${C.rows} × ${C.cols}, symmetric: ${C.symmetric}`,
      `the pattern of A B, ${A.rows} × ${B.cols}`,
    );
  const column = new Float64Array(A.rows);
  const mark = new Int32Array(A.rows).fill(-1);
  for (let j = 0; j < C.cols; j++) {
    openColumn(C, j, column, mark);
    for (let q = B.colPointers[j]; q < B.colPointers[j + 1]; q++) {
      const k = B.rowIndices[q];
      const b = B.values[q];
      for (let p = A.colPointers[k]; p < A.colPointers[k + 1]; p++) {
        const i = A.rowIndices[p];
        if (mark[i] !== j) lacks(routine, i, j);
        column[i] += A.values[p] * b;
      }
    }
    for (let p = C.colPointers[j]; p < C.colPointers[j + 1]; p++) C.values[p] = column[C.rowIndices[p]];
  }
  return C;
}

/** What a pattern fixes of Aᵀ D A or A D Aᵀ. */
export interface GramPlan {
  /** Rows and columns of A, and its entries. */
  readonly rows: number;
  readonly cols: number;
  readonly entries: number;
  /** "columns": Aᵀ D A. "rows": A D Aᵀ. */
  readonly side: "columns" | "rows";
  /** The transpose: indices of each row of A and the places of its values. */
  readonly rowPointers: Int32Array;
  readonly columnIndices: Int32Array;
  readonly places: Int32Array;
}

/**
 * Analyses Aᵀ D A (`side` "columns") or A D Aᵀ ("rows"), D diagonal: answers the plan, and C of zeros with its pattern, in symmetric storage.
 * @throws ArgumentError when A is in symmetric storage.
 */
export function analyzeGram(
  A: SparseMatrix,
  side: "columns" | "rows" = "columns",
): { plan: GramPlan; C: SparseMatrix } {
  if (A.symmetric) misuse("analyzeGram", "A", "in symmetric storage", "a matrix stored whole");
  if (side !== "columns" && side !== "rows") misuse("analyzeGram", "side", describe(side), '"columns" or "rows"');
  const entries = A.values.length;
  const rowPointers = new Int32Array(A.rows + 1);
  for (let p = 0; p < entries; p++) rowPointers[A.rowIndices[p] + 1]++;
  for (let r = 0; r < A.rows; r++) rowPointers[r + 1] += rowPointers[r];
  const next = rowPointers.slice(0, A.rows);
  const columnIndices = new Int32Array(entries);
  const places = new Int32Array(entries);
  for (let j = 0; j < A.cols; j++) {
    for (let p = A.colPointers[j]; p < A.colPointers[j + 1]; p++) {
      const q = next[A.rowIndices[p]]++;
      columnIndices[q] = j;
      places[q] = p;
    }
  }
  const plan: GramPlan = { rows: A.rows, cols: A.cols, entries, side, rowPointers, columnIndices, places };
  const n = side === "columns" ? A.cols : A.rows;
  const [outer, outerIndices, inner, innerIndices] = listsOf(plan, A);
  const C = columnsOf(n, n, n, true, (j, take) => {
    for (let q = outer[j]; q < outer[j + 1]; q++) {
      const k = outerIndices[q];
      for (let p = inner[k]; p < inner[k + 1]; p++) if (innerIndices[p] >= j) take(innerIndices[p]);
    }
  });
  return { plan, C };
}

/** The lists that give the partners of column j of C, and the entries that each partner brings. */
function listsOf({ side, rowPointers, columnIndices }: GramPlan, A: SparseMatrix) {
  const columns = [A.colPointers, A.rowIndices] as const;
  const rows = [rowPointers, columnIndices] as const;
  return side === "columns" ? ([...columns, ...rows] as const) : ([...rows, ...columns] as const);
}

/**
 * C = Aᵀ D A or A D Aᵀ as the plan says, D = diag(d), the identity where d is left out (length: the rows of A or, for A D Aᵀ, its columns).
 * @throws ArgumentError when A or C hasn't the pattern analysed, or d the wrong length or an entry that isn't finite.
 */
export function gramInto(C: SparseMatrix, plan: GramPlan, A: SparseMatrix, d?: Vector): SparseMatrix {
  const routine = "gramInto";
  const { rows, cols, entries, side, places } = plan;
  if (A.rows !== rows || A.cols !== cols || A.values.length !== entries)
    misuse(routine, "A", `${A.rows} × ${A.cols} with ${A.values.length} entries`, "the pattern that was analysed");
  const n = side === "columns" ? cols : rows;
  if (C.cols !== n || !C.symmetric) misuse(routine, "C", `${C.rows} × ${C.cols}`, "the C of the analysis");
  if (d !== undefined) requireFiniteVector(routine, "d", d, side === "columns" ? rows : cols);
  const byColumns = side === "columns";
  const [outer, outerIndices, inner, innerIndices] = listsOf(plan, A);
  const column = new Float64Array(n);
  const mark = new Int32Array(n).fill(-1);
  for (let j = 0; j < n; j++) {
    openColumn(C, j, column, mark);
    for (let q = outer[j]; q < outer[j + 1]; q++) {
      const k = outerIndices[q];
      const a = A.values[byColumns ? q : places[q]] * (d === undefined ? 1 : d[k]);
      for (let p = inner[k]; p < inner[k + 1]; p++) {
        const i = innerIndices[p];
        if (i < j) continue;
        if (mark[i] !== j) lacks(routine, i, j);
        column[i] += a * A.values[byColumns ? places[p] : p];
      }
    }
    for (let p = C.colPointers[j]; p < C.colPointers[j + 1]; p++) C.values[p] = column[C.rowIndices[p]];
  }
  return C;
}

/** Zeros where column j of C has entries, and marks there. */
function openColumn(C: SparseMatrix, j: number, column: Vector, mark: Int32Array): void {
  for (let p = C.colPointers[j]; p < C.colPointers[j + 1]; p++) {
    column[C.rowIndices[p]] = 0;
    mark[C.rowIndices[p]] = j;
  }
}

function lacks(routine: string, i: number, j: number): never {
  return misuse(routine, "C", `without an entry in row ${i}, column ${j}`, "the pattern of the product");
}

function requireFactors(routine: string, A: SparseMatrix, B: SparseMatrix): void {
  if (A.symmetric) misuse(routine, "A", "in symmetric storage", "a matrix stored whole", "See `fullFromSymmetric`.");
  if (B.symmetric) misuse(routine, "B", "in symmetric storage", "a matrix stored whole", "See `fullFromSymmetric`.");
  if (B.rows !== A.cols) misuse(routine, "B", `${B.rows} × ${B.cols}`, `${A.cols} rows, the columns of A`);
}

/** Zeros in a pattern that is given column by column, rows in any order and repeated. */
function columnsOf(
  rows: number,
  cols: number,
  size: number,
  symmetric: boolean,
  visit: (j: number, take: (i: number) => void) => void,
): SparseMatrix {
  const mark = new Int32Array(size).fill(-1);
  const colPointers = new Int32Array(cols + 1);
  let list = new Int32Array(Math.max(16, 4 * cols));
  let at = 0;
  let column = 0;
  const take = (i: number) => {
    if (mark[i] === column) return;
    mark[i] = column;
    if (at === list.length) {
      const longer = new Int32Array(2 * at);
      longer.set(list);
      list = longer;
    }
    list[at++] = i;
  };
  for (let j = 0; j < cols; j++) {
    column = j;
    visit(j, take);
    list.subarray(colPointers[j], at).sort();
    colPointers[j + 1] = at;
  }
  return {
    kind: "sparse",
    rows,
    cols,
    colPointers,
    rowIndices: list.slice(0, at),
    values: new Float64Array(at),
    symmetric,
  };
}
