// What the least-squares methods share: their state, trial points, the corrected and scaled model, and a stop rule that no scale of f or x moves.
import {
  acceptTrial,
  type Counted,
  type DenseMatrix,
  describe,
  type GradientState,
  jacobianTransposeTimesInto,
  type LeastSquaresProblem,
  type Matrix,
  misuse,
  type Reduction,
  requireNumber,
  type Stop,
  type Vector,
} from "@hessia/core";
import { dot, norm2, normInf, toDenseMatrix } from "@hessia/core/linear";
import { correctionInto, type Loss, lossValue, weightedResidualInto } from "./robust-loss.js";

/** The state of a least-squares method: f = ½ ‖r‖², or ½ c² Σ ρ(rᵢ²/c²) with a robust loss, and its gradient. */
export interface LeastSquaresState extends GradientState {
  /** r(x), as the problem gives it. */
  residual: Vector;
  /** J(x), as the problem gives it. */
  jacobian: Matrix;
  /** The largest |cos| of the angle between a column of J and r (with a loss, both weighted by √ρ'): 0 at a stationary point. */
  cosine: number;
  /** Σ ‖Jⱼ‖ |xⱼ|: ε times this is what the rounding of x alone does to r. */
  sensitivity: number;
}

/** A trial point with its residuals and, once it is worth it, its Jacobian. */
export interface LeastSquaresTrial {
  x: Vector;
  gradient: Vector;
  residual: Vector;
  jacobian: Matrix;
  value: number;
  stepNorm: number;
  cosine: number;
  sensitivity: number;
  /** ρ' r, and the weights √ρ'. */
  readonly weighted: Vector;
}

export function requireResiduals(routine: string, problem: Partial<LeastSquaresProblem>): void {
  for (const name of ["residualInto", "newJacobian", "jacobianInto"] as const)
    if (typeof problem[name] !== "function")
      misuse(
        routine,
        "problem",
        `without ${name}`,
        "residuals with their Jacobian: see leastSquaresProblem(), sumOfSquares() and leastSquaresFromTerms()",
      );
  if (!Number.isInteger(problem.residuals))
    misuse(routine, "problem.residuals", describe(problem.residuals), "the number of residuals");
}

export function newLeastSquaresTrial(problem: Counted<LeastSquaresProblem>): LeastSquaresTrial {
  const { dimension: n, residuals: m } = problem;
  return {
    x: new Float64Array(n),
    gradient: new Float64Array(n),
    residual: new Float64Array(m),
    jacobian: problem.newJacobian(),
    value: 0,
    stepNorm: 0,
    cosine: 0,
    sensitivity: 0,
    weighted: new Float64Array(m),
  };
}

/** The state at a start point: one evaluation of r and of J. */
export function startLeastSquares(
  method: string,
  problem: Counted<LeastSquaresProblem>,
  x0: Vector,
  loss: Loss,
): Omit<LeastSquaresState, "work"> {
  requireResiduals(method, problem);
  const trial = newLeastSquaresTrial(problem);
  trial.x.set(x0);
  trialValue(problem, trial, loss);
  const gradientNorm = trialDerivatives(problem, trial, loss);
  const { x, gradient, residual, jacobian, value, cosine, sensitivity } = trial;
  const norms = { gradientNorm, initialGradientNorm: gradientNorm, stepNorm: Number.POSITIVE_INFINITY };
  const base = { method, iteration: 0, failure: null, x, value };
  return { ...base, ...norms, gradient, residual, jacobian, cosine, sensitivity };
}

/** r and f at `trial.x`. */
export function trialValue(problem: Counted<LeastSquaresProblem>, trial: LeastSquaresTrial, loss: Loss): number {
  trial.value = lossValue(loss, problem.residualInto(trial.residual, trial.x));
  return trial.value;
}

/** J, ∇f and the cosine at `trial.x`, whose residuals are there; answers ‖∇f‖∞, NaN where J isn't finite. */
export function trialDerivatives(problem: Counted<LeastSquaresProblem>, trial: LeastSquaresTrial, loss: Loss): number {
  const { residual, weighted, gradient, x } = trial;
  const J = problem.jacobianInto(trial.jacobian, x);
  trial.jacobian = J;
  jacobianTransposeTimesInto(gradient, J, weightedResidualInto(weighted, loss, residual));
  // √ρ' rows: then gⱼ = (√ρ' Jⱼ)ᵀ(√ρ' r).
  for (let i = 0; i < residual.length; i++)
    weighted[i] = residual[i] === 0 ? 1 : Math.sqrt(weighted[i]! / residual[i]!);
  const norms = columnNormsInto(new Float64Array(x.length), J, weighted);
  for (let i = 0; i < residual.length; i++) weighted[i] = weighted[i]! * residual[i]!;
  const rNorm = norm2(weighted);
  trial.cosine = 0;
  trial.sensitivity = dot(norms, x.map(Math.abs));
  for (let j = 0; j < norms.length; j++)
    if (norms[j] !== 0 && rNorm !== 0)
      trial.cosine = Math.max(trial.cosine, Math.abs(gradient[j]!) / norms[j]! / rNorm);
  for (let j = 0; j < norms.length; j++) if (!Number.isFinite(norms[j]!)) return Number.NaN;
  return normInf(gradient);
}

