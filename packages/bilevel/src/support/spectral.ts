// Spectral projected gradient: Birgin, Martínez, Raydan 2000, "Nonmonotone spectral projected gradient methods on convex sets", SIAM J. Optim. 10(4), Algorithm 2.2 (SPG2), one step of it.
//
// Deviations:
// 1. Where differences of f are at the level of rounding a trial is taken if its projected gradient is shorter.
// 2. Where the set is affine the direction is that of L-BFGS in it (Nocedal, Wright 2006, Algorithm 7.4, five pairs, H₀ = sᵀy/yᵀWy W, W = diag(w)), projected: rounding would leave the set. Pairs whose
//    curvature may be the gradients' error are left out; where the slope stays what it was (f is concave) the step is lengthened by fours.
import type { Vector } from "@hessia/core";
import { axpy, dot, norm2 } from "@hessia/core/linear";

/** What is minimized: a smooth function over a convex set, in a metric that the projection knows. */
export interface Smooth {
  /** Writes the gradient at u; answers the value. */
  valueAndGradientInto(gradient: Vector, u: Vector): number;
  /** u ← its projection onto the set. */
  project(u: Vector): void;
  /** Positive weights w: steps are u − α w ∘ ∇. Default 1. */
  readonly scaling?: Vector;
  /** Whether the set is affine, as far as its bounds are away. Default false. */
  readonly affine?: boolean;
  /** How far off the last value and the last gradient (‖·‖₂) may be, where that is more than rounding. */
  readonly error?: { value: number; gradient: number };
}

/** Steps and differences of projected gradients, the newest last. */
interface Pair {
  readonly s: Vector;
  readonly y: Vector;
}

/** Plain data: part of a state. */
export interface SpectralState {
  u: Vector;
  gradient: Vector;
  value: number;
  /** α of the next step. */
  step: number;
  /** The last values, the newest last. */
  history: number[];
  /** ‖P(u − w ∘ ∇) − u‖∞ at u. */
  residual: number;
  /** Of L-BFGS, on affine sets. */
  pairs: Pair[];
}

const mostPairs = 5;
/** Values that a trial may be as large as. */
const memory = 10;
const leastStep = 1e-10;
const mostStep = 1e10;

/** The state at u: one evaluation. The first step is 1/‖∇‖∞. */
export function spectralStart(f: Smooth, u: Vector): SpectralState {
  f.project(u);
  const gradient = new Float64Array(u.length);
  const value = f.valueAndGradientInto(gradient, u);
  const state: SpectralState = { u, gradient, value, step: 1, history: [value], residual: 0, pairs: [] };
  state.residual = residualOf(f, state, new Float64Array(u.length));
  state.step = Math.min(1, 1 / Math.max(state.residual, 1e-12));
  return state;
}

/** Evaluates anew at u: after what is minimized has changed. */
export function spectralRestart(f: Smooth, state: SpectralState): void {
  f.project(state.u);
  state.value = f.valueAndGradientInto(state.gradient, state.u);
  state.history = [state.value];
  state.residual = residualOf(f, state, new Float64Array(state.u.length));
}

export interface SpectralWork {
  readonly direction: Vector;
  readonly trial: Vector;
  readonly gradient: Vector;
  /** The projected gradient at u. */
  readonly projected: Vector;
  readonly scratch: Vector;
  /** The gradient at a longer trial. */
  readonly further: Vector;
}

export const newSpectralWork = (n: number): SpectralWork => ({
  direction: new Float64Array(n),
  trial: new Float64Array(n),
  gradient: new Float64Array(n),
  projected: new Float64Array(n),
  scratch: new Float64Array(n),
  further: new Float64Array(n),
});

/** One step; answers ‖u⁺ − u‖₂, 0 where no trial was accepted. */
export function spectralStep(f: Smooth, state: SpectralState, work: SpectralWork): number {
  const { u, gradient } = state;
  const { direction: d, trial } = work;
  if (f.affine === true) projectedInto(work.projected, f, u, gradient);
  // Below it values say nothing: there the plain direction, whose gradients need only point down.
  const noise = Math.max(1e-300, 1e-14 * Math.max(...state.history.map(Math.abs)), f.error?.value ?? 0);
  const quasiNewton =
    f.affine === true &&
    state.pairs.length > 0 &&
    newtonLikeInto(d, f, state, work) &&
    (f.error === undefined || -dot(gradient, d) > 10 * noise);
  if (!quasiNewton) {
    state.pairs = [];
    directionInto(d, f, u, gradient, state.step);
  }
  const slope = dot(gradient, d);
  const reference = quasiNewton ? state.value : Math.max(...state.history);
  let t = 1;
  for (let attempt = 0; attempt < 40; attempt++) {
    for (let i = 0; i < u.length; i++) trial[i] = u[i]! + t * d[i]!;
    const value = f.valueAndGradientInto(work.gradient, trial);
    const finite = Number.isFinite(value);
    const falls = value <= reference + 1e-4 * t * slope;
    if (finite && (falls || Math.abs(t * slope) <= noise)) {
      if (falls && quasiNewton && dot(work.gradient, d) < 0.9 * slope) return lengthen(f, state, work, t, slope, value);
      const residual = residualOf(f, { u: trial, gradient: work.gradient }, work.scratch);
      if (falls || residual < state.residual) return accept(f, state, work, value, residual);
    }
    // The minimizer of the quadratic through what is known, between a tenth and a half of t.
    const fitted = finite ? (-0.5 * t * t * slope) / (value - state.value - t * slope) : 0;
    t = fitted >= 0.1 * t && fitted <= 0.9 * t ? fitted : 0.3 * t;
  }
  if (quasiNewton) {
    // What the pairs say isn't true any more: the plain direction, at once.
    state.pairs = [];
    return spectralStep(f, state, work);
  }
  state.step = Math.max(leastStep, 0.1 * state.step);
  return 0;
}

