// Groups of terms inside of an outer function, φ(s_k), s_k = Σ of inner terms: CUTEst's group-partial separability (Conn, Gould, Toint 1990).
import { describe, misuse, requireNumber } from "../errors.js";
import type { Vector } from "../linear/matrix.js";
import { type Block, makeBlock, noArrays } from "./block.js";
import { spreadRows, tablesOf } from "./block-data.js";
import { findFaults } from "./diagnose.js";
import type { Evaluator } from "./evaluator.js";
import { isEmptyTable, localContributions, type Part, replaceData, structureOf, traceBlock } from "./part.js";
import { type Contributions, makePattern } from "./pattern.js";
import { flattenData, flattenGroups, type IndexRows } from "./tables.js";
import type { GroupBlock } from "./terms.js";
import { trace } from "./trace.js";

/** The groups of a block, their sums and what their outer function makes of them. */
export function makeGroups(n: number, source: GroupBlock, name: string, evaluator: Evaluator, routine: string) {
  const { groups } = source;
  requireNumber(routine, `${name}.groups`, groups, { atLeast: 0, integer: true });
  if (!Array.isArray(source.inner))
    misuse(routine, `${name}.inner`, describe(source.inner), "an array of term blocks, each with its `group`");
  const given = source.inner.filter((one) => !isEmptyTable(one?.indices));
  const inner: readonly Inner[] = given.map((one, j) => {
    // The variables of a group are numbered within it.
    const { indices, data } = spreadRows(n, one, `${name}.inner[${j}]`, "problemFromTerms");
    const block = traceBlock(one, indices, tablesOf(data), `${name}.inner[${j}]`, evaluator, routine);
    return { block, group: flattenGroups(block.indices.count, one.group, groups, `${name}.inner[${j}].group`) };
  });
  const outerData = flattenData(groups, source.data, `${name}.data`);
  const { outer } = source;
  const traced = trace(1, outerData.width, ([s], d) => outer(s!, d), routine, `${name}.outer`);
  const outerIndices: IndexRows = {
    count: groups,
    width: 1,
    step: 1,
    table: Int32Array.from({ length: groups }, (_, k) => k),
  };
  const outerBlock = makeBlock(traced, outerIndices, tablesOf(outerData), evaluator, true);
  const s = new Float64Array(groups);
  const change = new Float64Array(groups);
  const w0 = new Float64Array(groups);
  const w1 = new Float64Array(groups);
  let unions: Unions | undefined;
  const arrays = ({ block, group }: Inner, x: Vector) => ({
    ...noArrays,
    index: block.indices.table,
    data: block.data.terms.table,
    group,
    x,
    w0,
    w1,
  });
  return {
    groups,
    inner,
    outerBlock,
    /** s_k; its change along a direction; and the weights that outer passes leave. */
    s,
    change,
    w0,
    w1,
    arrays,
    sums(x: Vector): void {
      s.fill(0);
      for (const one of inner) one.block.pass("groupSum")(one.block.indices.count, { ...arrays(one, x), s });
    },
    outerPass: (pass: "outerValue" | "outerValues" | "outerGradient" | "outerHessian" | "outerCurvature"): number =>
      outerBlock.pass(pass)(groups, {
        ...noArrays,
        index: outerIndices.table,
        data: outerBlock.data.terms.table,
        x: s,
        direction: change,
        w0,
        w1,
      }),
    findUnions: (): Unions => (unions ??= groupUnions(n, groups, inner)),
  };
}

/**
 * Σ_k φ(s_k), s_k = Σ of inner terms. With w = φ'(s): ∇ = Σ w ∇s, ∇² = Σ w ∇²s + φ''(s) ∇s ∇sᵀ; a product with ∇² needs only
 * ṡ = ∇sᵀv, so that the dense outer product is never formed there.
 */
export function makeGroupPart(n: number, source: GroupBlock, name: string, evaluator: Evaluator): Part {
  const { groups, inner, outerBlock, s, change, w1, arrays, sums, outerPass, findUnions } = makeGroups(
    n,
    source,
    name,
    evaluator,
    "problemFromTerms",
  );
  const outerIsLinear = () => outerBlock.entries.length === 0;

  return {
    settle: () => undefined,
    contributions() {
      const lists = inner.map(({ block }) => localContributions(block, block.entries));
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
        const given = { ...arrays(one, x), h, map: maps[j] as Int32Array, place: places[j]!, u };
        if (out === undefined) block.pass("onlyGroupHessian")(block.indices.count, given);
        else block.pass("groupHessian")(block.indices.count, { ...given, out });
      });
      if (outerIsLinear()) return value;
      const map = maps[inner.length] as Int32Array;
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

export interface Inner {
  readonly block: Block;
  readonly group: Int32Array;
}

export interface Unions {
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
