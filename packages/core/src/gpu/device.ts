// A device that runs kernels through gpu.js: numbers go onto it and off it, kernels are compiled once per shape and kept, results stay there.
import { HessiaError } from "../errors.js";
import type { GpuInstance, GpuKernel, GpuMode, GpuTexture } from "./gpujs.js";
import { copyKernel, type KernelSource, type Layout } from "./kernels.js";

/** An array on the device. On the modes that compute on the CPU a plain array, else a texture or buffer. */
export interface DeviceArray {
  readonly layout: Layout;
  readonly content: unknown;
  /** The kernel that made it: it must outlive it. */
  readonly maker: CachedKernel | undefined;
}

interface CachedKernel {
  readonly run: GpuKernel;
  /** With threads of its own: gpu.js gives each kernel of its WebAssembly mode a pool. */
  readonly threaded: boolean;
  /** Results that are in use. */
  live: number;
  running: number;
  readonly numbers: number;
}

export interface Device {
  readonly mode: GpuMode;
  /** Whether results stay on a device; else arrays are copied into each kernel. */
  readonly resident: boolean;
  /** The layout of an array; throws HessiaError where the device can't hold it. */
  layout(rows: number, cols: number): Layout;
  upload(layout: Layout, values: Float32Array): Promise<DeviceArray>;
  download(array: DeviceArray): Promise<Float32Array>;
  run(kernel: KernelSource, ...args: readonly (DeviceArray | number)[]): Promise<DeviceArray>;
  /** Gives an array's memory back. */
  free(array: DeviceArray): void;
  /** Kernels that are compiled. */
  readonly kernels: number;
  close(): Promise<void>;
}

/** Kernels that are kept, and the most numbers that their last results may have together: each keeps its own. */
const mostKernels = 64;
const mostNumbers = 2 ** 26;
/** Kernels with threads of their own, and the least work (threads times operations) that is worth them. */
const mostThreaded = 4;
const threadedWork = 2e7;

