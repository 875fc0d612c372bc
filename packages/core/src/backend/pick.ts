// Choosing a backend.
import { describe, misuse, requireKnownOptions } from "../errors.js";
import type { ConnectOptions } from "../gpu/connect.js";
import { wasmBackend } from "../wasm/dense-backend.js";
import type { ArrayBackend } from "./backend.js";
import { jsArrayBackend, wasmArrayBackend } from "./cpu-backend.js";

export interface PickOptions extends ConnectOptions {
  /**
   * "js", "wasm" or "gpu" as they are. "auto" (the default): WebAssembly where it runs, else JavaScript, since both have float64; with
   * `precision: "float32"` a real GPU, where gpu.js and one are there, before them.
   */
  readonly prefer?: "auto" | "js" | "wasm" | "gpu";
  /** The least precision that will do, for "auto". Default "float64". */
  readonly precision?: "float64" | "float32";
}

/**
 * A backend for work on dense arrays.
 * @throws HessiaError when what is preferred by name isn't to be had here; "auto" always finds one.
 */
export async function pickBackend(options: PickOptions = {}): Promise<ArrayBackend> {
  requireKnownOptions("pickBackend", options, ["prefer", "precision", "GPU", "mode"]);
  const { prefer = "auto", precision = "float64", ...connection } = options;
  if (!["auto", "js", "wasm", "gpu"].includes(prefer))
    misuse("pickBackend", "options.prefer", describe(prefer), '"auto", "js", "wasm" or "gpu"');
  if (precision !== "float64" && precision !== "float32")
    misuse("pickBackend", "options.precision", describe(precision), '"float64" or "float32"');
  if (prefer === "js") return jsArrayBackend();
  if (prefer === "wasm") return wasmArrayBackend();
  const { connectGpu } = await import("../gpu/connect.js");
  if (prefer === "gpu") return connectGpu(connection);
  if (precision === "float32") {
    const gpu = await connectGpu(connection).catch(() => undefined);
    if (gpu !== undefined && gpu.mode !== "webasm" && gpu.mode !== "cpu") return gpu;
    await gpu?.close();
  }
  return wasmBackend() === undefined ? jsArrayBackend() : wasmArrayBackend();
}
