// The tables of a block of terms in the memory of their sum, in the form that the emitted loops read (emit-wasm.ts): positions as byte offsets, data by
// pairs of terms, one piece a task.

import { Description, descriptionBytes } from "./emit-wasm.js";
import type { PointMap } from "./point-pattern.js";
import type { Arrays, Program } from "./program.js";
import { type Home, type TableSet, take } from "./term-home.js";
import { divideTerms, type TermList, termOf } from "./term-tasks.js";

export function setOf(home: Home, program: Program, { index, x }: Arrays, count: number, tasks: number): TableSet {
  let set = home.sets.get(index);
  if (set === undefined) {
    const { arity, step = 1 } = program;
    const divide = (among: number) => divideTerms(index, count, arity / step, Math.ceil(x.length / step), among);
    const serial = divide(1);
    set = { count, serial, parallel: tasks === 1 ? serial : divide(tasks), tables: new Map() };
    home.sets.set(index, set);
  }
  return set;
}

/** Puts the tables in place that the program reads, and the words that say where; answers the address of these. */
export function describe(
  home: Home,
  set: TableSet,
  program: Program,
  arrays: Arrays,
  alone: boolean,
  perTerm: boolean,
): number {
  const { width, entries, results, step = 1 } = program;
  const arity = program.arity / step;
  const { index, data, resident, pointData, residentPoints, map, points, group, place } = arrays;
  const { lists, owner } = alone ? set.serial : set.parallel;
  const mode = alone ? "serial" : "parallel";
  const one = lists.length === 1;
  const table = (
    name: string,
    from: Int32Array | undefined,
    columns: number,
    end: number,
    own?: (task: number, p: number) => boolean,
    bytes = 8,
  ) =>
    placed(home, set, `${mode} ${name}`, from, lists, 4 * columns, (task, at) => {
      const list = lists[task]!;
      let to = at / 4;
      for (let k = 0; k < list.length; k++) {
        const t = termOf(list, k);
        for (let p = t * columns; p < (t + 1) * columns; p++)
          home.ints[to++] = own === undefined || own(task, p) ? bytes * (from === undefined ? p : from[p]!) : 8 * end;
      }
      if (list.length % 2 === 1) home.ints.fill(8 * end, to, to + columns);
    });
  const end = arrays.x.length;
  const gathered = table("index", index, arity, end, undefined, 8 * step);
  const ownPoint = (task: number, p: number) => owner[index[p]!] === task;
  const scattered = one ? gathered : table("scatter", index, arity, end, ownPoint, 8 * step);
  const zeros = lists.map(() => 0);
  const pairs: (readonly [number, number])[] = [];
  for (const { variables, slot } of results)
    if (variables !== undefined) pairs[slot] = [Math.floor(variables[0] / step), Math.floor(variables[1] / step)];
  const ownEntry = (task: number, p: number) => {
    const t = Math.floor(p / entries);
    return ownPair(task, t, pairs[p - t * entries]!);
  };
  const ownPair = (task: number, t: number, [P, Q]: readonly [number, number]) =>
    one || owner[Math.min(index[t * arity + P]!, index[t * arity + Q]!)] === task;
  const words: Record<keyof typeof Description, readonly number[]> = {
    count: lists.map((list) => list.length),
    index: gathered,
    scatter: scattered,
    data:
      width === 0 || program.rows
        ? zeros
        : resident !== undefined
          ? [resident.at]
          : dataTable(home, set, mode, data, width, lists),
    map:
      points !== undefined || !results.some(({ to }) => to === "entry")
        ? zeros
        : table("map", map, entries, arrays.h.length, one ? undefined : ownEntry),
    group: group.length === 0 ? zeros : table("group", group, 1, Math.max(arrays.s.length, arrays.w0.length)),
    place: results.some(({ to }) => to === "local")
      ? table("place", place, arity, arrays.u.length, one ? undefined : ownPoint)
      : zeros,
    terms: perTerm ? table("terms", undefined, 1, set.count) : zeros,
    ranks: points === undefined ? zeros : rankTable(home, set, mode, points, lists, ownPair),
    pointData: lists.map(() =>
      program.pointWidth ? (residentPoints?.at ?? pointTable(home, program, pointData!)) : 0,
    ),
    columns: points === undefined ? zeros : lists.map(() => columnTable(home, points, arrays.h.length)),
  };
  const at = take(home, descriptionBytes * lists.length);
  for (const [name, word] of Object.entries(Description))
    for (let task = 0; task < lists.length; task++)
      home.ints[(at + descriptionBytes * task) / 4 + word] = words[name as keyof typeof Description][task]!;
  return at;
}