/** The slope at the trial is all but what it was, as where f is concave: on along d as long as it falls. */
function lengthen(
  f: Smooth,
  state: SpectralState,
  work: SpectralWork,
  t: number,
  slope: number,
  first: number,
): number {
  const { u } = state;
  const { direction: d, trial, gradient, scratch, further } = work;
  let value = first;
  for (let k = 0; k < 12; k++) {
    t *= 4;
    for (let i = 0; i < u.length; i++) scratch[i] = u[i]! + t * d[i]!;
    f.project(scratch);
    const next = f.valueAndGradientInto(further, scratch);
    if (!(next <= Math.min(value, state.value + 1e-4 * t * slope))) break;
    value = next;
    trial.set(scratch);
    gradient.set(further);
    if (dot(gradient, d) >= 0.9 * slope) break;
  }
  return accept(f, state, work, value, residualOf(f, { u: trial, gradient }, scratch));
}

/** −(P(u − ∇) − u): the gradient in the set's own subspace. */
function projectedInto(out: Vector, f: Smooth, u: Vector, gradient: Vector): Vector {
  for (let i = 0; i < u.length; i++) out[i] = u[i]! - gradient[i]!;
  f.project(out);
  for (let i = 0; i < u.length; i++) out[i] = u[i]! - out[i]!;
  return out;
}

/** d = −H ∇ by the two-loop recursion; false where that isn't a direction of descent. */
function newtonLikeInto(d: Vector, f: Smooth, { u, pairs }: SpectralState, { projected }: SpectralWork): boolean {
  d.set(projected);
  const alphas = new Array<number>(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y } = pairs[k]!;
    alphas[k] = dot(s, d) / dot(s, y);
    axpy(d, -alphas[k]!, y);
  }
  const { s: last, y: change } = pairs.at(-1)!;
  let yy = 0;
  for (let i = 0; i < d.length; i++) yy += weight(f, i) * change[i]! ** 2;
  const scale = dot(last, change) / yy;
  for (let i = 0; i < d.length; i++) d[i] = d[i]! * scale * weight(f, i);
  pairs.forEach(({ s, y }, k) => {
    axpy(d, alphas[k]! - dot(y, d) / dot(s, y), s);
  });
  // Back onto the set, which rounding leaves.
  for (let i = 0; i < d.length; i++) d[i] = u[i]! - d[i]!;
  f.project(d);
  for (let i = 0; i < d.length; i++) d[i] = d[i]! - u[i]!;
  const descent = dot(projected, d);
  return descent < 0 && Number.isFinite(descent);
}

const weight = (f: Smooth, i: number): number => (f.scaling === undefined ? 1 : f.scaling[i]!);

/** Moves to the trial point; the next α is sᵀW⁻¹s / sᵀy. */
function accept(f: Smooth, state: SpectralState, work: SpectralWork, value: number, residual: number): number {
  const { u, gradient } = state;
  let ss = 0;
  let sy = 0;
  let length = 0;
  if (f.affine === true) {
    const s = work.trial.map((value, i) => value - u[i]!);
    const y = projectedInto(new Float64Array(u.length), f, work.trial, work.gradient);
    for (let i = 0; i < y.length; i++) y[i] = y[i]! - work.projected[i]!;
    const uncertain = Math.max(1e-12 * norm2(y), 10 * (f.error?.gradient ?? 0));
    if (dot(s, y) > uncertain * norm2(s)) state.pairs.push({ s, y });
    if (state.pairs.length > mostPairs) state.pairs.shift();
  }
  for (let i = 0; i < u.length; i++) {
    const s = work.trial[i]! - u[i]!;
    length += s * s;
    ss += (s * s) / weight(f, i);
    sy += s * (work.gradient[i]! - gradient[i]!);
  }
  state.step = sy > 0 ? Math.min(mostStep, Math.max(leastStep, ss / sy)) : Math.min(mostStep, 10 * state.step);
  u.set(work.trial);
  gradient.set(work.gradient);
  state.value = value;
  state.residual = residual;
  state.history.push(value);
  if (state.history.length > memory) state.history.shift();
  return Math.sqrt(length);
}

/** d = P(u − α w ∘ ∇) − u. */
function directionInto(d: Vector, f: Smooth, u: Vector, gradient: Vector, alpha: number): Vector {
  for (let i = 0; i < u.length; i++) d[i] = u[i]! - alpha * weight(f, i) * gradient[i]!;
  f.project(d);
  for (let i = 0; i < u.length; i++) d[i] = d[i]! - u[i]!;
  return d;
}

function residualOf(f: Smooth, { u, gradient }: { u: Vector; gradient: Vector }, scratch: Vector): number {
  directionInto(scratch, f, u, gradient, 1);
  let most = 0;
  for (let i = 0; i < u.length; i++) {
    const size = Math.abs(scratch[i]!);
    if (!(size <= most)) most = size;
  }
  return most;
}
