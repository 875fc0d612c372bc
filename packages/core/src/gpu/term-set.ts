// One set of terms on the device: its tables, its kernels, and the sums of their results by owners.
import type { BackendArray } from "../backend/backend.js";
import { emitGpu, type GpuInput } from "../kernel/emit-gpu.js";
import type { Program } from "../kernel/program.js";
import { gatherKernel, planGather } from "./gather.js";
import type { GpuBackend } from "./gpu-backend.js";
import type { TermSet } from "./term-passes.js";

/** Who gets the result `slot` of a term; and whether it counts twice. */
export interface Owners {
  readonly count: number;
  readonly of: (slot: number, term: number) => number;
  readonly twice?: (slot: number, term: number) => boolean;
}

export interface DeviceTerms {
  /** One number a term: the program's single result. */
  each(program: Program, given: Given): Promise<BackendArray>;
  /** Σ of the results by their owners; undefined where the program has no result. The plan is made once a program. */
  gathered(program: Program, given: Given, owners: Owners): Promise<BackendArray | undefined>;
  release(): void;
}

/** What a pass reads besides its own tables. */
export type Given = Readonly<Partial<Record<"x" | "direction" | "w0" | "w1", BackendArray>>>;

interface Level {
  readonly kernel: ReturnType<typeof gatherKernel>;
  readonly table: BackendArray;
}

export function deviceTerms(backend: GpuBackend, terms: TermSet): DeviceTerms {
  const count = terms.indices.count;
  const tables = new Map<GpuInput, Promise<BackendArray>>();
  const plans = new Map<Program, Promise<readonly (readonly Level[])[]>>();
  const emitted = new Map<Program, ReturnType<typeof emitGpu>>();
  const passesOf = (program: Program) => {
    let passes = emitted.get(program);
    if (passes === undefined) emitted.set(program, (passes = emitGpu(program, count)));
    return passes;
  };
  const table = (input: GpuInput): Promise<BackendArray> => {
    let made = tables.get(input);
    if (made === undefined) {
      if (input === "index") made = backend.upload(slotMajor(terms.indices.table, terms.indices.width));
      else if (input === "data") made = backend.upload(slotMajor(terms.data.table, terms.data.width));
      else made = backend.upload(terms.group!);
      tables.set(input, made);
    }
    return made;
  };

  const run = async (pass: ReturnType<typeof emitGpu>[number], given: Given): Promise<BackendArray> => {
    const inputs: BackendArray[] = [];
    for (const name of pass.inputs) {
      if (name === "x" || name === "direction" || name === "w0" || name === "w1") inputs.push(given[name]!);
      else inputs.push(await table(name));
    }
    return backend.run(
      { source: pass.source, out: { rows: pass.results.length * count, cols: 1, flat: true }, work: pass.work },
      ...inputs,
    );
  };

  const planFor = (program: Program, { count: owners, of, twice }: Owners) => {
    let plan = plans.get(program);
    if (plan === undefined) {
      plan = Promise.all(
        passesOf(program).map(async ({ results }) => {
          // Term by term, as the loops on the CPU add; what counts twice once more at the end.
          const total = results.length * count;
          const width = results.length;
          const levels = planGather(
            owners,
            twice === undefined ? total : 2 * total,
            (k) => {
              const { slot } = results[k % width]!;
              const term = Math.floor((k % total) / width);
              return k >= total && !twice!(slot, term) ? -1 : of(slot, term);
            },
            (k) => (k % width) * count + Math.floor((k % total) / width),
          );
          const made: Level[] = [];
          for (const level of levels)
            made.push({ kernel: gatherKernel(level), table: await backend.upload(level.table) });
          return made;
        }),
      );
      plans.set(program, plan);
    }
    return plan;
  };

  return {
    each: (program, given) => run(passesOf(program)[0]!, given),
    async gathered(program, given, owners) {
      const plan = await planFor(program, owners);
      let total: BackendArray | undefined;
      for (const [k, pass] of passesOf(program).entries()) {
        let numbers = await run(pass, given);
        for (const { kernel, table } of plan[k]!) {
          const sums = await backend.run(kernel, numbers, table);
          backend.release(numbers);
          numbers = sums;
        }
        total = await added(backend, total, numbers);
      }
      return total;
    },
    release() {
      const free = (array: Promise<BackendArray>) =>
        array.then(
          (one) => backend.release(one),
          () => undefined,
        );
      for (const array of tables.values()) void free(array);
      for (const plan of plans.values())
        void plan.then(
          (levels) => backend.release(...levels.flat().map((level) => level.table)),
          () => undefined,
        );
      tables.clear();
      plans.clear();
    },
  };
}

/** a + b, both released; an absent one is 0. */
export async function added(
  backend: GpuBackend,
  a: BackendArray | undefined,
  b: BackendArray | undefined,
): Promise<BackendArray | undefined> {
  if (a === undefined || b === undefined) return a ?? b;
  const sum = await backend.axpby(1, a, 1, b);
  backend.release(a, b);
  return sum;
}

/** A table of `width` numbers a row by columns. */
function slotMajor(table: Int32Array | Float64Array, width: number): Float64Array {
  const count = width === 0 ? 0 : table.length / width;
  const out = new Float64Array(table.length);
  for (let t = 0; t < count; t++)
    for (let slot = 0; slot < width; slot++) out[slot * count + t] = table[t * width + slot]!;
  return out;
}
