// What one core and its memory reach here, as the two lines of a roofline: loops that do nothing else, in the same engine and the same run.
//
// The multiply-add loop keeps twelve pairs of sums in registers, enough to hide the latency of the operations: a_k ← a_k x + y, in two instructions (a product
// that is the same each time would be taken out of the loop), or fused a_k ← x y + a_k, which has its sum in place. The memory loop adds up an array four times as large as any cache that is likely. The modules are written as bytes: nothing of the library is in them.
import { setFlagsFromString } from "node:v8";
import type { Roof } from "../../figures.js";
import { median } from "../../statistics.js";

const chains = 12;
/** Multiplications and additions of one round, two lanes. */
const flopsARound = chains * 2 * 2;
const arrayBytes = 128 * 1024 * 1024;

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const simd = (code: number) => (code < 128 ? [0xfd, code] : [0xfd, (code & 127) | 128, code >> 7]);
const splat = simd(0x14);
const add = simd(0xf0);
const mul = simd(0xf2);
const relaxedMadd = simd(0x107);
const firstLane = [...simd(0x21), 0];
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];
const text = (letters: string) => [letters.length, ...Array.from(letters, (letter) => letter.charCodeAt(0))];

/** A module that exports `run`, of the given parameter types, with v128 locals behind them; its memory is env.memory. */
function moduleOf(parameters: number[], locals: number, code: number[], pages: number): Uint8Array<ArrayBuffer> {
  const body = [1, locals, 0x7b, ...code, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, parameters.length, ...parameters, 1, 0x7c]),
    ...section(2, [1, ...text("env"), ...text("memory"), 0x02, 0x00, ...leb(pages)]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("run"), 0x00, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** run(rounds, x, y): the sum of all chains. */
function multiplyAdds(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const [x, y, first] = [3, 4, 5];
  const all = Array.from({ length: chains }, (_, k) => first + k);
  const step = (k: number) => [
    ...(relaxed ? [x, y, k].flatMap(get) : [...get(k), ...get(x)]),
    ...(relaxed ? relaxedMadd : [...mul, ...get(y), ...add]),
    ...set(k),
  ];
  return moduleOf(
    [0x7f, 0x7c, 0x7c],
    2 + chains,
    [
      ...[...get(1), ...splat, ...set(x), ...get(2), ...splat, ...set(y)],
      ...[0x03, 0x40, ...all.flatMap(step), ...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
      ...[...get(first), ...all.slice(1).flatMap((k) => [...get(k), ...add]), ...firstLane],
    ],
    1,
  );
}

/** run(from, to): the sum of what lies there, 128 bytes a round. */
function sum(): Uint8Array<ArrayBuffer> {
  const sums = Array.from({ length: 8 }, (_, k) => 2 + k);
  const step = (local: number, k: number) => [
    ...get(local),
    ...get(0),
    ...simd(0),
    4,
    ...leb(16 * k),
    ...add,
    ...set(local),
  ];
  return moduleOf(
    [0x7f, 0x7f],
    sums.length,
    [
      ...[
        0x03,
        0x40,
        ...sums.flatMap(step),
        ...get(0),
        0x41,
        ...[0x80, 0x01],
        0x6a,
        0x22,
        0,
        ...get(1),
        0x48,
        0x0d,
        0,
        0x0b,
      ],
      ...[...get(2), ...sums.slice(1).flatMap((k) => [...get(k), ...add]), ...firstLane],
    ],
    arrayBytes / 65_536,
  );
}

/** The parts of the WebAssembly API that are used; Node's types lack them. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer };
};

type Run = (...values: number[]) => number;

/** The module's `run`; undefined where the engine doesn't know an instruction. */
function load(bytes: Uint8Array<ArrayBuffer>, pages: number): Run | undefined {
  if (!WebAssembly.validate(bytes)) return undefined;
  const memory = new WebAssembly.Memory({ initial: pages });
  // Pages that were never written are all one page of zeros, in cache.
  new Float64Array(memory.buffer).fill(1);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return exports.run as Run;
}

function javascriptRun(rounds: number, x: number, y: number): number {
  let [a, b, c, d, e, f, g, h] = [1, 2, 3, 4, 5, 6, 7, 8];
  for (let k = 0; k < rounds; k++) {
    a = a * x + y;
    b = b * x + y;
    c = c * x + y;
    d = d * x + y;
    e = e * x + y;
    f = f * x + y;
    g = g * x + y;
    h = h * x + y;
  }
  return a + b + c + d + e + f + g + h;
}

/** The best of several medians: others may use the core, and a peak is what it can do. */
function rate(amount: number, work: () => unknown, rounds: number): number {
  const times = Array.from({ length: 3 * rounds }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  const groups = [0, 1, 2].map((g) => median(times.slice(g * rounds, (g + 1) * rounds)));
  return amount / Math.min(...groups) / 1e6;
}

/**
 * Runs `work` with relaxed SIMD switched on: Node 20 has it behind a flag, later ones need none. What is compiled meanwhile stays usable.
 */
export function withRelaxed<T>(work: () => T): T {
  const flag = process.versions.node.startsWith("20.") ? "experimental-wasm-relaxed-simd" : undefined;
  if (flag === undefined) return work();
  setFlagsFromString(`--${flag}`);
  try {
    return work();
  } finally {
    setFlagsFromString(`--no-${flag}`);
  }
}

/** GFLOP/s of one core's registers and GB/s of its memory. */
export function measurePeaks(quick: boolean): Roof {
  const rounds = quick ? 100_000 : 2_000_000;
  const repeats = quick ? 3 : 7;
  const gflops = (run: Run | undefined, flops: number) => {
    if (run === undefined) return null;
    run(rounds, 0.9999, 1e-4);
    return rate(flops * rounds, () => run(rounds, 0.9999, 1e-4), repeats);
  };
  const total = load(sum(), arrayBytes / 65_536);
  total?.(0, arrayBytes);
  return {
    gflops: gflops(load(multiplyAdds(false), 1), flopsARound) ?? Number.NaN,
    gflopsRelaxed: withRelaxed(() => gflops(load(multiplyAdds(true), 1), flopsARound)),
    gflopsJavascript: gflops(javascriptRun, 16)!,
    gigabytes: total === undefined ? Number.NaN : rate(arrayBytes, () => total(0, arrayBytes), repeats),
  };
}
