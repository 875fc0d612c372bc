import { afterAll, describe, expect, it } from "vitest";
import { denseBackend, setDenseBackend } from "../../src/linear/dense/backend.js";
import { choleskyFactorize } from "../../src/linear/dense/cholesky.js";
import { multiplyInto } from "../../src/linear/dense/dense.js";
import {
  expInto,
  logInto,
  logSumExpColsInto,
  logSumExpRowsInto,
  shiftedExpInto,
  softmaxRowsInto,
  tanhInto,
} from "../../src/linear/dense/elementwise.js";
import { denseMatrix } from "../../src/linear/matrix.js";
import { WasmModule } from "../../src/wasm/assembler.js";
import { wasmBackend } from "../../src/wasm/dense-backend.js";
import { webAssembly } from "../../src/wasm/engine.js";
import { f64, i32 } from "../../src/wasm/instructions.js";
import { startThreads, type ThreadPool } from "../../src/wasm/threads.js";
import { map, random } from "../linear/dense-for-tests.js";

const pools: ThreadPool[] = [];
async function start(count: number): Promise<ThreadPool> {
  const pool = await startThreads(count);
  pools.push(pool);
  return pool;
}
afterAll(() => {
  for (const pool of pools) pool.close();
});

/** bump(task, x): adds one to x[task]; trap(task): divides by zero at task 3. */
function countingModule() {
  const module = new WasmModule({ shared: true, maxPages: 1 });
  module.function(
    { task: "i32", x: "i32" },
    "none",
    (b, { task, x }) => {
      const at = i32.add(x, i32.shl(task, 3));
      b.do(f64.store(at, f64.add(f64.load(at), 1)));
    },
    "bump",
  );
  module.function({ task: "i32" }, "none", (b, { task }) => b.do(i32.divS(1, i32.sub(task, 3))), "trap");
  return new webAssembly!.Module(module.assemble());
}

describe("startThreads", () => {
  it.each([1, 2, 3])("does each task once with %i threads, job after job", async (count) => {
    const pool = await start(count);
    expect(pool.size).toBe(count);
    const memory = new webAssembly!.Memory({ initial: 1, maximum: 1, shared: true });
    const instance = pool.attach(countingModule(), memory);
    const x = new Float64Array(memory.buffer);
    for (let job = 1; job <= 300; job++) {
      instance.run("bump", 50, 0);
      for (let task = 0; task < 50; task++) expect(x[task]).toBe(job);
      // Workers that come late find nothing to do.
      if (job % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    instance.run("bump", 0, 0);
    expect(x[50]).toBe(0);
    pool.close();
    instance.run("bump", 50, 0);
    expect(x[49]).toBe(301);
  });

  it("keeps several modules apart", async () => {
    const pool = await start(2);
    const instances = Array.from({ length: 5 }, () => {
      const memory = new webAssembly!.Memory({ initial: 1, maximum: 1, shared: true });
      return { instance: pool.attach(countingModule(), memory), x: new Float64Array(memory.buffer) };
    });
    for (let round = 0; round < 20; round++) {
      for (const [k, { instance }] of instances.entries()) instance.run("bump", 10 + k, 8 * k);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    instances.forEach(({ x }, k) => {
      expect(Array.from(x.subarray(0, 20), (value) => value > 0)).toEqual(
        Array.from({ length: 20 }, (_, i) => i >= k && i < 10 + 2 * k),
      );
      expect(x[k]).toBe(20);
    });
  });

  it("reports a trap on any thread, and goes on", async () => {
    const pool = await start(2);
    const memory = new webAssembly!.Memory({ initial: 1, maximum: 1, shared: true });
    const instance = pool.attach(countingModule(), memory);
    for (let k = 0; k < 20; k++) expect(() => instance.run("trap", 40)).toThrow();
    instance.run("bump", 40, 0);
    expect(new Float64Array(memory.buffer).subarray(0, 40).every((value) => value === 1)).toBe(true);
  });

  it("throws on misuse", async () => {
    await expect(startThreads(0)).rejects.toThrow("startThreads: argument `count` is 0");
    await expect(startThreads(2.5)).rejects.toThrow("count");
    const pool = await start(2);
    const memory = new webAssembly!.Memory({ initial: 1, maximum: 1, shared: true });
    const instance = pool.attach(countingModule(), memory);
    expect(() => instance.run("nothing", 1)).toThrow("run: argument `name` is");
    expect(() => instance.run("bump", 1e6, 0)).toThrow("tasks");
    expect(() => instance.run("bump", 2, ...new Array(30).fill(0))).toThrow("at most 24");
  });
});

describe("a backend with threads", () => {
  it("gives the same bits whatever their number", async () => {
    const A = random(300, 200, 1);
    const B = random(250, 200, 2);
    const spd = map(random(300, 300, 3), (a, i, j) => (i === j ? 600 : a));
    const symmetric = map(spd, (a, i, j) => a + spd.data[j * 300 + i]);
    const v = random(200, 1, 4).data;
    const u = random(300, 1, 5).data;
    // In the backend's memory, where a long array is divided.
    const mapped = () =>
      ([expInto, logInto, tanhInto] as const).map((f) => {
        const memory = denseBackend().allocate(40_001);
        for (let k = 0; k < memory.length; k++) memory[k] = 1 + A.data[k]! * 0.9;
        return f(memory, memory).slice();
      });
    const shifted = () => {
      const memory = denseBackend().allocate(120_000);
      memory.set(A.data);
      const rowSums = new Float64Array(300);
      const colSums = new Float64Array(200);
      const out = memory.subarray(60_000);
      shiftedExpInto(out, memory, 0, { rows: u, cols: v, scale: -3, floor: -5, rowSums, colSums });
      return [out.slice(), rowSums, colSums];
    };
    const compute = () => [
      multiplyInto(denseMatrix(300, 250), A, B, { transposeB: true }).data,
      choleskyFactorize(symmetric).L,
      logSumExpRowsInto(new Float64Array(300), A, v),
      logSumExpColsInto(new Float64Array(200), A, u),
      softmaxRowsInto(denseMatrix(300, 200), A).data,
      ...shifted(),
      ...mapped(),
    ];
    const relaxed = false;
    const before = setDenseBackend(wasmBackend({ relaxed })!);
    try {
      const wanted = compute();
      for (const count of [1, 2, 3]) {
        setDenseBackend(wasmBackend({ relaxed, threads: await start(count) })!);
        for (let repeat = 0; repeat < 3; repeat++) expect(compute()).toEqual(wanted);
      }
    } finally {
      setDenseBackend(before);
    }
  });
});
