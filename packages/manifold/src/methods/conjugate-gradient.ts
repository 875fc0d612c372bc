// Nonlinear conjugate gradients.
//
//   min f(x),   x⁺ = R_x(t η),   η⁺ = −g⁺ + β T η,   g = grad f(x), T the manifold's transport from x to x⁺
//
// Absil, Mahony, Sepulchre, "Optimization Algorithms on Matrix Manifolds" (2008), Algorithm 13; Sato 2022, "Riemannian conjugate gradient methods: general framework and specific
// algorithms with convergence analyses", SIAM J. Optim. 32(4), Algorithm 1, with y = g⁺ − T g:
//
//   fletcherReeves        ‖g⁺‖²/‖g‖²                        Fletcher, Reeves 1964
//   daiYuan               ‖g⁺‖²/⟨y, Tη⟩                     Dai, Yuan 1999
//   polakRibierePlus      max(0, ⟨g⁺, y⟩/‖g‖²)              Polak, Ribière 1969; Gilbert, Nocedal 1992
//   hestenesStiefelPlus   max(0, ⟨g⁺, y⟩/⟨y, Tη⟩)           Hestenes, Stiefel 1952
//   hagerZhang            ⟨y − 2 Tη ‖y‖²/⟨y, Tη⟩, g⁺⟩/⟨y, Tη⟩, at least −1/(‖η‖ min(0.01, ‖g‖))     Hager, Zhang 2005
//
// Deviations:
// 1. Where T η or T g is longer than η or g it is scaled back to that length (Sato, Iwai 2015, "A new, globally convergent Riemannian conjugate gradient method", Optimization 64(4)).
// 2. Steps meet the strong Wolfe conditions with c₂ = 0.25; t begins where the last step's first-order decrease would be met again (Nocedal, Wright 2006, eq. 3.60).
// 3. ⟨y, Tη⟩ is taken as ⟨g⁺, Tη⟩ − ⟨g, η⟩, which it is for an isometric transport.
// 4. The rules of Fletcher and Reeves and of Dai and Yuan, which jam, take β = 0 where |⟨g⁺, Tg⟩| ≥ ½‖g⁺‖² (Powell 1977, "Restart procedures for the conjugate gradient method").
// 5. It restarts with −g where η⁺ isn't a descent direction, ⟨g⁺, η⁺⟩ > −1e-10 ‖g⁺‖‖η⁺‖, and where the search along η fails.
import { type Counted, type Method, requireKnownOptions, requireOneOf, type Vector } from "@hessia/core";
import { type ManifoldProblem, type ManifoldState, type ManifoldTrial, startManifoldState } from "../problem.js";
import { acceptFound, searchAlong } from "../support/line-search.js";
import { diagnoseOnManifold, newTrial, noDecrease, type Plateau, startPlateau } from "../support/trial.js";

export const conjugateGradientRules = [
  "fletcherReeves",
  "daiYuan",
  "polakRibierePlus",
  "hestenesStiefelPlus",
  "hagerZhang",
] as const;

export type ConjugateGradientRule = (typeof conjugateGradientRules)[number];

export interface ConjugateGradientOptions {
  /** The formula of β. Default "hestenesStiefelPlus". */
  readonly rule?: ConjugateGradientRule;
}

export interface ConjugateGradientState extends ManifoldState, Plateau {
  /** η. */
  direction: Vector;
  /** ⟨g, η⟩. */
  slope: number;
  /** t of the next first trial. */
  nextStep: number;
  work?: Work;
}

interface Work {
  readonly trial: ManifoldTrial;
  readonly carried: Vector;
  readonly carriedGradient: Vector;
}

const curvature = 0.25;
/** Powell's test: β = 0 where |⟨g⁺, Tg⟩| isn't below this share of ‖g⁺‖². */
const restartShare = 0.5;

