// A plan as the list of its entries: what exact methods find, and what is drawn and moved along.
import { type DenseInput, describe, misuse, type SparseMatrix, toDense, type Vector } from "@hessia/core";
import { transposeSparse } from "@hessia/core/linear";

/** Entry k moves `amounts[k]` > 0 from row `sources[k]` to column `targets[k]`; ordered by rows, then columns. */
export interface PlanEntries {
  readonly rows: number;
  readonly cols: number;
  readonly sources: Int32Array;
  readonly targets: Int32Array;
  readonly amounts: Vector;
}

/**
 * The positive entries of a plan that is given as a matrix.
 * @throws ArgumentError on entries that are negative or not finite.
 */
export function planEntries(plan: DenseInput | PlanEntries, routine = "planEntries", argument = "plan"): PlanEntries {
  if (plan !== null && typeof plan === "object" && "amounts" in plan) return plan;
  const isSparse = plan !== null && typeof plan === "object" && "kind" in plan && plan.kind === "sparse";
  const sources: number[] = [];
  const targets: number[] = [];
  const amounts: number[] = [];
  const take = (i: number, j: number, amount: number) => {
    if (!(amount >= 0 && amount < Number.POSITIVE_INFINITY))
      misuse(routine, argument, `${describe(amount)} at row ${i}, column ${j}`, "finite entries >= 0");
    if (amount === 0) return;
    sources.push(i);
    targets.push(j);
    amounts.push(amount);
  };
  let rows: number;
  let cols: number;
  if (isSparse) {
    const byRows = transposeSparse(plan as SparseMatrix);
    rows = byRows.cols;
    cols = byRows.rows;
    for (let i = 0; i < rows; i++)
      for (let k = byRows.colPointers[i]!; k < byRows.colPointers[i + 1]!; k++)
        take(i, byRows.rowIndices[k]!, byRows.values[k]!);
  } else {
    const P = toDense(plan as DenseInput, routine, argument);
    ({ rows, cols } = P);
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) take(i, j, P.data[i * cols + j]!);
  }
  return {
    rows,
    cols,
    sources: Int32Array.from(sources),
    targets: Int32Array.from(targets),
    amounts: Float64Array.from(amounts),
  };
}

/** The entries as a sparse matrix by columns. */
export function planMatrix({ rows, cols, sources, targets, amounts }: PlanEntries): SparseMatrix {
  const pointers = new Int32Array(rows + 1);
  for (let k = 0; k < sources.length; k++) pointers[sources[k]! + 1] = pointers[sources[k]! + 1]! + 1;
  for (let i = 0; i < rows; i++) pointers[i + 1] = pointers[i + 1]! + pointers[i]!;
  return transposeSparse({
    kind: "sparse",
    rows: cols,
    cols: rows,
    colPointers: pointers,
    rowIndices: targets,
    values: amounts,
    symmetric: false,
  });
}
