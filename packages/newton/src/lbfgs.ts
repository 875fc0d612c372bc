// Limited-memory BFGS with a strong Wolfe line search: the first-order baseline.
//
//   min f(x),   x⁺ = x − α H g,   H ≈ ∇²f⁻¹ from the last `memory` pairs s = x⁺ − x, y = ∇f(x⁺) − ∇f(x)
//
// Liu, Nocedal 1989, "On the limited memory BFGS method for large scale optimization"; the two-loop recursion and the
// scaling γ = sᵀy / yᵀy as in Nocedal, Wright, "Numerical Optimization" (2006), Algorithms 7.4 and 7.5.
//
// Deviations:
// 1. A pair with sᵀy ≤ 1e-10 ‖s‖‖y‖ is skipped (possible only when the line search ran out of evaluations).
// 2. When the search fails along H g, the memory is dropped and one steepest-descent search is tried before giving up.
import {
  acceptTrial,
  type Counted,
  type GradientProblem,
  type GradientState,
  type Method,
  requireKnownOptions,
  requireNumber,
  startState,
  strongWolfe,
  type Vector,
  valueAndGradientInto,
} from "@hessia/core";
import { axpy, dot, norm2, normInf } from "@hessia/core/linear";
import { newTrial, type Trial } from "./hessian.js";

export interface LbfgsOptions {
  /** Pairs kept, 1 to 100. Default 10. */
  readonly memory?: number;
}

export interface LbfgsState extends GradientState {
  /** The stored pairs as rows of `memory` × n arrays, used as rings: `pairs` of them, the newest at row `newest`. */
  s: Vector;
  y: Vector;
  /** 1 / sᵀy of each row. */
  rho: Vector;
  pairs: number;
  newest: number;
  work?: Work;
}

interface Work {
  readonly direction: Vector;
  readonly alpha: Vector;
  readonly trial: Trial;
}

export function lbfgs(options: LbfgsOptions = {}): Method<GradientProblem, LbfgsState> {
  const name = "lbfgs";
  requireKnownOptions(name, options, ["memory"]);
  const { memory = 10 } = options;
  requireNumber(name, "memory", memory, { atLeast: 1, atMost: 100, integer: true });

  return {
    name,
    init(problem, x0) {
      const n = x0.length;
      return {
        ...startState(name, problem, x0),
        s: new Float64Array(memory * n),
        y: new Float64Array(memory * n),
        rho: new Float64Array(memory),
        pairs: 0,
        newest: -1,
      };
    },

    step(problem, state) {
      const work = (state.work ??= newWork(state.x.length, memory));
      state.iteration++;
      state.stepNorm = 0;
      twoLoop(work.direction, state, work, memory);
      let found = search(problem, state, work);
      if (!found && state.pairs > 0) {
        state.pairs = 0;
        twoLoop(work.direction, state, work, memory);
        found = search(problem, state, work);
      }
      if (!found) {
        state.failure = { rule: "noProgress", detail: "the line search found no decrease along −∇f" };
        return state;
      }
      storePair(state, work, memory);
      acceptTrial(state, work.trial);
      return state;
    },
  };
}

function newWork(n: number, memory: number): Work {
  return {
    direction: new Float64Array(n),
    alpha: new Float64Array(memory),
    trial: newTrial(n),
  };
}

/** out = −H g by the two-loop recursion. */
function twoLoop(out: Vector, state: LbfgsState, { alpha }: Work, memory: number): void {
  const { gradient, s, y, rho, pairs, newest } = state;
  const n = gradient.length;
  for (let i = 0; i < n; i++) out[i] = -gradient[i]!;
  const row = (array: Vector, age: number) => {
    const r = (newest - age + memory) % memory;
    return array.subarray(r * n, (r + 1) * n);
  };
  for (let age = 0; age < pairs; age++) {
    const k = (newest - age + memory) % memory;
    alpha[k] = rho[k]! * dot(row(s, age), out);
    axpy(out, -alpha[k]!, row(y, age));
  }
  if (pairs > 0) {
    const last = row(y, 0);
    const gamma = 1 / (rho[newest]! * dot(last, last));
    for (let i = 0; i < n; i++) out[i] = gamma * out[i]!;
  }
  for (let age = pairs - 1; age >= 0; age--) {
    const k = (newest - age + memory) % memory;
    const beta = rho[k]! * dot(row(y, age), out);
    axpy(out, alpha[k]! - beta, row(s, age));
  }
}

/** Searches along `work.direction`; leaves the point found, its value and gradient in `work.trial`. */
function search(problem: Counted<GradientProblem>, state: LbfgsState, { direction, trial }: Work): boolean {
  const { x, value, gradient } = state;
  const slope = dot(gradient, direction);
  if (!(slope < 0)) return false;
  const phi = (step: number) => {
    for (let i = 0; i < x.length; i++) trial.x[i] = x[i]! + step * direction[i]!;
    trial.value = valueAndGradientInto(problem, trial.gradient, trial.x);
    return { value: trial.value, slope: dot(trial.gradient, direction) };
  };
  // The first direction has no scale of its own: begin with a step of length at most 1.
  const length = norm2(direction);
  const initialStep = state.pairs > 0 ? 1 : Math.min(1, 1 / length);
  const outcome = strongWolfe(phi, value, slope, { initialStep });
  trial.stepNorm = outcome.step * length;
  const rounding = Math.abs(outcome.value - value) <= 10 * Number.EPSILON * Math.max(1, Math.abs(value));
  return outcome.accepted && !(rounding && normInf(trial.gradient) >= state.gradientNorm && outcome.value >= value);
}

function storePair(state: LbfgsState, { trial }: Work, memory: number): void {
  const { x, gradient, s, y, rho } = state;
  const n = x.length;
  const next = (state.newest + 1) % memory;
  const sRow = s.subarray(next * n, (next + 1) * n);
  const yRow = y.subarray(next * n, (next + 1) * n);
  for (let i = 0; i < n; i++) {
    sRow[i] = trial.x[i]! - x[i]!;
    yRow[i] = trial.gradient[i]! - gradient[i]!;
  }
  const sy = dot(sRow, yRow);
  if (!(sy > 1e-10 * norm2(sRow) * norm2(yRow))) {
    // The row just written held the oldest pair when the ring was full.
    if (state.pairs === memory) state.pairs--;
    return;
  }
  rho[next] = 1 / sy;
  state.newest = next;
  state.pairs = Math.min(memory, state.pairs + 1);
}