/** Bytes a row of each table, by the words that describe them. */
export function rowBytesOf({ arity, step = 1, width, entries, shape, rows }: Program): readonly number[] {
  const points = (4 * arity) / step;
  const bytes: Record<keyof typeof Description, number> = {
    count: 0,
    index: points,
    scatter: points,
    data: rows ? 0 : 8 * width,
    map: 4 * entries,
    group: 4,
    place: 4 * arity,
    terms: 4,
    ranks: shape === undefined ? 0 : shape.rankBytes * shape.pairs.length,
    columns: 0,
    pointData: 0,
  };
  const byWord: number[] = [];
  for (const [name, word] of Object.entries(Description)) byWord[word] = bytes[name as keyof typeof Description];
  return byWord;
}

/** Describes `count` terms from `first` on of a list that holds all of them in order; answers the address of the words, which is `to`. */
export function narrow(
  { ints }: Home,
  from: number,
  to: number,
  rowBytes: readonly number[],
  first: number,
  count: number,
): number {
  for (let word = 0; word < rowBytes.length; word++)
    ints[to / 4 + word] = ints[from / 4 + word]! + first * rowBytes[word]!;
  ints[to / 4 + Description.count] = count;
  return to;
}

/** The pieces of a table by task, written if they aren't there or come from another array. */
function placed(
  home: Home,
  set: TableSet,
  key: string,
  from: unknown,
  lists: readonly TermList[],
  rowBytes: number,
  write: (task: number, at: number) => void,
): readonly number[] {
  let table = set.tables.get(key);
  if (table === undefined) {
    const at = lists.map((list) => take(home, rowBytes * (list.length + (list.length % 2))));
    // From nothing that tables come from.
    table = { from: lists, at };
    set.tables.set(key, table);
  }
  if (table.from !== from) {
    for (const [task, at] of table.at.entries()) write(task, at);
    table.from = from;
  }
  return table.at;
}

/** Data by pairs of terms, so that one load brings a number of both. */
function dataTable(
  home: Home,
  set: TableSet,
  mode: string,
  data: Float64Array,
  width: number,
  lists: readonly TermList[],
): readonly number[] {
  return placed(home, set, `${mode} data`, data, lists, 8 * width, (task, at) => {
    const list = lists[task]!;
    for (let k = 0; k < list.length; k++) {
      const to = at / 8 + (k >> 1) * 2 * width + (k & 1);
      const from = termOf(list, k) * width;
      for (let j = 0; j < width; j++) home.floats[to + 2 * j] = data[from + j]!;
    }
  });
}

/** The ranks of pairs of points; 0 where another list stores the entries. */
function rankTable(
  home: Home,
  set: TableSet,
  mode: string,
  points: PointMap,
  lists: readonly TermList[],
  own: (task: number, t: number, pair: readonly [number, number]) => boolean,
): readonly number[] {
  const { pairs, rankBytes } = points.shape;
  const ranks = rankBytes === 1 ? home.chars : home.shorts;
  return placed(home, set, `${mode} ranks ${rankBytes}`, points, lists, rankBytes * pairs.length, (task, at) => {
    let to = at / rankBytes;
    const list = lists[task]!;
    for (let i = 0; i < list.length; i++) {
      const t = termOf(list, i);
      for (let k = 0; k < pairs.length; k++) ranks[to++] = own(task, t, pairs[k]!) ? points.rankOf(t, k) : 0;
    }
    if (list.length % 2 === 1) ranks.fill(0, to, to + pairs.length);
  });
}

/** Rows by point of a table that isn't in this memory, and room for two more. */
function pointTable(home: Home, { pointWidth = 0 }: Program, table: Float64Array): number {
  let at = home.columns.get(table);
  if (at === undefined) {
    at = take(home, 8 * (table.length + 2 * pointWidth));
    home.floats.set(table, at / 8);
    home.columns.set(table, at);
  }
  return at;
}

/** Where columns begin, as byte offsets; behind them those of a point that nobody reads. */
function columnTable(home: Home, { colPointers, shape }: PointMap, end: number): number {
  let at = home.columns.get(colPointers);
  if (at === undefined) {
    const n = colPointers.length - 1;
    at = take(home, 4 * (n + shape.step));
    for (let c = 0; c < n; c++) home.ints[at / 4 + c] = 8 * colPointers[c]!;
    home.ints.fill(8 * end, at / 4 + n, at / 4 + n + shape.step);
    home.columns.set(colPointers, at);
  }
  return at;
}
