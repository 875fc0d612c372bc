// The dense kernels in SIMD WebAssembly. Arrays of one allocation are worked on in place; other arrays are copied in blocks where the product is
// large enough to pay for it, else plain JavaScript does the work.
import type { DenseBackend } from "../linear/dense/backend.js";
import { javascriptBackend } from "../linear/dense/javascript-backend.js";
import type { Vector } from "../linear/matrix.js";
import { WasmModule } from "./assembler.js";
import { type CompiledModule, webAssembly } from "./engine.js";
import { defineExp } from "./exp-kernels.js";
import { validates, wasmFeatures } from "./features.js";
import { defineGemm } from "./gemm-kernels.js";
import { defineJacobi } from "./jacobi-kernels.js";
import { headBytes, inverses, triangle } from "./layout.js";
import { logSumExpCols, logSumExpRows } from "./log-sum-exp.js";
import { defineLogSumExp } from "./log-sum-exp-kernels.js";
import { bindModule, bindThreads, makeRegions } from "./memory.js";
import { multiplyInRegion, multiplyStaged } from "./product.js";
import { shiftedExp } from "./shifted-exp.js";
import { defineShiftedExp } from "./shifted-exp-kernels.js";
import { softmaxRows } from "./softmax.js";
import { defineSoftmax } from "./softmax-kernels.js";
import type { ThreadPool } from "./threads.js";
import { defineTriangular } from "./triangular-kernels.js";
import { defineVector } from "./vector-kernels.js";

/** Below this many multiplications arrays from elsewhere are not worth copying; nor one block worth a call for arrays in place. */
const copyLimit = 30_000;
const callLimit = 200;
/** Below this many numbers a function of each is not worth a call; above it arrays from elsewhere go through memory in pieces. */
const mapLimit = 32;
const mapBlock = 4096;
/** Rows of a task of a triangular solve: a multiple of the four that are taken together. */
const solveTask = 64;
/** Numbers of a task of such a function: even. */
const mapTask = 1 << 14;
export interface WasmBackendOptions {
  /** Fused multiply-add by relaxed SIMD. Default: where the engine has it. */
  readonly relaxed?: boolean;
  /** Threads for large products. The result doesn't depend on their number, to the bit. */
  readonly threads?: ThreadPool;
}

/** The kernels' module. */
export function denseModule(relaxed: boolean, shared: boolean): Uint8Array {
  const module = new WasmModule({ relaxed, shared });
  defineGemm(module);
  defineTriangular(module);
  defineVector(module);
  defineJacobi(module);
  const functions = defineExp(module);
  defineLogSumExp(module, functions);
  defineSoftmax(module, functions);
  defineShiftedExp(module, functions);
  return module.assemble();
}

/**
 * A backend in SIMD WebAssembly; undefined where the engine has none (or none with relaxed SIMD or threads, when these are asked for). Nothing is
 * compiled before the first use.
 */
