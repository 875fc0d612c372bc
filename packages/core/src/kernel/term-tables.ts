// The tables of a block of terms in the memory of their sum, in the form that the emitted loops read (emit-wasm.ts): positions as byte offsets, data by
// pairs of terms, one piece a task.
import { Description, descriptionBytes } from "./emit-wasm.js";
import type { Arrays, Program } from "./program.js";
import { type Home, type TableSet, take } from "./term-home.js";
import { divideTerms } from "./term-tasks.js";

export function setOf(
  home: Home,
  index: Int32Array,
  count: number,
  arity: number,
  size: number,
  tasks: number,
): TableSet {
  let set = home.sets.get(index);
  if (set === undefined) {
    const serial = divideTerms(index, count, arity, size, 1);
    set = {
      count,
      serial,
      parallel: tasks === 1 ? serial : divideTerms(index, count, arity, size, tasks),
      tables: new Map(),
    };
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
  const { arity, width, entries, results } = program;
  const { index, data, map, group, place } = arrays;
  const { lists, owner } = alone ? set.serial : set.parallel;
  const mode = alone ? "serial" : "parallel";
  const one = lists.length === 1;
  const table = (
    name: string,
    from: Int32Array,
    columns: number,
    end: number,
    own?: (task: number, p: number) => boolean,
  ) =>
    placed(home, set, `${mode} ${name}`, from, lists, 4 * columns, (task, at) => {
      const list = lists[task]!;
      let to = at / 4;
      for (const t of list) {
        for (let p = t * columns; p < (t + 1) * columns; p++)
          home.ints[to++] = own === undefined || own(task, p) ? 8 * from[p]! : 8 * end;
      }
      if (list.length % 2 === 1) home.ints.fill(8 * end, to, to + columns);
    });
  const end = arrays.x.length;
  const gathered = table("index", index, arity, end);
  const ownVariable = (task: number, p: number) => owner[index[p]!] === task;
  const scattered = one ? gathered : table("scatter", index, arity, end, ownVariable);
  const zeros = lists.map(() => 0);
  const pairs: (readonly [number, number])[] = [];
  for (const { variables, slot } of results) if (variables !== undefined) pairs[slot] = variables;
  const ownEntry = (task: number, p: number) => {
    const t = Math.floor(p / entries);
    const [i, j] = pairs[p - t * entries]!;
    return owner[Math.min(index[t * arity + i]!, index[t * arity + j]!)] === task;
  };
  const words: Record<keyof typeof Description, readonly number[]> = {
    count: lists.map((list) => list.length),
    index: gathered,
    scatter: scattered,
    data: width === 0 ? zeros : dataTable(home, set, mode, data, width, lists),
    map: !results.some(({ to }) => to === "entry")
      ? zeros
      : table("map", map, entries, arrays.h.length, one ? undefined : ownEntry),
    group: group.length === 0 ? zeros : table("group", group, 1, Math.max(arrays.s.length, arrays.w0.length)),
    place: results.some(({ to }) => to === "local")
      ? table("place", place, arity, arrays.u.length, one ? undefined : ownVariable)
      : zeros,
    terms: perTerm ? table("terms", set.serial.lists[0]!, 1, set.count) : zeros,
  };
  const at = take(home, descriptionBytes * lists.length);
  for (const [name, word] of Object.entries(Description))
    for (let task = 0; task < lists.length; task++)
      home.ints[(at + descriptionBytes * task) / 4 + word] = words[name as keyof typeof Description][task]!;
  return at;
}

/** The pieces of a table by task, written if they aren't there or come from another array. */
function placed(
  home: Home,
  set: TableSet,
  key: string,
  from: unknown,
  lists: readonly Int32Array[],
  rowBytes: number,
  write: (task: number, at: number) => void,
): readonly number[] {
  let table = set.tables.get(key);
  if (table === undefined) {
    const at = lists.map((list) => take(home, rowBytes * (list.length + (list.length % 2))));
    table = { from: undefined, at };
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
  lists: readonly Int32Array[],
): readonly number[] {
  return placed(home, set, `${mode} data`, data, lists, 8 * width, (task, at) => {
    const list = lists[task]!;
    for (let k = 0; k < list.length; k++) {
      const to = at / 8 + (k >> 1) * 2 * width + (k & 1);
      const from = list[k]! * width;
      for (let j = 0; j < width; j++) home.floats[to + 2 * j] = data[from + j]!;
    }
  });
}
