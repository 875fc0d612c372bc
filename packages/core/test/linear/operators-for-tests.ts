// Operators with known spectra.

import { operatorFrom, operatorFromFunction } from "../../src/linear/iterative/operator.js";
import type { DenseMatrix, LinearOperator, Vector } from "../../src/linear/matrix.js";
import { denseMatrix } from "../../src/linear/matrix.js";
import { norm2 } from "../../src/linear/vec.js";
import { flip, random, times } from "./dense-for-tests.js";
import { laplacian2d } from "./sparse-for-tests.js";

export const diagonalOperator = (d: ArrayLike<number>): LinearOperator =>
  operatorFromFunction(
    d.length,
    (out, x) => {
      for (let i = 0; i < d.length; i++) out[i] = d[i] * x[i];
    },
    { symmetric: true },
  );

/** H diag(d) H with the reflector H = I − 2uuᵀ: the eigenvalues are d. */
export function withSpectrum(d: ArrayLike<number>, seed = 1): DenseMatrix {
  const n = d.length;
  const u = random(n, 1, seed).data;
  const length = norm2(u);
  const H = denseMatrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) H.data[i * n + j] = (i === j ? 1 : 0) - (2 * u[i] * u[j]) / (length * length);
  }
  const scaledRows = denseMatrix(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) scaledRows.data[i * n + j] = d[i] * H.data[i * n + j];
  return times(flip(H), scaledRows);
}

export const spectrumOperator = (d: ArrayLike<number>, seed = 1): LinearOperator =>
  operatorFrom(withSpectrum(d, seed), { symmetric: true });

export const gridOperator = (m: number): LinearOperator => operatorFrom(laplacian2d(m), { positiveDefinite: true });

/** Counts the products that an operator is asked for. */
export function counting(A: LinearOperator): LinearOperator & { products: number } {
  const counted = {
    ...A,
    products: 0,
    applyInto(out: Vector, x: Vector) {
      counted.products++;
      return A.applyInto(out, x);
    },
  };
  return counted;
}

/** Becomes NaN in one entry from the k-th product on. */
export function breakingAt(k: number, A: LinearOperator): LinearOperator {
  let products = 0;
  return {
    ...A,
    applyInto(out: Vector, x: Vector) {
      A.applyInto(out, x);
      if (++products >= k) out[0] = Number.NaN;
      return out;
    },
  };
}

/** ‖b − A x‖₂. */
export const residualOf = (A: LinearOperator, x: Vector, b: Vector): number =>
  norm2(A.applyInto(new Float64Array(A.rows), x).map((v, i) => b[i] - v));
