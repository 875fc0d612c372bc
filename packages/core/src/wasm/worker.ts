// Starting a worker from source text: node:worker_threads or the browser's Worker, without a file of its own, so that bundlers need no configuration.

export interface WorkerHandle {
  post(message: unknown): void;
  end(): void;
}

/**
 * What a worker runs. It sleeps on the control block's generation; when messages wait it goes back to its event loop, which hands them over. The
 * numbers are those of `control` in threads.ts.
 */
const source = `
"use strict";
const start = (listen, say, { block }) => {
  const words = new Int32Array(block);
  const values = new Float64Array(block);
  const instances = new Map();
  let mail = 0;
  let last = 0;
  const work = (generation) => {
    const target = instances.get(words[4]);
    if (target === undefined) return;
    const task = target.exports[target.names[words[5]]];
    const given = Array.from(values.subarray(8, 8 + words[6]));
    for (;;) {
      const ticket = Atomics.load(words, 2);
      const left = ticket & 0xffff;
      if (ticket >>> 16 !== generation || left === 0) return;
      if (Atomics.compareExchange(words, 2, ticket, ticket - 1) !== ticket) continue;
      try {
        task(left - 1, ...given);
      } catch {
        Atomics.store(words, 7, 1);
      }
      Atomics.add(words, 3, 1);
      Atomics.notify(words, 3);
    }
  };
  const loop = () => {
    for (let idle = 0; Atomics.load(words, 1) === mail; ) {
      const generation = Atomics.load(words, 0);
      if (generation !== last) {
        last = generation;
        idle = 0;
        work(generation);
      } else if (idle < 5000) idle++;
      else Atomics.wait(words, 0, generation);
    }
  };
  listen((message) => {
    mail++;
    if (message.forget !== undefined) instances.delete(message.forget);
    else {
      const { id, module, memory, names } = message;
      instances.set(id, { exports: new WebAssembly.Instance(module, { env: { memory }, math: Math }).exports, names });
    }
    loop();
  });
  say("ready");
};
`;

/** In Node: parentPort, and the data that the worker was started with. */
const nodeSource = `
const { parentPort, workerData } = require("node:worker_threads");
${source}
start((on) => parentPort.on("message", on), (text) => parentPort.postMessage(text), workerData);
`;

/** In a browser the data come as the first message. */
const browserSource = `
${source}
self.onmessage = ({ data }) => {
  start((on) => { self.onmessage = (event) => on(event.data); }, (text) => self.postMessage(text), data);
};
`;

interface BrowserWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message?: string }) => void) | null;
}

interface NodeWorker {
  postMessage(message: unknown): void;
  terminate(): Promise<number>;
  once(event: string, listener: (value: unknown) => void): void;
  unref(): void;
}

interface Environment {
  readonly process?: { readonly versions?: { readonly node?: string } };
  readonly Worker?: new (url: string) => BrowserWorker;
  readonly Blob?: new (parts: string[], options: { type: string }) => object;
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
}

/** Starts a worker and waits until it listens. It doesn't keep a Node process alive. */
export async function startWorker(data: { readonly block: SharedArrayBuffer }): Promise<WorkerHandle> {
  const environment = globalThis as unknown as Environment;
  if (environment.process?.versions?.node !== undefined) {
    const name = "node:worker_threads";
    const { Worker } = (await import(/* @vite-ignore */ name)) as {
      Worker: new (source: string, options: object) => NodeWorker;
    };
    const worker = new Worker(nodeSource, { eval: true, workerData: data });
    await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    worker.unref();
    return { post: (message) => worker.postMessage(message), end: () => void worker.terminate() };
  }
  const { Worker, Blob, URL } = environment;
  if (Worker === undefined || Blob === undefined || URL === undefined)
    throw new Error("startThreads: this environment has no workers");
  const url = URL.createObjectURL(new Blob([browserSource], { type: "text/javascript" }));
  try {
    const worker = new Worker(url);
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = ({ message = "no reason given" }) =>
        reject(
          new Error(
            `startThreads: a worker did not start (${message}). A content-security policy must allow it: worker-src blob:.`,
          ),
        );
      worker.postMessage(data);
    });
    return { post: (message) => worker.postMessage(message), end: () => worker.terminate() };
  } finally {
    URL.revokeObjectURL(url);
  }
}
