// The expression graph: an arena of nodes, each made once (hash-consing, Ershov 1958; Filliâtre & Conchon 2006), so that
// equal subexpressions of value, gradient and Hessian are one node and are computed once.
// Operands come before their node, so the order of the ids is a topological order. Plain data, operated on by free functions.
import { evaluateOp, isPartial, Op, operandCounts, opNames } from "./ops.js";

/** An arena of nodes. Node i is operation `op[i]` of the nodes `a[i]`, `b[i]`, `c[i]` (−1 where there is no operand). */
export interface Graph {
  size: number;
  op: Uint8Array;
  /** First operand; for an input its slot. */
  a: Int32Array;
  b: Int32Array;
  c: Int32Array;
  /** The value of a constant; 0 else. */
  value: Float64Array;
  /** 1 when finite inputs give a finite value unless it overflows: no pole, no domain error below. */
  total: Uint8Array;
  /** Open-addressing hash table of node ids, −1 where free; its length is a power of two. */
  table: Int32Array;
  readonly constants: Map<number, number>;
}

/** An empty graph. */
export function newGraph(): Graph {
  const room = 256;
  return {
    size: 0,
    op: new Uint8Array(room),
    a: new Int32Array(room),
    b: new Int32Array(room),
    c: new Int32Array(room),
    value: new Float64Array(room),
    total: new Uint8Array(room),
    table: new Int32Array(4 * room).fill(-1),
    constants: new Map(),
  };
}

/** The node of a constant. −0 is taken as 0. */
export function constantNode(graph: Graph, value: number): number {
  const key = value === 0 ? 0 : value;
  let id = graph.constants.get(key);
  if (id === undefined) {
    id = append(graph, Op.constant, -1, -1, -1);
    graph.value[id] = key;
    graph.total[id] = Number.isFinite(key) ? 1 : 0;
    graph.constants.set(key, id);
  }
  return id;
}

/** The node of an input: `op` is x, data, direction or weight. */
export function inputNode(graph: Graph, op: number, slot: number): number {
  return intern(graph, op, slot, -1, -1);
}

/** The node op(a, b, c) as it stands: found, or made. No algebra: see `build` for that. */
export function intern(graph: Graph, op: number, a: number, b: number, c: number): number {
  const slot = probe(graph, op, a, b, c);
  if (graph.table[slot]! >= 0) return graph.table[slot]!;
  const id = append(graph, op, a, b, c);
  graph.table[slot] = id;
  if (2 * graph.size > graph.table.length) rehash(graph);
  return id;
}

/** The id of op(a, b, c), or −1 when there is no such node. */
export const find = (graph: Graph, op: number, a: number, b: number, c: number): number =>
  graph.table[probe(graph, op, a, b, c)]!;

/** Where op(a, b, c) stands in the hash table, or the free place where it would. */
function probe(graph: Graph, op: number, a: number, b: number, c: number): number {
  const { table } = graph;
  const mask = table.length - 1;
  let h = hash(op, a, b, c) & mask;
  for (let id = table[h]!; id >= 0; id = table[h]!) {
    if (graph.op[id] === op && graph.a[id] === a && graph.b[id] === b && graph.c[id] === c) return h;
    h = (h + 1) & mask;
  }
  return h;
}

export function isConstant(graph: Graph, id: number): boolean {
  return graph.op[id] === Op.constant;
}

/** Whether the node is the constant `value`. */
export function isValue(graph: Graph, id: number, value: number): boolean {
  return graph.op[id] === Op.constant && graph.value[id] === value;
}

/** Operand 0, 1 or 2 of a node. */
export function operand(graph: Graph, id: number, which: number): number {
  return which === 0 ? graph.a[id] : which === 1 ? graph.b[id] : graph.c[id];
}

/** Marks (1) the nodes that the roots need, themselves included. */
export function reachable(graph: Graph, roots: ArrayLike<number>): Uint8Array {
  const marks = new Uint8Array(graph.size);
  let top = -1;
  for (let i = 0; i < roots.length; i++) {
    marks[roots[i]] = 1;
    if (roots[i] > top) top = roots[i];
  }
  for (let id = top; id >= 0; id--) {
    if (marks[id] === 0) continue;
    const count = operandCounts[graph.op[id]];
    for (let k = 0; k < count; k++) marks[operand(graph, id, k)] = 1;
  }
  return marks;
}

/** Marks (1) the nodes below `limit` that depend on one of the given nodes, these included. */
export function dependent(graph: Graph, on: ArrayLike<number>, limit = graph.size): Uint8Array {
  const marks = new Uint8Array(limit);
  for (let i = 0; i < on.length; i++) if (on[i] < limit) marks[on[i]] = 1;
  for (let id = 0; id < limit; id++) {
    const count = operandCounts[graph.op[id]];
    for (let k = 0; k < count; k++) if (marks[operand(graph, id, k)] === 1) marks[id] = 1;
  }
  return marks;
}

