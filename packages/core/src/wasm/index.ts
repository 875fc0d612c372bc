export { type WasmBatchOptions, wasmBatchBackend } from "./batch-backend.js";
export { type WasmBackendOptions, wasmBackend } from "./dense-backend.js";
export { type WasmFeatures, wasmFeatures } from "./features.js";
export { type PoolInstance, startThreads, type ThreadPool } from "./threads.js";
