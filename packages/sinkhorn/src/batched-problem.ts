// Many transport problems over one cost as one problem: f is the sum of their −D, over the potentials of all of them.
import {
  type DenseInput,
  type DenseMatrix,
  type HasGradient,
  type HasValue,
  misuse,
  requireKnownOptions,
  toDense,
  type Vector,
} from "@hessia/core";
import type { Cost } from "./cost/cost.js";
import { asCost, type TransportProblem, transportProblem } from "./problem.js";

export interface BatchedProblemOptions {
  /** R, one source a row: B × n weights ≥ 0. */
  readonly sources: DenseInput;
  /** One target a row: B × m weights ≥ 0, each row of the sum of its source. */
  readonly targets: DenseInput;
  readonly cost: Cost | DenseInput;
  /** ε > 0. */
  readonly regularization: number;
}

/** Potentials of pair b, (x, y), stand at b (n + m). */
export interface BatchedProblem extends HasValue, HasGradient {
  valueAndGradientInto(out: Vector, z: Vector): number;
  readonly pairs: readonly TransportProblem[];
  readonly cost: Cost;
  readonly regularization: number;
}

/**
 * Pairs of measures over one cost.
 * @throws ArgumentError where there is no pair, the numbers of sources and targets differ, or as transportProblem.
 */
export function batchedProblem(options: BatchedProblemOptions, routine = "batchedProblem"): BatchedProblem {
  requireKnownOptions(routine, options, ["sources", "targets", "cost", "regularization"]);
  const { regularization } = options;
  const cost = asCost(options.cost, routine);
  const R = toDense(options.sources, routine, "options.sources");
  const C = toDense(options.targets, routine, "options.targets");
  if (R.rows === 0) misuse(routine, "options.sources", "without rows", "at least one source");
  if (C.rows !== R.rows)
    misuse(routine, "options.targets", `of ${C.rows} rows`, `${R.rows}, one for each row of options.sources`);
  const row = ({ cols, data }: DenseMatrix, b: number) => data.subarray(b * cols, (b + 1) * cols);
  const pairs = Array.from({ length: R.rows }, (_, b) =>
    transportProblem({ source: row(R, b), target: row(C, b), cost, regularization }, routine),
  );
  const size = cost.rows + cost.cols;
  const part = (z: Vector, b: number) => z.subarray(b * size, (b + 1) * size);
  const valueAndGradientInto = (out: Vector, z: Vector) =>
    pairs.reduce((sum, pair, b) => sum + pair.valueAndGradientInto(part(out, b), part(z, b)), 0);
  return {
    dimension: pairs.length * size,
    value: (z) => pairs.reduce((sum, pair, b) => sum + pair.value(part(z, b)), 0),
    valueAndGradientInto,
    gradientInto(out, z) {
      valueAndGradientInto(out, z);
      return out;
    },
    pairs,
    cost,
    regularization,
  };
}
