// What the kernels for small matrices share: two matrices at a time, one in each lane. Their entries are gathered from two places in memory into locals (n ≤ 4)
// or a piece of scratch memory, and scattered when all is done. The code is made for one n, its inner loops written out.
import type { Body, Local, Value, WasmModule } from "./assembler.js";
import { f64x2, i32, i32x4, v128 } from "./instructions.js";

/** Up to this n a matrix stands in locals and all loops are written out. */
export const inLocals = 4;

/** A row or column: its number, or, where it is counted through at run time, 16 times that in a local. */
export type Index = number | Local;

/** An n × n matrix of pairs of numbers. */
export interface Grid {
  get(i: Index, j: Index): Value;
  set(i: Index, j: Index, value: Value): void;
}

/** In locals for n ≤ 4, whose indices are numbers; else in the scratch memory, the `which`-th there. */
export function makeGrid({ b, n, scratch }: Pair, which: number): Grid {
  if (n <= inLocals) {
    const locals = Array.from({ length: n * n }, () => b.local("v128"));
    const at = (i: Index, j: Index) => locals[(i as number) * n + (j as number)]!;
    return { get: at, set: (i, j, value) => b.set(at(i, j), value) };
  }
  const place = (i: Index, j: Index): [Value, number] => {
    let base: Value = scratch;
    let offset = 16 * n * n * which;
    if (typeof i === "number") offset += 16 * n * i;
    else base = i32.add(base, i32.mul(i, n));
    if (typeof j === "number") offset += 16 * j;
    else base = i32.add(base, j);
    return [base, offset];
  };
  return {
    get: (i, j) => v128.load(...place(i, j)),
    set: (i, j, value) => {
      const [base, offset] = place(i, j);
      b.do(v128.store(base, value, offset));
    },
  };
}

/** `count` pairs of numbers, behind the matrices of the scratch memory from the `first` on where they aren't in locals. */
export function makeList(
  { b, n, scratch }: Pair,
  first: number,
  count: number,
): { get(k: Index): Value; set(k: Index, value: Value): void } {
  const locals = n <= inLocals ? b.locals("v128", count) : undefined;
  const offset = 16 * (2 * n * n + first);
  const place = (k: Index): [Value, number] =>
    typeof k === "number" ? [scratch, offset + 16 * k] : [i32.add(scratch, k), offset];
  return {
    get: (k) => (locals === undefined ? v128.load(...place(k)) : locals[k as number]!),
    set: (k, value) => {
      if (locals !== undefined) b.set(locals[k as number]!, value);
      else {
        const [base, at] = place(k);
        b.do(v128.store(base, value, at));
      }
    },
  };
}

/** A pair of matrices in the hands of a kernel. */
export interface Pair {
  readonly module: WasmModule;
  readonly b: Body;
  readonly n: number;
  /** Entry (i, j) of both inputs. */
  input(i: Index, j: Index): Value;
  /** Writes entry (i, j) of both matrices of an output. */
  output(which: number, i: Index, j: Index, value: Value): void;
  /** The addresses of an output's two matrices. */
  readonly outputs: readonly (readonly [Local, Local])[];
  /** Pairs' own scratch memory. */
  readonly scratch: Local;
}

/** Bytes of scratch memory that a task needs. */
export const scratchBytes = (n: number): number => 16 * (2 * n * n + 2 * n);

/**
 * Defines task(task, block, count, input, first, second, status, scratch): matrices task · block … of `count`; `block` is even, `status` has an even
 * number of places. `write` answers the statuses as numbers in two lanes.
 */
