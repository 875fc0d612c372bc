// exp(A) of a small matrix by scaling and squaring of the [13/13] Padé approximant.
// Higham 2005, "The scaling and squaring method for the matrix exponential revisited", SIAM J. Matrix Anal. Appl. 26(4), Algorithm 2.3 with m = 13 alone.
import type { Vector } from "@hessia/core";
import { multiply, solveInPlace } from "./dense.js";

const b = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
] as const;
/** ‖A‖₁ up to which the approximant is exact to rounding. */
const theta13 = 5.371920351148152;

export interface ExponentialWork {
  readonly n: number;
  readonly scratch: readonly [Vector, Vector, Vector, Vector, Vector, Vector];
}

export const newExponentialWork = (n: number): ExponentialWork => {
  const matrix = () => new Float64Array(n * n);
  return { n, scratch: [matrix(), matrix(), matrix(), matrix(), matrix(), matrix()] };
};

/** out ← exp(A), n × n; out may be A. NaN where A isn't finite or exp(A) overflows. */
export function exponentialInto(out: Vector, work: ExponentialWork, A: Vector): Vector {
  const { n, scratch } = work;
  const [X, A2, A4, A6, U, V] = scratch;
  const size = n * n;
  let norm = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(A[i * n + j]);
    if (!(sum <= norm)) norm = sum;
  }
  if (!(norm < 1e300)) return out.fill(Number.NaN, 0, size);
  const squarings = norm > theta13 ? Math.ceil(Math.log2(norm / theta13)) : 0;
  const unit = 2 ** -squarings;
  for (let k = 0; k < size; k++) X[k] = A[k] * unit;
  multiply(A2, X, X, n, n, n);
  multiply(A4, A2, A2, n, n, n);
  multiply(A6, A4, A2, n, n, n);
  const scratchOut = out;
  for (let k = 0; k < size; k++) scratchOut[k] = b[13] * A6[k] + b[11] * A4[k] + b[9] * A2[k];
  multiply(V, A6, scratchOut, n, n, n);
  for (let k = 0; k < size; k++) V[k] += b[7] * A6[k] + b[5] * A4[k] + b[3] * A2[k];
  for (let i = 0; i < n; i++) V[i * n + i] += b[1];
  multiply(U, X, V, n, n, n);
  for (let k = 0; k < size; k++) scratchOut[k] = b[12] * A6[k] + b[10] * A4[k] + b[8] * A2[k];
  multiply(V, A6, scratchOut, n, n, n);
  for (let k = 0; k < size; k++) V[k] += b[6] * A6[k] + b[4] * A4[k] + b[2] * A2[k];
  for (let i = 0; i < n; i++) V[i * n + i] += b[0];
  for (let k = 0; k < size; k++) {
    A2[k] = V[k] - U[k];
    out[k] = V[k] + U[k];
  }
  if (!solveInPlace(A2, out, n, n)) return out.fill(Number.NaN, 0, size);
  for (let s = 0; s < squarings; s++) {
    multiply(X, out, out, n, n, n);
    for (let k = 0; k < size; k++) out[k] = X[k];
  }
  return out;
}
