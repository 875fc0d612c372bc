// The schedule of the value-function methods that needs no parameters: the penalized problems φ_t = t F + gap for falling t = 1/c, each solved by spectral projected gradient steps, and their solutions
// extrapolated to t = 0.
//
// The solutions z(t) of the penalized problems lie on a path that is smooth while the active constraints stay the same: z(t) = z* + a t + b t² + …; the polynomial through the last four
// gives z* to O(t⁴) where t itself is still large enough for the penalized problem to be well conditioned.
import type { Counted, Vector } from "@hessia/core";
import {
  type BilevelProblem,
  type BilevelState,
  bilevelStart,
  isLost,
  objectivesOf,
  projectUpperLower,
} from "../problem.js";
import { estimateConstants } from "./constants.js";
import { accuracy, type Penalized, type Penalty, penalized } from "./penalized.js";
import {
  newSpectralWork,
  type Smooth,
  type SpectralState,
  type SpectralWork,
  spectralRestart,
  spectralStart,
  spectralStep,
} from "./spectral.js";
import { type GapKind, type GapParameters, gapFunction } from "./value-function.js";

export interface PathState extends BilevelState, Penalty {
  /** Steps at this t, and steps in a row that were refused. */
  levelSteps: number;
  refused: number;
  /** The least value of the last `stallSteps` steps, and of those before: a level that doesn't fall any more (at a kink) is left as it is. */
  leastValue: number;
  checkedValue: number;
  /** (x, y, multipliers) of the penalized problem. */
  spectral: SpectralState | null;
  /** (x₀, y₀), on its sets. */
  start: Vector;
  /** Solutions of earlier levels. */
  path: { weight: number; u: Vector }[];
  work?: PathWork;
}

interface PathWork extends Penalized {
  readonly spectral: SpectralWork;
}

/** t falls by it. */
const factor = 4;
/** Levels whose solutions are extrapolated. */
const kept = 4;
/** A level isn't worth more: its solution may lie at infinity (weights that saturate), and only the last ones count. */
const mostLevelSteps = 300;
const leastWeight = 1e-9;
/** The first t is lowered to it where the penalized problem is unbounded below. */
const leastFirstWeight = 1e-4;
const mostBound = 1e12;

/** γ₁ = 10/L (L = 1 where f has no curvature in y), γ₂ = L/‖∂g/∂y‖², r = 10, t = min(1, L/L_F), from constants estimated at the start; `given` overrides. */
export function pathStart(
  method: string,
  problem: Counted<BilevelProblem>,
  z0: ArrayLike<number>,
  kind: GapKind,
  given: { readonly [K in keyof GapParameters]?: GapParameters[K] | undefined },
): Omit<PathState, "work"> {
  const start = bilevelStart(method, problem, z0);
  const { lower, upper, jacobian, upperGradient } = estimateConstants(problem, start.x);
  const L = lower > 0 ? lower : 1;
  const dual = given.dual ?? (jacobian > 0 ? L / jacobian ** 2 : 1);
  return {
    ...start,
    weight: upper > 0 ? Math.min(1, L / upper) : 1,
    levelSteps: 0,
    refused: 0,
    leastValue: Number.POSITIVE_INFINITY,
    checkedValue: Number.POSITIVE_INFINITY,
    parameters: {
      proximal: given.proximal ?? (kind === "unconstrained" ? 100 : 10) / L,
      dual,
      bound: given.bound ?? 10,
    },
    spectral: null,
    start: start.x.slice(),
    inner: { theta: start.x.slice(problem.upperDimension), step: 0 },
    path: [],
    upperGradient: Math.max(upperGradient, 1e-8),
    multiplierScale: dual * L,
    violationWeight: 10,
  };
}

/** One spectral step at the present t; t falls when the level is solved. `x` is the extrapolated solution, once there are two levels; `gradientNorm` its last change. */
export function pathStep(
  problem: Counted<BilevelProblem>,
  state: PathState,
  kind: GapKind,
  starts: readonly Vector[] = [],
): PathState {
  const work = (state.work ??= {
    ...penalized(problem, state, kind, starts),
    spectral: newSpectralWork(problem.dimension + (problem.lowerConstraints?.count ?? 0)),
  });
  const { smooth } = work;
  const { dimension } = problem;
  state.iteration++;
  if (state.spectral === null) {
    const u = new Float64Array(dimension + (problem.lowerConstraints?.count ?? 0));
    u.set(state.x);
    state.spectral = spectralStart(smooth, u);
  }
  const { spectral } = state;
  state.stepNorm = spectralStep(smooth, spectral, work.spectral);
  state.refused = state.stepNorm === 0 ? state.refused + 1 : 0;
  state.levelSteps++;
  if (isLost(spectral.u)) {
    // F falls faster than the gap grows: less of it, from the start.
    if (state.path.length === 0 && state.weight > leastFirstWeight) {
      state.weight /= factor;
      state.spectral = null;
      state.levelSteps = 0;
      state.x.set(state.start);
      state.inner = { theta: state.start.slice(problem.upperDimension), step: 0 };
      delete state.work;
      return state;
    }
    const detail =
      "the penalized problem is unbounded below; likely causes: (a) F is, over the lower level's solutions, (b) the lower level has no solution, (c) the start is far off";
    state.failure = { rule: "unbounded", detail };
    return state;
  }
  if (growBound(problem, state)) {
    spectralRestart(smooth, spectral);
    return state;
  }
  const solved = spectral.residual <= accuracy * state.weight * upperScale(state, work);
  if (solved || state.refused >= 3 || state.levelSteps >= mostLevelSteps || stalled(state, starts.length > 0))
    closeLevel(problem, state, kind, smooth);
  else if (state.path.length < 2) report(problem, state, spectral.u.subarray(0, dimension));
  return state;
}