export function definePairTask(
  module: WasmModule,
  name: string,
  n: number,
  shapes: readonly number[],
  write: (pair: Pair) => Value,
): void {
  module.function(
    {
      task: "i32",
      block: "i32",
      count: "i32",
      input: "i32",
      first: "i32",
      second: "i32",
      status: "i32",
      scratch: "i32",
    },
    "none",
    (b, g) => {
      const i = b.local("i32", i32.mul(g.task, g.block));
      const end = b.local("i32", i32.add(i, g.block));
      b.if(i32.gtS(end, g.count), () => b.set(end, g.count));
      const scratch = b.local("i32", i32.add(g.scratch, i32.mul(g.task, scratchBytes(n))));
      const next = b.local("i32");
      const from = [b.local("i32"), b.local("i32")] as const;
      const held = b.local("v128");
      const outputs = shapes.map(() => [b.local("i32"), b.local("i32")] as const);
      const place = (base: Local, index: Value, size: number) => i32.add(base, i32.mul(index, 8 * size));
      b.while(i32.ltS(i, end), () => {
        // The last of an odd number goes with itself.
        b.set(next, i32.add(i, 1));
        b.if(i32.geS(next, g.count), () => b.set(next, i));
        b.set(from[0], place(g.input, i, n * n));
        b.set(from[1], place(g.input, next, n * n));
        for (const [which, [low, high]] of outputs.entries()) {
          const base = which === 0 ? g.first : g.second;
          b.set(low, place(base, i, shapes[which]!));
          b.set(high, place(base, next, shapes[which]!));
        }
        const bytes = (i: Index, j: Index): readonly [Value | undefined, number] =>
          typeof i === "number" && typeof j === "number"
            ? [undefined, 8 * (i * n + j)]
            : [i32.shrU(i32.add(i32.mul(raised(i), n), raised(j)), 1), 0];
        const at = (base: Local, more: Value | undefined): Value => (more === undefined ? base : i32.add(base, more));
        const states = write({
          module,
          b,
          n,
          outputs,
          scratch,
          input: (i, j) => {
            const [more, offset] = bytes(i, j);
            return v128.load64Lane(at(from[1], more), v128.load64Zero(at(from[0], more), offset), 1, offset);
          },
          output: (which, i, j, value) => {
            const [more, offset] = bytes(i, j);
            b.set(held, value);
            for (const [lane, base] of outputs[which]!.entries())
              b.do(v128.store64Lane(at(base, more), held, lane, offset));
          },
        });
        b.do(v128.store64Lane(i32.add(g.status, i32.shl(i, 2)), i32x4.truncSatF64x2SZero(states), 0));
        b.set(i, i32.add(i, 2));
      });
    },
    name,
  );
}

const raised = (i: Index): Value => (typeof i === "number" ? 16 * i : i);

/** Runs `body` for i = from … n − 1: written out where the matrix stands in locals, else counted through. */
export function each({ b, n }: Pair, from: Index, body: (i: Index) => void): void {
  if (n <= inLocals) {
    for (let i = from as number; i < n; i++) body(i);
    return;
  }
  const i = b.local("i32");
  b.for(i, raised(from), 16 * n, 16, () => body(i));
}

/** Runs `body` for j ≤ i, or with `full` for all j. */
export function eachEntry(pair: Pair, full: boolean, body: (i: Index, j: Index) => void): void {
  each(pair, 0, (j) => each(pair, full ? 0 : j, (i) => body(i, j)));
}

/** Largest |entry| of the inputs, or of their lower triangles, in a new local; NaN where one is NaN. */
export function largestInput(pair: Pair, full: boolean): Local {
  const size = pair.b.local("v128", 0);
  eachEntry(pair, full, (i, j) => pair.b.set(size, f64x2.max(size, f64x2.abs(pair.input(i, j)))));
  return size;
}

/** The inputs, or their lower triangles, to a grid. */
export function copyInput(pair: Pair, to: Grid, full: boolean): void {
  eachEntry(pair, full, (i, j) => to.set(i, j, pair.input(i, j)));
}

/** The largest |entry| of a grid, NaN where one is NaN, to a local. */
export function largestOf(pair: Pair, grid: Grid, to: Local): void {
  pair.b.set(to, 0);
  eachEntry(pair, true, (i, j) => pair.b.set(to, f64x2.max(to, f64x2.abs(grid.get(i, j)))));
}

/** The power of two below a size, 2⁻¹⁰²² at least: as `unitOf` of linear/small-eigen.ts. */
export const unitOf = (size: Value): Value => f64x2.max(v128.and(size, Number.POSITIVE_INFINITY), 2 ** -1022);
