// The kernels of sparse-front.ts in SIMD WebAssembly: one memory a factor, which holds its panels, D, update matrices and the runs of its layout.
import { WasmModule } from "../../wasm/assembler.js";
import { type CompiledModule, pageBytes, type WasmExports, webAssembly } from "../../wasm/engine.js";
import { wasmFeatures } from "../../wasm/features.js";
import { defineFront, frontState } from "../../wasm/front-kernels.js";
import { defineFrontSolve } from "../../wasm/front-solve-kernels.js";
import { defineGemm } from "../../wasm/gemm-kernels.js";
import { colsBlock, depthBlock, rowsBlock, slotBytes } from "../../wasm/layout.js";
import { blockSize, denseBackend } from "../dense/backend.js";
import type { Vector } from "../matrix.js";
import type { FrontFrame, FrontKernels } from "./sparse-front.js";

/** The head of each memory: state, a row, packed L D, packed L. */
const rowAt = frontState.bytes;
const packedB = rowAt + 8 * blockSize;
const packedA = packedB + 8 * colsBlock * depthBlock;
const headBytes = packedA + slotBytes;

/** 2 GiB: addresses stay positive as signed numbers. */
const mostPages = 32_768;

const modules = new Map<boolean, CompiledModule>();
/** The kernels bound to each memory. */
const bound = new WeakMap<ArrayBufferLike, WasmExports>();

/** With or without relaxed SIMD; undefined where the engine has no SIMD, or plain JavaScript is in use. */
function compiled(): CompiledModule | undefined {
  const { name } = denseBackend();
  if (name === "javascript" || webAssembly === undefined || !wasmFeatures().simd) return undefined;
  const relaxed = name === "wasm-relaxed";
  let module = modules.get(relaxed);
  if (module === undefined) {
    module = new webAssembly.Module(frontModule(relaxed));
    modules.set(relaxed, module);
  }
  return module;
}

/** The kernels' module. */
export function frontModule(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const module = new WasmModule({ relaxed });
  defineGemm(module);
  defineFront(module);
  defineFrontSolve(module);
  return module.assemble();
}

/** Zeroed memory in which {@link wasmFront} can work: `length` doubles; undefined where the engine gives none. */
export function allocateFront(length: number): Vector | undefined {
  const module = compiled();
  const pages = Math.ceil((headBytes + 8 * length) / pageBytes);
  if (module === undefined || webAssembly === undefined || pages > mostPages) return undefined;
  try {
    const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
    bound.set(memory.buffer, new webAssembly.Instance(module, { env: { memory } }).exports);
    return new Float64Array(memory.buffer, headBytes, length);
  } catch {
    return undefined;
  }
}

/** The functions bound to such memory; undefined for any other, or where plain JavaScript is in use. */
export const boundTo = (memory: Vector): WasmExports | undefined =>
  denseBackend().name === "javascript" ? undefined : bound.get(memory.buffer);

/** The kernels for a frame in such memory; undefined for any other memory. */
export function wasmFront(frame: FrontFrame): FrontKernels | undefined {
  const exports = boundTo(frame.memory);
  return exports && kernels(exports, frame);
}

function kernels(exports: WasmExports, frame: FrontFrame): FrontKernels {
  const { memory, layout, tolerance, indefinite } = frame;
  const { clearFront, extendAdd, factorFront, packScaled, gemmTask } = exports;
  const { runPointers } = layout;
  const origin = memory.byteOffset;
  const dAt = origin + 8 * frame.d;
  const sizeAt = origin + 8 * frame.size;
  const runsAt = origin + 8 * frame.spare;
  const state = new DataView(memory.buffer, 0, frontState.bytes);
  let negative = 0;
  state.setFloat64(frontState.growth, 0, true);

  /** C −= A (B D)ᵀ; A rows × depth and B cols × depth with rows `stride` bytes apart, `first` the first column of D; addresses. */
  const product = (
    rows: number,
    cols: number,
    depth: number,
    a: number,
    b: number,
    stride: number,
    first: number,
    c: number,
    cStride: number,
    lower: number,
  ): void => {
    for (let j = 0; j < cols; j += colsBlock) {
      const width = Math.min(colsBlock, cols - j);
      for (let p = 0; p < depth; p += depthBlock) {
        const part = Math.min(depthBlock, depth - p);
        packScaled!(packedB, b + j * stride + 8 * p, stride, width, part, dAt + 8 * (first + p));
        const tasks = Math.ceil(rows / rowsBlock);
        // A block of rows all of which lie above the lower triangle's part of these columns is left out.
        for (let task = lower ? Math.floor(j / rowsBlock) : 0; task < tasks; task++) {
          gemmTask!(
            task,
            0,
            rowsBlock,
            rows,
            width,
            part,
            a + 8 * p,
            stride,
            8,
            -1,
            packedA - task * slotBytes,
            slotBytes,
            packedB,
            c + 8 * j,
            cStride,
            lower,
            -j,
          );
        }
      }
    }
  };

  const factorColumns = (
    base: number,
    width: number,
    rows: number,
    first: number,
    from: number,
    to: number,
  ): number => {
    const stride = 8 * width;
    if (to - from <= blockSize) {
      const failed = factorFront!(
        rows - from,
        to - from,
        from,
        base + from * stride + 8 * from,
        stride,
        dAt + 8 * (first + from),
        sizeAt + 8 * (first + from),
        rowAt,
        tolerance,
        indefinite ? 1 : 0,
        0,
      );
      return failed < 0 ? -1 : from + failed;
    }
    const middle = from + blockSize * Math.ceil((to - from) / (2 * blockSize));
    const failed = factorColumns(base, width, rows, first, from, middle);
    if (failed >= 0) return failed;
    // A₂ −= L₁ D₁ (L₁ of the rows of the right half)ᵀ.
    const right = base + middle * stride;
    const l = right + 8 * from;
    product(rows - middle, to - middle, middle - from, l, l, stride, first + from, right + 8 * middle, stride, 0);
    return factorColumns(base, width, rows, first, middle, to);
  };

  return {
    clear(panel, panelEnd, update, height) {
      clearFront!(origin + 8 * panel, origin + 8 * panelEnd, origin + 8 * update, height);
    },
    extendAdd(c, child, height, panel, width, update, parentHeight) {
      extendAdd!(
        runsAt + 8 * runPointers[c],
        runsAt + 8 * runPointers[c + 1] - 8,
        origin + 8 * child,
        height,
        origin + 8 * panel,
        width,
        origin + 8 * update,
        parentHeight,
      );
    },
    factorPanel(base, width, rows, first) {
      state.setInt32(frontState.negative, 0, true);
      const failed = factorColumns(origin + 8 * base, width, rows, first, 0, width);
      negative += state.getInt32(frontState.negative, true);
      return failed;
    },
    updateBelow(base, width, height, first, update) {
      const below = origin + 8 * (base + width * width);
      product(height, height, width, below, below, 8 * width, first, origin + 8 * update, 8 * height, 1);
    },
    growth: () => state.getFloat64(frontState.growth, true),
    negative: () => negative,
  };
}
