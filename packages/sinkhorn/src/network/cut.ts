// Why a transport problem with forbidden arcs has no plan: rows that weigh more than all columns they reach (Hall's condition for transport, Gale 1957).
import type { NetworkProblem } from "./problem.js";
import type { Tree } from "./tree.js";

export interface Cut {
  /** Rows whose permitted arcs all lead to `cols`. */
  readonly rows: Int32Array;
  /** All columns with weight that these rows reach, and perhaps others. */
  readonly cols: Int32Array;
  /** Σ r over `rows` and Σ c over `cols`, which is less: `supply` − `demand` can't be placed. */
  readonly supply: number;
  readonly demand: number;
}

/**
 * The cut of a tree that is optimal and has flow on a forbidden arc. On permitted arcs the level of the column isn't above that of the row, and flow leaves a level only by forbidden arcs, upwards: the rows up to a level
 * from which such flow starts are too heavy for what they reach. Of these levels the one with the smallest cut is taken.
 */
export function cutOf({ arcs, source, target }: NetworkProblem, { parent, flow, forbidden, level }: Tree): Cut {
  const n = arcs.rows;
  const levels = new Set<number>();
  for (let v = 0; v < parent.length; v++)
    if (parent[v]! >= 0 && forbidden[v] === 1 && flow[v]! > 0) levels.add(level[v < n ? v : parent[v]!]!);
  let smallest: Cut | undefined;
  for (const top of levels) {
    const inCut = (v: number) => parent[v]! > -2 && level[v]! <= top;
    const rows = Int32Array.from(source.keys()).filter(inCut);
    const cols = Int32Array.from(target.keys()).filter((j) => inCut(n + j));
    if (smallest !== undefined && smallest.rows.length + smallest.cols.length <= rows.length + cols.length) continue;
    const total = (weights: Float64Array, of: Int32Array) => of.reduce((sum, k) => sum + weights[k]!, 0);
    smallest = { rows, cols, supply: total(source, rows), demand: total(target, cols) };
  }
  return smallest!;
}

/** The cut in words; `turned`: it is one of columns. */
export function describeCut({ rows, cols, supply, demand }: Cut, turned = false): string {
  const [heavy, light] = turned ? ["columns", "row"] : ["rows", "column"];
  const list = (of: Int32Array) => `${Array.from(of.subarray(0, 8)).join(", ")}${of.length > 8 ? ", …" : ""}`;
  const reach =
    cols.length === 0
      ? `reach no ${light} with weight`
      : `reach only the ${light}${cols.length === 1 ? "" : "s"} ${list(cols)} of weight ${demand}`;
  return `the ${rows.length === 1 ? heavy.slice(0, -1) : heavy} ${list(rows)} of weight ${supply} ${reach}; permit more arcs, or change the weights`;
}
