// One sweep of Sinkhorn's algorithm over sums by columns and by rows, however these are made, with over-relaxation or Anderson acceleration.
import { type Counted, evaluating, type Vector } from "@hessia/core";
import { dualValue, type TransportProblem, type TransportState } from "../problem.js";
import { type AndersonMemory, andersonInto, betterRelaxation, forget, safeRelaxation } from "./acceleration.js";
import { distance } from "./weights.js";

/** How sums are made: of one problem and one run, with scratch of its own. */
export interface Passes {
  /** out_i = log Σ_j exp((yⱼ − C_ij)/ε). */
  rowsInto(out: Vector, y: Vector, epsilon: number): Vector;
  /** out_j = log Σ_i exp((xᵢ − C_ij)/ε). */
  colsInto(out: Vector, x: Vector, epsilon: number): Vector;
  /** Called after each sweep, when the sums at z are known. */
  swept?(epsilon: number): void;
}

/** Sums in the log domain, with nothing stored. */
export const logPasses = ({ cost }: TransportProblem): Passes => ({
  rowsInto: (out, y, epsilon) => cost.logSumExpRowsInto(out, y, epsilon),
  colsInto: (out, x, epsilon) => cost.logSumExpColsInto(out, x, epsilon),
});

/** What sweeps keep in a state. */
export interface SweepState extends TransportState {
  /** ω. */
  relaxation: number;
  /** Sweeps since ω was changed, and the marginal error before the last. */
  steady: number;
  previousError: number;
  anderson: AndersonMemory | null;
  /** Accelerated points that were refused. */
  refused: number;
}

export const sweepStart = (relaxation: number | "auto"): Omit<SweepState, keyof TransportState> => ({
  relaxation: relaxation === "auto" ? 1 : relaxation,
  steady: 0,
  previousError: Number.POSITIVE_INFINITY,
  anderson: null,
  refused: 0,
});

export interface SweepWork {
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

export function newSweepWork({ source, target, dimension }: TransportProblem, passes: Passes): SweepWork {
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

/** y ← c over the sums by columns, x ← r over those by rows; gradient, marginal error and value at the new z. Two passes over the cost, three at the first. `size` is that of the memory of Anderson. */
export function sweep(
  problem: Counted<TransportProblem>,
  state: SweepState,
  work: SweepWork,
  epsilon: number,
  size = 0,
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
function marginals(problem: TransportProblem, state: SweepState, { rows, cols }: SweepWork, epsilon: number): void {
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
export function adaptRelaxation(state: SweepState, before: number): void {
  const rate = state.gradientNorm / before;
  const steady = Math.abs(rate - before / state.previousError) < 0.02;
  state.previousError = before;
  state.steady = steady ? state.steady + 1 : 0;
  if (state.steady < 5) return;
  state.relaxation = betterRelaxation(rate, state.relaxation);
  state.steady = 0;
}
