// The log-sum-exp passes over a matrix: in place where it lies in a region, else copied there block by block. v, the results and the columns' maxima
// stand in the head of the memory, where a product has its packed blocks.
import { packedA, packedB, slotBytes, slots } from "./layout.js";
import type { Region, Regions } from "./memory.js";
import { copyIn } from "./staging.js";

/** Doubles of the parts of the head that v, the results and the maxima take. */
const roomForV = (packedA - packedB) / 8;
const roomForResults = (slots * slotBytes) / 16;
/** Entries of the matrix that are copied at a time. */
const copied = 1 << 20;
/** Entries of a task, and its columns where the tasks are blocks of columns. */
const taskEntries = 1 << 15;
const taskCols = 128;

/** out_i = log Σ_j exp(scale (m_ij + v_j)). False where the sizes don't fit. */
export function logSumExpRows(
  regions: Regions,
  rows: number,
  cols: number,
  m: Float64Array,
  mStart: number,
  mStride: number,
  v: Float64Array,
  out: Float64Array,
  scale: number,
): boolean {
  if (cols > roomForV || rows > roomForResults) return false;
  const blockRows = Math.max(1, Math.floor(taskEntries / cols));
  const pass = (region: Region, count: number, m: number, stride: number, to: number) => {
    const tasks = Math.ceil(count / blockRows);
    region.run("logSumExpRows", true, tasks, blockRows, count, cols, m, stride, packedB, scale, packedA + 8 * to);
  };
  const region = regions.regionOf(m);
  if (region !== undefined) {
    region.floats.set(v.subarray(0, cols), packedB / 8);
    pass(region, rows, m.byteOffset + 8 * mStart, 8 * mStride, 0);
    out.set(region.floats.subarray(packedA / 8, packedA / 8 + rows));
    return true;
  }
  const block = Math.min(rows, Math.max(1, Math.floor(copied / cols)));
  const memory = regions.allocate(block * cols);
  if (memory === undefined) return false;
  const other = regions.regionOf(memory)!;
  other.floats.set(v.subarray(0, cols), packedB / 8);
  for (let i = 0; i < rows; i += block) {
    const count = Math.min(block, rows - i);
    copyIn(memory, 0, count, cols, m, mStart + i * mStride, mStride, 1);
    pass(other, count, memory.byteOffset, 8 * cols, i);
  }
  out.set(other.floats.subarray(packedA / 8, packedA / 8 + rows));
  regions.release(memory);
  return true;
}

/** out_j = log Σ_i exp(scale (m_ij + v_i)). False where the sizes don't fit. */
export function logSumExpCols(
  regions: Regions,
  rows: number,
  cols: number,
  m: Float64Array,
  mStart: number,
  mStride: number,
  v: Float64Array,
  out: Float64Array,
  scale: number,
): boolean {
  const results = packedA;
  const tops = packedA + 8 * roomForResults;
  if (rows > roomForV || cols + 1 > roomForResults) return false;
  const pass = (region: Region, count: number, m: number, stride: number) => {
    const tasks = Math.ceil(count / taskCols);
    region.run("logSumExpCols", true, tasks, taskCols, rows, count, m, stride, packedB, scale, results, tops);
  };
  const region = regions.regionOf(m);
  if (region !== undefined) {
    region.floats.set(v.subarray(0, rows), packedB / 8);
    pass(region, cols, m.byteOffset + 8 * mStart, 8 * mStride);
    out.set(region.floats.subarray(results / 8, results / 8 + cols));
    return true;
  }
  const block = Math.min(cols, taskCols * Math.max(1, Math.floor(copied / (rows * taskCols))));
  const memory = regions.allocate(rows * block);
  if (memory === undefined) return false;
  const other = regions.regionOf(memory)!;
  other.floats.set(v.subarray(0, rows), packedB / 8);
  for (let j = 0; j < cols; j += block) {
    const count = Math.min(block, cols - j);
    copyIn(memory, 0, rows, count, m, mStart + j, mStride, 1);
    pass(other, count, memory.byteOffset, 8 * count);
    out.set(other.floats.subarray(results / 8, results / 8 + count), j);
  }
  regions.release(memory);
  return true;
}
