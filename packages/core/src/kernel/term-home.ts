// The memory of a sum in WebAssembly: what is taken of it is never given back but with the whole.
import { constantBytes } from "../wasm/assembler.js";
import { type CompiledModule, pageBytes, type WasmMemory, webAssembly } from "../wasm/engine.js";
import type { PoolInstance } from "../wasm/threads.js";
import { mostStep } from "./tables.js";
import type { TaskLists } from "./term-tasks.js";

/** Passes of a sum that have a table of constants in its memory; those beyond run as JavaScript. */
export const mostModules = 1024;
/** 2 GiB: addresses stay positive as signed numbers. Memory is only reserved: pages that aren't touched cost nothing. */
export const mostBytes = 2 ** 31 - pageBytes;

export interface Home {
  readonly memory: WasmMemory;
  readonly floats: Float64Array;
  readonly ints: Int32Array;
  readonly shorts: Uint16Array;
  readonly chars: Uint8Array;
  readonly bytes: number;
  /** The first free byte. */
  free: number;
  /** By the index table: where the tables of a block of terms lie. */
  readonly sets: Map<Int32Array, TableSet>;
  /** By column pointers: where these lie as byte offsets. By tables of points: where these lie. */
  readonly columns: Map<Int32Array | Float64Array, number>;
  /** Copies of arrays that lie elsewhere, by role. */
  readonly staged: Map<string, Float64Array>;
  readonly instances: Map<CompiledModule, PoolInstance>;
}

/** The tables of one block of terms, one piece a task. */
export interface TableSet {
  readonly count: number;
  readonly serial: TaskLists;
  readonly parallel: TaskLists;
  readonly tables: Map<string, { from: unknown; readonly at: readonly number[] }>;
}

/** Data of a block as loops read them: by pairs of terms, or with a stride in rows of points. They are nowhere else. */
export interface ResidentData {
  readonly count: number;
  readonly width: number;
  readonly stride?: number | undefined;
  /** Moved when a memory becomes too small. */
  home: Home;
  at: number;
  /** How often they were changed. */
  version: number;
}

/** With a row more for terms that fill up pairs, or two: variables may be left that are no point. */
export const residentBytes = ({ count, width, stride }: Pick<ResidentData, "count" | "width" | "stride">): number =>
  stride === undefined ? 8 * width * (count + (count % 2)) : 8 * stride * (count + 2);

const placeOf = ({ at, width, stride }: ResidentData, t: number, slot: number) =>
  stride === undefined ? at / 8 + (t - (t % 2)) * width + (t % 2) + 2 * slot : at / 8 + t * stride + slot;
export function putNumber(data: ResidentData, t: number, slot: number, value: number): void {
  data.home.floats[placeOf(data, t, slot)] = value;
}
export const numberAt = (data: ResidentData, t: number, slot: number): number =>
  data.home.floats[placeOf(data, t, slot)]!;

/** A memory of so many bytes, or of the most there may be; undefined where the engine has none to give. */
export function makeHome(bytes: number, shared: boolean): Home | undefined {
  const pages = Math.ceil(Math.min(bytes, mostBytes) / pageBytes);
  try {
    const limits = { initial: pages, maximum: pages, ...(shared ? { shared } : {}) };
    const memory = new webAssembly!.Memory(limits);
    return {
      memory,
      floats: new Float64Array(memory.buffer),
      ints: new Int32Array(memory.buffer),
      shorts: new Uint16Array(memory.buffer),
      chars: new Uint8Array(memory.buffer),
      bytes: memory.buffer.byteLength,
      free: mostModules * constantBytes,
      sets: new Map(),
      columns: new Map(),
      staged: new Map(),
      instances: new Map(),
    };
  } catch {
    return undefined;
  }
}

/** Thrown where the memory is full. */
export class OutOfRoom extends Error {}

/** The address of so many bytes, a multiple of 16. */
export function take(home: Home, bytes: number): number {
  const at = home.free;
  const end = at + 16 * Math.ceil(bytes / 16);
  if (end > home.bytes) throw new OutOfRoom("a sum's memory is full");
  home.free = end;
  return at;
}

/** Room behind arrays for what is thrown away: a point, or the entries of one in columns that nobody has. */
const spare = 2 * mostStep;

/** Room for `length` numbers and, behind them, for what is thrown away. */
export function allocate(home: Home, length: number): Float64Array {
  const at = take(home, 8 * (length + spare)) / 8;
  return home.floats.subarray(at, at + length);
}

/** The array of a role, kept from pass to pass. */
export function staged(home: Home, role: string, length: number): Float64Array {
  let held = home.staged.get(role);
  if (held === undefined || held.length < length) home.staged.set(role, (held = allocate(home, length)));
  return held.length === length ? held : held.subarray(0, length);
}
