// Linear assignment: the cheapest way to give each row a column of its own.
//
//   min Σ_i C_{i, σ(i)},  σ injective        max Σ uᵢ + Σ vⱼ,  uᵢ + vⱼ ≤ C_ij,  vⱼ ≤ 0 where there are more columns than rows
//
// Jonker, Volgenant 1987, "A shortest augmenting path algorithm for dense and sparse linear assignment problems", Computing 38: column reduction, reduction transfer, augmenting row reduction, and
// shortest augmenting paths for the rows that are left, these as in Crouse 2016, "On implementing 2D rectangular assignment algorithms", IEEE Trans. Aerospace and Electronic Systems 52(4).
//
// Deviations:
// 1. With more columns than rows the column reduction is left out (a column that stays free must keep v = 0); with more rows than columns the transpose is solved.
// 2. With forbidden arcs (Infinity) there are only augmenting paths. A search that reaches no free column has found rows with fewer columns than they are: no assignment exists.
// 3. The augmenting row reduction ends after 2 n rows a round: its length isn't bounded by n otherwise.
import {
  type DenseInput,
  misuse,
  requireKnownOptions,
  requireOneOf,
  type StopReason,
  toDense,
  type Vector,
} from "@hessia/core";
import type { Cost } from "../cost/cost.js";
import { type Arcs, arcsOf } from "../network/arcs.js";
import { type Cut, describeCut } from "../network/cut.js";

export interface AssignmentOptions {
  /** Whether the dearest assignment is looked for; −Infinity then forbids. Default false. */
  readonly maximize?: boolean;
}

export interface AssignmentResult {
  /** σ: the column of each row, −1 for a row that has none. */
  readonly assignment: Int32Array;
  /** Σ C over the assignment; Infinity (−Infinity when maximizing) where there is none of all rows (or all columns). */
  readonly cost: number;
  /** u and v: uᵢ + vⱼ ≤ C_ij (≥ when maximizing), equal on the assignment; ≤ 0 on the larger side, and 0 at what is left over. */
  readonly potentials: { readonly source: Vector; readonly target: Vector };
  /** "converged" with the rule "optimal", or "failed" with the rule "infeasible". */
  readonly reason: StopReason;
  /** Where infeasible: rows that can't all have a column of those they reach (columns and rows exchanged where rows are more). Else null. */
  readonly cut: Cut | null;
}

/**
 * The linear assignment problem of a cost matrix n × m: min(n, m) pairs of the least sum. O(min(n, m)² max(n, m)).
 * @throws ArgumentError when a cost is NaN, or −Infinity (Infinity when maximizing), or when there are none; on unknown options.
 */
export function assignment(cost: DenseInput | Cost, options: AssignmentOptions = {}): AssignmentResult {
  const routine = "assignment";
  requireKnownOptions(routine, options, ["maximize"]);
  const { maximize = false } = options;
  requireOneOf(routine, "options.maximize", maximize, [true, false]);
  const given = matrixOf(routine, cost, maximize);
  const turned = given.rows > given.cols;
  const arcs = turned ? transposed(given) : given;
  const { rows: n, cols: m, costs: C } = arcs;

  const state: Matching = {
    columnOf: new Int32Array(n).fill(-1),
    rowOf: new Int32Array(m).fill(-1),
    u: new Float64Array(n),
    v: new Float64Array(m),
  };
  if (!arcs.forbids) {
    if (n === m) reduceColumns(arcs, state);
    if (m > 1) for (let round = 0; round < 2; round++) reduceRows(arcs, state);
    startPotentials(arcs, state);
  }
  const cut = augmentAll(arcs, state);

  const { columnOf, rowOf, u, v } = state;
  let total = cut === null ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) if (columnOf[i]! >= 0) total += C[i * m + columnOf[i]!]!;
  if (maximize) {
    total = -total;
    for (const part of [u, v]) for (let k = 0; k < part.length; k++) part[k] = -part[k]!;
  }
  return {
    assignment: turned ? rowOf : columnOf,
    cost: total,
    potentials: turned ? { source: v, target: u } : { source: u, target: v },
    reason:
      cut === null
        ? { kind: "converged", rule: "optimal", detail: `${n} pairs, each at its reduced cost of 0` }
        : { kind: "failed", rule: "infeasible", detail: describeCut(cut, turned) },
    cut,
  };
}

/** The costs as a matrix, negated where the dearest assignment is looked for. */
function matrixOf(routine: string, cost: DenseInput | Cost, maximize: boolean): Arcs {
  if (!maximize) {
    const arcs = arcsOf(routine, cost, "cost");
    if (arcs.columns !== null) misuse(routine, "cost", "a list of arcs", "a matrix");
    return arcs;
  }
  const isCost = cost !== null && typeof cost === "object" && "planTiles" in cost;
  const given = isCost ? arcsOf(routine, cost, "cost") : toDense(cost, routine, "cost");
  const { rows, cols } = given;
  const data = ("costs" in given ? given.costs : given.data).map((c) => -c);
  const at = data.indexOf(Number.NEGATIVE_INFINITY);
  if (at >= 0)
    misuse(
      routine,
      "cost",
      `Infinity at row ${Math.floor(at / cols)}, column ${at % cols}`,
      "finite numbers, or -Infinity for an arc that is forbidden",
    );
  return arcsOf(routine, { kind: "dense", rows, cols, data }, "cost");
}

interface Matching {
  readonly columnOf: Int32Array;
  readonly rowOf: Int32Array;
  readonly u: Vector;
  readonly v: Vector;
}

