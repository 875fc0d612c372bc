// Matrix-free adaptive cubic regularization by conjugate gradients for many shifts.
//
//   min f(x),   (∇²f(x) + λᵢI) dᵢ = −∇f(x) for all λᵢ of a fixed grid at once,   x⁺ = x + dⱼ with ‖dⱼ‖ ≈ α λⱼ
//
// Dussault, Migot, Orban 2023, "Scalable adaptive cubic regularization methods", Math. Program., Algorithm 3 (ARCqK) with its
// CG-Lanczos (core's `shiftedConjugateGradient`): a stationary point of gᵀd + ½dᵀHd + ‖d‖³/(3α) solves (H + λI)d = −g with ‖d‖ = αλ,
// so the system that fits best stands for it. One product an iteration serves all shifts, the hard case never arises, and a
// rejected step costs no product: α falls and another of the systems fits.
//
// Deviations:
// 1. A system whose solution is more than tenfold too long for the present α is given up at once: α only falls before the next products.
// 2. The best fit is sought among the systems that converged and, where products ran out, among CG iterates too (every one is a
//    descent direction with a model decrease that is known exactly). After a rejected step α falls to a tenth, and on until the step
//    is at most half as long: where λ is far below ‖H‖, neighbours on the grid give the same step.
// 3. A stationary point of negative curvature (found by Lanczos) is left along that direction.
// 4. Below the rounding error of f a step is accepted when it lowers ‖∇f‖ (see core's `reduction`).
// 5. `basisPeriod` > 1, lazily: the Lanczos vectors V of a step and T = VᵀHV serve further accepted steps, as a Hessian does in Doikov,
//    Chayti, Jaggi 2023. Then the model lives in span(V, r̂), r̂ the part of the new gradient outside of span(V), with one product for
//    r̂. Proved: each step is one of adaptive cubic regularization with a bounded model that has the true gradient, so every limit
//    point is stationary. Not proved: the rates of either paper.
import {
  acceptTrial,
  type Counted,
  type GradientState,
  type LinearOperator,
  type Matrix,
  type Method,
  reduction,
  requireKnownOptions,
  requireNumber,
  startState,
  type Vector,
} from "@hessia/core";
import {
  dot,
  type KrylovSpace,
  krylovSpace,
  norm2,
  normInf,
  type ShiftedSystems,
  shiftedConjugateGradient,
  shiftedSolutionInto,
  shiftedSystems,
} from "@hessia/core/linear";
import {
  type CurvatureProblem,
  certifyByProducts,
  cubicEscapeInto,
  type Escape,
  hessianOperator,
  newTrial,
  requireCurvature,
  type Trial,
} from "./hessian.js";
import { type BorderedBasis, borderBasis, borderedStepInto } from "./kept-basis.js";

export interface ArcqkOptions {
  /** The first α > 0, the inverse of the regularization: ‖d‖ = αλ. Default 10. */
  readonly initialAlpha?: number;
  /** The most products a step. Default 2n + 20; with a kept basis at most min(n, 200). */
  readonly maxProducts?: number;
  /** How many accepted steps one Lanczos basis serves; above 1 its vectors are stored (up to 200 of length n). Default 1. */
  readonly basisPeriod?: number;
}

export interface ArcqkState extends GradientState {
  /** α. */
  alpha: number;
  /** The kept basis; null with `basisPeriod` 1, and before the first. */
  space: KrylovSpace | null;
  /** Steps accepted with the kept basis. */
  age: number;
  /** The way out of a stationary point of negative curvature. */
  escape: Escape | null;
  work?: Work;
}

interface Work {
  readonly step: Vector;
  readonly right: Vector;
  readonly trial: Trial;
  readonly systems: ShiftedSystems;
  buffer: Matrix | undefined;
}

/** What a step needs to know of its model; `norm` is 0 where there is none. */
interface ModelStep {
  readonly norm: number;
  readonly predicted: number;
}

const accept = 0.1;
const verySuccessful = 0.75;
const grow = 5;
const shrink = 0.1;
const smallestAlpha = 1e-100;
const maxTrials = 60;
const storedVectors = 200;
/** Shorter steps tried when f's rounding hides the decrease and ‖∇f‖ doesn't fall. */
const roundingTrials = 4;
/** 10⁻²⁰, 10⁻¹⁹·⁵, …, 10²⁰. */
const shiftGrid = Float64Array.from({ length: 81 }, (_, i) => 10 ** (-20 + 0.5 * i));

