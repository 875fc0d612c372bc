import { describe, expect, it } from "vitest";
import { call, constantBytes, type Value, type ValueType, WasmModule } from "../../src/wasm/assembler.js";
import { flatten, signed, unsigned } from "../../src/wasm/encode.js";
import { type WasmMemory, webAssembly } from "../../src/wasm/engine.js";
import { f64, f64x2, i32, i64x2, madd, nmadd, select, v128 } from "../../src/wasm/instructions.js";

function instantiate(module: WasmModule, imports: Record<string, Record<string, unknown>> = {}) {
  const memory: WasmMemory = new webAssembly!.Memory({ initial: 1, maximum: 1 });
  const compiled = new webAssembly!.Module(module.assemble());
  const { exports } = new webAssembly!.Instance(compiled, { env: { memory }, ...imports });
  return { exports, memory };
}

/** The function (a, b, …) => value of one result, made of `write`. */
function makeFunction(types: ValueType[], result: ValueType, write: (...values: Value[]) => Value) {
  const module = new WasmModule();
  const parameters = Object.fromEntries(types.map((type, i) => [`p${i}`, type]));
  module.function(parameters, result, (_, locals) => write(...Object.values(locals)), "f");
  return instantiate(module).exports.f!;
}

describe("encode", () => {
  it("writes LEB128 as the specification's examples have it", () => {
    expect([...flatten(unsigned(624485))]).toEqual([0xe5, 0x8e, 0x26]);
    expect([...flatten(signed(-123456))]).toEqual([0xc0, 0xbb, 0x78]);
    expect([...flatten(unsigned(0))]).toEqual([0]);
    expect([...flatten(unsigned(2 ** 32 - 1))]).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect([...flatten(signed(-1))]).toEqual([0x7f]);
    expect([...flatten(signed(64))]).toEqual([0xc0, 0x00]);
    expect([...flatten(signed(-(2 ** 31)))]).toEqual([0x80, 0x80, 0x80, 0x80, 0x78]);
  });

  it("flattens nested lists of more than its first buffer in order", () => {
    const deep = Array.from({ length: 1000 }, (_, i) => [i % 256, [Uint8Array.of(1, 2)], []]);
    const bytes = flatten(deep);
    expect(bytes.length).toBe(3000);
    expect([...bytes.subarray(3 * 700, 3 * 700 + 3)]).toEqual([700 % 256, 1, 2]);
  });
});

describe("WasmModule", () => {
  it("runs loops, branches, calls and imports", () => {
    const module = new WasmModule();
    const seen: number[] = [];
    const report = module.importFunction("host", "report", ["i32"], "none");
    const twice = module.function({ x: "i32" }, "i32", (_, { x }) => i32.add(x, x));
    module.function(
      { n: "i32" },
      "i32",
      (b, { n }) => {
        const i = b.local("i32");
        const sum = b.local("i32", 5);
        b.for(i, 0, n, 2, () => {
          b.if(
            i32.eq(i, 4),
            () => b.do(call(report, call(twice, i))),
            () => b.set(sum, i32.add(sum, i)),
          );
        });
        b.while(i32.gtS(sum, 100), () => b.set(sum, i32.sub(sum, 100)));
        b.if(i32.ltS(n, 0), () => b.return(i32.const(-7)));
        return sum;
      },
      "f",
    );
    const { exports } = instantiate(module, { host: { report: (x: number) => seen.push(x) } });
    expect(exports.f!(7)).toBe(5 + 0 + 2 + 6);
    expect(seen).toEqual([8]);
    expect(exports.f!(0)).toBe(5);
    expect(exports.f!(-1)).toBe(-7);
    // 0 + 2 + … + 98 less 4 is 2446, and 5 more.
    expect(exports.f!(100)).toBe(51);
  });

  it("keeps constants in a table in memory, each once", () => {
    const module = new WasmModule({ constantsAt: 32 });
    module.function({}, "f64", () => f64x2.lane(module.constant(Math.PI), 1), "pi");
    module.function({}, "f64", () => f64x2.lane(f64x2.add(module.constant(-0), module.constant(Math.PI)), 0), "again");
    const { exports, memory } = instantiate(module);
    expect(exports.pi!()).toBe(Math.PI);
    expect(exports.again!()).toBe(Math.PI);
    expect([...new Float64Array(memory.buffer).subarray(4, 9)]).toEqual([Math.PI, Math.PI, -0, -0, 0]);
    expect(() => {
      for (let k = 0; k <= constantBytes / 16; k++) module.constant(k);
    }).toThrow("too many constants");
  });

  it("refuses what would not be a module", () => {
    const module = new WasmModule();
    const one = module.function({ x: "f64" }, "f64", (_, { x }) => x);
    expect(() => call(one)).toThrow("wrong number of arguments");
    expect(() => call(one, i32.const(1))).toThrow("i32 given where f64 is wanted");
    expect(() => f64.add(1)).toThrow("wrong number of operands");
    expect(() => module.importFunction("a", "b", [], "none")).toThrow("imports come before functions");
    expect(() => module.function({}, "f64", () => undefined)).toThrow("must answer a value");
  });
});

