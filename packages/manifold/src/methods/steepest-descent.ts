// Steepest descent with Barzilai–Borwein steps.
//
//   min f(x),   x⁺ = R_x(−α grad f(x)),   α = ⟨s, s⟩/⟨s, y⟩ or ⟨s, y⟩/⟨y, y⟩ in turn, s = −α₋ T g₋, y = g − T g₋
//
// Iannazzo, Porcelli 2018, "The Riemannian Barzilai–Borwein method with nonmonotone line search and the matrix geometric mean computation", IMA J. Numer. Anal. 38(1), Algorithm 1, with
// the steps (2.10) and (2.11); the line search of Grippo, Lampariello, Lucidi 1986: f(x⁺) ≤ max of the last `memory` values − 1e-4 α‖g‖². T is the manifold's transport.
//
// Deviations:
// 1. Both steps are taken in turn (Dai, Fletcher 2005) and not chosen by their ratio.
// 2. Where ⟨s, y⟩ ≤ 0 the step grows tenfold; a step longer than the manifold's typical distance is cut to it where geodesics can't be longer without coming back.
// 3. A step that isn't accepted is shortened by interpolation (core's `armijo`), by a half where f isn't finite.
// 4. Where rounding hides the decrease of f the step is taken while ‖g‖ reaches new lows within 100 steps.
import {
  armijo,
  type Counted,
  type Method,
  requireKnownOptions,
  requireNumber,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import {
  acceptManifoldTrial,
  type ManifoldProblem,
  type ManifoldState,
  type ManifoldTrial,
  startManifoldState,
  trialGradientNorm,
} from "../problem.js";
import {
  atRounding,
  diagnoseOnManifold,
  hasEnded,
  longestStep,
  moveInto,
  newTrial,
  noDecrease,
  noiseOf,
  type Plateau,
} from "../support/trial.js";

export interface SteepestDescentOptions {
  /** The values that a step is measured against: 1 lets f fall only, more let it rise for a while. 1 to 100. Default 10. */
  readonly memory?: number;
  /** The length ‖α g‖ of the first trial step, > 0. Default: a tenth of the manifold's typical distance. */
  readonly initialLength?: number;
}

export interface SteepestDescentState extends ManifoldState, Plateau {
  /** α of the next trial. */
  stepLength: number;
  /** The last values of f as a ring, the newest at `iteration` modulo its length. */
  recent: Vector;
  work?: Work;
}

interface Work {
  readonly trial: ManifoldTrial;
  readonly carried: Vector;
}

const decrease = 1e-4;
const [shortest, longest] = [1e-20, 1e20];

export function steepestDescent(options: SteepestDescentOptions = {}): Method<ManifoldProblem, SteepestDescentState> {
  const name = "steepestDescent";
  requireKnownOptions(name, options, ["memory", "initialLength"]);
  const { memory = 10, initialLength } = options;
  requireNumber(name, "options.memory", memory, { atLeast: 1, atMost: 100, integer: true });
  if (initialLength !== undefined)
    requireNumber(name, "options.initialLength", initialLength, { above: 0, below: Number.POSITIVE_INFINITY });

  return {
    name,
    init(problem, x0) {
      const start = startManifoldState(name, problem, x0);
      const length = initialLength ?? 0.1 * problem.manifold.typicalDistance;
      return {
        ...start,
        stepLength: start.gradientNorm > 0 ? length / start.gradientNorm : 1,
        recent: new Float64Array(memory).fill(start.value),
        leastNorm: start.gradientNorm,
        sinceLeast: 0,
      };
    },

    step(problem, state) {
      const n = state.x.length;
      const work = (state.work ??= { trial: newTrial(n), carried: new Float64Array(n) });
      const { trial } = work;
      const { gradientNorm, recent } = state;
      state.iteration++;
      state.stepNorm = 0;
      const found = search(problem, state, trial);
      if (found === 0) {
        state.failure = noDecrease(`no step along −grad f lowers f, ‖grad f‖ = ${gradientNorm.toExponential(2)}`);
        return state;
      }
      const trialNorm = trialGradientNorm(problem.manifold, trial);
      if (!Number.isFinite(trialNorm)) {
        state.stepLength = 0.5 * found;
        if (state.stepLength < shortest) state.failure = noDecrease("grad f isn't finite near x");
        return state;
      }
      if (hasEnded(state, trial.value, trialNorm)) state.failure = atRounding;
      trial.stepNorm = found * gradientNorm;
      state.stepLength = nextStep(problem, state, work, found, trialNorm);
      acceptManifoldTrial(problem.manifold, state, trial, trialNorm);
      recent[state.iteration % recent.length] = state.value;
      return state;
    },

    diagnose: diagnoseOnManifold,
  };
}

/** Backtracks along −g from the state's α; leaves the point and ∇f there in `trial`. Answers α, or 0. */
function search(problem: Counted<ManifoldProblem>, state: SteepestDescentState, trial: ManifoldTrial): number {
  const { x, value, gradient, gradientNorm, recent, stepLength } = state;
  let reference = value;
  for (let i = 0; i < recent.length; i++) reference = Math.max(reference, recent[i]);
  const phi = (α: number) => {
    if (!moveInto(problem.manifold, trial, x, gradient, -α)) return Number.NaN;
    trial.value = valueAndGradientInto(problem, trial.euclideanGradient, trial.x);
    return trial.value;
  };
  const settings = { initialStep: stepLength, sufficientDecrease: decrease };
  const { accepted, step } = armijo(
    phi,
    value,
    -gradientNorm * gradientNorm,
    settings,
    Math.max(reference - value, noiseOf(value)),
  );
  return accepted ? step : 0;
}

/** The Barzilai–Borwein step after one of length α‖g‖: the long one after odd steps, the short one after even ones. */
function nextStep(
  { manifold }: Counted<ManifoldProblem>,
  state: SteepestDescentState,
  { trial, carried }: Work,
  α: number,
  trialNorm: number,
): number {
  manifold.transportInto(carried, state.x, trial.x, state.gradient);
  const tt = manifold.inner(trial.x, carried, carried);
  const tg = manifold.inner(trial.x, carried, trial.gradient);
  const sy = α * (tt - tg);
  const yy = tt - 2 * tg + trialNorm * trialNorm;
  let next = 10 * α;
  if (sy > 0) next = state.iteration % 2 === 1 ? (α * α * tt) / sy : sy / yy;
  next = Math.min(next, longestStep(manifold) / trialNorm);
  return Math.min(longest, Math.max(shortest, Number.isNaN(next) ? α : next));
}
