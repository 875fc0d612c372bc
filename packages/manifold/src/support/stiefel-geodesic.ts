// Geodesics of the Stiefel manifold in coordinates of 2p × 2p: exponential and logarithm for the Euclidean and the canonical metric.
//
// With A = XᵀU and (I − XXᵀ)U = Q R: exp_X(U) = [X Q] exp([sA −Rᵀ; R 0]) [I; 0] exp((1 − s)A), s = 2 for the Euclidean metric, s = 1 for the canonical one.
// Edelman, Arias, Smith 1998, "The geometry of algorithms with orthogonality constraints", SIAM J. Matrix Anal. Appl. 20(2), eq. 2.42 and corollary 2.2; in one form: Zimmermann, Hüper
// 2022, "Computing the Riemannian logarithm on the Stiefel manifold: metrics, methods, and performance", SIAM J. Matrix Anal. Appl. 43(2).
// Logarithm: canonical metric, Zimmermann 2017, "A matrix-algebraic algorithm for the Riemannian logarithm on the Stiefel manifold under the canonical metric", SIAM J. Matrix Anal.
// Appl. 38(2), Algorithm 1 with the Sylvester step of Zimmermann, Hüper; Euclidean metric, shooting in the 2p coordinates (there, Algorithm 4).
//
// Deviations:
// 1. Directions that are missing in Q (rank-deficient, or n < 2p) are zero columns: the manifold is then seen as part of a larger Stiefel manifold, in which it is totally geodesic.
// 2. The gap of a shot is carried back by the rotation that carried X forward, not by projections; shots are accelerated (Anderson 1965, in support/acceleration.ts) and begin at the
//    canonical logarithm, from which, where need be, s is raised in steps.
import type { Vector } from "@hessia/core";
import { accelerate, newAcceleration } from "./acceleration.js";
import {
  multiply,
  multiplyTransposeLeft,
  multiplyTransposeRight,
  orthonormalizeRows,
  skew,
  symmetrize,
  transpose,
} from "./dense.js";
import { eigenInto, fromBasis, intoBasis, newEigenWork, newPolarWork, polarInto } from "./eigen.js";
import { exponentialInto, newExponentialWork } from "./matrix-exponential.js";
import { newRotationLogWork, rotationLogInto } from "./rotation-log.js";

export interface StiefelGeodesic {
  expInto(out: Vector, X: Vector, U: Vector, t: number): Vector;
  /** False where no tangent was found that leads to Y: then out is NaN. */
  logInto(out: Vector, X: Vector, Y: Vector): boolean;
}

const iterationLimit = 400;
const shotLimit = 300;

