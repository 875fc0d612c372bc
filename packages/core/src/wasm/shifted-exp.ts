// exp(scale (m_ij + u_i + v_j)) and its sums: in place where matrix and result lie in one region, else copied there and back block by block. u, v and the sums stand in the head of the
// memory, where a product has its packed blocks.
import { packedA, packedB, slotBytes, slots } from "./layout.js";
import type { Region, Regions } from "./memory.js";
import { copyIn, copyOut } from "./staging.js";

/** Doubles that the parts of the head take: v, and half of the rest each for u with the rows' sums, and the columns' sums. */
const roomForV = (packedA - packedB) / 8;
const roomForRows = (slots * slotBytes) / 64;
const roomForSums = (slots * slotBytes) / 16;
const ofRows = packedA / 8;
const ofSums = ofRows + 2 * roomForRows;
/** Entries that are copied at a time, those of a task, and its columns where the tasks are blocks of columns. */
const copied = 1 << 18;
const taskEntries = 1 << 13;
const taskCols = 256;

/** False where the sizes don't fit. */
export function shiftedExp(
  regions: Regions,
  rows: number,
  cols: number,
  m: Float64Array,
  mStart: number,
  mStride: number,
  u: Float64Array,
  v: Float64Array,
  scale: number,
  floor: number,
  out: Float64Array,
  rowSums: Float64Array,
  colSums: Float64Array | undefined,
): boolean {
  if (cols > roomForV || cols > roomForSums) return false;
  const blockRows = Math.max(1, Math.floor(taskEntries / cols));
  /** `count` rows from row `first` on. */
  const pass = (region: Region, first: number, count: number, from: number, stride: number, to: number) => {
    const { floats } = region;
    floats.set(u.subarray(first, first + count), ofRows);
    const sums = ofRows + roomForRows;
    const tasks = Math.ceil(count / blockRows);
    const [ut, st] = [8 * ofRows, 8 * sums];
    region.run("shiftedExpRows", true, tasks, blockRows, count, cols, from, stride, ut, packedB, scale, floor, to, st);
    if (colSums !== undefined)
      region.run("addColumns", true, Math.ceil(cols / taskCols), taskCols, count, cols, to, 8 * ofSums);
    rowSums.set(floats.subarray(sums, sums + count), first);
  };
  const begin = ({ floats }: Region) => {
    floats.set(v.subarray(0, cols), packedB / 8);
    if (colSums !== undefined) floats.set(colSums.subarray(0, cols), ofSums);
  };
  const end = ({ floats }: Region) => colSums?.set(floats.subarray(ofSums, ofSums + cols));
  const region = regions.regionOf(m);
  if (region !== undefined && regions.regionOf(out) === region) {
    begin(region);
    for (let i = 0; i < rows; i += roomForRows) {
      const count = Math.min(roomForRows, rows - i);
      pass(region, i, count, m.byteOffset + 8 * (mStart + i * mStride), 8 * mStride, out.byteOffset + 8 * i * cols);
    }
    end(region);
    return true;
  }
  const block = Math.min(rows, roomForRows, Math.max(1, Math.floor(copied / cols)));
  const memory = regions.allocate(block * cols);
  if (memory === undefined) return false;
  const other = regions.regionOf(memory)!;
  begin(other);
  for (let i = 0; i < rows; i += block) {
    const count = Math.min(block, rows - i);
    copyIn(memory, 0, count, cols, m, mStart + i * mStride, mStride, 1);
    pass(other, i, count, memory.byteOffset, 8 * cols, memory.byteOffset);
    copyOut(out, i * cols, cols, count, cols, memory, 0, false);
  }
  end(other);
  regions.release(memory);
  return true;
}
