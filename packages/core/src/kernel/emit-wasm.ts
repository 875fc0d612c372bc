// A program as a SIMD WebAssembly module: one loop that takes two terms at a time, one a lane, with all values in locals.
//
// The module exports task(task, tasks, x, direction, w0, w1, out, h, s, u, sums): it runs over the rows of one list of terms, described in memory at
// `tasks` (see `Description`), and adds to the arrays. All positions in tables are byte offsets into the arrays that they are of. An odd list
// has a row more, whose positions lie just behind the arrays, in a place that nobody reads. Points of several variables are one number of the table; their
// variables come by constant offsets, and the places of Hessian entries, with a shape, from ranks and columns instead of from the map.
//
// A sum goes to sums[task] as it was added up in two lanes; where the module is made with `perTerm` the value of each term goes to its own place,
// so that lists that share terms (see term-tasks.ts) don't count one twice and the sum doesn't depend on how terms were divided.
import { type Body, type Code, call, type Local, type Value, WasmModule } from "../wasm/assembler.js";
import { f64, f64x2, i32, madd, nmadd, select, v128 } from "../wasm/instructions.js";
import { defineFunctions, type LaneFunctions } from "./emit-functions.js";
import { placesByPoints } from "./emit-places.js";
import { type Graph, operand, reachable } from "./graph.js";
import { Op, operandCounts } from "./ops.js";
import type { Program, Result } from "./program.js";

export interface EmitOptions {
  /** Fused multiply-add where the engine has it. */
  readonly relaxed: boolean;
  readonly shared: boolean;
  /** Where in memory the module may keep its constants: see `constantBytes` of the assembler. */
  readonly constantsAt: number;
  readonly perTerm: boolean;
}

/** The words (i32) that describe a list of terms. */
export const Description = {
  /** Terms, without the row that may be added. */
  count: 0,
  index: 1,
  /** Where variables' results go: as `index`, but behind the array for what another list stores. */
  scatter: 2,
  data: 3,
  map: 4,
  group: 5,
  place: 6,
  /** The places of the terms' values. */
  terms: 7,
  /** Of points (point-pattern.ts): the ranks of a term's pairs, two bytes each, and where columns begin, as byte offsets. */
  ranks: 8,
  columns: 9,
  /** Rows of numbers by point. */
  pointData: 10,
} as const;
export const descriptionBytes = 48;

/** The arrays of a task by parameter, in order. */
export const taskArrays = ["x", "direction", "w0", "w1", "out", "h", "s", "u"] as const;

export function emitWasm(program: Program, { relaxed, shared, constantsAt, perTerm }: EmitOptions): Uint8Array {
  const module = new WasmModule({ relaxed, shared, constantsAt });
  const { graph, results } = program;
  const roots = results.map(({ node }) => node);
  const marks = reachable(graph, roots);
  const used = new Set<number>();
  for (let id = 0; id < marks.length; id++) if (marks[id] === 1) used.add(graph.op[id]!);
  const functions = defineFunctions(module, used);
  const parameters = { task: "i32", tasks: "i32", x: "i32", direction: "i32", w0: "i32", w1: "i32" } as const;
  const outputs = { out: "i32", h: "i32", s: "i32", u: "i32", sums: "i32" } as const;
  module.function(
    { ...parameters, ...outputs },
    "none",
    (b, given) => {
      const described = b.local("i32", i32.add(given.tasks, i32.mul(given.task, descriptionBytes)));
      const word = (at: number) => b.local("i32", i32.load(described, 4 * at));
      const left = word(Description.count);
      const tables: Tables = {
        index: word(Description.index),
        scatter: word(Description.scatter),
        data: word(Description.data),
        map: word(Description.map),
        group: word(Description.group),
        place: word(Description.place),
        terms: word(Description.terms),
        ranks: word(Description.ranks),
        columns: word(Description.columns),
        pointData: word(Description.pointData),
      };
      const sum = b.local("v128", 0);
      const own = b.local("i32", given.h);
      const rows = b.local("i32", given.w0);
      b.while(i32.gtS(left, 0), () => {
        emitBody(
          module,
          b,
          program,
          functions,
          { ...given, ...tables, w0: program.rows ? rows : given.w0, own, left, sum },
          perTerm,
        );
        b.set(left, i32.sub(left, 2));
        const advance = (table: Local, bytes: number) => {
          if (bytes > 0) b.set(table, i32.add(table, 2 * bytes));
        };
        const points = program.arity / (program.step ?? 1);
        advance(tables.index, 4 * points);
        advance(tables.scatter, 4 * points);
        advance(tables.data, 8 * program.width);
        if (program.rows) advance(rows, 8 * program.width);
        if (program.shape === undefined) advance(tables.map, 4 * program.entries);
        else advance(tables.ranks, program.shape.rankBytes * program.shape.pairs.length);
        advance(tables.group, 4);
        advance(tables.place, 4 * program.arity);
        advance(tables.terms, 4);
        advance(own, 8 * program.entries);
      });
      if (!perTerm) {
        const total = f64.add(f64x2.lane(sum, 0), f64x2.lane(sum, 1));
        b.do(f64.store(i32.add(given.sums, i32.shl(given.task, 3)), total));
      }
    },
    "task",
  );
  return module.assemble();
}

