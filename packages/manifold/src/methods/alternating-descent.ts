// Alternating descent on a product of manifolds: one factor at a time.
//
//   min f(x₁, …, x_k),   xᵢ⁺ = R_xᵢ(−α gradᵢ f(x)) or, where it is given, argmin over xᵢ alone,   the other factors as they are
//
// Peng, Vidal 2023, "Block coordinate descent on smooth manifolds: convergence theory and twenty-one examples", arXiv 2305.14744, Algorithm 1 (exact minimization) and Algorithm 2
// (gradient steps with backtracking), cyclic; the Gauss–Southwell order takes the factor of the largest ‖gradᵢ f‖ (Nutini et al. 2015 in ℝⁿ).
//
// Deviations:
// 1. The first trial of a factor's step is Barzilai and Borwein's, ⟨s, s⟩/⟨s, y⟩ of its last gradient step.
// 2. A factor whose step isn't found is passed over; when none of them moves the run fails.
// 3. The gradient of all factors is evaluated at each step: a problem says nothing of its parts.
import {
  armijo,
  type Counted,
  describe,
  type Method,
  misuse,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import type { Manifold } from "../manifold.js";
import {
  acceptManifoldTrial,
  type ManifoldProblem,
  type ManifoldState,
  type ManifoldTrial,
  startManifoldState,
  trialGradientNorm,
} from "../problem.js";
import type { ProductParts } from "../support/combine.js";
import {
  atRounding,
  diagnoseOnManifold,
  hasEnded,
  newTrial,
  noDecrease,
  noiseOf,
  type Plateau,
  startPlateau,
} from "../support/trial.js";

/** Writes argmin of f over factor i alone, the others as they are in x, into `out` (of the factor's length) and answers it. */
export type FactorMinimizer = (out: Vector, x: Vector) => Vector;

export interface AlternatingDescentOptions {
  /** "cyclic", or "largest": the factor of the largest ‖gradᵢ f‖. Default "cyclic". */
  readonly order?: "cyclic" | "largest";
  /** Gradient steps in a row at each visit, ≥ 1. Default 1. */
  readonly stepsPerVisit?: number;
  /** For each factor its exact minimizer, where there is a closed form; undefined for gradient steps. */
  readonly minimizers?: readonly (FactorMinimizer | undefined)[];
}

export interface AlternatingState extends ManifoldState, Plateau {
  /** The factor of the next step, and the steps already made in its visit. */
  factor: number;
  visit: number;
  /** α of each factor's next trial. */
  stepLengths: Vector;
  /** Steps since the last that moved. */
  idle: number;
  work?: Work;
}

interface Work {
  readonly trial: ManifoldTrial;
  /** For each factor: point, gradient, trial point, and the carried gradient. */
  readonly parts: readonly (readonly [Vector, Vector, Vector, Vector])[];
}

type ProductProblem = ManifoldProblem<Manifold & ProductParts>;

const decrease = 1e-4;

export function alternatingDescent(options: AlternatingDescentOptions = {}): Method<ProductProblem, AlternatingState> {
  const name = "alternatingDescent";
  requireKnownOptions(name, options, ["order", "stepsPerVisit", "minimizers"]);
  const { order = "cyclic", stepsPerVisit = 1, minimizers = [] } = options;
  requireOneOf(name, "options.order", order, ["cyclic", "largest"]);
  requireNumber(name, "options.stepsPerVisit", stepsPerVisit, { atLeast: 1, integer: true });
  if (!Array.isArray(minimizers))
    misuse(name, "options.minimizers", describe(minimizers), "an array, one for each factor");
  minimizers.forEach((minimizer: unknown, i) => {
    if (minimizer !== undefined && typeof minimizer !== "function")
      misuse(name, `options.minimizers[${i}]`, describe(minimizer), "a function of (out, x), or undefined");
  });

  return {
    name,
    init(problem, x0) {
      const start = startManifoldState(name, problem, x0);
      const { manifold } = problem;
      if (!Array.isArray(manifold.parts))
        misuse(name, "problem.manifold", manifold.name, "a product of manifolds, made by `product` or `power`");
      if (minimizers.length > manifold.parts.length)
        misuse(
          name,
          "options.minimizers",
          `of length ${minimizers.length}`,
          `${manifold.parts.length} at most, one for each factor`,
        );
      const stepLengths = new Float64Array(manifold.parts.length);
      manifold.parts.forEach((part, i) => {
        const norm = part.norm(manifold.part(x0, i), manifold.part(start.gradient, i));
        stepLengths[i] = norm > 0 ? (0.1 * part.typicalDistance) / norm : 1;
      });
      return { ...start, ...startPlateau(start), factor: 0, visit: 0, stepLengths, idle: 0 };
    },

    step(problem, state) {
      const { manifold } = problem;
      const work = (state.work ??= newWork(manifold));
      const { trial } = work;
      state.iteration++;
      state.stepNorm = 0;
      const i = order === "largest" ? largestFactor(manifold, state, work) : state.factor;
      const minimizer = minimizers[i];
      const α =
        minimizer === undefined ? descend(problem, state, work, i) : minimizeFactor(problem, state, work, i, minimizer);
      const trialNorm = α > 0 ? trialGradientNorm(manifold, trial) : Number.NaN;
      if (Number.isFinite(trialNorm)) {
        state.idle = 0;
        if (hasEnded(state, trial.value, trialNorm)) state.failure = atRounding;
        if (minimizer === undefined) state.stepLengths[i] = nextStep(manifold, work, i, α);
        acceptManifoldTrial(manifold, state, trial, trialNorm);
      } else if (++state.idle >= (order === "largest" ? 1 : manifold.parts.length))
        state.failure = noDecrease(`no factor's step lowers f, ‖grad f‖ = ${state.gradientNorm.toExponential(2)}`);
      state.visit = α > 0 && minimizer === undefined ? state.visit + 1 : stepsPerVisit;
      if (state.visit >= stepsPerVisit) {
        state.factor = (i + 1) % manifold.parts.length;
        state.visit = 0;
      }
      return state;
    },

    diagnose: diagnoseOnManifold,
  };
}

function newWork({ length, parts }: Manifold & ProductParts): Work {
  return {
    trial: newTrial(length),
    parts: parts.map((part) => [part.zero(), part.zero(), part.zero(), part.zero()]),
  };
}

function largestFactor(manifold: Manifold & ProductParts, state: AlternatingState, { parts }: Work): number {
  let [best, most] = [0, -1];
  for (let i = 0; i < parts.length; i++) {
    const [x, g] = parts[i]!;
    x.set(manifold.part(state.x, i));
    g.set(manifold.part(state.gradient, i));
    const norm = manifold.parts[i]!.norm(x, g);
    if (norm > most) [best, most] = [i, norm];
  }
  return best;
}

/** A gradient step of factor i with backtracking; the whole trial point and ∇f there are left in `work.trial`. Answers α, or 0. */
function descend(problem: Counted<ProductProblem>, state: AlternatingState, { trial, parts }: Work, i: number): number {
  const { manifold } = problem;
  const part = manifold.parts[i]!;
  const [x, g, y] = parts[i]!;
  x.set(manifold.part(state.x, i));
  g.set(manifold.part(state.gradient, i));
  const square = part.inner(x, g, g);
  if (!(square > 0)) return 0;
  trial.x.set(state.x);
  const place = manifold.part(trial.x, i);
  const phi = (α: number) => {
    part.retractInto(y, x, g, -α);
    if (!Number.isFinite(y[0])) return Number.NaN;
    place.set(y);
    trial.value = valueAndGradientInto(problem, trial.euclideanGradient, trial.x);
    return trial.value;
  };
  const settings = { initialStep: state.stepLengths[i], sufficientDecrease: decrease };
  const { accepted, step } = armijo(phi, state.value, -square, settings, noiseOf(state.value));
  trial.stepNorm = step * Math.sqrt(square);
  return accepted ? step : 0;
}

/** The exact minimizer of factor i, taken where f doesn't rise. Answers 1, or 0. */
function minimizeFactor(
  problem: Counted<ProductProblem>,
  state: AlternatingState,
  { trial, parts }: Work,
  i: number,
  minimizer: FactorMinimizer,
): number {
  const { manifold } = problem;
  const y = minimizer(parts[i]![2], state.x);
  manifold.parts[i]!.checkPoint("alternatingDescent", `the result of options.minimizers[${i}]`, y);
  trial.x.set(state.x);
  const place = manifold.part(trial.x, i);
  let square = 0;
  for (let k = 0; k < y.length; k++) square += (y[k] - place[k]) ** 2;
  place.set(y);
  trial.value = valueAndGradientInto(problem, trial.euclideanGradient, trial.x);
  trial.stepNorm = Math.sqrt(square);
  return square > 0 && trial.value <= state.value + noiseOf(state.value) ? 1 : 0;
}

/** α of the factor's next trial, while the state is still at x and the trial at x⁺. */
function nextStep(manifold: Manifold & ProductParts, { trial, parts }: Work, i: number, α: number): number {
  const part = manifold.parts[i]!;
  const [x, g, y, carried] = parts[i]!;
  y.set(manifold.part(trial.x, i));
  part.transportInto(carried, x, y, g);
  const tt = part.inner(y, carried, carried);
  g.set(manifold.part(trial.gradient, i));
  const sy = α * (tt - part.inner(y, carried, g));
  return sy > 0 ? Math.min(1e20, Math.max(1e-20, (α * α * tt) / sy)) : Math.min(1e20, 10 * α);
}
