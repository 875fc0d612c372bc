// One pass over a symmetric matrix in packed storage (row i of its lower triangle begins at i (i + 1)/2): a rank-two update and a product together.
// It is bound by memory, and this way the matrix is read and written once.
import type { Vector } from "../matrix.js";

/** A −= u wᵀ + w uᵀ and p += A v on the leading m rows of the packed triangle, in one pass. */
export function packedUpdateMultiply(m: number, a: Vector, u: Vector, w: Vector, v: Vector, p: Vector): void {
  let j = 0;
  for (; j + 3 < m; j += 4) {
    fourRows(a, j, u, w, v, p);
    corner(a, j, j, j + 4, u, w, v, p);
  }
  corner(a, j, 0, m, u, w, v, p);
}

/** Columns 0 … j − 1 of rows j … j + 3. */
function fourRows(a: Vector, j: number, u: Vector, w: Vector, v: Vector, p: Vector): void {
  const r0 = (j * (j + 1)) / 2;
  const r1 = r0 + j + 1;
  const r2 = r1 + j + 2;
  const r3 = r2 + j + 3;
  const u0 = u[j];
  const u1 = u[j + 1];
  const u2 = u[j + 2];
  const u3 = u[j + 3];
  const w0 = w[j];
  const w1 = w[j + 1];
  const w2 = w[j + 2];
  const w3 = w[j + 3];
  const v0 = v[j];
  const v1 = v[j + 1];
  const v2 = v[j + 2];
  const v3 = v[j + 3];
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < j; k++) {
    const uk = u[k];
    const wk = w[k];
    const vk = v[k];
    const a0 = a[r0 + k] - u0 * wk - w0 * uk;
    const a1 = a[r1 + k] - u1 * wk - w1 * uk;
    const a2 = a[r2 + k] - u2 * wk - w2 * uk;
    const a3 = a[r3 + k] - u3 * wk - w3 * uk;
    a[r0 + k] = a0;
    a[r1 + k] = a1;
    a[r2 + k] = a2;
    a[r3 + k] = a3;
    s0 += a0 * vk;
    s1 += a1 * vk;
    s2 += a2 * vk;
    s3 += a3 * vk;
    p[k] += a0 * v0 + a1 * v1 + (a2 * v2 + a3 * v3);
  }
  p[j] += s0;
  p[j + 1] += s1;
  p[j + 2] += s2;
  p[j + 3] += s3;
}

/** Rows first … end − 1, from column `left` to the diagonal. */
function corner(a: Vector, first: number, left: number, end: number, u: Vector, w: Vector, v: Vector, p: Vector): void {
  for (let i = first; i < end; i++) {
    const row = (i * (i + 1)) / 2;
    let sum = 0;
    for (let k = left; k < i; k++) {
      const t = a[row + k] - u[i] * w[k] - w[i] * u[k];
      a[row + k] = t;
      sum += t * v[k];
      p[k] += t * v[i];
    }
    const t = a[row + i] - 2 * u[i] * w[i];
    a[row + i] = t;
    p[i] += sum + t * v[i];
  }
}
