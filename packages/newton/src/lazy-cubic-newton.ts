// Cubic-regularized Newton with lazy Hessians.
//
//   min f(x),   x⁺ = argmin_y ⟨∇f(x), y − x⟩ + ½⟨∇²f(z)(y − x), y − x⟩ + (M/6)‖y − x‖³
//
// with the gradient fresh at every step and the Hessian taken at a snapshot point z, renewed every m steps.
// Doikov, Chayti, Jaggi, "Second-order optimization with lazy Hessians" (ICML 2023), Algorithm 1 and, for the adaptive
// constant, Algorithm 3. With m = 1 this is the cubic Newton method of Nesterov, Polyak (2006).
//
// The snapshot is factored once a phase (dense: H = Q T Qᵀ, then O(n²) a step; sparse: one symbolic analysis for good),
// and every subproblem is solved to machine precision by its secular equation, hard case included.
//
// Deviations:
// 1. M is judged at each step, not at the end of a phase. A step is accepted when its decrease is at least a tenth of
//    the model's (Cartis, Gould, Toint 2011), so that no phase is ever redone.
// 2. A rejected step raises M and keeps the Hessian, as Algorithm 3 does; a step with a stale Hessian that is rejected six times renews it.
// 3. A phase ends before its m steps when a step gains less than the phase's average gain a unit of cost, both in f and in log ‖∇f‖;
//    the cost counts a Hessian as m gradients, which is what m stands for.
// 4. M follows the observed error of the quadratic model, 6 (f(x⁺) − f(x) − q(s)) / ‖s‖³: after a very successful step with a fresh
//    Hessian down to it, at most tenfold; after a rejected one up to it, within [2M, 100M] (after Gould, Porcelli, Toint 2012).
// 5. Below the rounding error of f a step is accepted when it lowers ‖∇f‖ (see core's `reduction`).
// 6. m = n rests on a Hessian that costs n gradients. A sparse one costs about as many as it has entries in a column (Curtis, Powell,
//    Reid 1974), so "dimension" is n for a dense Hessian and that mean for a sparse one.
import {
  acceptTrial,
  type Certificate,
  type Counted,
  type GradientState,
  type HessianProblem,
  type Method,
  misuse,
  reduction,
  requireKnownOptions,
  requireNumber,
  type SecularTarget,
  type Shifted,
  startState,
  valueAndGradientInto,
} from "@hessia/core";
import { normInf } from "@hessia/core/linear";
import {
  type HessianWork,
  hessianWork,
  leastCurvature,
  prepareHessian,
  requireCurvature,
  solveModel,
} from "./hessian.js";

export interface LazyCubicNewtonOptions {
  /**
   * m, the steps that one Hessian serves at most: a positive integer; "dimension" (n, which minimizes the total cost when
   * a Hessian costs n gradients: Doikov, Chayti, Jaggi 2023, §3; for a sparse Hessian its mean entries a column); or "auto": from the measured cost c of
   * a Hessian and its factorization in steps, the m that maximizes log(m + 1)/(c + m); not the same from run to run. Default "dimension".
   */
  readonly hessianPeriod?: number | "dimension" | "auto";
  /** The first M, > 0. Default: chosen from the first Hessian and gradient. */
  readonly initialM?: number;
}

export interface LazyCubicState extends GradientState {
  /** The regularization constant. */
  M: number;
  /** Steps made with the present Hessian. */
  age: number;
  /** m; 0 before it is chosen. */
  period: number;
  /** What a Hessian is taken to cost, in gradients: m, or with "auto" the measured cost; 0 before it is measured. */
  cost: number;
  /** The prepared Hessian of the snapshot point. */
  hessian: Shifted | null;
  /** The last shift Mr/2, where the next sparse solve begins. */
  shift: number;
  /** What the present phase has gained: the decrease of f and of log ‖∇f‖∞. */
  decrease: number;
  gain: number;
  /** Whether the phase ends before its m steps (deviation 3). */
  ended: boolean;
  work?: HessianWork;
}

