// What one pass over all terms does, before it is emitted or interpreted: which nodes, and where each result goes.
import type { Graph } from "./graph.js";
import type { PointMap, PointShape } from "./point-pattern.js";

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
  /** Variables that a number of the index table stands for; 1 where it isn't given. */
  readonly step?: number;
  /** Hessian entries find their places by points instead of by `map`. Only in WebAssembly. */
  readonly shape?: PointShape;
  /** The variable of term t is number t itself: for outer functions of groups. */
  readonly identity: boolean;
  readonly results: readonly Result[];
}

/** The arrays of a pass; those that a program doesn't touch may be empty. */
export interface Arrays {
  readonly index: Int32Array;
  readonly data: Float64Array;
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
