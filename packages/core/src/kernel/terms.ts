import { misuse } from "../errors.js";
import type { SparseMatrix, Vector } from "../linear/matrix.js";
import type { HasGradient, HasHessian, HasHessianApply, HasValue } from "../problem.js";
import type { Expr } from "./expr.js";
import type { TermFunction } from "./trace.js";

/** Variable numbers, a row a term: nested arrays, or a flat table of `arity` numbers a row. */
export type IndexTable = readonly (readonly number[])[] | { readonly arity: number; readonly table: Int32Array };
/** Data, a row a term: nested arrays, or a flat table of `width` numbers a row. */
export type DataTable = readonly (readonly number[])[] | { readonly width: number; readonly table: Float64Array };

/** Σ_t term(x[indices[t]], data[t]). */
export interface TermBlock {
  readonly indices: IndexTable;
  readonly data?: DataTable;
  readonly term: TermFunction;
}

/** Σ_k outer(s_k, data[k]) with s_k the sum of all inner terms t whose `group[t]` is k. */
export interface GroupBlock {
  readonly inner: readonly (TermBlock & { readonly group: ArrayLike<number> })[];
  readonly groups: number;
  readonly data?: DataTable;
  readonly outer: (s: Expr, d: Expr[]) => Expr;
}

export interface TermsOptions {
  /** How terms are evaluated: "compiled" JavaScript, "interpreted", or (the default, "auto") compiled where the page's security policy allows. */
  readonly evaluation?: "auto" | "compiled" | "interpreted";
}

/** Operations a term (arithmetic and function calls), shared subexpressions counted once. */
export interface OperationCounts {
  /** f. */
  readonly value: number;
  /** f and ∇f together. */
  readonly gradient: number;
  /** f, ∇f and the lower ∇²f together. */
  readonly hessian: number;
  /** ∇²f v alone. */
  readonly apply: number;
}

export interface BlockStructure {
  readonly terms: number;
  readonly arity: number;
  readonly width: number;
  /** Entries of a term's lower Hessian that aren't identically zero. */
  readonly hessianEntries: number;
  readonly operations: OperationCounts;
}

export interface TermsStructure {
  /** A block a row; of a group block the outer function first, then its inner blocks. */
  readonly blocks: readonly (BlockStructure & { readonly block: number; readonly inner?: number })[];
  /** Stored entries of the lower Hessian. */
  readonly nonzeros: number;
  readonly evaluation: "compiled" | "interpreted";
}

/** A term that isn't finite at x. */
export interface TermFault {
  readonly block: number;
  /** Which inner block, where the fault is in a group's inner term; absent for the outer function. */
  readonly inner?: number;
  /** The term, or the group where the outer function is at fault. */
  readonly term: number;
  readonly of: "value" | "gradient" | "hessian";
  readonly value: number;
  /** The first operation that isn't finite though its operands are, with them: "log(-2)". */
  readonly operation: string;
  /** All of this in one sentence. */
  readonly message: string;
}

/** A sum of terms as a problem with exact first and second derivatives. */
export interface TermsProblem extends HasValue, HasGradient, HasHessian, HasHessianApply {
  /** Writes ∇f(x) into `out` and returns f(x), in one pass. */
  valueAndGradientInto(out: Vector, x: Vector): number;
  /** Writes ∇f(x) and the lower ∇²f(x) and returns f(x), in one pass. */
  valueGradientHessianInto(gradient: Vector, hessian: SparseMatrix, x: Vector): number;
  /** The lower triangle; the pattern arrays are shared by all Hessians of this problem. */
  newHessian(): SparseMatrix;
  /** Replaces the data of a block (of a group's inner block, when `inner` is given); shape as before. Nothing is compiled again. */
  setData(block: number, data: DataTable, inner?: number): void;
  /** The terms that aren't finite at x, at most `limit` (10); empty when all are. */
  diagnose(x: Vector, limit?: number): readonly TermFault[];
  readonly structure: TermsStructure;
}

export function problemFromTerms(
  n: number,
  _blocks: readonly (TermBlock | GroupBlock)[],
  _options: TermsOptions = {},
): TermsProblem {
  return misuse("problemFromTerms", "n", String(n), "the second half of this file");
}