const accept = 0.1;
const verySuccessful = 0.9;
const smallestM = 1e-100;
const maxTrials = 60;
/** How often M rises for one step with a stale Hessian before the Hessian is renewed. */
const raises = 5;
/** Shorter steps tried when f's rounding hides the decrease and ‖∇f‖ doesn't fall. */
const roundingTrials = 4;

export function lazyCubicNewton(options: LazyCubicNewtonOptions = {}): Method<HessianProblem, LazyCubicState> {
  requireKnownOptions("lazyCubicNewton", options, ["hessianPeriod", "initialM"]);
  const { hessianPeriod = "dimension", initialM } = options;
  if (typeof hessianPeriod === "number")
    requireNumber("lazyCubicNewton", "hessianPeriod", hessianPeriod, { atLeast: 1, integer: true });
  else if (hessianPeriod !== "dimension" && hessianPeriod !== "auto") {
    misuse(
      "lazyCubicNewton",
      "hessianPeriod",
      JSON.stringify(hessianPeriod),
      'a positive integer, "dimension" or "auto"',
    );
  }
  if (initialM !== undefined)
    requireNumber("lazyCubicNewton", "initialM", initialM, { above: 0, below: Number.POSITIVE_INFINITY });
  const name = "lazyCubicNewton";

  return {
    name,
    init(problem, x0) {
      requireCurvature(name, problem, true);
      const period =
        hessianPeriod === "dimension" ? entriesPerVariable(problem) : hessianPeriod === "auto" ? 0 : hessianPeriod;
      return {
        ...startState(name, problem, x0),
        M: initialM ?? 0,
        age: 0,
        period,
        cost: period,
        hessian: null,
        shift: Number.NaN,
        decrease: 0,
        gain: 0,
        ended: false,
      };
    },

    step(problem, state) {
      const work = (state.work ??= hessianWork(state.x.length));
      const { trial, step: s } = work;
      state.iteration++;
      state.stepNorm = 0;
      if (state.hessian === null || state.ended || (state.period > 0 && state.age >= state.period))
        takeSnapshot(problem, state, work);
      if (state.M === 0) state.M = firstM(state);

      let raised = 0;
      let blurred = 0;
      for (let attempt = 0; attempt < maxTrials; attempt++) {
        const { x, value, M } = state;
        const model: SecularTarget = { kind: "cubic", M };
        const { sigma, norm, predicted } = solveModel(
          problem,
          s,
          state.hessian!,
          state.gradient,
          model,
          work,
          state.shift,
        );
        for (let i = 0; i < s.length; i++) trial.x[i] = x[i]! + s[i]!;
        // The first trial of a step is nearly always taken: then one pass for f and ∇f is cheaper than two.
        const fused = attempt === 0 && norm > 0 && problem.valueAndGradientInto !== undefined;
        if (fused) trial.value = valueAndGradientInto(problem, trial.gradient, trial.x);
        else trial.value = norm > 0 ? problem.value(trial.x) : value;
        trial.stepNorm = norm;
        const { ratio, rounding } = reduction(value, trial.value, predicted);
        const observedM = M + (6 * (trial.value - value + predicted)) / (norm * norm * norm);

        if (ratio >= accept && norm > 0) {
          if (!fused) problem.gradientInto(trial.gradient, trial.x);
          const before = state.gradientNorm;
          const stale = state.age > 0;
          if (Number.isFinite(normInf(trial.gradient)) && !(rounding && normInf(trial.gradient) >= before)) {
            acceptTrial(state, trial);
            state.shift = sigma;
            state.age++;
            judgePhase(state, value - state.value, Math.log(before / state.gradientNorm));
            if (hessianPeriod === "auto" && state.age === 1) {
              state.cost = measuredCost(problem, state.hessian!);
              state.period = efficientPeriod(state.cost);
            }
            if (!stale && ratio > verySuccessful && !rounding)
              state.M = Math.max(smallestM, M / 10, Math.min(M, observedM));
            return state;
          }
          if (rounding && !stale && ++blurred > roundingTrials) {
            state.failure = {
              rule: "noProgress",
              detail: "f and ‖∇f‖ no longer decrease: the limit of rounding is reached",
            };
            return state;
          }
        }
        if (norm === 0) break;
        if (state.age > 0 && raised++ === raises) takeSnapshot(problem, state, work);
        else state.M = Number.isFinite(observedM) ? Math.min(100 * M, Math.max(2 * M, observedM)) : 10 * M;
      }
      state.failure = { rule: "noProgress", detail: `no step lowers f (M = ${state.M.toExponential(1)})` };
      return state;
    },

    certify(problem, state): Certificate<LazyCubicState> {
      const work = (state.work ??= hessianWork(state.x.length));
      if (state.hessian === null || state.age > 0) takeSnapshot(problem, state, work);
      if (state.M === 0) state.M = firstM(state);
      const least = leastCurvature(problem, state.hessian!, work, work.step);
      return { holds: least.holds, leastCurvature: least.value, state };
    },
  };
}

