// What the two forms of Sinkhorn's algorithm share: sweeps over sums by columns and by rows, however these are made; falling regularization, over-relaxation, Anderson acceleration.
import { type Counted, evaluating, type Method, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { dualValue, type TransportProblem, type TransportState, transportStart } from "../problem.js";
import {
  type AndersonMemory,
  andersonInto,
  betterRelaxation,
  forget,
  newAndersonMemory,
  safeRelaxation,
} from "./acceleration.js";
import { distance } from "./weights.js";

/** How the regularization falls to the problem's: ε_k = max(ε, from/factor^k). */
export interface RegularizationScaling {
  /** Default: the range of the cost. */
  readonly from?: number;
  /** > 1. Default 4. */
  readonly factor?: number;
  /** The most sweeps at each ε_k > ε, ≥ 1. Default 20. */
  readonly sweeps?: number;
}

export interface SinkhornOptions {
  /** Begin with a larger ε: true for the defaults. Default false. */
  readonly scaling?: boolean | RegularizationScaling;
  /** ω in [1, 2), or "auto": from the rate that is seen. Default 1. */
  readonly relaxation?: number | "auto";
  /** Points kept for Anderson acceleration, 0 to 20; not together with a relaxation. Default 0. */
  readonly anderson?: number;
}

export interface SinkhornState extends TransportState {
  regularizationNow: number | null;
  /** The next ε_k, where ε falls. */
  stage: number;
  stageSweeps: number;
  /** ω. */
  relaxation: number;
  /** Steps since ω was changed, and the marginal error before the last. */
  steady: number;
  previousError: number;
  anderson: AndersonMemory | null;
  /** Accelerated points that were refused. */
  refused: number;
  work?: Work;
}

interface Work {
  readonly passes: Passes;
  /** log Σ_j exp((yⱼ − C_ij)/ε) and log Σ_i exp((xᵢ − C_ij)/ε). */
  readonly rows: Vector;
  readonly cols: Vector;
  readonly logRatios: { readonly x: Vector; readonly y: Vector };
  readonly before: Vector;
  readonly plain: Vector;
  readonly image: Vector;
  /** The ε at which `cols` was made for the present x; 0 where it wasn't. */
  colsAt: number;
}

/** Checks the options that the two Sinkhorn methods share. */
export function requireScaling(name: string, scaling: boolean | RegularizationScaling): void {
  if (typeof scaling === "boolean") return;
  const option = "options.scaling";
  requireKnownOptions(name, scaling, "from factor sweeps".split(" "));
  const { from, factor = 4, sweeps = 20 } = scaling;
  if (from !== undefined) requireNumber(name, `${option}.from`, from, { above: 0, below: Number.POSITIVE_INFINITY });
  requireNumber(name, `${option}.factor`, factor, { above: 1, below: Number.POSITIVE_INFINITY });
  requireNumber(name, `${option}.sweeps`, sweeps, { atLeast: 1, integer: true });
}

/** ε_k. */
export function stageRegularization(
  problem: TransportProblem,
  scaling: boolean | RegularizationScaling,
  stage: number,
): number {
  const { regularization, cost } = problem;
  if (scaling === false) return regularization;
  const { from = cost.greatest - cost.least, factor = 4 } = scaling === true ? {} : scaling;
  return Math.max(regularization, from / factor ** stage);
}

/** How sums are made: of one problem and one run, with scratch of its own. */
export interface Passes {
  /** out_i = log Σ_j exp((yⱼ − C_ij)/ε). */
  rowsInto(out: Vector, y: Vector, epsilon: number): Vector;
  /** out_j = log Σ_i exp((xᵢ − C_ij)/ε). */
  colsInto(out: Vector, x: Vector, epsilon: number): Vector;
  /** Called after each sweep, when the sums at z are known. */
  swept?(epsilon: number): void;
}

/** A method over the sums that `passes` makes; what it keeps of them is in the state that `begin` adds to. */
export function sinkhornMethod<S extends SinkhornState>(
  name: string,
  options: SinkhornOptions,
  begin: (problem: Counted<TransportProblem>, state: SinkhornState) => S,
  passes: (problem: Counted<TransportProblem>, state: S) => Passes,
): Method<TransportProblem, S> {
  const { scaling = false, relaxation = 1, anderson = 0 } = options;
  requireScaling(name, scaling);
  if (relaxation !== "auto") requireNumber(name, "options.relaxation", relaxation, { atLeast: 1, below: 2 });
  requireNumber(name, "options.anderson", anderson, { atLeast: 0, atMost: 20, integer: true });
  if (relaxation !== 1 && anderson > 0)
    requireNumber(name, "options.anderson (with a relaxation)", anderson, { atMost: 0 });
  const sweeps = (typeof scaling === "object" ? scaling.sweeps : undefined) ?? 20;

  return {
    name,
    init(problem, z0) {
      return begin(problem, {
        ...transportStart(name, problem, z0),
        regularizationNow: null,
        stage: 0,
        stageSweeps: 0,
        relaxation: relaxation === "auto" ? 1 : relaxation,
        steady: 0,
        previousError: Number.POSITIVE_INFINITY,
        anderson: anderson > 0 ? newAndersonMemory(anderson, problem.target.length) : null,
        refused: 0,
      });
    },

    step(problem, state) {
      const work = (state.work ??= newWork(problem, passes(problem, state)));
      state.iteration++;
      const epsilon = stageRegularization(problem, scaling, state.stage);
      const last = epsilon === problem.regularization;
      const before = state.gradientNorm;
      sweep(problem, state, work, epsilon, anderson);
      state.regularizationNow = last ? null : epsilon;
      state.stageSweeps++;
      if (!last && (state.gradientNorm < 0.05 || state.stageSweeps >= sweeps)) {
        state.stage++;
        state.stageSweeps = 0;
        if (state.anderson !== null) forget(state.anderson);
      } else if (last && relaxation === "auto") adaptRelaxation(state, before);
      work.passes.swept?.(epsilon);
      if (!Number.isFinite(state.gradientNorm))
        state.failure ??= {
          rule: "nonFinite",
          detail:
            "a sum of the plan is not finite; likely causes: (a) forbidden arcs that leave no feasible plan, (b) potentials beyond 1e308 ε",
        };
      return state;
    },
  };
}

function newWork({ source, target, dimension }: TransportProblem, passes: Passes): Work {
  const n = source.length;
  const m = target.length;
  return {
    passes,
    rows: new Float64Array(n),
    cols: new Float64Array(m),
    logRatios: { x: new Float64Array(n), y: new Float64Array(m) },
    before: new Float64Array(dimension),
    plain: new Float64Array(dimension),
    image: new Float64Array(m),
    colsAt: 0,
  };
}

function sweep(
  problem: Counted<TransportProblem>,
  state: SinkhornState,
  work: Work,
  epsilon: number,
  size: number,
): void {
  const { source: r, target: c, logSource, logTarget, mass } = problem;
  const { passes, rows, cols, logRatios, before, plain, image } = work;
  const n = r.length;
  const x = state.x.subarray(0, n);
  const y = state.x.subarray(n);
  before.set(state.x);
  const passCols = () => evaluating(problem, ["gradient"], () => passes.colsInto(cols, x, epsilon));
  const passRows = () => evaluating(problem, ["gradient"], () => passes.rowsInto(rows, y, epsilon));
  // First sweep, another ε, or resumed.
  if (work.colsAt !== epsilon) passCols();
  work.colsAt = epsilon;

  if (state.anderson !== null) {
    for (let j = 0; j < y.length; j++) image[j] = epsilon * (logTarget[j]! - cols[j]!);
    const accelerated = andersonInto(y, state.anderson, size, before.subarray(n), image);
    passRows();
    if (
      accelerated &&
      !(semiDual(problem, y, rows, epsilon) >= dualValue(problem, joinedInto(plain, before, image), mass))
    ) {
      state.refused++;
      forget(state.anderson);
      y.set(image);
      passRows();
    }
  } else {
    relax(y, logTarget, cols, c, epsilon, state.relaxation, logRatios.y);
    passRows();
  }
  relax(x, logSource, rows, r, epsilon, state.anderson === null ? state.relaxation : 1, logRatios.x);
  passCols();
  // Nothing is said of a point whose sums could not be made.
  if (state.failure !== null) {
    state.x.set(before);
    state.stepNorm = 0;
    return;
  }
  marginals(problem, state, work, epsilon);
  state.stepNorm = distance(state.x, before);
}

/** potentials ← (1 − ω) potentials + ω ε (log w − sums), ω lowered where it must be. */
function relax(
  potentials: Vector,
  logWeights: Vector,
  sums: Vector,
  weights: Vector,
  epsilon: number,
  relaxation: number,
  logRatios: Vector,
): void {
  let omega = 1;
  if (relaxation !== 1) {
    for (let k = 0; k < weights.length; k++) logRatios[k] = potentials[k]! / epsilon + sums[k]! - logWeights[k]!;
    omega = safeRelaxation(weights, logRatios, relaxation);
  }
  for (let k = 0; k < weights.length; k++) {
    const plain = epsilon * (logWeights[k]! - sums[k]!);
    potentials[k] = omega === 1 ? plain : potentials[k]! + omega * (plain - potentials[k]!);
  }
}

/** (x, image), x the first part of z. */
function joinedInto(out: Vector, z: Vector, image: Vector): Vector {
  out.set(z);
  out.set(image, z.length - image.length);
  return out;
}

/** D at y and the x that is best for it. */
function semiDual(problem: TransportProblem, y: Vector, rows: Vector, epsilon: number): number {
  const { source: r, target: c, logSource } = problem;
  let value = 0;
  for (let i = 0; i < r.length; i++) if (r[i]! > 0) value += r[i]! * epsilon * (logSource[i]! - rows[i]!);
  for (let j = 0; j < c.length; j++) if (c[j]! > 0) value += c[j]! * y[j]!;
  return value;
}

/** Gradient, marginal error and value at z, from the sums of both kinds. */
function marginals(problem: TransportProblem, state: SinkhornState, { rows, cols }: Work, epsilon: number): void {
  const { source: r, target: c, mass } = problem;
  const { x: z, gradient } = state;
  const n = r.length;
  let total = 0;
  let error = 0;
  for (let k = 0; k < z.length; k++) {
    const sum = Math.exp(z[k]! / epsilon + (k < n ? rows[k]! : cols[k - n]!));
    gradient[k] = sum - (k < n ? r[k]! : c[k - n]!);
    if (k < n) total += sum;
    error += Math.abs(gradient[k]!);
  }
  state.gradientNorm = error / mass;
  state.value = -dualValue(problem, z, total, epsilon);
}

/** ω from the rate of the last sweep, where the rate has been steady for five. */
function adaptRelaxation(state: SinkhornState, before: number): void {
  const rate = state.gradientNorm / before;
  const steady = Math.abs(rate - before / state.previousError) < 0.02;
  state.previousError = before;
  state.steady = steady ? state.steady + 1 : 0;
  if (state.steady < 5) return;
  state.relaxation = betterRelaxation(rate, state.relaxation);
  state.steady = 0;
}