/** For n × p matrices; `s` is 2 for the Euclidean and 1 for the canonical metric. */
export function stiefelGeodesic(n: number, p: number, s: 1 | 2): StiefelGeodesic {
  const m = 2 * p;
  const small = () => new Float64Array(p * p);
  const large = () => new Float64Array(m * m);
  const wide = () => new Float64Array(p * n);
  const [A, R, M, N, E] = [small(), small(), small(), small(), small()];
  const [K, V, L] = [large(), large(), large()];
  const [Xt, Qt, Zt] = [wide(), wide(), wide()];
  const top = new Float64Array(m * p);
  const gap = new Float64Array(m * p);
  const bigExp = newExponentialWork(m);
  const smallExp = newExponentialWork(p);
  const rotation = newRotationLogWork(m);
  const eigen = newEigenWork(p);
  const polar = newPolarWork(p);

  /** Xt ← Xᵀ; rows of Qt: an orthonormal basis of what is left of the columns of Z (zero rows where there is nothing). */
  const basis = (X: Vector, Z: Vector) => {
    transpose(Xt, X, n, p);
    transpose(Zt, Z, n, p);
    complementRows(Qt, Xt, Zt, p, n);
  };
  /** top ← exp(K) [I; 0] exp((1 − s) t A), K from tA and tR; exp(K) is left in V. */
  const shoot = (t: number, s: number) => {
    for (let i = 0; i < p; i++)
      for (let j = 0; j < p; j++) {
        K[i * m + j] = s * t * A[i * p + j];
        K[i * m + p + j] = -t * R[j * p + i];
        K[(p + i) * m + j] = t * R[i * p + j];
        K[(p + i) * m + p + j] = 0;
      }
    exponentialInto(V, bigExp, K);
    for (let i = 0; i < m; i++) for (let j = 0; j < p; j++) gap[i * p + j] = V[i * m + j];
    if (s === 1) top.set(gap);
    else {
      for (let k = 0; k < p * p; k++) E[k] = (1 - s) * t * A[k];
      multiply(top, gap, exponentialInto(E, smallExp, E), m, p, p);
    }
    return top;
  };
  /** out ← X A + Q R for the p × p blocks of `blocks` (2p × p). */
  const assemble = (out: Vector, blocks: Vector) => {
    for (let i = 0; i < n; i++)
      for (let j = 0; j < p; j++) {
        let sum = 0;
        for (let k = 0; k < p; k++) sum += Xt[k * n + i] * blocks[k * p + j] + Qt[k * n + i] * blocks[(p + k) * p + j];
        out[i * p + j] = sum;
      }
    return out;
  };

  const canonicalLog = (): boolean => {
    // V = [M X₀; N Y₀] orthogonal with Y₀ as near to the identity as it can be.
    for (let i = 0; i < p; i++)
      for (let j = 0; j < p; j++) {
        L[i * m + j] = M[j * p + i];
        L[i * m + p + j] = N[j * p + i];
      }
    orthonormalizeRows(L, p, m);
    for (let i = 0; i < p; i++) {
      L.fill(0, (p + i) * m, (p + i + 1) * m);
      L[(p + i) * m + p + i] = 1;
    }
    orthonormalizeRows(L, m, m, undefined, true);
    for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) E[i * p + j] = L[(p + j) * m + p + i];
    polarInto(A, polar, E);
    transpose(V, L, m, m);
    turnRight(V, L, A, p, true);
    let last = Number.POSITIVE_INFINITY;
    for (let iteration = 0; iteration < iterationLimit; iteration++) {
      const outcome = rotationLogInto(L, rotation, V);
      if (outcome === "reflection" && iteration === 0) {
        // Turned about the direction that Y₀ keeps least: I − 2ddᵀ.
        for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) E[i * p + j] = V[(p + i) * m + p + j];
        eigenInto(eigen, symmetrize(E, p));
        for (let i = 0; i < p; i++)
          for (let j = 0; j < p; j++)
            E[i * p + j] = (i === j ? 1 : 0) - 2 * eigen.vectors[i * p] * eigen.vectors[j * p];
        turnRight(V, L, E, p, false);
        continue;
      }
      if (outcome !== "ok") return false;
      let size = 0;
      for (let i = 0; i < p; i++)
        for (let j = 0; j < p; j++) {
          A[i * p + j] = L[i * m + j];
          R[i * p + j] = L[(p + i) * m + j];
          E[i * p + j] = -L[(p + i) * m + p + j];
          size = Math.max(size, Math.abs(E[i * p + j]));
        }
      if (size < 1e-15 || (size < 1e-12 && size >= 0.5 * last)) return true;
      last = size;
      sylvesterStep();
      turnRight(V, L, exponentialInto(E, smallExp, E), p, false);
    }
    return last < 1e-12;
  };
  /** E = −C ← Γ with SΓ + ΓS = C, S = RRᵀ/12 − ½I, where S is safely negative; else it stays. */
  const sylvesterStep = () => {
    multiplyTransposeRight(M, R, R, p, p, p);
    eigenInto(eigen, M);
    const { values, vectors } = eigen;
    if (!(values[p - 1] / 12 < 0.45)) return;
    intoBasis(E, M, vectors, E, p);
    for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) E[i * p + j] /= 1 - (values[i] + values[j]) / 12;
    fromBasis(E, M, vectors, E, p);
    skew(E, p);
  };
  const acceleration = newAcceleration(2 * p * p);
  const residual = new Float64Array(2 * p * p);
  const point = new Float64Array(2 * p * p);
  const [M0, N0] = [small(), small()];
  const euclideanLog = (): boolean => {
    M0.set(M);
    N0.set(N);
    // From the canonical logarithm, s = 1, to s = 2: at once, and where that fails through the metrics between.
    for (const stages of [1, 4, 16]) {
      M.set(M0);
      N.set(N0);
      if (!canonicalLog()) {
        A.set(M0);
        skew(A, p);
        R.set(N0);
      }
      let found = true;
      for (let stage = 1; stage <= stages && found; stage++) found = shootUntilHit(1 + stage / stages);
      if (found) return true;
    }
    return false;
  };
  const shootUntilHit = (s: number): boolean => {
    acceleration.length = 0;
    let best = Number.POSITIVE_INFINITY;
    for (let iteration = 0; iteration < shotLimit; iteration++) {
      shoot(1, s);
      let size = 0;
      for (let i = 0; i < p * p; i++) {
        gap[i] = M0[i] - top[i];
        gap[p * p + i] = N0[i] - top[p * p + i];
        size = Math.max(size, Math.abs(gap[i]), Math.abs(gap[p * p + i]));
      }
      if (size < 1e-15 || (size < 2e-12 && size >= 0.5 * best) || (s < 2 && size < 1e-6)) return true;
      if (Number.isNaN(size)) return false;
      best = Math.min(best, size);
      // Back by Vᵀ and exp((s − 1)A); top becomes scratch.
      multiplyTransposeLeft(top, V, gap, m, m, p);
      for (let k = 0; k < p * p; k++) E[k] = (s - 1) * A[k];
      multiply(residual, top, exponentialInto(E, smallExp, E), m, p, p);
      skew(residual, p);
      point.set(A);
      point.set(R, p * p);
      accelerate(acceleration, point, residual);
      for (let k = 0; k < p * p; k++) {
        A[k] = point[k];
        R[k] = point[p * p + k];
      }
      skew(A, p);
    }
    return false;
  };

  return {
    expInto(out, X, U, t) {
      basis(X, U);
      multiplyTransposeLeft(A, X, U, p, n, p);
      skew(A, p);
      multiplyTransposeRight(R, Qt, Zt, p, n, p);
      shoot(t, s);
      return assemble(out, top);
    },
    logInto(out, X, Y) {
      basis(X, Y);
      multiplyTransposeLeft(M, X, Y, p, n, p);
      multiplyTransposeRight(N, Qt, Zt, p, n, p);
      if (!(s === 1 ? canonicalLog() : euclideanLog())) {
        out.fill(Number.NaN);
        return false;
      }
      top.set(A);
      top.set(R, p * p);
      assemble(out, top);
      return true;
    },
  };
}