interface Tables {
  readonly index: Local;
  readonly scatter: Local;
  readonly data: Local;
  readonly map: Local;
  readonly group: Local;
  readonly place: Local;
  readonly terms: Local;
  readonly ranks: Local;
  readonly columns: Local;
  readonly pointData: Local;
}

interface Surroundings extends Tables {
  readonly x: Local;
  readonly direction: Local;
  readonly w0: Local;
  readonly w1: Local;
  readonly out: Local;
  readonly h: Local;
  readonly s: Local;
  readonly u: Local;
  readonly sums: Local;
  /** The places of this pair of terms' own. */
  readonly own: Local;
  /** Terms that are left, this pair included. */
  readonly left: Local;
  readonly sum: Local;
}

/** Nested expressions deeper than this go through a local, so that no engine's stack is asked for too much. */
const mostDepth = 24;

/** One pair of terms. */
function emitBody(
  module: WasmModule,
  b: Body,
  { graph, arity, entries, results, step = 1, shape, rows, width, pointWidth = 0 }: Program,
  functions: LaneFunctions,
  at: Surroundings,
  perTerm: boolean,
): void {
  const uses = countUses(graph, results);
  const values = new Map<
    number,
    { readonly code: Code; readonly depth: number; readonly factors?: readonly [Code, Code] }
  >();
  const loaded = new Map<string, Local>();
  const once = (key: string, type: "i32" | "v128", make: () => Code): Local => {
    let local = loaded.get(key);
    if (local === undefined) loaded.set(key, (local = b.local(type, make())));
    return local;
  };
  const points = arity / step;
  const pointOf = (slot: number) => Math.floor(slot / step);
  // Tables: the byte offset of a slot of a term of the pair.
  const table = (name: "index" | "scatter" | "place" | "group" | "terms", width: number, slot: number, lane: number) =>
    once(`${name}${slot},${lane}`, "i32", () => i32.load(at[name], 4 * (lane * width + slot)));
  /** A point's place in x, and in what is written: without threads the same. */
  const pointIn = (name: "index" | "scatter", point: number, lane: number) =>
    table(perTerm ? name : "index", points, point, lane);
  const gather = (base: Local, offset: (lane: number) => Local, constant = 0): Code =>
    v128.load64Lane(i32.add(base, offset(1)), v128.load64Zero(i32.add(base, offset(0)), constant), 1, constant);
  /** Number c of a point's: two that stand side by side come by one load a lane. */
  const ofPoint = (key: string, base: Local, offset: (lane: number) => Local, c: number, size: number): Code => {
    const first = c - (c % 2);
    if (first + 1 === size) return once(`${key},${c}`, "v128", () => gather(base, offset, 8 * c));
    const two = (lane: number) =>
      once(`${key},${first} of ${lane}`, "v128", () => v128.load(i32.add(base, offset(lane)), 8 * first));
    return once(`${key},${c}`, "v128", () => f64x2.shuffle(two(0), two(1), c % 2, 2 + (c % 2)));
  };
  const input = (op: number, slot: number): Code => {
    if (op === Op.data && slot >= width) {
      const c = (slot - width) % pointWidth;
      const point = (slot - width - c) / pointWidth;
      const row = (lane: number) =>
        once(`row${point},${lane}`, "i32", () => {
          const place = pointIn("index", point, lane);
          if (pointWidth % step === 0) return i32.mul(place, pointWidth / step);
          return i32.mul(i32.divS(place, step), pointWidth);
        });
      return ofPoint(`d${point}`, at.pointData, row, c, pointWidth);
    }
    if (op === Op.data) return once(`d${slot}`, "v128", () => v128.load(at.data, 16 * slot));
    if (op === Op.weight)
      return once(`w${slot}`, "v128", () => gather(slot === 0 ? at.w0 : at.w1, (lane) => table("group", 1, 0, lane)));
    const base = op === Op.x ? at.x : at.direction;
    const offset = (lane: number) => pointIn("index", pointOf(slot), lane);
    return ofPoint(`${op}:${pointOf(slot)}`, base, offset, slot % step, step);
  };

  const compute = (root: number) => {
    const stack = [root];
    while (stack.length > 0) {
      const id = stack.at(-1)!;
      if (values.has(id)) {
        stack.pop();
        continue;
      }
      const op = graph.op[id]!;
      const before = stack.length;
      for (let j = operandCounts[op]! - 1; j >= 0; j--)
        if (!values.has(operand(graph, id, j))) stack.push(operand(graph, id, j));
      if (stack.length > before) continue;
      stack.pop();
      if (op === Op.constant) values.set(id, { code: constant(module, graph.value[id]!), depth: 0 });
      else if (op <= Op.weight) values.set(id, { code: input(op, graph.a[id]!), depth: 0 });
      else {
        const operands = Array.from({ length: operandCounts[op]! }, (_, j) => values.get(operand(graph, id, j))!);
        const depth = 1 + operands.reduce((max, one) => Math.max(max, one.depth), 0);
        const factors = op === Op.mul && uses[id] === 1 ? ([operands[0]!.code, operands[1]!.code] as const) : undefined;
        const code = operation(module, functions, op, operands);
        if (uses[id]! > 1 || depth > mostDepth) values.set(id, { code: b.local("v128", code), depth: 0 });
        else values.set(id, factors === undefined ? { code, depth } : { code, depth, factors });
      }
    }
  };

  const add = (address: Local | Code, value: Value, offset = 0) => {
    const place = b.local("i32", address);
    b.do(f64.store(place, f64.add(f64.load(place, offset), value), offset));
  };
  const addLane = (address: Local | Code, value: Value, lane: number, offset = 0) =>
    add(address, f64x2.lane(value, lane), offset);
  const entryOf = shape && placesByPoints(shape, { once, pointIn }, at);
  const lanes = (put: (lane: number) => void) => [0, 1].forEach(put);
  const store = ({ to, slot, node, pair, variables }: Result) => {
    compute(node);
    const { code } = values.get(node)!;
    const value = b.local("v128", code);
    values.set(node, { code: value, depth: 0 });
    if (to === "sum" && !perTerm) {
      // The row that fills up an odd list isn't counted.
      const counted = b.local("v128", value);
      b.if(i32.eq(at.left, 1), () => b.set(counted, f64x2.replaceLane(counted, 0, 1)));
      b.set(at.sum, f64x2.add(at.sum, counted));
    } else if (to === "sum")
      lanes((lane) => b.do(v128.store64Lane(i32.add(at.sums, table("terms", 1, 0, lane)), value, lane)));
    else if (to === "variable")
      lanes((lane) =>
        addLane(i32.add(at.out, pointIn("scatter", pointOf(slot), lane)), value, lane, 8 * (slot % step)),
      );
    else if (to === "group") lanes((lane) => addLane(i32.add(at.s, table("group", 1, 0, lane)), value, lane));
    else if (to === "local") lanes((lane) => addLane(i32.add(at.u, table("place", arity, slot, lane)), value, lane));
    else if (to === "weight0" || to === "weight1") {
      const base = to === "weight0" ? at.w0 : at.w1;
      lanes((lane) => b.do(v128.store64Lane(i32.add(base, pointIn("scatter", 0, lane)), value, lane)));
    } else if (to === "own") lanes((lane) => b.do(v128.store64Lane(at.own, value, lane, 8 * (lane * entries + slot))));
    else if (entryOf !== undefined)
      lanes((lane) => {
        const { address, offset } = entryOf(variables!, lane);
        addLane(address, value, lane, offset);
      });
    else
      lanes((lane) => {
        const place = b.local("i32", i32.add(at.h, i32.load(at.map, 4 * (lane * entries + slot))));
        let one: Value = f64x2.lane(value, lane);
        if (pair !== undefined) {
          const [i, j] = pair;
          const same = i32.eq(pointIn("index", pointOf(i), lane), pointIn("index", pointOf(j), lane));
          one = select("f64", f64.add(one, one), one, same);
        }
        add(place, one);
      });
  };
  if (!rows) for (const result of results) store(result);
  // One term after the other, as JavaScript does it.
  else
    lanes((lane) => {
      for (const { node, variables } of results) {
        const { address, offset } = entryOf!(variables!, lane);
        add(address, f64.load(at.w0, 8 * (lane * width + graph.a[node]!)), offset);
      }
    });
}