function transposed({ rows: n, cols: m, costs, ...rest }: Arcs): Arcs {
  const T = new Float64Array(n * m);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) T[j * n + i] = costs[i * m + j]!;
  return { ...rest, rows: m, cols: n, costs: T };
}

/** vⱼ = min over column j, whose row takes it if it has none yet; then what such a row could pay more for its second choice is taken out of vⱼ. */
function reduceColumns({ rows: n, cols: m, costs: C }: Arcs, { columnOf, rowOf, v }: Matching): void {
  const least = new Int32Array(m);
  v.set(C.subarray(0, m));
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const c = C[i * m + j]!;
      if (c < v[j]!) {
        v[j] = c;
        least[j] = i;
      }
    }
  }
  for (let j = m - 1; j >= 0; j--) {
    const i = least[j]!;
    if (columnOf[i]! >= 0) continue;
    columnOf[i] = j;
    rowOf[j] = i;
  }
  for (let i = 0; i < n; i++) {
    const own = columnOf[i]!;
    if (own < 0) continue;
    let second = Number.POSITIVE_INFINITY;
    for (let j = 0; j < m; j++) if (j !== own) second = Math.min(second, C[i * m + j]! - v[j]!);
    if (second < Number.POSITIVE_INFINITY) v[own] = v[own]! - second;
  }
}

/** Each free row takes its cheapest column, whose potential falls until the second is as cheap; the row that had it looks for another. */
function reduceRows({ rows: n, cols: m, costs: C }: Arcs, { columnOf, rowOf, v }: Matching): void {
  let left = 2 * n;
  for (let free = 0; free < n; free++) {
    let i = columnOf[free]! < 0 ? free : -1;
    while (i >= 0 && left-- > 0) {
      const row = i * m;
      let first = Number.POSITIVE_INFINITY;
      let second = Number.POSITIVE_INFINITY;
      let j1 = -1;
      let j2 = -1;
      for (let j = 0; j < m; j++) {
        const d = C[row + j]! - v[j]!;
        if (d >= second) continue;
        if (d < first) {
          second = first;
          j2 = j1;
          first = d;
          j1 = j;
        } else {
          second = d;
          j2 = j;
        }
      }
      const lowered = v[j1]! - (second - first);
      const falls = lowered < v[j1]!;
      if (falls) v[j1] = lowered;
      else if (rowOf[j1]! >= 0) j1 = j2;
      const driven = rowOf[j1]!;
      columnOf[i] = j1;
      rowOf[j1] = i;
      if (driven >= 0) columnOf[driven] = -1;
      // Where nothing fell the row that was driven out waits for the next round.
      i = falls ? driven : -1;
    }
  }
}

function startPotentials({ rows: n, cols: m, costs: C }: Arcs, { columnOf, u, v }: Matching): void {
  for (let i = 0; i < n; i++) {
    const own = columnOf[i]!;
    let least = own < 0 ? Number.POSITIVE_INFINITY : C[i * m + own]! - v[own]!;
    if (own < 0) for (let j = 0; j < m; j++) least = Math.min(least, C[i * m + j]! - v[j]!);
    u[i] = least;
  }
}

/** A shortest augmenting path for each free row, by Dijkstra's algorithm on reduced costs. Answers the cut where one has none. */
function augmentAll({ rows: n, cols: m, costs: C }: Arcs, { columnOf, rowOf, u, v }: Matching): Cut | null {
  const distance = new Float64Array(m);
  const from = new Int32Array(m);
  const open = new Int32Array(m);
  for (let start = 0; start < n; start++) {
    if (columnOf[start]! >= 0) continue;
    distance.fill(Number.POSITIVE_INFINITY);
    for (let j = 0; j < m; j++) open[j] = m - 1 - j;
    // Columns from `count` on have their final distance.
    let count = m;
    let i = start;
    let sink = -1;
    let reached = 0;
    while (sink < 0) {
      const row = i * m;
      const base = reached - u[i]!;
      let lowest = Number.POSITIVE_INFINITY;
      let at = -1;
      for (let k = 0; k < count; k++) {
        const j = open[k]!;
        const d = base + C[row + j]! - v[j]!;
        if (d < distance[j]!) {
          distance[j] = d;
          from[j] = i;
        }
        const best = distance[j]!;
        if (best < lowest || (best === lowest && rowOf[j]! < 0 && best < Number.POSITIVE_INFINITY)) {
          lowest = best;
          at = k;
        }
      }
      const settled = open.subarray(count);
      if (at < 0) return cutAround(start, settled, rowOf);
      reached = lowest;
      const j = open[at]!;
      open[at] = open[--count]!;
      open[count] = j;
      if (rowOf[j]! < 0) sink = j;
      else i = rowOf[j]!;
    }
    u[start] = u[start]! + reached;
    for (let k = count; k < m; k++) {
      const j = open[k]!;
      if (j === sink) continue;
      const change = reached - distance[j]!;
      v[j] = v[j]! - change;
      u[rowOf[j]!] = u[rowOf[j]!]! + change;
    }
    for (let j = sink, done = false; !done; ) {
      const i = from[j]!;
      const next = columnOf[i]!;
      rowOf[j] = i;
      columnOf[i] = j;
      done = i === start;
      j = next;
    }
  }
  return null;
}

/** The rows of a search that found no free column, and the columns they reach: one fewer. */
function cutAround(start: number, settled: Int32Array, rowOf: Int32Array): Cut {
  const rows = Int32Array.of(start, ...Array.from(settled, (j) => rowOf[j]!)).sort();
  const cols = settled.slice().sort();
  return { rows, cols, supply: rows.length, demand: cols.length };
}
