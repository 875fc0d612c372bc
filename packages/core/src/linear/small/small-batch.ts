// Cholesky factors, inverses, eigenvalues, projections and polar factors of many small matrices, n ≤ 16, matrix after matrix, row-major. SIMD WebAssembly takes two at
// once, one in each lane, by code made for the n that is asked for; see small-cholesky.ts, small-inverse.ts, small-eigen.ts and small-polar.ts for what is done.
// What goes wrong in a matrix is in its own status, and the others go on.
import { describe, misuse, requireKnownOptions, requireNumber } from "../../errors.js";
import type { Vector } from "../matrix.js";
import { batchBackend } from "./small-backend.js";
import { type BatchOperation, batchShapes, largestSmall } from "./small-shapes.js";

/**
 * Writes the factors L of `count` symmetric n × n matrices (their lower triangles are read) into `out`, zeros above the diagonal; n from 1 to 16. A matrix that isn't
 * positive definite to rounding has NaN throughout its factor, and in `status` the row whose pivot wasn't positive and finite; the others have −1. `out` may be A.
 * Answers how many failed.
 * @throws ArgumentError when n or count is out of range or a length doesn't fit.
 */
export function batchedCholeskyInto(out: Vector, n: number, count: number, A: Vector, status?: Int32Array): number {
  return runBatch("batchedCholeskyInto", "cholesky", n, count, A, { out }, status);
}

/** What {@link batchedInverseInto} may be told. */
export interface BatchedInverseOptions {
  /** The matrices are symmetric positive definite; their lower triangles are read. Default false. */
  readonly definite?: boolean;
}

/**
 * Writes the inverses of `count` n × n matrices into `out`; n from 1 to 16. A matrix that is exactly singular, isn't finite, or, with `definite`, isn't positive definite
 * has NaN throughout its inverse, and in `status` the column without a pivot; the others have −1. `out` may be A. Answers how many failed.
 * @throws ArgumentError when n or count is out of range or a length doesn't fit.
 */
export function batchedInverseInto(
  out: Vector,
  n: number,
  count: number,
  A: Vector,
  status?: Int32Array,
  options: BatchedInverseOptions = {},
): number {
  requireKnownOptions("batchedInverseInto", options, ["definite"]);
  const { definite = false } = options;
  return runBatch("batchedInverseInto", definite ? "inverseDefinite" : "inverse", n, count, A, { out }, status);
}

/**
 * Writes the eigenvalues of `count` symmetric n × n matrices (their lower triangles are read), ascending, into `values` (n a matrix), and unit eigenvectors into the
 * columns of `vectors` (n² a matrix); n from 1 to 16. Errors are a few ε of the largest |λ|; of a positive definite matrix that is badly scaled also the small ones
 * are accurate. A matrix that isn't finite has NaN throughout, and 0 in `status`; one whose iteration didn't end has 1 (not seen in practice); others have −1. Answers
 * how many failed.
 * @throws ArgumentError when n or count is out of range or a length doesn't fit.
 */
export function batchedEigenInto(
  values: Vector,
  vectors: Vector,
  n: number,
  count: number,
  A: Vector,
  status?: Int32Array,
): number {
  return runBatch("batchedEigenInto", "eigen", n, count, A, { values, vectors }, status);
}

/** What {@link batchedProjectPsdInto} may be told. */
export interface ProjectPsdOptions {
  /** What becomes of a negative eigenvalue: 0 ("clamp", the nearest matrix in the Frobenius norm) or |λ| ("absolute"). Default "clamp". */
  readonly negative?: "clamp" | "absolute";
}

/**
 * Writes V diag(max(λ, 0)) Vᵀ, or with |λ|, of `count` symmetric n × n matrices (their lower triangles are read) into `out`, both triangles to the same bits; a matrix
 * without a negative eigenvalue is copied as it is. `status` as in {@link batchedEigenInto}. `out` may be A. Answers how many failed.
 * @throws ArgumentError when n or count is out of range, a length doesn't fit or `negative` isn't one of the two.
 */
export function batchedProjectPsdInto(
  out: Vector,
  n: number,
  count: number,
  A: Vector,
  status?: Int32Array,
  options: ProjectPsdOptions = {},
): number {
  const routine = "batchedProjectPsdInto";
  requireKnownOptions(routine, options, ["negative"]);
  const { negative = "clamp" } = options;
  if (negative !== "clamp" && negative !== "absolute")
    misuse(routine, "options.negative", describe(negative), '"clamp" or "absolute"');
  return runBatch(routine, negative === "clamp" ? "projectClamp" : "projectAbsolute", n, count, A, { out }, status);
}

/**
 * Writes the orthogonal factors of `count` n × n matrices into Q and the symmetric ones into P; n from 1 to 16. Q is the orthogonal matrix nearest to A; its determinant has
 * the sign of A's. A matrix that isn't finite has NaN throughout and 0 in `status`; one whose iteration didn't end has 1 (not seen in practice); an exactly singular
 * one has 2: then Q has only the directions that A doesn't map to zero. The others have −1. Answers how many haven't.
 * @throws ArgumentError when n or count is out of range or a length doesn't fit.
 */
export function batchedPolarInto(
  Q: Vector,
  P: Vector,
  n: number,
  count: number,
  A: Vector,
  status?: Int32Array,
): number {
  return runBatch("batchedPolarInto", "polar", n, count, A, { Q, P }, status);
}

/** Checks the arguments of a batch, runs it and answers how many matrices have a status other than −1. */
function runBatch(
  routine: string,
  operation: BatchOperation,
  n: number,
  count: number,
  A: Vector,
  outputs: Readonly<Record<string, Vector>>,
  status: Int32Array | undefined,
): number {
  requireNumber(routine, "n", n, { atLeast: 1, atMost: largestSmall, integer: true });
  requireNumber(routine, "count", count, { atLeast: 0, integer: true });
  requireLength(routine, "A", A, count * n * n, "count · n²");
  const shapes = batchShapes(operation, n);
  const names = Object.keys(outputs);
  const arrays = Object.values(outputs);
  for (const [k, name] of names.entries()) {
    const size = shapes[k];
    requireLength(routine, name, arrays[k], count * size, size === n && n > 1 ? "count · n" : "count · n²");
    if (count > 0 && (arrays.indexOf(arrays[k]) !== k || (arrays[k] === A && size !== n * n)))
      misuse(routine, name, "the same array as another argument", "memory of its own");
  }
  if (status !== undefined && !(status instanceof Int32Array && status.length === count))
    misuse(routine, "status", describe(status), `an Int32Array of length count = ${count}`);
  const states = status ?? new Int32Array(count);
  batchBackend().run(operation, n, count, A, arrays, states);
  let failed = 0;
  for (let i = 0; i < count; i++) if (states[i] !== -1) failed++;
  return failed;
}

function requireLength(routine: string, argument: string, v: Vector, length: number, formula: string): void {
  if (!(v instanceof Float64Array) || v.length !== length)
    misuse(routine, argument, describe(v), `a Float64Array of length ${formula} = ${length}`);
}
