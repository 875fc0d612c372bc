// Sparse matrices put together entry by entry, and filled again with the pattern kept: the pattern is found once, the place of each entry with it.
import { describe, misuse, requireKnownOptions, requireNumber } from "../../errors.js";
import type { SparseMatrix, Vector } from "../matrix.js";
import { sparseFromTriplets, type TripletOptions } from "./csc.js";

/** A matrix in the making. */
export interface SparseBuilder {
  readonly rows: number;
  readonly cols: number;
  /** Entries added so far, duplicates counted. */
  readonly count: number;
  /**
   * Adds v to entry (i, j), zeros too: they become part of the pattern. Throws ArgumentError when an index is out of range or v isn't finite.
   */
  add(i: number, j: number, v: number): void;
  /** The sum of what has been added; the builder can go on. */
  build(): SparseMatrix;
  /** The same and, for {@link refillInto}, the place in its values of each entry, in the order in which they were added. */
  buildWithPlaces(): { readonly matrix: SparseMatrix; readonly places: Int32Array };
}

/**
 * A builder of a rows × cols matrix. With `symmetric`, entries above the diagonal stand for their mirror images: give each pair (i, j), (j, i) once.
 * @throws ArgumentError when a size isn't a whole number ≥ 0, or a symmetric matrix isn't square.
 */
export function sparseBuilder(rows: number, cols: number, options: TripletOptions = {}): SparseBuilder {
  const routine = "sparseBuilder";
  requireNumber(routine, "rows", rows, { atLeast: 0, integer: true });
  requireNumber(routine, "cols", cols, { atLeast: 0, integer: true });
  requireKnownOptions(routine, options, ["symmetric"]);
  const { symmetric = false } = options;
  if (symmetric && rows !== cols)
    misuse(routine, "rows, cols", `${rows}, ${cols}`, "a square matrix when `symmetric` is true");
  let count = 0;
  let i = new Int32Array(64);
  let j = new Int32Array(64);
  let v = new Float64Array(64);
  const build = () =>
    sparseFromTriplets(rows, cols, i.subarray(0, count), j.subarray(0, count), v.subarray(0, count), { symmetric });
  return {
    rows,
    cols,
    get count() {
      return count;
    },
    add(row, column, value) {
      requireIndex("add", "i", row, rows, "a row number");
      requireIndex("add", "j", column, cols, "a column number");
      if (!Number.isFinite(value)) misuse("add", "v", describe(value), "a finite number");
      if (count === v.length) {
        i = grown(i, new Int32Array(2 * count));
        j = grown(j, new Int32Array(2 * count));
        v = grown(v, new Float64Array(2 * count));
      }
      i[count] = row;
      j[count] = column;
      v[count++] = value;
    },
    build,
    buildWithPlaces() {
      const matrix = build();
      const places = new Int32Array(count);
      for (let k = 0; k < count; k++) {
        const swap = symmetric && i[k] < j[k];
        places[k] = placeOf(matrix, swap ? j[k] : i[k], swap ? i[k] : j[k]);
      }
      return { matrix, places };
    },
  };
}

function requireIndex(routine: string, argument: string, index: number, count: number, what: string): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  misuse(routine, argument, describe(index), `${what} from 0 to ${count - 1}`);
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Where entry (i, j) stands among the values; −1 where it isn't in the pattern. */
function placeOf({ colPointers, rowIndices }: SparseMatrix, i: number, j: number): number {
  let low = colPointers[j];
  let high = colPointers[j + 1] - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (rowIndices[middle] === i) return middle;
    if (rowIndices[middle] < i) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/**
 * Entry (i, j) of A; zero where none is stored. A symmetric matrix is taken as whole. O(log of the column's entries).
 * @throws ArgumentError when an index is out of range.
 */
export function sparseEntry(A: SparseMatrix, i: number, j: number): number {
  requireIndex("sparseEntry", "i", i, A.rows, "a row number");
  requireIndex("sparseEntry", "j", j, A.cols, "a column number");
  const place = A.symmetric && i < j ? placeOf(A, j, i) : placeOf(A, i, j);
  return place === -1 ? 0 : A.values[place];
}

/**
 * Overwrites the values of A: value v[k] is added at places[k], the rest is zero. The pattern stays, and with it what was made of it (an analysis,
 * say). Answers A.
 * @throws ArgumentError when the lists differ in length, a place isn't one, or a value isn't finite.
 */
export function refillInto(A: SparseMatrix, places: Int32Array, v: ArrayLike<number>): SparseMatrix {
  const values: Vector = A.values;
  if (v.length !== places.length) misuse("refillInto", "v", `of length ${v.length}`, `length ${places.length}`);
  values.fill(0);
  for (let k = 0; k < places.length; k++) {
    const place = places[k];
    if (!(place >= 0 && place < values.length))
      misuse("refillInto", `places[${k}]`, String(place), `a place from 0 to ${values.length - 1}`);
    if (!Number.isFinite(v[k])) misuse("refillInto", `v[${k}]`, describe(v[k]), "a finite number");
    values[place] += v[k];
  }
  return A;
}
