// A sum of many small terms as a problem: the front door of the kernel compiler.
import { describe, misuse, requireKnownOptions, requireNumber, requireOneOf } from "../errors.js";
import type { Matrix, SparseMatrix, Vector } from "../linear/matrix.js";
import type { HasGradient, HasHessian, HasHessianApply, HasValue } from "../problem.js";
import type { ThreadPool } from "../wasm/threads.js";
import { type Evaluation, type Evaluator, evaluatorFor } from "./evaluator.js";
import type { Expr } from "./expr.js";
import { makeGroupPart } from "./groups.js";
import { emptyPart, isEmptyTable, makeTermPart, type Part } from "./part.js";
import { type Contributions, makePattern, type Pattern, type Places } from "./pattern.js";
import { makePointPattern } from "./point-pattern.js";
import type { ProjectPsd } from "./project.js";
import type { ResidualFunction, TermFunction } from "./trace.js";

/** Variable numbers, a row a term: nested arrays, or a flat table of `arity` numbers a row. Copied, unless it is `kept`. */
export type IndexTable = readonly (readonly number[])[] | FlatIndices;
export interface FlatIndices {
  readonly arity: number;
  readonly table: Int32Array;
  /**
   * Each number v of the table is that of a point, and stands for so many variables from `coordinates` · v on (1 to 16; it takes less memory than their variables one by one,
   * and sums all of whose blocks have the same can do without a map into the Hessian). A term has `arity` · `coordinates` variables. Default 1.
   */
  readonly coordinates?: number;
  /** The table isn't copied: nobody may change it any more. Default false. */
  readonly kept?: boolean;
}
/** Data, a row a term: nested arrays, a flat table of `width` numbers a row, or a function that puts them. Copied: see `setData` to change them. */
export type DataTable =
  | readonly (readonly number[])[]
  | { readonly width: number; readonly table: Float64Array }
  | FilledData;
/** `fill` is called at once and puts numbers where they are kept, without a table in between. Others are 0 at first, and stay as they are in `setData`. */
export interface FilledRows {
  readonly width: number;
  readonly fill: (put: (row: number, slot: number, value: number) => void) => void;
}
/** Rows of terms; and of points, each kept once: a term reads its own numbers and then, for each number of its index row in order, those of that point. */
export interface FilledData extends FilledRows {
  readonly points?: FilledRows;
}

/** Σ_t term(x[indices[t]], data[t]). */
export interface TermBlock {
  readonly indices: IndexTable;
  readonly data?: DataTable;
  readonly term: TermFunction | ResidualFunction;
  /** The term function answers a list of residuals r, and the term is ½ ‖r‖². Default false. */
  readonly squares?: boolean;
}

/**
 * How each term's Hessian is made positive semidefinite before it is added: its negative eigenvalues become 0 ("clamp": the nearest such matrix) or |λ| ("absolute");
 * or that of residuals becomes JᵀJ ("gaussNewton"; terms without residuals are clamped).
 */
export type Convexity = "clamp" | "absolute" | "gaussNewton";

/** Σ_k outer(s_k, data[k]) with s_k the sum of all inner terms t whose `group[t]` is k. */
export interface GroupBlock {
  readonly inner: readonly (TermBlock & { readonly group: ArrayLike<number> })[];
  readonly groups: number;
  readonly data?: DataTable;
  readonly outer: (s: Expr, d: Expr[]) => Expr;
}

export interface TermsOptions {
  /**
   * How terms are evaluated: as SIMD WebAssembly ("wasm"), as "compiled" JavaScript, "interpreted", or (the default, "auto") by WebAssembly where there
   * are many terms, else compiled, as far as the engine and the page's security policy allow. They agree up to rounding; the same one gives
   * the same bits each time.
   */
  readonly evaluation?: "auto" | Evaluation;
  /** Threads that share the work, in WebAssembly: the same bits whatever their number. See `startThreads` of @hessia/core/wasm. */
  readonly threads?: ThreadPool;
  /** What makes matrices positive semidefinite where convex Hessians are asked for: `projectPsdInto` of @hessia/core/linear, which this door doesn't bring along. */
  readonly projectPsd?: ProjectPsd;
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
  readonly evaluation: Evaluation;
}

