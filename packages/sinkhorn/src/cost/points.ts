// The cost between two clouds of points: powers of p-norms, or the cosine distance.
import {
  type DenseInput,
  type DenseMatrix,
  denseMatrix,
  misuse,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  toDense,
  type Vector,
} from "@hessia/core";
import { denseBackend } from "@hessia/core/linear";
import type { Cost } from "./cost.js";
import { mostStored, requireStorable, storedCost } from "./dense.js";
import { type FillRows, tiledPasses } from "./tiled.js";

export interface PointCostOptions {
  /** n points as the rows of a matrix n × d, or n numbers for points on a line. */
  readonly source: DenseInput | ArrayLike<number>;
  /** m points in the same space. */
  readonly target: DenseInput | ArrayLike<number>;
  /** C = ‖a − b‖_p^q ("norm", default), or 1 − ⟨a, b⟩/(‖a‖₂ ‖b‖₂) ("cosine"). */
  readonly metric?: "norm" | "cosine";
  /** p ≥ 1, Infinity for the greatest difference. Default 2. */
  readonly norm?: number;
  /** q > 0. Default 2: with p = 2 the squared Euclidean distance. */
  readonly power?: number;
  /** Whether C is kept as a matrix. Default: where it has at most 4e7 entries (320 MB); else each pass computes it anew, in tiles. */
  readonly store?: boolean;
}

/** Entries up to which the matrix is stored unless asked otherwise. */
const storedByDefault = 4e7;

/**
 * The cost between points. Squared Euclidean distances in more than 3 dimensions are made of products, ‖a‖² + ‖b‖² − 2⟨a, b⟩, of points moved to their centre: their absolute error is some
 * 1e-16 of the largest of them.
 * @throws ArgumentError on points that aren't finite or of differing dimensions, on none, on a zero vector with the cosine, on an option out of range, and on more than 2 GB to be stored.
 */
export function pointCost(options: PointCostOptions, routine = "pointCost"): Cost {
  requireKnownOptions(routine, options, ["source", "target", "metric", "norm", "power", "store"]);
  const { metric = "norm", norm = 2, power = 2, store } = options;
  requireOneOf(routine, "options.metric", metric, ["norm", "cosine"]);
  requireNumber(routine, "options.norm", norm, { atLeast: 1 });
  requireNumber(routine, "options.power", power, { above: 0, below: Number.POSITIVE_INFINITY });
  if (store !== undefined) requireOneOf(routine, "options.store", store, [true, false]);
  const A = asPoints(routine, "options.source", options.source);
  const B = asPoints(routine, "options.target", options.target);
  if (A.cols !== B.cols)
    misuse(routine, "options.target", `of points in ${B.cols} dimensions`, `${A.cols}, as those of options.source`);
  const stored = store ?? A.rows * B.rows <= storedByDefault;
  if (stored) requireStorable(routine, "options.store", A.rows, B.rows, "With `store: false` it is computed in tiles.");
  if (metric === "cosine") {
    normalize(routine, "options.source", A);
    normalize(routine, "options.target", B);
  } else center(A, B);
  return between(A, B, { metric, norm, power }, stored);
}

interface Metric {
  readonly metric: "norm" | "cosine";
  readonly norm: number;
  readonly power: number;
}

function between(A: DenseMatrix, B: DenseMatrix, metric: Metric, stored: boolean): Cost {
  const fillRows = filler(A, B, metric);
  const restrict = (rows: Int32Array, cols: Int32Array) =>
    between(some(A, rows), some(B, cols), metric, stored && rows.length * cols.length <= mostStored);
  if (stored) {
    const whole = storedCost(A.rows, B.rows, (to) => fillRows(to, 0, A.rows), "pointCost", "options");
    return { ...whole, kind: "points", restrict };
  }
  return {
    kind: "points",
    rows: A.rows,
    cols: B.rows,
    least: 0,
    greatest: metric.metric === "cosine" ? 2 : boxDistance(A, B, metric),
    forbids: false,
    ...tiledPasses(A.rows, B.rows, fillRows, filler(B, A, metric)),
    restrict,
  };
}

/** Points as a matrix of their own. */
export function asPoints(routine: string, argument: string, given: DenseInput | ArrayLike<number>): DenseMatrix {
  const line = given !== null && typeof given === "object" && "length" in given && typeof given[0] === "number";
  const P = line
    ? { ...denseMatrix((given as ArrayLike<number>).length, 1), data: Float64Array.from(given as ArrayLike<number>) }
    : toDense(given as DenseInput, routine, argument);
  if (P.rows === 0 || P.cols === 0) misuse(routine, argument, "without points", "at least one point of one dimension");
  for (let k = 0; k < P.data.length; k++)
    if (!Number.isFinite(P.data[k]!))
      misuse(routine, argument, `${P.data[k]} in point ${Math.floor(k / P.cols)}`, "finite coordinates");
  return { ...P, data: P.data.slice() };
}

/** Moves both by the mean of A. */
function center(A: DenseMatrix, B: DenseMatrix): void {
  const d = A.cols;
  for (let k = 0; k < d; k++) {
    let mean = 0;
    for (let i = 0; i < A.rows; i++) mean += A.data[i * d + k]! / A.rows;
    for (const { rows, data } of [A, B]) for (let i = 0; i < rows; i++) data[i * d + k] = data[i * d + k]! - mean;
  }
}

