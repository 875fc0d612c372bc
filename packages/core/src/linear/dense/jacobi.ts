// The preconditioner that takes the diagonal of a matrix for the whole: Saad 2003, "Iterative Methods for Sparse Linear Systems", §10.2.
// For conjugate gradients: `{ precondition: M.applyInto }`.
import { misuse } from "../../errors.js";
import type { LinearOperator, SparseMatrix, Vector } from "../matrix.js";
import { diagonalOf } from "../sparse/csc.js";

/**
 * M⁻¹ = diag(A)⁻¹, symmetric positive definite.
 * @throws ArgumentError when A isn't square or an entry of its diagonal isn't positive and finite; the column is named.
 */
export function jacobiPreconditioner(A: SparseMatrix): LinearOperator {
  const routine = "jacobiPreconditioner";
  if (A.rows !== A.cols) misuse(routine, "A", `${A.rows} × ${A.cols}`, "a square matrix");
  const inverse = diagonalOf(new Float64Array(A.cols), A);
  for (let j = 0; j < inverse.length; j++) {
    requirePositiveEntry(routine, inverse[j], j);
    inverse[j] = 1 / inverse[j];
  }
  return preconditioner(A.cols, (out, r) => {
    for (let i = 0; i < inverse.length; i++) out[i] = inverse[i] * r[i];
  });
}

/** A symmetric positive definite operator of order n from a function that writes it into `out` (not r). */
export function preconditioner(n: number, apply: (out: Vector, r: Vector) => void): LinearOperator {
  const applyInto = (out: Vector, r: Vector): Vector => {
    if (out.length !== n) misuse("applyInto", "out", `of length ${out.length}`, `length ${n}`);
    if (r.length !== n) misuse("applyInto", "r", `of length ${r.length}`, `length ${n}`);
    apply(out, r);
    return out;
  };
  return {
    rows: n,
    cols: n,
    traits: { symmetric: true, positiveDefinite: true },
    applyInto,
    applyTransposeInto: applyInto,
  };
}

export function requirePositiveEntry(routine: string, value: number, column: number): void {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return;
  misuse(routine, "A", `${value} on the diagonal of column ${column}`, "positive and finite numbers there");
}

export function requireSymmetricStorage(routine: string, A: SparseMatrix): void {
  if (A.rows === A.cols && A.symmetric) return;
  misuse(
    routine,
    "A",
    `${A.rows} × ${A.cols}, symmetric: ${A.symmetric}`,
    "a square matrix with `symmetric: true` (lower triangle)",
  );
}
