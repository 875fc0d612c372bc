// Symmetric positive definite matrices with the affine-invariant metric ⟨U, V⟩_P = tr(P⁻¹ U P⁻¹ V): complete, of curvature ≤ 0.
//
// Pennec, Fillard, Ayache 2006, "A Riemannian framework for tensor computing", IJCV 66; Bhatia, "Positive Definite Matrices" (2007), chapter 6; Jeuris, Vandebril, Vandereycken 2012,
// "A survey and comparison of contemporary algorithms for computing the matrix geometric mean", ETNA 39, for the retraction P + U + ½ U P⁻¹ U.
//
// Deviation: everywhere the Cholesky factor, P = L Lᵀ, stands for the square root: since the metric doesn't see congruences, exp_P(U) = L exp(L⁻¹UL⁻ᵀ) Lᵀ and so on for every L with
// P = L Lᵀ, and triangular solves lose less than eigenvectors of an ill-conditioned P.
import { misuse, requireKnownOptions, requireOneOf, type Vector } from "@hessia/core";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import { affineMeanEvaluator } from "../support/affine-mean.js";
import {
  addToDiagonal,
  factorCholesky,
  frobenius,
  multiply,
  multiplyTransposeRight,
  solveLower,
  solveRowsLower,
  symmetrize,
} from "../support/dense.js";
import { applyFunctionInto, eigenInto, newEigenWork } from "../support/eigen.js";
import { lastPair } from "../support/last-pair.js";
import { requireSize } from "../support/require.js";
import { refusePoint, spdBasics } from "../support/spd.js";

export interface SpdAffineInvariantOptions {
  /** "exp", the exponential; or "quadratic", P + tU + ½t² U P⁻¹ U, without an eigendecomposition. Both are of second order. Default "exp". */
  readonly retraction?: "exp" | "quadratic";
}

export type SpdAffineInvariant = GeodesicManifold &
  Required<Pick<ManifoldCore, "invRetractInto" | "sectionalCurvature">>;

/**
 * n × n symmetric positive definite matrices, affine-invariant metric; dimension n(n + 1)/2.
 * @throws ArgumentError when n isn't an integer ≥ 1 or an option isn't known.
 */