/** A term that isn't finite at x, or whose derivative isn't (√ at 0). */
export interface TermFault {
  readonly block: number;
  /** Which inner block, where the fault is in a group's inner term; absent for the outer function. */
  readonly inner?: number;
  /** The term, or the group where the outer function is at fault. */
  readonly term: number;
  /** What isn't finite: derivatives are looked at only where all values are finite, the Hessian where all gradients are. */
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
  /** A matrix for `convexHessianInto`: the pattern of `newHessian` and whatever a projection may fill in. */
  newConvexHessian(): SparseMatrix;
  /** Writes Σ of the terms' Hessians, each made positive semidefinite, into `out`, a matrix made by `newConvexHessian`; no group blocks. */
  convexHessianInto(out: SparseMatrix, x: Vector, convexity: Convexity): SparseMatrix;
  /** The same with ∇f(x) and f(x), in one pass. */
  valueGradientConvexHessianInto(gradient: Vector, out: SparseMatrix, x: Vector, convexity: Convexity): number;
  /** Replaces the data of a block (of a group's inner block, when `inner` is given); shape as before. Nothing is compiled again. */
  setData(block: number, data: DataTable, inner?: number): void;
  /** The terms that aren't finite at x, or whose derivatives aren't, at most `limit` (10); empty when all are. */
  diagnose(x: Vector, limit?: number): readonly TermFault[];
  readonly structure: TermsStructure;
}

/**
 * Σ of terms as a problem with exact gradient, sparse Hessian and Hessian-vector products. Each block's term is traced once, differentiated on
 * the expression graph and compiled to a loop over all of its terms.
 *
 * @param n the number of variables, ≥ 0.
 * @throws ArgumentError naming the block and the term: an index that is no variable, data that isn't finite, tables of wrong shape,
 * a term function that returns something else than an Expr.
 */
