// The Bures–Wasserstein geometry of SPD matrices, by factors: P = B Bᵀ, tangents U = PL + LP.
//
// Bhatia, Jain, Lim 2019, "On the Bures–Wasserstein distance between positive definite matrices", Expo. Math. 37(2); Malagò, Montrucchio, Pistone 2018, "Wasserstein Riemannian geometry
// of Gaussian densities", Inf. Geom. 1; Han, Mishra, Jawanpuria, Gao 2021, "On Riemannian optimization over positive definite matrices with the Bures–Wasserstein geometry", NeurIPS,
// for gradient and Hessian.
//
// Deviations:
// 1. Distance and logarithm are those of factors, Procrustes: with BᵀC = (positive) W, d = ‖B − C Wᵀ‖_F and log_P(Q) = B W Cᵀ + C Wᵀ Bᵀ − 2P. Nothing is inverted and nothing cancels, so
//    that no digits are lost however ill-conditioned P and Q are.
// 2. The norm of a tangent, by P's eigenvalues, is tr(LPL).
import { misuse, type Vector } from "@hessia/core";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import { buresMeanEvaluator } from "./bures-mean.js";
import { buresTransport } from "./bures-transport.js";
import {
  addToDiagonal,
  factorCholesky,
  frobenius,
  multiply,
  multiplyTransposeLeft,
  multiplyTransposeRight,
  symmetrize,
} from "./dense.js";
import { eigenInto, fromBasis, intoBasis, newEigenWork, newPolarWork, polarInto } from "./eigen.js";
import { kernelGradientInto, kernelInner, type MetricKernel } from "./kernel-metric.js";
import { refusePoint, spdBasics } from "./spd.js";

/** g(U, U) = Σ U'ᵢⱼ²/φ, φ = 2(dᵢ + dⱼ). */
export const buresKernel: MetricKernel = (x, y) => 2 * (x + y);

