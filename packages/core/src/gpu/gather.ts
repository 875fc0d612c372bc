// Sums of scattered numbers by their owners: each owner has a list of places and adds what stands there, in the order of the list. So no two threads
// write to one number, and the sum is the same every time. Long lists are cut into segments, whose sums are summed in turn.
import type { KernelSource } from "./kernels.js";

/** One level: segment s adds the entries at table[p · segments + s], p < width; −1 is none. */
export interface GatherLevel {
  readonly width: number;
  readonly segments: number;
  readonly table: Float32Array;
}

/** Entries that one thread adds at most: |error| of a sum of n numbers is at most about levels · 32 u Σ |terms|. */
const longest = 32;

/**
 * A plan for Σ over all k with owner(k) = i of the number at place(k), i = 0 … owners − 1. At least one level; the last has a segment an owner.
 * @param owner −1 for none.
 */
export function planGather(
  owners: number,
  count: number,
  owner: (k: number) => number,
  place: (k: number) => number,
): readonly GatherLevel[] {
  const starts = new Int32Array(owners + 1);
  for (let k = 0; k < count; k++) if (owner(k) >= 0) starts[owner(k) + 1]!++;
  for (let i = 0; i < owners; i++) starts[i + 1]! += starts[i]!;
  const places = new Float64Array(starts[owners]!);
  const next = starts.slice();
  for (let k = 0; k < count; k++) if (owner(k) >= 0) places[next[owner(k)]!++] = place(k);

  const levels: GatherLevel[] = [];
  let begins = starts;
  let numbers: Float64Array = places;
  for (;;) {
    let top = 1;
    for (let i = 0; i < owners; i++) top = Math.max(top, begins[i + 1]! - begins[i]!);
    const width = Math.min(top, longest);
    // Where every segment of an owner begins.
    const first = new Int32Array(owners + 1);
    for (let i = 0; i < owners; i++)
      first[i + 1] = first[i]! + Math.max(1, Math.ceil((begins[i + 1]! - begins[i]!) / width));
    const segments = first[owners]!;
    const table = new Float32Array(width * segments).fill(-1);
    for (let i = 0; i < owners; i++) {
      for (let e = begins[i]!; e < begins[i + 1]!; e++) {
        const at = e - begins[i]!;
        table[(at % width) * segments + first[i]! + Math.floor(at / width)] = numbers[e]!;
      }
    }
    levels.push({ width, segments, table });
    if (segments === owners) return levels;
    begins = first;
    numbers = Float64Array.from({ length: segments }, (_, s) => s);
  }
}

/** One level as a kernel: function(values, table). */
export function gatherKernel({ width, segments }: GatherLevel): KernelSource {
  const add = `const place = table[p * ${segments} + this.thread.x]; if (place >= 0) { sum += values[place]; }`;
  return {
    source: `function(values, table) {\nlet sum = 0;\nfor (let p = 0; p < ${width}; p++) { ${add} }\nreturn sum;\n}`,
    out: { rows: segments, cols: 1, flat: true },
  };
}