export function spdAffineInvariant(n: number, options: SpdAffineInvariantOptions = {}): SpdAffineInvariant {
  const routine = "spdAffineInvariant";
  requireSize(routine, "n", n);
  requireKnownOptions(routine, options, ["retraction"]);
  const { retraction = "exp" } = options;
  const retractions = ["exp", "quadratic"] as const;
  requireOneOf(routine, "options.retraction", retraction, retractions);
  const size = n * n;
  const eigen = newEigenWork(n);
  const [L, W, A, B] = [0, 1, 2, 3].map(() => new Float64Array(size)) as [Vector, Vector, Vector, Vector];
  const basics = spdBasics(routine, n);
  /** (L⁻¹QL⁻ᵀ)^½ of the last transport. */
  const root = new Float64Array(size);
  const same = lastPair(size);

  /** L ← chol(P). False where P isn't positive definite. */
  const factor = (P: Vector) => {
    L.set(P);
    return factorCholesky(L, n) < 0;
  };
  const requireFactor = (member: string, argument: string, P: Vector) => {
    if (!factor(P)) refusePoint(basics, `${routine}.${member}`, argument, P);
  };
  /** out ← L⁻¹ U L⁻ᵀ. */
  const whiten = (out: Vector, U: Vector) => {
    if (out !== U) out.set(U);
    solveLower(L, out, n, n);
    solveRowsLower(L, out, n, n);
    return symmetrize(out, n);
  };
  /** out ← L X Lᵀ, symmetric. `out` isn't A. */
  const color = (out: Vector, X: Vector) => {
    multiply(A, L, X, n, n, n);
    multiplyTransposeRight(out, A, L, n, n, n);
    return symmetrize(out, n);
  };
  const expInto = (out: Vector, P: Vector, U: Vector, t = 1) => {
    requireFactor("expInto", "x", P);
    return exponential(out, U, t);
  };
  const exponential = (out: Vector, U: Vector, t: number) => {
    eigenInto(eigen, whiten(W, U));
    // L V diag(e^{tλ/2}) times its transpose is positive definite to rounding.
    for (let j = 0; j < n; j++) {
      const root = Math.exp(0.5 * t * eigen.values[j]);
      for (let i = 0; i < n; i++) B[i * n + j] = root * eigen.vectors[i * n + j];
    }
    multiply(A, L, B, n, n, n);
    multiplyTransposeRight(out, A, A, n, n, n);
    return symmetrize(out, n);
  };
  const logInto = (out: Vector, P: Vector, Q: Vector) => {
    requireFactor("logInto", "x", P);
    eigenInto(eigen, whiten(W, Q));
    if (!(eigen.values[0] > 0)) requireFactor("logInto", "y", Q);
    return color(out, applyFunctionInto(W, eigen, Math.log));
  };

  return defineManifold({
    ...basics,
    name: `spdAffineInvariant(${n})`,
    retractions,
    retraction,
    retractionOrder: 2,
    transportKind: "parallel",
    injectivityRadius: Number.POSITIVE_INFINITY,
    typicalDistance: Math.sqrt((n * (n + 1)) / 2),

    inner(P, U, V) {
      if (!factor(P)) return Number.NaN;
      whiten(W, U);
      return frobenius(W, U === V ? W : whiten(B, V), size);
    },
    expInto,
    logInto,
    dist(P, Q) {
      requireFactor("dist", "x", P);
      eigenInto(eigen, whiten(W, Q));
      if (!(eigen.values[0] > 0)) requireFactor("dist", "y", Q);
      let square = 0;
      for (let i = 0; i < n; i++) square += Math.log(eigen.values[i]) ** 2;
      return Math.sqrt(square);
    },
    retractInto(out, P, U, t = 1) {
      if (!factor(P)) return out.fill(Number.NaN);
      if (retraction === "exp") return exponential(out, U, t);
      // L (I + tW + ½t²W²) Lᵀ = ½ L (I + (I + tW)²) Lᵀ.
      whiten(W, U);
      for (let k = 0; k < size; k++) W[k] *= t;
      addToDiagonal(W, n, 1);
      multiplyTransposeRight(B, W, W, n, n, n);
      addToDiagonal(B, n, 1);
      color(out, B);
      for (let k = 0; k < size; k++) out[k] *= 0.5;
      return out;
    },
    invRetractInto(out, P, Q) {
      if (retraction === "exp") return logInto(out, P, Q);
      requireFactor("invRetractInto", "x", P);
      eigenInto(eigen, whiten(W, Q));
      if (!(eigen.values[0] > 0.5))
        misuse(
          `${routine}.invRetractInto`,
          "y",
          `not above P/2: the least eigenvalue of P⁻¹Q is ${eigen.values[0].toExponential(2)}`,
          "a matrix of the range of the retraction",
        );
      return color(
        out,
        applyFunctionInto(W, eigen, (lambda) => Math.sqrt(2 * lambda - 1) - 1),
      );
    },
    transportInto(out, P, Q, U) {
      // E U Eᵀ with E = (QP⁻¹)^½ = L (L⁻¹QL⁻ᵀ)^½ L⁻¹.
      if (!factor(P)) return out.fill(Number.NaN);
      if (!same(P, Q)) {
        eigenInto(eigen, whiten(W, Q));
        applyFunctionInto(root, eigen, (lambda) => Math.sqrt(Math.max(0, lambda)));
      }
      whiten(B, U);
      multiply(A, root, B, n, n, n);
      multiply(B, A, root, n, n, n);
      return color(out, B);
    },
    euclideanToRiemannianGradientInto(out, P, gradient) {
      B.set(gradient);
      symmetrize(B, n);
      multiply(A, P, B, n, n, n);
      multiply(B, A, P, n, n, n);
      symmetrize(B, n);
      out.set(B);
      return out;
    },
    euclideanToRiemannianHessianInto(out, P, gradient, hessianTimesU, U) {
      // P sym(H) P + sym(U sym(G) P).
      B.set(gradient);
      symmetrize(B, n);
      multiply(A, B, P, n, n, n);
      multiply(W, U, A, n, n, n);
      symmetrize(W, n);
      B.set(hessianTimesU);
      symmetrize(B, n);
      multiply(A, P, B, n, n, n);
      multiply(B, A, P, n, n, n);
      symmetrize(B, n);
      for (let k = 0; k < size; k++) out[k] = B[k] + W[k];
      return out;
    },
    meanEvaluator: (points, weights) => affineMeanEvaluator(n, points, weights),
    sectionalCurvature(P, U, V) {
      requireFactor("sectionalCurvature", "x", P);
      whiten(W, U);
      whiten(B, V);
      const [uu, uv, vv] = [frobenius(W, W), frobenius(W, B), frobenius(B, B)];
      multiply(A, W, B, n, n, n);
      let commutator = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) commutator += (A[i * n + j] - A[j * n + i]) ** 2;
      const area = uu * vv - uv * uv;
      if (!(area > 1e-14 * uu * vv))
        misuse(`${routine}.sectionalCurvature`, "v", "a multiple of u", "two tangents that span a plane");
      return (-0.25 * commutator) / area;
    },
  });
}
