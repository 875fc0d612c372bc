// The product C += α A Bᵀ by blocks: B packed once a block of columns, A once a block of rows, tasks over blocks of rows.

import { colsBlock, depthBlock, packedA, packedB, rowsBlock, slotBytes, slots } from "./layout.js";
import type { Region, Regions } from "./memory.js";
import { copyIn, copyOut } from "./staging.js";

/** Rows and columns of the blocks in which arrays from elsewhere are copied. */
const stage = 1024;
/** Multiplications of a task below which threads don't pay. */
const taskLimit = 1e5;

/** With addresses and strides in bytes, both operands by two strides; with `lower` ≠ 0 the lower triangle of C only. */
export function multiplyInRegion(
  region: Region,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: number,
  aRow: number,
  aCol: number,
  b: number,
  bRow: number,
  bCol: number,
  c: number,
  cStride: number,
  lower: number,
): void {
  const packB = region.exports.packB!;
  for (let j = 0; j < n; j += colsBlock) {
    const cols = Math.min(colsBlock, n - j);
    for (let p = 0; p < k; p += depthBlock) {
      const depth = Math.min(depthBlock, k - p);
      packB(packedB, b + j * bRow + p * bCol, bRow, bCol, cols, depth, 1);
      const from = a + p * aCol;
      const to = c + 8 * j;
      for (let i = 0; i < m; i += slots * rowsBlock) {
        const tasks = Math.min(slots, Math.ceil((m - i) / rowsBlock));
        const threads = cols * depth * rowsBlock >= taskLimit;
        region.run(
          "gemmTask",
          threads,
          tasks,
          i,
          rowsBlock,
          m,
          cols,
          depth,
          from,
          aRow,
          aCol,
          alpha,
          packedA,
          slotBytes,
          packedB,
          to,
          cStride,
          lower,
          -j,
        );
      }
    }
  }
}

/** The same for arrays from anywhere, in elements: copied into a region block by block. False where there is no memory for that. */
export function multiplyStaged(
  regions: Regions,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: Float64Array,
  aStart: number,
  aRow: number,
  aCol: number,
  b: Float64Array,
  bStart: number,
  bRow: number,
  bCol: number,
  c: Float64Array,
  cStart: number,
  cStride: number,
  lower: boolean,
): boolean {
  const mb = Math.min(m, stage);
  const nb = Math.min(n, stage);
  const kb = Math.min(k, stage);
  const memory = regions.allocate(mb * kb + nb * kb + mb * nb);
  if (memory === undefined) return false;
  const region = regions.regionOf(memory)!;
  const ofB = mb * kb;
  const ofC = ofB + nb * kb;
  for (let i = 0; i < m; i += mb) {
    const rows = Math.min(mb, m - i);
    for (let j = 0; j < (lower ? Math.min(n, i + rows) : n); j += nb) {
      const cols = Math.min(nb, n - j);
      copyIn(memory, ofC, rows, cols, c, cStart + i * cStride + j, cStride, 1);
      for (let p = 0; p < k; p += kb) {
        const depth = Math.min(kb, k - p);
        copyIn(memory, 0, rows, depth, a, aStart + i * aRow + p * aCol, aRow, aCol);
        copyIn(memory, ofB, cols, depth, b, bStart + j * bRow + p * bCol, bRow, bCol);
        const at = memory.byteOffset;
        // On the diagonal block only the lower part; blocks below it whole. Both blocks are of the same size, so they lie on it or don't.
        const flag = lower && i === j ? 1 : 0;
        multiplyInRegion(
          region,
          rows,
          cols,
          depth,
          alpha,
          at,
          8 * depth,
          8,
          at + 8 * ofB,
          8 * depth,
          8,
          at + 8 * ofC,
          8 * cols,
          flag,
        );
      }
      copyOut(c, cStart + i * cStride + j, cStride, rows, cols, memory, ofC, lower && i === j);
    }
  }
  regions.release(memory);
  return true;
}
