import { GPU } from "gpu.js";
import { describe, expect, it } from "vitest";
import { ArgumentError, HessiaError } from "../../src/errors.js";
import { connectGpu, loadGpuJs } from "../../src/gpu/connect.js";
import type { GpuConstructor } from "../../src/gpu/gpujs.js";
import { fakeGpu } from "./fake-gpu.js";

describe("connectGpu", () => {
  it("takes gpu.js's class as it is", () => {
    const taken: GpuConstructor = GPU;
    expect(taken).toBe(GPU);
  });

  it("finds an installed gpu.js by itself", async () => {
    const backend = await connectGpu();
    expect(backend.description).toMatch(/^gpu\.js on .*float32$/);
    expect([backend.name, backend.precision]).toEqual(["gpu", "float32"]);
    await backend.close();
  });

  it("says in one line how to get gpu.js where it isn't installed", async () => {
    const missing = loadGpuJs(() => Promise.reject(new Error("Cannot find package 'gpu.js'")));
    await expect(missing).rejects.toThrow(HessiaError);
    await expect(missing).rejects.toThrow(
      /^connectGpu: gpu\.js isn't there\. .* `npm install gpu\.js` .* connectGpu\(\{ GPU \}\)\.$/,
    );
    await expect(missing).rejects.toThrow(/^[^\n]*$/);
    await expect(loadGpuJs(async () => ({}))).rejects.toThrow("has no `GPU`; wanted version 2.24 or newer");
  });

  it("takes the class from a module's default too", async () => {
    expect(await loadGpuJs(async () => ({ default: { GPU } }))).toBe(GPU);
  });

  it("prefers WebGPU, then WebGL2, WebGL and headless GL", async () => {
    for (const [modes, mode] of [
      [["webgpu", "webgl2", "webasm"], "webgpu"],
      [["webgl", "webgl2", "webasm"], "webgl2"],
      [["headlessgl", "webgl"], "webgl"],
      [["headlessgl", "webasm"], "headlessgl"],
      [["webasm"], "webasm"],
      [[], "cpu"],
    ] as const) {
      const backend = await connectGpu({ GPU: fakeGpu({ modes }).GPU });
      expect(backend.mode).toBe(mode);
      await backend.close();
    }
  });

  it("names the renderer", async () => {
    const backend = await connectGpu({ GPU: fakeGpu({ modes: ["webgl2"] }).GPU });
    expect(backend.description).toBe("gpu.js on WebGL2 (Fake 9000), float32");
  });

  it("takes a software renderer only when it is asked for", async () => {
    const { GPU: Slow } = fakeGpu({ modes: ["webgl2", "webasm"], renderer: "Google SwiftShader" });
    expect((await connectGpu({ GPU: Slow })).mode).toBe("webasm");
    expect((await connectGpu({ GPU: Slow, mode: "webgl2" })).mode).toBe("webgl2");
  });

  it("doesn't take a driver that computes wrongly", async () => {
    const { GPU: Wrong } = fakeGpu({ modes: ["webgl2"], distort: (x) => x * 1.01 });
    await expect(connectGpu({ GPU: Wrong, mode: "webgl2" })).rejects.toThrow(
      /nothing to compute on\. WebGL2: computes .* where 14 is right\./,
    );
    const { GPU: Lost } = fakeGpu({ modes: ["webgl2"], distort: () => Number.NaN });
    await expect(connectGpu({ GPU: Lost, mode: "webgl2" })).rejects.toThrow("computes NaN where 14 is right");
  });

  it("says what isn't here", async () => {
    await expect(connectGpu({ GPU, mode: "webgl2" })).rejects.toThrow(
      "connectGpu: nothing to compute on. WebGL2: not here.",
    );
    await expect(connectGpu({ GPU, mode: "webgpu" })).rejects.toThrow("WebGPU: not here");
  });

  it("passes on why a mode fails", async () => {
    class Failing extends fakeGpu({ modes: ["webgl2"] }).GPU {
      override createKernel(): never {
        throw new Error("no float textures\nmore");
      }
    }
    await expect(connectGpu({ GPU: Failing, mode: "webgl2" })).rejects.toThrow("WebGL2: no float textures.");
  });

  it("refuses what it doesn't know", async () => {
    await expect(connectGpu({ mode: "vulkan" as never })).rejects.toThrow(
      '`options.mode` is "vulkan"; wanted "auto" or one of webgpu, webgl2',
    );
    await expect(connectGpu({ GPU: {} as never })).rejects.toThrow(
      "`options.GPU` is an Object; wanted the `GPU` class of gpu.js",
    );
    await expect(connectGpu({ gpu: GPU } as never)).rejects.toThrow(ArgumentError);
  });
});
