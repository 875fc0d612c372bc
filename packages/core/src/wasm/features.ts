// What this engine's WebAssembly can do, found by validating tiny modules.
import { WasmModule } from "./assembler.js";
import { webAssembly } from "./engine.js";
import { f64x2, madd } from "./instructions.js";

export interface WasmFeatures {
  /** 128-bit SIMD. Without it the plain JavaScript kernels are used. */
  readonly simd: boolean;
  /** Relaxed SIMD: fused multiply-add. */
  readonly relaxed: boolean;
  /** Shared memory with atomics; in browsers only on cross-origin isolated pages. */
  readonly threads: boolean;
}

let found: WasmFeatures | undefined;

/** What this engine can do. Looked up once. */
export function wasmFeatures(): WasmFeatures {
  found ??= {
    simd: validates(false, false) && mayCompile(),
    relaxed: validates(true, false),
    threads: typeof SharedArrayBuffer !== "undefined" && validates(false, true),
  };
  return found;
}

/** Whether the engine takes such a module now: flags may have changed since {@link wasmFeatures} looked. */
export function validates(relaxed: boolean, shared: boolean): boolean {
  if (webAssembly === undefined) return false;
  const module = new WasmModule({ relaxed, shared });
  module.function({ a: "v128" }, "f64", (_, { a }) => f64x2.lane(madd(module, a, a, a), 0));
  return webAssembly.validate(module.assemble());
}

/** Whether a page's security policy lets WebAssembly be compiled. */
function mayCompile(): boolean {
  try {
    new webAssembly!.Module(new WasmModule().assemble());
    return true;
  } catch {
    return false;
  }
}
