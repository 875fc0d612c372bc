// p-dimensional subspaces of ℝⁿ, Gr(n, p), each given by an orthonormal basis X ∈ St(n, p) of it: X and X Q are the same point. Tangents are horizontal, XᵀU = 0, with tr(UᵀV).
//
// Edelman, Arias, Smith 1998, §2.5; Bendokat, Zimmermann, Absil 2020, "A Grassmann manifold handbook", Adv. Comput. Math. 50 (2024): exp by a thin SVD (eq. 3.10), Algorithm 5.3
// for the logarithm by Procrustes, parallel transport (eq. 3.18).
//
// Deviations:
// 1. Distances are taken from the sines and cosines of the principal angles together, so that small angles keep their digits.
// 2. f must depend on the subspace alone, f(XQ) = f(X). Vectors at X and at XQ are related by Q; the logarithm, and the transport, are those of the basis X and Y that were given.
import { misuse, requireKnownOptions, requireOneOf, type Vector } from "@hessia/core";
import { dot } from "@hessia/core/linear";
import { defineManifold, type GeodesicManifold } from "../manifold.js";
import {
  multiply,
  multiplyTransposeLeft,
  multiplyTransposeRight,
  orthonormalizeRows,
  transpose,
} from "../support/dense.js";
import { newPolarWork } from "../support/eigen.js";
import { framePoints, polarRowsInto } from "../support/frames.js";
import { lastPair } from "../support/last-pair.js";
import { quadraticTraceProblem } from "../support/quadratic-trace.js";
import { requireColumns } from "../support/require.js";
import { newThinSvd, thinSvdInto } from "../support/thin-svd.js";

export interface GrassmannOptions {
  /** "qr", "polar" or "exp", all of second order. Default "qr". */
  readonly retraction?: "qr" | "polar" | "exp";
  /** "parallel" along the shortest geodesic, by an SVD; or "projection". Default "parallel". */
  readonly transport?: "parallel" | "projection";
}

/**
 * p-dimensional subspaces of ℝⁿ as n × p orthonormal bases, dimension p(n − p).
 * @throws ArgumentError when p > n, a size isn't an integer ≥ 1 or an option isn't known.
 */
