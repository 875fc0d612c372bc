// Many functions at once, each of them an outer function of a sum of small terms: residuals, or constraints, with a sparse Jacobian.
//
// Row k is φ(s_k), s_k = Σ of inner terms: its gradient is φ'(s_k) Σ ∇(inner terms). Rows of one kind make a block, and are evaluated together.
import { describe, HessiaError, misuse, requireKnownOptions, requireNumber } from "../errors.js";
import type { Matrix, SparseMatrix, Vector } from "../linear/matrix.js";
import type { HasJacobian, HasResidual } from "../problem.js";
import { wasmFeatures } from "../wasm/features.js";
import { makeEvaluator } from "./evaluator.js";
import { makeGroups } from "./groups.js";
import type { GroupBlock, TermsOptions } from "./terms.js";

/** Rows of a system: row rows[k] is outer(s_k, data[k]), s_k the sum of all inner terms t whose `group[t]` is k. */
export interface RowBlock extends GroupBlock {
  /** Where each group stands among all rows. Default: behind the rows of the blocks before, in order. */
  readonly rows?: ArrayLike<number>;
}

export interface TermsSystem extends HasResidual, HasJacobian {
  /** n, the number of variables. */
  readonly dimension: number;
  newJacobian(): SparseMatrix;
  jacobianApplyInto(out: Vector, x: Vector, v: Vector): Vector;
  jacobianTransposeApplyInto(out: Vector, x: Vector, w: Vector): Vector;
}

/**
 * A system of m functions of n variables, as sums of terms inside of outer functions, with an exact sparse Jacobian.
 * @throws ArgumentError as `problemFromTerms` does, and where the rows of the blocks aren't all numbers from 0 to m − 1, each once.
 */
export function systemFromTerms(n: number, blocks: readonly RowBlock[], options: TermsOptions = {}): TermsSystem {
  const routine = "systemFromTerms";
  requireNumber(routine, "n", n, { atLeast: 0, integer: true });
  if (!Array.isArray(blocks)) misuse(routine, "blocks", describe(blocks), "an array of blocks");
  requireKnownOptions(routine, options, ["evaluation", "threads"]);
  const { evaluation = "auto", threads } = options;
  if (evaluation === "wasm" && !wasmFeatures().simd)
    throw new HessiaError(
      `${routine}: this engine has no SIMD WebAssembly. Leave \`evaluation\` out to have another way taken.`,
    );
  const evaluator = makeEvaluator(evaluation, threads);
  const parts = blocks.map((block, b) => makeGroups(n, block, `blocks[${b}]`, evaluator, routine));
  const m = parts.reduce((sum, { groups }) => sum + groups, 0);
  const rows = rowNumbers(routine, blocks, m);
  let layout: Layout | undefined;
  const ready = () =>
    (layout ??= makeLayout(
      n,
      m,
      rows,
      parts.map((part) => part.findUnions()),
    ));
  const requireLength = (method: string, argument: string, v: Vector, length: number) => {
    if (v.length !== length) misuse(method, argument, `of length ${v.length}`, `length ${length}`);
  };
  /** φ'(s_k) and, in `u`, ∇s_k of every group of part b. */
  const gradients = (b: number, x: Vector): Float64Array => {
    const { inner, arrays, sums, outerPass, findUnions } = parts[b]!;
    sums(x);
    outerPass("outerGradient");
    const { places, u } = findUnions();
    u.fill(0);
    for (const [j, one] of inner.entries())
      one.block.pass("groupPlaces")(one.block.indices.count, { ...arrays(one, x), place: places[j]!, u });
    return u;
  };
  /** Calls `visit` for each entry of the Jacobian at x: its row, its variable, its value, and its place among the values. */
  const eachEntry = (x: Vector, visit: (row: number, col: number, value: number, place: number) => void) => {
    const { maps } = ready();
    for (const [b, part] of parts.entries()) {
      const u = gradients(b, x);
      const { starts, variables } = part.findUnions();
      const map = maps[b]!;
      for (let k = 0; k < part.groups; k++) {
        const weight = part.w0[k]!;
        for (let a = starts[k]!; a < starts[k + 1]!; a++) visit(rows[b]![k]!, variables[a]!, weight * u[a]!, map[a]!);
      }
    }
  };

  return {
    dimension: n,
    residuals: m,
    residualInto(out, x) {
      requireLength("residualInto", "x", x, n);
      requireLength("residualInto", "out", out, m);
      for (const [b, { groups, sums, outerPass, w0 }] of parts.entries()) {
        sums(x);
        outerPass("outerValues");
        for (let k = 0; k < groups; k++) out[rows[b]![k]!] = w0[k]!;
      }
      return out;
    },
    newJacobian() {
      const { colPointers, rowIndices } = ready();
      const values = new Float64Array(rowIndices.length);
      return { kind: "sparse", rows: m, cols: n, colPointers, rowIndices, values, symmetric: false };
    },
    jacobianInto(out: Matrix, x) {
      requireLength("jacobianInto", "x", x, n);
      if (out.kind !== "sparse" || out.rows !== m || out.values.length !== ready().rowIndices.length)
        return misuse("jacobianInto", "out", describe(out), "a matrix made by newJacobian()");
      const { values } = out;
      eachEntry(x, (_row, _col, value, place) => {
        values[place] = value;
      });
      return out;
    },
    jacobianApplyInto(out, x, v) {
      requireLength("jacobianApplyInto", "v", v, n);
      requireLength("jacobianApplyInto", "out", out, m);
      out.fill(0);
      eachEntry(x, (row, col, value) => {
        out[row]! += value * v[col]!;
      });
      return out;
    },
    jacobianTransposeApplyInto(out, x, w) {
      requireLength("jacobianTransposeApplyInto", "w", w, m);
      requireLength("jacobianTransposeApplyInto", "out", out, n);
      out.fill(0);
      eachEntry(x, (row, col, value) => {
        out[col]! += value * w[row]!;
      });
      return out;
    },
  };
}

