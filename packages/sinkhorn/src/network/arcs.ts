// The arcs of a transport problem from n rows to m columns: all of them, in a matrix by rows, or a list sorted by rows.
import { type DenseInput, describe, misuse, toDense, type Vector } from "@hessia/core";
import type { Cost } from "../cost/cost.js";
import { requireStorable } from "../cost/dense.js";

/** A list of arcs: arc k leads from row `sources[k]` to column `targets[k]` at `costs[k]`. What isn't listed is forbidden. */
export interface ArcList {
  readonly rows: number;
  readonly cols: number;
  readonly sources: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly costs: ArrayLike<number>;
}

/** Arcs by rows. Row i has the entries pointers[i] to pointers[i + 1] of `columns` and `costs`; `columns` is null where each row has all columns. */
export interface Arcs {
  readonly kind: "arcs";
  readonly rows: number;
  readonly cols: number;
  readonly pointers: Int32Array | null;
  readonly columns: Int32Array | null;
  /** Infinity forbids an arc. */
  readonly costs: Vector;
  /** The greatest absolute value of a finite cost. */
  readonly scale: number;
  /** Whether there are forbidden arcs. */
  readonly forbids: boolean;
}

/** Costs in any of their forms as arcs. A dense matrix isn't copied. */
export function arcsOf(routine: string, given: Cost | DenseInput | ArcList | Arcs, argument = "options.cost"): Arcs {
  if (given !== null && typeof given === "object" && "kind" in given && given.kind === "arcs") return given;
  if (given !== null && typeof given === "object" && "sources" in given) return listed(routine, given, argument);
  if (given !== null && typeof given === "object" && "planTiles" in given) return ofCost(routine, given, argument);
  const { rows, cols, data } = toDense(given as DenseInput, routine, argument);
  return checked(routine, argument, { rows, cols, pointers: null, columns: null, costs: data }, false);
}

function ofCost(routine: string, cost: Cost, argument: string): Arcs {
  const { rows, cols } = cost;
  requireStorable(routine, argument, rows, cols, "Give a list of the arcs that may be used.");
  const costs = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) cost.rowInto(costs.subarray(i * cols, (i + 1) * cols), i);
  return checked(routine, argument, { rows, cols, pointers: null, columns: null, costs }, false);
}

function listed(routine: string, list: ArcList, argument: string): Arcs {
  const { rows, cols, sources, targets, costs } = list;
  for (const [name, size] of [
    ["rows", rows],
    ["cols", cols],
  ] as const)
    if (!(Number.isInteger(size) && size > 0))
      misuse(routine, `${argument}.${name}`, describe(size), "a positive integer");
  if (!(sources?.length === targets?.length && targets?.length === costs?.length))
    misuse(
      routine,
      argument,
      `with ${sources?.length} sources, ${targets?.length} targets, ${costs?.length} costs`,
      "arrays of one length",
    );
  const pointers = new Int32Array(rows + 1);
  for (let k = 0; k < sources.length; k++) {
    const i = sources[k]!;
    const j = targets[k]!;
    if (!(Number.isInteger(i) && i >= 0 && i < rows))
      misuse(routine, `${argument}.sources[${k}]`, describe(i), `a row from 0 to ${rows - 1}`);
    if (!(Number.isInteger(j) && j >= 0 && j < cols))
      misuse(routine, `${argument}.targets[${k}]`, describe(j), `a column from 0 to ${cols - 1}`);
    pointers[i + 1] = pointers[i + 1]! + 1;
  }
  for (let i = 0; i < rows; i++) pointers[i + 1] = pointers[i + 1]! + pointers[i]!;
  const next = pointers.slice();
  const columns = new Int32Array(sources.length);
  const sorted = new Float64Array(sources.length);
  for (let k = 0; k < sources.length; k++) {
    const to = next[sources[k]!]!;
    next[sources[k]!] = to + 1;
    columns[to] = targets[k]!;
    sorted[to] = costs[k]!;
  }
  return checked(routine, argument, { rows, cols, pointers, columns, costs: sorted }, true);
}

function checked(
  routine: string,
  argument: string,
  arcs: Omit<Arcs, "kind" | "scale" | "forbids">,
  isList: boolean,
): Arcs {
  const { rows, cols, costs, columns, pointers } = arcs;
  if (!(rows > 0 && cols > 0)) misuse(routine, argument, `${rows} × ${cols}`, "at least one row and one column");
  let scale = 0;
  let forbids = isList;
  for (let k = 0; k < costs.length; k++) {
    const c = costs[k]!;
    if (c === Number.POSITIVE_INFINITY) forbids = true;
    else if (!Number.isFinite(c)) {
      const i = pointers === null ? Math.floor(k / cols) : pointers.findIndex((p) => p > k) - 1;
      const j = columns === null ? k % cols : columns[k]!;
      misuse(
        routine,
        argument,
        `${describe(c)} at row ${i}, column ${j}`,
        "finite numbers, or Infinity for an arc that is forbidden",
      );
    } else if (Math.abs(c) > scale) scale = Math.abs(c);
  }
  return { kind: "arcs", ...arcs, scale, forbids };
}

/**
 * The arc of row i with the least C_ij + πᵢ − π_j below `best`, among its entries from `from` to `to`: its place in `costs`, or −1. `potential[offset + j]` is π_j.
 * −Infinity there takes a column out.
 */
export function leastOfEntries(
  { columns, costs, cols }: Arcs,
  i: number,
  from: number,
  to: number,
  potential: Vector,
  offset: number,
  pi: number,
  best: number,
): number {
  let at = -1;
  if (columns === null) {
    const shift = offset - i * cols;
    for (let k = from; k < to; k++) {
      const d = costs[k]! + pi - potential[k + shift]!;
      if (d < best) {
        best = d;
        at = k;
      }
    }
  } else {
    for (let k = from; k < to; k++) {
      const d = costs[k]! + pi - potential[offset + columns[k]!]!;
      if (d < best) {
        best = d;
        at = k;
      }
    }
  }
  return at;
}

/** As {@link leastOfEntries} over the whole row. */
export function leastArc(arcs: Arcs, i: number, potential: Vector, offset: number, pi: number, best: number): number {
  return leastOfEntries(arcs, i, rowStart(arcs, i), rowStart(arcs, i + 1), potential, offset, pi, best);
}

/** Where the entries of row i begin. */
export const rowStart = ({ pointers, cols }: Arcs, i: number): number => (pointers === null ? i * cols : pointers[i]!);

/** The column of the entry k of row i. */
export const columnOf = ({ columns, cols }: Arcs, i: number, k: number): number =>
  columns === null ? k - i * cols : columns[k]!;
