// The pattern of a sparse matrix assembled from many small contributions, and where each contribution goes.

/** A list of (row, column) pairs, in the order in which its contributions are numbered. `scan` is called twice. */
export interface Contributions {
  readonly count: number;
  scan(emit: (row: number, col: number) => void): void;
}

export interface Pattern {
  readonly colPointers: Int32Array;
  /** The rows of each column, ascending and without repetition. */
  readonly rowIndices: Int32Array;
  /** For each list, the place in `rowIndices` (and in the values) of each of its contributions. */
  readonly positions: readonly Int32Array[];
}

/**
 * The pattern of a rows × cols matrix in compressed columns. One counting sort by row; going through the rows in order then meets
 * the rows of every column in ascending order, so that equal pairs stand behind each other in their column.
 * O(rows + cols + contributions); besides the result it needs two integers a contribution.
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
  const colOf = new Int32Array(total);
  const entryOf = new Int32Array(total);
  const all = new Int32Array(total);
  let e = 0;
  const next = starts.slice();
  for (const list of lists) {
    list.scan((row, col) => {
      const s = next[row]!++;
      colOf[s] = col;
      entryOf[s] = e++;
    });
  }
  // The rank of each entry within its column.
  const size = new Int32Array(cols).fill(diagonal ? 1 : 0);
  const lastRow = new Int32Array(cols).fill(-1);
  if (diagonal) for (let c = 0; c < cols; c++) lastRow[c] = c;
  for (let r = 0, s = 0; r < rows; r++) {
    for (const end = starts[r + 1]!; s < end; s++) {
      const c = colOf[s]!;
      if (lastRow[c] !== r) {
        lastRow[c] = r;
        size[c]!++;
      }
      all[entryOf[s]!] = size[c]! - 1;
    }
  }
  const colPointers = new Int32Array(cols + 1);
  for (let c = 0; c < cols; c++) colPointers[c + 1] = colPointers[c]! + size[c]!;
  const rowIndices = new Int32Array(colPointers[cols]!);
  if (diagonal) for (let c = 0; c < cols; c++) rowIndices[colPointers[c]!] = c;
  for (let r = 0, s = 0; r < rows; r++) {
    for (const end = starts[r + 1]!; s < end; s++) {
      const place = colPointers[colOf[s]!]! + all[entryOf[s]!]!;
      all[entryOf[s]!] = place;
      rowIndices[place] = r;
    }
  }
  let at = 0;
  const positions = lists.map(({ count }) => all.subarray(at, (at += count)));
  return { colPointers, rowIndices, positions };
}
