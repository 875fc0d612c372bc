// The plan in the forms that users ask for, on all points, those without weight included.
import {
  type DenseMatrix,
  denseMatrix,
  type LinearOperator,
  misuse,
  type SparseMatrix,
  type Vector,
} from "@hessia/core";
import { transposeSparse } from "@hessia/core/linear";
import { requireStorable } from "./cost/dense.js";
import type { TransportProblem } from "./problem.js";

/** The plan by its products and rows; entries are computed from potentials when they are asked for. */
export interface PlanOperator extends LinearOperator {
  applyTransposeInto(out: Vector, y: Vector): Vector;
  /** Writes row i of the plan into `out` (length m) and returns it. */
  rowInto(out: Vector, i: number): Vector;
}

/** The entries of the plan that count. */
export interface SparsePlanMatrix {
  readonly matrix: SparseMatrix;
  /** Σ of the entries that were left out. */
  readonly dropped: number;
}

export interface PlanOf {
  dense: DenseMatrix;
  sparse: SparsePlanMatrix;
  operator: PlanOperator;
  none: null;
}

export type PlanKind = keyof PlanOf;

/** A solved problem and where its rows and columns stand among all points. */
export interface Solved {
  readonly problem: TransportProblem;
  /** (x, y). */
  readonly z: Vector;
  readonly n: number;
  readonly m: number;
  readonly rows: Int32Array;
  readonly cols: Int32Array;
}

/** Refuses a plan that can't be stored before the work is done. */
export function requirePlan(routine: string, kind: PlanKind, n: number, m: number): void {
  if (kind === "dense")
    requireStorable(routine, "options.plan (dense)", n, m, 'Ask for `plan: "sparse"`, "operator" or "none".');
}

/** The plan at z. `threshold`: what a sparse one leaves out is below threshold · min(rᵢ/m, cⱼ/n). */
export function planOf<K extends PlanKind>(kind: K, solved: Solved, threshold: number): PlanOf[K] {
  const made: { [Kind in PlanKind]: () => PlanOf[Kind] } = {
    dense: () => densePlan(solved),
    sparse: () => sparsePlan(solved, threshold),
    operator: () => planOperator(solved),
    none: () => null,
  };
  return made[kind]();
}

function densePlan({ problem, z, n, m, rows, cols }: Solved): DenseMatrix {
  const out = denseMatrix(n, m);
  eachRow(problem, z, (i, plan, from) => {
    const to = rows[i]! * m;
    for (let j = 0; j < cols.length; j++) out.data[to + cols[j]!] = plan[from + j]!;
  });
  return out;
}

function eachRow(problem: TransportProblem, z: Vector, visit: (i: number, plan: Vector, from: number) => void): void {
  const { cost, regularization } = problem;
  const { rows: n, cols: m } = cost;
  cost.planTiles(z.subarray(0, n), z.subarray(n), regularization, ({ firstRow, rows, plan }) => {
    for (let k = 0; k < rows; k++) visit(firstRow + k, plan, k * m);
  });
}

function sparsePlan({ problem, z, n, m, rows, cols }: Solved, threshold: number): SparsePlanMatrix {
  const { source: r, target: c } = problem;
  let indices = new Int32Array(4 * (n + m));
  let values = new Float64Array(4 * (n + m));
  // By rows, which are the columns of the transpose.
  const pointers = new Int32Array(n + 1);
  let count = 0;
  let dropped = 0;
  eachRow(problem, z, (i, plan, from) => {
    if (indices.length < count + cols.length) {
      const capacity = Math.max(2 * indices.length, count + cols.length);
      const [oldIndices, oldValues] = [indices, values];
      indices = new Int32Array(capacity);
      values = new Float64Array(capacity);
      indices.set(oldIndices);
      values.set(oldValues);
    }
    for (let j = 0; j < cols.length; j++) {
      const p = plan[from + j]!;
      if (p > 0 && p >= threshold * Math.min(r[i]! / c.length, c[j]! / r.length)) {
        indices[count] = cols[j]!;
        values[count++] = p;
      } else dropped += p;
    }
    pointers[rows[i]! + 1] = count;
  });
  for (let i = 0; i < n; i++) pointers[i + 1] = Math.max(pointers[i]!, pointers[i + 1]!);
  const byRows: SparseMatrix = {
    kind: "sparse",
    rows: m,
    cols: n,
    colPointers: pointers,
    rowIndices: indices.slice(0, count),
    values: values.slice(0, count),
    symmetric: false,
  };
  return { matrix: transposeSparse(byRows), dropped };
}

function planOperator(solved: Solved): PlanOperator {
  const { problem, n, m, rows, cols } = solved;
  const z = solved.z.slice();
  const { cost, regularization } = problem;
  const place = new Int32Array(n).fill(-1);
  rows.forEach((row, i) => {
    place[row] = i;
  });
  const requireLengths = (routine: string, out: Vector, length: number, x?: Vector, other = 0) => {
    if (out.length !== length) misuse(routine, "out", `of length ${out.length}`, `length ${length}`);
    if (x !== undefined && x.length !== other) misuse(routine, "x", `of length ${x.length}`, `length ${other}`);
  };
  return {
    rows: n,
    cols: m,
    traits: {},
    applyInto(out, x) {
      requireLengths("applyInto", out, n, x, m);
      out.fill(0);
      eachRow(problem, z, (i, plan, from) => {
        let sum = 0;
        for (let j = 0; j < cols.length; j++) sum += plan[from + j]! * x[cols[j]!]!;
        out[rows[i]!] = sum;
      });
      return out;
    },
    applyTransposeInto(out, y) {
      requireLengths("applyTransposeInto", out, m, y, n);
      out.fill(0);
      eachRow(problem, z, (i, plan, from) => {
        const yi = y[rows[i]!]!;
        for (let j = 0; j < cols.length; j++) out[cols[j]!] = out[cols[j]!]! + plan[from + j]! * yi;
      });
      return out;
    },
    rowInto(out, i) {
      requireLengths("rowInto", out, m);
      if (!(Number.isInteger(i) && i >= 0 && i < n)) misuse("rowInto", "i", String(i), `a row from 0 to ${n - 1}`);
      out.fill(0);
      const k = place[i]!;
      if (k < 0) return out;
      const row = cost.rowInto(new Float64Array(cols.length), k);
      for (let j = 0; j < cols.length; j++)
        out[cols[j]!] = Math.exp((z[k]! + z[rows.length + j]! - row[j]!) / regularization);
      return out;
    },
  };
}
