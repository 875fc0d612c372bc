// Products, triangular solves and small systems on flat row-major matrices: plain loops where matrices are small, since calls and memory decide there, core's kernels
// where they are large. Nothing is allocated.
import type { Vector } from "@hessia/core";
import { denseBackend } from "@hessia/core/linear";

/** Up to so many multiplications plain loops are the faster. */
const fewMultiplications = 40_000;

/** C ← A B with A m × k, B k × n. C is neither. */
export function multiply(C: Vector, A: Vector, B: Vector, m: number, k: number, n: number): Vector {
  const size = m * n;
  for (let i = 0; i < size; i++) C[i] = 0;
  if (m * n * k > fewMultiplications) {
    denseBackend().gemmStrided(m, n, k, 1, A, 0, k, 1, B, 0, n, 1, C, 0, n);
    return C;
  }
  for (let i = 0; i < m; i++) {
    const row = i * n;
    for (let l = 0; l < k; l++) {
      const a = A[i * k + l];
      const from = l * n;
      for (let j = 0; j < n; j++) C[row + j] += a * B[from + j];
    }
  }
  return C;
}

/** C ← Aᵀ B with A k × m, B k × n. C is neither. */
export function multiplyTransposeLeft(C: Vector, A: Vector, B: Vector, m: number, k: number, n: number): Vector {
  const size = m * n;
  for (let i = 0; i < size; i++) C[i] = 0;
  if (m * n * k > fewMultiplications) {
    denseBackend().gemmStrided(m, n, k, 1, A, 0, 1, m, B, 0, n, 1, C, 0, n);
    return C;
  }
  for (let l = 0; l < k; l++) {
    const from = l * n;
    for (let i = 0; i < m; i++) {
      const a = A[l * m + i];
      const row = i * n;
      for (let j = 0; j < n; j++) C[row + j] += a * B[from + j];
    }
  }
  return C;
}

/** C ← A Bᵀ with A m × k, B n × k. C is neither. */
export function multiplyTransposeRight(C: Vector, A: Vector, B: Vector, m: number, k: number, n: number): Vector {
  if (m * n * k > fewMultiplications) {
    const size = m * n;
    for (let i = 0; i < size; i++) C[i] = 0;
    denseBackend().gemmStrided(m, n, k, 1, A, 0, k, 1, B, 0, 1, k, C, 0, n);
    return C;
  }
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += A[i * k + l] * B[j * k + l];
      C[i * n + j] = sum;
    }
  }
  return C;
}

/** A ← (A + Aᵀ)/2 in place, n × n. */
export function symmetrize(A: Vector, n: number): Vector {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const mean = 0.5 * (A[i * n + j] + A[j * n + i]);
      A[i * n + j] = mean;
      A[j * n + i] = mean;
    }
  }
  return A;
}

/** A ← (A − Aᵀ)/2 in place, n × n. */
export function skew(A: Vector, n: number): Vector {
  for (let i = 0; i < n; i++) {
    A[i * n + i] = 0;
    for (let j = 0; j < i; j++) {
      const half = 0.5 * (A[i * n + j] - A[j * n + i]);
      A[i * n + j] = half;
      A[j * n + i] = -half;
    }
  }
  return A;
}

/** T ← Aᵀ with A m × n. T isn't A. */
export function transpose(T: Vector, A: Vector, m: number, n: number): Vector {
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) T[j * m + i] = A[i * n + j];
  return T;
}

/** Aᵢᵢ ← a + Aᵢᵢ. */
export function addToDiagonal(A: Vector, n: number, a: number): Vector {
  for (let i = 0; i < n; i++) A[i * n + i] += a;
  return A;
}

/** Σ Aᵢⱼ Bᵢⱼ over the first `count` numbers. */
export function frobenius(A: Vector, B: Vector, count = A.length): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += A[i] * B[i];
  return sum;
}

/** Whether the first `count` numbers are finite. */
export function finite(A: Vector, count = A.length): boolean {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += A[i] * 0;
  return sum === 0;
}

/** L with L Lᵀ = A in place of A's lower triangle, zeros above it. Answers −1, or the first row whose pivot isn't positive and finite. */
export function factorCholesky(A: Vector, n: number): number {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = A[i * n + j];
      for (let k = 0; k < j; k++) sum -= A[i * n + k] * A[j * n + k];
      if (j < i) A[i * n + j] = sum / A[j * n + j];
      else if (sum > 0 && sum < Number.POSITIVE_INFINITY) A[i * n + i] = Math.sqrt(sum);
      else return i;
    }
    for (let j = i + 1; j < n; j++) A[i * n + j] = 0;
  }
  return -1;
}

