import { describe, expect, it } from "vitest";
import { WasmModule } from "../../src/wasm/assembler.js";
import { pageBytes, webAssembly } from "../../src/wasm/engine.js";
import { f64 } from "../../src/wasm/instructions.js";
import { bindModule, makeRegions } from "../../src/wasm/memory.js";

function regions() {
  const module = new WasmModule();
  module.function({ task: "i32", x: "i32" }, "none", (b, { x }) => b.do(f64.store(x, f64.add(f64.load(x), 1))), "bump");
  const compiled = new webAssembly!.Module(module.assemble());
  return makeRegions(64, false, (memory) => bindModule(compiled, memory));
}

describe("makeRegions", () => {
  it("gives zeroed memory behind the head, and finds the region of any view of it", () => {
    const { allocate, regionOf } = regions();
    const a = allocate(1000)!;
    expect(a.length).toBe(1000);
    expect(a.byteOffset).toBe(64);
    expect(a.every((x) => x === 0)).toBe(true);
    const region = regionOf(a.subarray(10, 20))!;
    expect(region).toBe(regionOf(a));
    region.run("bump", false, 3, a.byteOffset + 8 * 5);
    expect(a[5]).toBe(3);
    expect(regionOf(new Float64Array(3))).toBeUndefined();
  });

  it("uses released memory again, zeroed, where the size fits", () => {
    const { allocate, release } = regions();
    const a = allocate(1000)!.fill(7);
    const b = allocate(1000)!;
    expect(b.buffer).not.toBe(a.buffer);
    release(a);
    release(a);
    const c = allocate(900)!;
    expect(c.buffer).toBe(a.buffer);
    expect(c.every((x) => x === 0)).toBe(true);
    expect(allocate(900)!.buffer).not.toBe(a.buffer);
    release(b);
    expect(allocate(100_000)!.buffer).not.toBe(b.buffer);
    // Memory from elsewhere is none of its business.
    release(new Float64Array(10));
  });

  it("doesn't take a much larger region for a small request", () => {
    const { allocate, release } = regions();
    const large = allocate(1_000_000)!;
    release(large);
    expect(allocate(10)!.buffer).not.toBe(large.buffer);
    expect(allocate(900_000)!.buffer).toBe(large.buffer);
  });

  it("answers undefined where there is no such memory", () => {
    const { allocate } = regions();
    expect(allocate((2 * 32_768 * pageBytes) / 8)).toBeUndefined();
    const none = makeRegions(0, false, () => {
      throw new RangeError("could not allocate memory");
    });
    expect(none.allocate(10)).toBeUndefined();
  });
});
