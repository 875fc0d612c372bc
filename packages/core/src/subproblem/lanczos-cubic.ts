// The cubic subproblem over a Krylov space, with products Hv only: min gᵀs + ½ sᵀHs + (M/6)‖s‖³, s ∈ span{g, Hg, H²g, …}.
// Cartis, Gould, Toint 2011, part I, §6: in the Lanczos basis H is tridiagonal, so that each space costs one product and O(k).

import { tridiagonalLowestEigenvalue } from "../linear/dense/tridiagonal.js";
import {
  extendKrylov,
  fromKrylovInto,
  type KrylovSpace,
  krylovTridiagonal,
  startKrylov,
} from "../linear/iterative/lanczos.js";
import type { LinearOperator, Vector } from "../linear/matrix.js";
import { secularWork } from "./secular-equation.js";
import { solveReduced } from "./secular-tridiagonal.js";

export interface KrylovStep {
  readonly norm: number;
  /** The decrease of the model, ≥ 0. */
  readonly predicted: number;
  /** ‖∇m(s)‖₂ over the whole space. */
  readonly residual: number;
}

/**
 * Writes the step into `out`. The space is begun when `space.size` is 0 and used again otherwise (the same g and H with another M);
 * it grows until ‖∇m(s)‖ ≤ tolerance · min(1, ‖s‖), or it is full or invariant.
 */
export function lanczosCubicInto(
  out: Vector,
  H: LinearOperator,
  g: Vector,
  M: number,
  space: KrylovSpace,
  tolerance: number,
): KrylovStep {
  if (space.size === 0) {
    startKrylov(space, g);
    extendKrylov(space, H);
  }
  for (;;) {
    const k = space.size;
    if (k === 0) {
      out.fill(0);
      return { norm: 0, predicted: 0, residual: 0 };
    }
    const T = krylovTridiagonal(space);
    let bound = 0;
    for (let i = 0; i < k; i++)
      bound = Math.max(bound, Math.abs(space.alpha[i]!) + space.beta[i]! + (i > 0 ? space.beta[i - 1]! : 0));
    const work = secularWork(k);
    work.q[0] = -space.startNorm;
    const step = solveReduced(T, tridiagonalLowestEigenvalue(T), bound, { kind: "cubic", M }, work);
    const residual = space.beta[k - 1]! * Math.abs(work.y[k - 1]!);
    if (residual <= tolerance * Math.min(1, step.norm) || !grow(space, H)) {
      fromKrylovInto(out, space, work.y);
      return { norm: step.norm, predicted: step.predicted, residual };
    }
  }
}

/** Lets the space grow by a tenth, at least by one vector. */
function grow(space: KrylovSpace, H: LinearOperator): boolean {
  const target = space.size + 1 + Math.floor(space.size / 10);
  let grew = false;
  while (space.size < target && extendKrylov(space, H)) grew = true;
  return grew;
}
