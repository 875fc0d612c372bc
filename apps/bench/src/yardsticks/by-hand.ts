// What energies written and differentiated by hand in plain JavaScript have in common: sums over edges and triangles, and places in a lower sparse matrix that are looked up once.
import type { SparseMatrix } from "@hessia/core/linear";

export interface ByHand {
  value(x: Float64Array): number;
  /** f and ∇f. */
  valueAndGradient(gradient: Float64Array, x: Float64Array): number;
  /** f, ∇f and the lower ∇²f, the latter into the values of the matrix that it was made for. */
  valueGradientHessian(gradient: Float64Array, values: Float64Array, x: Float64Array): number;
  /** out = ∇²f(x) v, without the matrix. */
  hessianApply(out: Float64Array, x: Float64Array, v: Float64Array): void;
}

/** Where entry (i, j) or (j, i) of the lower matrix lies. */
export function placeOf({ colPointers, rowIndices }: SparseMatrix, i: number, j: number): number {
  const [row, col] = i < j ? [j, i] : [i, j];
  let [low, high] = [colPointers[col]!, colPointers[col + 1]! - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rowIndices[middle]! < row) low = middle + 1;
    else high = middle;
  }
  if (rowIndices[low] !== row) throw new Error(`entry (${row}, ${col}) isn't in the pattern`);
  return low;
}

/**
 * The places of the d × d block of vertices p and q, written at `map[at …]`: row by row for p ≠ q, as (coordinate of p, coordinate of q); the lower half for p = q.
 * @returns the next `at`.
 */
export function blockPlaces(map: Int32Array, at: number, H: SparseMatrix, p: number, q: number, d: number): number {
  let next = at;
  for (let i = 0; i < d; i++)
    for (let j = 0; j < (p === q ? i + 1 : d); j++) map[next++] = placeOf(H, d * p + i, d * q + j);
  return next;
}
