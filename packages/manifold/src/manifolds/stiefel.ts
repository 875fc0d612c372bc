// Orthonormal frames, St(n, p) = {X ∈ ℝⁿˣᵖ : XᵀX = I}, with the Euclidean metric tr(UᵀV) or the canonical one tr(Uᵀ(I − ½XXᵀ)V).
//
// Edelman, Arias, Smith 1998, "The geometry of algorithms with orthogonality constraints", SIAM J. Matrix Anal. Appl. 20(2), for metrics, gradients, geodesics and eq. 2.49, the
// Christoffel symbol of the canonical metric; Absil, Mahony, Sepulchre 2008, Example 4.1.3, for the QR and polar retractions; Wen, Yin 2013, "A feasible method for optimization with
// orthogonality constraints", Math. Program. 142, Lemma 4, for the Cayley retraction by a 2p × 2p system. Geodesics: see support/stiefel-geodesic.ts.
//
// Deviations:
// 1. QR is taken by Gram–Schmidt, each vector twice, with a positive diagonal; the polar factor as Q · polar(R), which keeps its digits for long steps.
// 2. Both inverse retractions, Y S − X with S symmetric or R upper triangular and XᵀY S + S YᵀX = 2I, are one linear system of p(p + 1)/2 equations.
import { misuse, requireKnownOptions, requireOneOf, type Vector } from "@hessia/core";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import {
  addToDiagonal,
  frobenius,
  multiply,
  multiplyTransposeLeft,
  multiplyTransposeRight,
  orthonormalizeRows,
  solveInPlace,
  symmetrize,
  transpose,
} from "../support/dense.js";
import { newPolarWork } from "../support/eigen.js";
import { framePoints, polarRowsInto, undoFrame } from "../support/frames.js";
import { lastPair } from "../support/last-pair.js";
import { requireColumns } from "../support/require.js";
import { stiefelGeodesic } from "../support/stiefel-geodesic.js";

export interface StiefelOptions {
  /** "qr", "polar", "cayley" or "exp". Default "qr". "polar" is of second order for the Euclidean metric, "cayley" for the canonical one. */
  readonly retraction?: "qr" | "polar" | "cayley" | "exp";
  /** Default "euclidean". */
  readonly metric?: "euclidean" | "canonical";
}

/** `invRetractInto` is missing for the Cayley retraction. */
export type Stiefel = GeodesicManifold & Pick<ManifoldCore, "invRetractInto">;

/**
 * n × p matrices with orthonormal columns, 1 ≤ p ≤ n; dimension np − p(p + 1)/2.
 * @throws ArgumentError when p > n, a size isn't an integer ≥ 1 or an option isn't known.
 */