export function buresManifold(
  routine: string,
  name: string,
  n: number,
  retraction: "exp" | "congruence",
): GeodesicManifold {
  const size = n * n;
  const matrix = () => new Float64Array(size);
  const [A, B, C, L, S, W, X] = [matrix(), matrix(), matrix(), matrix(), matrix(), matrix(), matrix()];
  const eigen = newEigenWork(n);
  const polar = newPolarWork(n);
  const basics = spdBasics(routine, n);
  const transport = buresTransport(n);
  /** out ← L with PL + LP = U. */
  const lyapunov = (out: Vector, P: Vector, U: Vector) => {
    eigenInto(eigen, P);
    return lyapunovInBasis(out, U);
  };
  const lyapunovInBasis = (out: Vector, U: Vector) =>
    kernelGradientInto(out, eigen, (x, y) => 1 / (x + y), out === U ? U : copy(out, U));
  const copy = (out: Vector, U: Vector) => {
    out.set(U);
    return out;
  };
  /** B and C ← factors of P and Q with BᵀC positive definite. */
  const align = (member: string, P: Vector, Q: Vector) => {
    B.set(P);
    if (factorCholesky(B, n) >= 0) refusePoint(basics, `${routine}.${member}`, "x", P);
    A.set(Q);
    if (factorCholesky(A, n) >= 0) refusePoint(basics, `${routine}.${member}`, "y", Q);
    // BᵀC₀ = P₁ W: C = C₀ Wᵀ.
    multiplyTransposeLeft(S, B, A, n, n, n);
    polarInto(W, polar, S);
    multiplyTransposeRight(C, A, W, n, n, n);
  };
  /** out ← (I + tL) P (I + tL). False where I + tL isn't positive definite. */
  const move = (out: Vector, P: Vector, U: Vector, t: number) => {
    lyapunov(L, P, U);
    for (let k = 0; k < size; k++) L[k] *= t;
    addToDiagonal(L, n, 1);
    // Through the factor, so that what comes out is positive definite to rounding.
    B.set(P);
    const inside = factorCholesky(B, n) < 0;
    multiply(A, L, B, n, n, n);
    if (inside) {
      S.set(L);
      const within = factorCholesky(S, n) < 0;
      multiplyTransposeRight(out, A, A, n, n, n);
      symmetrize(out, n);
      return within;
    }
    return false;
  };
  const expInto = (out: Vector, P: Vector, U: Vector, t = 1) => {
    if (!move(X, P, U, t)) {
      if (basics.pointFault(P) !== undefined) refusePoint(basics, `${routine}.expInto`, "x", P);
      misuse(
        `${routine}.expInto`,
        "u",
        "outside of the domain of exp: I + L isn't positive definite, where PL + LP = u",
        "a shorter tangent: this metric isn't complete",
      );
    }
    out.set(X);
    return out;
  };
  const logInto = (out: Vector, P: Vector, Q: Vector) => {
    align("logInto", P, Q);
    multiplyTransposeRight(A, B, C, n, n, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) X[i * n + j] = X[j * n + i] = A[i * n + j] + A[j * n + i] - 2 * P[i * n + j];
    out.set(X);
    return out;
  };

  return defineManifold({
    ...basics,
    name,
    retractions: ["exp", "congruence"],
    retraction,
    retractionOrder: 2,
    transportKind: "parallel",
    injectivityRadius: 0,
    typicalDistance: Math.sqrt((n * (n + 1)) / 2),

    inner(P, U, V) {
      eigenInto(eigen, P);
      return kernelInner(eigen, buresKernel, U, V, A, S);
    },
    expInto,
    logInto,
    dist(P, Q) {
      align("dist", P, Q);
      let square = 0;
      for (let k = 0; k < size; k++) square += (B[k] - C[k]) ** 2;
      return Math.sqrt(square);
    },
    retractInto(out, P, U, t = 1) {
      const inside = move(X, P, U, t);
      if (!inside && (retraction === "exp" || !(eigen.values[0] > 0))) return out.fill(Number.NaN);
      out.set(X);
      return out;
    },
    invRetractInto: logInto,
    transportInto(out, P, Q, U) {
      if (commute(P, Q)) {
        // In the common eigenbasis U'ᵢⱼ ((qᵢ + qⱼ)/(pᵢ + pⱼ))^½.
        const { values, vectors, scratch } = eigen;
        intoBasis(X, scratch, vectors, U, n);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++)
            X[i * n + j] *= Math.sqrt((W[i * n + i] + W[j * n + j]) / (values[i] + values[j]));
        return symmetrize(fromBasis(out, scratch, vectors, X, n), n);
      }
      align("transportInto", P, Q);
      lyapunov(L, P, U);
      return transport(out, B, C, L);
    },
    /** The arithmetic mean: as near as the log-Euclidean one, and cheaper. */
    meanStart(points, weights) {
      const mean = matrix();
      points.forEach((P, i) => {
        for (let k = 0; k < size; k++) mean[k] += weights[i] * P[k];
      });
      return mean;
    },
    meanEvaluator: (points, weights) => buresMeanEvaluator(n, points, weights),
    euclideanToRiemannianGradientInto(out, P, G) {
      // 2(GP + PG), G symmetric.
      S.set(G);
      symmetrize(S, n);
      multiply(A, S, P, n, n, n);
      for (let i = 0; i < n; i++)
        for (let j = 0; j <= i; j++) S[i * n + j] = S[j * n + i] = 2 * (A[i * n + j] + A[j * n + i]);
      out.set(S);
      return out;
    },
    euclideanToRiemannianHessianInto(out, P, G, H, U) {
      // 4 sym(H P) + 2 sym(G U) + 4 sym(P sym(G L)) − sym(L grad), L = L_P(U).
      lyapunov(L, P, U);
      S.set(G);
      symmetrize(S, n);
      multiply(A, S, P, n, n, n);
      for (let i = 0; i < n; i++)
        for (let j = 0; j <= i; j++) B[i * n + j] = B[j * n + i] = 2 * (A[i * n + j] + A[j * n + i]);
      multiply(X, L, B, n, n, n);
      multiply(C, S, U, n, n, n);
      for (let k = 0; k < size; k++) X[k] = 2 * C[k] - X[k];
      multiply(A, S, L, n, n, n);
      symmetrize(A, n);
      multiply(C, P, A, n, n, n);
      for (let k = 0; k < size; k++) X[k] += 4 * C[k];
      S.set(H);
      symmetrize(S, n);
      multiply(C, S, P, n, n, n);
      for (let k = 0; k < size; k++) out[k] = X[k] + 4 * C[k];
      return symmetrize(out, n);
    },
  } satisfies ManifoldCore) as GeodesicManifold;

  /** Whether PQ = QP to rounding. If so W ← Vᵀ Q V, diagonal, with P's eigenvectors in `eigen`. */
  function commute(P: Vector, Q: Vector): boolean {
    multiply(A, P, Q, n, n, n);
    let off = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) off = Math.max(off, Math.abs(A[i * n + j] - A[j * n + i]));
    if (off > 1e-15 * Math.sqrt(frobenius(A, A))) return false;
    // Of P + Q·(an irrational share): where P has multiple eigenvalues Q's eigenvectors must decide.
    const share = Math.SQRT1_2 * Math.sqrt(frobenius(P, P) / frobenius(Q, Q));
    for (let k = 0; k < size; k++) S[k] = P[k] + share * Q[k];
    eigenInto(eigen, S);
    intoBasis(W, eigen.scratch, eigen.vectors, Q, n);
    intoBasis(S, eigen.scratch, eigen.vectors, P, n);
    for (let i = 0; i < n; i++) eigen.values[i] = S[i * n + i];
    return true;
  }
}
