// Fixed coordinates and linear equations, eliminated: x = C y + d with y the coordinates that stay free. Then with f(y) = f(C y + d),
//   ∇f(y) = Cᵀ ∇f(x),   ∇²f(y) = Cᵀ ∇²f(x) C,
// the latter by a list of (from, to, weight) made once. Nocedal, Wright 2006, section 15.3 (elimination of variables).
import { misuse, type SparseMatrix } from "@hessia/core";

/** Σ coefficient · coordinate of a vertex = value. */
export interface Equation {
  /** [vertex, coordinate, coefficient]. */
  readonly terms: readonly (readonly [vertex: number, coordinate: number, coefficient: number])[];
  readonly value: number;
}

/** x = C y + d, plain data; C by rows. */
export interface Reduction {
  readonly full: number;
  /** The coordinates that stay free, ascending: y = x[free]. */
  readonly free: Int32Array;
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly weights: Float64Array;
  readonly offset: Float64Array;
}

/** Eliminates one coordinate an equation: that of the largest coefficient left. Fixed ones go first. */
export function makeReduction(
  routine: string,
  full: number,
  fixed: ReadonlyMap<number, number>,
  equations: readonly { readonly row: ReadonlyMap<number, number>; readonly value: number }[],
): Reduction {
  /** Dependent coordinates by what they depend on: free ones only. */
  const rows = new Map<number, { row: Map<number, number>; value: number }>();
  /** Which dependent coordinates a free one occurs in. */
  const users = new Map<number, Set<number>>();
  const add = (to: Map<number, number>, owner: number, coordinate: number, weight: number) => {
    const sum = (to.get(coordinate) ?? 0) + weight;
    if (sum === 0) {
      to.delete(coordinate);
      users.get(coordinate)?.delete(owner);
      return;
    }
    to.set(coordinate, sum);
    if (owner < 0) return;
    let set = users.get(coordinate);
    if (set === undefined) users.set(coordinate, (set = new Set()));
    set.add(owner);
  };
  for (const [coordinate, value] of fixed) rows.set(coordinate, { row: new Map(), value });
  for (const [e, { row, value }] of equations.entries()) {
    const rest = new Map<number, number>();
    let right = value;
    let size = Math.abs(value);
    for (const [coordinate, weight] of row) {
      size = Math.max(size, Math.abs(weight));
      const known = rows.get(coordinate);
      if (known === undefined) {
        add(rest, -1, coordinate, weight);
        continue;
      }
      right -= weight * known.value;
      size = Math.max(size, Math.abs(weight * known.value));
      for (const [other, w] of known.row) add(rest, -1, other, weight * w);
    }
    let pivot = -1;
    let largest = 1e-12 * size;
    for (const [coordinate, weight] of rest) {
      if (Math.abs(weight) > largest) {
        largest = Math.abs(weight);
        pivot = coordinate;
      }
    }
    if (pivot < 0) {
      if (Math.abs(right) > 1e-9 * size)
        misuse(
          routine,
          `equations[${e}]`,
          "a contradiction to fixed vertices and the equations before it",
          "equations that can hold together",
        );
      continue;
    }
    const p = rest.get(pivot)!;
    rest.delete(pivot);
    const own = { row: new Map<number, number>(), value: right / p };
    for (const [coordinate, weight] of rest) add(own.row, pivot, coordinate, -weight / p);
    // The pivot goes out of all rows that have it.
    for (const dependent of [...(users.get(pivot) ?? [])]) {
      const entry = rows.get(dependent)!;
      const weight = entry.row.get(pivot)!;
      entry.row.delete(pivot);
      entry.value += weight * own.value;
      for (const [coordinate, w] of own.row) add(entry.row, dependent, coordinate, weight * w);
    }
    users.delete(pivot);
    rows.set(pivot, own);
  }

  const free = new Int32Array(full - rows.size);
  const place = new Int32Array(full).fill(-1);
  for (let i = 0, k = 0; i < full; i++) {
    if (rows.has(i)) continue;
    free[k] = i;
    place[i] = k++;
  }
  const starts = new Int32Array(full + 1);
  const columns: number[] = [];
  const weights: number[] = [];
  const offset = new Float64Array(full);
  for (let i = 0; i < full; i++) {
    const entry = rows.get(i);
    if (entry === undefined) {
      columns.push(place[i]!);
      weights.push(1);
    } else {
      offset[i] = entry.value;
      for (const [coordinate, weight] of entry.row) {
        columns.push(place[coordinate]!);
        weights.push(weight);
      }
    }
    starts[i + 1] = columns.length;
  }
  return { full, free, starts, columns: Int32Array.from(columns), weights: Float64Array.from(weights), offset };
}

/** out = C y + d, or with `linear` C y. */
export function extendInto(
  out: Float64Array,
  { full, starts, columns, weights, offset }: Reduction,
  y: Float64Array,
  linear = false,
): Float64Array {
  for (let i = 0; i < full; i++) {
    let sum = linear ? 0 : offset[i]!;
    for (let p = starts[i]!; p < starts[i + 1]!; p++) sum += weights[p]! * y[columns[p]!]!;
    out[i] = sum;
  }
  return out;
}

