// The CPU as a backend, in float64: plain JavaScript, or SIMD WebAssembly. The two differ in their kernels only.
import { HessiaError, misuse } from "../errors.js";
import { type DenseBackend, javascriptBackend } from "../linear/dense/backend.js";
import type { Vector } from "../linear/matrix.js";
import { axpyAt, dot, linearCombinationInto, norm2 } from "../linear/vec.js";
import { wasmBackend } from "../wasm/dense-backend.js";
import { wasmFeatures } from "../wasm/features.js";
import { makeArrayStore } from "./arrays.js";
import type { ArrayBackend, BackendArray } from "./backend.js";
import { combineInto, pairwiseInto } from "./pairwise.js";
import {
  requireClouds,
  requireFactor,
  requireMatrixVector,
  requireMetric,
  requireProduct,
  requireSameShape,
  requireUpload,
  requireVector,
} from "./shapes.js";

/** Plain JavaScript, float64: works everywhere. */
export const jsArrayBackend = (): ArrayBackend => cpuBackend("js", javascriptBackend, "plain JavaScript, float64");

/**
 * SIMD WebAssembly, float64.
 * @throws HessiaError where the engine has no SIMD WebAssembly, or the page's security policy forbids it.
 */
export function wasmArrayBackend(): ArrayBackend {
  const dense = wasmBackend();
  if (dense === undefined)
    throw new HessiaError(
      'wasmArrayBackend: this engine runs no SIMD WebAssembly, or the page\'s security policy forbids it (script-src needs "wasm-unsafe-eval"). Use jsArrayBackend().',
    );
  const fused = wasmFeatures().relaxed ? " with fused multiply-add" : "";
  return cpuBackend("wasm", dense, `SIMD WebAssembly${fused}, float64`);
}

function cpuBackend(name: "js" | "wasm", dense: DenseBackend, description: string): ArrayBackend {
  const store = makeArrayStore<Vector>();
  const keep = (rows: number, cols: number, data: Vector) => store.add(rows, cols, data, () => undefined);
  const like = ({ rows, cols }: BackendArray, data: Vector) => keep(rows, cols, data);
  const data = store.memory;

  const logSumExp = (routine: "logSumExpRows" | "logSumExpCols", m: BackendArray, v: BackendArray | undefined) => {
    const matrix = data(routine, "m", m);
    const [outer, inner] = routine === "logSumExpRows" ? [m.rows, m.cols] : [m.cols, m.rows];
    if (v !== undefined) requireVector(routine, "v", v, inner);
    const shift = v === undefined ? new Float64Array(inner) : data(routine, "v", v);
    const out = new Float64Array(outer);
    if (inner === 0) out.fill(Number.NEGATIVE_INFINITY);
    else dense[routine](m.rows, m.cols, matrix, 0, m.cols, shift, out);
    return keep(outer, 1, out);
  };

  return {
    name,
    precision: "float64",
    unitRoundoff: 2 ** -53,
    description,

    async upload(values, rows, cols) {
      const [m, n] = requireUpload(values, rows, cols, Number.MAX_VALUE);
      return keep(m, n, Float64Array.from(values));
    },
    async downloadInto(out, array) {
      const from = data("downloadInto", "array", array);
      if (out.length !== from.length) misuse("downloadInto", "out", `of length ${out.length}`, `length ${from.length}`);
      out.set(from);
      return out;
    },
    download: async (array) => data("download", "array", array).slice(),
    release: (...arrays) => store.release(arrays),
    get live() {
      return store.live;
    },
    close: async () => store.close(),

    async gemm(a, b, options = {}) {
      const { transposeA = false, transposeB = false, alpha = 1, beta = 0, c } = options;
      const A = data("gemm", "a", a);
      const B = data("gemm", "b", b);
      const C0 = c === undefined ? undefined : data("gemm", "options.c", c);
      const [m, n, k] = requireProduct(a, b, options);
      const C = new Float64Array(m * n);
      const [aRow, aCol] = transposeA ? [1, m] : [k, 1];
      const [bRow, bCol] = transposeB ? [1, k] : [n, 1];
      dense.gemmStrided(m, n, k, alpha, A, 0, aRow, aCol, B, 0, bRow, bCol, C, 0, n);
      return keep(m, n, combineInto(C, 1, beta, C0));
    },
    async gemv(a, x, options = {}) {
      const A = data("gemv", "a", a);
      const from = data("gemv", "x", x);
      const [m] = requireMatrixVector(a, x, options);
      const y = new Float64Array(m);
      if (options.transpose) dense.gemvTranspose(a.rows, a.cols, A, 0, a.cols, from, y);
      else dense.gemv(a.rows, a.cols, A, 0, a.cols, from, y);
      return keep(m, 1, combineInto(y, options.alpha ?? 1, 0, undefined));
    },
    logSumExpRows: async (m, v) => logSumExp("logSumExpRows", m, v),
    logSumExpCols: async (m, v) => logSumExp("logSumExpCols", m, v),
    async pairwise(x, y, metric = "squaredEuclidean") {
      const X = data("pairwise", "x", x);
      const Y = data("pairwise", "y", y);
      requireClouds(x, y);
      const out = new Float64Array(x.rows * y.rows);
      return keep(x.rows, y.rows, pairwiseInto(out, x.rows, y.rows, x.cols, X, Y, requireMetric(metric)));
    },

    async axpby(alpha, x, beta = 1, y) {
      const from = data("axpby", "x", x);
      requireFactor("axpby", "alpha", alpha);
      requireFactor("axpby", "beta", beta);
      if (y === undefined) return like(x, combineInto(from.slice(), alpha, 0, undefined));
      const other = data("axpby", "y", y);
      requireSameShape("axpby", "y", x, y);
      return like(x, linearCombinationInto(new Float64Array(from.length), alpha, from, beta, other));
    },
    async exp(x) {
      const out = data("exp", "x", x).slice();
      dense.map("exp", out.length, out, 0, out, 0);
      return like(x, out);
    },
    async expOuter(m, x, y) {
      const out = data("expOuter", "m", m).slice();
      const left = data("expOuter", "x", x);
      const right = data("expOuter", "y", y);
      requireVector("expOuter", "x", x, m.rows);
      requireVector("expOuter", "y", y, m.cols);
      for (let i = 0; i < m.rows; i++) {
        axpyAt(out, i * m.cols, 1, right, 0, m.cols);
        for (let p = i * m.cols; p < (i + 1) * m.cols; p++) out[p]! += left[i]!;
      }
      dense.map("exp", out.length, out, 0, out, 0);
      return like(m, out);
    },

    async sum(x) {
      const from = data("sum", "x", x);
      let sum = 0;
      for (let start = 0; start < from.length; start += 256) {
        let part = 0;
        for (let k = start; k < Math.min(start + 256, from.length); k++) part += from[k]!;
        sum += part;
      }
      return sum;
    },
    async max(x) {
      const from = data("max", "x", x);
      let top = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < from.length; k++) {
        if (Number.isNaN(from[k]!)) return Number.NaN;
        if (from[k]! > top) top = from[k]!;
      }
      return top;
    },
    async dot(x, y) {
      const from = data("dot", "x", x);
      const other = data("dot", "y", y);
      requireSameShape("dot", "y", x, y);
      return dot(from, other);
    },
    norm2: async (x) => norm2(data("norm2", "x", x)),
  };
}