export function arcqk(options: ArcqkOptions = {}): Method<CurvatureProblem, ArcqkState> {
  const name = "arcqk";
  requireKnownOptions(name, options, ["initialAlpha", "maxProducts", "basisPeriod"]);
  const { initialAlpha = 10, maxProducts, basisPeriod = 1 } = options;
  requireNumber(name, "initialAlpha", initialAlpha, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(name, "maxProducts", maxProducts ?? 1, { atLeast: 1, integer: true });
  requireNumber(name, "basisPeriod", basisPeriod, { atLeast: 1, integer: true });
  const newWork = (n: number): Work => ({
    step: new Float64Array(n),
    right: new Float64Array(n),
    trial: newTrial(n),
    systems: shiftedSystems(n, shiftGrid),
    buffer: undefined,
  });

  return {
    name,
    init(problem, x0) {
      requireCurvature(name, problem, false);
      return { ...startState(name, problem, x0), alpha: initialAlpha, space: null, age: 0, escape: null };
    },

    step(problem, state) {
      const n = state.x.length;
      const work = (state.work ??= newWork(n));
      const { trial, step: d, systems } = work;
      state.iteration++;
      state.stepNorm = 0;
      const { x, value, gradient } = state;
      const A = hessianOperator(problem, x, work.buffer);
      work.buffer = A.matrix ?? work.buffer;
      const lazy = state.escape === null && state.space !== null && state.age < basisPeriod;
      let bordered: BorderedBasis | null = lazy ? borderBasis(state.space!, A, gradient) : null;
      let solved = false;
      let blurred = 0;

      for (let attempt = 0; attempt < maxTrials; attempt++) {
        let model: ModelStep;
        if (state.escape !== null) model = escapeStep(d, state);
        else if (bordered !== null)
          model = borderedStepInto(d, bordered, state.space!, gradient, shiftGrid, state.alpha);
        else {
          if (!solved) {
            solveSystems(A, state, work, maxProducts ?? 2 * n + 20, basisPeriod > 1);
            solved = true;
          }
          model = chosenStep(d, systems, gradient, state.alpha);
        }
        const { norm, predicted } = model;
        if (norm > 0) {
          for (let i = 0; i < n; i++) trial.x[i] = x[i]! + d[i]!;
          trial.value = problem.value(trial.x);
          trial.stepNorm = norm;
          const { ratio, rounding } = reduction(value, trial.value, predicted);
          if (ratio >= accept) {
            problem.gradientInto(trial.gradient, trial.x);
            const trialNorm = normInf(trial.gradient);
            if (Number.isFinite(trialNorm) && !(rounding && trialNorm >= state.gradientNorm)) {
              acceptTrial(state, trial);
              state.escape = null;
              state.age++;
              if (ratio >= verySuccessful && !rounding) state.alpha = Math.min(1e100, grow * state.alpha);
              return state;
            }
            if (rounding && bordered === null && ++blurred > roundingTrials) {
              state.failure = {
                rule: "noProgress",
                detail: "f and ‖∇f‖ no longer decrease: the limit of rounding is reached",
              };
              return state;
            }
          }
        }
        // What failed with a kept basis is tried again with a fresh one.
        if (bordered !== null) bordered = null;
        else if (systems.breakdown && norm === 0) {
          state.failure = { rule: "noProgress", detail: "a Hessian-vector product isn't finite" };
          return state;
        } else if (state.escape !== null) state.alpha *= shrink;
        else lowerAlpha(state, systems, norm);
      }
      state.failure = { rule: "noProgress", detail: `no step lowers f (α = ${state.alpha.toExponential(1)})` };
      return state;
    },

    certify: (problem, state) => certifyByProducts(problem as Counted<CurvatureProblem>, state),
  };
}

/** All systems at x: their tolerance is max(√ε, min(0.01, 0.01 ‖g‖^½)), relative to ‖g‖. */
function solveSystems(A: LinearOperator, state: ArcqkState, work: Work, maxIterations: number, keep: boolean): void {
  const { gradient, alpha } = state;
  const n = gradient.length;
  for (let i = 0; i < n; i++) work.right[i] = -gradient[i]!;
  const tolerance = Math.max(Math.sqrt(Number.EPSILON), Math.min(0.01, 0.01 * Math.sqrt(norm2(gradient))));
  const shared = { tolerance, maxIterations, longest: (shift: number) => 10 * alpha * shift };
  if (keep) {
    state.space ??= krylovSpace(n, Math.min(n, storedVectors, maxIterations));
    state.age = 0;
    shiftedConjugateGradient(work.systems, A, work.right, { ...shared, space: state.space });
  } else shiftedConjugateGradient(work.systems, A, work.right, shared);
}

/** The system that fits ‖d‖ = αλ best; its model decrease −gᵀd − ½dᵀHd is ½(λ‖d‖² − gᵀd), since CG makes dᵀ(g + (H + λI)d) = 0. */
function chosenStep(d: Vector, systems: ShiftedSystems, gradient: Vector, alpha: number): ModelStep {
  const chosen = bestFit(systems, alpha);
  if (chosen < 0) return { norm: 0, predicted: 0 };
  shiftedSolutionInto(d, systems, chosen);
  const norm = norm2(d);
  return { norm, predicted: 0.5 * (systems.shifts[chosen]! * norm * norm - dot(gradient, d)) };
}

/** After a rejected step: α falls to a tenth, and on until the step that fits is half as long (deviation 2). */
function lowerAlpha(state: ArcqkState, systems: ShiftedSystems, rejected: number): void {
  do {
    state.alpha *= shrink;
    const next = bestFit(systems, state.alpha);
    if (next < 0 || systems.norms[next]! <= 0.5 * rejected) return;
  } while (state.alpha > smallestAlpha);
}

/** The index of the system that fits ‖d‖ = αλ best; −1 where there is none. */
function bestFit({ shifts, outcomes, norms }: ShiftedSystems, alpha: number): number {
  let chosen = -1;
  let misfit = Number.POSITIVE_INFINITY;
  for (let i = 0; i < shifts.length; i++) {
    if (outcomes[i] !== "converged" && outcomes[i] !== "budget") continue;
    const off = Math.abs(Math.log(norms[i]! / (alpha * shifts[i]!)));
    if (off < misfit) {
      misfit = off;
      chosen = i;
    }
  }
  return chosen;
}

/** The minimizer of −|gᵀd|t + ½κt² + t³/(3α) along the escape direction d, κ < 0: that of the cubic model with M = 2/α. */
function escapeStep(d: Vector, state: ArcqkState): ModelStep {
  const { norm, decrease } = cubicEscapeInto(d, state.gradient, state.escape!, 2 / state.alpha);
  return { norm, predicted: decrease };
}
