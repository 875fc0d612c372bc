import { misuse } from "../errors.js";
import { type DenseInput, toDense } from "../interop/dense.js";
import { choleskyFactorize, choleskySolveInto } from "../linear/dense/cholesky.js";
import {
  multiplyInto,
  multiplyTransposeVectorInto,
  multiplyVectorInto,
  transposeDense,
} from "../linear/dense/dense.js";
import { denseMatrix } from "../linear/matrix.js";
import { type ConvexSet, numbers, requireLengths } from "./set.js";

/**
 * {x : Ax = b}, A of full row rank; P(x) = x − Aᵀ(AAᵀ)⁻¹(Ax − b), twice, so that Ax = b holds to rounding. One factorization, of AAᵀ.
 * @throws ArgumentError on shapes that don't fit, entries that aren't finite, and rows of A that aren't independent.
 */
export function affine(A: DenseInput, b: ArrayLike<number>): ConvexSet {
  const matrix = toDense(A, "affine", "A");
  const right = numbers("affine", "b", b);
  const { rows: m, cols: n } = matrix;
  if (right.length !== m) misuse("affine", "b", `of length ${right.length}`, `length ${m}, the rows of A`);
  numbers("affine", "A", matrix.data);
  const gram = multiplyInto(denseMatrix(m, m), matrix, transposeDense(matrix));
  let largest = 0;
  for (let i = 0; i < m; i++) largest = Math.max(largest, gram.data[i * m + i]!);
  const F = choleskyFactorize(gram);
  let least = Number.POSITIVE_INFINITY;
  if (F.failedAt < 0) for (let i = 0; i < m; i++) least = Math.min(least, F.L[i * m + i]! ** 2);
  if (F.failedAt >= 0 || !(m === 0 || least > 1e-14 * largest))
    misuse("affine", "A", `of ${m} rows that aren't independent`, "a matrix of full row rank");
  const residual = new Float64Array(m);
  const multipliers = new Float64Array(m);
  const correction = new Float64Array(n);
  return {
    kind: "affine set",
    dimension: n,
    projectInto(out, x) {
      requireLengths("affine", out, x, n);
      if (out !== x) out.set(x);
      for (let pass = 0; pass < 2; pass++) {
        multiplyVectorInto(residual, matrix, out);
        for (let i = 0; i < m; i++) residual[i] = residual[i]! - right[i]!;
        choleskySolveInto(multipliers, F, residual);
        multiplyTransposeVectorInto(correction, matrix, multipliers);
        for (let j = 0; j < n; j++) out[j] = out[j]! - correction[j]!;
      }
      return out;
    },
  };
}
