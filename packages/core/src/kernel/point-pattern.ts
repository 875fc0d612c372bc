// The pattern of a Hessian whose terms go over points of several variables each (a vertex and its coordinates): then it is made of blocks, a block a pair of points, and where an
// entry of a term goes needn't be stored. Column step·v + q holds, under the block on the diagonal, those of the points that v is joined with, in order, so that
//   place of entry (step·w + p, step·v + q), w > v  =  colPointers[step·v + q] + (rows of the own block) + rank · (rows of another block) + (row p among these)
// with the rank of w among the points under v: a byte (or two) a pair of a term's points stands for up to step² places of four bytes.
//
// It holds where all blocks beside the diagonal have entries at the same places, those on the diagonal have, and no term joins a point with itself. Elsewhere
// there is the general pattern (pattern.ts): the matrix is the same.
import type { Contributions } from "./pattern.js";
import type { IndexRows } from "./tables.js";

/** Terms over rows of points, and the entries (i, j), j ≤ i, of their lower Hessians that aren't zero. */
export interface PointRows {
  readonly indices: IndexRows;
  readonly entries: readonly (readonly [number, number])[];
}

/** Which entries blocks have: for each of their columns q the number, and for each (p, q), at q · step + p, the place in the column or −1. */
interface BlockShape {
  readonly counts: Int32Array;
  readonly places: Int32Array;
}

export interface PointShape {
  readonly step: number;
  /** On the diagonal (its lower half), and beside it (symmetric). */
  readonly own: BlockShape;
  readonly other: BlockShape;
  /** A byte, or two where some point is joined with more than 255 others behind it. */
  readonly rankBytes: 1 | 2;
  /** The pairs of a term's points (P, Q), Q < P, that have entries. */
  readonly pairs: readonly (readonly [number, number])[];
}

/** Where the entries of terms go. */
export interface PointMap {
  readonly shape: PointShape;
  readonly colPointers: Int32Array;
  /** The rank of pair k of term t. */
  rankOf(t: number, k: number): number;
  /** Writes the places of all entries of `count` terms from term t on. */
  placesInto(out: Int32Array, t: number, count: number): Int32Array;
  /** The places of all entries, made at the first call: what the general pattern has. */
  readonly all: () => Int32Array;
}

export interface PointPattern {
  readonly colPointers: Int32Array;
  readonly rowIndices: Int32Array;
  readonly positions: readonly PointMap[];
}

/** Entries of a block as bits of a number. */
const mostStep = 5;
/** Ranks are kept in 8 or 16 bits. */
const mostRank = 65_535;

/** The pattern of an n × n lower triangle with all of its diagonal; undefined where the lists aren't as described above. */
export function makePointPattern(
  n: number,
  lists: readonly Contributions[],
  borrow: <T>(length: number, use: (room: Int32Array) => T) => T = (length, use) => use(new Int32Array(length)),
): PointPattern | undefined {
  const step = lists[0]?.rows?.indices.step ?? 1;
  if (step < 2 || step > mostStep || n % step !== 0) return undefined;
  const sources: Source[] = [];
  let ownMask = 0;
  let otherMask = 0;
  for (const { rows } of lists) {
    if (rows === undefined || rows.indices.step !== step) return undefined;
    const source = masksOf(rows);
    for (const mask of source.own) ownMask |= mask;
    for (const { mask } of source.pairs) {
      if (otherMask !== 0 && mask !== otherMask) return undefined;
      otherMask = mask;
    }
    sources.push(source);
  }
  const own = shapeOf(ownMask, step);
  const other = shapeOf(otherMask, step);
  for (let p = 0; p < step; p++)
    for (let q = 0; q < p; q++)
      if (other.places[q * step + p]! < 0 !== other.places[p * step + q]! < 0) return undefined;

  const joins = sources.reduce((sum, { count, pairs }) => sum + count * pairs.length, 0);
  return borrow(4 * (n / step) + 1 + joins, (room) => assemble(n, room, sources, lists, { step, own, other, ownMask }));
}

interface Masks {
  readonly step: number;
  readonly own: BlockShape;
  readonly other: BlockShape;
  readonly ownMask: number;
}

