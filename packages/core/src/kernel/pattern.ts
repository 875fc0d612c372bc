// The pattern of a sparse matrix assembled from many small contributions, and where each contribution goes.

import type { PointMap, PointRows } from "./point-pattern.js";

/** A list of (row, column) pairs, in the order in which its contributions are numbered. `scan` is called three times. */
export interface Contributions {
  readonly count: number;
  scan(emit: (row: number, col: number) => void): void;
  /** The terms that they are of, where these go over points: see point-pattern.ts. */
  readonly rows?: PointRows;
}

/** Where each contribution of a list goes: the place in the values, or how to find it. */
export type Places = Int32Array | PointMap;

export interface Pattern {
  readonly colPointers: Int32Array;
  /** The rows of each column, ascending and without repetition. */
  readonly rowIndices: Int32Array;
  /** For each list, the place in `rowIndices` (and in the values) of each of its contributions. */
  readonly positions: readonly Int32Array[];
}

/**
 * The pattern of a rows × cols matrix in compressed columns. One counting sort by row; going through the rows in order then meets
 * the rows of every column in ascending order, so that equal pairs stand behind each other in their column. The places of contributions are then
 * looked up. O(rows + cols + contributions · log(rows of a column)); besides the pattern it needs one integer a contribution, which the places then take.
 *
 * @param diagonal put every diagonal entry in: for a square lower triangle, where it comes first in its column.
 */
export function makePattern(rows: number, cols: number, lists: readonly Contributions[], diagonal: boolean): Pattern {
  const total = lists.reduce((sum, { count }) => sum + count, 0);
  const starts = new Int32Array(rows + 1);
  for (const list of lists) {
    list.scan((row) => {
      starts[row + 1]!++;
    });
  }
  for (let r = 0; r < rows; r++) starts[r + 1] = starts[r + 1]! + starts[r]!;
  const all = new Int32Array(total);
  const next = starts.slice();
  for (const list of lists) {
    list.scan((row, col) => {
      all[next[row]!++] = col;
    });
  }
  const lastRow = new Int32Array(cols);
  /** Each entry once, by rows. */
  const visit = (meet: (row: number, col: number) => void) => {
    for (let c = 0; c < cols; c++) lastRow[c] = diagonal ? c : -1;
    for (let r = 0, s = 0; r < rows; r++) {
      for (const end = starts[r + 1]!; s < end; s++) {
        const c = all[s]!;
        if (lastRow[c] === r) continue;
        lastRow[c] = r;
        meet(r, c);
      }
    }
  };
  const colPointers = new Int32Array(cols + 1);
  for (let c = 0; c < cols; c++) colPointers[c + 1] = diagonal ? 1 : 0;
  visit((_row, col) => {
    colPointers[col + 1]!++;
  });
  for (let c = 0; c < cols; c++) colPointers[c + 1]! += colPointers[c]!;
  const rowIndices = new Int32Array(colPointers[cols]!);
  const to = colPointers.slice();
  if (diagonal) for (let c = 0; c < cols; c++) rowIndices[to[c]!++] = c;
  visit((row, col) => {
    rowIndices[to[col]!++] = row;
  });
  let e = 0;
  for (const list of lists) {
    list.scan((row, col) => {
      let low = colPointers[col]!;
      let high = colPointers[col + 1]! - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (rowIndices[middle]! < row) low = middle + 1;
        else high = middle;
      }
      all[e++] = low;
    });
  }
  let at = 0;
  const positions = lists.map(({ count }) => all.subarray(at, (at += count)));
  return { colPointers, rowIndices, positions };
}
