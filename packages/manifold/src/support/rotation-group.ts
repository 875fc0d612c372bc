// Orthogonal matrices with tr(UᵀV), O(n) or its component SO(n): what the two manifolds share.
//
// Edelman, Arias, Smith 1998; Absil, Mahony, Sepulchre 2008, §3.3.2; the metric is bi-invariant, so that exp_X(XΩ) = X exp(Ω), the parallel transport along it takes XΔ to
// X exp(Ω/2) Δ exp(Ω/2), and the curvature of the plane of XΩ and XΔ is ¼‖ΩΔ − ΔΩ‖² for orthonormal ones. The logarithm: see support/rotation-log.ts.
import { denseMatrix, misuse, requireKnownOptions, requireOneOf, type Vector } from "@hessia/core";
import { dot, luDeterminant, luFactorize } from "@hessia/core/linear";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import {
  addToDiagonal,
  frobenius,
  multiply,
  multiplyTransposeLeft,
  orthonormalizeRows,
  skew,
  solveInPlace,
  transpose,
} from "./dense.js";
import { newPolarWork, polarInto } from "./eigen.js";
import { stiefelDistance } from "./frames.js";
import { lastPair } from "./last-pair.js";
import { exponentialInto, newExponentialWork } from "./matrix-exponential.js";
import { gaussianInto } from "./random.js";
import { requireSize } from "./require.js";
import { newRotationLogWork, rotationLogInto } from "./rotation-log.js";

export interface RotationOptions {
  /** "qr", "polar", "cayley" or "exp". All but "qr" are of second order. Default "qr". */
  readonly retraction?: "qr" | "polar" | "cayley" | "exp";
}

export type RotationGroup = GeodesicManifold & Required<Pick<ManifoldCore, "sectionalCurvature">>;

