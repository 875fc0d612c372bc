// The shape of a test problem, and the way to state one: a few lines of terms for the kernel compiler.
import type { GradientProblem, HasBounds, HasHessian, HasHessianApply } from "@hessia/core";
import { type GroupBlock, problemFromTerms, type TermBlock } from "@hessia/core/kernel";

export type FullProblem = GradientProblem & HasHessian & HasHessianApply & Partial<HasBounds>;

/** A test problem at one size. */
export interface TestProblem {
  readonly name: string;
  readonly n: number;
  /** The standard start, a new array. */
  start(): Float64Array;
  /**
   * The lowest value known at this size. Where no source gives it: the lowest that trustRegion, lazyCubicNewton (m = 1), arc and lbfgs reached
   * at ‖∇f‖∞ ≤ 1e-8; at least two of them agree on it, but for BROYDN7D, which has many local minima.
   */
  readonly optimum: number;
  /** Where the statement and the value come from. */
  readonly reference: string;
  /** Compiled once, at the first call. */
  problem(): FullProblem;
}

/** A test problem whose lowest value may be unknown (null). */
export type AnyTest = Omit<TestProblem, "optimum"> & { readonly optimum: number | null };

/** What an author writes. */
export interface Statement {
  readonly name: string;
  readonly n: number;
  readonly reference: string;
  readonly start: (i: number) => number;
  readonly optimum: number;
  readonly blocks: () => readonly (TermBlock | GroupBlock)[];
}

/** Makes a test problem from its statement. `start(i)` gives x₀ᵢ, i from 0. */
export function state(statement: Statement): TestProblem {
  const { name, n, reference, optimum } = statement;
  let compiled: FullProblem | undefined;
  return {
    name,
    n,
    reference,
    optimum,
    start: () => Float64Array.from({ length: n }, (_, i) => statement.start(i)),
    problem: () => (compiled ??= problemFromTerms(n, statement.blocks())),
  };
}

/** [first, first + 1, …, last]. */
export const range = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);

/** A citation that ends in the collection that carries the problem. */
export const cutest = (source: string): string => `${source}; CUTEst`;

/** Index tables: each variable; each with the next; each with the next two. */
export const singles = (n: number): number[][] => range(0, n - 1).map((i) => [i]);
export const pairs = (n: number): number[][] => range(0, n - 2).map((i) => [i, i + 1]);
export const triples = (n: number): number[][] => range(0, n - 3).map((i) => [i, i + 1, i + 2]);