function normalize(routine: string, argument: string, { rows, cols, data }: DenseMatrix): void {
  for (let i = 0; i < rows; i++) {
    const length = Math.hypot(...data.subarray(i * cols, (i + 1) * cols));
    if (!(length > 0)) misuse(routine, argument, `0 at point ${i}`, "points other than 0, which has no direction");
    for (let k = 0; k < cols; k++) data[i * cols + k] = data[i * cols + k]! / length;
  }
}

function some({ cols, data }: DenseMatrix, which: Int32Array): DenseMatrix {
  const P = denseMatrix(which.length, cols);
  for (let i = 0; i < which.length; i++) P.data.set(data.subarray(which[i]! * cols, (which[i]! + 1) * cols), i * cols);
  return P;
}

/** The distance of the corners of the box around all points: not below any. */
function boxDistance(A: DenseMatrix, B: DenseMatrix, { norm, power }: Metric): number {
  const d = A.cols;
  const sides = new Float64Array(d);
  for (let k = 0; k < d; k++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const { rows, data } of [A, B])
      for (let i = 0; i < rows; i++) {
        low = Math.min(low, data[i * d + k]!);
        high = Math.max(high, data[i * d + k]!);
      }
    sides[k] = high - low;
  }
  const out = new Float64Array(1);
  const zero = { ...denseMatrix(1, d) };
  normFiller({ ...denseMatrix(1, d), data: sides }, zero, norm, power)(out, 0, 1);
  return out[0]!;
}

function filler(A: DenseMatrix, B: DenseMatrix, { metric, norm, power }: Metric): FillRows {
  if (metric === "cosine") return productFiller(A, B, true);
  if (norm === 2 && power === 2 && A.cols > 3) return productFiller(A, B, false);
  return normFiller(A, B, norm, power);
}

/** Through ⟨a, b⟩ of whole tiles: 1 − ⟨a, b⟩ for unit vectors, or squared distances. */
function productFiller(A: DenseMatrix, B: DenseMatrix, cosine: boolean): FillRows {
  const d = A.cols;
  const m = B.rows;
  const squares = ({ rows, data }: DenseMatrix) =>
    Float64Array.from({ length: rows }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += data[i * d + k]! ** 2;
      return sum;
    });
  const ofA = squares(A);
  const ofB = squares(B);
  return (to, first, count) => {
    for (let i = 0; i < count; i++) for (let j = 0; j < m; j++) to[i * m + j] = cosine ? 1 : ofA[first + i]! + ofB[j]!;
    denseBackend().gemm(count, m, d, cosine ? -1 : -2, A.data, first * d, d, B.data, 0, d, to, 0, m);
    for (let k = 0; k < count * m; k++) if (to[k]! < 0) to[k] = 0;
  };
}

/** ‖a − b‖_p^q by differences, one coordinate after the other over a whole row. */
function normFiller(A: DenseMatrix, B: DenseMatrix, norm: number, power: number): FillRows {
  const d = A.cols;
  const m = B.rows;
  const coordinates = Array.from({ length: d }, (_, k) =>
    Float64Array.from({ length: m }, (_, j) => B.data[j * d + k]!),
  );
  return (to, first, count) => {
    for (let i = 0; i < count; i++) {
      const row = to.subarray(i * m, (i + 1) * m);
      const a = A.data.subarray((first + i) * d, (first + i + 1) * d);
      if (norm === 2 && d === 2) {
        squaresInPlane(row, a, coordinates[0]!, coordinates[1]!);
      } else {
        row.fill(0);
        for (let k = 0; k < d; k++) addCoordinate(row, a[k]!, coordinates[k]!, norm);
      }
      raise(row, norm === Number.POSITIVE_INFINITY ? power : power / norm);
    }
  };
}

/** The common case in one go. */
function squaresInPlane(row: Vector, a: Vector, b0: Vector, b1: Vector): void {
  const a0 = a[0]!;
  const a1 = a[1]!;
  for (let j = 0; j < row.length; j++) {
    const d0 = a0 - b0[j]!;
    const d1 = a1 - b1[j]!;
    row[j] = d0 * d0 + d1 * d1;
  }
}

function addCoordinate(row: Vector, a: number, b: Vector, norm: number): void {
  const m = row.length;
  if (norm === 2) for (let j = 0; j < m; j++) row[j] = row[j]! + (a - b[j]!) * (a - b[j]!);
  else if (norm === 1) for (let j = 0; j < m; j++) row[j] = row[j]! + Math.abs(a - b[j]!);
  else if (norm === Number.POSITIVE_INFINITY)
    for (let j = 0; j < m; j++) row[j] = Math.max(row[j]!, Math.abs(a - b[j]!));
  else for (let j = 0; j < m; j++) row[j] = row[j]! + Math.abs(a - b[j]!) ** norm;
}

function raise(row: Vector, power: number): void {
  if (power === 1) return;
  if (power === 0.5) for (let j = 0; j < row.length; j++) row[j] = Math.sqrt(row[j]!);
  else for (let j = 0; j < row.length; j++) row[j] = row[j]! ** power;
}
