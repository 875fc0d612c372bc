// The unit sphere Sⁿ⁻¹ = {x ∈ ℝⁿ : ‖x‖₂ = 1} with the metric of ℝⁿ.
//
// Absil, Mahony, Sepulchre, "Optimization Algorithms on Matrix Manifolds" (2008), §3.6.1, Examples 5.4.1 and 8.1.1; Boumal, "An Introduction to Optimization on Smooth Manifolds"
// (2023), §7.2. exp_x(u) = cos ‖u‖ x + sin ‖u‖ u/‖u‖; d(x, y) = 2 atan2(‖x − y‖, ‖x + y‖), which keeps its digits where the arc cosine loses them.
import { misuse, requireKnownOptions, requireOneOf, type Vector } from "@hessia/core";
import { dot, norm2 } from "@hessia/core/linear";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import { gaussianInto } from "../support/random.js";
import { requireSize } from "../support/require.js";

export interface SphereOptions {
  /** "normalize": (x + t u)/‖x + t u‖; or "exp". Both are of second order. Default "normalize". */
  readonly retraction?: "normalize" | "exp";
}

export type Sphere = GeodesicManifold & Required<Pick<ManifoldCore, "invRetractInto" | "sectionalCurvature">>;

/**
 * The unit sphere in ℝⁿ, of dimension n − 1; n ≥ 1 (for n = 1 the two points ±1).
 * @throws ArgumentError when n isn't an integer ≥ 1 or an option isn't known.
 */
export function sphere(n: number, options: SphereOptions = {}): Sphere {
  requireSize("sphere", "n", n);
  requireKnownOptions("sphere", options, ["retraction"]);
  const { retraction = "normalize" } = options;
  const retractions = ["normalize", "exp"] as const;
  requireOneOf("sphere", "options.retraction", retraction, retractions);
  const work = new Float64Array(n);

  const projInto = (out: Vector, x: Vector, v: Vector) => {
    const along = dot(x, v);
    for (let i = 0; i < n; i++) out[i] = v[i] - along * x[i];
    return out;
  };
  const expInto = (out: Vector, x: Vector, u: Vector, t = 1) => {
    const angle = t * norm2(u);
    const c = Math.cos(angle);
    const s = angle === 0 ? t : (t * Math.sin(angle)) / angle;
    for (let i = 0; i < n; i++) work[i] = c * x[i] + s * u[i];
    return normalizeInto(out, work);
  };
  const logInto = (out: Vector, x: Vector, y: Vector) => {
    const angle = arc(x, y);
    for (let i = 0; i < n; i++) work[i] = y[i] - x[i];
    projInto(work, x, work);
    const size = norm2(work);
    if (Math.PI - angle < 1e-12)
      misuse("sphere.logInto", "y", "antipodal to x", "a point other than −x, from which all directions lead to −x");
    const factor = size === 0 ? 1 : angle / size;
    for (let i = 0; i < n; i++) out[i] = factor * work[i];
    return out;
  };

  return defineManifold({
    name: `sphere(${n})`,
    constraint: "‖x‖₂ = 1",
    shape: [n],
    length: n,
    dim: n - 1,
    retractions,
    retraction,
    retractionOrder: 2,
    transportKind: "parallel",
    injectivityRadius: Math.PI,
    typicalDistance: Math.PI,

    inner: (_x, u, v) => dot(u, v),
    projInto,
    expInto,
    logInto,
    dist: arc,
    retractInto:
      retraction === "exp"
        ? expInto
        : (out, x, u, t = 1) => {
            for (let i = 0; i < n; i++) work[i] = x[i] + t * u[i];
            return normalizeInto(out, work);
          },
    invRetractInto:
      retraction === "exp"
        ? logInto
        : (out, x, y) => {
            const cosine = dot(x, y);
            if (!(cosine > 0))
              misuse(
                "sphere.invRetractInto",
                "y",
                "90° or more away from x",
                "a point of the open half sphere around x",
              );
            for (let i = 0; i < n; i++) work[i] = (y[i] - cosine * x[i]) / cosine;
            out.set(work);
            return out;
          },
    transportInto(out, x, y, u) {
      // Parallel along the shortest geodesic: u − ⟨y, u⟩ (x + y)/(1 + ⟨x, y⟩).
      const above = 1 + dot(x, y);
      const factor = above > 0 ? dot(y, u) / above : 0;
      for (let i = 0; i < n; i++) work[i] = u[i] - factor * (x[i] + y[i]);
      return projInto(out, y, work);
    },
    euclideanToRiemannianGradientInto: projInto,
    euclideanToRiemannianHessianInto(out, x, gradient, hessianTimesU, u) {
      const along = dot(x, gradient);
      for (let i = 0; i < n; i++) work[i] = hessianTimesU[i] - along * u[i];
      return projInto(out, x, work);
    },
    sectionalCurvature: () => (n > 2 ? 1 : 0),
    randomPoint: (random) => {
      const x = gaussianInto(new Float64Array(n), random);
      return normalizeInto(x, x);
    },
    distanceFromManifold: (x) => Math.abs(norm2(x) - 1),
    projectPointInto(out, x) {
      if (!(norm2(x) > 0)) misuse("sphere.projectPointInto", "x", "zero", "a vector that has a direction");
      return normalizeInto(out, x);
    },
  });
}

/** The angle between unit vectors. */
function arc(x: Vector, y: Vector): number {
  let difference = 0;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    difference += (x[i] - y[i]) ** 2;
    sum += (x[i] + y[i]) ** 2;
  }
  return 2 * Math.atan2(Math.sqrt(difference), Math.sqrt(sum));
}

function normalizeInto(out: Vector, x: Vector): Vector {
  const size = norm2(x);
  for (let i = 0; i < x.length; i++) out[i] = x[i] / size;
  return out;
}