/** The rows of each block's groups; each number once. */
function rowNumbers(routine: string, blocks: readonly RowBlock[], m: number): readonly Int32Array[] {
  const seen = new Uint8Array(m);
  let next = 0;
  return blocks.map(({ rows, groups }, b) => {
    if (rows !== undefined && rows.length !== groups)
      misuse(routine, `blocks[${b}].rows`, `${rows.length} numbers`, `${groups}, one a group`);
    const numbers = Int32Array.from({ length: groups }, (_, k) => rows?.[k] ?? next + k);
    next += groups;
    for (const [k, row] of numbers.entries()) {
      if (!(row >= 0 && row < m) || seen[row] === 1)
        misuse(routine, `blocks[${b}].rows[${k}]`, String(rows?.[k] ?? row), `a number from 0 to ${m - 1}, each once`);
      seen[row] = 1;
    }
    return numbers;
  });
}

interface Layout {
  readonly colPointers: Int32Array;
  readonly rowIndices: Int32Array;
  /** By block: the place of each entry of its unions. */
  readonly maps: readonly Int32Array[];
}

/** The pattern by columns, rows ascending: rows are gone through in order, so that each column is filled in order. */
function makeLayout(
  n: number,
  m: number,
  rows: readonly Int32Array[],
  unions: readonly { readonly starts: Int32Array; readonly variables: Int32Array }[],
): Layout {
  const owner = new Int32Array(m);
  const group = new Int32Array(m);
  const colPointers = new Int32Array(n + 1);
  for (const [b, { variables }] of unions.entries()) {
    for (const v of variables) colPointers[v + 1]!++;
    for (const [k, row] of rows[b]!.entries()) {
      owner[row] = b;
      group[row] = k;
    }
  }
  for (let v = 0; v < n; v++) colPointers[v + 1]! += colPointers[v]!;
  const next = colPointers.slice();
  const rowIndices = new Int32Array(colPointers[n]!);
  const maps = unions.map(({ variables }) => new Int32Array(variables.length));
  for (let row = 0; row < m; row++) {
    const { starts, variables } = unions[owner[row]!]!;
    const map = maps[owner[row]!]!;
    for (let a = starts[group[row]!]!; a < starts[group[row]! + 1]!; a++) {
      const place = next[variables[a]!]!++;
      rowIndices[place] = row;
      map[a] = place;
    }
  }
  return { colPointers, rowIndices, maps };
}
