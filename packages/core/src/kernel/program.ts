// What one pass over all terms does, before it is emitted or interpreted: which nodes, and where each result goes.
import type { Graph } from "./graph.js";
import type { PointMap, PointShape } from "./point-pattern.js";
import type { ResidentData } from "./term-home.js";

/** Where a result goes, added to what stands there. */
export type Sink =
  /** The number that the pass returns. */
  | "sum"
  /** out[index of variable `slot`]. */
  | "variable"
  /** h[map[t · entries + slot]], a Hessian entry; doubled where `pair` names two variables of the term that are the same. */
  | "entry"
  /** s[group]. */
  | "group"
  /** u[place of variable `slot`], the gradient of the group's inner sum. */
  | "local"
  /** w0[t], w1[t]: overwritten, not added to. */
  | "weight0"
  | "weight1"
  /** h[t · entries + slot], a place of the term's own: overwritten, not added to. */
  | "own";

export interface Result {
  readonly to: Sink;
  readonly slot: number;
  readonly node: number;
  readonly pair?: readonly [number, number];
  /** Of an entry: its two variables in the term. */
  readonly variables?: readonly [number, number];
}

/** A pass over terms. */
export interface Program {
  readonly graph: Graph;
  /** Variables, data and Hessian entries a term: the strides of the tables. */
  readonly arity: number;
  readonly width: number;
  readonly entries: number;
  /** Numbers a point: data slots from `width` on are those of the term's points in order. 0 where it isn't given. */
  readonly pointWidth?: number;
  /** Variables that a number of the index table stands for; 1 where it isn't given. */
  readonly step?: number;
  /** Data come from `w0`, a row a term in order, as well as from `data`: entries that were computed before are put in their places. */
  readonly rows?: boolean;
  /** Hessian entries find their places by points instead of by `map`. Only in WebAssembly. */
  readonly shape?: PointShape;
  /** The variable of term t is number t itself: for outer functions of groups. */
  readonly identity: boolean;
  readonly results: readonly Result[];
}

/** The arrays of a pass; those that a program doesn't touch may be empty. */
export interface Arrays {
  /** The term that the pass begins with, where it isn't the first; even. Tables are those of all terms; `h` of terms' own places, and rows, begin with that term. */
  readonly first?: number;
  readonly index: Int32Array;
  readonly data: Float64Array;
  /** Data that are in WebAssembly already, instead of `data`. */
  readonly resident?: ResidentData;
  readonly pointData?: Float64Array;
  readonly residentPoints?: ResidentData;
  readonly group: Int32Array;
  readonly place: Int32Array;
  readonly map: Int32Array;
  /** What stands for `map` in a program with a shape. */
  readonly points?: PointMap;
  readonly x: Float64Array;
  readonly direction: Float64Array;
  readonly w0: Float64Array;
  readonly w1: Float64Array;
  readonly out: Float64Array;
  readonly h: Float64Array;
  readonly s: Float64Array;
  readonly u: Float64Array;
}

/** A program made runnable: goes over `count` terms and answers the sum. */
export type Pass = (count: number, arrays: Arrays) => number;

/** A pass in JavaScript, which starts with the first term, over others. */
export function overRange(pass: Pass, { arity, step = 1, width, entries, rows }: Program): Pass {
  return (count, arrays) => {
    const { first, index, data, map } = arrays;
    if (first === undefined) return pass(count, arrays);
    const part = <A extends Int32Array | Float64Array>(table: A, size: number) =>
      table.subarray(first * size, (first + count) * size) as A;
    const own = { index: part(index, arity / step), data: rows ? data : part(data, width), map: part(map, entries) };
    return pass(count, { ...arrays, ...own });
  };
}
