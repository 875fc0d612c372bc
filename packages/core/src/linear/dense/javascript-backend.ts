// The dense kernels in plain JavaScript: what is used where the engine has no SIMD WebAssembly, and what the others are tested against.

import type { Vector } from "../matrix.js";
import { axpyAt, dotAt } from "../vec.js";
import type { DenseBackend } from "./backend.js";
import { jacobiSweep } from "./jacobi-sweep.js";
import { packedUpdateMultiply } from "./packed-triangle.js";

/** Plain JavaScript: blocks of 4 × 2 entries of C are held in registers. */
export const javascriptBackend: DenseBackend = {
  name: "javascript",

  allocate: (length) => new Float64Array(length),

  release: () => undefined,

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

  gemmStrided(m, n, k, alpha, a, aStart, aRow, aCol, b, bStart, bRow, bCol, c, cStart, cStride) {
    // Rows of A and columns of B are laid out contiguously, once a call; what lies so already is used as it stands.
    const left = aCol === 1 ? a : gather(m, k, a, aStart, aRow, aCol);
    const right = bRow === 1 ? b : gather(n, k, b, bStart, bCol, bRow);
    javascriptBackend.gemm(
      m,
      n,
      k,
      alpha,
      left,
      left === a ? aStart : 0,
      left === a ? aRow : k,
      right,
      right === b ? bStart : 0,
      right === b ? bCol : k,
      c,
      cStart,
      cStride,
    );
  },

  syrk(n, k, alpha, a, aStart, aStride, c, cStart, cStride) {
    javascriptBackend.syrkProduct(n, k, alpha, a, aStart, aStride, a, aStart, aStride, c, cStart, cStride);
  },

  syrkProduct(n, k, alpha, a, aStart, aStride, b, bStart, bStride, c, cStart, cStride) {
    for (let i = 0; i < n; i += 4) {
      const rows = Math.min(4, n - i);
      const at = aStart + i * aStride;
      const bt = bStart + i * bStride;
      const to = cStart + i * cStride;
      javascriptBackend.gemm(rows, i, k, alpha, a, at, aStride, b, bStart, bStride, c, to, cStride);
      for (let r = 0; r < rows; r++) {
        for (let s = 0; s <= r; s++)
          c[to + r * cStride + i + s] += alpha * dotAt(a, at + r * aStride, b, bt + s * bStride, k);
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

  ger(m, n, alpha, x, y, a, aStart, aStride) {
    for (let i = 0; i < m; i++) axpyAt(a, aStart + i * aStride, alpha * x[i], y, 0, n);
  },

  symv(n, a, aStart, aStride, x, xStart, y, yStart) {
    for (let i = 0; i < n; i++) y[yStart + i] = 0;
    for (let i = 0; i < n; i++) {
      const row = aStart + i * aStride;
      axpyAt(y, yStart, x[xStart + i], a, row, i);
      y[yStart + i] += dotAt(a, row, x, xStart, i) + a[row + i] * x[xStart + i];
    }
  },

  packedUpdateMultiply,

  jacobiSweep,

  choleskyBlock(n, a, aStart, aStride, floor) {
    for (let i = 0; i < n; i++) {
      const row = aStart + i * aStride;
      for (let j = 0; j < i; j++) {
        const other = aStart + j * aStride;
        a[row + j] = (a[row + j] - dotAt(a, row, a, other, j)) / a[other + j];
      }
      const pivot = a[row + i] - dotAt(a, row, a, row, i);
      a[row + i] = pivot;
      if (!(pivot > floor && pivot < Number.POSITIVE_INFINITY)) return i;
      a[row + i] = Math.sqrt(pivot);
    }
    return -1;
  },

  solveRowsBlock(rows, n, t, tStart, tRow, tCol, unit, b, bStart, bStride) {
    for (let i = 0; i < rows; i++) {
      const row = bStart + i * bStride;
      for (let j = 0; j < n; j++) {
        const other = tStart + j * tRow;
        let sum = b[row + j];
        for (let p = 0; p < j; p++) sum -= b[row + p] * t[other + p * tCol];
        b[row + j] = unit ? sum : sum / t[other + j * tCol];
      }
    }
  },

  solveColsBlock(n, cols, t, tStart, tRow, tCol, unit, b, bStart, bStride) {
    for (let i = 0; i < n; i++) {
      const row = bStart + i * bStride;
      const other = tStart + i * tRow;
      for (let p = 0; p < i; p++) axpyAt(b, row, -t[other + p * tCol], b, bStart + p * bStride, cols);
      if (!unit) for (let c = 0; c < cols; c++) b[row + c] /= t[other + i * tCol];
    }
  },

  map(kind, count, x, xStart, y, yStart) {
    if (kind === "exp") for (let k = 0; k < count; k++) y[yStart + k] = Math.exp(x[xStart + k]);
    else if (kind === "log") for (let k = 0; k < count; k++) y[yStart + k] = Math.log(x[xStart + k]);
    else for (let k = 0; k < count; k++) y[yStart + k] = Math.tanh(x[xStart + k]);
  },

  softmaxRows(rows, cols, m, mStart, mStride, out, outStart, outStride) {
    for (let i = 0; i < rows; i++) {
      const row = mStart + i * mStride;
      const to = outStart + i * outStride;
      let top = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < cols; j++) top = Math.max(top, m[row + j]);
      let sum = 0;
      for (let j = 0; j < cols; j++) {
        out[to + j] = Math.exp(m[row + j] - top);
        sum += out[to + j];
      }
      for (let j = 0; j < cols; j++) out[to + j] /= sum;
    }
  },

  logSumExpRows(rows, cols, m, mStart, mStride, v, out, scale = 1) {
    const sign = Math.sign(scale);
    const size = Math.abs(scale);
    for (let i = 0; i < rows; i++) {
      const row = mStart + i * mStride;
      let top = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < cols; j++) top = Math.max(top, sign * (m[row + j] + v[j]));
      let sum = 0;
      if (Number.isFinite(top))
        for (let j = 0; j < cols; j++) sum += Math.exp(size * (sign * (m[row + j] + v[j]) - top));
      out[i] = Number.isFinite(top) ? size * top + Math.log(sum) : top;
    }
  },

  logSumExpCols(rows, cols, m, mStart, mStride, v, out, scale = 1) {
    const sign = Math.sign(scale);
    const size = Math.abs(scale);
    const tops = new Float64Array(cols).fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < rows; i++) {
      const row = mStart + i * mStride;
      for (let j = 0; j < cols; j++) tops[j] = Math.max(tops[j], sign * (m[row + j] + v[i]));
    }
    for (let j = 0; j < cols; j++) out[j] = 0;
    for (let i = 0; i < rows; i++) {
      const row = mStart + i * mStride;
      for (let j = 0; j < cols; j++) out[j] += Math.exp(size * (sign * (m[row + j] + v[i]) - tops[j]));
    }
    for (let j = 0; j < cols; j++) out[j] = Number.isFinite(tops[j]) ? size * tops[j] + Math.log(out[j]) : tops[j];
  },

  shiftedExpRows(rows, cols, m, mStart, mStride, u, v, scale, floor, out, rowSums, colSums) {
    for (let i = 0; i < rows; i++) {
      const row = mStart + i * mStride;
      const to = i * cols;
      let sum = 0;
      for (let j = 0; j < cols; j++) {
        const t = scale * (m[row + j] + u[i] + v[j]);
        const p = t < floor ? 0 : Math.exp(t);
        out[to + j] = p;
        sum += p;
      }
      rowSums[i] = sum;
      if (colSums !== undefined) for (let j = 0; j < cols; j++) colSums[j] += out[to + j];
    }
  },
};

/** The m × k matrix a[start + i · row + j · col], rows contiguous. */
function gather(m: number, k: number, a: Vector, start: number, row: number, col: number): Vector {
  const out = new Float64Array(m * k);
  const tile = 16;
  for (let i0 = 0; i0 < m; i0 += tile) {
    const i1 = Math.min(m, i0 + tile);
    for (let j0 = 0; j0 < k; j0 += tile) {
      const j1 = Math.min(k, j0 + tile);
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) out[i * k + j] = a[start + i * row + j * col];
    }
  }
  return out;
}

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