describe("instructions", () => {
  const doubles = [0, -0, 1.5, -2.5, 1e300, -1e300, Number.POSITIVE_INFINITY, Number.NaN, 3, 0.1];

  it.each([
    ["add", f64.add, (a: number, b: number) => a + b],
    ["sub", f64.sub, (a: number, b: number) => a - b],
    ["mul", f64.mul, (a: number, b: number) => a * b],
    ["div", f64.div, (a: number, b: number) => a / b],
    ["min", f64.min, Math.min],
    ["max", f64.max, Math.max],
  ] as const)("f64.%s and f64x2.%s", (name, scalar, wanted) => {
    const f = makeFunction(["f64", "f64"], "f64", scalar);
    const g = makeFunction(["f64", "f64"], "f64", (a, b) => f64x2.lane(f64x2[name](f64x2.splat(a), f64x2.splat(b)), 1));
    for (const a of doubles) {
      for (const b of doubles) {
        expect(Object.is(f(a, b), wanted(a, b))).toBe(true);
        expect(Object.is(g(a, b), wanted(a, b))).toBe(true);
      }
    }
  });

  it.each([
    ["abs", f64.abs, Math.abs],
    ["neg", f64.neg, (a: number) => -a],
    ["sqrt", f64.sqrt, Math.sqrt],
  ] as const)("f64.%s", (name, scalar, wanted) => {
    const f = makeFunction(["f64"], "f64", scalar);
    const g = makeFunction(["f64"], "f64", (a) => f64x2.lane(f64x2[name](f64x2.splat(a)), 0));
    for (const a of doubles) {
      expect(Object.is(f(a), wanted(a))).toBe(true);
      expect(Object.is(g(a), wanted(a))).toBe(true);
    }
  });

  it.each([
    ["eq", (a: number, b: number) => a === b],
    ["ne", (a: number, b: number) => a !== b],
    ["lt", (a: number, b: number) => a < b],
    ["gt", (a: number, b: number) => a > b],
    ["le", (a: number, b: number) => a <= b],
    ["ge", (a: number, b: number) => a >= b],
  ] as const)("f64.%s, and as a mask of lanes", (name, wanted) => {
    const f = makeFunction(["f64", "f64"], "i32", f64[name]);
    const g = makeFunction(["f64", "f64"], "i32", (a, b) => v128.anyTrue(f64x2[name](f64x2.splat(a), f64x2.splat(b))));
    for (const a of doubles) {
      for (const b of doubles) {
        expect(f(a, b)).toBe(wanted(a, b) ? 1 : 0);
        expect(g(a, b)).toBe(wanted(a, b) ? 1 : 0);
      }
    }
  });

  it("integers, selection, lanes and conversions", () => {
    expect(makeFunction(["i32", "i32"], "i32", (a, b) => i32.remS(i32.divS(a, b), 5))(-77, 4)).toBe(-4);
    expect(makeFunction(["i32"], "i32", (a) => i32.shrS(i32.shl(a, 4), 6))(-9)).toBe(-3);
    expect(makeFunction(["i32"], "i32", (a) => i32.shrU(a, 28))(-1)).toBe(15);
    expect(makeFunction(["i32"], "i32", (a) => i32.or(i32.and(a, 12), i32.xor(a, a)))(7)).toBe(4);
    expect(makeFunction(["f64", "i32"], "f64", (a, c) => select("f64", a, 3, c))(2, 0)).toBe(3);
    const pair = (a: Value) => f64x2.replaceLane(f64x2.splat(a), 7, 1);
    expect(makeFunction(["f64"], "f64", (a) => f64x2.lane(f64x2.shuffle(pair(a), pair(a), 1, 2), 0))(2)).toBe(7);
    expect(makeFunction(["f64"], "f64", (a) => f64x2.lane(f64x2.shuffle(pair(a), pair(a), 1, 2), 1))(2)).toBe(2);
    // The exponent's bits of 2^a.
    const bits = (a: Value) => i64x2.shrS(f64x2.splat(a), 52);
    expect(makeFunction(["f64"], "f64", (a) => f64x2.lane(i64x2.shl(bits(a), 52), 0))(12)).toBe(8);
    expect(makeFunction(["f64"], "f64", (a) => f64.nearest(a))(2.5)).toBe(2);
  });

  it("multiply and add without relaxed SIMD round twice", () => {
    const module = new WasmModule();
    const e = 2 ** -52;
    const x = 1 + e;
    module.function(
      { a: "f64" },
      "f64",
      (_, { a }) => f64x2.lane(madd(module, f64x2.splat(a), f64x2.splat(a), -1), 0),
      "f",
    );
    module.function(
      { a: "f64" },
      "f64",
      (_, { a }) => f64x2.lane(nmadd(module, f64x2.splat(a), f64x2.splat(a), 1), 0),
      "g",
    );
    const { exports } = instantiate(module);
    expect(exports.f!(x)).toBe(x * x - 1);
    expect(exports.g!(x)).toBe(1 - x * x);
  });
});
