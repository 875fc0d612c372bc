// Where compiled terms run in WebAssembly: one memory a sum, in which the tables of all its terms lie in the form that the emitted loops read
// (emit-wasm.ts), and the arrays of a pass. Tables are put there when a pass first asks for them; arrays that lie elsewhere are copied in and out.
// Where there is no memory to be had, passes run as JavaScript.
import { constantBytes } from "../wasm/assembler.js";
import { type CompiledModule, pageBytes, type WasmExports, type WasmMemory, webAssembly } from "../wasm/engine.js";
import { wasmFeatures } from "../wasm/features.js";
import type { PoolInstance, ThreadPool } from "../wasm/threads.js";
import { compileJs, mayCompile } from "./emit-js.js";
import { descriptionBytes, emitWasm, taskArrays } from "./emit-wasm.js";
import { reachable } from "./graph.js";
import { interpretJs } from "./interpret.js";
import { Op } from "./ops.js";
import { type Arrays, overRange, type Pass, type Program } from "./program.js";
import {
  allocate,
  type Home,
  makeHome,
  mostBytes,
  mostModules,
  numberAt,
  OutOfRoom,
  type ResidentData,
  residentBytes,
  staged,
  take,
} from "./term-home.js";
import { describe, narrow, rowBytesOf, setOf } from "./term-tables.js";

export interface TermMemory {
  compile(program: Program): Pass;
  /** Says that terms come that will want about so much memory: called before the first pass runs. */
  expect(terms: number, arity: number, width: number, byPoint?: number): void;
  /** An array of the memory itself, where there is room: passes work on it in place. `role` names it; each is given out once. */
  reside(role: "x" | "direction" | "out" | "hessian", length: number): Float64Array | undefined;
  /** The array itself where it is of this memory, or where there is no room; else one of the memory, as long. */
  entries(values: Float64Array): Float64Array;
  /** Room for the data of a block, where there is any. Threads that share terms have tables of their own. */
  newData(count: number, width: number, stride?: number): ResidentData | undefined;
  /** Lends zeros for the time of a call: of the memory that isn't taken yet, where there is enough. */
  borrow<T>(length: number, use: (room: Int32Array) => T): T;
  /** Another array of the memory itself, where there is room. */
  scratch(length: number): Float64Array | undefined;
}

export interface TermMemoryOptions {
  /** Fused multiply-add by relaxed SIMD. Default: where the engine has it. */
  readonly relaxed?: boolean;
  readonly threads?: ThreadPool;
}

/** Terms of a task below which threads don't pay. */
const fewTerms = 512;