interface Operand {
  readonly code: Code;
  /** Of a product that nobody else wants: what it is of. */
  readonly factors?: readonly [Code, Code];
}

function operation(module: WasmModule, functions: LaneFunctions, op: number, operands: readonly Operand[]): Code {
  const [a, b, c] = operands.map((one) => one.code) as [Code, Code, Code];
  const one = () => constant(module, 1);
  switch (op) {
    case Op.add: {
      const [first, second] = operands as [Operand, Operand];
      if (second.factors !== undefined) return madd(module, ...second.factors, a);
      if (first.factors !== undefined) return madd(module, ...first.factors, b);
      return f64x2.add(a, b);
    }
    case Op.sub:
      return operands[1]!.factors === undefined ? f64x2.sub(a, b) : nmadd(module, ...operands[1]!.factors, a);
    case Op.mul:
      return f64x2.mul(a, b);
    case Op.div:
      return f64x2.div(a, b);
    case Op.neg:
      return f64x2.neg(a);
    case Op.lt:
      return v128.and(f64x2.lt(a, b), one());
    case Op.le:
      return v128.and(f64x2.le(a, b), one());
    case Op.select:
      return v128.bitselect(b, c, f64x2.ne(a, 0));
    case Op.min:
      return f64x2.min(a, b);
    case Op.max:
      return f64x2.max(a, b);
    case Op.abs:
      return f64x2.abs(a);
    case Op.sign:
      return call(functions.get(op)!, a);
    case Op.sqrt:
      return f64x2.sqrt(a);
    default:
      return call(functions.get(op)!, ...operands.map((one) => one.code));
  }
}

/** From the module's table, or in the code where the table is full. */
function constant(module: WasmModule, value: number): Code {
  try {
    return module.constant(value);
  } catch {
    return f64x2.const(value);
  }
}

/** How often each node is an operand or a result. */
function countUses(graph: Graph, results: readonly Result[]): Int32Array {
  const uses = new Int32Array(graph.size);
  const marks = reachable(
    graph,
    results.map(({ node }) => node),
  );
  for (const { node } of results) uses[node]!++;
  for (let id = 0; id < marks.length; id++) {
    if (marks[id] === 0) continue;
    for (let j = 0; j < operandCounts[graph.op[id]!]!; j++) uses[operand(graph, id, j)]!++;
  }
  return uses;
}
