// Triangular systems in place, and symmetric exchanges; matrices are row-major and walked along their rows.
import type { Vector } from "../matrix.js";
import { axpyAt, dotAt } from "../vec.js";

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

/** Exchanges rows and columns p < q of a symmetric n × n matrix in its lower triangle; columns before p follow their rows. */
export function exchangeLower(A: Vector, n: number, p: number, q: number): void {
  const swap = (a: number, b: number) => {
    const t = A[a];
    A[a] = A[b];
    A[b] = t;
  };
  for (let j = 0; j < p; j++) swap(p * n + j, q * n + j);
  for (let j = p + 1; j < q; j++) swap(j * n + p, q * n + j);
  for (let i = q + 1; i < n; i++) swap(i * n + p, i * n + q);
  swap(p * n + p, q * n + q);
}
