// A block of a sum as something to evaluate: plain terms, or groups of terms inside of an outer function.
import { describe, misuse, requireNumber } from "../errors.js";
import type { Vector } from "../linear/matrix.js";
import { type Block, makeBlock, noArrays } from "./block.js";
import { findFaults } from "./diagnose.js";
import type { Evaluator } from "./evaluator.js";
import { type Contributions, makePattern } from "./pattern.js";
import { type FlatTable, flattenData, flattenGroups, flattenIndices } from "./tables.js";
import type { BlockStructure, DataTable, GroupBlock, IndexTable, TermBlock, TermFault } from "./terms.js";
import { trace } from "./trace.js";

/** What `problemFromTerms` needs of each block. Every evaluator adds to `out` and to `h`. */
export interface Part {
  /** Lists of lower Hessian entries; `hessian` is given the places of each list. */
  contributions(): readonly Contributions[];
  value(x: Vector): number;
  gradient(out: Vector, x: Vector): number;
  /** With `out` undefined only the Hessian. */
  hessian(out: Vector | undefined, h: Float64Array, x: Vector, maps: readonly Int32Array[]): number;
  apply(out: Vector, x: Vector, direction: Vector): void;
  setData(data: DataTable, inner: number | undefined, argument: string): void;
  diagnose(x: Vector, block: number, of: TermFault["of"]): TermFault[];
  structure(): (BlockStructure & { readonly inner?: number })[];
}

function traceBlock(n: number, block: TermBlock, name: string, evaluator: Evaluator): Block {
  const indices = flattenIndices(n, block.indices, `${name}.indices`);
  const data = flattenData(indices.count, block.data, `${name}.data`);
  const traced = trace(indices.width, data.width, block.term, "problemFromTerms", `${name}.term`);
  if (traced.outputs.length !== 1)
    misuse(
      "problemFromTerms",
      `${name}.term`,
      `a function of ${traced.outputs.length} results`,
      "a function that returns one Expr",
    );
  return makeBlock(traced, indices, data, evaluator);
}

/** The (row, column) pair of each local Hessian entry of each term, row ≥ column. */
function localContributions({ indices: { count, width, table }, entries }: Block): Contributions {
  const first = Int32Array.from(entries, ([i]) => i);
  const second = Int32Array.from(entries, ([, j]) => j);
  const scan: Contributions["scan"] = (emit) => {
    for (let ti = 0; ti < count * width; ti += width) {
      for (let e = 0; e < first.length; e++) {
        const i = table[ti + first[e]!]!;
        const j = table[ti + second[e]!]!;
        if (i > j) emit(i, j);
        else emit(j, i);
      }
    }
  };
  return { count: count * first.length, scan };
}

function replaceData(block: Block, data: DataTable, argument: string): void {
  const flat = flattenData(block.indices.count, data, argument, "setData");
  if (flat.width !== block.data.width)
    misuse("setData", argument, `of width ${flat.width}`, `width ${block.data.width}, as before`);
  block.data = flat;
}

const structureOf = ({ indices, data, entries, operations }: Block): BlockStructure => ({
  terms: indices.count,
  arity: indices.width,
  width: data.width,
  hessianEntries: entries.length,
  operations,
});

export function makeTermPart(n: number, source: TermBlock, name: string, evaluator: Evaluator): Part {
  const block = traceBlock(n, source, name, evaluator);
  const { indices } = block;
  const arrays = (x: Vector) => ({ ...noArrays, index: indices.table, data: block.data.table, x });
  return {
    contributions: () => [localContributions(block)],
    value: (x) => block.pass("value")(indices.count, arrays(x)),
    gradient: (out, x) => block.pass("gradient")(indices.count, { ...arrays(x), out }),
    hessian(out, h, x, maps) {
      const given = { ...arrays(x), h, map: maps[0]! };
      if (out === undefined) return block.pass("onlyHessian")(indices.count, given);
      return block.pass("hessian")(indices.count, { ...given, out });
    },
    apply: (out, x, direction) => void block.pass("apply")(indices.count, { ...arrays(x), out, direction }),
    setData(data, inner, argument) {
      if (inner !== undefined) misuse("setData", "inner", describe(inner), "nothing: this block is no group");
      replaceData(block, data, argument);
    },
    diagnose: (x, b, of) => findFaults(block, x, of, b),
    structure: () => [structureOf(block)],
  };
}

