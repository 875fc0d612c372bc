// Symmetric positive definite matrices with the log-Cholesky metric: with P = L Lᵀ, entries below the diagonal of L and logarithms of the diagonal are Euclidean coordinates. Flat, complete,
// all in closed form without an eigendecomposition.
//
// Lin 2019, "Riemannian geometry of symmetric positive definite matrices via Cholesky decomposition", SIAM J. Matrix Anal. Appl. 40(4). A tangent U stands for X = L (L⁻¹UL⁻ᵀ)_½, the lower
// triangle with half of the diagonal, so that U = L Xᵀ + X Lᵀ; ⟨U, U⟩ = Σ_{i>j} Xᵢⱼ² + Σ (Xⱼⱼ/Lⱼⱼ)². The metric depends on the order of the coordinates: it isn't O(n)-invariant.
import { requireKnownOptions, type Vector } from "@hessia/core";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import {
  factorCholesky,
  multiply,
  multiplyTransposeRight,
  solveLower,
  solveRowsLower,
  symmetrize,
} from "../support/dense.js";
import { requireSize } from "../support/require.js";
import { refusePoint, spdBasics } from "../support/spd.js";

/**
 * n × n symmetric positive definite matrices, log-Cholesky metric; dimension n(n + 1)/2.
 * @throws ArgumentError when n isn't an integer ≥ 1.
 */
export function spdLogCholesky(
  n: number,
  options: Record<string, never> = {},
): GeodesicManifold & Required<Pick<ManifoldCore, "invRetractInto" | "sectionalCurvature">> {
  const routine = "spdLogCholesky";
  requireSize(routine, "n", n);
  requireKnownOptions(routine, options, []);
  const size = n * n;
  const [L, K, X, Y, A, B] = Array.from({ length: 6 }, () => new Float64Array(size)) as [
    Vector,
    Vector,
    Vector,
    Vector,
    Vector,
    Vector,
  ];
  const basics = spdBasics(routine, n);

  const factorInto = (out: Vector, P: Vector) => {
    out.set(P);
    return factorCholesky(out, n) < 0;
  };
  const requireFactor = (out: Vector, member: string, argument: string, P: Vector) => {
    if (!factorInto(out, P)) refusePoint(basics, `${routine}.${member}`, argument, P);
  };
  /** out ← X, the velocity of the factor L, for the tangent U. */
  const factorVelocity = (out: Vector, U: Vector) => {
    A.set(U);
    solveLower(L, A, n, n);
    solveRowsLower(L, A, n, n);
    for (let i = 0; i < n; i++) {
      A[i * n + i] *= 0.5;
      A.fill(0, i * n + i + 1, (i + 1) * n);
    }
    return multiply(out, L, A, n, n, n);
  };
  /** out ← F Xᵀ + X Fᵀ. */
  const tangentOf = (out: Vector, F: Vector, X: Vector) => {
    multiplyTransposeRight(A, F, X, n, n, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) out[i * n + j] = out[j * n + i] = A[i * n + j] + A[j * n + i];
    return out;
  };
  const moveInto = (out: Vector, U: Vector, t: number) => {
    factorVelocity(X, U);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) X[i * n + j] = L[i * n + j] + t * X[i * n + j];
      X[i * n + i] = L[i * n + i] * Math.exp((t * X[i * n + i]) / L[i * n + i]);
    }
    multiplyTransposeRight(out, X, X, n, n, n);
    return symmetrize(out, n);
  };
  const expInto = (out: Vector, P: Vector, U: Vector, t = 1) => {
    requireFactor(L, "expInto", "x", P);
    return moveInto(out, U, t);
  };
  const logInto = (out: Vector, P: Vector, Q: Vector) => {
    requireFactor(L, "logInto", "x", P);
    requireFactor(K, "logInto", "y", Q);
    X.fill(0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) X[i * n + j] = K[i * n + j] - L[i * n + j];
      X[i * n + i] = L[i * n + i] * Math.log(K[i * n + i] / L[i * n + i]);
    }
    return tangentOf(out, L, X);
  };

  return defineManifold({
    ...basics,
    name: `${routine}(${n})`,
    retractions: ["exp"],
    retraction: "exp",
    retractionOrder: 2,
    transportKind: "parallel",
    injectivityRadius: Number.POSITIVE_INFINITY,
    typicalDistance: Math.sqrt((n * (n + 1)) / 2),

    inner(P, U, V) {
      if (!factorInto(L, P)) return Number.NaN;
      factorVelocity(X, U);
      const other = U === V ? X : factorVelocity(Y, V);
      let sum = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < i; j++) sum += X[i * n + j] * other[i * n + j];
        sum += (X[i * n + i] / L[i * n + i]) * (other[i * n + i] / L[i * n + i]);
      }
      return sum;
    },
    expInto,
    logInto,
    dist(P, Q) {
      requireFactor(L, "dist", "x", P);
      requireFactor(K, "dist", "y", Q);
      let square = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < i; j++) square += (K[i * n + j] - L[i * n + j]) ** 2;
        square += Math.log(K[i * n + i] / L[i * n + i]) ** 2;
      }
      return Math.sqrt(square);
    },
    retractInto: (out, P, U, t = 1) => (factorInto(L, P) ? moveInto(out, U, t) : out.fill(Number.NaN)),
    invRetractInto: logInto,
    transportInto(out, P, Q, U) {
      if (!factorInto(L, P) || !factorInto(K, Q)) return out.fill(Number.NaN);
      factorVelocity(X, U);
      for (let i = 0; i < n; i++) X[i * n + i] *= K[i * n + i] / L[i * n + i];
      return tangentOf(out, K, X);
    },
    euclideanToRiemannianGradientInto(out, P, G) {
      if (!factorInto(L, P)) return out.fill(Number.NaN);
      B.set(G);
      multiply(X, symmetrize(B, n), L, n, n, n);
      lowerGradient(X);
      return tangentOf(out, L, X);
    },
    euclideanToRiemannianHessianInto(out, P, G, H, U) {
      if (!factorInto(L, P)) return out.fill(Number.NaN);
      // In coordinates of the factor: 2 tril(sym(H) L + sym(G) X); on the diagonal d² h + d ẋ g, as on the positive numbers.
      factorVelocity(Y, U);
      B.set(G);
      symmetrize(B, n);
      multiply(X, B, L, n, n, n);
      for (let i = 0; i < n; i++) K[i] = 2 * X[i * n + i];
      multiply(A, B, Y, n, n, n);
      B.set(H);
      symmetrize(B, n);
      multiply(X, B, L, n, n, n);
      for (let k = 0; k < size; k++) X[k] += A[k];
      lowerGradient(X);
      for (let i = 0; i < n; i++) X[i * n + i] += L[i * n + i] * Y[i * n + i] * K[i];
      return tangentOf(out, L, X);
    },
    sectionalCurvature: () => 0,
  });

  /** X ← 2 tril(X), the diagonal times Lⱼⱼ². */
  function lowerGradient(X: Vector): void {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) X[i * n + j] *= 2;
      X[i * n + i] *= 2 * L[i * n + i] ** 2;
      X.fill(0, i * n + i + 1, (i + 1) * n);
    }
  }
}
