// The packages in headless Chromium: WebAssembly, threads on an isolated page, strict security policies, and gpu.js on what the browser offers.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, type Site, startSite } from "./chromium.js";

const found = findChromium();
if ("reason" in found) console.log(`skipped: browser tests: ${found.reason}`);

// Inside of a page: what pages/hessia.js puts there.
declare const hessia: {
  core: typeof import("@hessia/core");
  gpu: typeof import("@hessia/core/gpu");
  kernel: typeof import("@hessia/core/kernel");
  linear: typeof import("@hessia/core/linear");
  newton: typeof import("@hessia/newton");
  sinkhorn: typeof import("@hessia/sinkhorn");
  wasm: typeof import("@hessia/core/wasm");
  gpuJs: () => Promise<{ GPU?: unknown; default: { GPU?: unknown } }>;
};

describe.skipIf("reason" in found)("headless Chromium", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite((found as { path: string }).path);
  }, 60_000);
  afterAll(() => site?.close());

  it("minimizes a chain of terms in WebAssembly, nothing configured", async () => {
    const { page, errors } = await site.open("plain.html");
    const result = await page.evaluate(() => {
      const { kernel, linear, newton } = hessia;
      const n = 1000;
      const indices = Array.from({ length: n - 1 }, (_, i) => [i, i + 1]);
      const problem = kernel.problemFromTerms(n, [
        { indices, term: ([x, y]) => y!.sub(x!.square()).square().mul(100).add(x!.sub(1).square()) },
      ]);
      const { reason, x } = newton.minimize(problem, new Float64Array(n).fill(-1));
      const error = x.reduce((most, value) => Math.max(most, Math.abs(value - 1)), 0);
      return {
        kind: reason.kind,
        error,
        evaluation: problem.structure.evaluation,
        backend: linear.denseBackend().name,
      };
    });
    expect(errors).toEqual([]);
    expect(result.kind).toBe("converged");
    expect(result.error).toBeLessThan(1e-6);
    expect(result.evaluation).toBe("wasm");
    expect(result.backend).toMatch(/^wasm/);
    await page.close();
  });

  it("has no threads on a page that isn't isolated, and says what is missing", async () => {
    const { page } = await site.open("plain.html");
    const message = await page.evaluate(() => hessia.wasm.startThreads(2).then(() => "", String));
    expect(message).toMatch(/cross-origin isolated.*Cross-Origin-Opener-Policy/s);
    await page.close();
  });

  it("runs terms and products on threads of an isolated page, to the same bits", async () => {
    const { page, errors } = await site.open("isolated.html");
    const result = await page.evaluate(async () => {
      const { kernel, wasm } = hessia;
      const pool = await wasm.startThreads(3);
      const n = 5000;
      const indices = Array.from({ length: n - 1 }, (_, i) => [i, i + 1]);
      const term: import("@hessia/core/kernel").TermFunction = ([x, y]) => x!.mul(y!).sin().add(x!.square().exp());
      const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
      const [one, several] = [{ evaluation: "wasm" as const }, { threads: pool }].map((options) => {
        const problem = kernel.problemFromTerms(n, [{ indices, term }], options);
        const H = problem.newHessian();
        const g = new Float64Array(n);
        return { f: problem.valueGradientHessianInto(g, H, x), g, h: H.values.slice() };
      });
      const m = 200;
      const products = [wasm.wasmBackend(), wasm.wasmBackend({ threads: pool })].map((backend) => {
        const memory = backend!.allocate(3 * m * m);
        for (let k = 0; k < 2 * m * m; k++) memory[k] = Math.sin(k);
        backend!.gemm(m, m, m, 1, memory, 0, m, memory, m * m, m, memory, 2 * m * m, m);
        return memory.slice(2 * m * m);
      });
      pool.close();
      const same = (a: Float64Array, b: Float64Array) => a.every((value, k) => Object.is(value, b[k]));
      return {
        terms: one!.f === several!.f && same(one!.g, several!.g) && same(one!.h, several!.h),
        products: same(products[0]!, products[1]!),
      };
    });
    expect(errors).toEqual([]);
    expect(result).toEqual({ terms: true, products: true });
    await page.close();
  });

  it.each([
    ["no-eval.html", "wasm", /^wasm/],
    ["strict.html", "interpreted", /^javascript/],
  ])("works under a policy that forbids compiling: %s", async (path, evaluation, backend) => {
    const { page } = await site.open(path);
    const result = await page.evaluate(() => hessia as unknown as Record<string, number | string>);
    expect(result.value).toBe(4000);
    expect(result.entry).toBe(2);
    expect(result.factor).toBe(Math.SQRT2);
    expect(result.evaluation).toBe(evaluation);
    expect(result.backend).toMatch(backend);
    await page.close();
  });

  it.each(["webgl2", "webgpu"] as const)(
    "gpu.js on %s: products, log-sum-exp, distances and terms in float32",
    async (mode) => {
      const { page } = await site.open("plain.html");
      const result = await page.evaluate(async (mode) => {
        const { gpu, kernel } = hessia;
        const module = await hessia.gpuJs();
        const GPU = (module.GPU ?? module.default.GPU) as import("@hessia/core/gpu").GpuConstructor;
        let device: import("@hessia/core/gpu").GpuBackend;
        try {
          device = await gpu.connectGpu({ GPU, mode });
        } catch (error) {
          return { missing: String(error) };
        }
        const js = gpu.jsArrayBackend();
        const numbers = (count: number, shift: number) =>
          Float64Array.from({ length: count }, (_, k) => Math.fround(Math.sin(3 * k + shift)));
        const [m, n, k] = [65, 40, 130];
        const run = async (backend: import("@hessia/core/gpu").ArrayBackend) => {
          const a = await backend.upload(numbers(m * k, 1), m, k);
          const b = await backend.upload(numbers(k * n, 2), k, n);
          const points = await backend.upload(numbers(3 * n, 3), n, 3);
          const product = await backend.gemm(a, b);
          return {
            gemm: await backend.download(product),
            rows: await backend.download(await backend.logSumExpRows(product)),
            cols: await backend.download(await backend.logSumExpCols(product)),
            pairwise: await backend.download(await backend.pairwise(points, points, "squaredEuclidean")),
            sum: Float64Array.of(await backend.sum(product), await backend.max(product), await backend.norm2(product)),
          };
        };
        const [found, wanted] = [await run(device), await run(js)];
        const errors: Record<string, number> = {};
        for (const key of Object.keys(wanted) as (keyof typeof wanted)[]) {
          const top = wanted[key].reduce((most, value) => Math.max(most, Math.abs(value)), 1);
          errors[key] = wanted[key].reduce(
            (most, value, e) => Math.max(most, Math.abs(value - found[key][e]!) / top),
            0,
          );
        }
        const size = 500;
        const indices = Array.from({ length: size - 1 }, (_, i) => [i, i + 1]);
        const x = numbers(size, 4);
        const terms = gpu.gpuTerms(device, size, [
          { indices, term: ([p, q]) => p!.mul(q!).exp().add(p!.sin().square()) },
        ]);
        const at = await device.upload(x);
        const gradient = await device.download(await terms.gradient(at));
        const exact = terms.problem.gradientInto(new Float64Array(size), x);
        errors.terms = exact.reduce((most, value, e) => Math.max(most, Math.abs(value - gradient[e]!)), 0);
        errors.value = Math.abs((await terms.value(at)) / terms.problem.value(x) - 1);
        const H = terms.problem.newHessian();
        await terms.hessianInto(H, at);
        const entries = terms.problem.newHessian();
        terms.problem.hessianInto(entries, x);
        errors.hessian = entries.values.reduce((most, value, e) => Math.max(most, Math.abs(value - H.values[e]!)), 0);
        const { description } = device;
        await device.close();
        void kernel;
        return { description, errors };
      }, mode);
      if ("missing" in result) {
        console.log(`skipped: gpu.js on ${mode}: ${result.missing}`);
        // WebGL2 is there in every Chromium, in software if need be; WebGPU may not be.
        expect(mode).toBe("webgpu");
      } else {
        console.log(`gpu.js in Chromium: ${result.description}`);
        for (const [name, error] of Object.entries(result.errors ?? {})) expect(error, name).toBeLessThan(2e-5);
      }
      await page.close();
    },
  );

  it.each(["webgl2", "webgpu"] as const)(
    "transport on %s: sweeps in float32 on the device, Newton steps to 1e-9 in float64",
    async (mode) => {
      const { page } = await site.open("plain.html");
      const result = await page.evaluate(async (mode) => {
        const { gpu, sinkhorn } = hessia;
        const module = await hessia.gpuJs();
        const GPU = (module.GPU ?? module.default.GPU) as import("@hessia/core/gpu").GpuConstructor;
        let backend: import("@hessia/core/gpu").GpuBackend;
        try {
          backend = await gpu.connectGpu({ GPU, mode });
        } catch (error) {
          return { missing: String(error) };
        }
        const cloud = (shift: number) =>
          Array.from({ length: 80 }, (_, k) => [Math.sin(3 * k + shift), Math.cos(5 * k)]);
        const problem = { points: { source: cloud(1), target: cloud(2) }, regularization: 0.2 };
        const found = await sinkhorn.deviceTransport({ ...problem, backend });
        const plain = sinkhorn.transport(problem);
        const { live } = backend;
        await backend.close();
        return {
          live,
          description: found.device.description,
          sweeps: found.device.sweeps,
          onDevice: found.device.marginalError,
          rule: found.reason.rule,
          error: found.marginalErrors.source + found.marginalErrors.target,
          difference: Math.abs(found.entropicValue - plain.entropicValue),
        };
      }, mode);
      if ("missing" in result) {
        console.log(`skipped: gpu.js on ${mode}: ${result.missing}`);
        expect(mode).toBe("webgpu");
      } else {
        console.log(`${result.description}: ${result.sweeps} sweeps to ${result.onDevice}`);
        expect(result.rule).toBe("marginalError");
        expect(result.onDevice).toBeLessThan(1e-3);
        expect(result.error).toBeLessThan(1e-9);
        expect(result.difference).toBeLessThan(1e-10);
        expect(result.live).toBe(0);
      }
      await page.close();
    },
  );
});
