import { afterAll, describe, expect, it } from "vitest";
import { type BatchOperation, batchShapes } from "../../src/linear/small/small-shapes.js";
import { smallModule, wasmBatchBackend } from "../../src/wasm/batch-backend.js";
import { startThreads, type ThreadPool } from "../../src/wasm/threads.js";
import { batchBackends } from "../linear/backends-for-tests.js";
import { numbers, randomDefinite } from "../linear/dense-for-tests.js";

const operations: readonly BatchOperation[] = [
  "cholesky",
  "inverse",
  "inverseDefinite",
  "eigen",
  "projectClamp",
  "projectAbsolute",
  "polar",
];

function input(operation: BatchOperation, n: number, count: number): Float64Array {
  const data = new Float64Array(count * n * n);
  const next = numbers(n);
  for (let k = 0; k < count; k++) {
    if (operation === "cholesky" || operation === "inverseDefinite") data.set(randomDefinite(n, k).data, k * n * n);
    else for (let i = 0; i < n * n; i++) data[k * n * n + i] = next();
    // Well conditioned, so that a few ulps stay a few.
    if (operation === "inverse") for (let i = 0; i < n; i++) data[k * n * n + i * (n + 1)] += 3 * n;
  }
  return data;
}

function run(backend: (typeof batchBackends)[number], operation: BatchOperation, n: number, count: number) {
  const outputs = batchShapes(operation, n).map((size) => new Float64Array(count * size));
  const status = new Int32Array(count);
  backend.run(operation, n, count, input(operation, n, count), outputs, status);
  return { outputs, status };
}

describe("wasmBatchBackend", () => {
  it.each(operations)("%s: the same bits as JavaScript, and a few ulps of them with fused operations", (operation) => {
    const [javascript, plain, relaxed] = batchBackends;
    for (let n = 1; n <= 16; n++) {
      const wanted = run(javascript, operation, n, 9);
      const same = run(plain, operation, n, 9);
      expect(same.status).toEqual(wanted.status);
      // Zeros may differ in their signs.
      const positive = (list: readonly Float64Array[]) => list.map((out) => out.map((x) => x + 0));
      expect(positive(same.outputs)).toEqual(positive(wanted.outputs));
      const near = run(relaxed, operation, n, 9);
      expect(near.status).toEqual(wanted.status);
      // Eigenvectors of close eigenvalues are only as near as these are apart: they are tested by their equations.
      const compared = operation === "eigen" ? near.outputs.slice(0, 1) : near.outputs;
      compared.forEach((out, k) => {
        const reference = wanted.outputs[k];
        const top = reference.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
        const bound = operation === "polar" && k === 0 ? 1e-9 : 256 * n * Number.EPSILON * Math.max(top, 1);
        expect(out.every((x, i) => Math.abs(x - reference[i]) <= bound)).toBe(true);
      });
    }
  });

  it("takes a batch of more than one piece", () => {
    const [javascript, plain] = batchBackends;
    const count = 4099;
    expect(run(plain, "inverse", 2, count)).toEqual(run(javascript, "inverse", 2, count));
  });

  it("makes small modules", () => {
    for (let n = 1; n <= 16; n++) expect(smallModule(n, true, true).length).toBeLessThan(210_000);
    for (const n of [2, 3, 4, 6, 9]) expect(smallModule(n, false, false).length).toBeLessThan(70_000);
  });

  describe("with threads", () => {
    const pools: ThreadPool[] = [];
    afterAll(() => {
      for (const pool of pools) pool.close();
    });

    it("gives the same bits whatever their number", async () => {
      const wanted = operations.map((operation) => run(batchBackends[1], operation, 3, 1001));
      for (const count of [1, 2, 3]) {
        const pool = await startThreads(count);
        pools.push(pool);
        const backend = wasmBatchBackend({ relaxed: false, threads: pool })!;
        expect(operations.map((operation) => run(backend, operation, 3, 1001))).toEqual(wanted);
      }
    });
  });
});