/** Moves the state to the trial point, whose derivatives are there. Swaps the buffers. */
export function acceptLeastSquares(state: LeastSquaresState, trial: LeastSquaresTrial): void {
  acceptTrial(state, trial);
  const { residual, jacobian } = state;
  state.residual = trial.residual;
  state.jacobian = trial.jacobian;
  state.cosine = trial.cosine;
  state.sensitivity = trial.sensitivity;
  trial.residual = residual;
  trial.jacobian = jacobian;
}

/** ‖Jⱼ‖₂ of each column, rows weighted where weights are given. */
export function columnNormsInto(out: Vector, J: Matrix, weights?: Vector): Vector {
  out.fill(0);
  if (J.kind === "dense")
    for (let i = 0, p = 0; i < J.rows; i++)
      for (let j = 0; j < J.cols; j++, p++) out[j] = out[j]! + ((weights?.[i] ?? 1) * J.data[p]!) ** 2;
  else
    for (let j = 0; j < J.cols; j++)
      for (let p = J.colPointers[j]!; p < J.colPointers[j + 1]!; p++)
        out[j] = out[j]! + ((weights?.[J.rowIndices[p]!] ?? 1) * J.values[p]!) ** 2;
  for (let j = 0; j < J.cols; j++) out[j] = Math.sqrt(out[j]!);
  return out;
}

/** The linear model r̂ + Ĵ D⁻¹ q of the corrected residuals, in scaled steps q = D p. */
export interface LinearModel {
  readonly residual: Vector;
  readonly rows: Vector;
  jacobian: Matrix;
}

export function newLinearModel(J: Matrix): LinearModel {
  const jacobian: Matrix =
    J.kind === "dense"
      ? { ...J, data: new Float64Array(J.data.length) }
      : { ...J, values: new Float64Array(J.values.length) };
  return { residual: new Float64Array(J.rows), rows: new Float64Array(J.rows), jacobian };
}

/** Fills the model from the state; D = 1 where `scaling` is left out. */
export function linearModelInto(
  model: LinearModel,
  { residual, jacobian: J }: LeastSquaresState,
  loss: Loss,
  scaling?: Vector,
): LinearModel {
  correctionInto(model.residual, model.rows, loss, residual);
  const { rows, jacobian: out } = model;
  if (J.kind === "dense") {
    const { data } = out as DenseMatrix;
    for (let i = 0, p = 0; i < J.rows; i++)
      for (let j = 0; j < J.cols; j++, p++) data[p] = (rows[i]! * J.data[p]!) / (scaling?.[j] ?? 1);
  } else if (out.kind === "sparse")
    for (let j = 0; j < J.cols; j++)
      for (let p = J.colPointers[j]!; p < J.colPointers[j + 1]!; p++)
        out.values[p] = (rows[J.rowIndices[p]!]! * J.values[p]!) / (scaling?.[j] ?? 1);
  return model;
}

/** A small sparse matrix is worked on as a dense one: orthogonal transformations are safer than JᵀJ. */
export const denseOf = (J: Matrix): DenseMatrix => (J.kind === "dense" ? J : toDenseMatrix(J));

/** The rounding error of f: that of its own sum, and what the rounding of residuals adds to it. */
export const valueNoise = ({ value, sensitivity }: LeastSquaresState): number =>
  Number.EPSILON * (4 * value + 2 * Math.sqrt(2 * value) * sensitivity + Number.EPSILON * sensitivity ** 2);

/** ρ, both decreases raised by f's rounding error as in core's `reduction`, which takes f to be near 1. */
export function squaresReduction(state: LeastSquaresState, value: number, predicted: number): Reduction {
  if (!Number.isFinite(value)) return { ratio: Number.NEGATIVE_INFINITY, rounding: false };
  const noise = valueNoise(state);
  const actual = state.value - value;
  const rounding = predicted <= noise && Math.abs(actual) <= noise;
  return { ratio: noise === 0 && predicted === 0 ? 1 : (actual + noise) / (predicted + noise), rounding };
}

/**
 * Converged when r is orthogonal to every column of J, |cos| ≤ tolerance (MINPACK's `gtol`), or zero to rounding, ‖r‖ ≤ 10 ε Σ ‖Jⱼ‖|xⱼ|.
 * Default 1e-8, in (0, 1). Neither units of the residuals nor of the variables matter, as they do for ‖∇f‖.
 */
export function orthogonality(tolerance = 1e-8): Stop<LeastSquaresState> {
  requireNumber("orthogonality", "tolerance", tolerance, { above: 0, below: 1 });
  return ({ state }) => {
    const { cosine, residual, sensitivity } = state;
    const converged = (detail: string) => ({ kind: "converged", rule: "orthogonality", detail }) as const;
    if (cosine <= tolerance)
      return converged(`largest |cos(Jⱼ, r)| = ${cosine.toExponential(2)} ≤ ${tolerance.toExponential(2)}`);
    const norm = norm2(residual);
    return norm <= 10 * Number.EPSILON * sensitivity
      ? converged(`‖r‖ = ${norm.toExponential(2)}: rounding alone`)
      : null;
  };
}