/** Renews the Hessian at x and factors it: the beginning of a phase. */
function takeSnapshot(problem: Counted<HessianProblem>, state: LazyCubicState, work: HessianWork): void {
  state.hessian = prepareHessian(problem, state.x, work, state.hessian);
  state.age = 0;
  state.decrease = 0;
  state.gain = 0;
  state.ended = false;
}

/** Deviation 3: a stale step that gains less than the phase's average a unit of cost, in f and in log ‖∇f‖, is the last of its phase. */
function judgePhase(state: LazyCubicState, decrease: number, gain: number): void {
  state.decrease += decrease;
  state.gain += gain;
  const cost = state.cost + state.age;
  state.ended = state.age > 1 && decrease * cost < state.decrease && gain * cost < state.gain;
}

/** Deviation 6: n for a dense Hessian, for a sparse one the mean number of entries in a column of the whole matrix. */
function entriesPerVariable(problem: HessianProblem): number {
  const H = problem.newHessian();
  if (H.kind === "dense") return Math.max(1, H.cols);
  return Math.max(1, Math.round((2 * H.values.length) / Math.max(1, H.cols)) - 1);
}

/** A first M in the units of a third derivative: the size of the Hessian over that of x. */
function firstM(state: LazyCubicState): number {
  const H = state.hessian!;
  const size = H.kind === "tridiagonal" ? H.bound : Math.max(Math.abs(H.lowerBound), Math.abs(H.upperBound));
  return Math.max(smallestM, (0.1 * size) / Math.max(1, normInf(state.x))) || 1;
}

/**
 * The measured cost of a Hessian and its factorization, in units of a further step: a gradient, and with a dense Hessian the O(n²) work of a step,
 * 6n² operations against the 4n³/3 of the reduction, at half its rate since they are bound by memory.
 */
function measuredCost(problem: Counted<HessianProblem>, H: Shifted): number {
  const { times, counts, dimension: n } = problem;
  const factorization = times.factorization / Math.max(1, counts.factorization);
  const gradient = (times.gradient + times.value) / Math.max(1, counts.gradient);
  const step = gradient + (H.kind === "tridiagonal" ? (9 / n) * factorization : factorization);
  return Math.max(1, (times.hessian / Math.max(1, counts.hessian) + factorization) / Math.max(step, 1e-4));
}

/**
 * The m that maximizes log(m + 1) / (c + m): near the solution a phase of m steps has order m + 1 (Shamanskii 1967) and costs c + m gradients
 * (the efficiency index of Ostrowski; Brent 1973).
 */
function efficientPeriod(cost: number): number {
  let m = 1;
  while (Math.log(m + 2) / (cost + m + 1) > Math.log(m + 1) / (cost + m)) m++;
  return m;
}
