// Semismooth Newton for quadratically regularized transport.
//
//   min_z f(z) = −D(x, y),   γ ∂²f(z) ∋ [diag(σ1) σ; σᵀ diag(σᵀ1)],   σ_ij = 1 where P_ij = (xᵢ + yⱼ − C_ij)₊/γ > 0, else 0
//
// Lorenz, Manns, Meyer 2021, "Quadratically regularized optimal transport", Applied Mathematics & Optimization 83, Algorithm 2: Newton steps with this element of the generalized Hessian, made definite by a
// small shift, and backtracking on f. After sweeps of their Algorithm 1 (nonlinear Gauss–Seidel), which stand for Sinkhorn's.
//
// Deviations:
// 1. The shift λ = μ min(1, e), e the marginal error, μ following the ratio of actual and predicted decrease, in place of a constant: steps near the solution are Newton's, and end on the last piece of f exactly.
// 2. The potential of the heaviest column is held, so that only the further components of the graph of σ are left to the shift. Systems are solved as support/newton-system.ts says.
// 3. Where a row or column with weight has no entry, σ says nothing of it: such a step is a sweep.
// 4. Below the rounding error of f a step is accepted when it lowers the marginal error.
// 5. A dual value above every primal one proves that forbidden arcs leave no plan.
import {
  type Counted,
  type Method,
  misuse,
  reduction,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  startPoint,
  startState,
  type Vector,
} from "@hessia/core";
import { dot } from "@hessia/core/linear";
import { marginalErrorOf, type TransportState } from "../problem.js";
import type { QuadraticProblem } from "../quadratic/problem.js";
import { type SystemSolver, solveSystemInto } from "../support/newton-system.js";
import { newQuadraticPass, type QuadraticPass, quadraticPassInto, quadraticSweep } from "../support/quadratic-pass.js";
import { type PathOption, type RegularizationPath, requirePath } from "../support/regularization-path.js";
import { heaviest } from "../support/weights.js";

export interface QuadraticNewtonOptions {
  /** Sweeps before the first Newton step, ≥ 0. Default 3. */
  readonly sweeps?: number;
  /** μ at the start, > 0. Default 1e-3. */
  readonly shift?: number;
  /**
   * γ is lowered from `from` by `factor` whenever the marginal error has come to `error`. "auto" (default): from 10 range/mass by 4 at 0.01 where γ is below that, the range being that of the cost, mass that of
   * the weights; "none": the method begins with γ itself.
   */
  readonly path?: PathOption;
  /** How the Newton systems are solved. Default: by their costs. */
  readonly solver?: SystemSolver;
}

/** `gradientNorm` is the marginal error, as in `TransportState`. */
export interface QuadraticNewtonState extends TransportState {
  /** Sweeps so far. */
  sweeps: number;
  /** μ. */
  shift: number;
  /** Steps in a row that were not accepted. */
  rejections: number;
  /** Entries of the plan at x. */
  support: number;
  solver: SystemSolver | null;
  work?: Work;
}

interface Work {
  current: boolean;
  pass: QuadraticPass;
  trial: QuadraticPass;
  readonly row: Vector;
  readonly z: Vector;
  readonly d: Vector;
  readonly b: Vector;
  readonly diagonal: Vector;
  ones: Vector;
  readonly ground: number;
}

const acceptAbove = 1e-4;
const leastShift = 1e-8;
const mostTrials = 30;
const mostRejections = 10;

export function quadraticNewton(options: QuadraticNewtonOptions = {}): Method<QuadraticProblem, QuadraticNewtonState> {
  const name = "quadraticNewton";
  requireKnownOptions(name, options, ["sweeps", "shift", "path", "solver"]);
  const { sweeps = 3, shift = 1e-3, path = "auto", solver } = options;
  requireNumber(name, "options.sweeps", sweeps, { atLeast: 0, integer: true });
  requireNumber(name, "options.shift", shift, { above: 0, below: Number.POSITIVE_INFINITY });
  requirePath(name, path);
  if (solver !== undefined) requireOneOf(name, "options.solver", solver, ["sparse", "conjugateGradients", "dense"]);

  return {
    name,
    init(problem, z0) {
      if (problem.regularizer !== "quadratic")
        misuse(name, "problem", "no quadratic one", "what quadraticProblem gives");
      const start = startState(name, problem, startPoint(name, problem.dimension, z0));
      const error = marginalErrorOf(start.gradient, problem.mass);
      return {
        ...start,
        gradientNorm: error,
        initialGradientNorm: error,
        regularizationNow: firstOf(problem, path),
        sweeps: 0,
        shift,
        rejections: 0,
        support: Number.NaN,
        solver: null,
      };
    },

    step(problem, state) {
      const work = (state.work ??= newWork(problem));
      if (state.sweeps >= sweeps && lower(problem, state, path)) {
        state.shift = shift;
        work.current = false;
      }
      const γ = state.regularizationNow ?? problem.regularization;
      if (!work.current) quadraticPassInto(work.pass, problem, state.x, γ, work.row);
      work.current = true;
      state.value = work.pass.value;
      state.gradientNorm = work.pass.error;
      state.iteration++;
      if (state.sweeps < sweeps || leavesOut(problem, work.pass)) {
        work.z.set(state.x);
        quadraticSweep(problem, work.z, γ, work.row);
        quadraticPassInto(work.trial, problem, work.z, γ, work.row);
        state.sweeps++;
        accept(state, work);
      } else newtonStep(problem, state, work, γ, solver);
      if (-state.value > highest(problem, γ)) {
        const detail = `the dual value ${(-state.value).toPrecision(6)} is above that of any plan: forbidden arcs leave none with these weights`;
        state.failure = { rule: "infeasible", detail };
      }
      return state;
    },
  };
}

