// The parts of the WebAssembly API that are used, typed here: the library needs neither the DOM's types nor Node's.

/** A compiled module. */
export type CompiledModule = { readonly __compiled: never };

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Exported functions by name. All numbers: addresses in bytes, counts. */
export type WasmExports = Readonly<Record<string, (...values: number[]) => number>>;

interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => CompiledModule;
  readonly Instance: new (
    module: CompiledModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: WasmExports };
  readonly Memory: new (limits: { initial: number; maximum: number; shared?: boolean }) => WasmMemory;
}

/** The engine's WebAssembly; undefined where there is none. */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;

/** Bytes of a WebAssembly page. */
export const pageBytes = 65_536;
