// The mean of SPD matrices under the affine-invariant metric: all whitened matrices L⁻¹QᵢL⁻ᵀ in one batch of eigendecompositions for n ≤ 16.
//
// Bini, Iannazzo 2013, "Computing the Karcher mean of symmetric positive definite matrices", Linear Algebra Appl. 438(4): the Hessian's eigenvalues lie between 1 and
// Σ wᵢ xᵢ coth xᵢ, 2xᵢ = log(λ_max/λ_min) of the i-th whitened matrix.
import type { Vector } from "@hessia/core";
import { batchedEigenInto } from "@hessia/core/linear";
import { factorCholesky, multiply, multiplyTransposeRight, solveLower, symmetrize } from "./dense.js";
import { applyFunctionInto, eigenInto, largestBatched, newEigenWork } from "./eigen.js";
import type { MeanEvaluator } from "./mean-evaluator.js";

export function affineMeanEvaluator(n: number, points: readonly Vector[], weights: Vector): MeanEvaluator {
  const size = n * n;
  const count = points.length;
  const batched = n <= largestBatched;
  const held = batched ? count : 1;
  const [L, inverse, S, A] = [0, 1, 2, 3].map(() => new Float64Array(size)) as [Vector, Vector, Vector, Vector];
  const whitened = new Float64Array(held * size);
  const values = new Float64Array(held * n);
  const vectors = new Float64Array(held * size);
  const status = new Int32Array(held);
  const eigen = newEigenWork(n);
  const steps = { least: 1, most: 1 };
  let sum = 0;
  let curvature = 0;
  /** Adds w log² λ and the curvature of one matrix. */
  const account = (λ: Vector, at: number, w: number) => {
    let square = 0;
    for (let k = 0; k < n; k++) square += Math.log(λ[at + k]) ** 2;
    sum += w * square;
    const x = 0.5 * Math.log(λ[at + n - 1] / λ[at]);
    curvature += w * (x < 1e-4 ? 1 + (x * x) / 3 : x / Math.tanh(x));
  };

  return {
    steps,
    evaluateInto(gradient, x) {
      L.set(x);
      if (factorCholesky(L, n) >= 0) {
        gradient.fill(Number.NaN);
        return Number.NaN;
      }
      inverse.fill(0);
      for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
      solveLower(L, inverse, n, n);
      S.fill(0);
      sum = 0;
      curvature = 0;
      if (batched) {
        for (let i = 0; i < count; i++) whitenLower(whitened, i * size, inverse, points[i], A, n);
        if (batchedEigenInto(values, vectors, n, count, whitened, status) > 0) return Number.NaN;
        for (let i = 0; i < count; i++) {
          account(values, i * n, weights[i]);
          addLogarithm(S, values, i * n, vectors, i * size, weights[i], A, n);
        }
        for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) S[j * n + i] = S[i * n + j];
      } else {
        for (let i = 0; i < count; i++) {
          multiply(A, inverse, points[i], n, n, n);
          multiplyTransposeRight(whitened, A, inverse, n, n, n);
          if (!eigenInto(eigen, symmetrize(whitened, n))) return Number.NaN;
          account(eigen.values, 0, weights[i]);
          applyFunctionInto(A, eigen, Math.log);
          for (let k = 0; k < size; k++) S[k] += weights[i] * A[k];
        }
      }
      // −L S Lᵀ.
      multiply(A, L, S, n, n, n);
      multiplyTransposeRight(gradient, A, L, n, n, n);
      symmetrize(gradient, n);
      for (let k = 0; k < size; k++) gradient[k] = -gradient[k];
      steps.least = 1 / curvature;
      return 0.5 * sum;
    },
  };
}

/** The lower triangle of K Q Kᵀ, K lower triangular, at out[at …]. */
function whitenLower(out: Vector, at: number, K: Vector, Q: Vector, A: Vector, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) A[i * n + j] = 0;
    for (let k = 0; k <= i; k++) {
      const f = K[i * n + k];
      for (let j = 0; j < n; j++) A[i * n + j] += f * Q[k * n + j];
    }
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k <= j; k++) sum += A[i * n + k] * K[j * n + k];
      out[at + i * n + j] = sum;
    }
  }
}

/** The lower triangle of S += w V diag(log λ) Vᵀ. */
function addLogarithm(
  S: Vector,
  λ: Vector,
  from: number,
  V: Vector,
  at: number,
  w: number,
  A: Vector,
  n: number,
): void {
  for (let k = 0; k < n; k++) {
    const log = w * Math.log(λ[from + k]);
    for (let i = 0; i < n; i++) A[i * n + k] = log * V[at + i * n + k];
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += A[i * n + k] * V[at + j * n + k];
      S[i * n + j] += sum;
    }
}
