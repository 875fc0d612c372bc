// Preconditioners for conjugate gradients in some of the variables: the block H_FF of a symmetric matrix, approximately inverted.
//
// Sparse: an incomplete Cholesky factor by threshold with limited memory, as in Lin, Moré 1999, "Incomplete Cholesky factorizations with limited
// memory", SIAM J. Sci. Comput. 21(1). Dense: the Cholesky factor, and where there is none the modified one of Cheng, Higham 1998.
//
// Deviation: entries of the diagonal that aren't positive, or are nothing beside their column, are replaced by the column's norm before the
// incomplete factorization, since a preconditioner must be definite where H_FF isn't.
import { choleskyFactorize, choleskySolveInto } from "../linear/dense/cholesky.js";
import { normMax } from "../linear/dense/dense.js";
import { modifiedCholesky, modifiedCholeskySolveInto } from "../linear/dense/modified-cholesky.js";
import { thresholdCholesky } from "../linear/iterative/incomplete-cholesky-threshold.js";
import { type DenseMatrix, denseMatrix, type Matrix, type SparseMatrix, type Vector } from "../linear/matrix.js";

/** "incompleteCholesky" (for a dense matrix: a complete one), "jacobi" (the diagonal) or "none". */
export type FacePreconditioner = "incompleteCholesky" | "jacobi" | "none";

/** Writes M⁻¹r into `out`, in the order of the free variables. */
export type Precondition = (out: Vector, r: Vector) => unknown;

/**
 * A symmetric positive definite M ≈ H_FF.
 * @param free numbers of variables, ascending; its first `count` entries are taken.
 */
export function facePreconditioner(H: Matrix, free: Int32Array, count: number, kind: FacePreconditioner): Precondition {
  if (kind === "none") return (out, r) => out.set(r);
  const block = H.kind === "dense" ? denseBlock(H, free, count) : sparseBlock(H, free, count);
  if (kind === "jacobi") return jacobi(block);
  if (block.kind === "dense") {
    const F = choleskyFactorize(block);
    if (F.failedAt < 0) return (out, r) => choleskySolveInto(out, F, r);
    const M = modifiedCholesky(block, 1e-3 * normMax(block) || 1);
    return (out, r) => modifiedCholeskySolveInto(out, M, r);
  }
  const perColumn = 5 + Math.ceil((2 * block.values.length) / Math.max(1, count));
  return thresholdCholesky(withPositiveDiagonal(block), { tolerance: 1e-3, perColumn: Math.max(10, perColumn) })
    .applyInto;
}

function denseBlock(H: DenseMatrix, free: Int32Array, count: number): DenseMatrix {
  const block = denseMatrix(count, count);
  for (let i = 0; i < count; i++) {
    const row = free[i]! * H.cols;
    for (let j = 0; j < count; j++) block.data[i * count + j] = H.data[row + free[j]!]!;
  }
  return block;
}

/** The lower triangle of H_FF, every entry of the diagonal stored. */
function sparseBlock(H: SparseMatrix, free: Int32Array, count: number): SparseMatrix {
  const { colPointers, rowIndices, values } = H;
  const place = new Int32Array(H.rows).fill(-1);
  for (let k = 0; k < count; k++) place[free[k]!] = k;
  const pointers = new Int32Array(count + 1);
  let room = count;
  for (let k = 0; k < count; k++) room += colPointers[free[k]! + 1]! - colPointers[free[k]!]!;
  const rows = new Int32Array(room);
  const entries = new Float64Array(room);
  let end = 0;
  for (let k = 0; k < count; k++) {
    const j = free[k]!;
    const first = end++;
    rows[first] = k;
    for (let p = colPointers[j]!; p < colPointers[j + 1]!; p++) {
      const i = place[rowIndices[p]!]!;
      if (i === k) entries[first] = values[p]!;
      else if (i > k) {
        rows[end] = i;
        entries[end++] = values[p]!;
      }
    }
    pointers[k + 1] = end;
  }
  return {
    kind: "sparse",
    rows: count,
    cols: count,
    colPointers: pointers,
    rowIndices: rows.slice(0, end),
    values: entries.slice(0, end),
    symmetric: true,
  };
}

/** ‖column‖₂ of a symmetric matrix stored by its lower triangle. */
function columnNorms({ cols, colPointers, rowIndices, values }: SparseMatrix): Vector {
  const squares = new Float64Array(cols);
  for (let j = 0; j < cols; j++)
    for (let p = colPointers[j]!; p < colPointers[j + 1]!; p++) {
      squares[j]! += values[p]! ** 2;
      if (rowIndices[p] !== j) squares[rowIndices[p]!]! += values[p]! ** 2;
    }
  return squares.map(Math.sqrt);
}

function withPositiveDiagonal(block: SparseMatrix): SparseMatrix {
  const norms = columnNorms(block);
  for (let j = 0; j < block.cols; j++) {
    const p = block.colPointers[j]!;
    if (!(block.values[p]! > 1e-8 * norms[j]!)) block.values[p] = norms[j]! || 1;
  }
  return block;
}

function jacobi(block: Matrix): Precondition {
  const n = block.rows;
  const inverse = Float64Array.from({ length: n }, (_, k) => {
    const diagonal = block.kind === "dense" ? block.data[k * n + k]! : block.values[block.colPointers[k]!]!;
    return 1 / (Math.abs(diagonal) || 1);
  });
  return (out, r) => {
    for (let k = 0; k < n; k++) out[k] = inverse[k]! * r[k]!;
  };
}
