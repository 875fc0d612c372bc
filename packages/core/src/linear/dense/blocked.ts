// Triangular solves and Cholesky by recursion: halves are joined by matrix products, and only blocks of at most 32 rows are left to their own kernels.
// Gustavson 1997, "Recursion leads to automatic variable blocking for dense linear-algebra algorithms", IBM J. Res. Dev. 41(6).

import type { Vector } from "../matrix.js";
import { blockSize, type DenseBackend } from "./backend.js";

/** Where n is split: a multiple of the block size, so that all blocks but the last one are full. */
const half = (n: number): number => blockSize * Math.ceil(n / (2 * blockSize));

/**
 * A = L Lᵀ in place of the lower triangle. Answers −1, or the first row whose pivot isn't above `floor` and finite.
 */
export function choleskyInPlace(
  backend: DenseBackend,
  n: number,
  a: Vector,
  start: number,
  stride: number,
  floor = 0,
): number {
  if (n <= blockSize) return backend.choleskyBlock(n, a, start, stride, floor);
  const n1 = half(n);
  const failed = choleskyInPlace(backend, n1, a, start, stride, floor);
  if (failed >= 0) return failed;
  const below = start + n1 * stride;
  solveRows(backend, n - n1, n1, a, start, stride, 1, false, a, below, stride);
  backend.syrk(n - n1, n1, -1, a, below, stride, a, below + n1, stride);
  const rest = choleskyInPlace(backend, n - n1, a, below + n1, stride, floor);
  return rest < 0 ? -1 : n1 + rest;
}

/** X Tᵀ = B in place of B, rows × n, T(i, j) = t[tStart + i tRow + j tCol] lower triangular; with `unit` its diagonal is taken as ones. */
export function solveRows(
  backend: DenseBackend,
  rows: number,
  n: number,
  t: Vector,
  tStart: number,
  tRow: number,
  tCol: number,
  unit: boolean,
  b: Vector,
  bStart: number,
  bStride: number,
): void {
  if (n <= blockSize) {
    backend.solveRowsBlock(rows, n, t, tStart, tRow, tCol, unit, b, bStart, bStride);
    return;
  }
  const n1 = half(n);
  const below = tStart + n1 * tRow;
  solveRows(backend, rows, n1, t, tStart, tRow, tCol, unit, b, bStart, bStride);
  // B₂ −= X₁ T₂₁ᵀ
  backend.gemmStrided(rows, n - n1, n1, -1, b, bStart, bStride, 1, t, below, tCol, tRow, b, bStart + n1, bStride);
  solveRows(backend, rows, n - n1, t, below + n1 * tCol, tRow, tCol, unit, b, bStart + n1, bStride);
}

/** T X = B in place of B, n × cols, T as in `solveRows`. Upper triangles are solved from their last row by negative strides. */
export function solveCols(
  backend: DenseBackend,
  n: number,
  cols: number,
  t: Vector,
  tStart: number,
  tRow: number,
  tCol: number,
  unit: boolean,
  b: Vector,
  bStart: number,
  bStride: number,
): void {
  if (n <= blockSize) {
    backend.solveColsBlock(n, cols, t, tStart, tRow, tCol, unit, b, bStart, bStride);
    return;
  }
  const n1 = half(n);
  const below = tStart + n1 * tRow;
  const lower = bStart + n1 * bStride;
  solveCols(backend, n1, cols, t, tStart, tRow, tCol, unit, b, bStart, bStride);
  // B₂ −= T₂₁ X₁
  backend.gemmStrided(n - n1, cols, n1, -1, t, below, tRow, tCol, b, bStart, bStride, 1, b, lower, bStride);
  solveCols(backend, n - n1, cols, t, below + n1 * tCol, tRow, tCol, unit, b, lower, bStride);
}
