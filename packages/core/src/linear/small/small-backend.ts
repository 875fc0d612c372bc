// Who computes batches of small matrices: SIMD WebAssembly where the engine has it, or plain JavaScript.
import { wasmBatchBackend } from "../../wasm/batch-backend.js";
import { javascriptBatchBackend } from "./small-javascript.js";
import type { BatchBackend } from "./small-shapes.js";

let current: BatchBackend | undefined;

/** The backend in use: SIMD WebAssembly, made when it is first asked for, or plain JavaScript where the engine has none. */
export function batchBackend(): BatchBackend {
  current ??= wasmBatchBackend() ?? javascriptBatchBackend;
  return current;
}

/** Puts another backend in place for the whole module; answers the one it replaces. */
export function setBatchBackend(backend: BatchBackend): BatchBackend {
  const previous = batchBackend();
  current = backend;
  return previous;
}
