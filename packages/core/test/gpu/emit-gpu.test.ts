// Kernels of terms: every operation, in float32, against the same operation in float64.
import { GPU } from "gpu.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectGpu } from "../../src/gpu/connect.js";
import type { GpuBackend } from "../../src/gpu/gpu-backend.js";
import { emitGpu } from "../../src/kernel/emit-gpu.js";
import type { Expr } from "../../src/kernel/index.js";
import * as k from "../../src/kernel/index.js";
import { trace } from "../../src/kernel/trace.js";

let backend: GpuBackend;
beforeAll(async () => {
  backend = await connectGpu({ GPU, mode: "webasm" });
});
afterAll(() => backend.close());

/** f(a, b) at points, on the device. */
async function evaluate(f: (a: Expr, b: Expr) => Expr, points: readonly (readonly [number, number])[]) {
  const { graph, outputs } = trace(2, 0, ([a, b]) => f(a!, b!));
  const terms = points.length;
  const program = {
    graph,
    arity: 2,
    width: 0,
    entries: 0,
    identity: false,
    results: [{ to: "sum", slot: 0, node: outputs[0]! }],
  } as const;
  const [pass] = emitGpu(program, terms);
  const x = await backend.upload(points.flat());
  const index = await backend.upload([...points.map((_, t) => 2 * t), ...points.map((_, t) => 2 * t + 1)]);
  const inputs = { index, x } as Readonly<Record<string, typeof x>>;
  const out = { rows: terms, cols: 1, flat: true };
  return backend.download(
    await backend.run({ source: pass!.source, out }, ...pass!.inputs.map((name) => inputs[name]!)),
  );
}

const spread = (low: number, high: number, count = 200) =>
  Array.from({ length: count }, (_, i) => Math.fround(low + ((high - low) * i) / (count - 1)));

const unary: readonly (readonly [
  name: string,
  f: (a: Expr) => Expr,
  exact: (a: number) => number,
  low: number,
  high: number,
  ulps: number,
])[] = [
  ["neg", (a) => a.neg(), (a) => -a, -3, 3, 0],
  ["abs", (a) => a.abs(), Math.abs, -3, 3, 0],
  ["sign", (a) => k.sign(a), Math.sign, -3, 3, 0],
  ["sqrt", (a) => k.sqrt(a), Math.sqrt, 0, 9, 1],
  ["exp", (a) => k.exp(a), Math.exp, -20, 20, 2],
  ["expm1", (a) => k.expm1(a), Math.expm1, -5, 5, 4],
  ["expm1 near 0", (a) => k.expm1(a), Math.expm1, -1e-4, 1e-4, 2],
  ["log", (a) => k.log(a), Math.log, 0.01, 50, 3],
  ["log near 1", (a) => k.log(a), Math.log, 0.9999, 1.0001, 3],
  ["log1p", (a) => k.log1p(a), Math.log1p, -0.9, 5, 4],
  ["log1p near 0", (a) => k.log1p(a), Math.log1p, -1e-5, 1e-5, 2],
  ["asin", (a) => k.asin(a), Math.asin, -1, 1, 4],
  ["acos", (a) => k.acos(a), Math.acos, -1, 1, 4],
  ["atan", (a) => k.atan(a), Math.atan, -40, 40, 4],
  ["sinh", (a) => k.sinh(a), Math.sinh, -30, 30, 4],
  ["cosh", (a) => k.cosh(a), Math.cosh, -30, 30, 4],
  ["tanh", (a) => k.tanh(a), Math.tanh, -20, 20, 5],
  ["asinh", (a) => k.asinh(a), Math.asinh, -30, 30, 5],
  ["asinh near 0", (a) => k.asinh(a), Math.asinh, -1e-4, 1e-4, 4],
  ["asinh far out", (a) => k.asinh(a), Math.asinh, -1e30, 1e30, 3],
  ["acosh", (a) => k.acosh(a), Math.acosh, 1, 30, 5],
  ["acosh far out", (a) => k.acosh(a), Math.acosh, 1e3, 1e30, 3],
  ["atanh", (a) => k.atanh(a), Math.atanh, -0.99, 0.99, 6],
  ["log2", (a) => k.log2(a), Math.log2, 0.01, 50, 4],
  ["log10", (a) => k.log10(a), Math.log10, 0.01, 50, 4],
  ["cbrt", (a) => k.cbrt(a), Math.cbrt, -50, 50, 2],
  ["tanh far out", (a) => k.tanh(a), Math.tanh, -1e4, 1e4, 5],
];