export function makeTermMemory(options: TermMemoryOptions = {}): TermMemory {
  const { relaxed = wasmFeatures().relaxed, threads } = options;
  const size = threads === undefined ? 1 : Math.min(threads.size, 64);
  let expected = mostModules * constantBytes + pageBytes;
  let modules = 0;
  let home: Home | undefined;
  const residents: ResidentData[] = [];
  let broken = webAssembly === undefined;

  const ready = (): Home | undefined => {
    if (!broken) home ??= makeHome(expected, threads !== undefined);
    broken = home === undefined;
    return home;
  };
  /** More memory, with nothing in it yet but the data; what was given out stays where it is. */
  const enlarge = (): Home | undefined => {
    const larger =
      home === undefined || home.bytes >= mostBytes - pageBytes
        ? undefined
        : makeHome(2 * home.bytes, threads !== undefined);
    broken = larger === undefined;
    for (const data of larger === undefined ? [] : residents) {
      const at = take(larger!, residentBytes(data));
      larger!.floats.set(data.home.floats.subarray(data.at / 8, (data.at + residentBytes(data)) / 8), at / 8);
      data.home = larger!;
      data.at = at;
    }
    return (home = larger);
  };

  return {
    compile(program) {
      const number = modules++;
      let pass: HomePass | undefined;
      let otherwise: Pass | undefined;
      return (count, arrays) => {
        if (count === 0) return 0;
        try {
          if (otherwise === undefined) pass ??= compilePass(program, { relaxed, threads, size, number });
        } catch {
          // The engine refuses the module, or there is no place for its constants.
          otherwise = javascript(program);
        }
        for (let at = ready(); at !== undefined && pass !== undefined; at = enlarge()) {
          try {
            return pass(at, count, arrays);
          } catch (error) {
            if (!(error instanceof OutOfRoom)) throw error;
          }
        }
        otherwise ??= javascript(program);
        return otherwise(count, arrays);
      };
    },
    expect(terms, arity, width, byPoint = 0) {
      const entries = (arity * (arity + 1)) / 2;
      // Tables (index, scatter, place, map, data, values), two Hessians, the point, the gradient and a direction; threads share some terms.
      const each = 12 * arity + 4 * entries + 8 * width + 16 + 12 * entries + 12 * arity;
      // What projections of a piece work on.
      const piece = 32 * Math.min(terms + 2, 512) * entries;
      expected = Math.min(mostBytes, expected + (terms + 2) * each * (size > 1 ? 1.5 : 1) + 8 * byPoint + piece);
    },
    reside(role, length) {
      const at = ready();
      if (at === undefined) return undefined;
      const held = at.staged.get(`reside ${role}`);
      if (held !== undefined) return role === "hessian" || held.length !== length ? undefined : held;
      try {
        const array = allocate(at, length);
        at.staged.set(`reside ${role}`, array);
        return array;
      } catch {
        return undefined;
      }
    },
    entries(values) {
      const at = ready();
      if (at === undefined || values.buffer === at.memory.buffer) return values;
      try {
        // Not the place of "h": passes that write to an array elsewhere (a projection's own, once the memory has grown) take a copy there.
        return staged(at, "entries", values.length);
      } catch {
        return values;
      }
    },
    newData(count, width, stride) {
      const at = size > 1 && stride === undefined ? undefined : ready();
      if (at === undefined) return undefined;
      try {
        const of = { count, width, stride };
        const data = { ...of, home: at, at: take(at, residentBytes(of)), version: 0 };
        residents.push(data);
        return data;
      } catch {
        return undefined;
      }
    },
    borrow(length, use) {
      const at = ready();
      if (at === undefined || at.free + 4 * length > at.bytes) return use(new Int32Array(length));
      const room = at.ints.subarray(at.free / 4, at.free / 4 + length);
      try {
        return use(room);
      } finally {
        room.fill(0);
      }
    },
    scratch(length) {
      const at = ready();
      try {
        return at && allocate(at, length);
      } catch {
        return undefined;
      }
    },
  };
}

/** Runs a pass in a memory. */
type HomePass = (home: Home, count: number, arrays: Arrays) => number;

function javascript(program: Program): Pass {
  const pass = overRange(mayCompile() ? compileJs(program) : interpretJs(program), program);
  const held = { terms: tableKeeper(), points: tableKeeper() };
  // JavaScript has the places of all entries one by one, and data by terms.
  return (count, arrays) => {
    const { points, resident, residentPoints } = arrays;
    return pass(count, {
      ...arrays,
      ...(points === undefined ? {} : { map: points.all() }),
      ...(resident === undefined ? {} : { data: held.terms(resident) }),
      ...(residentPoints === undefined ? {} : { pointData: held.points(residentPoints) }),
    });
  };
}

/** Data in rows, made again when they were changed. */
function tableKeeper(): (data: ResidentData) => Float64Array {
  let table = new Float64Array();
  let from: ResidentData | undefined;
  let version = 0;
  return (data) => {
    if (from === data && version === data.version) return table;
    table = new Float64Array(data.count * data.width);
    for (let t = 0, p = 0; t < data.count; t++)
      for (let slot = 0; slot < data.width; slot++, p++) table[p] = numberAt(data, t, slot);
    from = data;
    version = data.version;
    return table;
  };
}

interface PassOptions {
  readonly relaxed: boolean;
  readonly threads: ThreadPool | undefined;
  readonly size: number;
  readonly number: number;
}

type Role = (typeof taskArrays)[number];

/** Which arrays a program reads and writes. */
function rolesOf({ graph, results, rows = false }: Program): {
  readonly used: readonly Role[];
  readonly written: ReadonlySet<Role>;
} {
  const sinks = {
    variable: "out",
    entry: "h",
    group: "s",
    local: "u",
    weight0: "w0",
    weight1: "w1",
    own: "h",
    sum: "x",
  } as const;
  const written = new Set<Role>(results.filter(({ to }) => to !== "sum").map(({ to }) => sinks[to]));
  const used = new Set<Role>(written);
  const marks = reachable(
    graph,
    results.map(({ node }) => node),
  );
  for (let id = 0; id < marks.length; id++) {
    if (marks[id] === 0) continue;
    const op = graph.op[id];
    if (op === Op.x) used.add("x");
    else if (op === Op.data && rows) used.add("w0");
    else if (op === Op.direction) used.add("direction");
    else if (op === Op.weight) used.add(graph.a[id] === 0 ? "w0" : "w1");
  }
  return { used: taskArrays.filter((role) => used.has(role)), written };
}