function pathOf({ cost, mass, regularization }: QuadraticProblem, path: PathOption): RegularizationPath {
  if (typeof path === "object") return path;
  const from = path === "auto" ? (10 * (cost.greatest - cost.least)) / mass : regularization;
  return { from, factor: 4, error: 0.01 };
}

/** The first γ of the path where that isn't the problem's. */
function firstOf(problem: QuadraticProblem, path: PathOption): number | null {
  const { from } = pathOf(problem, path);
  return from > problem.regularization ? from : null;
}

/** Goes to the next γ where the marginal error allows it; answers whether it did. */
function lower(problem: QuadraticProblem, state: QuadraticNewtonState, path: PathOption): boolean {
  const now = state.regularizationNow ?? null;
  const { factor, error } = pathOf(problem, path);
  if (now === null || !(state.gradientNorm <= error)) return false;
  const next = now / factor;
  state.regularizationNow = next > 1.001 * problem.regularization ? next : null;
  return true;
}

function newWork({ source, target, dimension }: QuadraticProblem): Work {
  const vector = () => new Float64Array(dimension);
  return {
    current: false,
    pass: newQuadraticPass(source.length, target.length),
    trial: newQuadraticPass(source.length, target.length),
    row: new Float64Array(target.length),
    z: vector(),
    d: vector(),
    b: vector(),
    diagonal: vector(),
    ones: vector(),
    ground: heaviest(target),
  };
}

/** Whether a row or column whose weight counts has no entry. */
function leavesOut({ source, target, mass }: QuadraticProblem, { counts }: QuadraticPass): boolean {
  const n = source.length;
  for (let k = 0; k < counts.length; k++)
    if (counts[k] === 0 && (k < n ? source[k] : target[k - n]) > 1e-14 * mass) return true;
  return false;
}

/** No plan on arcs that are not forbidden has a higher value. */
const highest = ({ cost, mass }: QuadraticProblem, γ: number): number => {
  const most = mass * cost.greatest + 0.5 * γ * mass * mass;
  return most + 1e-9 * (Math.abs(most) + mass * Math.abs(cost.least));
};

function accept(state: QuadraticNewtonState, work: Work): void {
  const { pass, trial, z } = work;
  let square = 0;
  for (let k = 0; k < z.length; k++) square += (z[k] - state.x[k]) ** 2;
  state.stepNorm = Math.sqrt(square);
  state.x.set(z);
  state.value = trial.value;
  state.gradient.set(trial.gradient);
  state.gradientNorm = trial.error;
  state.support = trial.plan.pointers[trial.plan.rows];
  work.pass = trial;
  work.trial = pass;
}

function newtonStep(
  problem: Counted<QuadraticProblem>,
  state: QuadraticNewtonState,
  work: Work,
  γ: number,
  solver: SystemSolver | undefined,
): void {
  const { d, b, diagonal, ground, z, row, pass } = work;
  const { counts, gradient, plan, error: e } = pass;
  const lambda = state.shift * Math.min(1, e) + 1e-13;
  for (let k = 0; k < d.length; k++) {
    diagonal[k] = counts[k] + lambda;
    b[k] = -γ * gradient[k];
  }
  if (work.ones.length < plan.values.length) work.ones = new Float64Array(plan.values.length);
  const sigma = { ...plan, values: work.ones.fill(1) };
  const tolerance = Math.min(0.01, e);
  const outcome = solveSystemInto(d, { plan: sigma, diagonal, ground }, b, problem, { tolerance, solver });
  state.solver = outcome.solver;
  state.stepNorm = 0;
  const slope = dot(gradient, d);
  if (!(slope < 0)) {
    reject(state, "the Newton direction is not one of descent");
    return;
  }
  let step = 1;
  for (let trial = 0; trial < mostTrials; trial++) {
    for (let k = 0; k < d.length; k++) z[k] = state.x[k] + step * d[k];
    const { value, error } = quadraticPassInto(work.trial, problem, z, γ, row);
    const { ratio, rounding } = reduction(state.value, value, -step * (1 - 0.5 * step) * slope);
    if (Number.isFinite(error) && (rounding ? error < e : ratio >= acceptAbove)) {
      if (step < 0.3 || ratio < 0.25) state.shift *= 4;
      else if (ratio > 0.75) state.shift = Math.max(leastShift, 0.25 * state.shift);
      state.rejections = 0;
      accept(state, work);
      return;
    }
    step *= 0.5;
  }
  reject(state, "no decrease along the Newton direction");
}

function reject(state: QuadraticNewtonState, why: string): void {
  state.shift *= 16;
  if (++state.rejections < mostRejections) return;
  const detail = `${why}, whatever the shift; marginal error ${state.gradientNorm.toExponential(2)}`;
  state.failure = { rule: "noProgress", detail };
}