/** ‖∇F‖∞ now, but not below a thousandth of that at the start. */
const upperScale = ({ upperGradient: first }: PathState, { upperGradient }: PathWork): number =>
  upperGradient.reduce((most, g) => Math.max(most, Math.abs(g)), 1e-3 * first);

const stallSteps = 40;

/** Whether the value fell by less than 1e-9 of its size in the last steps; 1e-3 where the value function is the least of several branches and has kinks. */
function stalled(state: PathState, kinks: boolean): boolean {
  const { value } = state.spectral!;
  state.leastValue = Math.min(state.leastValue, value);
  if (state.levelSteps % stallSteps !== 0) return false;
  const fell = state.checkedValue - state.leastValue;
  state.checkedValue = state.leastValue;
  state.leastValue = Number.POSITIVE_INFINITY;
  return fell <= (kinks ? 1e-3 : 1e-9) * Math.abs(value);
}

/** r grows where a multiplier sits on it at a point that is all but feasible; elsewhere violation is made dearer. */
function growBound(problem: BilevelProblem, state: PathState): boolean {
  const { parameters, spectral } = state;
  const { dimension, lowerConstraints: g } = problem;
  const multipliers = spectral!.u.subarray(dimension);
  if (g === null || !multipliers.some((z) => Math.abs(z) >= parameters.bound)) return false;
  const z = spectral!.u.subarray(0, dimension);
  const size = z.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const feasible = g.violation(z) <= 1e-2 * size;
  if ((feasible ? parameters.bound : state.violationWeight) >= mostBound) return false;
  if (feasible) parameters.bound *= 10;
  else state.violationWeight *= 10;
  return true;
}

function closeLevel(problem: Counted<BilevelProblem>, state: PathState, kind: GapKind, smooth: Smooth): void {
  const spectral = state.spectral!;
  const { dimension } = problem;
  state.path.push({ weight: state.weight, u: spectral.u.slice() });
  if (state.path.length > kept) state.path.shift();
  const best = extrapolate(state.path, 0).subarray(0, dimension);
  if (problem.coupledSet !== null) problem.coupledSet.projectInto(best, best);
  else projectUpperLower(problem, best);
  const raw = spectral.u.subarray(0, dimension);
  // Where the path isn't smooth what it promises may solve the lower level less well than the point that is there.
  const promised = state.path.length > 1 && best.every(Number.isFinite);
  const gapOf = (z: Vector): number => trueGap(problem, state, kind, z);
  const [promisedGap, rawGap] = [promised ? gapOf(best) : Number.POSITIVE_INFINITY, gapOf(raw)];
  if (promisedGap <= Math.max(rawGap, 1e-14)) report(problem, state, best, promisedGap);
  else report(problem, state, raw, rawGap);
  if (state.weight <= leastWeight) {
    const detail = `t = 1/c is at ${state.weight.toExponential(1)}; the last change was ${state.gradientNorm.toExponential(2)}`;
    state.failure ??= { rule: "noProgress", detail };
    return;
  }
  state.weight /= factor;
  state.levelSteps = 0;
  state.refused = 0;
  state.leastValue = Number.POSITIVE_INFINITY;
  state.checkedValue = Number.POSITIVE_INFINITY;
  const next = extrapolate(state.path, state.weight);
  if (next.every(Number.isFinite)) spectral.u.set(next);
  spectralRestart(smooth, spectral);
}

/** The gap at (x, y) with the present multipliers, its inner problem solved anew to what rounding allows. */
function trueGap(problem: Counted<BilevelProblem>, state: PathState, kind: GapKind, z: Vector): number {
  const { lower } = objectivesOf(problem, 0);
  const memory = { theta: state.inner.theta.slice(), step: state.inner.step };
  const gap = gapFunction(problem, lower, kind, state.parameters, memory);
  const multipliers = state.spectral!.u.subarray(problem.dimension);
  gap.solve(z, multipliers, 1e-13 * state.upperGradient, 500);
  const p = multipliers.length;
  return gap.valueAndGradientInto(new Float64Array(z.length), new Float64Array(p), z, multipliers);
}

/** Sets x, F, the change since the last report and the violation; the gap where it is known. */
function report(problem: Counted<BilevelProblem>, state: PathState, z: Vector, gap?: number): void {
  const levels = state.path.length;
  let change = 0;
  for (let k = 0; k < z.length; k++) {
    state.gradient[k] = z[k]! - state.x[k]!;
    change = Math.max(change, Math.abs(state.gradient[k]!));
  }
  // The first two levels have nothing to compare with.
  state.gradientNorm = levels >= 3 ? change : Number.MAX_VALUE;
  state.x.set(z);
  state.value = problem.value(z);
  if (gap !== undefined) state.gap = Math.abs(gap);
  state.infeasibility = problem.lowerConstraints?.violation(z) ?? 0;
}

/** The polynomial through the points of a path, at t (Neville). */
function extrapolate(path: readonly { weight: number; u: Vector }[], t: number): Vector {
  const rows = path.map(({ u }) => u.slice());
  for (let order = 1; order < path.length; order++) {
    for (let i = path.length - 1; i >= order; i--) {
      const ti = path[i]!.weight;
      const tj = path[i - order]!.weight;
      const a = (t - tj) / (ti - tj);
      for (let k = 0; k < rows[i]!.length; k++) rows[i]![k] = a * rows[i]![k]! + (1 - a) * rows[i - 1]![k]!;
    }
  }
  return rows.at(-1)!;
}
