// A GPU as a backend, in float32, through gpu.js. Arrays stay on the device between operations; only `upload` and `download` and the partial sums
// of reductions cross over.

import { makeArrayStore } from "../backend/arrays.js";
import type { ArrayBackend, BackendArray } from "../backend/backend.js";
import {
  requireClouds,
  requireFactor,
  requireMatrixVector,
  requireMetric,
  requireProduct,
  requireSameShape,
  requireUpload,
  requireVector,
} from "../backend/shapes.js";
import { misuse } from "../errors.js";
import type { Device, DeviceArray } from "./device.js";
import type { GpuMode } from "./gpujs.js";
import {
  type Contraction,
  contractionKernel,
  expOuterKernel,
  gemmKernel,
  type KernelSource,
  type Layout,
  mapKernel,
  pairwiseKernel,
  type Reduction,
  reductionKernel,
} from "./kernels.js";

/** The backend on a GPU: as every backend, and able to run kernels of one's own. */
export interface GpuBackend extends ArrayBackend {
  readonly name: "gpu";
  /** What gpu.js runs on. */
  readonly mode: GpuMode;
  /** How an array of this shape is stored: kernels are written for it. */
  layout(rows: number, cols: number): Layout;
  /** Runs a kernel on arrays and numbers. It is compiled when it is first met, and kept. */
  run(kernel: KernelSource, ...args: readonly (BackendArray | number)[]): Promise<BackendArray>;
}

/** Threads that keep a GPU busy, and the fewest numbers that one of them sums. */
const busy = 8192;
const leastChunk = 64;
/** Partial sums that are fetched; numbers that one thread adds in a reduction. */
const mostPartials = 4096;
const fan = 256;
const largest = 3.4e38;

