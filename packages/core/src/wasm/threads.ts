// A pool of threads over shared memory. A job is an exported function of a WebAssembly module and a number of tasks; threads take tasks one by one, the
// caller among them. Which thread does which task is left to chance, so a task may depend on its number and on memory that no other task writes,
// and nothing else: then the results are the same bits whatever the number of threads.
//
// A job is published as one word, (generation, tasks left), from which tasks are claimed by compare-and-exchange: a thread that comes late finds
// another generation there and can't claim anything of a job whose arguments it hasn't read.
import { describe, misuse, requireNumber } from "../errors.js";
import { type CompiledModule, type WasmExports, type WasmMemory, webAssembly } from "./engine.js";
import { wasmFeatures } from "./features.js";
import { startWorker, type WorkerHandle } from "./worker.js";

export interface ThreadPool {
  /** Threads, the caller included. */
  readonly size: number;
  /** Makes a module with a shared memory (`env.memory`) known to all threads. It is forgotten when the memory is collected. */
  attach(module: CompiledModule, memory: WasmMemory): PoolInstance;
  /** Ends the workers. Jobs that are run later are done by the caller alone. */
  close(): void;
}

export interface PoolInstance {
  /** The caller's own instance. */
  readonly exports: WasmExports;
  /** Calls exports[name](task, ...values) for each task from 0 to tasks − 1 once, on any thread, and returns when all are done. */
  run(name: string, tasks: number, ...values: number[]): void;
}

/** Words of the control block; arguments follow as doubles. The worker's source has the same numbers. */
const control = { generation: 0, mail: 1, ticket: 2, done: 3, instance: 4, name: 5, count: 6, failed: 7 };
const firstArgument = 8;
const mostArguments = 24;
const mostTasks = 65_535;

/**
 * Starts a pool of `count` threads, the caller being one of them.
 * @param count 1 to 64.
 * @throws ArgumentError when `count` is out of range; Error where there is no shared memory (in browsers: the page isn't cross-origin isolated)
 * or the page's security policy forbids the worker.
 */
export async function startThreads(count: number): Promise<ThreadPool> {
  requireNumber("startThreads", "count", count, { atLeast: 1, atMost: 64, integer: true });
  if (!wasmFeatures().threads)
    throw new Error(
      "startThreads: this environment has no shared WebAssembly memory. In a browser the page must be cross-origin isolated: serve it with " +
        "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.",
    );
  const block = new SharedArrayBuffer(8 * (firstArgument + mostArguments));
  const words = new Int32Array(block);
  const values = new Float64Array(block);
  const workers: WorkerHandle[] = await Promise.all(Array.from({ length: count - 1 }, () => startWorker({ block })));
  let closed = false;
  let nextInstance = 0;

  const post = (message: unknown) => {
    if (closed) return;
    for (const worker of workers) worker.post(message);
    Atomics.add(words, control.mail, 1);
    Atomics.notify(words, control.generation);
  };
  const collected =
    typeof FinalizationRegistry === "undefined" ? undefined : new FinalizationRegistry((id) => post({ forget: id }));

  const publish = (id: number, name: number, tasks: number, given: readonly number[]) => {
    for (let i = 0; i < given.length; i++) values[firstArgument + i] = given[i]!;
    words[control.instance] = id;
    words[control.name] = name;
    words[control.count] = given.length;
    Atomics.store(words, control.done, 0);
    Atomics.store(words, control.failed, 0);
    const generation = (Atomics.load(words, control.generation) + 1) & 0x7fff;
    Atomics.store(words, control.ticket, (generation << 16) | tasks);
    Atomics.store(words, control.generation, generation);
    Atomics.notify(words, control.generation);
  };

  return {
    size: count,
    attach(module, memory) {
      const { exports } = new webAssembly!.Instance(module, {
        env: { memory },
        math: Math as unknown as Record<string, unknown>,
      });
      const id = nextInstance++;
      const names = Object.keys(exports).sort();
      post({ id, module, memory, names });
      collected?.register(memory, id);
      return {
        exports,
        run(name, tasks, ...given) {
          const task = exports[name];
          if (task === undefined) return misuse("run", "name", describe(name), `one of ${names.join(", ")}`);
          requireNumber("run", "tasks", tasks, { atLeast: 0, atMost: mostTasks, integer: true });
          if (given.length > mostArguments)
            misuse("run", "values", `${given.length} numbers`, `at most ${mostArguments}`);
          if (closed || workers.length === 0 || tasks < 2) {
            for (let t = 0; t < tasks; t++) task(t, ...given);
            return;
          }
          publish(id, names.indexOf(name), tasks, given);
          let mine = 0;
          for (;;) {
            const ticket = Atomics.load(words, control.ticket);
            const left = ticket & 0xffff;
            if (left === 0) break;
            if (Atomics.compareExchange(words, control.ticket, ticket, ticket - 1) !== ticket) continue;
            task(left - 1, ...given);
            mine++;
          }
          finish(words, tasks - mine);
          if (Atomics.load(words, control.failed) !== 0)
            throw new Error(`threads: a task of ${name} ended in a WebAssembly trap`);
        },
      };
    },
    close() {
      if (closed) return;
      closed = true;
      for (const worker of workers) worker.end();
    },
  };
}

/** Waits until the workers have done `count` tasks: briefly by looking again, then asleep where the thread may sleep. */
function finish(words: Int32Array<SharedArrayBuffer>, count: number): void {
  for (let round = 0; ; round++) {
    const done = Atomics.load(words, control.done);
    if (done === count) return;
    if (round < 2000) continue;
    try {
      Atomics.wait(words, control.done, done, 10);
    } catch {
      // A browser's main thread may not sleep: it goes on looking.
    }
  }
}
