// How the terms of a sum are divided among threads so that no two write to the same place and nothing depends on their number: by owners.
//
// Every variable belongs to one task, and a Hessian entry to the task of its column. A task goes through all terms, in order, that touch a variable
// of its own, and stores only what is its own: terms on the border of two tasks are computed by both. Terms 2k and 2k + 1 stay together, since the
// loops take them so. Each place then receives the same numbers in the same order as from one loop over all terms, to the bit.
// Variables are divided along a breadth-first order of the terms' graph, so that borders are short whatever the numbering (as in
// Cuthill, McKee 1969).

/** Some terms, ascending. */
export interface TermList {
  readonly length: number;
  /** Undefined where they are all. */
  readonly terms?: Int32Array;
}

export const termOf = ({ terms }: TermList, k: number): number => (terms === undefined ? k : terms[k]!);

/** Terms by task, ascending, and the task that each variable belongs to, where there are several. */
export interface TaskLists {
  readonly lists: readonly TermList[];
  readonly owner: Uint8Array;
}

/** Divides `count` terms of `arity` variables out of `size` into `tasks` lists of about the same length. 1 ≤ tasks ≤ 255. */
export function divideTerms(table: Int32Array, count: number, arity: number, size: number, tasks: number): TaskLists {
  if (tasks === 1 || arity === 0) return { lists: [{ length: count }], owner: new Uint8Array() };
  const owner = new Uint8Array(size);
  const { starts, terms } = termsOfVariables(table, count, arity, size);
  const order = breadthFirst(table, arity, size, starts, terms);
  let seen = 0;
  for (const v of order) {
    owner[v] = Math.min(tasks - 1, Math.floor((tasks * seen) / Math.max(1, terms.length)));
    seen += starts[v + 1]! - starts[v]!;
  }
  const lists = Array.from({ length: tasks }, (_, task) => {
    const list = new Int32Array(count);
    let length = 0;
    for (let t = 0; t < count; t += 2) {
      const next = Math.min(count, t + 2);
      let own = false;
      for (let p = t * arity; p < next * arity && !own; p++) own = owner[table[p]!] === task;
      if (own) for (let one = t; one < next; one++) list[length++] = one;
    }
    return { length, terms: list.slice(0, length) };
  });
  return { lists, owner };
}

/** The terms of variable v: terms[starts[v]] … */
function termsOfVariables(table: Int32Array, count: number, arity: number, size: number) {
  const starts = new Int32Array(size + 1);
  for (const v of table) starts[v + 1]!++;
  for (let v = 0; v < size; v++) starts[v + 1]! += starts[v]!;
  const next = starts.slice();
  const terms = new Int32Array(table.length);
  for (let t = 0, p = 0; t < count; t++) for (let j = 0; j < arity; j++, p++) terms[next[table[p]!]!++] = t;
  return { starts, terms };
}

/** All variables, each component breadth-first from its first. */
function breadthFirst(
  table: Int32Array,
  arity: number,
  size: number,
  starts: Int32Array,
  terms: Int32Array,
): Int32Array {
  const order = new Int32Array(size);
  const seen = new Uint8Array(size);
  let end = 0;
  for (let root = 0; root < size; root++) {
    if (seen[root] === 1) continue;
    seen[root] = 1;
    let k = end;
    order[end++] = root;
    for (; k < end; k++) {
      const v = order[k]!;
      for (let q = starts[v]!; q < starts[v + 1]!; q++) {
        const p = terms[q]! * arity;
        for (let j = 0; j < arity; j++) {
          const w = table[p + j]!;
          if (seen[w] === 1) continue;
          seen[w] = 1;
          order[end++] = w;
        }
      }
    }
  }
  return order;
}
