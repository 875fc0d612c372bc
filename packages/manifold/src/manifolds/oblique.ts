// Matrices with columns of unit length, OB(n, p) = {X ∈ ℝⁿˣᵖ : diag(XᵀX) = 1}: p spheres side by side, with the metric of the entries.
//
// Absil, Gallivan 2006, "Joint diagonalization on the oblique manifold for independent component analysis", ICASSP; all formulas are those of the sphere, column by column.
import { misuse, requireKnownOptions, requireOneOf, type Vector } from "@hessia/core";
import { dot } from "@hessia/core/linear";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import { gaussianInto } from "../support/random.js";
import { requireSize } from "../support/require.js";

export interface ObliqueOptions {
  /** "normalize", each column of X + t U; or "exp". Both are of second order. Default "normalize". */
  readonly retraction?: "normalize" | "exp";
}

export type Oblique = GeodesicManifold & Required<Pick<ManifoldCore, "invRetractInto">>;

/**
 * n × p matrices with unit columns, dimension (n − 1)p. For unit rows take the transpose, or `power(sphere(n), p)`.
 * @throws ArgumentError when a size isn't an integer ≥ 1 or an option isn't known.
 */
export function oblique(n: number, p: number, options: ObliqueOptions = {}): Oblique {
  requireSize("oblique", "n", n);
  requireSize("oblique", "p", p);
  requireKnownOptions("oblique", options, ["retraction"]);
  const { retraction = "normalize" } = options;
  const retractions = ["normalize", "exp"] as const;
  requireOneOf("oblique", "options.retraction", retraction, retractions);
  const length = n * p;
  const work = new Float64Array(length);
  const [along, sizes] = [new Float64Array(p), new Float64Array(p)];

  /** out_j ← ⟨column j of A, column j of B⟩. */
  const columnDots = (out: Vector, A: Vector, B: Vector) => {
    out.fill(0);
    for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) out[j] += A[i * p + j] * B[i * p + j];
    return out;
  };
  const normalizeInto = (out: Vector, X: Vector) => {
    columnDots(sizes, X, X);
    for (let j = 0; j < p; j++) sizes[j] = Math.sqrt(sizes[j]);
    for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) out[i * p + j] = X[i * p + j] / sizes[j];
    return out;
  };
  const projInto = (out: Vector, X: Vector, V: Vector) => {
    columnDots(along, X, V);
    for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) out[i * p + j] = V[i * p + j] - along[j] * X[i * p + j];
    return out;
  };
  const expInto = (out: Vector, X: Vector, U: Vector, t = 1) => {
    columnDots(sizes, U, U);
    for (let j = 0; j < p; j++) {
      const angle = t * Math.sqrt(sizes[j]);
      along[j] = Math.cos(angle);
      sizes[j] = angle === 0 ? t : (t * Math.sin(angle)) / angle;
    }
    for (let i = 0; i < n; i++)
      for (let j = 0; j < p; j++) work[i * p + j] = along[j] * X[i * p + j] + sizes[j] * U[i * p + j];
    return normalizeInto(out, work);
  };
  /** sizes ← the angles between columns. */
  const angles = (X: Vector, Y: Vector) => {
    along.fill(0);
    sizes.fill(0);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < p; j++) {
        along[j] += (X[i * p + j] - Y[i * p + j]) ** 2;
        sizes[j] += (X[i * p + j] + Y[i * p + j]) ** 2;
      }
    for (let j = 0; j < p; j++) sizes[j] = 2 * Math.atan2(Math.sqrt(along[j]), Math.sqrt(sizes[j]));
    return sizes;
  };
  const logInto = (out: Vector, X: Vector, Y: Vector) => {
    angles(X, Y);
    for (let j = 0; j < p; j++)
      if (Math.PI - sizes[j] < 1e-12)
        misuse("oblique.logInto", "y", `antipodal to x in column ${j}`, "columns other than the opposites of x's");
    for (let k = 0; k < length; k++) work[k] = Y[k] - X[k];
    projInto(work, X, work);
    columnDots(along, work, work);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < p; j++) {
        const size = Math.sqrt(along[j]);
        out[i * p + j] = size === 0 ? 0 : (work[i * p + j] * sizes[j]) / size;
      }
    return out;
  };

  return defineManifold({
    name: `oblique(${n}, ${p})`,
    constraint: "columns of unit length",
    shape: [n, p],
    length,
    dim: (n - 1) * p,
    retractions,
    retraction,
    retractionOrder: 2,
    transportKind: "parallel",
    injectivityRadius: Math.PI,
    typicalDistance: Math.PI * Math.sqrt(p),

    inner: (_x, u, v) => dot(u, v),
    projInto,
    expInto,
    logInto,
    dist(X, Y) {
      angles(X, Y);
      return Math.sqrt(dot(sizes, sizes));
    },
    retractInto:
      retraction === "exp"
        ? expInto
        : (out, X, U, t = 1) => {
            for (let k = 0; k < length; k++) work[k] = X[k] + t * U[k];
            return normalizeInto(out, work);
          },
    invRetractInto:
      retraction === "exp"
        ? logInto
        : (out, X, Y) => {
            columnDots(along, X, Y);
            for (let j = 0; j < p; j++)
              if (!(along[j] > 0))
                misuse(
                  "oblique.invRetractInto",
                  "y",
                  `90° or more away from x in column ${j}`,
                  "columns of the open half spheres around x's",
                );
            for (let i = 0; i < n; i++)
              for (let j = 0; j < p; j++) out[i * p + j] = Y[i * p + j] / along[j] - X[i * p + j];
            return out;
          },
    transportInto(out, X, Y, U) {
      columnDots(along, X, Y);
      columnDots(sizes, Y, U);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < p; j++) {
          const above = 1 + along[j];
          const factor = above > 0 ? sizes[j] / above : 0;
          work[i * p + j] = U[i * p + j] - factor * (X[i * p + j] + Y[i * p + j]);
        }
      return projInto(out, Y, work);
    },
    euclideanToRiemannianGradientInto: projInto,
    euclideanToRiemannianHessianInto(out, X, gradient, hessianTimesU, U) {
      columnDots(along, X, gradient);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < p; j++) work[i * p + j] = hessianTimesU[i * p + j] - along[j] * U[i * p + j];
      return projInto(out, X, work);
    },
    randomPoint: (random) => {
      const X = gaussianInto(new Float64Array(length), random);
      return normalizeInto(X, X);
    },
    distanceFromManifold(X) {
      columnDots(sizes, X, X);
      let square = 0;
      for (let j = 0; j < p; j++) square += (Math.sqrt(sizes[j]) - 1) ** 2;
      return Math.sqrt(square);
    },
    projectPointInto(out, X) {
      columnDots(sizes, X, X);
      for (let j = 0; j < p; j++)
        if (!(sizes[j] > 0))
          misuse("oblique.projectPointInto", "x", `zero in column ${j}`, "columns that have a direction");
      return normalizeInto(out, X);
    },
  });
}