export function wasmBackend(options: WasmBackendOptions = {}): DenseBackend | undefined {
  const features = wasmFeatures();
  const { relaxed = features.relaxed, threads } = options;
  if (!features.simd || (threads !== undefined && !features.threads)) return undefined;
  if (relaxed && !features.relaxed && !validates(true, threads !== undefined)) return undefined;
  let compiled: CompiledModule | undefined;
  const module = (): CompiledModule =>
    (compiled ??= new webAssembly!.Module(denseModule(relaxed, threads !== undefined)));
  const regions = makeRegions(headBytes, threads !== undefined, (memory) =>
    threads === undefined ? bindModule(module(), memory) : bindThreads(module(), memory, threads),
  );
  const { regionOf } = regions;
  const address = (array: Vector, start: number) => array.byteOffset + 8 * start;

  let small: Vector | undefined;
  /** A little memory for arrays from elsewhere that are worked on piece by piece. Kept. */
  const buffer = (): Vector | undefined => (small ??= regions.allocate(mapBlock));

  const backend: DenseBackend = {
    name: relaxed ? "wasm-relaxed" : "wasm",

    allocate: (length) => regions.allocate(length) ?? new Float64Array(length),

    release: (allocation) => regions.release(allocation),

    gemm(m, n, k, alpha, a, aStart, aStride, b, bStart, bStride, c, cStart, cStride) {
      backend.gemmStrided(m, n, k, alpha, a, aStart, aStride, 1, b, bStart, 1, bStride, c, cStart, cStride);
    },

    gemmStrided(m, n, k, alpha, a, aStart, aRow, aCol, b, bStart, bRow, bCol, c, cStart, cStride) {
      if (m === 0 || n === 0 || k === 0) return;
      const work = m * n * k;
      if (work >= callLimit) {
        const region = regionOf(c);
        if (region !== undefined && regionOf(a) === region && regionOf(b) === region) {
          const at = address(a, aStart);
          const bt = address(b, bStart);
          const ct = address(c, cStart);
          multiplyInRegion(region, m, n, k, alpha, at, 8 * aRow, 8 * aCol, bt, 8 * bCol, 8 * bRow, ct, 8 * cStride, 0);
          return;
        }
        // Copying costs about as much as eight multiplications a number.
        if (work >= copyLimit && work >= 8 * (m * k + n * k + 2 * m * n)) {
          if (
            multiplyStaged(
              regions,
              m,
              n,
              k,
              alpha,
              a,
              aStart,
              aRow,
              aCol,
              b,
              bStart,
              bCol,
              bRow,
              c,
              cStart,
              cStride,
              false,
            )
          )
            return;
        }
      }
      javascriptBackend.gemmStrided(m, n, k, alpha, a, aStart, aRow, aCol, b, bStart, bRow, bCol, c, cStart, cStride);
    },

    syrk(n, k, alpha, a, aStart, aStride, c, cStart, cStride) {
      backend.syrkProduct(n, k, alpha, a, aStart, aStride, a, aStart, aStride, c, cStart, cStride);
    },

    syrkProduct(n, k, alpha, a, aStart, aStride, b, bStart, bStride, c, cStart, cStride) {
      if (n === 0 || k === 0) return;
      const work = (n * n * k) / 2;
      if (work >= callLimit) {
        const region = regionOf(c);
        if (region !== undefined && regionOf(a) === region && regionOf(b) === region) {
          const at = address(a, aStart);
          const bt = address(b, bStart);
          multiplyInRegion(
            region,
            n,
            n,
            k,
            alpha,
            at,
            8 * aStride,
            8,
            bt,
            8 * bStride,
            8,
            address(c, cStart),
            8 * cStride,
            1,
          );
          return;
        }
        if (work >= copyLimit && work >= 8 * (2 * n * k + n * n)) {
          if (
            multiplyStaged(
              regions,
              n,
              n,
              k,
              alpha,
              a,
              aStart,
              aStride,
              1,
              b,
              bStart,
              bStride,
              1,
              c,
              cStart,
              cStride,
              true,
            )
          )
            return;
        }
      }
      javascriptBackend.syrkProduct(n, k, alpha, a, aStart, aStride, b, bStart, bStride, c, cStart, cStride);
    },

    gemv(m, n, a, aStart, aStride, x, y) {
      const region = regionOf(a);
      if (region !== undefined && m * n >= callLimit && regionOf(x) === region && regionOf(y) === region)
        region.exports.gemv!(m, n, address(a, aStart), 8 * aStride, x.byteOffset, y.byteOffset);
      else javascriptBackend.gemv(m, n, a, aStart, aStride, x, y);
    },

    gemvTranspose(m, n, a, aStart, aStride, x, y) {
      const region = regionOf(a);
      if (region !== undefined && m * n >= callLimit && regionOf(x) === region && regionOf(y) === region)
        region.exports.gemvTranspose!(m, n, address(a, aStart), 8 * aStride, x.byteOffset, y.byteOffset);
      else javascriptBackend.gemvTranspose(m, n, a, aStart, aStride, x, y);
    },

    ger(m, n, alpha, x, y, a, aStart, aStride) {
      const region = regionOf(a);
      if (region !== undefined && m * n >= callLimit && regionOf(x) === region && regionOf(y) === region)
        region.exports.ger!(m, n, alpha, x.byteOffset, y.byteOffset, address(a, aStart), 8 * aStride);
      else javascriptBackend.ger(m, n, alpha, x, y, a, aStart, aStride);
    },

    symv(n, a, aStart, aStride, x, xStart, y, yStart) {
      const region = regionOf(a);
      if (region !== undefined && n * n >= callLimit && regionOf(x) === region && regionOf(y) === region)
        region.exports.symv!(n, address(a, aStart), 8 * aStride, address(x, xStart), address(y, yStart));
      else javascriptBackend.symv(n, a, aStart, aStride, x, xStart, y, yStart);
    },

    packedUpdateMultiply(m, a, u, w, v, p) {
      const region = regionOf(a);
      const inPlace = region !== undefined && [u, w, v, p].every((x) => x.buffer === a.buffer);
      if (!inPlace || m * m < callLimit) javascriptBackend.packedUpdateMultiply(m, a, u, w, v, p);
      else region.exports.packedUpdateMultiply!(m, ...[a, u, w, v, p].map((x) => x.byteOffset));
    },

    jacobiSweep(n, g, gStart, jStart, squares, tolerance) {
      const region = regionOf(g);
      if (region === undefined) return javascriptBackend.jacobiSweep(n, g, gStart, jStart, squares, tolerance);
      const j = jStart < 0 ? 0 : address(g, jStart);
      return region.exports.jacobiSweep!(n, address(g, gStart), j, address(g, squares), tolerance);
    },

    choleskyBlock(n, a, aStart, aStride, floor) {
      const region = regionOf(a);
      if (region === undefined) return javascriptBackend.choleskyBlock(n, a, aStart, aStride, floor);
      return region.exports.potrf!(n, address(a, aStart), 8 * aStride, floor);
    },

    solveRowsBlock(rows, n, t, tStart, tRow, tCol, unit, b, bStart, bStride) {
      const region = regionOf(b);
      if (region === undefined) {
        javascriptBackend.solveRowsBlock(rows, n, t, tStart, tRow, tCol, unit, b, bStart, bStride);
        return;
      }
      packTriangle(region.floats, n, t, tStart, tRow, tCol, unit);
      const tasks = Math.ceil(rows / solveTask);
      const at = address(b, bStart);
      region.run("trsmRows", true, tasks, solveTask, n, rows, triangle, 8 * 32, inverses, at, 8 * bStride);
    },

    solveColsBlock(n, cols, t, tStart, tRow, tCol, unit, b, bStart, bStride) {
      const region = regionOf(b);
      if (region === undefined) {
        javascriptBackend.solveColsBlock(n, cols, t, tStart, tRow, tCol, unit, b, bStart, bStride);
        return;
      }
      packTriangle(region.floats, n, t, tStart, tRow, tCol, unit);
      region.exports.trsmCols!(n, cols, triangle, 8 * 32, inverses, address(b, bStart), 8 * bStride);
    },

    map(kind, count, x, xStart, y, yStart) {
      if (count < mapLimit) {
        javascriptBackend.map(kind, count, x, xStart, y, yStart);
        return;
      }
      const region = regionOf(x);
      if (region !== undefined && regionOf(y) === region) {
        const tasks = Math.ceil(count / mapTask);
        region.run(`${kind}Task`, true, tasks, mapTask, count, address(x, xStart), address(y, yStart));
        return;
      }
      const memory = buffer();
      if (memory === undefined) {
        javascriptBackend.map(kind, count, x, xStart, y, yStart);
        return;
      }
      const run = regionOf(memory)!.exports[kind]!;
      for (let at = 0; at < count; at += mapBlock) {
        const size = Math.min(mapBlock, count - at);
        memory.set(x.subarray(xStart + at, xStart + at + size));
        run(size, memory.byteOffset, memory.byteOffset);
        y.set(size === mapBlock ? memory : memory.subarray(0, size), yStart + at);
      }
    },

    softmaxRows(rows, cols, m, mStart, mStride, out, outStart, outStride) {
      if (!(rows * cols >= mapLimit && softmaxRows(regions, rows, cols, m, mStart, mStride, out, outStart, outStride)))
        javascriptBackend.softmaxRows(rows, cols, m, mStart, mStride, out, outStart, outStride);
    },

    logSumExpRows(rows, cols, m, mStart, mStride, v, out, scale = 1) {
      if (!(rows * cols >= mapLimit && logSumExpRows(regions, rows, cols, m, mStart, mStride, v, out, scale)))
        javascriptBackend.logSumExpRows(rows, cols, m, mStart, mStride, v, out, scale);
    },

    logSumExpCols(rows, cols, m, mStart, mStride, v, out, scale = 1) {
      if (!(rows * cols >= mapLimit && logSumExpCols(regions, rows, cols, m, mStart, mStride, v, out, scale)))
        javascriptBackend.logSumExpCols(rows, cols, m, mStart, mStride, v, out, scale);
    },

    shiftedExpRows(rows, cols, m, mStart, mStride, u, v, scale, floor, out, rowSums, colSums) {
      if (
        rows * cols >= mapLimit &&
        shiftedExp(regions, rows, cols, m, mStart, mStride, u, v, scale, floor, out, rowSums, colSums)
      )
        return;
      javascriptBackend.shiftedExpRows(rows, cols, m, mStart, mStride, u, v, scale, floor, out, rowSums, colSums);
    },
  };
  return backend;
}

/** A triangular block to the head of a memory, rows contiguous, the reciprocals of its diagonal behind it. */
function packTriangle(
  floats: Vector,
  n: number,
  t: Vector,
  tStart: number,
  tRow: number,
  tCol: number,
  unit: boolean,
): void {
  const at = triangle / 8;
  for (let i = 0; i < n; i++) {
    const row = tStart + i * tRow;
    for (let j = 0; j < i; j++) floats[at + 32 * i + j] = t[row + j * tCol]!;
    floats[inverses / 8 + i] = unit ? 1 : 1 / t[row + i * tCol]!;
  }
}
