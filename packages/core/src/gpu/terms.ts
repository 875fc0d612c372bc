// A sum of small terms on a GPU in float32: value, gradient, Hessian-vector products and Hessian entries by the term compiler's kernels. The same sum as a
// problem in float64 stays beside it: for line searches near a minimum, and for refinement (mixed.ts).
import type { BackendArray } from "../backend/backend.js";
import { requireVector } from "../backend/shapes.js";
import { describe, misuse, requireNumber } from "../errors.js";
import { spreadRows } from "../kernel/block-data.js";
import { standIn } from "../kernel/emit-gpu.js";
import { flattenData, flattenGroups } from "../kernel/tables.js";
import { type GroupBlock, problemFromTerms, type TermBlock, type TermsProblem } from "../kernel/terms.js";
import { halfSquaredNorm, trace } from "../kernel/trace.js";
import type { SparseMatrix } from "../linear/matrix.js";
import type { GpuBackend } from "./gpu-backend.js";
import { type TermSet, termPrograms } from "./term-passes.js";
import { added, deviceTerms, type Owners } from "./term-set.js";

/** A sum of terms on the device. Results in float32: errors are relative to the sizes of the terms that are added, not to their sum. */
export interface GpuTerms {
  readonly dimension: number;
  /** The same sum in float64 on the CPU. */
  readonly problem: TermsProblem;
  /** f(x); infinite where a term is. */
  value(x: BackendArray): Promise<number>;
  /** ∇f(x), a new vector on the device. */
  gradient(x: BackendArray): Promise<BackendArray>;
  /** ∇²f(x) v, a new vector on the device. */
  hessianApply(x: BackendArray, v: BackendArray): Promise<BackendArray>;
  /** Writes the lower ∇²f(x) into a matrix made by `problem.newHessian()`. Not for blocks of groups. */
  hessianInto(out: SparseMatrix, x: BackendArray): Promise<SparseMatrix>;
  /** Releases the tables on the device. */
  release(): void;
}

interface Part {
  value(x: BackendArray): Promise<number>;
  gradient(x: BackendArray): Promise<BackendArray | undefined>;
  apply(x: BackendArray, v: BackendArray): Promise<BackendArray | undefined>;
  hessian(
    x: BackendArray,
    owners: number,
    place: (row: number, col: number) => number,
  ): Promise<BackendArray | undefined>;
  release(): void;
}

/** Indices travel as float32, which has whole numbers up to here. */
const mostIndices = 2 ** 24;

/**
 * Σ of terms as `problemFromTerms(n, blocks)` takes them, on a GPU.
 * @throws ArgumentError as `problemFromTerms` does, and where there are more than 2²⁴ variables, or terms in a block.
 */
export function gpuTerms(backend: GpuBackend, n: number, blocks: readonly (TermBlock | GroupBlock)[]): GpuTerms {
  const routine = "gpuTerms";
  if (backend?.name !== "gpu") misuse(routine, "backend", describe(backend), "a GPU's: await connectGpu()");
  const problem = problemFromTerms(n, blocks);
  requireNumber(routine, "n", n, { atMost: mostIndices });
  const parts = blocks.flatMap((block, b) => {
    if ("outer" in block) return [groupPart(backend, n, block, `blocks[${b}]`)];
    return isEmpty(block) ? [] : [termPart(backend, n, block, `blocks[${b}]`)];
  });
  const total = async (
    work: (part: Part) => Promise<BackendArray | undefined>,
    length: number,
  ): Promise<BackendArray> => {
    let sum: BackendArray | undefined;
    for (const part of parts) sum = await added(backend, sum, await work(part));
    return sum ?? backend.upload(new Float64Array(length));
  };
  return {
    dimension: n,
    problem,
    async value(x) {
      requireVector("value", "x", x, n);
      let sum = 0;
      for (const part of parts) sum += await part.value(x);
      return Math.abs(sum) < standIn || Number.isNaN(sum) ? sum : sum * Number.POSITIVE_INFINITY;
    },
    async gradient(x) {
      requireVector("gradient", "x", x, n);
      return total((part) => part.gradient(x), n);
    },
    async hessianApply(x, v) {
      requireVector("hessianApply", "x", x, n);
      requireVector("hessianApply", "v", v, n);
      return total((part) => part.apply(x, v), n);
    },
    async hessianInto(out, x) {
      requireVector("hessianInto", "x", x, n);
      const place = placesIn(out, n);
      const entries = await total((part) => part.hessian(x, out.values.length, place), out.values.length);
      await backend.downloadInto(out.values, entries);
      backend.release(entries);
      return out;
    },
    release() {
      for (const part of parts) part.release();
    },
  };
}

const isEmpty = ({ indices }: TermBlock): boolean => ("table" in indices ? indices.table.length : indices.length) === 0;

function termSet(n: number, block: TermBlock, name: string): TermSet {
  const { indices, data } = spreadRows(n, block, name, "gpuTerms");
  requireCount(name, indices.count);
  const traced = trace(indices.width, data.width, block.term, "gpuTerms", `${name}.term`);
  const isSum = block.squares === true;
  return { trace: isSum ? halfSquaredNorm(traced) : traced, indices, data, identity: false, group: undefined };
}

function requireCount(name: string, count: number): void {
  if (count > mostIndices)
    misuse("gpuTerms", name, `of ${count} terms or groups`, `at most ${mostIndices}`, "Split it into several blocks.");
}

