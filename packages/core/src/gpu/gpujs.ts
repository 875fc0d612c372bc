// What is used of gpu.js, as types of our own: whoever doesn't install it must be able to type-check against this package.

/** A kernel's result that stays on the device. */
export interface GpuTexture {
  toArray(): unknown;
  delete(): void;
}

/** A compiled kernel: called with arrays, numbers and textures. */
export interface GpuKernel {
  (...args: unknown[]): unknown;
  destroy(): void;
}

export interface GpuInstance {
  createKernel(source: string, settings: object): GpuKernel;
  destroy(): Promise<void>;
  readonly context?: unknown;
}

export type GpuMode = "webgpu" | "webgl2" | "webgl" | "headlessgl" | "webasm" | "cpu";

/** The `GPU` class of gpu.js. */
export interface GpuConstructor {
  new (settings: { mode: GpuMode }): GpuInstance;
  readonly isWebGPUSupported: boolean;
  isWebGPUAvailable(): Promise<boolean>;
  readonly isWebGL2Supported: boolean;
  readonly isWebGLSupported: boolean;
  readonly isHeadlessGLSupported: boolean;
  readonly isWebAssemblySupported: boolean;
}
