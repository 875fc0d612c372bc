// Batches of small matrices in SIMD WebAssembly. A module is made for each n when it is first asked for; arrays are copied through its memory in pieces, of
// which threads take blocks.
import { javascriptBatchBackend } from "../linear/small/small-javascript.js";
import { type BatchBackend, type BatchOperation, batchShapes } from "../linear/small/small-shapes.js";
import { constantBytes, WasmModule } from "./assembler.js";
import { webAssembly } from "./engine.js";
import { validates, wasmFeatures } from "./features.js";
import { bindModule, bindThreads, makeRegions, type Region } from "./memory.js";
import { defineSmallFactors } from "./small-factor-kernels.js";
import { defineSmallJacobi } from "./small-jacobi-kernels.js";
import { scratchBytes } from "./small-pairs.js";
import type { ThreadPool } from "./threads.js";

/** Matrices of a task, and tasks of a piece. Even. */
const block = 64;
const tasks = 32;
const piece = block * tasks;

export interface WasmBatchOptions {
  /** Fused multiply-add by relaxed SIMD. Default: where the engine has it. */
  readonly relaxed?: boolean;
  /** Threads among which pieces of a batch are divided. The result doesn't depend on their number, to the bit. */
  readonly threads?: ThreadPool;
}

/** The kernels' module for n × n matrices. */
export function smallModule(n: number, relaxed: boolean, shared: boolean): Uint8Array {
  const module = new WasmModule({ relaxed, shared });
  defineSmallFactors(module, n);
  defineSmallJacobi(module, n);
  return module.assemble();
}

/** A batch backend in SIMD WebAssembly; undefined where the engine has none (or none with relaxed SIMD or threads, when these are asked for). */
export function wasmBatchBackend(options: WasmBatchOptions = {}): BatchBackend | undefined {
  const features = wasmFeatures();
  const { relaxed = features.relaxed, threads } = options;
  const shared = threads !== undefined;
  if (!features.simd || (shared && !features.threads)) return undefined;
  if (relaxed && !features.relaxed && !validates(true, shared)) return undefined;

  /** A memory for one n, with room for a piece: the input, two outputs and the statuses; kept. */
  const places = new Map<number, { readonly region: Region; readonly floats: Float64Array }>();
  const placeOf = (n: number) => {
    let place = places.get(n);
    if (place !== undefined) return place;
    const module = new webAssembly!.Module(smallModule(n, relaxed, shared));
    const regions = makeRegions(constantBytes, shared, (memory) =>
      threads === undefined ? bindModule(module, memory) : bindThreads(module, memory, threads),
    );
    const floats = regions.allocate(3 * piece * n * n + piece / 2 + (tasks * scratchBytes(n)) / 8);
    if (floats === undefined) return undefined;
    place = { region: regions.regionOf(floats)!, floats };
    places.set(n, place);
    return place;
  };

  return {
    name: relaxed ? "wasm-relaxed" : "wasm",
    run(operation: BatchOperation, n, count, input, outputs, status) {
      const place = placeOf(n);
      if (place === undefined) {
        javascriptBatchBackend.run(operation, n, count, input, outputs, status);
        return;
      }
      const { region, floats } = place;
      const size = piece * n * n;
      const address = (k: number) => floats.byteOffset + 8 * k;
      const states = new Int32Array(floats.buffer, address(3 * size), piece);
      const shapes = batchShapes(operation, n);
      for (let first = 0; first < count; first += piece) {
        const here = Math.min(piece, count - first);
        floats.set(input.subarray(first * n * n, (first + here) * n * n));
        region.run(
          operation,
          true,
          Math.ceil(here / block),
          block,
          here,
          address(0),
          address(size),
          address(2 * size),
          address(3 * size),
          address(3 * size + piece / 2),
        );
        for (const [k, out] of outputs.entries()) {
          const from = (k + 1) * size;
          out.set(floats.subarray(from, from + here * shapes[k]!), first * shapes[k]!);
        }
        status.set(here === piece ? states : states.subarray(0, here), first);
      }
    },
  };
}
