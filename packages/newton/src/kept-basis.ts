// A Lanczos basis kept over accepted steps, for `arcqk` with a basisPeriod.
//
// V and T = VᵀHV are those of an earlier point. At a new gradient g = Vc + ρr̂, r̂ ⟂ V, the model is that of the space span(V, r̂): since
// HV = VT + βv₊eₖᵀ, its matrix is T bordered by the coupling β(v₊ᵀr̂) with the last vector and by r̂ᵀ∇²f(x)r̂, tridiagonal again. It takes
// one product; a step then is a tridiagonal LDLᵀ for each shift tried, O(k), and its lift, O(kn).
import type { LinearOperator, Vector } from "@hessia/core";
import { axpy, dot, fromKrylovInto, type KrylovSpace, norm2 } from "@hessia/core/linear";

/** The model of one point in span(V, r̂): tridiagonal, with the gradient's coefficients. */
export interface BorderedBasis {
  readonly diagonal: Vector;
  /** offDiagonal[j] couples j and j + 1. */
  readonly offDiagonal: Vector;
  readonly coefficients: Vector;
  /** r̂; zero where g lies in span(V). */
  readonly outside: Vector;
}

/** The model at a new gradient; null where the product isn't finite or the basis is empty. One product with A = ∇²f(x), or none. */
export function borderBasis(space: KrylovSpace, A: LinearOperator, gradient: Vector): BorderedBasis | null {
  const { n, basis, alpha, beta, size: k } = space;
  if (k === 0) return null;
  const coefficients = new Float64Array(k + 1);
  const outside = gradient.slice();
  for (let pass = 0; pass < 2; pass++) {
    for (let j = 0; j < k; j++) {
      const v = basis.subarray(j * n, (j + 1) * n);
      const c = dot(v, outside);
      coefficients[j] = coefficients[j]! + c;
      axpy(outside, -c, v);
    }
  }
  const rho = norm2(outside);
  const diagonal = new Float64Array(k + 1);
  const offDiagonal = new Float64Array(k);
  diagonal.set(alpha.subarray(0, k));
  offDiagonal.set(beta.subarray(0, k - 1));
  if (!(rho > 1e-12 * norm2(gradient))) {
    diagonal[k] = 1;
    outside.fill(0);
    return { diagonal, offDiagonal, coefficients, outside };
  }
  for (let i = 0; i < n; i++) outside[i] = outside[i]! / rho;
  const product = A.applyInto(new Float64Array(n), outside);
  diagonal[k] = dot(outside, product);
  coefficients[k] = rho;
  offDiagonal[k - 1] = space.invariant ? 0 : beta[k - 1]! * dot(basis.subarray(k * n, (k + 1) * n), outside);
  return Number.isFinite(diagonal[k]!) ? { diagonal, offDiagonal, coefficients, outside } : null;
}

/**
 * Writes the step of the shift that fits ‖d‖ = αλ best among those that make the model positive definite; the norm is 0 where none does.
 * The predicted decrease is the quadratic model's.
 */
export function borderedStepInto(
  out: Vector,
  model: BorderedBasis,
  space: KrylovSpace,
  gradient: Vector,
  shifts: Vector,
  alpha: number,
): { norm: number; predicted: number } {
  const m = model.diagonal.length;
  let best = new Float64Array(m);
  let trial = new Float64Array(m);
  const pivots = new Float64Array(m);
  let misfit = Number.POSITIVE_INFINITY;
  let shift = Number.NaN;
  for (const lambda of shifts) {
    if (!solveShifted(trial, model, lambda, pivots)) continue;
    const off = Math.abs(Math.log(norm2(trial) / (alpha * lambda)));
    if (!(off < misfit)) continue;
    misfit = off;
    shift = lambda;
    [best, trial] = [trial, best];
  }
  if (Number.isNaN(shift)) return { norm: 0, predicted: 0 };
  fromKrylovInto(out, space, best.subarray(0, m - 1));
  for (let i = 0; i < out.length; i++) out[i] = out[i]! + best[m - 1]! * model.outside[i]!;
  const norm = norm2(out);
  return { norm, predicted: 0.5 * (shift * norm * norm - dot(gradient, out)) };
}

/** (T + λI) y = −c by LDLᵀ; false where T + λI isn't positive definite. */
function solveShifted(
  y: Vector,
  { diagonal, offDiagonal, coefficients }: BorderedBasis,
  lambda: number,
  pivots: Vector,
): boolean {
  const m = diagonal.length;
  for (let j = 0; j < m; j++) {
    const l = j === 0 ? 0 : offDiagonal[j - 1]! / pivots[j - 1]!;
    const pivot = diagonal[j]! + lambda - (j === 0 ? 0 : l * offDiagonal[j - 1]!);
    if (!(pivot > 0)) return false;
    pivots[j] = pivot;
    y[j] = -coefficients[j]! - (j === 0 ? 0 : l * y[j - 1]!);
  }
  for (let j = m - 1; j >= 0; j--) {
    y[j] = y[j]! / pivots[j]! - (j === m - 1 ? 0 : (offDiagonal[j]! / pivots[j]!) * y[j + 1]!);
  }
  return true;
}