export function problemFromTerms(
  n: number,
  blocks: readonly (TermBlock | GroupBlock)[],
  options: TermsOptions = {},
): TermsProblem {
  const routine = "problemFromTerms";
  requireNumber(routine, "n", n, { atLeast: 0, integer: true });
  if (!Array.isArray(blocks)) misuse(routine, "blocks", describe(blocks), "an array of blocks");
  requireKnownOptions(routine, options, ["evaluation", "threads", "projectPsd"]);
  const { projectPsd } = options;
  if (projectPsd !== undefined && typeof projectPsd !== "function")
    misuse(routine, "options.projectPsd", describe(projectPsd), "projectPsdInto of @hessia/core/linear");
  const evaluator = evaluatorFor(routine, options);
  const parts = blocks.map((block, b) => makePart(n, block, b, evaluator, projectPsd));
  for (const part of parts) part.settle();
  let layout: Layout | undefined;
  const prepare = (): Layout =>
    (layout ??= makeLayout(
      n,
      parts.map((part) => part.contributions()),
      evaluator,
    ));
  let convex: Layout | undefined;
  const prepareConvex = (): Layout => {
    convex ??= makeLayout(
      n,
      parts.map((part, b) => {
        if (part.convexContributions === undefined)
          misuse(
            "newConvexHessian",
            `blocks[${b}]`,
            "a group block",
            "plain terms: groups have no Hessians of their own",
          );
        return part.convexContributions();
      }),
      evaluator,
    );
    return convex;
  };
  const requirePoint = (method: string, argument: string, v: Vector) => {
    if (v.length !== n) misuse(method, argument, `of length ${v.length}`, `length ${n}, the problem's dimension`);
  };

  const addHessian = (method: string, gradient: Vector | undefined, out: Matrix, x: Vector): number => {
    const { rowIndices, maps } = prepare();
    if (out.kind !== "sparse" || out.rows !== n || out.values.length !== rowIndices.length)
      misuse(method, "out", describe(out), "a matrix made by newHessian()");
    const h = evaluator.collectsEntries(out.values);
    const point = evaluator.reads("x", x);
    const collected = gradient && evaluator.collects(gradient);
    let sum = 0;
    for (let b = 0; b < parts.length; b++) sum += parts[b]!.hessian(collected, h, point, maps[b]!);
    evaluator.delivered(out.values, h);
    if (gradient !== undefined) evaluator.delivered(gradient, collected!);
    return sum;
  };

  const addConvex = (method: string, gradient: Vector | undefined, out: Matrix, x: Vector, how: Convexity): number => {
    requirePoint(method, "x", x);
    requireOneOf(method, "convexity", how, ["clamp", "absolute", "gaussNewton"]);
    const { rowIndices, maps } = prepareConvex();
    if (out.kind !== "sparse" || out.rows !== n || out.values.length !== rowIndices.length)
      misuse(method, "out", describe(out), "a matrix made by newConvexHessian()");
    const h = evaluator.collectsEntries(out.values);
    const point = evaluator.reads("x", x);
    const collected = gradient && evaluator.collects(gradient);
    let sum = 0;
    for (let b = 0; b < parts.length; b++) sum += parts[b]!.convexHessian!(how, collected, h, point, maps[b]!);
    evaluator.delivered(out.values, h);
    if (gradient !== undefined) evaluator.delivered(gradient, collected!);
    return sum;
  };

  const newMatrix = ({ colPointers, rowIndices }: Layout): SparseMatrix => ({
    kind: "sparse",
    rows: n,
    cols: n,
    colPointers,
    rowIndices,
    values: evaluator.newValues(rowIndices.length),
    symmetric: true,
  });

  const problem: TermsProblem = {
    dimension: n,
    value(x) {
      requirePoint("value", "x", x);
      const point = evaluator.reads("x", x);
      let sum = 0;
      for (const part of parts) sum += part.value(point);
      return sum;
    },
    gradientInto(out, x) {
      problem.valueAndGradientInto(out, x);
      return out;
    },
    valueAndGradientInto(out, x) {
      requirePoint("valueAndGradientInto", "x", x);
      const point = evaluator.reads("x", x);
      const collected = evaluator.collects(out);
      let sum = 0;
      for (const part of parts) sum += part.gradient(collected, point);
      evaluator.delivered(out, collected);
      return sum;
    },
    valueGradientHessianInto(gradient, hessian, x) {
      requirePoint("valueGradientHessianInto", "x", x);
      requirePoint("valueGradientHessianInto", "gradient", gradient);
      return addHessian("valueGradientHessianInto", gradient, hessian, x);
    },
    newHessian: () => newMatrix(prepare()),
    newConvexHessian: () => newMatrix(prepareConvex()),
    convexHessianInto(out, x, convexity) {
      addConvex("convexHessianInto", undefined, out, x, convexity);
      return out;
    },
    valueGradientConvexHessianInto(gradient, out, x, convexity) {
      requirePoint("valueGradientConvexHessianInto", "gradient", gradient);
      return addConvex("valueGradientConvexHessianInto", gradient, out, x, convexity);
    },
    hessianInto(out, x) {
      requirePoint("hessianInto", "x", x);
      addHessian("hessianInto", undefined, out, x);
      return out;
    },
    hessianApplyInto(out, x, v) {
      requirePoint("hessianApplyInto", "x", x);
      requirePoint("hessianApplyInto", "v", v);
      const point = evaluator.reads("x", x);
      const direction = evaluator.reads("direction", v);
      const collected = evaluator.collects(out);
      for (const part of parts) part.apply(collected, point, direction);
      return evaluator.delivered(out, collected);
    },
    setData(block, data, inner) {
      const part = parts[block];
      if (part === undefined)
        return misuse("setData", "block", describe(block), `a block number from 0 to ${parts.length - 1}`);
      return part.setData(data, inner, `blocks[${block}]${inner === undefined ? "" : `.inner[${inner}]`}.data`);
    },
    diagnose: (x, limit = 10) => {
      requirePoint("diagnose", "x", x);
      for (const of of ["value", "gradient", "hessian"] as const) {
        const faults = parts.flatMap((part, b) => part.diagnose(x, b, of));
        if (faults.length > 0) return faults.slice(0, limit);
      }
      return [];
    },
    get structure() {
      return {
        blocks: parts.flatMap((part, block) => part.structure().map((one) => ({ block, ...one }))),
        nonzeros: prepare().rowIndices.length,
        evaluation: evaluator.evaluation,
      };
    },
  };
  return problem;
}

type Layout = Omit<Pattern, "positions"> & { readonly maps: readonly (readonly Places[])[] };

/** The pattern of all lists together, and the places of each part's. Only WebAssembly finds places by points. */
function makeLayout(n: number, contributions: readonly (readonly Contributions[])[], evaluator: Evaluator): Layout {
  const lists = contributions.flat();
  const byPoints = evaluator.evaluation === "wasm" ? makePointPattern(n, lists, evaluator.borrow) : undefined;
  const { positions, colPointers, rowIndices } = byPoints ?? makePattern(n, n, lists, true);
  let at = 0;
  const maps = contributions.map(({ length }) => positions.slice(at, (at += length)));
  return { colPointers, rowIndices, maps };
}

/** @internal */
export function makePart(
  n: number,
  block: TermBlock | GroupBlock,
  b: number,
  evaluator: Evaluator,
  projectPsd: ProjectPsd | undefined,
): Part {
  const name = `blocks[${b}]`;
  if (block === null || typeof block !== "object")
    misuse("problemFromTerms", name, describe(block), "a block: { indices, term } or { inner, groups, outer }");
  if ("outer" in block) return makeGroupPart(n, block, name, evaluator);
  return isEmptyTable(block.indices) ? emptyPart : makeTermPart(n, block, name, evaluator, projectPsd);
}