/** The number of arithmetic operations and function calls that the roots need together. */
export function countOperations(graph: Graph, roots: ArrayLike<number>): number {
  return weighOperations(graph, roots, () => 1);
}

/** As {@link countOperations}, each operation with its weight. */
export function weighOperations(graph: Graph, roots: ArrayLike<number>, weight: (op: number) => number): number {
  const marks = reachable(graph, roots);
  let total = 0;
  for (let id = 0; id < graph.size; id++)
    if (marks[id] === 1 && graph.op[id] > Op.weight) total += weight(graph.op[id]);
  return total;
}

/** The values of the nodes marked in `needed` for one term, 0 elsewhere. For diagnosis, not for speed. */
export function evaluateNodes(
  graph: Graph,
  inputs: { readonly x: ArrayLike<number>; readonly data: ArrayLike<number>; readonly direction?: ArrayLike<number> },
  needed: Uint8Array,
): Float64Array {
  const values = new Float64Array(needed.length);
  for (let id = 0; id < needed.length; id++) {
    if (needed[id] === 0) continue;
    const op = graph.op[id];
    const a = graph.a[id];
    if (op === Op.constant) values[id] = graph.value[id];
    else if (op === Op.x) values[id] = inputs.x[a];
    else if (op === Op.data) values[id] = inputs.data[a];
    else if (op === Op.direction) values[id] = inputs.direction?.[a] ?? Number.NaN;
    else if (op === Op.weight) values[id] = 1;
    else values[id] = evaluateOp(op, values[a], values[graph.b[id]], values[graph.c[id]]);
  }
  return values;
}

const infix: Readonly<Record<number, string>> = {
  [Op.add]: "+",
  [Op.sub]: "-",
  [Op.mul]: "*",
  [Op.div]: "/",
  [Op.lt]: "<",
  [Op.le]: "<=",
};

/** A node as text for an error or a log, at most about `limit` characters. */
export function formatNode(graph: Graph, id: number, limit = 120): string {
  let room = limit;
  function write(at: number): string {
    const op = graph.op[at];
    if (op === Op.constant) return String(graph.value[at]);
    if (op <= Op.weight) return `${{ 1: "x", 2: "d", 3: "v", 4: "w" }[op as 1]}[${graph.a[at]}]`;
    room -= 4;
    if (room < 0) return "…";
    if (op === Op.neg) return `-${write(graph.a[at])}`;
    const parts: string[] = [];
    for (let k = 0; k < operandCounts[op]; k++) parts.push(write(operand(graph, at, k)));
    const sign = infix[op];
    return sign === undefined ? `${opNames[op]}(${parts.join(", ")})` : `(${parts.join(` ${sign} `)})`;
  }
  return write(id);
}

function append(graph: Graph, op: number, a: number, b: number, c: number): number {
  if (graph.size === graph.op.length) grow(graph);
  const id = graph.size++;
  graph.op[id] = op;
  graph.a[id] = a;
  graph.b[id] = b;
  graph.c[id] = c;
  let total = isPartial(op) ? 0 : 1;
  const count = operandCounts[op];
  // A condition that is false on NaN is harmless: of a selection only the branches count.
  for (let k = op === Op.select ? 1 : 0; k < count; k++) if (graph.total[operand(graph, id, k)] === 0) total = 0;
  graph.total[id] = total;
  return id;
}

function grow(graph: Graph): void {
  const room = 2 * graph.op.length;
  const moved = <A extends Uint8Array | Int32Array | Float64Array>(to: A, from: A): A => {
    to.set(from);
    return to;
  };
  graph.op = moved(new Uint8Array(room), graph.op);
  graph.a = moved(new Int32Array(room), graph.a);
  graph.b = moved(new Int32Array(room), graph.b);
  graph.c = moved(new Int32Array(room), graph.c);
  graph.value = moved(new Float64Array(room), graph.value);
  graph.total = moved(new Uint8Array(room), graph.total);
}

function rehash(graph: Graph): void {
  const table = new Int32Array(2 * graph.table.length).fill(-1);
  const mask = table.length - 1;
  for (const id of graph.table) {
    if (id < 0) continue;
    let h = hash(graph.op[id], graph.a[id], graph.b[id], graph.c[id]) & mask;
    while (table[h] >= 0) h = (h + 1) & mask;
    table[h] = id;
  }
  graph.table = table;
}

function hash(op: number, a: number, b: number, c: number): number {
  let h = Math.imul(op + 1, 0x9e3779b1) ^ Math.imul(a + 2, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35) ^ Math.imul(b + 2, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 13), 0x165667b1) ^ Math.imul(c + 2, 0x9e3779b1);
  return h ^ (h >>> 16);
}
