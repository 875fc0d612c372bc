// Levenberg–Marquardt for nonlinear least squares.
//
//   min f = ½ ‖r(x)‖²,   (JᵀJ + λD²) p = −Jᵀr,   x⁺ = x + p if the decrease bears the model out
//
// Moré 1978, "The Levenberg–Marquardt algorithm: implementation and theory", Lecture Notes in Mathematics 630, Algorithm 7.1 as in MINPACK's lmder:
// λ by the radius of a trust region ‖Dp‖ ≤ Δ, D the largest column norms so far. Or λ itself is steered: Nielsen 1999, "Damping parameter in
// Marquardt's method", IMM-REP-1999-05, eq. 2.4. Geodesic acceleration: Transtrum, Sethna 2012, arXiv 1201.5885, eq. 5 to 8.
//
// Deviations:
// 1. Below the rounding error of f a step is accepted when it lowers the largest cosine between r and a column of J, which no scale moves as it does ‖∇f‖.
// 2. Sparse Jacobians: the same step from JᵀJ by sparse Cholesky factors ("normal"; the radius is then met exactly, by Moré, Sorensen 1983), or by
//    LSMR ("lsmr", no factors at all; λ is steered by Nielsen's rule).
// 3. Robust losses are taken in by Triggs's correction of r and J (`robust-loss.ts`) at each step.
// 4. With acceleration the ratio compares with the decrease that the step without it promises; p + a/2 is tried only where
//    2‖Da‖ ≤ `accelerationLimit` ‖Dp‖, else p alone.
import {
  type Counted,
  type LeastSquaresProblem,
  type Method,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  type Vector,
} from "@hessia/core";
import { dot, multiplyMatrixVectorInto, norm2 } from "@hessia/core/linear";
import {
  acceptLeastSquares,
  columnNormsInto,
  type LeastSquaresState,
  type LeastSquaresTrial,
  type LinearModel,
  linearModelInto,
  newLeastSquaresTrial,
  newLinearModel,
  squaresReduction,
  startLeastSquares,
  trialDerivatives,
  trialValue,
} from "./least-squares.js";
import {
  type DampedSystem,
  dampedStepInto,
  type LinearKind,
  newDampedSystem,
  prepareDamped,
  radiusStepInto,
  solveDampedInto,
} from "./least-squares-linear.js";
import { correctionInto, type Loss, type LossFunction, type LossName, robustLoss } from "./robust-loss.js";

export interface LevenbergMarquardtOptions {
  /** How λ is found: "radius" (Moré) or "nielsen". Default "radius"; "nielsen" with `linear: "lsmr"`. */
  readonly damping?: "radius" | "nielsen";
  /** "qr" (orthogonal transformations), "normal" (Cholesky factors of JᵀJ) or "lsmr". Default: qr, normal for a sparse J of more than 10⁵ entries if dense. */
  readonly linear?: LinearKind;
  /** Δ₀ = factor · ‖D x₀‖ (factor where that is 0), > 0. Default 100. With "nielsen" λ₀ = 0.1 / factor. */
  readonly factor?: number;
  /** D: "columns" (the largest norms of J's columns so far) or "none". Default "columns". */
  readonly scaling?: "columns" | "none";
  /** Whether to correct steps by the second derivative along them, one more evaluation of r a step. Default false. */
  readonly acceleration?: boolean;
  /** The largest 2‖Da‖ / ‖Dp‖ of a corrected step, in (0, 10]. Default 0.75. */
  readonly accelerationLimit?: number;
  /** "squared", "huber", "softL1", "cauchy" or an own one. Default "squared". */
  readonly loss?: LossName | LossFunction;
  /** c of the loss, > 0: the size of residuals from which on it differs from least squares. Default 1. */
  readonly lossScale?: number;
}

export interface LevenbergMarquardtState extends LeastSquaresState {
  /** Δ. */
  radius: number;
  /** λ of the last step. */
  lambda: number;
  /** Nielsen's ν. */
  growth: number;
  /** The diagonal of D. */
  scaling: Vector;
  work?: Work;
}