/** V's last p columns ← those times P (or Pᵀ… with `transposed`), by way of `scratch` (m × m). */
function turnRight(V: Vector, scratch: Vector, P: Vector, p: number, transposed: boolean): void {
  const m = 2 * p;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < p; j++) {
      let sum = 0;
      for (let k = 0; k < p; k++) sum += V[i * m + p + k] * (transposed ? P[j * p + k] : P[k * p + j]);
      scratch[i * p + j] = sum;
    }
  for (let i = 0; i < m; i++) for (let j = 0; j < p; j++) V[i * m + p + j] = scratch[i * p + j];
}

/** Rows of Q: an orthonormal basis of the rows of Z (count × n) within the complement of the orthonormal rows of X; zero where a row adds nothing. */
export function complementRows(Q: Vector, X: Vector, Z: Vector, count: number, n: number, rowsOfX = count): void {
  let scale = 0;
  for (let k = 0; k < count * n; k++) scale += Z[k] * Z[k];
  const negligible = 1e-14 * Math.sqrt(scale);
  for (let i = 0; i < count; i++) {
    const at = i * n;
    for (let k = 0; k < n; k++) Q[at + k] = Z[at + k];
    for (let pass = 0; pass < 3; pass++) {
      removeRows(Q, at, X, rowsOfX, n);
      removeRows(Q, at, Q, i, n);
      let square = 0;
      for (let k = 0; k < n; k++) square += Q[at + k] * Q[at + k];
      const size = Math.sqrt(square);
      // In later passes the row had length one: noise would not keep it.
      const nothing = pass === 0 ? !(size > negligible) : !(size > 0.1);
      for (let k = 0; k < n; k++) Q[at + k] = nothing ? 0 : Q[at + k] / size;
      // A pass that left more than half found it orthogonal to rounding.
      if (nothing || (pass > 0 && size > 0.5)) break;
    }
  }
}

function removeRows(Q: Vector, at: number, B: Vector, rows: number, n: number): void {
  for (let j = 0; j < rows; j++) {
    let along = 0;
    for (let k = 0; k < n; k++) along += B[j * n + k] * Q[at + k];
    if (along !== 0) for (let k = 0; k < n; k++) Q[at + k] -= along * B[j * n + k];
  }
}
