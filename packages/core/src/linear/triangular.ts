// Triangular systems in place, walked along the rows of a row-major n × n stretch that begins at data[0] with the given stride.
import type { Vector } from "./matrix.js";
import { axpyAt, dotAt } from "./vec.js";

/** x ← L⁻¹ x; with `unit`, the diagonal is taken as ones. */
export function solveLowerInPlace(x: Vector, L: Vector, n: number, stride: number, unit = false): void {
  for (let i = 0; i < n; i++) {
    const t = x[i] - dotAt(L, i * stride, x, 0, i);
    x[i] = unit ? t : t / L[i * stride + i];
  }
}

/** x ← L⁻ᵀ x. */
export function solveLowerTransposeInPlace(x: Vector, L: Vector, n: number, stride: number, unit = false): void {
  for (let i = n - 1; i >= 0; i--) {
    if (!unit) x[i] /= L[i * stride + i];
    axpyAt(x, 0, -x[i], L, i * stride, i);
  }
}

/** x ← U⁻¹ x. */
export function solveUpperInPlace(x: Vector, U: Vector, n: number, stride: number): void {
  for (let i = n - 1; i >= 0; i--) {
    const at = i * stride + i;
    x[i] = (x[i] - dotAt(U, at + 1, x, i + 1, n - 1 - i)) / U[at];
  }
}

/** x ← U⁻ᵀ x. */
export function solveUpperTransposeInPlace(x: Vector, U: Vector, n: number, stride: number): void {
  for (let i = 0; i < n; i++) {
    const at = i * stride + i;
    x[i] /= U[at];
    axpyAt(x, i + 1, -x[i], U, at + 1, n - 1 - i);
  }
}