export function conjugateGradient(
  options: ConjugateGradientOptions = {},
): Method<ManifoldProblem, ConjugateGradientState> {
  const name = "conjugateGradient";
  requireKnownOptions(name, options, ["rule"]);
  const { rule = "hestenesStiefelPlus" } = options;
  requireOneOf(name, "options.rule", rule, conjugateGradientRules);

  return {
    name,
    init(problem, x0) {
      const start = startManifoldState(name, problem, x0);
      const state = { ...start, ...startPlateau(start), direction: new Float64Array(x0.length), slope: 0, nextStep: 1 };
      restart(state, 0.1 * problem.manifold.typicalDistance);
      return state;
    },

    step(problem, state) {
      const n = state.x.length;
      const work = (state.work ??= {
        trial: newTrial(n),
        carried: new Float64Array(n),
        carriedGradient: new Float64Array(n),
      });
      const { trial, carried } = work;
      state.iteration++;
      state.stepNorm = 0;
      const attempt = () => {
        const { direction, slope, nextStep: initialStep } = state;
        return searchAlong(problem, state, { direction, slope, initialStep, curvature }, trial, carried);
      };
      let t = attempt();
      if (t === 0 && state.slope !== -state.gradientNorm * state.gradientNorm) {
        restart(state, state.nextStep * problem.manifold.norm(state.x, state.direction));
        t = attempt();
      }
      if (t === 0) {
        state.failure = noDecrease("the line search found no decrease along −grad f");
        return state;
      }
      const previous = { slope: state.slope, t };
      newDirection(problem, state, work, rule);
      acceptFound(problem, state, trial);
      finishDirection(problem, state, previous);
      return state;
    },

    diagnose: diagnoseOnManifold,
  };
}

/** η ← −g, with a first trial of the given length. */
function restart(state: ConjugateGradientState, length: number): void {
  const { direction, gradient, gradientNorm } = state;
  for (let i = 0; i < direction.length; i++) direction[i] = -gradient[i];
  state.slope = -gradientNorm * gradientNorm;
  state.nextStep = gradientNorm > 0 ? length / gradientNorm : 1;
}

/** η ← −g⁺ + β T η while the state is still at x and the trial at x⁺; T η lies in `carried`. */
function newDirection(
  { manifold }: Counted<ManifoldProblem>,
  state: ConjugateGradientState,
  { trial, carried, carriedGradient }: Work,
  rule: ConjugateGradientRule,
): void {
  const { x, direction, gradient, gradientNorm, slope } = state;
  const { x: y, gradient: newGradient } = trial;
  const η = manifold.norm(x, direction);
  shorten(carried, manifold.norm(y, carried), η);
  const newSquare = manifold.inner(y, newGradient, newGradient);
  manifold.transportInto(carriedGradient, x, y, gradient);
  shorten(carriedGradient, manifold.norm(y, carriedGradient), gradientNorm);
  const across = manifold.inner(y, newGradient, carriedGradient);
  const orthogonal = Math.abs(across) < restartShare * newSquare;
  let β = orthogonal ? newSquare / (gradientNorm * gradientNorm) : 0;
  if (rule !== "fletcherReeves") {
    const along = manifold.inner(y, newGradient, carried);
    const change = along - slope;
    const gy = newSquare - across;
    if (rule === "daiYuan") β = orthogonal ? newSquare / change : 0;
    else if (rule === "polakRibierePlus") β = Math.max(0, gy / (gradientNorm * gradientNorm));
    else if (rule === "hestenesStiefelPlus") β = Math.max(0, gy / change);
    else {
      const yy = newSquare - 2 * across + manifold.inner(y, carriedGradient, carriedGradient);
      const least = -1 / (η * Math.min(0.01, gradientNorm));
      β = Math.max(least, (gy - (2 * along * yy) / change) / change);
    }
  }
  if (!Number.isFinite(β)) β = 0;
  for (let i = 0; i < direction.length; i++) direction[i] = β * carried[i] - newGradient[i];
}

function shorten(u: Vector, length: number, limit: number): void {
  if (!(length > limit)) return;
  for (let i = 0; i < u.length; i++) u[i] *= limit / length;
}

/** The slope of the new direction at the new point, a restart where it doesn't descend, and the first trial. */
function finishDirection(
  { manifold }: Counted<ManifoldProblem>,
  state: ConjugateGradientState,
  previous: { readonly slope: number; readonly t: number },
): void {
  const { x, gradient, direction, gradientNorm } = state;
  state.slope = manifold.inner(x, gradient, direction);
  const size = manifold.norm(x, direction);
  if (!(state.slope <= -1e-10 * gradientNorm * size)) restart(state, state.stepNorm);
  else state.nextStep = previous.t * Math.min(10, previous.slope / state.slope);
}