export function gpuBackend(device: Device, description: string): GpuBackend {
  const store = makeArrayStore<DeviceArray>();
  const keep = (array: DeviceArray) =>
    store.add(
      array.layout.rows,
      array.layout.cols,
      array,
      (memory) => memory.content === undefined || device.free(memory),
    );
  const empty = (rows: number, cols: number) =>
    keep({ layout: { rows, cols, flat: true }, content: undefined, maker: undefined });
  /** Runs a function on the memory of arrays, which nobody frees meanwhile. */
  const using = async <T>(
    routine: string,
    arrays: Readonly<Record<string, BackendArray>>,
    work: (...memory: DeviceArray[]) => Promise<T>,
  ): Promise<T> => {
    const named = Object.entries(arrays);
    const memory = named.map(([name, array]) => store.memory(routine, name, array));
    const holds = named.map(([, array]) => store.hold(array));
    try {
      return await work(...memory);
    } finally {
      for (const release of holds) release();
    }
  };
  const filled = async (rows: number, cols: number, value: number) =>
    rows * cols === 0
      ? empty(rows, cols)
      : keep(await device.upload(device.layout(rows, cols), new Float32Array(rows * cols).fill(value)));

  /** ⊕ along the rows or columns of m: chunk by chunk, then over the chunks. */
  const contract = async (
    kind: Contraction,
    along: "rows" | "cols",
    m: DeviceArray,
    v: DeviceArray | undefined,
  ): Promise<DeviceArray> => {
    const { rows, cols } = m.layout;
    const [outer, inner] = along === "rows" ? [rows, cols] : [cols, rows];
    const chunks = device.resident ? Math.max(1, Math.min(Math.ceil(busy / outer), Math.floor(inner / leastChunk))) : 1;
    const out = along === "rows" ? device.layout(outer, chunks) : device.layout(chunks, outer);
    const kernel = contractionKernel(kind, m.layout, along, v !== undefined, out);
    const partial = await (v === undefined ? device.run(kernel, m) : device.run(kernel, m, v));
    if (chunks === 1) return { ...partial, layout: device.layout(outer, 1) };
    try {
      return await contract(kind === "product" ? "sum" : kind, along, partial, undefined);
    } finally {
      device.free(partial);
    }
  };

  const logSumExp = async (
    routine: "logSumExpRows" | "logSumExpCols",
    m: BackendArray,
    v: BackendArray | undefined,
  ) => {
    const [along, outer, inner] =
      routine === "logSumExpRows" ? (["rows", m.rows, m.cols] as const) : (["cols", m.cols, m.rows] as const);
    return using(routine, v === undefined ? { m } : { m, v }, async (M, V) => {
      if (v !== undefined) requireVector(routine, "v", v, inner);
      if (outer * inner === 0) return filled(outer, 1, Number.NEGATIVE_INFINITY);
      return keep(await contract("logSumExp", along, M!, V));
    });
  };

  /** Reduces until few enough partial results are left, and fetches them. */
  const reduce = async (
    kind: Reduction,
    arrays: readonly DeviceArray[],
    ...numbers: readonly number[]
  ): Promise<Float32Array> => {
    const { layout } = arrays[0]!;
    const { rows, cols, flat } = layout;
    const out = flat
      ? { rows: Math.max(1, Math.ceil((rows * cols) / fan)), cols: 1, flat: true }
      : device.layout(Math.ceil(rows / fan), cols);
    const partial = await device.run(reductionKernel(kind, layout, out), ...arrays, ...numbers);
    try {
      if (out.rows * out.cols <= mostPartials) return await device.download(partial);
      return await reduce(kind === "max" || kind === "size" ? "max" : "sum", [partial]);
    } finally {
      device.free(partial);
    }
  };
  const add = (partials: Float32Array) => partials.reduce((sum, part) => sum + part, 0);
  const greatest = (partials: Float32Array) =>
    partials.reduce((top, part) => (Number.isNaN(top) || part <= top ? top : part), -Infinity);

  return {
    name: "gpu",
    mode: device.mode,
    precision: "float32",
    unitRoundoff: 2 ** -24,
    description,
    layout: device.layout,

    async run(kernel, ...args) {
      const arrays = args.flatMap((arg, k) => (typeof arg === "number" ? [] : [[`args[${k}]`, arg] as const]));
      return using("run", Object.fromEntries(arrays), async (...memory) => {
        let next = 0;
        return keep(await device.run(kernel, ...args.map((arg) => (typeof arg === "number" ? arg : memory[next++]!))));
      });
    },

    async upload(values, rows, cols) {
      const [m, n] = requireUpload(values, rows, cols, largest);
      return m * n === 0 ? empty(m, n) : keep(await device.upload(device.layout(m, n), Float32Array.from(values)));
    },
    async downloadInto(out, array) {
      if (out.length !== array.rows * array.cols)
        misuse("downloadInto", "out", `of length ${out.length}`, `length ${array.rows * array.cols}`);
      return using("downloadInto", { array }, async (memory) => {
        if (out.length > 0) out.set(await device.download(memory!));
        return out;
      });
    },
    download: async (array) =>
      using("download", { array }, async (memory) =>
        Float64Array.from(array.rows * array.cols === 0 ? [] : await device.download(memory!)),
      ),
    release: (...arrays) => store.release(arrays),
    get live() {
      return store.live;
    },
    async close() {
      store.close();
      await device.close();
    },

    async gemm(a, b, options = {}) {
      const { transposeA = false, transposeB = false, alpha = 1, beta = 0, c } = options;
      const withC = beta !== 0 && c !== undefined;
      return using("gemm", c === undefined ? { a, b } : { a, b, "options.c": c }, async (A, B, C0) => {
        const [m, n, k] = requireProduct(a, b, options);
        if (m * n * k === 0 && !withC) return filled(m, n, 0);
        if (m * n === 0) return empty(m, n);
        if (k === 0) return keep(await device.run(mapKernel("scale", C0!.layout), C0!, beta));
        const kernel = gemmKernel(device.layout(m, n), k, A!.layout, transposeA, B!.layout, transposeB, withC);
        return keep(await (withC ? device.run(kernel, A!, B!, alpha, C0!, beta) : device.run(kernel, A!, B!, alpha)));
      });
    },
    async gemv(a, x, options = {}) {
      return using("gemv", { a, x }, async (A, X) => {
        const [m, k] = requireMatrixVector(a, x, options);
        if (m * k === 0) return filled(m, 1, 0);
        const y = await contract("product", options.transpose ? "cols" : "rows", A!, X);
        const { alpha = 1 } = options;
        if (alpha === 1) return keep(y);
        try {
          return keep(await device.run(mapKernel("scale", y.layout), y, alpha));
        } finally {
          device.free(y);
        }
      });
    },
    logSumExpRows: async (m, v) => logSumExp("logSumExpRows", m, v),
    logSumExpCols: async (m, v) => logSumExp("logSumExpCols", m, v),
    async pairwise(x, y, metric = "squaredEuclidean") {
      return using("pairwise", { x, y }, async (X, Y) => {
        requireClouds(x, y);
        const parsed = requireMetric(metric);
        if (x.rows * y.rows === 0) return empty(x.rows, y.rows);
        if (x.cols === 0) return filled(x.rows, y.rows, parsed.name === "cosine" ? 1 : 0);
        return keep(
          await device.run(pairwiseKernel(device.layout(x.rows, y.rows), X!.layout, Y!.layout, parsed), X!, Y!),
        );
      });
    },

    async axpby(alpha, x, beta = 1, y) {
      requireFactor("axpby", "alpha", alpha);
      requireFactor("axpby", "beta", beta);
      return using("axpby", y === undefined ? { x } : { x, y }, async (X, Y) => {
        if (y !== undefined) requireSameShape("axpby", "y", x, y);
        const { layout } = X!;
        if (x.rows * x.cols === 0) return empty(x.rows, x.cols);
        if (Y === undefined) return keep(await device.run(mapKernel("scale", layout), X!, alpha));
        return keep(await device.run(mapKernel("axpby", layout), X!, alpha, Y, beta));
      });
    },
    async exp(x) {
      return using("exp", { x }, async (X) => {
        if (x.rows * x.cols === 0) return empty(x.rows, x.cols);
        return keep(await device.run(mapKernel("exp", X!.layout), X!));
      });
    },
    async expOuter(m, x, y) {
      return using("expOuter", { m, x, y }, async (M, X, Y) => {
        requireVector("expOuter", "x", x, m.rows);
        requireVector("expOuter", "y", y, m.cols);
        if (m.rows * m.cols === 0) return empty(m.rows, m.cols);
        return keep(await device.run(expOuterKernel(M!.layout), M!, X!, Y!));
      });
    },

    async sum(x) {
      return using("sum", { x }, async (X) => (x.rows * x.cols === 0 ? 0 : add(await reduce("sum", [X!]))));
    },
    async max(x) {
      return using("max", { x }, async (X) =>
        x.rows * x.cols === 0 ? Number.NEGATIVE_INFINITY : greatest(await reduce("max", [X!])),
      );
    },
    async dot(x, y) {
      return using("dot", { x, y }, async (X, Y) => {
        requireSameShape("dot", "y", x, y);
        return x.rows * x.cols === 0 ? 0 : add(await reduce("dot", [X!, Y!]));
      });
    },
    async norm2(x) {
      return using("norm2", { x }, async (X) => {
        if (x.rows * x.cols === 0) return 0;
        const size = greatest(await reduce("size", [X!]));
        if (size === 0 || !Number.isFinite(size)) return size;
        // Scaled by a power of two, which rounds nothing.
        const scale = 2 ** -Math.max(-120, Math.min(120, Math.round(Math.log2(size))));
        return Math.sqrt(add(await reduce("squares", [X!], scale))) / scale;
      });
    },
  };
}
