// What the methods ask of a cost: sums of exponentials by rows and by columns, and the plan by tiles of whole rows. Nobody asks for the matrix.
import type { Vector } from "@hessia/core";

/** Some whole rows of the plan. The arrays are reused by the next tile: copy what you keep. */
export interface PlanTile {
  readonly firstRow: number;
  readonly rows: number;
  /** P, rows × cols, row-major. */
  readonly plan: Vector;
  /** C, of the same shape. Not to be written to. */
  readonly cost: Vector;
  /** Σ_j P_ij of each of the rows. */
  readonly rowSums: Vector;
}

export interface PlanOptions {
  /** Entries whose logarithm (xᵢ + yⱼ − C_ij)/ε is below it are 0: at small ε most are, and the pass need not compute them. In [−708, 0], default −708. */
  readonly floor?: number;
  /** Takes Σ_i P_ij (length cols); what it held is lost. */
  readonly colSums?: Vector;
}

/** Products with K = exp(−C/ε). */
export interface ScalingKernel {
  /** out = K v, v not aliasing it. */
  multiplyInto(out: Vector, v: Vector): void;
  /** out = Kᵀ u. */
  multiplyTransposeInto(out: Vector, u: Vector): void;
}

/** A cost matrix C, n × m, however it is held. +∞ forbids an arc; there is neither −∞ nor NaN. */
export interface Cost {
  readonly kind: "dense" | "points" | "grid";
  readonly rows: number;
  readonly cols: number;
  /** The least and the greatest finite entry: bounds of them, attained or not, for costs that are never stored. */
  readonly least: number;
  readonly greatest: number;
  /** Whether an entry is +∞. */
  readonly forbids: boolean;
  /** out_i = log Σ_j exp((yⱼ − C_ij)/ε); −∞ for a row whose arcs are all forbidden. Writes into `out` (length rows) and returns it. */
  logSumExpRowsInto(out: Vector, y: Vector, epsilon: number): Vector;
  /** out_j = log Σ_i exp((xᵢ − C_ij)/ε). Writes into `out` (length cols) and returns it. */
  logSumExpColsInto(out: Vector, x: Vector, epsilon: number): Vector;
  /** Shows the plan P_ij = exp((xᵢ + yⱼ − C_ij)/ε) to `visit`, tile by tile from the first row to the last. */
  planTiles(x: Vector, y: Vector, epsilon: number, visit: (tile: PlanTile) => void, options?: PlanOptions): void;
  /** Writes row i of C into `out` (length cols) and returns it. */
  rowInto(out: Vector, i: number): Vector;
  /** K = exp(−C/ε) by its products, where that is cheaper than a matrix: present for costs that are sums over axes. */
  scalingKernel?(epsilon: number): ScalingKernel;
  /** The cost between some of the rows and some of the columns. */
  restrict(rows: Int32Array, cols: Int32Array): Cost;
}

/** Entries of a tile: 256 KB each of plan and cost, which second-level caches hold. */
const tileEntries = 1 << 15;

/** How many rows of m entries a tile has. */
export const rowsOfTile = (rows: number, cols: number): number =>
  Math.max(1, Math.min(rows, Math.floor(tileEntries / Math.max(1, cols))));

/** out = −v. */
export function negativeInto(out: Vector, v: Vector): Vector {
  for (let k = 0; k < out.length; k++) out[k] = -v[k]!;
  return out;
}
