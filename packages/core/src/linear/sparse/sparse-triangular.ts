// Substitution with a sparse triangular matrix in compressed columns: Golub, Van Loan 2013, "Matrix Computations", §3.1, by columns; the transposed
// systems by dot products with the same columns.
import { describe, misuse, requireKnownOptions } from "../../errors.js";
import type { SparseMatrix, Vector } from "../matrix.js";

export interface SparseTriangularOptions {
  /** Which triangle the matrix is; entries on its other side are an error. Default "lower". */
  readonly triangle?: "lower" | "upper";
  /** Solve with the transpose. Default false. */
  readonly transpose?: boolean;
  /** The diagonal is taken as ones, whether stored or not. Default false. */
  readonly unit?: boolean;
}

/**
 * out = T⁻¹ b or T⁻ᵀ b with a triangular matrix T, n × n. `out` may be b.
 * @throws ArgumentError when T isn't square, is symmetric storage or has an entry outside its triangle, a diagonal entry is zero, missing or not finite (the
 * column is named), or a length doesn't fit.
 */
export function solveSparseTriangularInto(
  out: Vector,
  T: SparseMatrix,
  b: Vector,
  options: SparseTriangularOptions = {},
): Vector {
  const routine = "solveSparseTriangularInto";
  requireKnownOptions(routine, options, ["triangle", "transpose", "unit"]);
  const { triangle = "lower", transpose = false, unit = false } = options;
  if (triangle !== "lower" && triangle !== "upper")
    misuse(routine, "options.triangle", describe(triangle), '"lower" or "upper"');
  const n = T.cols;
  if (T.rows !== n || T.symmetric)
    misuse(routine, "T", `${T.rows} × ${n}, symmetric: ${T.symmetric}`, "a square matrix, `symmetric` false");
  if (b.length !== n) misuse(routine, "b", `of length ${b.length}`, `length ${n}`);
  if (out.length !== n) misuse(routine, "out", `of length ${out.length}`, `length ${n}`);
  const lower = triangle === "lower";
  const diagonal = places(routine, T, lower, unit);
  if (out !== b) out.set(b);
  const { colPointers, rowIndices, values } = T;
  // Lower, and the transpose of upper, go forward.
  const forward = lower !== transpose;
  for (let t = 0; t < n; t++) {
    const j = forward ? t : n - 1 - t;
    const from = lower ? diagonal[j] : colPointers[j];
    const to = lower ? colPointers[j + 1] : diagonal[j];
    if (transpose) {
      let sum = out[j];
      for (let p = from; p < to; p++) sum -= values[p] * out[rowIndices[p]];
      out[j] = unit ? sum : sum / values[lower ? from - 1 : to];
    } else {
      if (!unit) out[j] /= values[lower ? from - 1 : to];
      const x = out[j];
      for (let p = from; p < to; p++) out[rowIndices[p]] -= values[p] * x;
    }
  }
  return out;
}

/** Of each column the place behind its diagonal (lower), or of it (upper): what lies strictly off the diagonal begins or ends there. */
function places(routine: string, T: SparseMatrix, lower: boolean, unit: boolean): Int32Array {
  const { cols: n, colPointers, rowIndices, values } = T;
  const found = new Int32Array(n);
  for (let j = 0; j < n; j++) {
    const begin = colPointers[j];
    const end = colPointers[j + 1];
    const at = lower ? begin : end - 1;
    const stored = begin < end && rowIndices[at] === j;
    const outside = begin < end && (lower ? rowIndices[begin] < j : rowIndices[end - 1] > j);
    if (outside)
      misuse(
        routine,
        "T",
        `with row ${rowIndices[at]} in column ${j}`,
        lower ? "a lower triangle" : "an upper triangle",
      );
    if (!unit && !(stored && values[at] !== 0 && Number.isFinite(values[at])))
      misuse(
        routine,
        "T",
        `${stored ? values[at] : "nothing"} on the diagonal of column ${j}`,
        "finite numbers other than zero there",
      );
    found[j] = lower ? (stored ? begin + 1 : begin) : stored ? end - 1 : end;
  }
  return found;
}
