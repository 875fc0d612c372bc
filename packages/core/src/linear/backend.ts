// The inner loops of dense linear algebra behind one small door, so that a faster implementation can take their place.
// All matrices are row-major stretches of arrays: entry (i, j) of A is a[aStart + i * aStride + j].
// The product is taken as A Bᵀ since then both operands are walked along their rows.
import type { Vector } from "./matrix.js";
import { dotAt } from "./vec.js";

/** What a dense backend computes. */
export interface DenseBackend {
  readonly name: string;
  /** C += α A Bᵀ with A m × k, B n × k, C m × n; C overlaps neither A nor B. */
  gemm(
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: Vector,
    aStart: number,
    aStride: number,
    b: Vector,
    bStart: number,
    bStride: number,
    c: Vector,
    cStart: number,
    cStride: number,
  ): void;
  /** The lower triangle of C += α A Aᵀ with A n × k; C doesn't overlap A. */
  syrk(
    n: number,
    k: number,
    alpha: number,
    a: Vector,
    aStart: number,
    aStride: number,
    c: Vector,
    cStart: number,
    cStride: number,
  ): void;
  /** y = A x with A m × n; y (its first m entries) isn't x. */
  gemv(m: number, n: number, a: Vector, aStart: number, aStride: number, x: Vector, y: Vector): void;
  /** y = Aᵀ x with A m × n; y (its first n entries) isn't x. */
  gemvTranspose(m: number, n: number, a: Vector, aStart: number, aStride: number, x: Vector, y: Vector): void;
}

/** Plain JavaScript: blocks of 4 × 2 entries of C are held in registers. */
export const javascriptBackend: DenseBackend = {
  name: "javascript",

  gemm(m, n, k, alpha, a, aStart, aStride, b, bStart, bStride, c, cStart, cStride) {
    const mBlocked = m - (m % 4);
    const nBlocked = n - (n % 2);
    for (let i = 0; i < mBlocked; i += 4) {
      const a0 = aStart + i * aStride;
      for (let j = 0; j < nBlocked; j += 2) {
        gemmBlock(k, alpha, a, a0, aStride, b, bStart + j * bStride, bStride, c, cStart + i * cStride + j, cStride);
      }
    }
    for (let i = 0; i < m; i++) {
      for (let j = i < mBlocked ? nBlocked : 0; j < n; j++) {
        c[cStart + i * cStride + j] += alpha * dotAt(a, aStart + i * aStride, b, bStart + j * bStride, k);
      }
    }
  },

  syrk(n, k, alpha, a, aStart, aStride, c, cStart, cStride) {
    for (let i = 0; i < n; i += 4) {
      const rows = Math.min(4, n - i);
      const at = aStart + i * aStride;
      const to = cStart + i * cStride;
      javascriptBackend.gemm(rows, i, k, alpha, a, at, aStride, a, aStart, aStride, c, to, cStride);
      for (let r = 0; r < rows; r++) {
        for (let s = 0; s <= r; s++)
          c[to + r * cStride + i + s] += alpha * dotAt(a, at + r * aStride, a, at + s * aStride, k);
      }
    }
  },

  gemv(m, n, a, aStart, aStride, x, y) {
    let i = 0;
    for (; i + 3 < m; i += 4) {
      const p0 = aStart + i * aStride;
      const p1 = p0 + aStride;
      const p2 = p1 + aStride;
      const p3 = p2 + aStride;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let j = 0; j < n; j++) {
        const xj = x[j];
        s0 += a[p0 + j] * xj;
        s1 += a[p1 + j] * xj;
        s2 += a[p2 + j] * xj;
        s3 += a[p3 + j] * xj;
      }
      y[i] = s0;
      y[i + 1] = s1;
      y[i + 2] = s2;
      y[i + 3] = s3;
    }
    for (; i < m; i++) y[i] = dotAt(a, aStart + i * aStride, x, 0, n);
  },

  gemvTranspose(m, n, a, aStart, aStride, x, y) {
    for (let j = 0; j < n; j++) y[j] = 0;
    let i = 0;
    for (; i + 3 < m; i += 4) {
      const p0 = aStart + i * aStride;
      const p1 = p0 + aStride;
      const p2 = p1 + aStride;
      const p3 = p2 + aStride;
      const x0 = x[i];
      const x1 = x[i + 1];
      const x2 = x[i + 2];
      const x3 = x[i + 3];
      for (let j = 0; j < n; j++) y[j] += a[p0 + j] * x0 + a[p1 + j] * x1 + (a[p2 + j] * x2 + a[p3 + j] * x3);
    }
    for (; i < m; i++) {
      const p = aStart + i * aStride;
      const xi = x[i];
      for (let j = 0; j < n; j++) y[j] += a[p + j] * xi;
    }
  },
};

/** Four rows of A times two rows of B, added to a 4 × 2 block of C. */
function gemmBlock(
  k: number,
  alpha: number,
  a: Vector,
  p0: number,
  aStride: number,
  b: Vector,
  q0: number,
  bStride: number,
  c: Vector,
  cStart: number,
  cStride: number,
): void {
  const p1 = p0 + aStride;
  const p2 = p1 + aStride;
  const p3 = p2 + aStride;
  const q1 = q0 + bStride;
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  let s20 = 0;
  let s21 = 0;
  let s30 = 0;
  let s31 = 0;
  for (let t = 0; t < k; t++) {
    const b0 = b[q0 + t];
    const b1 = b[q1 + t];
    const a0 = a[p0 + t];
    const a1 = a[p1 + t];
    const a2 = a[p2 + t];
    const a3 = a[p3 + t];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s30 += a3 * b0;
    s31 += a3 * b1;
  }
  let r = cStart;
  c[r] += alpha * s00;
  c[r + 1] += alpha * s01;
  r += cStride;
  c[r] += alpha * s10;
  c[r + 1] += alpha * s11;
  r += cStride;
  c[r] += alpha * s20;
  c[r + 1] += alpha * s21;
  r += cStride;
  c[r] += alpha * s30;
  c[r + 1] += alpha * s31;
}

let current: DenseBackend = javascriptBackend;

/** The backend in use. */
export const denseBackend = (): DenseBackend => current;

/** Puts another backend in place for the whole module; answers the one it replaces. */
export function setDenseBackend(backend: DenseBackend): DenseBackend {
  const previous = current;
  current = backend;
  return previous;
}
