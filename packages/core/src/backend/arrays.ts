// The handles of a backend: who owns which memory, and that nobody uses memory that was given back.
import { describe, HessiaError, misuse } from "../errors.js";
import type { BackendArray } from "./backend.js";

/** The arrays of one backend and their memory. */
export interface ArrayStore<Memory> {
  /** A handle for memory; `free` is called once, when the handle is released or has become garbage. */
  add(rows: number, cols: number, memory: Memory, free: (memory: Memory) => void): BackendArray;
  /** The memory of a handle. Throws ArgumentError for a released handle, or one of another backend. */
  memory(routine: string, argument: string, array: BackendArray): Memory;
  /** The memory of a handle is not freed before the function that comes back is called, released or not. */
  hold(array: BackendArray): () => void;
  release(arrays: readonly BackendArray[]): void;
  readonly live: number;
  /** Releases everything; later uses throw. */
  close(): void;
}

interface Entry<Memory> {
  readonly memory: Memory;
  readonly free: (memory: Memory) => void;
  holds: number;
  released: boolean;
}

export function makeArrayStore<Memory>(): ArrayStore<Memory> {
  let entries = new WeakMap<BackendArray, Entry<Memory>>();
  const alive = new Set<Entry<Memory>>();
  let closed = false;
  const drop = (entry: Entry<Memory>) => {
    if (entry.released) return;
    entry.released = true;
    alive.delete(entry);
    if (entry.holds === 0) entry.free(entry.memory);
  };
  const forgotten = new FinalizationRegistry<Entry<Memory>>(drop);
  const find = (routine: string, argument: string, array: BackendArray): Entry<Memory> => {
    if (closed) throw new HessiaError(`${routine}: the backend is closed.`);
    const entry = typeof array === "object" && array !== null ? entries.get(array) : undefined;
    if (entry === undefined)
      return misuse(routine, argument, describe(array), "an array of this backend (see `upload`)");
    if (entry.released) misuse(routine, argument, "released", "an array that is still in use");
    return entry;
  };
  return {
    add(rows, cols, memory, free) {
      const array: BackendArray = Object.freeze({ kind: "backend-array", rows, cols });
      const entry: Entry<Memory> = { memory, free, holds: 0, released: false };
      if (closed) {
        free(memory);
        throw new HessiaError("the backend was closed while it was working.");
      }
      entries.set(array, entry);
      alive.add(entry);
      forgotten.register(array, entry);
      return array;
    },
    memory: (routine, argument, array) => find(routine, argument, array).memory,
    hold(array) {
      const entry = find("hold", "array", array);
      entry.holds++;
      return () => {
        entry.holds--;
        if (entry.holds === 0 && entry.released) entry.free(entry.memory);
      };
    },
    release(arrays) {
      if (closed) return;
      for (const array of arrays) {
        const entry = typeof array === "object" && array !== null ? entries.get(array) : undefined;
        if (entry === undefined) misuse("release", "arrays", describe(array), "arrays of this backend");
        drop(entry);
      }
    },
    get live() {
      return alive.size;
    },
    close() {
      for (const entry of alive) drop(entry);
      closed = true;
      entries = new WeakMap();
    },
  };
}
