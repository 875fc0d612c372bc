// Entropic transport as a problem of core: weights, cost and regularization, and the dual as a function of the potentials.
//
//   min_P ⟨C, P⟩ + ε Σ P log P,  P1 = r, Pᵀ1 = c        max_{x, y} D = ⟨r, x⟩ + ⟨c, y⟩ − ε (Σ P − mass),  P_ij = exp((xᵢ + yⱼ − C_ij)/ε)
//
// Both are equal at the solution. The methods minimize f = −D over z = (x, y): ∇f = (P1 − r, Pᵀ1 − c). Other texts have exp((xᵢ + yⱼ − C_ij)/ε − 1):
// x is then larger by ε.
import {
  type Counted,
  type DenseInput,
  describe,
  type GradientState,
  type HasGradient,
  type HasValue,
  misuse,
  requireKnownOptions,
  requireNumber,
  type Stop,
  startPoint,
  stateAt,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import type { Cost } from "./cost/cost.js";
import { denseCost } from "./cost/dense.js";

/** f = −D over z = (x, y), and what it is made of. */
export interface TransportProblem extends HasValue, HasGradient {
  valueAndGradientInto(out: Vector, z: Vector): number;
  /** r, n weights ≥ 0. */
  readonly source: Vector;
  /** c, m weights ≥ 0 with the same sum. */
  readonly target: Vector;
  /** log r and log c, −745 (the logarithm of the least positive number) for a weight 0, so that potentials stay finite. */
  readonly logSource: Vector;
  readonly logTarget: Vector;
  /** Whether every weight is > 0. */
  readonly positive: boolean;
  /** ε > 0. */
  readonly regularization: number;
  readonly cost: Cost;
  /** Σ r. */
  readonly mass: number;
}

/** z = (x, y) in `x`, −D(z) in `value`, the l1 marginal error (‖P1 − r‖₁ + ‖Pᵀ1 − c‖₁)/mass in `gradientNorm`. */
export interface TransportState extends GradientState {
  /** ε of the value and the gradient where that isn't the problem's: while ε is being lowered. Such a state doesn't count as converged. */
  regularizationNow?: number | null;
}

export interface TransportProblemOptions {
  /** r: n weights ≥ 0. */
  readonly source: ArrayLike<number>;
  /** c: m weights ≥ 0, of the same sum as r to 1e-9 of it (the rest of the difference is taken out of c). */
  readonly target: ArrayLike<number>;
  /** C: a matrix n × m, or what denseCost, pointCost or gridCost made. */
  readonly cost: Cost | DenseInput;
  /** ε > 0. */
  readonly regularization: number;
}

/**
 * The dual of entropic transport as a problem for core's `solve` and this package's methods.
 * @throws ArgumentError on weights that are negative, not finite, without mass, of unequal mass or of the wrong number; on a row or column with weight whose
 * arcs are all forbidden; on ε that isn't positive and finite.
 */
export function transportProblem(options: TransportProblemOptions, routine = "transportProblem"): TransportProblem {
  requireKnownOptions(routine, options, ["source", "target", "cost", "regularization"]);
  const { regularization: epsilon } = options;
  if (epsilon === 0) misuse(routine, "options.regularization", "0", "a number > 0", "Without: `exactTransport`.");
  requireNumber(routine, "options.regularization", epsilon, { above: 0, below: Number.POSITIVE_INFINITY });
  const cost = asCost(options.cost, routine);
  const { rows: n, cols: m } = cost;
  const r = weights(routine, "options.source", options.source, n, "the rows of the cost");
  const c = weights(routine, "options.target", options.target, m, "the columns of the cost");
  const mass = sum(r);
  balance(routine, c, mass);
  if (cost.forbids) requireArcs(routine, cost, r, c);
  const dimension = n + m;
  const colSums = new Float64Array(m);

  const valueAndGradient = (out: Vector | undefined, z: Vector): number => {
    const x = z.subarray(0, n);
    const y = z.subarray(n);
    let total = 0;
    cost.planTiles(
      x,
      y,
      epsilon,
      ({ firstRow, rows, rowSums }) => {
        for (let i = 0; i < rows; i++) {
          total += rowSums[i]!;
          if (out !== undefined) out[firstRow + i] = rowSums[i]! - r[firstRow + i]!;
        }
      },
      { colSums },
    );
    if (out !== undefined) for (let j = 0; j < m; j++) out[n + j] = colSums[j]! - c[j]!;
    return -dualValue(problem, z, total);
  };
  const problem: TransportProblem = {
    dimension,
    source: r,
    target: c,
    logSource: r.map(logWeight),
    logTarget: c.map(logWeight),
    positive: r.every((w) => w > 0) && c.every((w) => w > 0),
    regularization: epsilon,
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

/** D(z) where Σ P = total, with ε in place of the problem's if given. */
export function dualValue(
  { source: r, target: c, mass, regularization }: TransportProblem,
  z: Vector,
  total: number,
  epsilon = regularization,
): number {
  const n = r.length;
  let linear = 0;
  // A weight 0 counts nothing, whatever its potential.
  for (let i = 0; i < n; i++) if (r[i]! > 0) linear += r[i]! * z[i]!;
  for (let j = 0; j < c.length; j++) if (c[j]! > 0) linear += c[j]! * z[n + j]!;
  return linear - epsilon * (total - mass);
}

/**
 * Fails a state whose dual value is above what any plan with these marginals can cost, greatest C · mass + ε mass log max(r, c): then there is none, the forbidden arcs leave too few.
 */
export function failIfInfeasible(
  { cost, source, target, mass, regularization }: TransportProblem,
  state: TransportState,
): void {
  if (!cost.forbids) return;
  const epsilon = state.regularizationNow ?? regularization;
  const heaviest = Math.min(greatestOf(source), greatestOf(target));
  const bound = mass * (cost.greatest + epsilon * Math.log(heaviest));
  if (!(-state.value > bound + 1e-9 * (Math.abs(bound) + mass * Math.abs(cost.greatest)))) return;
  state.failure ??= {
    rule: "infeasible",
    detail: `the dual value ${(-state.value).toPrecision(6)} is above ${bound.toPrecision(6)}, the most that a plan can cost: the arcs that aren't forbidden can't carry the weights`,
  };
}

const greatestOf = (weights: Vector): number => weights.reduce((most, w) => Math.max(most, w), 0);

const logWeight = (w: number): number => (w > 0 ? Math.log(w) : -745);

/** A cost as it is, or a matrix made one. */
export function asCost(cost: Cost | DenseInput, routine: string): Cost {
  if (cost !== null && typeof cost === "object" && "planTiles" in cost) return cost;
  return denseCost(cost as DenseInput, routine, "options.cost");
}

/** Weights as an array of their own. Throws ArgumentError unless they are finite, ≥ 0, of the wanted number and of positive sum. */
export function weights(
  routine: string,
  argument: string,
  given: ArrayLike<number>,
  length: number,
  of: string,
): Vector {
  if (given === null || typeof given !== "object" || typeof given.length !== "number")
    misuse(
      routine,
      argument,
      describe(given),
      `an array of ${length} weights`,
      `Equal ones: new Array(${length}).fill(1 / ${length}).`,
    );
  if (given.length === 0) misuse(routine, argument, "empty", "at least one weight");
  if (given.length !== length) misuse(routine, argument, `of length ${given.length}`, `length ${length}, ${of}`);
  const w = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const wi = given[i]!;
    if (typeof wi !== "number" || !(wi >= 0 && wi < Number.POSITIVE_INFINITY))
      misuse(routine, argument, `${describe(wi)} at index ${i}`, "finite weights >= 0");
    w[i] = wi;
  }
  const total = sum(w);
  if (total === 0) misuse(routine, argument, "0 throughout", "weights with a positive sum");
  if (!Number.isFinite(total)) misuse(routine, argument, "of infinite sum", "weights with a finite sum");
  return w;
}

/**
 * The weights that a front door was given, scaled to sum 1 where asked; equal weights by default where `uniform`. The rest is checked with the problem.
 */
export function givenWeights(
  routine: string,
  side: "source" | "target",
  given: ArrayLike<number> | undefined,
  length: number,
  normalize: boolean,
  uniform: boolean,
): ArrayLike<number> {
  if (given === undefined && uniform) return new Float64Array(length).fill(1 / length);
  if (given === undefined || given === null || typeof given !== "object")
    return misuse(routine, `options.${side}`, describe(given), `an array of ${length} weights`);
  if (!normalize) return given;
  const total = sum(given);
  return total > 0 && Number.isFinite(total) ? Float64Array.from(given, (w) => w / total) : given;
}

export function sum(w: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < w.length; i++) total += w[i]!;
  return total;
}

/** Equal masses to rounding: c is scaled by what its sum differs from r's, at most 1e-9 of it. */
export function balance(routine: string, c: Vector, mass: number, door = "transport"): void {
  const other = sum(c);
  if (Math.abs(other - mass) > 1e-9 * mass)
    misuse(
      routine,
      "options.target",
      `of sum ${other}, options.source of sum ${mass}`,
      "weights of the same sum",
      `\`${door}\` takes \`normalize: true\` to scale both to 1.`,
    );
  for (let j = 0; j < c.length; j++) c[j] = c[j]! * (mass / other);
}

/** Each row and column with weight has an arc to one with weight. That doesn't make the problem feasible: a method then fails to converge. */
function requireArcs(routine: string, cost: Cost, r: Vector, c: Vector): void {
  const row = new Float64Array(c.length);
  const reached = new Uint8Array(c.length);
  for (let i = 0; i < r.length; i++) {
    if (r[i] === 0) continue;
    cost.rowInto(row, i);
    let any = false;
    for (let j = 0; j < c.length; j++) {
      if (row[j]! === Number.POSITIVE_INFINITY) continue;
      reached[j] = 1;
      any ||= c[j]! > 0;
    }
    if (!any) misuse(routine, "options.cost", `Infinity in all of row ${i}, whose weight is ${r[i]}`, "an arc from it");
  }
  for (let j = 0; j < c.length; j++)
    if (c[j]! > 0 && reached[j] === 0)
      misuse(routine, "options.cost", `Infinity in all of column ${j}, whose weight is ${c[j]}`, "an arc to it");
}

/** (‖P1 − r‖₁ + ‖Pᵀ1 − c‖₁)/mass of a gradient. */
export function marginalErrorOf(gradient: Vector, mass: number): number {
  let total = 0;
  for (let k = 0; k < gradient.length; k++) total += Math.abs(gradient[k]!);
  return total / mass;
}

/** The fields of a state at z0 = (x, y): one evaluation of D and its gradient. */
export function transportStart(
  method: string,
  problem: Counted<TransportProblem>,
  z0: ArrayLike<number>,
): Omit<TransportState, "work"> {
  const x = startPoint(method, problem.dimension, z0);
  const gradient = new Float64Array(x.length);
  const value = valueAndGradientInto(problem, gradient, x);
  return stateAt(method, x, value, gradient, marginalErrorOf(gradient, problem.mass));
}

/**
 * Converged when (‖P1 − r‖₁ + ‖Pᵀ1 − c‖₁)/mass ≤ tolerance. Default 1e-9.
 * @throws ArgumentError when the tolerance isn't in [0, 2).
 */
export function marginalError(tolerance = 1e-9): Stop<TransportState> {
  requireNumber("marginalError", "tolerance", tolerance, { atLeast: 0, below: 2 });
  return ({ state }) =>
    state.gradientNorm <= tolerance && typeof state.regularizationNow !== "number"
      ? {
          kind: "converged",
          rule: "marginalError",
          detail: `‖P1 − r‖₁ + ‖Pᵀ1 − c‖₁ = ${state.gradientNorm.toExponential(2)} ≤ ${tolerance.toExponential(2)} of the mass`,
        }
      : null;
}
