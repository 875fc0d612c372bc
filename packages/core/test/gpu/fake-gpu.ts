// A GPU for tests: gpu.js's JavaScript kernels behind textures that are counted, with a context that can be lost and a driver that can be wrong.
import { GPU } from "gpu.js";
import type { GpuConstructor, GpuInstance, GpuKernel, GpuMode } from "../../src/gpu/gpujs.js";

export interface FakeOptions {
  /** What is said to be supported. */
  readonly modes: readonly GpuMode[];
  readonly renderer?: string;
  readonly textureSize?: number;
  /** Changes the results of kernels. */
  readonly distort?: (x: number) => number;
}

export interface FakeGpu {
  readonly GPU: GpuConstructor;
  /** Textures that nobody deleted. */
  textures: number;
  /** Kernels that aren't destroyed, and how many were ever made. */
  kernels: number;
  made: number;
  /** What went wrong: textures used after they were deleted, or whose kernel is gone. */
  readonly faults: string[];
  lost: boolean;
}

interface Texture {
  readonly numbers: unknown;
  deleted: boolean;
  toArray(): unknown;
  delete(): void;
}

export function fakeGpu({ modes, renderer = "Fake 9000", textureSize = 64, distort }: FakeOptions): FakeGpu {
  const changed = (numbers: unknown): unknown => {
    if (distort === undefined) return numbers;
    if (numbers instanceof Float32Array) return numbers.map(distort);
    return (numbers as Float32Array[]).map((row) => row.map(distort));
  };
  const state: Omit<FakeGpu, "GPU"> = { textures: 0, kernels: 0, made: 0, faults: [], lost: false };

  const wrap = (run: GpuKernel, pipeline: boolean): GpuKernel => {
    state.kernels++;
    state.made++;
    let destroyed = false;
    const call = async (...args: unknown[]) => {
      const plain = args.map((arg) => {
        if (typeof arg !== "object" || arg === null || !("toArray" in arg)) return arg;
        const texture = arg as Texture;
        if (texture.deleted) state.faults.push("a deleted texture was used");
        return texture.numbers;
      });
      const numbers = changed(run(...plain));
      if (!pipeline) return numbers;
      state.textures++;
      const texture: Texture = {
        numbers,
        deleted: false,
        toArray() {
          if (texture.deleted || destroyed) state.faults.push("a texture was read that is gone");
          return numbers;
        },
        delete() {
          if (destroyed) state.faults.push("a kernel went before its texture");
          if (!texture.deleted) state.textures--;
          texture.deleted = true;
        },
      };
      return texture;
    };
    const destroy = () => {
      if (!destroyed) state.kernels--;
      destroyed = true;
    };
    return Object.assign(call, { destroy });
  };

  class Fake implements GpuInstance {
    static readonly isWebGPUSupported = modes.includes("webgpu");
    static readonly isWebGL2Supported = modes.includes("webgl2");
    static readonly isWebGLSupported = modes.includes("webgl");
    static readonly isHeadlessGLSupported = modes.includes("headlessgl");
    static readonly isWebAssemblySupported = modes.includes("webasm");
    static isWebGPUAvailable = async () => modes.includes("webgpu");
    readonly inner = new GPU({ mode: "cpu" });
    readonly context = {
      MAX_TEXTURE_SIZE: 1,
      RENDERER: 2,
      isContextLost: () => state.lost,
      getParameter: (name: number) => (name === 1 ? textureSize : renderer),
      getExtension: () => null,
    };
    readonly mode: GpuMode;
    constructor({ mode }: { mode: GpuMode }) {
      this.mode = mode;
    }
    createKernel(source: string, settings: { readonly pipeline: boolean }): GpuKernel {
      const run = this.inner.createKernel(source, { ...settings, asyncMode: false } as never) as unknown as GpuKernel;
      return wrap(run, settings.pipeline && this.mode !== "cpu" && this.mode !== "webasm");
    }
    destroy = () => this.inner.destroy();
  }
  return Object.assign(state, { GPU: Fake });
}
