import type { Vector } from "@hessia/core";
import type { SparsePlan } from "./sparse-plan.js";

/**
 * Drops all entries of a sparse plan but the `count` largest (more where some are equal) and the largest of each row and column. Hoare's selection, then one pass; answers the least that counted among the largest.
 */
export function keepLargest(plan: SparsePlan, count: number): number {
  const { rows, cols, pointers, indices, values } = plan;
  const total = pointers[rows]!;
  if (total <= count) return 0;
  const threshold = selectLargest(values.slice(0, total), count);
  const columnTop = new Float64Array(cols);
  for (let k = 0; k < total; k++) {
    const j = indices[k]!;
    if (values[k]! > columnTop[j]!) columnTop[j] = values[k]!;
  }
  let to = 0;
  let from = 0;
  for (let i = 0; i < rows; i++) {
    const end = pointers[i + 1]!;
    let rowTop = 0;
    for (let k = from; k < end; k++) rowTop = Math.max(rowTop, values[k]!);
    for (let k = from; k < end; k++) {
      const p = values[k]!;
      if (p < threshold && p < rowTop && p < columnTop[indices[k]!]!) continue;
      indices[to] = indices[k]!;
      values[to++] = p;
    }
    from = end;
    pointers[i + 1] = to;
  }
  return threshold;
}

/** The `count`-th largest of the values, which are reordered; 1 ≤ count ≤ length. */
export function selectLargest(values: Vector, count: number): number {
  let low = 0;
  let high = values.length - 1;
  const k = count - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! > pivot) i++;
      while (values[j]! < pivot) j--;
      if (i <= j) {
        const t = values[i]!;
        values[i++] = values[j]!;
        values[j--] = t;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}