/** @param room zeros: four integers a point and one, and one a pair of a term's points. */
function assemble(
  n: number,
  room: Int32Array,
  sources: readonly Source[],
  lists: readonly Contributions[],
  { step, own, other, ownMask }: Masks,
): PointPattern | undefined {
  const points = n / step;
  let used = 0;
  const take = (length: number) => room.subarray(used, (used += length));
  const starts = take(points + 1);
  const masks = take(points);
  const next = take(points);
  const joined = take(points);
  for (const source of sources) {
    const { table, arity, count, pairs } = source;
    for (let t = 0, at = 0; t < count; t++, at += arity) {
      for (let s = 0; s < arity; s++) masks[table[at + s]!]! |= source.own[s]!;
      for (const { P, Q } of pairs) {
        const a = table[at + P]!;
        const b = table[at + Q]!;
        if (a === b) return undefined;
        starts[Math.max(a, b) + 1]!++;
      }
    }
  }
  for (const mask of masks) if (mask !== 0 && mask !== ownMask) return undefined;
  for (let v = 0; v < points; v++) starts[v + 1]! += starts[v]!;
  const columns = take(starts[points]!);
  next.set(starts.subarray(0, points));
  for (const { table, arity, count, pairs } of sources) {
    for (let t = 0, at = 0; t < count; t++, at += arity) {
      for (const { P, Q } of pairs) {
        const a = table[at + P]!;
        const b = table[at + Q]!;
        if (a > b) columns[next[a]!++] = b;
        else columns[next[b]!++] = a;
      }
    }
  }
  // Rows in order meet those of each column in order.
  const last = next.fill(-1);
  for (let w = 0, s = 0; w < points; w++) {
    for (const end = starts[w + 1]!; s < end; s++) {
      const v = columns[s]!;
      if (last[v] === w) continue;
      last[v] = w;
      joined[v]!++;
    }
  }
  let longest = 0;
  for (const size of joined) longest = Math.max(longest, size);
  if (longest > mostRank) return undefined;
  const colPointers = new Int32Array(n + 1);
  for (let v = 0, c = 0; v < points; v++)
    for (let q = 0; q < step; q++, c++) {
      const size = masks[v] === 0 ? 1 : own.counts[q]! + joined[v]! * other.counts[q]!;
      colPointers[c + 1] = colPointers[c]! + size;
    }
  const rowIndices = new Int32Array(colPointers[n]!);
  for (let v = 0; v < points; v++)
    for (let q = 0; q < step; q++)
      for (let p = q; p < step; p++) {
        const place = masks[v] === 0 ? (p === q ? 0 : -1) : own.places[q * step + p]!;
        if (place >= 0) rowIndices[colPointers[v * step + q]! + place] = v * step + p;
      }
  joined.fill(0);
  last.fill(-1);
  for (let w = 0, s = 0; w < points; w++) {
    for (const end = starts[w + 1]!; s < end; s++) {
      const v = columns[s]!;
      if (last[v] === w) continue;
      last[v] = w;
      const rank = joined[v]!++;
      for (let q = 0; q < step; q++) {
        const at = colPointers[v * step + q]! + own.counts[q]! + rank * other.counts[q]!;
        for (let p = 0; p < step; p++) {
          const place = other.places[q * step + p]!;
          if (place >= 0) rowIndices[at + place] = w * step + p;
        }
      }
    }
  }
  const positions = sources.map((source, l) => {
    const pairs = source.pairs.map(({ P, Q }) => [P, Q] as const);
    return pointMap(
      source,
      lists[l]!.rows!.entries,
      { step, own, other, pairs, rankBytes: longest > 255 ? 2 : 1 },
      colPointers,
      rowIndices,
    );
  });
  return { colPointers, rowIndices, positions };
}

interface Source {
  readonly table: Int32Array;
  readonly arity: number;
  readonly count: number;
  /** The entries of each point's own block, the diagonal always. */
  readonly own: readonly number[];
  readonly pairs: readonly { readonly P: number; readonly Q: number; readonly mask: number }[];
}

function masksOf({ indices: { table, width, count, step }, entries }: PointRows): Source {
  const arity = width / step;
  let diagonal = 0;
  for (let p = 0; p < step; p++) diagonal |= 1 << (p * step + p);
  const own = new Array<number>(arity).fill(diagonal);
  const pairs = new Map<number, { readonly P: number; readonly Q: number; mask: number }>();
  for (const [i, j] of entries) {
    const [P, Q] = [Math.floor(i / step), Math.floor(j / step)];
    const bit = 1 << ((j % step) * step + (i % step));
    if (P === Q) own[P]! |= bit;
    else {
      const pair = pairs.get(P * arity + Q);
      if (pair === undefined) pairs.set(P * arity + Q, { P, Q, mask: bit });
      else pair.mask |= bit;
    }
  }
  return { table, arity, count, own, pairs: [...pairs.values()] };
}

