// Memory for the kernels. An allocation is a WebAssembly memory of its own, so that it never has to grow (growing would detach the arrays that
// look into it) and goes back to the system with the last array that does. Released ones are kept for the next allocation.
import { type CompiledModule, pageBytes, type WasmExports, type WasmMemory, webAssembly } from "./engine.js";
import type { ThreadPool } from "./threads.js";

/** The kernels' functions bound to a memory. */
export interface Bound {
  readonly exports: WasmExports;
  /** Calls exports[name](task, ...values) for each task from 0 to tasks − 1; where `threads` is true, on any thread that there is. */
  run(name: string, threads: boolean, tasks: number, ...values: number[]): void;
}

/** A memory with the kernels' functions bound to it. */
export interface Region extends Bound {
  readonly memory: WasmMemory;
  /** All of the memory as doubles: address / 8 is the index. */
  readonly floats: Float64Array;
  /** Doubles that fit behind the head. */
  readonly capacity: number;
}

/** An instance of a module on a memory; its tasks run one after another on the calling thread. */
export function bindModule(module: CompiledModule, memory: WasmMemory): Bound {
  const { exports } = new webAssembly!.Instance(module, { env: { memory } });
  return {
    exports,
    run(name, _threads, tasks, ...values) {
      for (let task = 0; task < tasks; task++) exports[name]!(task, ...values);
    },
  };
}

/** The kernels on one memory, their tasks on all threads. */
export function bindThreads(module: CompiledModule, memory: WasmMemory, threads: ThreadPool): Bound {
  const instance = threads.attach(module, memory);
  return {
    exports: instance.exports,
    run(name, shared, tasks, ...values) {
      if (shared && tasks > 1) instance.run(name, tasks, ...values);
      else for (let task = 0; task < tasks; task++) instance.exports[name]!(task, ...values);
    },
  };
}

/** Allocates regions. The first `headBytes` of each are the kernels' own. */
export interface Regions {
  /** Zeroed memory for `length` doubles; undefined where the engine gives none (too large, or too many at once). */
  allocate(length: number): Float64Array | undefined;
  release(allocation: Float64Array): void;
  /** The region that an array lies in, if any. */
  regionOf(array: Float64Array): Region | undefined;
}

/** Released regions that are kept, and the most doubles that they may have together: 32 MB. */
const keptRegions = 4;
const keptLength = 4_194_304;
/** 2 GiB: addresses stay positive as signed numbers. */
const mostPages = 32_768;

export function makeRegions(headBytes: number, shared: boolean, bind: (memory: WasmMemory) => Bound): Regions {
  const byBuffer = new WeakMap<ArrayBufferLike, Region>();
  let kept: Region[] = [];

  const make = (length: number): Region | undefined => {
    const pages = Math.ceil((headBytes + 8 * length) / pageBytes);
    if (webAssembly === undefined || pages > mostPages) return undefined;
    try {
      const memory = new webAssembly.Memory({ initial: pages, maximum: pages, shared });
      const floats = new Float64Array(memory.buffer);
      const region = { ...bind(memory), memory, floats, capacity: floats.length - headBytes / 8 };
      byBuffer.set(memory.buffer, region);
      return region;
    } catch {
      return undefined;
    }
  };

  return {
    allocate(length) {
      let best: Region | undefined;
      for (const region of kept) {
        // A much larger region is not taken: it would be zeroed and held for little.
        if (region.capacity < length || region.capacity > 8 * length + 65_536) continue;
        if (best === undefined || region.capacity < best.capacity) best = region;
      }
      if (best !== undefined) {
        kept = kept.filter((region) => region !== best);
        return best.floats.subarray(headBytes / 8, headBytes / 8 + length).fill(0);
      }
      // Some room to spare, so that a slightly larger request fits next time.
      const region = make(Math.ceil(1.125 * length)) ?? make(length);
      return region?.floats.subarray(headBytes / 8, headBytes / 8 + length);
    },
    release(allocation) {
      const region = byBuffer.get(allocation.buffer);
      if (region === undefined || kept.includes(region)) return;
      const total = kept.reduce((sum, { capacity }) => sum + capacity, region.capacity);
      if (kept.length < keptRegions && total <= keptLength) kept.push(region);
    },
    regionOf: (array) => byBuffer.get(array.buffer),
  };
}