/** O(n), or SO(n) where `proper`. */
export function rotationGroup(routine: string, n: number, proper: boolean, options: RotationOptions): RotationGroup {
  requireSize(routine, "n", n);
  requireKnownOptions(routine, options, ["retraction"]);
  const { retraction = "qr" } = options;
  const retractions = ["qr", "polar", "cayley", "exp"] as const;
  requireOneOf(routine, "options.retraction", retraction, retractions);
  const size = n * n;
  const [Ω, Δ, A, B] = [0, 1, 2, 3].map(() => new Float64Array(size)) as [Vector, Vector, Vector, Vector];
  // exp(Ω/2) of the last transport, unless there is no logarithm.
  const same = lastPair(size);
  const half = new Float64Array(size);
  let halfTurn = false;
  const polar = newPolarWork(n);
  const expWork = newExponentialWork(n);
  const logWork = newRotationLogWork(n);
  const determinant = (X: Vector) => luDeterminant(luFactorize(denseMatrix(n, n, X.slice())));

  /** out ← XᵀV, skew-symmetric. */
  const bodyInto = (out: Vector, X: Vector, V: Vector) => skew(multiplyTransposeLeft(out, X, V, n, n, n), n);
  const projInto = (out: Vector, X: Vector, V: Vector) => {
    bodyInto(Ω, X, V);
    multiply(A, X, Ω, n, n, n);
    out.set(A);
    return out;
  };
  const expInto = (out: Vector, X: Vector, U: Vector, t = 1) => {
    bodyInto(Ω, X, U);
    for (let k = 0; k < size; k++) Ω[k] *= t;
    multiply(A, X, exponentialInto(Ω, expWork, Ω), n, n, n);
    out.set(A);
    return out;
  };
  /** Δ ← log(XᵀY). */
  const logBody = (member: string, X: Vector, Y: Vector) => {
    multiplyTransposeLeft(A, X, Y, n, n, n);
    const outcome = rotationLogInto(Δ, logWork, A);
    if (outcome === "reflection")
      misuse(
        `${routine}.${member}`,
        "y",
        "in the other component: det(XᵀY) = −1",
        "a rotation of x: no curve leads from x to y",
      );
    if (outcome === "cut locus")
      misuse(
        `${routine}.${member}`,
        "y",
        "at the cut locus of x: a rotation by 180°",
        "a point to which one shortest geodesic leads",
      );
    return Δ;
  };
  const logInto = (out: Vector, X: Vector, Y: Vector) => {
    multiply(A, X, logBody("logInto", X, Y), n, n, n);
    out.set(A);
    return out;
  };
  const retract: Record<NonNullable<RotationOptions["retraction"]>, ManifoldCore["retractInto"]> = {
    qr(out, X, U, t = 1) {
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) B[j * n + i] = X[i * n + j] + t * U[i * n + j];
      return transpose(out, orthonormalizeRows(B, n, n), n, n);
    },
    polar(out, X, U, t = 1) {
      for (let k = 0; k < size; k++) B[k] = X[k] + t * U[k];
      polarInto(A, polar, B);
      out.set(A);
      return out;
    },
    cayley(out, X, U, t = 1) {
      // X (I + ½tΩ)(I − ½tΩ)⁻¹; the factors commute.
      bodyInto(Ω, X, U);
      for (let k = 0; k < size; k++) {
        A[k] = -0.5 * t * Ω[k];
        B[k] = 0.5 * t * Ω[k];
      }
      addToDiagonal(A, n, 1);
      addToDiagonal(B, n, 1);
      if (!solveInPlace(A, B, n, n)) return out.fill(Number.NaN);
      multiply(A, X, B, n, n, n);
      out.set(A);
      return out;
    },
    exp: expInto,
  };
  const distance = stiefelDistance(n, n);

  return defineManifold({
    name: `${routine}(${n})`,
    constraint: proper ? "XᵀX = I and det X = 1" : "XᵀX = I",
    shape: [n, n],
    length: size,
    dim: (n * (n - 1)) / 2,
    retractions,
    retraction,
    retractionOrder: retraction === "qr" && n > 2 ? 1 : 2,
    transportKind: "parallel",
    injectivityRadius: n === 1 ? Number.POSITIVE_INFINITY : Math.SQRT2 * Math.PI,
    typicalDistance: Math.PI * Math.sqrt(n),

    inner: (_X, U, V) => dot(U, V),
    projInto,
    expInto,
    logInto,
    dist(X, Y) {
      const body = logBody("dist", X, Y);
      return Math.sqrt(frobenius(body, body));
    },
    retractInto: retract[retraction],
    ...(retraction === "exp" ? { invRetractInto: logInto } : {}),
    transportInto(out, X, Y, U) {
      if (!same(X, Y)) {
        multiplyTransposeLeft(A, X, Y, n, n, n);
        halfTurn = rotationLogInto(half, logWork, A) !== "ok";
        for (let k = 0; k < size; k++) half[k] *= 0.5;
        if (!halfTurn) exponentialInto(half, expWork, half);
      }
      if (halfTurn) return projInto(out, Y, U);
      bodyInto(Δ, X, U);
      multiply(A, half, Δ, n, n, n);
      multiply(Δ, A, half, n, n, n);
      multiply(A, X, Δ, n, n, n);
      return projInto(out, Y, A);
    },
    euclideanToRiemannianGradientInto: projInto,
    euclideanToRiemannianHessianInto(out, X, G, H, U) {
      // P(H − U sym(XᵀG)).
      multiplyTransposeLeft(A, X, G, n, n, n);
      for (let i = 0; i < n; i++)
        for (let j = 0; j <= i; j++) B[i * n + j] = B[j * n + i] = 0.5 * (A[i * n + j] + A[j * n + i]);
      multiply(Δ, U, B, n, n, n);
      for (let k = 0; k < size; k++) Δ[k] = H[k] - Δ[k];
      return projInto(out, X, Δ);
    },
    sectionalCurvature(X, U, V) {
      bodyInto(Ω, X, U);
      bodyInto(Δ, X, V);
      const [uu, uv, vv] = [frobenius(Ω, Ω), frobenius(Ω, Δ), frobenius(Δ, Δ)];
      const area = uu * vv - uv * uv;
      if (!(area > 1e-14 * uu * vv))
        misuse(`${routine}.sectionalCurvature`, "v", "a multiple of u", "two tangents that span a plane");
      multiply(A, Ω, Δ, n, n, n);
      let commutator = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) commutator += (A[i * n + j] - A[j * n + i]) ** 2;
      return (0.25 * commutator) / area;
    },
    randomPoint(random) {
      const X = orthonormalizeRows(gaussianInto(new Float64Array(size), random), n, n);
      if (proper && determinant(X) < 0) for (let j = 0; j < n; j++) X[j] = -X[j];
      return X;
    },
    distanceFromManifold: distance,
    projectPointInto(out, X) {
      if (!polarInto(A, polar, X))
        misuse(
          `${routine}.projectPointInto`,
          "x",
          "singular",
          "a matrix with an inverse: else no orthogonal matrix is nearest",
        );
      if (proper && determinant(X) < 0)
        misuse(`${routine}.projectPointInto`, "x", "of negative determinant", "a matrix of positive determinant");
      out.set(A);
      return out;
    },
    ...(proper
      ? {
          pointFault: (X: Vector) =>
            distance(X) < 0.1 && determinant(X) < 0
              ? { given: "a reflection: its determinant is −1", hint: "Change the sign of one column." }
              : undefined,
        }
      : {}),
  });
}