export function grassmann(n: number, p: number, options: GrassmannOptions = {}): GeodesicManifold {
  const routine = "grassmann";
  requireColumns(routine, n, p);
  requireKnownOptions(routine, options, ["retraction", "transport"]);
  const { retraction = "qr", transport = "parallel" } = options;
  const retractions = ["qr", "polar", "exp"] as const;
  requireOneOf(routine, "options.retraction", retraction, retractions);
  requireOneOf(routine, "options.transport", transport, ["parallel", "projection"]);
  const length = n * p;
  const wide = () => new Float64Array(length);
  const small = () => new Float64Array(p * p);
  const [A, B, C, Yt, W] = [wide(), wide(), wide(), wide(), wide()];
  const [S, T, M] = [small(), small(), small()];
  // Of the last transport: Q, −X V sin Σ + Q (cos Σ − I), M, and whether there is a shortest geodesic.
  const same = lastPair(length);
  const [axes, turn, basis] = [wide(), wide(), small()];
  let near = false;
  const polar = newPolarWork(p);
  const svd = newThinSvd(n, p);
  const angleSvd = newThinSvd(p, p);
  const name = `grassmann(${n}, ${p})`;

  /** V − X XᵀV, twice, since what is left may be small; nothing is left for p = n. */
  const projInto = (out: Vector, X: Vector, V: Vector) => {
    if (p === n) return out.fill(0);
    if (C !== V) C.set(V);
    for (let pass = 0; pass < 2; pass++) {
      multiplyTransposeLeft(S, X, C, p, n, p);
      multiply(B, X, S, n, p, p);
      for (let k = 0; k < length; k++) C[k] -= B[k];
    }
    out.set(C);
    return out;
  };
  const expInto = (out: Vector, X: Vector, U: Vector, t = 1) => {
    // U = Q Σ Vᵀ: (X V cos tΣ + Q sin tΣ) Vᵀ, orthonormalized against rounding.
    thinSvdInto(svd, U);
    multiply(A, X, svd.V, n, p, p);
    for (let j = 0; j < p; j++) {
      const [c, s] = [Math.cos(t * svd.values[j]), Math.sin(t * svd.values[j])];
      for (let i = 0; i < n; i++) A[i * p + j] = c * A[i * p + j] + s * svd.U[i * p + j];
    }
    for (let i = 0; i < n; i++)
      for (let j = 0; j < p; j++) {
        let sum = 0;
        for (let k = 0; k < p; k++) sum += A[i * p + k] * svd.V[j * p + k];
        Yt[j * n + i] = sum;
      }
    polarRowsInto(Yt, B, p, n, S, T, polar);
    return transpose(out, Yt, p, n);
  };
  /** svd of the horizontal part of Y turned towards X: A = (I − XXᵀ) Y Q with YᵀX = Q̃ Σ R̃ᵀ, Q = Q̃ R̃ᵀ; values are the sines of the principal angles. */
  const align = (X: Vector, Y: Vector): boolean => {
    multiplyTransposeLeft(S, Y, X, p, n, p);
    thinSvdInto(angleSvd, S);
    const { U, V, values } = angleSvd;
    for (let i = 0; i < p; i++)
      for (let j = 0; j < p; j++) {
        let sum = 0;
        for (let k = 0; k < p; k++) sum += U[i * p + k] * V[j * p + k];
        M[i * p + j] = sum;
      }
    multiply(A, Y, M, n, p, p);
    projInto(A, X, A);
    thinSvdInto(svd, A);
    return values[p - 1] > 1e-14;
  };
  /** The angle of each sine of `svd`: those of the smallest cosines belong to the largest sines. */
  const angle = (j: number) => Math.atan2(svd.values[j], angleSvd.values[p - 1 - j]);
  const logInto = (out: Vector, X: Vector, Y: Vector) => {
    if (!align(X, Y))
      misuse(
        `${routine}.logInto`,
        "y",
        "at a right angle to x: on its cut locus",
        "a subspace with no direction orthogonal to x",
      );
    for (let i = 0; i < n; i++)
      for (let j = 0; j < p; j++) {
        let sum = 0;
        for (let k = 0; k < p; k++) sum += svd.U[i * p + k] * angle(k) * svd.V[j * p + k];
        W[i * p + j] = sum;
      }
    return projInto(out, X, W);
  };
  const frame =
    (polarFactor: boolean) =>
    (out: Vector, X: Vector, U: Vector, t = 1) => {
      for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) Yt[j * n + i] = X[i * p + j] + t * U[i * p + j];
      if (polarFactor) polarRowsInto(Yt, B, p, n, S, T, polar);
      else orthonormalizeRows(Yt, p, n);
      return transpose(out, Yt, p, n);
    };

  return defineManifold({
    name,
    constraint: "XᵀX = I",
    shape: [n, p],
    length,
    dim: p * (n - p),
    retractions,
    retraction,
    retractionOrder: 2,
    transportKind: transport,
    injectivityRadius: Math.PI / 2,
    typicalDistance: (Math.PI / 2) * Math.sqrt(p),

    inner: (_X, U, V) => dot(U, V),
    projInto,
    expInto,
    logInto,
    dist(X, Y) {
      align(X, Y);
      let square = 0;
      for (let j = 0; j < p; j++) square += angle(j) ** 2;
      return Math.sqrt(square);
    },
    retractInto: { qr: frame(false), polar: frame(true), exp: expInto }[retraction],
    invRetractInto:
      retraction === "exp"
        ? logInto
        : (out, X, Y) => {
            // Y (XᵀY)⁻¹ − X: the graph of the subspace over X, whichever basis is taken.
            align(X, Y);
            if (!(angleSvd.values[p - 1] > 1e-14))
              misuse(
                `${routine}.invRetractInto`,
                "y",
                "at a right angle to x",
                "a subspace with no direction orthogonal to x",
              );
            for (let i = 0; i < n; i++)
              for (let j = 0; j < p; j++) {
                let sum = 0;
                for (let k = 0; k < p; k++) sum += svd.U[i * p + k] * Math.tan(angle(k)) * svd.V[j * p + k];
                W[i * p + j] = sum;
              }
            return projInto(out, X, W);
          },
    transportInto(out, X, Y, U) {
      if (transport === "projection") return projInto(out, Y, U);
      // With log_X(Y) = Q Σ Vᵀ: U + (−X V sin Σ + Q (cos Σ − I)) QᵀU, at the basis Y M; then back to Y.
      if (!same(X, Y)) {
        near = align(X, Y);
        axes.set(svd.U);
        basis.set(M);
        multiply(turn, X, svd.V, n, p, p);
        for (let j = 0; j < p; j++) {
          const [s, c] = [Math.sin(angle(j)), -2 * Math.sin(0.5 * angle(j)) ** 2];
          for (let i = 0; i < n; i++) turn[i * p + j] = c * axes[i * p + j] - s * turn[i * p + j];
        }
      }
      if (!near) return projInto(out, Y, U);
      multiplyTransposeLeft(S, axes, U, p, n, p);
      multiply(B, turn, S, n, p, p);
      for (let k = 0; k < length; k++) A[k] = U[k] + B[k];
      multiplyTransposeRight(W, A, basis, n, p, p);
      return projInto(out, Y, W);
    },
    euclideanToRiemannianGradientInto: projInto,
    euclideanToRiemannianHessianInto(out, X, G, H, U) {
      multiplyTransposeLeft(S, X, G, p, n, p);
      multiply(A, U, S, n, p, p);
      for (let k = 0; k < length; k++) A[k] = H[k] - A[k];
      return projInto(out, X, A);
    },
    ...framePoints(routine, n, p),
    /** The projector on the subspace. */
    embed: (X) => multiplyTransposeRight(new Float64Array(n * n), X, X, n, p, n),
    sampleProblem: (random) => quadraticTraceProblem(n, p, random),
  });
}