/** B ← L⁻¹ B in place, B n × cols. */
export function solveLower(L: Vector, B: Vector, n: number, cols: number): Vector {
  for (let i = 0; i < n; i++) {
    const row = i * cols;
    for (let k = 0; k < i; k++) {
      const l = L[i * n + k];
      const from = k * cols;
      for (let j = 0; j < cols; j++) B[row + j] -= l * B[from + j];
    }
    const pivot = L[i * n + i];
    for (let j = 0; j < cols; j++) B[row + j] /= pivot;
  }
  return B;
}

/** B ← L⁻ᵀ B in place, B n × cols. */
export function solveLowerTranspose(L: Vector, B: Vector, n: number, cols: number): Vector {
  for (let i = n - 1; i >= 0; i--) {
    const row = i * cols;
    const pivot = L[i * n + i];
    for (let j = 0; j < cols; j++) B[row + j] /= pivot;
    for (let k = 0; k < i; k++) {
      const l = L[i * n + k];
      const to = k * cols;
      for (let j = 0; j < cols; j++) B[to + j] -= l * B[row + j];
    }
  }
  return B;
}

/** B ← B L⁻ᵀ in place, B rows × n: the rows solve L x = b. */
export function solveRowsLower(L: Vector, B: Vector, rows: number, n: number): Vector {
  for (let r = 0; r < rows; r++) {
    const row = r * n;
    for (let i = 0; i < n; i++) {
      let sum = B[row + i];
      for (let k = 0; k < i; k++) sum -= L[i * n + k] * B[row + k];
      B[row + i] = sum / L[i * n + i];
    }
  }
  return B;
}

/** B ← A⁻¹ B in place, B n × cols, by elimination with partial pivoting; A is destroyed. False when A is exactly singular or not finite. */
export function solveInPlace(A: Vector, B: Vector, n: number, cols: number): boolean {
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(A[i * n + k]) > Math.abs(A[best * n + k])) best = i;
    const pivot = A[best * n + k];
    if (!(Math.abs(pivot) > 0 && Math.abs(pivot) < Number.POSITIVE_INFINITY)) return false;
    if (best !== k) {
      for (let j = 0; j < n; j++) {
        const held = A[k * n + j];
        A[k * n + j] = A[best * n + j];
        A[best * n + j] = held;
      }
      for (let j = 0; j < cols; j++) {
        const held = B[k * cols + j];
        B[k * cols + j] = B[best * cols + j];
        B[best * cols + j] = held;
      }
    }
    for (let i = k + 1; i < n; i++) {
      const factor = A[i * n + k] / pivot;
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) A[i * n + j] -= factor * A[k * n + j];
      for (let j = 0; j < cols; j++) B[i * cols + j] -= factor * B[k * cols + j];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    const pivot = A[k * n + k];
    for (let j = 0; j < cols; j++) {
      let sum = B[k * cols + j];
      for (let i = k + 1; i < n; i++) sum -= A[k * n + i] * B[i * cols + j];
      B[k * cols + j] = sum / pivot;
    }
  }
  return true;
}

/**
 * Orthonormalizes the rows of Y, p × n, by modified Gram–Schmidt, each twice (Björck 1994): Yᵀ = Q Rᵀ with positive diagonal; with R (p × p, row-major), Y_in = R Q_rows, R lower
 * triangular. A row that depends on those before it becomes NaN unless `complete`: then its R is zero and it becomes any unit vector orthogonal to them.
 */
export function orthonormalizeRows(Y: Vector, p: number, n: number, R?: Vector, complete = false): Vector {
  R?.fill(0, 0, p * p);
  for (let i = 0; i < p; i++) {
    let first = 0;
    for (let k = 0; k < n; k++) first += Y[i * n + k] * Y[i * n + k];
    let size = removeEarlier(Y, i, n, R, p);
    if (!(size > 1e-15 * Math.sqrt(first)) && complete) {
      size = 0;
      for (let axis = 0; axis < n && !(size > 0.1 / Math.sqrt(n)); axis++) {
        for (let k = 0; k < n; k++) Y[i * n + k] = k === axis ? 1 : 0;
        size = removeEarlier(Y, i, n, undefined, p);
      }
    } else if (R !== undefined) R[i * p + i] = size;
    for (let k = 0; k < n; k++) Y[i * n + k] /= size;
  }
  return Y;
}

function removeEarlier(Y: Vector, i: number, n: number, R: Vector | undefined, p: number): number {
  for (let pass = 0; pass < 2; pass++) {
    for (let j = 0; j < i; j++) {
      let r = 0;
      for (let k = 0; k < n; k++) r += Y[j * n + k] * Y[i * n + k];
      if (R !== undefined) R[i * p + j] += r;
      for (let k = 0; k < n; k++) Y[i * n + k] -= r * Y[j * n + k];
    }
  }
  let square = 0;
  for (let k = 0; k < n; k++) square += Y[i * n + k] * Y[i * n + k];
  return Math.sqrt(square);
}
