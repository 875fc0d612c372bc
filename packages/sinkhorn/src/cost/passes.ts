// The inner loops over a stretch of the cost matrix.
import type { Vector } from "@hessia/core";

/** out_i = log Σ_j exp(scale C_ij + v_j) of `rows` rows that begin at C[start]. */
export function logSumExpRows(
  rows: number,
  cols: number,
  scale: number,
  C: Vector,
  start: number,
  v: Vector,
  out: Vector,
): void {
  for (let i = 0; i < rows; i++) {
    const row = start + i * cols;
    let top = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < cols; j++) top = Math.max(top, scale * C[row + j]! + v[j]!);
    let sum = 0;
    if (Number.isFinite(top)) for (let j = 0; j < cols; j++) sum += Math.exp(scale * C[row + j]! + v[j]! - top);
    out[i] = Number.isFinite(top) ? top + Math.log(sum) : top;
  }
}

/** out_j = log Σ_i exp(scale C_ij + v_i). */
export function logSumExpCols(
  rows: number,
  cols: number,
  scale: number,
  C: Vector,
  start: number,
  v: Vector,
  out: Vector,
): void {
  const tops = new Float64Array(cols).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) tops[j] = Math.max(tops[j]!, scale * C[start + i * cols + j]! + v[i]!);
  out.fill(0);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++)
      out[j] =
        out[j]! +
        (tops[j]! > Number.NEGATIVE_INFINITY ? Math.exp(scale * C[start + i * cols + j]! + v[i]! - tops[j]!) : 0);
  for (let j = 0; j < cols; j++) out[j] = Number.isFinite(tops[j]!) ? tops[j]! + Math.log(out[j]!) : tops[j]!;
}

/** P_ij = exp(scale C_ij + u_i + v_j), 0 where the exponent is below `floor`; Σ_j P_ij into `rowSums`, Σ_i P_ij added to `colSums`. */
export function planRows(
  rows: number,
  cols: number,
  scale: number,
  C: Vector,
  start: number,
  u: Vector,
  v: Vector,
  floor: number,
  P: Vector,
  rowSums: Vector,
  colSums: Vector | undefined,
): void {
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) {
      const t = scale * C[start + i * cols + j]! + u[i]! + v[j]!;
      const p = t < floor ? 0 : Math.exp(t);
      P[i * cols + j] = p;
      sum += p;
      if (colSums !== undefined) colSums[j] = colSums[j]! + p;
    }
    rowSums[i] = sum;
  }
}
