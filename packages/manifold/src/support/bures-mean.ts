// The mean of SPD matrices under the Bures–Wasserstein metric, the barycenter of centred Gaussians: with x = L Lᵀ, Qᵢ = CᵢCᵢᵀ and LᵀCᵢ = (positive) Wᵢ the optimal maps satisfy
// TᵢL = CᵢWᵢᵀ. For n ≤ 16 all polar factors are one batch; beyond, Tᵢ = L⁻ᵀ (LᵀQᵢL)^½ L⁻¹.
//
// Álvarez-Esteban, del Barrio, Cuesta-Albertos, Matrán 2016, "A fixed-point approach to barycenters in Wasserstein space", J. Math. Anal. Appl. 441(2): their iteration is a gradient
// step of length 1. The curvature is ≥ 0, so that the Hessian's eigenvalues are at most 1.
import type { Vector } from "@hessia/core";
import { batchedPolarInto } from "@hessia/core/linear";
import {
  factorCholesky,
  multiply,
  multiplyTransposeLeft,
  multiplyTransposeRight,
  solveLowerTranspose,
} from "./dense.js";
import { applyFunctionInto, eigenInto, largestBatched, newEigenWork } from "./eigen.js";
import type { MeanEvaluator } from "./mean-evaluator.js";

export function buresMeanEvaluator(n: number, points: readonly Vector[], weights: Vector): MeanEvaluator {
  const size = n * n;
  const count = points.length;
  const batched = n <= largestBatched;
  const held = batched ? count * size : 0;
  const [L, Z, A, S] = [0, 1, 2, 3].map(() => new Float64Array(size)) as [Vector, Vector, Vector, Vector];
  const factors = batched
    ? points.map((Q) => {
        const C = Q.slice();
        factorCholesky(C, n);
        return C;
      })
    : [];
  const [crossed, turned, positive] = [new Float64Array(held), new Float64Array(held), new Float64Array(held)];
  const status = new Int32Array(batched ? count : 0);
  const eigen = newEigenWork(n);
  const trace = (X: Vector) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += X[i * n + i];
    return sum;
  };

  /** Z ← Σ wᵢ TᵢL; answers Σ wᵢ dᵢ². */
  const byPolarFactors = (): number => {
    for (let i = 0; i < count; i++) {
      // LᵀC, both lower triangular: entries k ≥ max(r, c).
      const C = factors[i]!;
      for (let r = 0; r < n; r++)
        for (let c = 0; c < n; c++) {
          let sum = 0;
          for (let k = Math.max(r, c); k < n; k++) sum += L[k * n + r] * C[k * n + c];
          crossed[i * size + r * n + c] = sum;
        }
    }
    batchedPolarInto(turned, positive, n, count, crossed, status);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const C = factors[i]!;
      const at = i * size;
      let square = 0;
      for (let r = 0; r < n; r++)
        for (let c = 0; c < n; c++) {
          let entry = 0;
          for (let k = 0; k <= r; k++) entry += C[r * n + k] * turned[at + c * n + k];
          Z[r * n + c] += weights[i] * entry;
          square += (L[r * n + c] - entry) ** 2;
        }
      sum += weights[i] * square;
    }
    return sum;
  };
  const bySquareRoots = (x: Vector): number => {
    S.fill(0);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      multiply(A, points[i], L, n, n, n);
      multiplyTransposeLeft(Z, L, A, n, n, n);
      if (!eigenInto(eigen, Z)) return Number.NaN;
      applyFunctionInto(A, eigen, (λ) => Math.sqrt(Math.max(0, λ)));
      for (let k = 0; k < size; k++) S[k] += weights[i] * A[k];
      sum += weights[i] * Math.max(0, trace(x) + trace(points[i]) - 2 * trace(A));
    }
    // Σ wᵢ TᵢL = L⁻ᵀ S.
    Z.set(S);
    solveLowerTranspose(L, Z, n, n);
    return sum;
  };

  return {
    steps: { least: 1, most: 3 },
    evaluateInto(gradient, x) {
      L.set(x);
      if (factorCholesky(L, n) >= 0) {
        gradient.fill(Number.NaN);
        return Number.NaN;
      }
      Z.fill(0);
      const sum = batched ? byPolarFactors() : bySquareRoots(x);
      // 2x − Z Lᵀ − L Zᵀ.
      multiplyTransposeRight(A, Z, L, n, n, n);
      for (let i = 0; i < n; i++)
        for (let j = 0; j <= i; j++)
          gradient[i * n + j] = gradient[j * n + i] = 2 * x[i * n + j] - A[i * n + j] - A[j * n + i];
      return 0.5 * sum;
    },
    transportInto(out, _x, _y, u) {
      if (out !== u) out.set(u);
      return out;
    },
  };
}