describe("operations in float32", () => {
  it.each(unary)("%s", async (_, f, exact, low, high, ulps) => {
    const points = spread(low, high).map((a) => [a, 0] as const);
    const found = await evaluate((a) => f(a), points);
    points.forEach(([a], t) => {
      const wanted = exact(a);
      expect(Math.abs(found[t]! - wanted), `at ${a}: ${found[t]}, wanted ${wanted}`).toBeLessThanOrEqual(
        (ulps + 0.5) * 2 ** -23 * Math.abs(wanted),
      );
    });
  });

  it.each([
    ["sin", (a: Expr) => k.sin(a), Math.sin, 10],
    ["cos", (a: Expr) => k.cos(a), Math.cos, 10],
    ["sin of thousands", (a: Expr) => k.sin(a), Math.sin, 8000],
    ["cos of thousands", (a: Expr) => k.cos(a), Math.cos, 8000],
  ] as const)("%s within 2⁻²³, and relatively near its zeros", async (_, f, exact, high) => {
    const points = [...spread(-high, high), 0, 1e-10, Math.fround(Math.PI), Math.fround(Math.PI / 2)].map(
      (a) => [a, 0] as const,
    );
    const found = await evaluate((a) => f(a), points);
    points.forEach(([a], t) => {
      const wanted = exact(a);
      expect(Math.abs(found[t]! - wanted), `at ${a}`).toBeLessThanOrEqual(
        2 ** -23 * Math.min(1, 8 * Math.abs(wanted)) + 1e-11,
      );
    });
  });

  it("tan away from its poles", async () => {
    const points = spread(-1.5, 4.6).map((a) => [a, 0] as const);
    const found = await evaluate((a) => k.tan(a), points);
    points.forEach(([a], t) => {
      const wanted = Math.tan(a);
      expect(Math.abs(found[t]! - wanted), `at ${a}`).toBeLessThanOrEqual(
        8 * 2 ** -23 * (Math.abs(wanted) + wanted * wanted * 2 ** -3),
      );
    });
  });

  const pairs = spread(-3, 3, 15).flatMap((a) => spread(-2, 2, 14).map((b) => [a, b] as const));
  it.each([
    [
      "arithmetic",
      (a: Expr, b: Expr) => a.mul(b).add(a).sub(b.div(3)).add(2.5),
      (a: number, b: number) => a * b + a - b / 3 + 2.5,
    ],
    ["min", (a: Expr, b: Expr) => k.min(a, b), Math.min],
    ["max", (a: Expr, b: Expr) => k.max(a, b), Math.max],
    ["hypot", (a: Expr, b: Expr) => k.hypot(a, b), Math.hypot],
    ["atan2", (a: Expr, b: Expr) => k.atan2(a, b), Math.atan2],
    [
      "select and <",
      (a: Expr, b: Expr) => k.select(k.lt(a, b), a.mul(2), b.sub(7)),
      (a: number, b: number) => (a < b ? 2 * a : b - 7),
    ],
    [
      "select and ≤",
      (a: Expr, b: Expr) => k.select(k.le(a, b), a.mul(2), b.sub(7)),
      (a: number, b: number) => (a <= b ? 2 * a : b - 7),
    ],
    [
      "power of a positive number",
      (a: Expr, b: Expr) => k.pow(a.abs().add(0.25), b),
      (a: number, b: number) => (Math.abs(a) + 0.25) ** b,
    ],
    ["odd power", (a: Expr) => k.pow(a, 35), (a: number) => a ** 35],
    ["even power", (a: Expr) => k.pow(a, 40), (a: number) => a ** 40],
    ["root", (a: Expr) => k.pow(a.abs(), 1.5), (a: number) => Math.abs(a) ** 1.5],
    ["negative power", (a: Expr) => k.pow(a.abs().add(1), -2.5), (a: number) => (Math.abs(a) + 1) ** -2.5],
  ] as const)("%s", async (name, f, exact) => {
    const found = await evaluate(f as (a: Expr, b: Expr) => Expr, pairs);
    // Powers are exp2(b log2 a): their error grows with the logarithm.
    const ulps = name.includes("power") ? 90 : 6;
    pairs.forEach(([a, b], t) => {
      const wanted = exact(a, b);
      const size = name === "arithmetic" ? Math.abs(a * b) + Math.abs(a) + Math.abs(b) + 2.5 : Math.abs(wanted);
      expect(Math.abs(found[t]! - wanted), `at ${a}, ${b}: ${found[t]}`).toBeLessThanOrEqual(ulps * 2 ** -23 * size);
    });
  });

  it("atan2 on the axes, hypot at the ends of the range", async () => {
    const axes = [
      [0, 1],
      [1, 0],
      [0, -1],
      [-1, 0],
      [0, 0],
    ] as const;
    const angles = await evaluate((a, b) => k.atan2(a, b), axes);
    axes.forEach(([y, x], t) => {
      expect(angles[t]).toBeCloseTo(Math.atan2(y, x), 6);
    });
    const ends = await evaluate(
      (a, b) => k.hypot(a, b),
      [
        [3e30, 4e30],
        [3e-30, 4e-30],
        [0, 0],
      ],
    );
    expect(ends[0]! / 5e30).toBeCloseTo(1, 6);
    expect(ends[1]! / 5e-30).toBeCloseTo(1, 6);
    expect(ends[2]).toBe(0);
  });

  it("a constant beyond float32 stays in range: it stands for ∞", async () => {
    const found = await evaluate(
      (a) => k.select(k.lt(a, 0), Number.POSITIVE_INFINITY, a),
      [
        [-1, 0],
        [2, 0],
      ],
    );
    expect([...found]).toEqual([Math.fround(1e37), 2]);
  });

  it("zero to a power", async () => {
    expect([...(await evaluate((a) => k.pow(a, 0.5), [[0, 0]]))]).toEqual([0]);
    expect((await evaluate((a) => k.pow(a, -1.7), [[0, 0]]))[0]).toBe(Math.fround(1e37));
  });
});

