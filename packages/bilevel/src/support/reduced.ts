// Descent on the reduced objective Φ(x) = F(x, y(x)): spectral projected gradient steps, or steps of a constant length where F and f are sampled.
import { type Counted, misuse, type Vector } from "@hessia/core";
import { type BilevelProblem, type BilevelState, bilevelStart, type Objective, objectivesOf } from "../problem.js";
import {
  newSpectralWork,
  type Smooth,
  type SpectralState,
  type SpectralWork,
  spectralStart,
  spectralStep,
} from "./spectral.js";

export interface ReducedState extends BilevelState {
  /** Over x alone. */
  spectral: SpectralState | null;
  /** Steps in a row that were refused. */
  refused: number;
  /** Products with the lower level's Hessian, and steps of its solver. */
  products: number;
  innerSteps: number;
  work?: ReducedWork;
}

interface ReducedWork {
  readonly smooth: Smooth;
  readonly spectral: SpectralWork;
}

/** Φ and ∇Φ at the x of z; y is left in z. `failure` where there is none. */
export type Reduce = (
  gradient: Vector,
  z: Vector,
  objectives: { readonly upper: Objective; readonly lower: Objective },
) => {
  readonly value: number;
  readonly products: number;
  readonly innerSteps: number;
  readonly lowerGradient: number;
  readonly failure?: string;
};

export function reducedStart(
  method: string,
  problem: Counted<BilevelProblem>,
  z0: ArrayLike<number>,
  upperStep: number | undefined,
): Omit<ReducedState, "work"> {
  if (problem.lowerObjective.hessianApplyInto === undefined)
    misuse(
      method,
      "problem",
      "without products with the Hessian of the lower objective",
      "a lower objective with `hessianApplyInto`",
      "lvHba, meha and f2sa need gradients only.",
    );
  if (problem.sample !== undefined && upperStep === undefined)
    misuse(method, "options.upperStep", "undefined", "a step length > 0, since F and f are sampled");
  return { ...bilevelStart(method, problem, z0), spectral: null, refused: 0, products: 0, innerSteps: 0 };
}

/** One step of x; Φ is made once for a run, by `makeReduce`. `gradient` is ∇Φ in its first n entries, `gradientNorm` the projected one's ‖·‖∞, `gap` is ‖∇ᵧf‖∞ at the solution of the lower level that was taken. */
export function reducedStep(
  problem: Counted<BilevelProblem>,
  state: ReducedState,
  upperStep: number | undefined,
  makeReduce: () => Reduce,
): ReducedState {
  const { upperDimension: n } = problem;
  const work = (state.work ??= newWork(problem, state, makeReduce()));
  const { smooth } = work;
  state.iteration++;
  if (upperStep !== undefined) return plainStep(problem, state, smooth, upperStep);
  const first = state.spectral === null;
  state.spectral ??= spectralStart(smooth, state.x.slice(0, n));
  const { spectral } = state;
  // The first step only looks: what x0 gives is a result too.
  state.stepNorm = first ? Number.POSITIVE_INFINITY : spectralStep(smooth, spectral, work.spectral);
  state.refused = state.stepNorm === 0 ? state.refused + 1 : 0;
  if (!first) {
    // The lower level's solution at the x that was kept, not at the last trial.
    state.x.set(spectral.u);
    smooth.valueAndGradientInto(work.spectral.gradient, spectral.u);
  }
  finish(state, spectral.u, spectral.gradient, spectral.value, spectral.residual);
  if (state.refused >= 5)
    state.failure ??= {
      rule: "noProgress",
      detail: `no decrease of F(x, y(x)); ‖∇Φ‖∞ = ${state.gradientNorm.toExponential(2)}`,
    };
  return state;
}

function newWork(problem: Counted<BilevelProblem>, state: ReducedState, reduce: Reduce): ReducedWork {
  const { upperDimension: n, upperSet } = problem;
  return {
    spectral: newSpectralWork(n),
    smooth: {
      affine: problem.upperIsFree || upperSet.kind === "affine set",
      valueAndGradientInto(out, x) {
        state.x.set(x);
        const { value, products, innerSteps, lowerGradient, failure } = reduce(
          out,
          state.x,
          objectivesOf(problem, state.iteration),
        );
        state.products += products;
        state.innerSteps += innerSteps;
        state.gap = lowerGradient;
        if (failure === undefined) return value;
        state.failure ??= {
          rule: "lowerNotStronglyConvex",
          detail: `${failure}; likely causes: (a) the lower level's solution isn't unique: take lvHba, bicGaffa or meha, (b) its solver stopped too early`,
        };
        return Number.NaN;
      },
      project: (x) => {
        upperSet.projectInto(x, x);
      },
    },
  };
}

/** x ← P(x − α ∇Φ). */
function plainStep(problem: Counted<BilevelProblem>, state: ReducedState, smooth: Smooth, step: number): ReducedState {
  const { upperDimension: n } = problem;
  const x = state.x.slice(0, n);
  const gradient = new Float64Array(n);
  const value = smooth.valueAndGradientInto(gradient, x);
  const next = x.map((xi, i) => xi - step * gradient[i]!);
  smooth.project(next);
  if (!next.every(Number.isFinite)) {
    state.failure ??= { rule: "nonFinite", detail: "a step isn't finite; take a smaller `upperStep`" };
    return state;
  }
  let length = 0;
  let most = 0;
  for (let i = 0; i < n; i++) {
    const moved = next[i]! - x[i]!;
    length += moved * moved;
    most = Math.max(most, Math.abs(moved) / step);
  }
  state.stepNorm = Math.sqrt(length);
  finish(state, next, gradient, value, most);
  return state;
}

function finish(state: ReducedState, x: Vector, gradient: Vector, value: number, norm: number): void {
  state.x.set(x);
  state.gradient.fill(0);
  state.gradient.set(gradient);
  if (!Number.isFinite(norm)) return;
  state.gradientNorm = norm;
  state.value = value;
}
