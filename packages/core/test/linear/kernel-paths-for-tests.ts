// The three ways in which the dense kernels run: plain JavaScript, SIMD WebAssembly, relaxed SIMD (behind a flag in Node 20, which is set here).
import { setFlagsFromString } from "node:v8";
import { type DenseBackend, javascriptBackend, setDenseBackend } from "../../src/linear/dense/backend.js";
import { wasmBackend } from "../../src/wasm/dense-backend.js";

if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");

export const kernelPaths: readonly (readonly [name: string, backend: DenseBackend])[] = [
  javascriptBackend,
  wasmBackend({ relaxed: false }),
  wasmBackend({ relaxed: true }),
].flatMap((backend) => (backend === undefined ? [] : [[backend.name, backend] as const]));

/** `work` with a backend in place of the present one. */
export function using<T>(backend: DenseBackend, work: () => T): T {
  const before = setDenseBackend(backend);
  try {
    return work();
  } finally {
    setDenseBackend(before);
  }
}