/** The results along variables go to these. */
const variables = (n: number, { indices: { width, table } }: TermSet): Owners => ({
  count: n,
  of: (slot, term) => table[term * width + slot]!,
});

/** The sum of an array that nobody needs any more. */
async function drain(backend: GpuBackend, array: BackendArray): Promise<number> {
  try {
    return await backend.sum(array);
  } finally {
    backend.release(array);
  }
}

function termPart(backend: GpuBackend, n: number, block: TermBlock, name: string): Part {
  const set = termSet(n, block, name);
  const { width, table } = set.indices;
  const programs = termPrograms(set);
  const device = deviceTerms(backend, set);
  const owners = variables(n, set);
  return {
    value: async (x) => drain(backend, await device.each(programs.value, { x })),
    gradient: (x) => device.gathered(programs.gradient, { x }, owners),
    apply: (x, v) => device.gathered(programs.apply, { x, direction: v }, owners),
    async hessian(x, count, place) {
      const { entries } = programs;
      const pair = (slot: number, term: number) =>
        entries[slot]!.map((i) => table[term * width + i]!) as [number, number];
      return device.gathered(
        programs.hessian,
        { x },
        {
          count,
          of: (slot, term) => place(...pair(slot, term)),
          // An entry beside the local diagonal that falls on the diagonal stands for two.
          twice: (slot, term) => entries[slot]![0] !== entries[slot]![1] && pair(slot, term)[0] === pair(slot, term)[1],
        },
      );
    },
    release: device.release,
  };
}

/** Σ_k φ(s_k): the inner terms' sums by group, φ' and φ'' ṡ a group, and the inner derivatives weighted by them. */
function groupPart(backend: GpuBackend, n: number, block: GroupBlock, name: string): Part {
  const { groups } = block;
  requireCount(name, groups);
  const inner = block.inner.flatMap((one, j) => {
    if (isEmpty(one)) return [];
    const plain = termSet(n, one, `${name}.inner[${j}]`);
    const group = flattenGroups(plain.indices.count, one.group, groups, `${name}.inner[${j}].group`);
    const set: TermSet = { ...plain, group };
    const byGroup: Owners = { count: groups, of: (_, term) => group[term]! };
    return [{ programs: termPrograms(set), device: deviceTerms(backend, set), owners: variables(n, set), byGroup }];
  });
  const data = flattenData(groups, block.data, `${name}.data`, "gpuTerms");
  const indices = { count: groups, width: 1, table: Int32Array.from({ length: groups }, (_, k) => k) };
  const traced = trace(1, data.width, ([s], d) => block.outer(s!, d), "gpuTerms", `${name}.outer`);
  const outerSet: TermSet = { trace: traced, indices, data, identity: true, group: undefined };
  const outer = { programs: termPrograms(outerSet), device: deviceTerms(backend, outerSet) };

  /** Σ over the inner blocks of what `work` gives a block. */
  const sum = async (work: (one: (typeof inner)[number]) => Promise<BackendArray | undefined>) => {
    let total: BackendArray | undefined;
    for (const one of inner) total = await added(backend, total, await work(one));
    return total;
  };
  const sums = async (x: BackendArray): Promise<BackendArray> =>
    (await sum(({ programs, device, byGroup }) => device.gathered(programs.value, { x }, byGroup))) ??
    backend.upload(new Float64Array(groups));
  return {
    async value(x) {
      if (groups === 0) return 0;
      const s = await sums(x);
      const values = await outer.device.each(outer.programs.value, { x: s });
      backend.release(s);
      return drain(backend, values);
    },
    async gradient(x) {
      if (inner.length === 0) return undefined;
      const s = await sums(x);
      const w0 = await outer.device.each(outer.programs.slope, { x: s });
      const total = await sum(({ programs, device, owners }) => device.gathered(programs.gradient, { x, w0 }, owners));
      backend.release(s, w0);
      return total;
    },
    async apply(x, v) {
      if (inner.length === 0) return undefined;
      const s = await sums(x);
      const change = await sum(({ programs, device, byGroup }) =>
        device.gathered(programs.tangent, { x, direction: v }, byGroup),
      );
      const w0 = await outer.device.each(outer.programs.slope, { x: s });
      const w1 = await outer.device.each(outer.programs.bend, { x: s, direction: change! });
      const total = await sum(({ programs, device, owners }) =>
        device.gathered(programs.apply, { x, direction: v, w0, w1 }, owners),
      );
      backend.release(s, change!, w0, w1);
      return total;
    },
    hessian: async () =>
      misuse("hessianInto", name, "a block of groups", "plain terms", "Use hessianApply, or `problem` for the matrix."),
    release() {
      for (const { device } of [outer, ...inner]) device.release();
    },
  };
}

/** Where entry (i, j) stands in the values of a lower triangle in compressed columns. */
function placesIn(out: SparseMatrix, n: number): (i: number, j: number) => number {
  if (out?.kind !== "sparse" || !out.symmetric || out.rows !== n)
    misuse("hessianInto", "out", describe(out), "a matrix made by problem.newHessian()");
  return (i, j) => {
    const row = Math.max(i, j);
    const col = Math.min(i, j);
    let low = out.colPointers[col]!;
    let high = out.colPointers[col + 1]! - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (out.rowIndices[middle]! < row) low = middle + 1;
      else high = middle;
    }
    if (out.rowIndices[low] !== row)
      misuse("hessianInto", "out", describe(out), "a matrix made by problem.newHessian()");
    return low;
  };
}
