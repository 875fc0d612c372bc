// The pattern of the assembled Hessian and where each contribution goes, made once from the index tables in linear time.

/** A growing list of (row, column) pairs of the lower triangle, in the order in which contributions will be numbered. */
export interface Contributions {
  readonly rows: Int32Array;
  readonly cols: Int32Array;
}

export interface Pattern {
  readonly colPointers: Int32Array;
  readonly rowIndices: Int32Array;
  /** The place in `rowIndices` (and in the values) of each contribution, in order. */
  readonly positions: Int32Array;
}

/**
 * Sorts the contributions by column and row with two stable counting sorts, joins equal ones, and puts every diagonal entry in.
 * O(n + contributions).
 */
export function makePattern(n: number, { rows, cols }: Contributions): Pattern {
  const count = rows.length;
  const total = count + n;
  const rowAt = (e: number) => (e < count ? rows[e]! : e - count);
  const colAt = (e: number) => (e < count ? cols[e]! : e - count);
  const byRow = countingSort(n, total, rowAt, (s) => s);
  const sorted = countingSort(
    n,
    total,
    (s) => colAt(byRow[s]!),
    (s) => byRow[s]!,
  );
  const positions = new Int32Array(count);
  const colPointers = new Int32Array(n + 1);
  const rowIndices = new Int32Array(total);
  let entry = -1;
  let lastRow = -1;
  let lastCol = -1;
  for (let s = 0; s < total; s++) {
    const e = sorted[s]!;
    const row = rowAt(e);
    const col = colAt(e);
    if (row !== lastRow || col !== lastCol) {
      entry++;
      rowIndices[entry] = row;
      colPointers[col + 1] = entry + 1;
      lastRow = row;
      lastCol = col;
    }
    if (e < count) positions[e] = entry;
  }
  return { colPointers, rowIndices: rowIndices.slice(0, entry + 1), positions };
}

/** The items 0 … total − 1, named by `item`, in stable ascending order of their keys in 0 … n − 1. */
function countingSort(n: number, total: number, key: (s: number) => number, item: (s: number) => number): Int32Array {
  const starts = new Int32Array(n + 1);
  for (let s = 0; s < total; s++) starts[key(s) + 1]!++;
  for (let k = 0; k < n; k++) starts[k + 1] = starts[k + 1]! + starts[k]!;
  const out = new Int32Array(total);
  for (let s = 0; s < total; s++) out[starts[key(s)]!++] = item(s);
  return out;
}
