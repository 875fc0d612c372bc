// Quadratically regularized transport as a problem of core: the dual as a function of the potentials.
//
//   min_P ⟨C, P⟩ + γ/2 ‖P‖²_F,  P ≥ 0, P1 = r, Pᵀ1 = c        max_{x, y} D = ⟨r, x⟩ + ⟨c, y⟩ − 1/(2γ) Σ (xᵢ + yⱼ − C_ij)₊²,  P_ij = (xᵢ + yⱼ − C_ij)₊/γ
//
// Both are equal at the solution. Methods minimize f = −D over z = (x, y): ∇f = (P1 − r, Pᵀ1 − c), once differentiable; f is a quadratic on each piece where no entry of P turns on or off. The plan is sparse.
import {
  type DenseInput,
  type HasGradient,
  type HasValue,
  requireKnownOptions,
  requireNumber,
  type Vector,
} from "@hessia/core";
import type { Cost } from "../cost/cost.js";
import { transportProblem } from "../problem.js";

export interface QuadraticProblem extends HasValue, HasGradient {
  valueAndGradientInto(out: Vector, z: Vector): number;
  /** Tells it from an entropic problem. */
  readonly regularizer: "quadratic";
  /** r, n weights ≥ 0. */
  readonly source: Vector;
  /** c, m weights ≥ 0 with the same sum. */
  readonly target: Vector;
  /** γ > 0. */
  readonly regularization: number;
  readonly cost: Cost;
  /** Σ r. */
  readonly mass: number;
}

export interface QuadraticProblemOptions {
  /** r: n weights ≥ 0. */
  readonly source: ArrayLike<number>;
  /** c: m weights ≥ 0, of the same sum as r to 1e-9 of it. */
  readonly target: ArrayLike<number>;
  /** C: a matrix n × m, or what denseCost, pointCost or gridCost made. */
  readonly cost: Cost | DenseInput;
  /** γ > 0, in the units of cost over mass. */
  readonly regularization: number;
}

/** Sees the entries of row i, ascending: (xᵢ + yⱼ − C_ij)₊ = `excess` > 0 in column j. */
export type VisitExcess = (i: number, j: number, excess: number) => void;

/**
 * The dual of quadratically regularized transport as a problem for core's `solve` and {@link quadraticNewton}.
 * @throws ArgumentError as transportProblem.
 */
export function quadraticProblem(options: QuadraticProblemOptions, routine = "quadraticProblem"): QuadraticProblem {
  requireKnownOptions(routine, options, ["source", "target", "cost", "regularization"]);
  const { regularization: γ } = options;
  requireNumber(routine, "options.regularization", γ, { above: 0, below: Number.POSITIVE_INFINITY });
  const { source, target, cost, mass } = transportProblem(options, routine);
  const n = source.length;
  const row = new Float64Array(target.length);

  const valueAndGradient = (out: Vector | undefined, z: Vector): number => {
    out?.fill(0);
    let squares = 0;
    for (let i = 0; i < n; i++)
      squares += excessOfRow(cost, row, z, i, (_i, j, excess) => {
        if (out === undefined) return;
        out[i] += excess / γ;
        out[n + j] += excess / γ;
      });
    if (out !== undefined) for (let k = 0; k < z.length; k++) out[k] -= k < n ? source[k] : target[k - n];
    return quadraticValue(problem, z, squares);
  };
  const problem: QuadraticProblem = {
    dimension: n + target.length,
    regularizer: "quadratic",
    source,
    target,
    regularization: γ,
    cost,
    mass,
    value: (z) => valueAndGradient(undefined, z),
    gradientInto(out, z) {
      valueAndGradient(out, z);
      return out;
    },
    valueAndGradientInto: valueAndGradient,
  };
  return problem;
}

/** Shows the entries of row i to `visit` and returns the sum of their squares; `row` is scratch of length m. */
export function excessOfRow(cost: Cost, row: Vector, z: Vector, i: number, visit: VisitExcess): number {
  const n = cost.rows;
  const m = cost.cols;
  cost.rowInto(row, i);
  const xi = z[i];
  let squares = 0;
  for (let j = 0; j < m; j++) {
    const excess = xi + z[n + j] - row[j];
    if (excess > 0) {
      squares += excess * excess;
      visit(i, j, excess);
    }
  }
  return squares;
}

/** −D(z), where Σ (xᵢ + yⱼ − C_ij)₊² = squares, with γ in place of the problem's if given. */
export function quadraticValue(
  { source, target, regularization }: QuadraticProblem,
  z: Vector,
  squares: number,
  γ = regularization,
): number {
  const n = source.length;
  let linear = 0;
  for (let i = 0; i < n; i++) linear += source[i] * z[i];
  for (let j = 0; j < target.length; j++) linear += target[j] * z[n + j];
  return squares / (2 * γ) - linear;
}
