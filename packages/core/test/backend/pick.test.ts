import { GPU } from "gpu.js";
import { describe, expect, it } from "vitest";
import { pickBackend } from "../../src/backend/pick.js";

describe("pickBackend", () => {
  it("takes float64 when nothing else is said", async () => {
    const backend = await pickBackend();
    expect([backend.name, backend.precision]).toEqual(["wasm", "float64"]);
    expect(backend.description).toMatch(/SIMD WebAssembly.*float64/);
  });

  it("gives what is asked for by name", async () => {
    for (const prefer of ["js", "wasm", "gpu"] as const) {
      const backend = await pickBackend({ prefer, ...(prefer === "gpu" ? { GPU } : {}) });
      expect(backend.name).toBe(prefer);
      await backend.close();
    }
  });

  it("takes a GPU for float32 only where there is a real one: gpu.js on the CPU is no reason to lose digits", async () => {
    const backend = await pickBackend({ precision: "float32", GPU });
    expect(backend.name).toBe("wasm");
    expect((await pickBackend({ precision: "float32", mode: "webgl2", GPU })).name).toBe("wasm");
  });

  it("refuses what it doesn't know", async () => {
    await expect(pickBackend({ prefer: "cuda" as never })).rejects.toThrow('`options.prefer` is "cuda"; wanted "auto"');
    await expect(pickBackend({ precision: "float16" as never })).rejects.toThrow('`options.precision` is "float16"');
    await expect(pickBackend({ perfer: "js" } as never)).rejects.toThrow("`options.perfer` is not an option");
  });
});
