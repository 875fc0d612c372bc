// A block of a sum as something to evaluate: plain terms, or groups of terms inside of an outer function.
import { describe, misuse, requireNumber } from "../errors.js";
import type { Vector } from "../linear/matrix.js";
import { type Block, type Evaluation, makeBlock, noArrays } from "./block.js";
import { findFaults } from "./diagnose.js";
import type { Contributions } from "./pattern.js";
import { type FlatTable, flattenData, flattenGroups, flattenIndices } from "./tables.js";
import type { BlockStructure, DataTable, GroupBlock, IndexTable, TermBlock, TermFault } from "./terms.js";
import { trace } from "./trace.js";

/** What `problemFromTerms` needs of each block. Every evaluation adds to `out` and to `h`. */
export interface Part {
  contributions(): Contributions;
  value(x: Vector): number;
  gradient(out: Vector, x: Vector): number;
  hessian(out: Vector, h: Float64Array, x: Vector, map: Int32Array): number;
  apply(out: Vector, x: Vector, direction: Vector): void;
  setData(data: DataTable, inner: number | undefined, argument: string): void;
  diagnose(x: Vector, block: number): TermFault[];
  structure(): (BlockStructure & { readonly inner?: number })[];
}

function traceBlock(n: number, block: TermBlock, name: string, evaluation: Evaluation): Block {
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
  return makeBlock(traced, indices, data, evaluation);
}

/** The (row, column) pair of each local Hessian entry of each term, row ≥ column. */
function localContributions({ indices: { count, width, table }, entries }: Block): Contributions {
  const K = entries.length;
  const rows = new Int32Array(count * K);
  const cols = new Int32Array(count * K);
  for (let t = 0, p = 0; t < count; t++) {
    for (let e = 0; e < K; e++, p++) {
      const i = table[t * width + entries[e]![0]]!;
      const j = table[t * width + entries[e]![1]]!;
      rows[p] = Math.max(i, j);
      cols[p] = Math.min(i, j);
    }
  }
  return { rows, cols };
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

export function makeTermPart(n: number, source: TermBlock, name: string, evaluation: Evaluation): Part {
  const block = traceBlock(n, source, name, evaluation);
  const { indices } = block;
  const arrays = (x: Vector) => ({ ...noArrays, index: indices.table, data: block.data.table, x });
  return {
    contributions: () => localContributions(block),
    value: (x) => block.pass("value")(indices.count, arrays(x)),
    gradient: (out, x) => block.pass("gradient")(indices.count, { ...arrays(x), out }),
    hessian: (out, h, x, map) => block.pass("hessian")(indices.count, { ...arrays(x), out, h, map }),
    apply: (out, x, direction) => void block.pass("apply")(indices.count, { ...arrays(x), out, direction }),
    setData(data, inner, argument) {
      if (inner !== undefined) misuse("setData", "inner", describe(inner), "nothing: this block is no group");
      replaceData(block, data, argument);
    },
    diagnose: (x, b) => findFaults(block, x, b),
    structure: () => [structureOf(block)],
  };
}

/** A block without terms: adds nothing. Its term function is not even traced, since nothing says how many variables it takes. */
export const emptyPart: Part = {
  contributions: () => ({ rows: new Int32Array(), cols: new Int32Array() }),
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
export function makeGroupPart(n: number, source: GroupBlock, name: string, evaluation: Evaluation): Part {
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
    block: traceBlock(n, one, `${name}.inner[${j}]`, evaluation),
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
  const outerBlock = makeBlock(traced, outerIndices, outerData, evaluation, true);
  const s = new Float64Array(groups);
  const change = new Float64Array(groups);
  const w0 = new Float64Array(groups);
  const w1 = new Float64Array(groups);
  let unions: Unions | undefined;
  const findUnions = () => (unions ??= groupUnions(groups, inner));

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
    outerBlock.pass(pass)(groups, { ...noArrays, data: outerBlock.data.table, x: s, direction: change, w0, w1 });
  /** Where the contributions of each inner block, and of the outer products, begin. */
  const offsets = () => {
    let at = 0;
    const inners = inner.map(({ block }) => {
      const begin = at;
      at += block.indices.count * block.entries.length;
      return begin;
    });
    return { inners, products: at };
  };
  const outerIsLinear = () => outerBlock.entries.length === 0;

  return {
    contributions() {
      const lists = inner.map(({ block }) => localContributions(block));
      if (!outerIsLinear()) lists.push(productContributions(findUnions()));
      const total = lists.reduce((sum, { rows }) => sum + rows.length, 0);
      const rows = new Int32Array(total);
      const cols = new Int32Array(total);
      let at = 0;
      for (const list of lists) {
        rows.set(list.rows, at);
        cols.set(list.cols, at);
        at += list.rows.length;
      }
      return { rows, cols };
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
    hessian(out, h, x, map) {
      sums(x);
      const value = outerPass("outerHessian");
      const { inners, products } = offsets();
      const { places, u, starts } = findUnions();
      u.fill(0);
      inner.forEach((one, j) => {
        const { block } = one;
        const own = map.subarray(inners[j]!, inners[j]! + block.indices.count * block.entries.length);
        block.pass("groupHessian")(block.indices.count, { ...arrays(one, x), out, h, map: own, place: places[j]!, u });
      });
      if (outerIsLinear()) return value;
      let p = products;
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
    diagnose(x, b) {
      const faults = inner.flatMap(({ block }, j) => findFaults(block, x, b, j));
      sums(x);
      return faults.length > 0 ? faults : findFaults(outerBlock, s, b);
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
  readonly places: Int32Array[];
  /** ∇s_k over its variables. */
  readonly u: Float64Array;
}

function groupUnions(groups: number, inner: readonly Inner[]): Unions {
  const sets = Array.from({ length: groups }, () => new Set<number>());
  for (const {
    block: { indices },
    group,
  } of inner) {
    for (let t = 0; t < indices.count; t++)
      for (let i = 0; i < indices.width; i++) sets[group[t]!]!.add(indices.table[t * indices.width + i]!);
  }
  const starts = new Int32Array(groups + 1);
  sets.forEach((set, k) => {
    starts[k + 1] = starts[k]! + set.size;
  });
  const variables = new Int32Array(starts[groups]!);
  const where = sets.map((set, k) => {
    const sorted = Int32Array.from(set).sort();
    variables.set(sorted, starts[k]!);
    return new Map(Array.from(sorted, (variable, r) => [variable, starts[k]! + r] as const));
  });
  const places = inner.map(({ block: { indices }, group }) =>
    indices.table.map((variable, p) => where[group[Math.floor(p / indices.width)]!]!.get(variable)!),
  );
  return { starts, variables, places, u: new Float64Array(variables.length) };
}

/** The lower triangle of each group's ∇s ∇sᵀ. */
function productContributions({ starts, variables }: Unions): Contributions {
  let total = 0;
  for (let k = 0; k + 1 < starts.length; k++) {
    const size = starts[k + 1]! - starts[k]!;
    total += (size * (size + 1)) / 2;
  }
  const rows = new Int32Array(total);
  const cols = new Int32Array(total);
  let p = 0;
  for (let k = 0; k + 1 < starts.length; k++) {
    for (let a = starts[k]!; a < starts[k + 1]!; a++) {
      for (let b = starts[k]!; b <= a; b++, p++) {
        rows[p] = variables[a]!;
        cols[p] = variables[b]!;
      }
    }
  }
  return { rows, cols };
}
