// Finding gpu.js and what it can run on here.
import { describe, HessiaError, misuse, requireKnownOptions } from "../errors.js";
import { makeDevice } from "./device.js";
import { type GpuBackend, gpuBackend } from "./gpu-backend.js";
import type { GpuConstructor, GpuInstance, GpuMode } from "./gpujs.js";

export interface ConnectOptions {
  /** The `GPU` class of gpu.js. Default: what `import("gpu.js")` gives; pages and bundles must hand it in. */
  readonly GPU?: GpuConstructor;
  /**
   * What gpu.js is to run on. Default "auto": WebGPU, WebGL2, WebGL or headless GL where one of these is a real GPU and computes rightly, else gpu.js's
   * own WebAssembly kernels on the CPU (also float32), else its JavaScript. A software renderer is taken only when asked for by name.
   */
  readonly mode?: "auto" | GpuMode;
}

const modes: readonly GpuMode[] = ["webgpu", "webgl2", "webgl", "headlessgl", "webasm", "cpu"];

const titles: Readonly<Record<GpuMode, string>> = {
  webgpu: "WebGPU",
  webgl2: "WebGL2",
  webgl: "WebGL",
  headlessgl: "headless GL",
  webasm: "its WebAssembly kernels on the CPU",
  cpu: "its JavaScript kernels on the CPU",
};

/**
 * Connects to the GPU through gpu.js (2.24 or newer).
 * @throws HessiaError when gpu.js isn't installed (with the line that installs it), or nothing of what was asked for works here (with the reasons).
 */
export async function connectGpu(options: ConnectOptions = {}): Promise<GpuBackend> {
  requireKnownOptions("connectGpu", options, ["GPU", "mode"]);
  const { mode = "auto" } = options;
  if (mode !== "auto" && !modes.includes(mode))
    misuse("connectGpu", "options.mode", describe(mode), `"auto" or one of ${modes.join(", ")}`);
  const GPU = options.GPU ?? (await loadGpuJs());
  if (typeof GPU !== "function")
    misuse("connectGpu", "options.GPU", describe(GPU), 'the `GPU` class of gpu.js: import { GPU } from "gpu.js"');
  const declined: string[] = [];
  for (const candidate of mode === "auto" ? modes : [mode]) {
    const backend = await tryMode(GPU, candidate, mode === "auto", declined);
    if (backend !== undefined) return backend;
  }
  throw new HessiaError(`connectGpu: nothing to compute on. ${declined.join("; ")}.`);
}

// The name is no literal there: a bundler must not look for a package that may not be there.
const importModule = (name: string): Promise<unknown> => import(/* @vite-ignore */ /* webpackIgnore: true */ name);

/** The `GPU` class of an installed gpu.js. */
export async function loadGpuJs(load = importModule): Promise<GpuConstructor> {
  try {
    const module = (await load("gpu.js")) as GpuModule;
    const GPU = module.GPU ?? module.default?.GPU;
    if (GPU !== undefined) return GPU;
  } catch (cause) {
    throw new HessiaError(
      "connectGpu: gpu.js isn't there. It compiles Hessia's GPU kernels (WebGPU, WebGL2, else float32 WebAssembly) and is no dependency, so that who " +
        "needs no GPU downloads none: `npm install gpu.js` (2.24 or newer). On a page or in a bundle hand it in: connectGpu({ GPU }).",
      { cause },
    );
  }
  throw new HessiaError(
    "connectGpu: the package gpu.js has no `GPU`; wanted version 2.24 or newer: `npm install gpu.js`.",
  );
}

interface GpuModule {
  readonly GPU?: GpuConstructor;
  readonly default?: { readonly GPU?: GpuConstructor };
}

async function supports(GPU: GpuConstructor, mode: GpuMode): Promise<boolean> {
  if (mode === "webgpu") return GPU.isWebGPUSupported && (await GPU.isWebGPUAvailable());
  if (mode === "webgl2") return GPU.isWebGL2Supported;
  if (mode === "webgl") return GPU.isWebGLSupported;
  if (mode === "headlessgl") return GPU.isHeadlessGLSupported;
  return mode === "cpu" || GPU.isWebAssemblySupported;
}

/** A backend on the mode, or undefined with the reason added to `declined`. */
async function tryMode(
  GPU: GpuConstructor,
  mode: GpuMode,
  onlyHardware: boolean,
  declined: string[],
): Promise<GpuBackend | undefined> {
  const decline = (reason: string): undefined => {
    declined.push(`${titles[mode]}: ${reason}`);
  };
  if (!(await supports(GPU, mode))) return decline("not here");
  let gpu: GpuInstance | undefined;
  try {
    gpu = new GPU({ mode });
    const device = makeDevice(gpu, mode);
    const onCpu = mode === "webasm" || mode === "cpu";
    const probe = gpuBackend(device, titles[mode]);
    const wrong = await findError(probe);
    const renderer = onCpu ? "" : await rendererOf(gpu, mode);
    if (wrong !== undefined || (onlyHardware && isSoftware(renderer))) {
      await probe.close();
      return decline(wrong ?? `a software renderer (${renderer})`);
    }
    return gpuBackend(device, `gpu.js on ${titles[mode]}${renderer === "" ? "" : ` (${renderer})`}, float32`);
  } catch (cause) {
    await gpu?.destroy().catch(() => undefined);
    return decline(cause instanceof Error ? cause.message.split("\n")[0]! : String(cause));
  }
}

/** A product and a log-sum-exp whose results are known: drivers have been wrong before. */
async function findError(backend: GpuBackend): Promise<string | undefined> {
  const a = await backend.upload([1, 2, 3, 4, 5, 6], 2, 3);
  const product = await backend.gemm(a, a, { transposeB: true });
  const sums = await backend.logSumExpRows(a);
  const numbers = [...(await backend.download(product)), ...(await backend.download(sums))];
  backend.release(a, product, sums);
  const right = [14, 32, 32, 77, 3.4076059644443806, 6.407605964444381];
  const bad = right.findIndex((value, k) => !(Math.abs(numbers[k]! - value) <= 1e-4 * value));
  return bad < 0 ? undefined : `computes ${numbers[bad]} where ${right[bad]} is right`;
}

const isSoftware = (renderer: string): boolean => /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);

interface RendererContext {
  getExtension(name: string): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  getParameter(name: number): unknown;
  readonly RENDERER: number;
}

interface WebGpuNavigator {
  readonly gpu?: {
    requestAdapter(): Promise<{
      readonly info?: Readonly<Record<string, unknown>>;
      readonly isFallbackAdapter?: boolean;
    } | null>;
  };
}

async function rendererOf(gpu: GpuInstance, mode: GpuMode): Promise<string> {
  if (mode === "webgpu") {
    const adapter = await (globalThis as { readonly navigator?: WebGpuNavigator }).navigator?.gpu?.requestAdapter();
    const info = adapter?.info ?? {};
    const words = [info.vendor, info.architecture, info.device, info.description].filter(
      (word) => typeof word === "string" && word !== "",
    );
    if (info.isFallbackAdapter === true || adapter?.isFallbackAdapter === true) words.push("software");
    return words.join(" ");
  }
  const context = gpu.context as RendererContext | null | undefined;
  const extension = context?.getExtension("WEBGL_debug_renderer_info");
  return String(context?.getParameter(extension?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER) ?? "");
}
