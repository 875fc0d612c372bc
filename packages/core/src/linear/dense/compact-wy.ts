// A product of Householder reflections as I − Vᵀ T V, so that it is applied by matrix products.
// Schreiber, Van Loan 1989, "A storage-efficient WY representation for products of Householder transformations", SIAM J. Sci. Stat. Comput. 10(1).
// The vectors are the rows of V.

import type { Vector } from "../matrix.js";
import { dotAt } from "../vec.js";
import type { DenseBackend } from "./backend.js";

/** How many reflections are taken together. */
export const reflectorBlock = 32;

/**
 * T (count × count, upper triangular, row-major with stride `reflectorBlock` from tStart) of H₁ H₂ … = I − Vᵀ T V, with Hᵢ = I − τᵢ vᵢ vᵢᵀ and
 * vᵢ the row i of V: `length` numbers each.
 */
export function compactWyInto(
  t: Vector,
  tStart: number,
  count: number,
  length: number,
  v: Vector,
  vStart: number,
  vStride: number,
  tau: Vector,
  tauStart: number,
): void {
  for (let j = 0; j < count; j++) {
    const tj = tau[tauStart + j];
    // T₁..j₋₁,j = −τⱼ T (V vⱼ).
    for (let i = 0; i < j; i++)
      t[tStart + i * reflectorBlock + j] = -tj * dotAt(v, vStart + i * vStride, v, vStart + j * vStride, length);
    for (let i = 0; i < j; i++) {
      let sum = 0;
      for (let p = i; p < j; p++) sum += t[tStart + i * reflectorBlock + p] * t[tStart + p * reflectorBlock + j];
      t[tStart + i * reflectorBlock + j] = sum;
    }
    t[tStart + j * reflectorBlock + j] = tj;
    for (let i = j + 1; i < count; i++) t[tStart + i * reflectorBlock + j] = 0;
  }
}

/**
 * Rows of R ← R (I − Vᵀ T V), or R (I − Vᵀ Tᵀ V) with `transposed`: for `rows` rows, whose first `length` entries count. `work` from workStart takes
 * 2 · rows · reflectorBlock numbers. Fastest where all arrays are of one allocation.
 */
export function applyWyToRows(
  backend: DenseBackend,
  rows: number,
  length: number,
  r: Vector,
  rStart: number,
  rStride: number,
  count: number,
  v: Vector,
  vStart: number,
  vStride: number,
  t: Vector,
  tStart: number,
  transposed: boolean,
  work: Vector,
  workStart: number,
): void {
  const size = rows * count;
  const next = workStart + size;
  work.fill(0, workStart, workStart + 2 * size);
  backend.gemm(rows, count, length, 1, r, rStart, rStride, v, vStart, vStride, work, workStart, count);
  const [row, col] = transposed ? [1, reflectorBlock] : [reflectorBlock, 1];
  backend.gemmStrided(rows, count, count, 1, work, workStart, count, 1, t, tStart, row, col, work, next, count);
  backend.gemmStrided(rows, length, count, -1, work, next, count, 1, v, vStart, vStride, 1, r, rStart, rStride);
}