/** A block without terms: adds nothing. Its term function is not even traced, since nothing says how many variables it takes. */
export const emptyPart: Part = {
  contributions: () => [],
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

/**
 * Σ_k φ(s_k), s_k = Σ of inner terms. With w = φ'(s): ∇ = Σ w ∇s, ∇² = Σ w ∇²s + φ''(s) ∇s ∇sᵀ; a product with ∇² needs only
 * ṡ = ∇sᵀv, so that the dense outer product is never formed there.
 */
export function makeGroupPart(n: number, source: GroupBlock, name: string, evaluator: Evaluator): Part {
  const { groups } = source;
  requireNumber("problemFromTerms", `${name}.groups`, groups, { atLeast: 0, integer: true });
  if (!Array.isArray(source.inner))
    misuse(
      "problemFromTerms",
      `${name}.inner`,
      describe(source.inner),
      "an array of term blocks, each with its `group`",
    );
  const given = source.inner.filter((one) => !isEmptyTable(one?.indices));
  const inner = given.map((one, j) => ({
    block: traceBlock(n, one, `${name}.inner[${j}]`, evaluator),
    group: undefined as unknown as Int32Array,
  }));
  inner.forEach((one, j) => {
    one.group = flattenGroups(one.block.indices.count, given[j]!.group, groups, `${name}.inner[${j}].group`);
  });
  const outerData = flattenData(groups, source.data, `${name}.data`);
  const { outer } = source;
  const traced = trace(1, outerData.width, ([s], d) => outer(s!, d), "problemFromTerms", `${name}.outer`);
  const outerIndices: FlatTable<Int32Array> = {
    count: groups,
    width: 1,
    table: Int32Array.from({ length: groups }, (_, k) => k),
  };
  const outerBlock = makeBlock(traced, outerIndices, outerData, evaluator, true);
  const s = new Float64Array(groups);
  const change = new Float64Array(groups);
  const w0 = new Float64Array(groups);
  const w1 = new Float64Array(groups);
  let unions: Unions | undefined;
  const findUnions = () => (unions ??= groupUnions(n, groups, inner));

  const arrays = ({ block, group }: Inner, x: Vector) => ({
    ...noArrays,
    index: block.indices.table,
    data: block.data.table,
    group,
    x,
    w0,
    w1,
  });
  const sums = (x: Vector) => {
    s.fill(0);
    for (const one of inner) one.block.pass("groupSum")(one.block.indices.count, { ...arrays(one, x), s });
  };
  const outerPass = (pass: "outerValue" | "outerGradient" | "outerHessian" | "outerCurvature") =>
    outerBlock.pass(pass)(groups, {
      ...noArrays,
      index: outerIndices.table,
      data: outerBlock.data.table,
      x: s,
      direction: change,
      w0,
      w1,
    });
  const outerIsLinear = () => outerBlock.entries.length === 0;

  return {
    contributions() {
      const lists = inner.map(({ block }) => localContributions(block));
      return outerIsLinear() ? lists : [...lists, productContributions(findUnions())];
    },
    value(x) {
      sums(x);
      return outerPass("outerValue");
    },
    gradient(out, x) {
      sums(x);
      const value = outerPass("outerGradient");
      for (const one of inner) one.block.pass("groupGradient")(one.block.indices.count, { ...arrays(one, x), out });
      return value;
    },
    hessian(out, h, x, maps) {
      sums(x);
      const value = outerPass("outerHessian");
      const { places, u, starts } = findUnions();
      u.fill(0);
      inner.forEach((one, j) => {
        const { block } = one;
        const given = { ...arrays(one, x), h, map: maps[j]!, place: places[j]!, u };
        if (out === undefined) block.pass("onlyGroupHessian")(block.indices.count, given);
        else block.pass("groupHessian")(block.indices.count, { ...given, out });
      });
      if (outerIsLinear()) return value;
      const map = maps[inner.length]!;
      let p = 0;
      for (let k = 0; k < groups; k++) {
        const curvature = w1[k]!;
        for (let a = starts[k]!; a < starts[k + 1]!; a++) {
          const ua = curvature * u[a]!;
          for (let b = starts[k]!; b <= a; b++) h[map[p++]!]! += ua * u[b]!;
        }
      }
      return value;
    },
    apply(out, x, direction) {
      sums(x);
      change.fill(0);
      for (const one of inner)
        one.block.pass("groupTangent")(one.block.indices.count, { ...arrays(one, x), direction, s: change });
      outerPass("outerCurvature");
      for (const one of inner)
        one.block.pass("groupApply")(one.block.indices.count, { ...arrays(one, x), out, direction });
    },
    setData(data, j, argument) {
      const block = j === undefined ? outerBlock : inner[j]?.block;
      if (block === undefined)
        return misuse("setData", "inner", describe(j), `an inner block number from 0 to ${inner.length - 1}`);
      return replaceData(block, data, argument);
    },
    diagnose(x, b, of) {
      const faults = inner.flatMap(({ block }, j) => findFaults(block, x, of, b, j));
      sums(x);
      return faults.length > 0 ? faults : findFaults(outerBlock, s, of, b);
    },
    structure: () => [structureOf(outerBlock), ...inner.map(({ block }, j) => ({ ...structureOf(block), inner: j }))],
  };
}

interface Inner {
  readonly block: Block;
  group: Int32Array;
}

interface Unions {
  /** The variables of group k, ascending, from starts[k] on. */
  readonly starts: Int32Array;
  readonly variables: Int32Array;
  /** For each inner block, the place of each index-table entry in `variables` (and in `u`). */
  readonly places: readonly Int32Array[];
  /** ∇s_k over its variables. */
  readonly u: Float64Array;
}

/** The same counting sort as for the Hessian: a matrix of variables by groups. */
function groupUnions(n: number, groups: number, inner: readonly Inner[]): Unions {
  const lists = inner.map(({ block: { indices }, group }): Contributions => {
    const { count, width, table } = indices;
    const scan: Contributions["scan"] = (emit) => {
      for (let t = 0, p = 0; t < count; t++) for (let i = 0; i < width; i++, p++) emit(table[p]!, group[t]!);
    };
    return { count: table.length, scan };
  });
  const { colPointers, rowIndices, positions } = makePattern(n, groups, lists, false);
  return { starts: colPointers, variables: rowIndices, places: positions, u: new Float64Array(rowIndices.length) };
}

/** The lower triangle of each group's ∇s ∇sᵀ. */
function productContributions({ starts, variables }: Unions): Contributions {
  let count = 0;
  for (let k = 0; k + 1 < starts.length; k++) {
    const size = starts[k + 1]! - starts[k]!;
    count += (size * (size + 1)) / 2;
  }
  const scan: Contributions["scan"] = (emit) => {
    for (let k = 0; k + 1 < starts.length; k++) {
      for (let a = starts[k]!; a < starts[k + 1]!; a++) {
        for (let b = starts[k]!; b <= a; b++) emit(variables[a]!, variables[b]!);
      }
    }
  };
  return { count, scan };
}
