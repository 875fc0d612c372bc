// Softmax of the rows of a matrix: in place where it lies in a region, else copied there and back block by block.
import type { Region, Regions } from "./memory.js";
import { copyIn, copyOut } from "./staging.js";

/** Entries that are copied at a time, and those of a task. */
const copied = 1 << 20;
const taskEntries = 1 << 15;

/** False where there is no memory for it. */
export function softmaxRows(
  regions: Regions,
  rows: number,
  cols: number,
  m: Float64Array,
  mStart: number,
  mStride: number,
  out: Float64Array,
  outStart: number,
  outStride: number,
): boolean {
  const blockRows = Math.max(1, Math.floor(taskEntries / cols));
  const pass = (region: Region, count: number, from: number, stride: number, to: number, toStride: number) =>
    region.run("softmaxRows", true, Math.ceil(count / blockRows), blockRows, count, cols, from, stride, to, toStride);
  const region = regions.regionOf(m);
  if (region !== undefined && regions.regionOf(out) === region) {
    pass(region, rows, m.byteOffset + 8 * mStart, 8 * mStride, out.byteOffset + 8 * outStart, 8 * outStride);
    return true;
  }
  const block = Math.min(rows, Math.max(1, Math.floor(copied / cols)));
  const memory = regions.allocate(block * cols);
  if (memory === undefined) return false;
  const other = regions.regionOf(memory)!;
  for (let i = 0; i < rows; i += block) {
    const count = Math.min(block, rows - i);
    copyIn(memory, 0, count, cols, m, mStart + i * mStride, mStride, 1);
    pass(other, count, memory.byteOffset, 8 * cols, memory.byteOffset, 8 * cols);
    copyOut(out, outStart + i * outStride, outStride, count, cols, memory, 0, false);
  }
  regions.release(memory);
  return true;
}
