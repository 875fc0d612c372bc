// The arguments of the plan's derivatives: matrices by their entries, and changes of the data.
import { type DenseInput, describe, misuse, requireKnownOptions, toDense, type Vector } from "@hessia/core";
import { asPoints, type PointCostOptions } from "../cost/points.js";
import type { TransportProblem } from "../problem.js";
import { type PointSlopes, pointSlopes } from "./point-slopes.js";

/** An n × m matrix, or its entries by a function that is asked where the plan isn't 0. */
export type MatrixOrEntries = DenseInput | ((i: number, j: number) => number);

/** A change of the data. What is left out doesn't change. */
export interface PlanTangent {
  /** dr and dc; their sums are equal to 1e-9 of Σ |dr| + Σ |dc|. */
  readonly source?: ArrayLike<number>;
  readonly target?: ArrayLike<number>;
  /** dC. */
  readonly cost?: MatrixOrEntries;
  /** The points and metric of `pointCost`, and how they move: n × d and m × d. */
  readonly points?: {
    readonly of: PointCostOptions;
    readonly source?: DenseInput | ArrayLike<number>;
    readonly target?: DenseInput | ArrayLike<number>;
  };
}

export type Entries = (i: number, j: number) => number;

/** Entries that are finite, by a function. */
export function entriesOf(routine: string, argument: string, given: MatrixOrEntries, n: number, m: number): Entries {
  const bad = (value: unknown, i: number, j: number): never =>
    misuse(routine, argument, `${describe(value)} at row ${i}, column ${j}`, "finite numbers");
  if (typeof given === "function")
    return (i, j) => {
      const value = given(i, j);
      return typeof value === "number" && Number.isFinite(value) ? value : bad(value, i, j);
    };
  const { rows, cols, data } = toDense(given, routine, argument);
  if (rows !== n || cols !== m) misuse(routine, argument, `${rows} × ${cols}`, `${n} × ${m}, as the plan is`);
  for (let k = 0; k < data.length; k++) if (!Number.isFinite(data[k])) bad(data[k], Math.floor(k / m), k % m);
  return (i, j) => data[i * m + j];
}

/** dC of a tangent: what is given of the cost, and what the moving points make of it. */
export function costTangent(
  routine: string,
  problem: TransportProblem,
  { cost, points }: PlanTangent,
): Entries | undefined {
  const { rows: n, cols: m } = problem.cost;
  const given = cost === undefined ? undefined : entriesOf(routine, "tangent.cost", cost, n, m);
  if (points === undefined) return given;
  requireKnownOptions(routine, points, ["of", "source", "target"]);
  const slopes = pointSlopes(routine, problem, points.of, "tangent.points.of");
  const d = slopes.source.cols;
  const dA = motion(routine, "tangent.points.source", points.source, slopes.source);
  const dB = motion(routine, "tangent.points.target", points.target, slopes.target);
  const ofA = new Float64Array(d);
  const ofB = new Float64Array(d);
  return (i, j) => {
    slopes.slopesInto(ofA, ofB, i, j);
    let sum = given === undefined ? 0 : given(i, j);
    for (let q = 0; q < d; q++) sum += ofA[q] * dA[i * d + q] + ofB[q] * dB[j * d + q];
    return sum;
  };
}

function motion(
  routine: string,
  argument: string,
  given: DenseInput | ArrayLike<number> | undefined,
  { rows, cols }: PointSlopes["source"],
): Vector {
  if (given === undefined) return new Float64Array(rows * cols);
  const moved = asPoints(routine, argument, given);
  if (moved.rows !== rows || moved.cols !== cols)
    misuse(routine, argument, `${moved.rows} × ${moved.cols}`, `${rows} × ${cols}, as the points are`);
  return moved.data;
}

/** b += ε (dr, dc). */
export function addWeights(
  routine: string,
  b: Vector,
  { source, target }: PlanTangent,
  n: number,
  m: number,
  ε: number,
): void {
  let difference = 0;
  let size = 0;
  const add = (argument: string, given: ArrayLike<number> | undefined, from: number, length: number, sign: number) => {
    if (given === undefined) return;
    if (given === null || typeof given !== "object" || given.length !== length)
      misuse(routine, argument, describe(given), `an array of ${length} numbers`);
    for (let k = 0; k < length; k++) {
      const value = given[k]!;
      if (!Number.isFinite(value)) misuse(routine, argument, `${value} at index ${k}`, "finite numbers");
      b[from + k] += ε * value;
      difference += sign * value;
      size += Math.abs(value);
    }
  };
  add("tangent.source", source, 0, n, 1);
  add("tangent.target", target, n, m, -1);
  if (Math.abs(difference) > 1e-9 * size)
    misuse(
      routine,
      "tangent.target",
      `of a sum that differs from tangent.source's by ${-difference}`,
      "the same sum: no plan has marginals of unequal mass",
    );
}