function compilePass(program: Program, { relaxed, threads, size, number }: PassOptions): HomePass {
  if (number >= mostModules) throw new OutOfRoom("no place for the constants");
  const { used, written } = rolesOf(program);
  const sums = program.results.some(({ to }) => to === "sum");
  // Sums of groups are gathered in one place by terms that have no variable in common; places of terms' own go by their order.
  const alone =
    size === 1 || written.has("s") || program.rows === true || program.results.some(({ to }) => to === "own");
  const perTerm = size > 1;
  const points = program.arity / (program.step ?? 1);
  const rowBytes = rowBytesOf(program);
  const options = { relaxed, shared: threads !== undefined, constantsAt: constantBytes * number, perTerm };
  const module: CompiledModule = new webAssembly!.Module(emitWasm(program, options));
  const descriptions = new Map<Int32Array, { home: Home; keys: readonly unknown[]; at: number; range?: number }>();
  const given = new Array<number>(2 + taskArrays.length).fill(0);

  return (home, count, arrays) => {
    const { index, first } = arrays;
    const set = setOf(home, program, arrays, first === undefined ? count : index.length / points, size);
    const { lists } = alone ? set.serial : set.parallel;
    const { data, resident, pointData, residentPoints, map, group, place } = arrays;
    const read = [resident ?? (program.rows ? undefined : data), residentPoints ?? pointData];
    const keys = [index, ...read, map, arrays.points, group, place];
    let described = descriptions.get(index);
    if (described?.home !== home || keys.some((key, k) => key !== described!.keys[k])) {
      described = { home, keys, at: describe(home, set, program, arrays, alone, perTerm) };
      descriptions.set(index, described);
    }
    given[0] = described.at;
    if (first !== undefined) {
      described.range ??= take(home, descriptionBytes);
      given[0] = narrow(home, described.at, described.range, rowBytes, first, count);
    }
    for (const role of used) given[1 + taskArrays.indexOf(role)] = stage(home, role, arrays[role]);
    const values = staged(home, "values", perTerm ? count : 1);
    const last = 1 + taskArrays.length;
    // Values go to the places of their terms among all.
    given[last] = values.byteOffset - (perTerm && first !== undefined ? 8 * first : 0);
    const instance = instanceOf(home, module, threads);
    if (lists.length > 1 && count >= fewTerms * lists.length) instance.run("task", lists.length, ...given);
    else for (let task = 0; task < lists.length; task++) instance.exports.task!(task, ...given);
    for (const role of written) {
      const array = arrays[role];
      if (array.buffer !== home.memory.buffer) array.set(home.staged.get(role)!.subarray(0, array.length));
    }
    return !sums ? 0 : perTerm ? sumInLanes(values) : values[0]!;
  };
}

/** Even and odd places apart, as the loop over pairs of terms has it. */
function sumInLanes(values: Float64Array): number {
  const pairs = values.length - (values.length % 2);
  let even = 0;
  let odd = 0;
  for (let k = 0; k < pairs; k += 2) {
    even += values[k]!;
    odd += values[k + 1]!;
  }
  if (pairs < values.length) even += values[pairs]!;
  return even + odd;
}

/** The address of an array: its own, or that of a copy. */
function stage(home: Home, role: Role, array: Float64Array): number {
  if (array.buffer === home.memory.buffer) return array.byteOffset;
  const copy = staged(home, role, array.length);
  copy.set(array);
  return copy.byteOffset;
}

function instanceOf(home: Home, module: CompiledModule, threads: ThreadPool | undefined): PoolInstance {
  let instance = home.instances.get(module);
  if (instance === undefined) {
    instance = threads?.attach(module, home.memory) ?? bind(module, home.memory);
    home.instances.set(module, instance);
  }
  return instance;
}

function bind(module: CompiledModule, memory: WasmMemory): PoolInstance {
  const imports = { env: { memory }, math: Math as unknown as Readonly<Record<string, unknown>> };
  const exports: WasmExports = new webAssembly!.Instance(module, imports).exports;
  return { exports, run: () => undefined };
}