export function stiefel(n: number, p: number, options: StiefelOptions = {}): Stiefel {
  const routine = "stiefel";
  requireColumns(routine, n, p);
  requireKnownOptions(routine, options, ["retraction", "metric"]);
  const { retraction = "qr", metric = "euclidean" } = options;
  const retractions = ["qr", "polar", "cayley", "exp"] as const;
  requireOneOf(routine, "options.retraction", retraction, retractions);
  requireOneOf(routine, "options.metric", metric, ["euclidean", "canonical"]);
  const canonical = metric === "canonical";
  const length = n * p;
  const wide = () => new Float64Array(length);
  const small = () => new Float64Array(p * p);
  const [Y, Z, Yt] = [wide(), wide(), wide()];
  const [S, T, R] = [small(), small(), small()];
  const polar = newPolarWork(p);
  const name = `stiefel(${n}, ${p})`;

  const projInto = (out: Vector, X: Vector, V: Vector) => {
    symmetrize(multiplyTransposeLeft(S, X, V, p, n, p), p);
    multiply(Y, X, S, n, p, p);
    for (let k = 0; k < length; k++) out[k] = V[k] - Y[k];
    return out;
  };
  /** Yt ← (X + tU)ᵀ. */
  const moveTransposed = (X: Vector, U: Vector, t: number) => {
    for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) Yt[j * n + i] = X[i * p + j] + t * U[i * p + j];
  };
  const geodesic = stiefelGeodesic(n, p, canonical ? 1 : 2);
  const expInto = (out: Vector, X: Vector, U: Vector, t = 1) => geodesic.expInto(out, X, U, t);
  const logInto = (out: Vector, X: Vector, M: Vector) => {
    if (!geodesic.logInto(out, X, M))
      misuse(
        `${routine}.logInto`,
        "y",
        "a point to which no shortest geodesic was found",
        "one within the injectivity radius of x",
        "Likely causes: (a) y lies at or beyond the cut locus of x, (b) x or y isn't orthonormal.",
      );
    return out;
  };
  const retract = {
    qr(out: Vector, X: Vector, U: Vector, t = 1) {
      moveTransposed(X, U, t);
      return transpose(out, orthonormalizeRows(Yt, p, n), p, n);
    },
    polar(out: Vector, X: Vector, U: Vector, t = 1) {
      moveTransposed(X, U, t);
      polarRowsInto(Yt, Z, p, n, S, T, polar);
      return transpose(out, Yt, p, n);
    },
    cayley: cayleyRetraction(n, p),
    exp: expInto,
  };
  const inverse = undoFrame(n, p);
  const invRetractions: Record<typeof retraction, ManifoldCore["invRetractInto"]> = {
    qr: (out, X, M) => inverse(`${name}.invRetractInto`, out, X, M, "upper"),
    polar: (out, X, M) => inverse(`${name}.invRetractInto`, out, X, M, "symmetric"),
    cayley: undefined,
    exp: logInto,
  };
  // For p = 1 and p = n both metrics have the same geodesics, and all symmetric retractions agree with them to second order.
  const secondOrder =
    retraction === "exp" ||
    p === 1 ||
    (retraction === "polar" && (!canonical || p === n)) ||
    (retraction === "cayley" && (canonical || p === n));
  const inner = (X: Vector, U: Vector, V: Vector) => {
    const plain = frobenius(U, V);
    if (!canonical) return plain;
    multiplyTransposeLeft(S, X, U, p, n, p);
    multiplyTransposeLeft(T, X, V, p, n, p);
    return plain - 0.5 * frobenius(S, T);
  };
  const work = wide();
  const same = lastPair(length);
  const invRetractInto = invRetractions[retraction];

  return defineManifold({
    name: canonical ? `${name}, canonical` : name,
    constraint: "XᵀX = I",
    shape: [n, p],
    length,
    dim: length - (p * (p + 1)) / 2,
    retractions,
    retraction,
    retractionOrder: secondOrder ? 2 : 1,
    transportKind: "projection",
    // Zimmermann, Stoye 2024 for the Euclidean metric; the bound by the largest curvature, 5/4, for the canonical one.
    injectivityRadius: p === 1 || !canonical ? Math.PI : Math.PI / Math.sqrt(5 / 4),
    typicalDistance: Math.PI * Math.sqrt(p),

    inner,
    projInto,
    expInto,
    logInto,
    dist(X, M) {
      logInto(work, X, M);
      return Math.sqrt(Math.max(0, inner(X, work, work)));
    },
    retractInto: retract[retraction],
    ...(invRetractInto === undefined ? {} : { invRetractInto }),
    transportInto: (out, _X, M, U) => projInto(out, M, U),
    euclideanToRiemannianGradientInto: canonical
      ? (out, X, G) => {
          // G − X Gᵀ X.
          multiplyTransposeLeft(S, G, X, p, n, p);
          multiply(Y, X, S, n, p, p);
          for (let k = 0; k < length; k++) out[k] = G[k] - Y[k];
          return out;
        }
      : projInto,
    euclideanToRiemannianHessianInto: canonical
      ? (out, X, G, H, U) => {
          // D grad[U] + Γ(U, grad) with grad = G − X Gᵀ X, Γ(U, W) = ½(UWᵀ + WUᵀ)X + X sym(Uᵀ(I − XXᵀ)W).
          multiplyTransposeLeft(S, G, X, p, n, p);
          multiply(Y, X, S, n, p, p);
          for (let k = 0; k < length; k++) work[k] = G[k] - Y[k];
          multiply(Y, U, S, n, p, p);
          multiplyTransposeLeft(S, H, X, p, n, p);
          multiplyTransposeLeft(T, G, U, p, n, p);
          for (let k = 0; k < p * p; k++) S[k] += T[k];
          multiply(Z, X, S, n, p, p);
          for (let k = 0; k < length; k++) Z[k] = H[k] - Y[k] - Z[k];
          multiplyTransposeLeft(S, work, X, p, n, p);
          multiply(Y, U, S, n, p, p);
          for (let k = 0; k < length; k++) Z[k] += 0.5 * Y[k];
          multiplyTransposeLeft(T, U, X, p, n, p);
          multiply(Y, work, T, n, p, p);
          for (let k = 0; k < length; k++) Z[k] += 0.5 * Y[k];
          // Uᵀ W − (UᵀX)(XᵀW); S = WᵀX, T = UᵀX.
          multiplyTransposeRight(R, T, S, p, p, p);
          multiplyTransposeLeft(S, U, work, p, n, p);
          for (let k = 0; k < p * p; k++) S[k] -= R[k];
          multiply(Y, X, symmetrize(S, p), n, p, p);
          for (let k = 0; k < length; k++) out[k] = Z[k] + Y[k];
          return projInto(out, X, out);
        }
      : (out, X, G, H, U) => {
          // Many products are asked for at one point.
          if (!same(X, G)) symmetrize(multiplyTransposeLeft(R, X, G, p, n, p), p);
          multiply(Y, U, R, n, p, p);
          for (let k = 0; k < length; k++) work[k] = H[k] - Y[k];
          return projInto(out, X, work);
        },
    ...framePoints(routine, n, p),
  });
}

/** X + t A (I − ½t BᵀA)⁻¹ BᵀX with A = [PU X], B = [X −PU], PU = U − ½X XᵀU: (I − ½tW)⁻¹(I + ½tW)X for W = A Bᵀ. */
function cayleyRetraction(n: number, p: number): ManifoldCore["retractInto"] {
  const m = 2 * p;
  const S = new Float64Array(p * p);
  const [A, B] = [new Float64Array(n * m), new Float64Array(n * m)];
  const K = new Float64Array(m * m);
  const C = new Float64Array(m * p);
  const [PU, step] = [new Float64Array(n * p), new Float64Array(n * p)];
  return (out, X, U, t = 1) => {
    multiplyTransposeLeft(S, X, U, p, n, p);
    multiply(PU, X, S, n, p, p);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < p; j++) {
        const half = U[i * p + j] - 0.5 * PU[i * p + j];
        A[i * m + j] = half;
        A[i * m + p + j] = X[i * p + j];
        B[i * m + j] = X[i * p + j];
        B[i * m + p + j] = -half;
      }
    multiplyTransposeLeft(C, B, X, m, n, p);
    multiplyTransposeLeft(K, B, A, m, n, m);
    for (let k = 0; k < m * m; k++) K[k] *= -0.5 * t;
    if (!solveInPlace(addToDiagonal(K, m, 1), C, m, p)) return out.fill(Number.NaN);
    multiply(step, A, C, n, m, p);
    for (let k = 0; k < n * p; k++) out[k] = X[k] + t * step[k];
    return out;
  };
}
