// Threads are asked for by core's backend; what transport finds doesn't depend on them.
import { denseBackend, setDenseBackend } from "@hessia/core/linear";
import { startThreads, wasmBackend, wasmFeatures } from "@hessia/core/wasm";
import { describe, expect, it } from "vitest";
import { transport } from "../src/index.js";
import { uniform } from "./problems-for-tests.js";

describe("transport with a pool of threads", () => {
  it.skipIf(!wasmFeatures().threads)("gives the same bits as without, stored and in tiles", async () => {
    const random = uniform(3);
    const points = {
      source: Array.from({ length: 300 }, () => [random(), random()]),
      target: Array.from({ length: 260 }, () => [random(), random()]),
    };
    const run = (store: boolean) =>
      transport({ points: { ...points, store }, regularization: 1e-3, plan: "none" }).potentials;
    const before = denseBackend();
    const single = wasmBackend({})!;
    setDenseBackend(single);
    const expected = [run(true), run(false)];
    const threads = await startThreads(2);
    try {
      setDenseBackend(wasmBackend({ threads })!);
      expect([run(true), run(false)]).toEqual(expected);
    } finally {
      setDenseBackend(before);
      threads.close();
    }
  });
});
