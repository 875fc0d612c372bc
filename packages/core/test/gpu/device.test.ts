// The device's bookkeeping, on a GPU that counts textures and kernels.
import { describe, expect, it } from "vitest";
import { connectGpu } from "../../src/gpu/connect.js";
import { singles } from "../backend/backends-for-tests.js";
import { fakeGpu } from "./fake-gpu.js";

const connect = async (options = {}) => {
  const fake = fakeGpu({ modes: ["webgl2"], ...options });
  const backend = await connectGpu({ GPU: fake.GPU, mode: "webgl2" });
  return { fake, backend };
};

describe("a device", () => {
  it("keeps no texture that isn't in use", async () => {
    const { fake, backend } = await connect();
    expect(fake.textures).toBe(0);
    const a = await backend.upload(singles(300), 60, 5);
    const v = await backend.upload(singles(5));
    expect(fake.textures).toBe(2);
    await backend.sum(a);
    await backend.norm2(a);
    await backend.dot(a, a);
    const kept = [
      await backend.gemm(a, a, { transposeB: true }),
      await backend.logSumExpRows(a, v),
      await backend.gemv(a, v, { alpha: 2 }),
    ];
    expect(fake.textures).toBe(5);
    expect(backend.live).toBe(5);
    backend.release(a, v, ...kept);
    expect(fake.textures).toBe(0);
    expect(fake.faults).toEqual([]);
    await backend.close();
  });

  it("frees what is left when it is closed", async () => {
    const { fake, backend } = await connect();
    await backend.upload([1, 2, 3]);
    await backend.close();
    expect(fake.textures).toBe(0);
    expect(fake.faults).toEqual([]);
  });

  it("compiles a kernel once a shape, keeps a bounded number, and none goes before its results", async () => {
    const { fake, backend } = await connect({ textureSize: 4096 });
    const first = await backend.upload(singles(7));
    const before = fake.made;
    for (let k = 0; k < 5; k++) backend.release(await backend.exp(first));
    expect(fake.made).toBe(before + 1);
    const kept = [];
    for (let n = 10; n < 150; n++) {
      const x = await backend.upload(singles(n));
      if (n % 30 === 0) kept.push(x);
      else backend.release(x);
    }
    expect(fake.kernels).toBeLessThanOrEqual(64 + kept.length + 1);
    expect(await backend.download(first)).toEqual(singles(7));
    for (const x of kept) expect(await backend.download(x)).toEqual(singles(x.rows));
    expect(fake.faults).toEqual([]);
  });

  it("stores long thin arrays flat, since textures have sides", async () => {
    const { backend } = await connect();
    expect(backend.layout(64, 64).flat).toBe(false);
    expect(backend.layout(100, 2).flat).toBe(true);
    const numbers = singles(200);
    const tall = await backend.upload(numbers, 100, 2);
    expect(await backend.download(tall)).toEqual(numbers);
    // A result that is found by dividing the thread's number.
    const product = await backend.download(await backend.gemm(tall, await backend.upload([1, 0, 0, 1], 2, 2)));
    expect(product).toEqual(numbers);
    const [col] = await backend.download(await backend.logSumExpCols(tall));
    expect(col).toBeCloseTo(Math.log(numbers.reduce((sum, x, k) => (k % 2 === 0 ? sum + Math.exp(x) : sum), 0)), 4);
    expect(await backend.max(tall)).toBe(Math.max(...numbers));
  });

  it("says when an array is larger than its textures", async () => {
    const { backend } = await connect();
    await expect(backend.upload(new Float64Array(5000))).rejects.toThrow(
      "the GPU (webgl2) can't hold an array of 5000 × 1: its sides go up to 64.",
    );
  });

  it("says when its context is lost, rather than give zeros", async () => {
    const { fake, backend } = await connect();
    const x = await backend.upload([1, 2]);
    fake.lost = true;
    await expect(backend.download(x)).rejects.toThrow("the GPU's WebGL context was lost");
    await expect(backend.sum(x)).rejects.toThrow("context was lost");
  });

  it("runs a kernel of one's own", async () => {
    const { backend } = await connect();
    const x = await backend.upload([1, 2, 3]);
    const out = { rows: 3, cols: 1, flat: true };
    const y = await backend.run(
      { source: "function(x, a) { return a * x[this.thread.x] * x[this.thread.x]; }", out },
      x,
      2,
    );
    expect([...(await backend.download(y))]).toEqual([2, 8, 18]);
  });
});