export function makeDevice(gpu: GpuInstance, mode: GpuMode): Device {
  const resident = mode !== "webasm" && mode !== "cpu";
  const cache = new Map<string, CachedKernel>();
  const settings = { precision: "single", tactic: "precision", immutable: true, loopMaxIterations: 2 ** 30 };

  const evict = (newest: CachedKernel) => {
    let numbers = 0;
    let threaded = 0;
    for (const kernel of cache.values()) {
      numbers += kernel.numbers;
      if (kernel.threaded) threaded++;
    }
    for (const [key, kernel] of cache) {
      const tooMany = cache.size > mostKernels || numbers > mostNumbers || (threaded > mostThreaded && kernel.threaded);
      if (!tooMany || kernel === newest || kernel.live > 0 || kernel.running > 0) continue;
      cache.delete(key);
      numbers -= kernel.numbers;
      if (kernel.threaded) threaded--;
      kernel.run.destroy();
    }
  };

  const make = ({ source, out, work = 1 }: KernelSource, pipeline: boolean): CachedKernel => {
    const numbers = out.rows * out.cols;
    const threaded = mode === "webasm" && numbers * work >= threadedWork;
    const output = out.flat ? [numbers] : [out.cols, out.rows];
    const run = gpu.createKernel(source, { ...settings, pipeline, output, asyncMode: resident || threaded });
    return { run, threaded, live: 0, running: 0, numbers };
  };

  const kernelFor = (
    source: KernelSource,
    args: readonly (DeviceArray | number)[],
    pipeline: boolean,
  ): CachedKernel => {
    const { rows, cols } = source.out;
    const shapes = args.map((arg) => (typeof arg === "number" ? "n" : `${arg.layout.rows}x${arg.layout.cols}`));
    const key = `${pipeline}|${rows}x${cols}|${shapes.join()}|${source.source}`;
    const kernel = cache.get(key) ?? make(source, pipeline);
    // The order of the map is the order of use.
    cache.delete(key);
    cache.set(key, kernel);
    evict(kernel);
    return kernel;
  };

  const call = async (kernel: CachedKernel, args: readonly unknown[]): Promise<unknown> => {
    kernel.running++;
    try {
      return await kernel.run(...args);
    } finally {
      kernel.running--;
    }
  };

  const run: Device["run"] = async (source, ...args) => {
    const kernel = kernelFor(source, args, true);
    const content = await call(
      kernel,
      args.map((arg) => (typeof arg === "number" ? arg : arg.content)),
    );
    // A plain array needs nobody.
    if (!resident) return { layout: source.out, content, maker: undefined };
    kernel.live++;
    return { layout: source.out, content, maker: kernel };
  };

  return {
    mode,
    resident,
    layout(rows, cols) {
      const side = longestSide(gpu, mode);
      const vector = rows === 1 || cols === 1;
      const flat = vector || Math.max(rows, cols) > side;
      // Flat arrays are found by index, in float32 where rows and columns come from a division.
      if (rows * cols > side * side || (flat && !vector && rows * cols > 2 ** 24))
        throw new HessiaError(
          `the GPU (${mode}) can't hold an array of ${rows} × ${cols}: its sides go up to ${side}.`,
        );
      return { rows, cols, flat };
    },
    async upload(layout, values) {
      const content = shaped(layout, values);
      if (!resident) return { layout, content, maker: undefined };
      return run(copyKernel(layout), { layout, content, maker: undefined });
    },
    async download(array) {
      const { content, layout } = array;
      requireContext(gpu);
      if (!resident) return flattened(layout, content);
      if (mode !== "webgl2") return flattened(layout, await (content as GpuTexture).toArray());
      // WebGL answers at once or not at all but through a kernel whose result is fetched behind a fence.
      const numbers = flattened(layout, await call(kernelFor(copyKernel(layout), [array], false), [content]));
      requireContext(gpu);
      return numbers;
    },
    run,
    free({ content, maker }) {
      if (maker !== undefined) maker.live--;
      if (resident) (content as GpuTexture).delete();
    },
    get kernels() {
      return cache.size;
    },
    async close() {
      cache.clear();
      await gpu.destroy();
    },
  };
}

/** As gpu.js takes it: rows of one array, or the array. */
function shaped({ rows, cols, flat }: Layout, values: Float32Array): Float32Array | Float32Array[] {
  if (flat) return values;
  return Array.from({ length: rows }, (_, i) => values.subarray(i * cols, (i + 1) * cols));
}

function flattened({ rows, cols, flat }: Layout, content: unknown): Float32Array {
  if (flat) return content as Float32Array;
  const numbers = new Float32Array(rows * cols);
  (content as Float32Array[]).forEach((row, i) => {
    numbers.set(row, i * cols);
  });
  return numbers;
}

/** The part of a WebGL context that is asked. */
interface Context {
  isContextLost?(): boolean;
  getParameter?(name: number): unknown;
  readonly MAX_TEXTURE_SIZE?: number;
}

/** Threads along one side of WebGPU's dispatch of 8 × 8 groups. */
const webgpuSide = 8 * 65_535;

function longestSide(gpu: GpuInstance, mode: GpuMode): number {
  if (mode === "webgpu") return webgpuSide;
  const context = gpu.context as Context | null | undefined;
  const size = context?.MAX_TEXTURE_SIZE === undefined ? undefined : context.getParameter?.(context.MAX_TEXTURE_SIZE);
  if (mode === "webasm" || mode === "cpu") return 2 ** 30;
  return typeof size === "number" ? size : 2048;
}

/** A lost context answers zeros: never pass them on. */
function requireContext(gpu: GpuInstance): void {
  const context = gpu.context as Context | null | undefined;
  if (context?.isContextLost?.() === true)
    throw new HessiaError(
      "the GPU's WebGL context was lost (a driver reset, or too much work in one call); connect again and upload anew.",
    );
}