interface Work {
  readonly trial: LeastSquaresTrial;
  readonly model: LinearModel;
  /** Its `prepared` is of the present x and D, or undefined when they moved. */
  readonly system: DampedSystem;
  readonly q: Vector;
  readonly acceleration: Vector;
  readonly second: Vector;
}

export function levenbergMarquardt(
  options: LevenbergMarquardtOptions = {},
): Method<LeastSquaresProblem, LevenbergMarquardtState> {
  const name = "levenbergMarquardt";
  requireKnownOptions(name, options, [
    "damping",
    "linear",
    "factor",
    "scaling",
    "acceleration",
    "accelerationLimit",
    "loss",
    "lossScale",
  ]);
  const { linear, factor = 100, scaling = "columns", acceleration = false, accelerationLimit = 0.75 } = options;
  const { damping = linear === "lsmr" ? "nielsen" : "radius" } = options;
  if (linear !== undefined) requireOneOf(name, "options.linear", linear, ["qr", "normal", "lsmr"]);
  requireOneOf(name, "options.damping", damping, linear === "lsmr" ? ["nielsen"] : ["radius", "nielsen"]);
  requireOneOf(name, "options.scaling", scaling, ["columns", "none"]);
  requireOneOf(name, "options.acceleration", acceleration, [true, false]);
  requireNumber(name, "options.factor", factor, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(name, "options.accelerationLimit", accelerationLimit, { above: 0, atMost: 10 });
  const loss = robustLoss(name, options.loss, options.lossScale);
  const nielsen = damping === "nielsen";

  return {
    name,
    init(problem, x0) {
      const start = startLeastSquares(name, problem, x0, loss);
      const state = {
        ...start,
        radius: factor,
        lambda: nielsen ? 0.1 / factor : 0,
        growth: 2,
        scaling: x0.slice().fill(1),
      };
      if (scaling === "columns") growScaling(state, loss, true);
      const size = norm2(x0.map((xi, i) => state.scaling[i]! * xi));
      if (size > 0 && Number.isFinite(size)) state.radius = factor * size;
      return state;
    },

    step(problem, state) {
      const work = (state.work ??= newWork(problem));
      const { trial, q, system, model } = work;
      state.iteration++;
      state.stepNorm = 0;
      const fill = () => linearModelInto(model, state, loss, state.scaling);
      prepareDamped(problem, system, fill, linear);
      const { norm, predicted, lambda } = nielsen
        ? dampedStepInto(q, problem, system, model, state.lambda)
        : radiusStepInto(q, problem, system, model, state.radius, state.lambda);
      state.lambda = lambda;
      const slope =
        -dot(multiplyMatrixVectorInto(system.image, model.jacobian, q), system.image) - lambda * norm * norm;
      if (acceleration) accelerate(problem, state, work, accelerationLimit * norm);
      for (let i = 0; i < q.length; i++) trial.x[i] = state.x[i]! + q[i]! / state.scaling[i]!;
      trial.stepNorm = distance(trial.x, state.x);
      const moved = trial.stepNorm > 0;
      const value = moved ? trialValue(problem, trial, loss) : state.value;
      const { ratio, rounding } = squaresReduction(state, value, predicted);
      let accepted = moved && ratio >= 1e-4;
      if (accepted) {
        const trialNorm = trialDerivatives(problem, trial, loss);
        accepted = Number.isFinite(trialNorm) && !(rounding && trial.cosine >= state.cosine);
      }
      if (nielsen) nextDamping(state, accepted ? ratio : -1);
      else nextMinpackRadius(state, accepted ? ratio : Math.min(ratio, 0), value - state.value, slope, norm);
      if (accepted) {
        acceptLeastSquares(state, trial);
        if (scaling === "columns") growScaling(state, loss, false);
        system.prepared = undefined;
      } else if (!(trial.stepNorm > 1e-16 * norm2(state.x)) || (rounding && state.gradientNorm > 0)) {
        const why = rounding
          ? "f and the slope no longer decrease: the limit of rounding is reached"
          : `no step lowers f (radius ${state.radius.toExponential(1)}, λ ${lambda.toExponential(1)})`;
        state.failure = { rule: "noProgress", detail: why };
      }
      return state;
    },
  };
}

function newWork(problem: Counted<LeastSquaresProblem>): Work {
  const { dimension: n, residuals: m } = problem;
  const trial = newLeastSquaresTrial(problem);
  return {
    trial,
    model: newLinearModel(trial.jacobian),
    system: newDampedSystem(n, m),
    q: new Float64Array(n),
    acceleration: new Float64Array(n),
    second: new Float64Array(m),
  };
}

/** D: the largest norms of the columns so far, 1 for a column that has been zero. */
function growScaling(state: LevenbergMarquardtState, loss: Loss, first: boolean): void {
  const norms = new Float64Array(state.x.length);
  if (loss.plain) columnNormsInto(norms, state.jacobian);
  else {
    const [corrected, rows] = [state.residual.slice(), state.residual.slice()];
    correctionInto(corrected, rows, loss, state.residual);
    columnNormsInto(norms, state.jacobian, rows);
  }
  for (let j = 0; j < norms.length; j++) {
    if (first) state.scaling[j] = norms[j]! > 0 && Number.isFinite(norms[j]!) ? norms[j]! : 1;
    else state.scaling[j] = Math.max(state.scaling[j]!, norms[j]!);
  }
}

/** MINPACK's rule: `change` is f⁺ − f, `slope` the derivative of f along the step. */
function nextMinpackRadius(
  state: LevenbergMarquardtState,
  ratio: number,
  change: number,
  slope: number,
  norm: number,
): void {
  if (state.iteration === 1) state.radius = Math.min(state.radius, norm);
  if (ratio <= 0.25) {
    // The minimizer of the parabola through f, f⁺ and the slope, a tenth to half of the step.
    const shrink =
      Number.isFinite(change) && change > 0 ? Math.min(0.5, Math.max(0.1, (0.5 * slope) / (slope - change))) : 0.5;
    const factor = Number.isFinite(change) ? shrink : 0.1;
    state.radius = factor * Math.min(state.radius, norm / 0.1);
    state.lambda /= factor;
  } else if (state.lambda === 0 || ratio >= 0.75) {
    state.radius = norm / 0.5;
    state.lambda *= 0.5;
  }
}

/** Nielsen's rule: λ falls by up to three where the model is good, and rises by 2, 4, 8, … at rejections. */
function nextDamping(state: LevenbergMarquardtState, ratio: number): void {
  if (ratio > 0) {
    state.lambda = Math.max(1e-300, state.lambda * Math.max(1 / 3, 1 - (2 * Math.min(ratio, 1) - 1) ** 3));
    state.growth = 2;
  } else {
    state.lambda = Math.min(1e300, state.lambda * state.growth);
    state.growth = Math.min(1e150, state.growth * 2);
  }
}

/**
 * Adds a/2 to the step q, a = −(ÂᵀÂ + λI)⁻¹ Âᵀ r_vv, with r_vv the second derivative of r along v = D⁻¹q by a difference with
 * h = 0.1: (2/h)((r(x + hv) − r(x))/h − Jv). Unless ‖a‖ > `most`/2, or r isn't finite there.
 */
function accelerate(
  problem: Counted<LeastSquaresProblem>,
  state: LevenbergMarquardtState,
  work: Work,
  most: number,
): void {
  const { trial, q, system, model, acceleration: a, second } = work;
  const h = 0.1;
  for (let i = 0; i < q.length; i++) trial.x[i] = state.x[i]! + (h * q[i]!) / state.scaling[i]!;
  problem.residualInto(second, trial.x);
  const image = multiplyMatrixVectorInto(system.image, model.jacobian, q);
  for (let i = 0; i < second.length; i++)
    second[i] = (2 / h) * ((model.rows[i]! * (second[i]! - state.residual[i]!)) / h - image[i]!);
  if (!Number.isFinite(norm2(second))) return;
  solveDampedInto(a, problem, system, model, state.lambda, second);
  if (2 * norm2(a) <= most) for (let i = 0; i < q.length; i++) q[i] = q[i]! + 0.5 * a[i]!;
}

function distance(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}
