// Eigen- and polar decompositions behind one door: core's batches of small matrices up to 16 × 16, its dense routines beyond.
import { denseMatrix, type Vector } from "@hessia/core";
import { batchedEigenInto, batchedPolarInto, svd, symmetricEigen } from "@hessia/core/linear";
import { finite, multiply, multiplyTransposeRight } from "./dense.js";

/** The largest size of core's batches. */
export const largestBatched = 16;

/** A = V diag(values) Vᵀ, eigenvalues ascending, eigenvectors in the columns of `vectors`. */
export interface EigenWork {
  readonly n: number;
  readonly values: Vector;
  readonly vectors: Vector;
  readonly status: Int32Array;
  readonly scratch: Vector;
}

export const newEigenWork = (n: number): EigenWork => ({
  n,
  values: new Float64Array(n),
  vectors: new Float64Array(n * n),
  status: new Int32Array(1),
  scratch: new Float64Array(n * n),
});

/** Decomposes a symmetric n × n matrix (its lower triangle is read). False, and NaN throughout, where it isn't finite. */
export function eigenInto(work: EigenWork, A: Vector): boolean {
  const { n, values, vectors, status, scratch } = work;
  if (n <= largestBatched) return batchedEigenInto(values, vectors, n, 1, A, status) === 0;
  if (!finite(A, n * n)) {
    values.fill(Number.NaN);
    vectors.fill(Number.NaN);
    return false;
  }
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) scratch[i * n + j] = scratch[j * n + i] = A[i * n + j];
  const { values: found, vectors: columns } = symmetricEigen(denseMatrix(n, n, scratch));
  values.set(found);
  vectors.set(columns.data);
  return true;
}

/** out ← V diag(f(values)) Vᵀ, symmetric to the bit. */
export function applyFunctionInto(out: Vector, work: EigenWork, f: (lambda: number) => number): Vector {
  const { n, values, vectors, scratch } = work;
  if (n <= largestBatched) {
    for (let k = 0; k < n; k++) {
      const value = f(values[k]);
      for (let i = 0; i < n; i++) scratch[i * n + k] = value * vectors[i * n + k];
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += scratch[i * n + k] * vectors[j * n + k];
        out[i * n + j] = sum;
        out[j * n + i] = sum;
      }
    }
    return out;
  }
  for (let k = 0; k < n; k++) {
    const value = f(values[k]);
    for (let i = 0; i < n; i++) scratch[i * n + k] = value * vectors[i * n + k];
  }
  multiplyTransposeRight(out, scratch, vectors, n, n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) out[j * n + i] = out[i * n + j];
  return out;
}

/** What {@link polarInto} needs. */
export interface PolarWork {
  readonly n: number;
  readonly P: Vector;
  readonly status: Int32Array;
}

export const newPolarWork = (n: number): PolarWork => ({
  n,
  P: new Float64Array(n * n),
  status: new Int32Array(1),
});

/** A = Q P with Q orthogonal and P positive semidefinite (into `work.P`); NaN where A isn't finite. False where A is singular: Q then isn't unique. Q isn't A. */
export function polarInto(Q: Vector, work: PolarWork, A: Vector): boolean {
  const { n, P, status } = work;
  if (n <= largestBatched) {
    const failed = batchedPolarInto(Q, P, n, 1, A, status);
    return failed === 0;
  }
  if (!finite(A, n * n)) {
    Q.fill(Number.NaN, 0, n * n);
    P.fill(Number.NaN);
    return false;
  }
  const { U, values, V } = svd(denseMatrix(n, n, A.slice(0, n * n)));
  multiplyTransposeRight(Q, U.data, V.data, n, n, n);
  const scaled = V.data.slice();
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) scaled[i * n + j] *= values[j];
  multiplyTransposeRight(P, scaled, V.data, n, n, n);
  return values[n - 1] > 0;
}

/** out ← Vᵀ X V, the matrix X in the basis of the columns of V. `scratch` is n × n; out may be X. */
export function intoBasis(out: Vector, scratch: Vector, V: Vector, X: Vector, n: number): Vector {
  multiply(scratch, X, V, n, n, n);
  for (let i = 0; i < n * n; i++) out[i] = 0;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const v = V[k * n + i];
      for (let j = 0; j < n; j++) out[i * n + j] += v * scratch[k * n + j];
    }
  }
  return out;
}

/** out ← V X Vᵀ. `scratch` is n × n; out may be X. */
export function fromBasis(out: Vector, scratch: Vector, V: Vector, X: Vector, n: number): Vector {
  multiply(scratch, V, X, n, n, n);
  return multiplyTransposeRight(out, scratch, V, n, n, n);
}
