// The three paths of the kernels: plain JavaScript, SIMD WebAssembly, relaxed SIMD. Node 20 has the last behind a flag.
import { setFlagsFromString } from "node:v8";
import { type DenseBackend, javascriptBackend, setDenseBackend } from "../../src/linear/dense/backend.js";
import { setBatchBackend } from "../../src/linear/small/small-backend.js";
import { javascriptBatchBackend } from "../../src/linear/small/small-javascript.js";
import type { BatchBackend } from "../../src/linear/small/small-shapes.js";
import { wasmBatchBackend } from "../../src/wasm/batch-backend.js";
import { wasmBackend } from "../../src/wasm/dense-backend.js";

if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");

const needed = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("this engine lacks SIMD WebAssembly, or its relaxed form");
  return value;
};

export const denseBackends: readonly DenseBackend[] = [
  javascriptBackend,
  needed(wasmBackend({ relaxed: false })),
  needed(wasmBackend({ relaxed: true })),
];

export const batchBackends: readonly BatchBackend[] = [
  javascriptBatchBackend,
  needed(wasmBatchBackend({ relaxed: false })),
  needed(wasmBatchBackend({ relaxed: true })),
];

/** `work` by a backend in place of the present one. */
export function withDense<T>(backend: DenseBackend, work: () => T): T {
  const before = setDenseBackend(backend);
  try {
    return work();
  } finally {
    setDenseBackend(before);
  }
}

export function withBatch<T>(backend: BatchBackend, work: () => T): T {
  const before = setBatchBackend(backend);
  try {
    return work();
  } finally {
    setBatchBackend(before);
  }
}