/** out = Cᵀ g. */
export function gatherInto(
  out: Float64Array,
  { full, starts, columns, weights }: Reduction,
  g: Float64Array,
): Float64Array {
  out.fill(0);
  for (let i = 0; i < full; i++)
    for (let p = starts[i]!; p < starts[i + 1]!; p++) out[columns[p]!]! += weights[p]! * g[i]!;
  return out;
}

/** Cᵀ H C for lower halves of one pattern: its own pattern, and what goes where. */
export interface ReducedPattern {
  readonly colPointers: Int32Array;
  readonly rowIndices: Int32Array;
  readonly from: Int32Array;
  /** Undefined where entry k simply goes to place k: nothing but fixed coordinates. */
  readonly to: Int32Array | undefined;
  readonly weight: Float64Array;
}

export function reducePattern(reduction: Reduction, H: SparseMatrix): ReducedPattern {
  const { free, starts, columns, weights } = reduction;
  const m = free.length;
  // Free coordinates stand for themselves alone, and nothing else for any: what is free of H stays as it is.
  if (columns.length === m && weights.every((w) => w === 1)) return selectPattern(reduction, H);
  const visit = (emit: (row: number, col: number, from: number, weight: number) => void) => {
    for (let j = 0; j < H.cols; j++) {
      for (let e = H.colPointers[j]!; e < H.colPointers[j + 1]!; e++) {
        const i = H.rowIndices[e]!;
        for (let p = starts[i]!; p < starts[i + 1]!; p++) {
          for (let q = starts[j]!; q < starts[j + 1]!; q++) {
            const [a, b] = [columns[p]!, columns[q]!];
            const w = weights[p]! * weights[q]!;
            // Entry (j, i) is the same again, turned over; on the diagonal of H all pairs come by themselves.
            if (i === j) {
              if (a >= b) emit(a, b, e, w);
            } else emit(Math.max(a, b), Math.min(a, b), e, a === b ? 2 * w : w);
          }
        }
      }
    }
  };
  let count = 0;
  const byRow = new Int32Array(m + 1);
  visit((row) => {
    count++;
    byRow[row + 1]!++;
  });
  for (let r = 0; r < m; r++) byRow[r + 1]! += byRow[r]!;
  const next = byRow.slice();
  const colOf = new Int32Array(count);
  const order = new Int32Array(count);
  const from = new Int32Array(count);
  const weight = new Float64Array(count);
  let k = 0;
  visit((row, col, e, w) => {
    const at = next[row]!++;
    colOf[at] = col;
    order[at] = k;
    from[k] = e;
    weight[k++] = w;
  });
  // Rows in order meet those of each column in order; the diagonal always stands first in its column.
  const size = new Int32Array(m).fill(1);
  const last = Int32Array.from({ length: m }, (_, c) => c);
  const to = new Int32Array(count);
  for (let r = 0; r < m; r++) {
    for (let at = byRow[r]!; at < byRow[r + 1]!; at++) {
      const c = colOf[at]!;
      if (c === r) {
        to[order[at]!] = 0;
        continue;
      }
      if (last[c] !== r) {
        last[c] = r;
        size[c]!++;
      }
      to[order[at]!] = size[c]! - 1;
    }
  }
  const colPointers = new Int32Array(m + 1);
  for (let c = 0; c < m; c++) colPointers[c + 1] = colPointers[c]! + size[c]!;
  const rowIndices = new Int32Array(colPointers[m]!);
  for (let c = 0; c < m; c++) rowIndices[colPointers[c]!] = c;
  for (let r = 0; r < m; r++) {
    for (let at = byRow[r]!; at < byRow[r + 1]!; at++) {
      const place = colPointers[colOf[at]!]! + to[order[at]!]!;
      to[order[at]!] = place;
      rowIndices[place] = r;
    }
  }
  return { colPointers, rowIndices, from, to, weight };
}

function selectPattern({ free, starts, columns }: Reduction, H: SparseMatrix): ReducedPattern {
  const m = free.length;
  const isFree = (i: number) => starts[i + 1]! > starts[i]!;
  const colPointers = new Int32Array(m + 1);
  for (let c = 0; c < m; c++) {
    let size = 0;
    for (let e = H.colPointers[free[c]!]!; e < H.colPointers[free[c]! + 1]!; e++) if (isFree(H.rowIndices[e]!)) size++;
    colPointers[c + 1] = colPointers[c]! + size;
  }
  const rowIndices = new Int32Array(colPointers[m]!);
  const from = new Int32Array(colPointers[m]!);
  for (let c = 0, k = 0; c < m; c++) {
    for (let e = H.colPointers[free[c]!]!; e < H.colPointers[free[c]! + 1]!; e++) {
      const i = H.rowIndices[e]!;
      if (!isFree(i)) continue;
      rowIndices[k] = columns[starts[i]!]!;
      from[k++] = e;
    }
  }
  return { colPointers, rowIndices, from, to: undefined, weight: new Float64Array() };
}

export function reduceValuesInto(
  out: Float64Array,
  { from, to, weight }: ReducedPattern,
  values: Float64Array,
): Float64Array {
  if (to === undefined) {
    for (let k = 0; k < from.length; k++) out[k] = values[from[k]!]!;
    return out;
  }
  out.fill(0);
  for (let k = 0; k < from.length; k++) out[to[k]!]! += weight[k]! * values[from[k]!]!;
  return out;
}