function shapeOf(mask: number, step: number): BlockShape {
  const counts = new Int32Array(step);
  const places = new Int32Array(step * step).fill(-1);
  for (let q = 0; q < step; q++)
    for (let p = 0; p < step; p++) if ((mask >> (q * step + p)) & 1) places[q * step + p] = counts[q]!++;
  return { counts, places };
}

function pointMap(
  { table, arity, count }: Source,
  entries: PointRows["entries"],
  shape: PointShape,
  colPointers: Int32Array,
  rowIndices: Int32Array,
): PointMap {
  const { step, own, other, pairs } = shape;
  const q0 = other.counts.findIndex((size) => size > 0);
  const p0 = other.places.subarray(q0 * step, (q0 + 1) * step).indexOf(0);
  const rankOf = (t: number, k: number): number => {
    const [P, Q] = pairs[k]!;
    const a = table[t * arity + P]!;
    const b = table[t * arity + Q]!;
    const column = Math.min(a, b) * step + q0;
    const row = Math.max(a, b) * step + p0;
    const size = other.counts[q0]!;
    const first = colPointers[column]! + own.counts[q0]!;
    let low = 0;
    let high = (colPointers[column + 1]! - first) / size - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rowIndices[first + middle * size]! < row) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  // Columns of a term's pairs and, behind them, of its points; of each entry the pair, and for both orders of its points the column and the place there.
  const K = pairs.length;
  const E = entries.length;
  const columns = new Int32Array((K + arity) * step);
  const turned = new Uint8Array(K + 1);
  const pairOf = new Int32Array(E).fill(K);
  const columnOf = new Int32Array(2 * E);
  const placeOf = new Int32Array(2 * E);
  for (const [e, [i, j]] of entries.entries()) {
    const [p, q] = [i % step, j % step];
    const [P, Q] = [(i - p) / step, (j - q) / step];
    const k = pairs.findIndex(([a, b]) => a === P && b === Q);
    for (const [order, row, column] of [
      [0, p, q],
      [1, q, p],
    ] as const) {
      columnOf[2 * e + order] = (k < 0 ? K + P : k) * step + column;
      placeOf[2 * e + order] = (k < 0 ? own : other).places[column * step + row]!;
    }
    if (k >= 0) pairOf[e] = k;
  }
  const first = Int32Array.from(pairs, ([P]) => P);
  const second = Int32Array.from(pairs, ([, Q]) => Q);
  let ranks: Uint16Array | undefined;
  const placesInto = (out: Int32Array, from: number, size: number): Int32Array => {
    if (ranks === undefined) {
      ranks = new Uint16Array(count * K);
      for (let t = 0, r = 0; t < count; t++) for (let k = 0; k < K; k++, r++) ranks[r] = rankOf(t, k);
    }
    for (let t = from, at = from * arity, r = from * K, to = 0; t < from + size; t++, at += arity) {
      for (let k = 0, c = 0; k < K; k++, r++) {
        const a = table[at + first[k]!]!;
        const b = table[at + second[k]!]!;
        turned[k] = a < b ? 1 : 0;
        const begin = Math.min(a, b) * step;
        const rank = ranks[r]!;
        for (let q = 0; q < step; q++, c++)
          columns[c] = colPointers[begin + q]! + own.counts[q]! + rank * other.counts[q]!;
      }
      for (let P = 0, c = K * step; P < arity; P++) {
        const begin = table[at + P]! * step;
        for (let q = 0; q < step; q++, c++) columns[c] = colPointers[begin + q]!;
      }
      for (let e = 0, s = 0; e < E; e++, s += 2, to++) {
        const which = s + turned[pairOf[e]!]!;
        out[to] = columns[columnOf[which]!]! + placeOf[which]!;
      }
    }
    return out;
  };
  let everything: Int32Array | undefined;
  return {
    shape,
    colPointers,
    rankOf,
    placesInto,
    all: () => (everything ??= placesInto(new Int32Array(count * E), 0, count)),
  };
}