describe("emitGpu", () => {
  const program = (results: number, ops: number) => {
    const { graph, outputs } = trace(1, 1, ([a], [d]) =>
      Array.from({ length: results }, (_, r) => {
        let e = a!.mul(d!).add(r);
        for (let i = 0; i < ops; i++) e = e.mul(e).add(i + r / 7);
        return e;
      }),
    );
    const all = Array.from(outputs, (node, slot) => ({ to: "variable" as const, slot, node }));
    return { graph, arity: 1, width: 1, entries: 0, identity: false, results: all };
  };

  it("cuts programs that are too long for one kernel, and results that are too many for one array", () => {
    expect(emitGpu(program(4, 10), 100).map(({ results }) => results.length)).toEqual([4]);
    expect(emitGpu(program(4, 400), 100).map(({ results }) => results.length)).toEqual([1, 1, 1, 1]);
    expect(emitGpu(program(4, 10), 2 ** 23).map(({ results }) => results.length)).toEqual([2, 2]);
    expect(emitGpu(program(0, 10), 100)).toEqual([]);
  });

  it("reads what it needs only", () => {
    const { graph, outputs } = trace(2, 1, ([a]) => a!.square());
    const results = [{ to: "sum" as const, slot: 0, node: outputs[0]! }];
    const [pass] = emitGpu({ graph, arity: 2, width: 1, entries: 0, identity: false, results }, 5);
    expect(pass!.inputs).toEqual(["index", "x"]);
    const [own] = emitGpu({ graph, arity: 2, width: 1, entries: 0, identity: true, results }, 5);
    expect(own!.inputs).toEqual(["x"]);
  });
});
