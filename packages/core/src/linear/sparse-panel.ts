// The inner loop of the supernodal factorization: what a group of finished columns subtracts from the columns of a panel.
import type { Vector } from "./matrix.js";

/**
 * Of the `width` finished columns from `column` on, all with the same rows from their last one on, `rows` rows are looked at, the first
 * of them `skip` places below column + width − 1. The first `targets` of these rows are columns of the panel that begins at column
 * `first`; the r-th row has the place local[localStart + r] in the panel. With l_{rt} the entries of L,
 *   panel entry (r, q) −= Σ_t l_{rt} d_t l_{qt}   for q < targets, r ≥ q;
 * the diagonal is kept in d, and the sum of its terms' absolute values is added to `size`.
 * Two targets and four columns are taken together, so that one index and two entries of the panel serve 16 operations.
 */
export function updatePanel(
  values: Vector,
  d: Vector,
  size: Vector,
  pointers: Int32Array,
  column: number,
  width: number,
  skip: number,
  targets: number,
  rows: number,
  local: Int32Array,
  localStart: number,
  first: number,
): void {
  let q = 0;
  for (; q + 1 < targets; q += 2) {
    const place1 = local[localStart + q];
    const place2 = local[localStart + q + 1];
    const k1 = first + place1;
    const k2 = first + place2;
    const base1 = pointers[k1] - place1 - 1;
    const base2 = pointers[k2] - place2 - 1;
    const from = localStart + q + 2;
    const count = rows - q - 2;
    let t = 0;
    for (; t + 3 < width; t += 4) {
      const c = column + t;
      const p0 = pointers[c] + (width - 1 - t) + skip + q;
      const p1 = pointers[c + 1] + (width - 2 - t) + skip + q;
      const p2 = pointers[c + 2] + (width - 3 - t) + skip + q;
      const p3 = pointers[c + 3] + (width - 4 - t) + skip + q;
      const a0 = values[p0] * d[c];
      const a1 = values[p1] * d[c + 1];
      const a2 = values[p2] * d[c + 2];
      const a3 = values[p3] * d[c + 3];
      const b0 = values[p0 + 1] * d[c];
      const b1 = values[p1 + 1] * d[c + 1];
      const b2 = values[p2 + 1] * d[c + 2];
      const b3 = values[p3 + 1] * d[c + 3];
      d[k1] -= a0 * values[p0] + a1 * values[p1] + (a2 * values[p2] + a3 * values[p3]);
      d[k2] -= b0 * values[p0 + 1] + b1 * values[p1 + 1] + (b2 * values[p2 + 1] + b3 * values[p3 + 1]);
      size[k1] +=
        Math.abs(a0 * values[p0]) + Math.abs(a1 * values[p1]) + Math.abs(a2 * values[p2]) + Math.abs(a3 * values[p3]);
      size[k2] +=
        Math.abs(b0 * values[p0 + 1]) +
        Math.abs(b1 * values[p1 + 1]) +
        Math.abs(b2 * values[p2 + 1]) +
        Math.abs(b3 * values[p3 + 1]);
      values[base1 + place2] -= a0 * values[p0 + 1] + a1 * values[p1 + 1] + (a2 * values[p2 + 1] + a3 * values[p3 + 1]);
      for (let r = 0; r < count; r++) {
        const i = local[from + r];
        const v0 = values[p0 + 2 + r];
        const v1 = values[p1 + 2 + r];
        const v2 = values[p2 + 2 + r];
        const v3 = values[p3 + 2 + r];
        values[base1 + i] -= a0 * v0 + a1 * v1 + (a2 * v2 + a3 * v3);
        values[base2 + i] -= b0 * v0 + b1 * v1 + (b2 * v2 + b3 * v3);
      }
    }
    for (; t < width; t++) {
      const c = column + t;
      const p0 = pointers[c] + (width - 1 - t) + skip + q;
      const l1 = values[p0];
      const l2 = values[p0 + 1];
      const a0 = l1 * d[c];
      const b0 = l2 * d[c];
      d[k1] -= a0 * l1;
      d[k2] -= b0 * l2;
      size[k1] += Math.abs(a0 * l1);
      size[k2] += Math.abs(b0 * l2);
      values[base1 + place2] -= a0 * l2;
      for (let r = 0; r < count; r++) {
        const i = local[from + r];
        const v0 = values[p0 + 2 + r];
        values[base1 + i] -= a0 * v0;
        values[base2 + i] -= b0 * v0;
      }
    }
  }
  if (q < targets)
    updateOne(values, d, size, pointers, column, width, skip + q, rows - q, local, localStart + q, first);
}

/** {@link updatePanel} for the one target that is left. */
function updateOne(
  values: Vector,
  d: Vector,
  size: Vector,
  pointers: Int32Array,
  column: number,
  width: number,
  skip: number,
  rows: number,
  local: Int32Array,
  localStart: number,
  first: number,
): void {
  const place = local[localStart];
  const k = first + place;
  const base = pointers[k] - place - 1;
  const from = localStart + 1;
  const count = rows - 1;
  let t = 0;
  for (; t + 3 < width; t += 4) {
    const c = column + t;
    const p0 = pointers[c] + (width - 1 - t) + skip;
    const p1 = pointers[c + 1] + (width - 2 - t) + skip;
    const p2 = pointers[c + 2] + (width - 3 - t) + skip;
    const p3 = pointers[c + 3] + (width - 4 - t) + skip;
    const a0 = values[p0] * d[c];
    const a1 = values[p1] * d[c + 1];
    const a2 = values[p2] * d[c + 2];
    const a3 = values[p3] * d[c + 3];
    d[k] -= a0 * values[p0] + a1 * values[p1] + (a2 * values[p2] + a3 * values[p3]);
    size[k] +=
      Math.abs(a0 * values[p0]) + Math.abs(a1 * values[p1]) + Math.abs(a2 * values[p2]) + Math.abs(a3 * values[p3]);
    for (let r = 0; r < count; r++) {
      values[base + local[from + r]] -=
        a0 * values[p0 + 1 + r] + a1 * values[p1 + 1 + r] + (a2 * values[p2 + 1 + r] + a3 * values[p3 + 1 + r]);
    }
  }
  for (; t < width; t++) {
    const c = column + t;
    const p0 = pointers[c] + (width - 1 - t) + skip;
    const l = values[p0];
    const a = l * d[c];
    d[k] -= a * l;
    size[k] += Math.abs(a * l);
    for (let r = 0; r < count; r++) values[base + local[from + r]] -= a * values[p0 + 1 + r];
  }
}
