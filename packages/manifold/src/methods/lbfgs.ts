// Limited-memory BFGS.
//
//   min f(x),   x⁺ = R_x(−t H g),   H ≈ (Hess f)⁻¹ from the last `memory` pairs s = T(t η), y = g⁺ − T g, g = grad f(x), all carried to the present point by T
//
// Huang, Gallivan, Absil 2015, "A Broyden class of quasi-Newton methods for Riemannian optimization", SIAM J. Optim. 25(3), Algorithm 2; the two-loop recursion of Nocedal, Wright,
// "Numerical Optimization" (2006), Algorithm 7.4, in the inner product of the manifold; cautious update of Huang, Absil, Gallivan 2018, "A Riemannian BFGS method without
// differentiated retraction for nonconvex optimization problems", SIAM J. Optim. 28(1), eq. 4: a pair is kept where ⟨s, y⟩ ≥ 1e-4 ‖g‖ ⟨s, s⟩.
//
// Deviations:
// 1. T is the manifold's transport and needn't be an isometry, nor meet the locking condition of 2015: ρ = 1/⟨s, y⟩ is taken anew from the carried pairs, and a pair whose ⟨s, y⟩ is
//    no longer positive (by 1e-10 of ‖s‖‖y‖) is passed over.
// 2. When the search fails along −H g, the memory is dropped and one search along −g is tried before giving up.
import { type Counted, type Method, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { axpy } from "@hessia/core/linear";
import type { Manifold } from "../manifold.js";
import { type ManifoldProblem, type ManifoldState, type ManifoldTrial, startManifoldState } from "../problem.js";
import { acceptFound, searchAlong } from "../support/line-search.js";
import { diagnoseOnManifold, newTrial, noDecrease, type Plateau, startPlateau } from "../support/trial.js";

export interface LbfgsOptions {
  /** Pairs kept, 1 to 100. Default 30. Each is carried along at each step: two transports a pair. */
  readonly memory?: number;
}

export interface LbfgsState extends ManifoldState, Plateau {
  /** The pairs, tangents at the present x, used as rings: `pairs` of them, the newest at `newest`. */
  s: Vector[];
  y: Vector[];
  /** 1/⟨s, y⟩ of each, 0 where the pair is passed over. */
  rho: Vector;
  pairs: number;
  newest: number;
  work?: Work;
}

interface Work {
  readonly direction: Vector;
  readonly carried: Vector;
  readonly alpha: Vector;
  readonly trial: ManifoldTrial;
}

export function lbfgs(options: LbfgsOptions = {}): Method<ManifoldProblem, LbfgsState> {
  const name = "lbfgs";
  requireKnownOptions(name, options, ["memory"]);
  const { memory = 30 } = options;
  requireNumber(name, "options.memory", memory, { atLeast: 1, atMost: 100, integer: true });

  return {
    name,
    init(problem, x0) {
      const start = startManifoldState(name, problem, x0);
      return { ...start, ...startPlateau(start), s: [], y: [], rho: new Float64Array(memory), pairs: 0, newest: -1 };
    },

    step(problem, state) {
      const n = state.x.length;
      const work = (state.work ??= {
        direction: new Float64Array(n),
        carried: new Float64Array(n),
        alpha: new Float64Array(memory),
        trial: newTrial(n),
      });
      state.iteration++;
      state.stepNorm = 0;
      const { manifold } = problem;
      twoLoopInto(work.direction, manifold, state, work.alpha);
      let t = search(problem, state, work);
      if (t === 0 && state.pairs > 0) {
        state.pairs = 0;
        twoLoopInto(work.direction, manifold, state, work.alpha);
        t = search(problem, state, work);
      }
      if (t === 0) {
        state.failure = noDecrease("the line search found no decrease along −grad f");
        return state;
      }
      carryPairs(manifold, state, work);
      storePair(manifold, state, work, t);
      acceptFound(problem, state, work.trial);
      return state;
    },

    diagnose: diagnoseOnManifold,
  };
}

/** out ← −H g. */
function twoLoopInto(out: Vector, manifold: Manifold, state: LbfgsState, alpha: Vector): void {
  const { x, gradient, s, y, rho, pairs, newest } = state;
  const memory = rho.length;
  for (let i = 0; i < out.length; i++) out[i] = -gradient[i];
  let γ = 0;
  for (let age = 0; age < pairs; age++) {
    const k = (newest - age + memory) % memory;
    if (rho[k] === 0) continue;
    if (γ === 0) γ = 1 / (rho[k] * manifold.inner(x, y[k]!, y[k]!));
    alpha[k] = rho[k] * manifold.inner(x, s[k]!, out);
    axpy(out, -alpha[k], y[k]!);
  }
  if (γ > 0) for (let i = 0; i < out.length; i++) out[i] *= γ;
  for (let age = pairs - 1; age >= 0; age--) {
    const k = (newest - age + memory) % memory;
    if (rho[k] === 0) continue;
    axpy(out, alpha[k] - rho[k] * manifold.inner(x, y[k]!, out), s[k]!);
  }
}

function search(problem: Counted<ManifoldProblem>, state: LbfgsState, work: Work): number {
  const { manifold } = problem;
  const { direction, trial, carried } = work;
  const slope = manifold.inner(state.x, state.gradient, direction);
  // The first direction has no scale of its own.
  const initialStep = state.pairs > 0 ? 1 : (0.1 * manifold.typicalDistance) / state.gradientNorm;
  return searchAlong(problem, state, { direction, slope, initialStep, curvature: 0.9 }, trial, carried);
}

/** Carries all pairs from x to the trial point. */
function carryPairs(manifold: Manifold, state: LbfgsState, { trial }: Work): void {
  const { x, s, y, rho, pairs, newest } = state;
  const memory = rho.length;
  // The oldest of a full ring is about to be written over.
  for (let age = 0; age < Math.min(pairs, memory - 1); age++) {
    const k = (newest - age + memory) % memory;
    manifold.transportInto(s[k]!, x, trial.x, s[k]!);
    manifold.transportInto(y[k]!, x, trial.x, y[k]!);
    rho[k] = inverseOf(manifold, trial.x, s[k]!, y[k]!, 1e-10);
  }
}

/** 1/⟨s, y⟩; 0 where it isn't above `least` ‖s‖‖y‖. */
function inverseOf(manifold: Manifold, x: Vector, s: Vector, y: Vector, least: number): number {
  const sy = manifold.inner(x, s, y);
  return sy > least * manifold.norm(x, s) * manifold.norm(x, y) ? 1 / sy : 0;
}

function storePair(manifold: Manifold, state: LbfgsState, { trial, carried }: Work, t: number): void {
  const { x, gradient, gradientNorm, s, y, rho } = state;
  const next = (state.newest + 1) % rho.length;
  const [sRow, yRow] = [(s[next] ??= manifold.zero()), (y[next] ??= manifold.zero())];
  manifold.transportInto(yRow, x, trial.x, gradient);
  for (let i = 0; i < x.length; i++) {
    sRow[i] = t * carried[i];
    yRow[i] = trial.gradient[i] - yRow[i];
  }
  const ρ = inverseOf(manifold, trial.x, sRow, yRow, 1e-10);
  const cautious = ρ > 0 && 1 / ρ >= 1e-4 * gradientNorm * manifold.inner(trial.x, sRow, sRow);
  if (!cautious) {
    // The row just written held the oldest pair when the ring was full.
    if (state.pairs === rho.length) state.pairs--;
    return;
  }
  rho[next] = ρ;
  state.newest = next;
  state.pairs = Math.min(rho.length, state.pairs + 1);
}
