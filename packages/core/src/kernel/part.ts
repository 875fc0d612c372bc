// A block of a sum as something to evaluate: plain terms. Groups of terms are in groups.ts.
import { describe, misuse } from "../errors.js";
import type { Vector } from "../linear/matrix.js";
import { type Block, makeBlock, noArrays } from "./block.js";
import { arraysOf, awaited, type BlockTables, replace, settle, widthOf } from "./block-data.js";
import { findFaults } from "./diagnose.js";
import type { Evaluator } from "./evaluator.js";
import type { Contributions, Places } from "./pattern.js";
import { makeProjector, type Projector, type ProjectPsd } from "./project.js";
import { dataSource, flattenIndices, type IndexRows } from "./tables.js";
import type { BlockStructure, Convexity, DataTable, IndexTable, TermBlock, TermFault } from "./terms.js";
import { halfSquaredNorm, trace } from "./trace.js";

/** What `problemFromTerms` needs of each block. Every evaluator adds to `out` and to `h`. */
export interface Part {
  /** Puts the data in place, once all blocks have been announced to the evaluator. Before anything else. */
  settle(): void;
  /** Lists of lower Hessian entries; `hessian` is given the places of each list. */
  contributions(): readonly Contributions[];
  /** The same for `convexHessian`; undefined where there is none. */
  convexContributions?(): readonly Contributions[];
  value(x: Vector): number;
  gradient(out: Vector, x: Vector): number;
  /** With `out` undefined only the Hessian. */
  hessian(out: Vector | undefined, h: Float64Array, x: Vector, maps: readonly Places[]): number;
  /** As `hessian`, with each term's Hessian made positive semidefinite. */
  convexHessian?(
    convexity: Convexity,
    out: Vector | undefined,
    h: Float64Array,
    x: Vector,
    maps: readonly Places[],
  ): number;
  apply(out: Vector, x: Vector, direction: Vector): void;
  setData(data: DataTable, inner: number | undefined, argument: string): void;
  diagnose(x: Vector, block: number, of: TermFault["of"]): TermFault[];
  structure(): (BlockStructure & { readonly inner?: number })[];
}

export function traceBlock(
  block: TermBlock,
  indices: IndexRows,
  data: BlockTables,
  name: string,
  evaluator: Evaluator,
  routine = "problemFromTerms",
): Block {
  const traced = trace(indices.width, widthOf(data, indices), block.term, routine, `${name}.term`);
  if (block.squares === true) return makeBlock(halfSquaredNorm(traced), indices, data, evaluator);
  if (traced.outputs.length !== 1)
    misuse(
      routine,
      `${name}.term`,
      `a function of ${traced.outputs.length} results`,
      "a function that returns one Expr",
    );
  return makeBlock(traced, indices, data, evaluator);
}

/** The (row, column) pair of each local Hessian entry of each term, row ≥ column. */
export function localContributions({ indices }: Block, entries: Block["entries"]): Contributions {
  const { count, width, table, step } = indices;
  const arity = width / step;
  const pointOf = (slot: number) => Math.floor(slot / step);
  const first = Int32Array.from(entries, ([i]) => pointOf(i));
  const second = Int32Array.from(entries, ([, j]) => pointOf(j));
  const p = Int32Array.from(entries, ([i]) => i % step);
  const q = Int32Array.from(entries, ([, j]) => j % step);
  const scan: Contributions["scan"] = (emit) => {
    for (let ti = 0; ti < count * arity; ti += arity) {
      for (let e = 0; e < first.length; e++) {
        const i = table[ti + first[e]!]! * step + p[e]!;
        const j = table[ti + second[e]!]! * step + q[e]!;
        if (i > j) emit(i, j);
        else emit(j, i);
      }
    }
  };
  return { count: count * first.length, scan, rows: { indices, entries } };
}

/** Places as passes take them. */
const placed = (places: Places) =>
  places instanceof Int32Array ? { map: places } : { map: noArrays.map, points: places };

export function replaceData(block: Block, data: DataTable, argument: string, points?: number): void {
  block.data = replace(block.data, data, argument, block.indices.count, points);
}

export const structureOf = ({ indices, data, entries, operations }: Block): BlockStructure => ({
  terms: indices.count,
  arity: indices.width,
  width: widthOf(data, indices),
  hessianEntries: entries.length,
  operations,
});

export function makeTermPart(
  n: number,
  source: TermBlock,
  name: string,
  evaluator: Evaluator,
  projectPsd: ProjectPsd | undefined,
): Part {
  const indices = flattenIndices(n, source.indices, `${name}.indices`);
  const { count, step } = indices;
  const points = Math.floor(n / step);
  const given = dataSource(count, source.data, `${name}.data`, "problemFromTerms", points);
  const block = traceBlock(source, indices, awaited(given, points), name, evaluator);
  let projector: Projector | undefined;
  const arrays = (x: Vector) => ({ ...noArrays, index: indices.table, ...arraysOf(block.data), x });
  return {
    settle() {
      block.data = settle(given, count, points, evaluator);
    },
    contributions: () => [localContributions(block, block.entries)],
    convexContributions: () => [localContributions(block, block.closedEntries)],
    value: (x) => block.pass("value")(indices.count, arrays(x)),
    gradient: (out, x) => block.pass("gradient")(indices.count, { ...arrays(x), out }),
    hessian(out, h, x, maps) {
      const given = { ...arrays(x), h, ...placed(maps[0]!) };
      if (out === undefined) return block.pass("onlyHessian", given.points?.shape)(indices.count, given);
      return block.pass("hessian", given.points?.shape)(indices.count, { ...given, out });
    },
    convexHessian(convexity, out, h, x, maps) {
      if (convexity === "gaussNewton" && block.trace.residuals !== undefined) {
        const given = { ...arrays(x), h, ...placed(maps[0]!) };
        if (out === undefined) return block.pass("onlyGaussNewton", given.points?.shape)(indices.count, given);
        return block.pass("gaussNewton", given.points?.shape)(indices.count, { ...given, out });
      }
      if (projectPsd === undefined)
        return misuse(
          "problemFromTerms",
          "options.projectPsd",
          "missing",
          "projectPsdInto of @hessia/core/linear: what projects matrices",
        );
      projector ??= makeProjector(block, evaluator, projectPsd);
      return projector(convexity === "absolute" ? "absolute" : "clamp", out, h, x, maps[0]!);
    },
    apply: (out, x, direction) => void block.pass("apply")(indices.count, { ...arrays(x), out, direction }),
    setData(data, inner, argument) {
      if (inner !== undefined) misuse("setData", "inner", describe(inner), "nothing: this block is no group");
      replaceData(block, data, argument, points);
    },
    diagnose: (x, b, of) => findFaults(block, x, of, b),
    structure: () => [structureOf(block)],
  };
}

/** A block without terms: adds nothing. Its term function is not even traced, since nothing says how many variables it takes. */
export const emptyPart: Part = {
  settle: () => undefined,
  contributions: () => [],
  convexContributions: () => [],
  convexHessian: () => 0,
  value: () => 0,
  gradient: () => 0,
  hessian: () => 0,
  apply: () => undefined,
  setData: (_data, _inner, argument) => misuse("setData", argument, "for a block without terms", "a block with terms"),
  diagnose: () => [],
  structure: () => [],
};

/** Whether an index table has no rows. */
export const isEmptyTable = (indices: IndexTable): boolean => Array.isArray(indices) && indices.length === 0;
