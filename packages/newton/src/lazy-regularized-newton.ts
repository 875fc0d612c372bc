// Gradient-regularized Newton with lazy Hessians, for convex functions.
//
//   min f(x),   x⁺ = x − (∇²f(z) + λI)⁻¹ ∇f(x),   λ = √(M ‖∇f(x)‖₂)
//
// with the Hessian taken at a snapshot point z, renewed every m steps.
// Doikov, Chayti, Jaggi, "Second-order optimization with lazy Hessians" (ICML 2023), Algorithm 2.
//
// Deviations:
// 1. M is found along the way: a step is accepted when ⟨∇f(x⁺), x − x⁺⟩ ≥ ‖∇f(x⁺)‖² / (4λ), which for convex f implies
//    the decrease f(x) − f(x⁺) ≥ ‖∇f(x⁺)‖² / (4λ) (Doikov, Mishchenko, Nesterov 2022, "Super-universal regularized Newton
//    method", Algorithm 1); accepted: M/4, rejected: 4M.
// 2. When a step with a stale Hessian is rejected, the phase ends and the Hessian is renewed where we stand.
// 3. A snapshot whose Hessian has an eigenvalue below −λ shows that f is not convex: the method stops and says so.
import {
  acceptTrial,
  type Counted,
  factorizing,
  type GradientState,
  type HessianProblem,
  type Method,
  misuse,
  requireKnownOptions,
  requireNumber,
  type Shifted,
  solveShiftedInto,
  startState,
} from "@hessia/core";
import { dot, norm2, normInf } from "@hessia/core/linear";
import { type HessianWork, hessianWork, leastCurvature, prepareHessian, requireCurvature } from "./hessian.js";

export interface LazyRegularizedNewtonOptions {
  /** m, the steps that one Hessian serves at most: a positive integer or "dimension" (n). Default "dimension". */
  readonly hessianPeriod?: number | "dimension";
  /** The first M, > 0. Default 1. */
  readonly initialM?: number;
}

export interface LazyRegularizedState extends GradientState {
  /** The regularization constant. */
  M: number;
  /** Steps made with the present Hessian. */
  age: number;
  /** m. */
  readonly period: number;
  /** The prepared Hessian of the snapshot point. */
  hessian: Shifted | null;
  work?: HessianWork;
}

const smallestM = 1e-100;
const maxTrials = 60;

export function lazyRegularizedNewton(
  options: LazyRegularizedNewtonOptions = {},
): Method<HessianProblem, LazyRegularizedState> {
  const name = "lazyRegularizedNewton";
  requireKnownOptions(name, options, ["hessianPeriod", "initialM"]);
  const { hessianPeriod = "dimension", initialM = 1 } = options;
  if (typeof hessianPeriod === "number")
    requireNumber(name, "hessianPeriod", hessianPeriod, { atLeast: 1, integer: true });
  else if (hessianPeriod !== "dimension")
    misuse(name, "hessianPeriod", JSON.stringify(hessianPeriod), 'a positive integer or "dimension"');
  requireNumber(name, "initialM", initialM, { above: 0, below: Number.POSITIVE_INFINITY });

  return {
    name,
    init(problem, x0) {
      requireCurvature(name, problem, true);
      const period = hessianPeriod === "dimension" ? Math.max(1, x0.length) : hessianPeriod;
      return { ...startState(name, problem, x0), M: initialM, age: 0, period, hessian: null };
    },

    step(problem, state) {
      const work = (state.work ??= hessianWork(state.x.length));
      const { trial, step: s } = work;
      state.iteration++;
      state.stepNorm = 0;
      if (state.hessian === null || state.age >= state.period) takeSnapshot(problem, state, work);

      for (let attempt = 0; attempt < maxTrials; attempt++) {
        const { x, value, gradient } = state;
        const lambda = Math.sqrt(state.M * norm2(gradient));
        if (!solveAt(problem, state, work, lambda)) {
          if (state.age > 0) {
            takeSnapshot(problem, state, work);
            continue;
          }
          state.failure = {
            rule: "notConvex",
            detail: `∇²f + λI is not positive definite at λ = ${lambda.toExponential(1)}: f is not convex here; use lazyCubicNewton() or trustRegion()`,
          };
          return state;
        }
        for (let i = 0; i < s.length; i++) {
          s[i] = -s[i]!;
          trial.x[i] = x[i]! + s[i]!;
        }
        trial.value = problem.value(trial.x);
        trial.stepNorm = norm2(s);
        const noise = 10 * Number.EPSILON * Math.max(1, Math.abs(value));
        if (trial.value <= value + noise) {
          problem.gradientInto(trial.gradient, trial.x);
          const size = norm2(trial.gradient);
          const lowersGradient = normInf(trial.gradient) < state.gradientNorm;
          if (
            -dot(trial.gradient, s) >= (size * size) / (4 * lambda) &&
            (trial.value < value - noise || lowersGradient)
          ) {
            acceptTrial(state, trial);
            state.age++;
            state.M = Math.max(smallestM, state.M / 4);
            return state;
          }
        }
        if (state.age > 0) takeSnapshot(problem, state, work);
        else if (trial.stepNorm <= Number.EPSILON * norm2(x)) break;
        else state.M *= 4;
      }
      state.failure = { rule: "noProgress", detail: `no step lowers f (M = ${state.M.toExponential(1)})` };
      return state;
    },

    certify(problem, state) {
      const work = (state.work ??= hessianWork(state.x.length));
      if (state.hessian === null || state.age > 0) takeSnapshot(problem, state, work);
      const least = leastCurvature(problem, state.hessian!, work, work.step);
      if (!least.holds) {
        state.failure = {
          rule: "notConvex",
          detail: `a stationary point of curvature ${least.value.toExponential(2)}; use lazyCubicNewton() or trustRegion()`,
        };
      }
      return { holds: least.holds, leastCurvature: least.value, state };
    },
  };
}

/** Solves (∇²f(z) + λI) s = ∇f(x) into `work.step`; false when the matrix is not positive definite. */
function solveAt(
  problem: Counted<HessianProblem>,
  state: LazyRegularizedState,
  work: HessianWork,
  lambda: number,
): boolean {
  const H = state.hessian!;
  const solve = () => solveShiftedInto(work.step, H, lambda, state.gradient, work.secular);
  return H.kind === "tridiagonal" ? solve() : factorizing(problem, solve);
}

function takeSnapshot(problem: Counted<HessianProblem>, state: LazyRegularizedState, work: HessianWork): void {
  state.hessian = prepareHessian(problem, state.x, work, state.hessian);
  state.age = 0;
}
