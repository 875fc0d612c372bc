// Conjugate gradients for many shifts at once.
//
//   (A + λᵢ I) xᵢ = b, i = 1, …, m,   A symmetric, one product with A an iteration for all i
//
// All the systems share the Lanczos vectors of A and b (T_k of A + λI is T_k + λI), so each shift needs only its own LDLᵀ of a
// tridiagonal matrix and two vectors: Frommer, Maass 1999, "Fast CG-based methods for Tikhonov-Phillips regularization"; in the form
// of Dussault, Migot, Orban 2023, "Scalable adaptive cubic regularization methods", Algorithm 2 (CG-Lanczos with shifts).
//
// Deviations:
// 1. A shift ends by itself: when its residual is small, when a pivot isn't positive (A + λI isn't positive definite on the Krylov
//    space), or when its solution, whose norm only grows, is longer than its caller can use.
// 2. A shift that ends at its first iteration is a multiple of b and gets no vectors: those far above ‖A‖ cost no memory.
// 3. The Lanczos vectors can be kept, then they are reorthogonalized (see `krylovSpace`).
import { misuse, requireFiniteVector, requireKnownOptions, requireNumber } from "../../errors.js";
import type { LinearOperator, Vector } from "../matrix.js";
import { axpy, dot, norm2 } from "../vec.js";
import { extendKrylov, type KrylovSpace, startKrylov } from "./lanczos.js";
import { requireSquareOperator } from "./operator.js";

/** How one shift stands: "budget" is a system that was still running when the products ended; its x is the last CG iterate. */
export type ShiftOutcome = "converged" | "budget" | "negativeCurvature" | "tooLong";

/** The systems' solutions and their memory, which the next call uses again. */
export interface ShiftedSystems {
  readonly n: number;
  /** λ₁ < λ₂ < …. */
  readonly shifts: Vector;
  readonly outcomes: ShiftOutcome[];
  /** ‖xᵢ‖₂ by recurrence: of the last iterate before a negative pivot, if one was met. */
  readonly norms: Vector;
  /** ‖b − (A + λᵢI)xᵢ‖₂ by recurrence. */
  readonly residualNorms: Vector;
  /** Of the last call. */
  products: number;
  /** Whether a product was not finite; that ended all shifts, with the iterates before it. */
  breakdown: boolean;
  readonly work: ShiftedWork;
}

interface ShiftedWork {
  readonly b: Vector;
  readonly v: [Vector, Vector, Vector];
  /** xᵢ where it isn't `multiple[i]` · b, and its search direction. */
  readonly x: (Vector | undefined)[];
  readonly p: (Vector | undefined)[];
  readonly multiple: Vector;
  readonly own: Uint8Array;
  readonly sigma: Vector;
  readonly omega: Vector;
  readonly gamma: Vector;
  readonly xx: Vector;
  readonly xp: Vector;
  readonly pp: Vector;
}

export interface ShiftedCgOptions {
  /** A system has converged when ‖b − (A + λI)x‖₂ ≤ tolerance · ‖b‖₂. Default 1e-10. */
  readonly tolerance?: number;
  /** The most products. Default 2n + 20. */
  readonly maxIterations?: number;
  /** The length at which xᵢ is of no more use, for each shift. Default: none. */
  readonly longest?: (shift: number) => number;
  /** Keeps the Lanczos vectors there, reorthogonalized; its capacity limits the products. */
  readonly space?: KrylovSpace;
}

/** Makes room for the systems with these shifts. Throws ArgumentError when they aren't finite and ascending. */
export function shiftedSystems(n: number, shifts: ArrayLike<number>): ShiftedSystems {
  const routine = "shiftedSystems";
  requireNumber(routine, "n", n, { atLeast: 0, integer: true });
  const list = Float64Array.from(shifts);
  requireFiniteVector(routine, "shifts", list);
  for (let i = 1; i < list.length; i++) {
    if (!(list[i] > list[i - 1])) misuse(routine, "shifts", `${list[i]} after ${list[i - 1]}`, "ascending numbers");
  }
  const m = list.length;
  const vector = () => new Float64Array(m);
  const long = () => new Float64Array(n);
  return {
    n,
    shifts: list,
    outcomes: new Array<ShiftOutcome>(m).fill("budget"),
    norms: vector(),
    residualNorms: vector(),
    products: 0,
    breakdown: false,
    work: {
      b: long(),
      v: [long(), long(), long()],
      x: [],
      p: [],
      multiple: vector(),
      own: new Uint8Array(m),
      sigma: vector(),
      omega: vector(),
      gamma: vector(),
      xx: vector(),
      xp: vector(),
      pp: vector(),
    },
  };
}

/** out = xᵢ; answers out. */
export function shiftedSolutionInto(out: Vector, { n, work, shifts }: ShiftedSystems, i: number): Vector {
  requireNumber("shiftedSolutionInto", "i", i, { atLeast: 0, below: shifts.length, integer: true });
  if (out.length !== n) misuse("shiftedSolutionInto", "out", `of length ${out.length}`, `length ${n}`);
  if (work.own[i] === 1) out.set(work.x[i]!);
  else for (let j = 0; j < n; j++) out[j] = work.multiple[i] * work.b[j];
  return out;
}

