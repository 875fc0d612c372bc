export type { ArrayBackend, BackendArray, BackendName, GemmOptions, GemvOptions, Metric } from "../backend/backend.js";
export { jsArrayBackend, wasmArrayBackend } from "../backend/cpu-backend.js";
export { type PickOptions, pickBackend } from "../backend/pick.js";
export { type ConnectOptions, connectGpu } from "./connect.js";
export type { GpuBackend } from "./gpu-backend.js";
export type { GpuConstructor, GpuMode } from "./gpujs.js";
export type { KernelSource, Layout } from "./kernels.js";
export {
  gemvProduct,
  hessianProduct,
  type RefineOptions,
  type RefineResult,
  type RoughProduct,
  refineInto,
} from "./mixed.js";
export { type GpuTerms, gpuTerms } from "./terms.js";