/**
 * Solves from 0 for all shifts; each iteration takes one product with A. The outcome, norm and residual of each stand in `systems`;
 * read a solution with {@link shiftedSolutionInto}. xᵢᵀ(b − (A + λᵢI)xᵢ) = 0 to rounding, also where it has not converged.
 * @throws ArgumentError when shapes don't fit, b isn't finite, an option is wrong, or A is not symmetric by its traits.
 */
export function shiftedConjugateGradient(
  systems: ShiftedSystems,
  A: LinearOperator,
  b: Vector,
  options: ShiftedCgOptions = {},
): ShiftedSystems {
  const routine = "shiftedConjugateGradient";
  requireKnownOptions(routine, options, ["tolerance", "maxIterations", "longest", "space"]);
  const { n, shifts, outcomes, norms, residualNorms, work } = systems;
  const { tolerance = 1e-10, maxIterations = 2 * n + 20, longest, space } = options;
  requireSquareOperator(routine, "A", A, true);
  if (A.rows !== n) misuse(routine, "A", `${A.rows} × ${A.rows}`, `${n} × ${n}, as the systems are`);
  if (b.length !== n) misuse(routine, "b", `of length ${b.length}`, `length ${n}`);
  requireFiniteVector(routine, "b", b);
  requireNumber(routine, "tolerance", tolerance, { atLeast: 0 });
  requireNumber(routine, "maxIterations", maxIterations, { atLeast: 0 });
  const { sigma, omega, gamma, xx, xp, pp } = work;
  work.b.set(b);
  const first = space === undefined ? norm2(b) : startKrylov(space, b);
  outcomes.fill(first === 0 ? "converged" : "budget");
  norms.fill(0);
  residualNorms.fill(first);
  work.multiple.fill(0);
  work.own.fill(0);
  sigma.fill(first);
  omega.fill(0);
  gamma.fill(1);
  xx.fill(0);
  xp.fill(0);
  pp.fill(first * first);
  systems.products = 0;
  systems.breakdown = false;
  let [previous, v, next] = work.v;
  previous.fill(0);
  for (let j = 0; j < n; j++) v[j] = first === 0 ? 0 : b[j] / first;
  let beta = 0;
  let running = first === 0 ? 0 : shifts.length;

  for (let k = 0; running > 0 && k < maxIterations; k++) {
    let alpha: number;
    if (space === undefined) {
      A.applyInto(next, v);
      systems.products++;
      alpha = dot(v, next);
      for (let j = 0; j < n; j++) next[j] -= alpha * v[j] + beta * previous[j];
      const size = Math.abs(alpha) + beta;
      beta = norm2(next);
      if (!Number.isFinite(alpha) || !Number.isFinite(beta)) {
        systems.breakdown = true;
        break;
      }
      if (beta <= 4 * n * Number.EPSILON * size) beta = 0;
      for (let j = 0; j < n; j++) next[j] = beta === 0 ? 0 : next[j] / beta;
    } else {
      if (k >= space.capacity) break;
      const grown = extendKrylov(space, A);
      systems.products++;
      if (!grown) {
        systems.breakdown = true;
        break;
      }
      alpha = space.alpha[k];
      beta = space.beta[k];
      if (beta === 0) next.fill(0);
      else next.set(space.basis.subarray((k + 1) * n, (k + 2) * n));
    }
    for (let i = 0; i < shifts.length; i++) {
      if (outcomes[i] !== "budget") continue;
      const pivot = alpha + shifts[i] - omega[i] / gamma[i];
      if (!(pivot > 0)) {
        outcomes[i] = "negativeCurvature";
        running--;
        continue;
      }
      const g = 1 / pivot;
      const ratio = beta * g;
      const turned = ratio * ratio;
      const residual = -sigma[i] * ratio;
      const length = Math.sqrt(xx[i] + 2 * g * xp[i] + g * g * pp[i]);
      gamma[i] = g;
      omega[i] = turned;
      sigma[i] = residual;
      xx[i] = length * length;
      norms[i] = length;
      residualNorms[i] = Math.abs(residual);
      if (residualNorms[i] <= tolerance * first) outcomes[i] = "converged";
      else if (longest !== undefined && length > longest(shifts[i])) outcomes[i] = "tooLong";
      const goesOn = outcomes[i] === "budget";
      if (!goesOn) running--;
      if (k === 0) {
        work.multiple[i] = g;
        if (!goesOn) continue;
        const x = (work.x[i] ??= new Float64Array(n));
        const p = (work.p[i] ??= new Float64Array(n));
        work.own[i] = 1;
        for (let j = 0; j < n; j++) {
          x[j] = g * b[j];
          p[j] = residual * next[j] + turned * b[j];
        }
      } else {
        const p = work.p[i]!;
        axpy(work.x[i]!, g, p);
        if (goesOn) for (let j = 0; j < n; j++) p[j] = residual * next[j] + turned * p[j];
      }
      xp[i] = turned * (xp[i] + g * pp[i]);
      pp[i] = residual * residual + turned * turned * pp[i];
    }
    [previous, v, next] = [v, next, previous];
  }
  return systems;
}
