// Hyperbolic space of dimension n, the hyperboloid {x ∈ ℝⁿ⁺¹ : ⟨x, x⟩ = −1, x₀ > 0} of Minkowski space, ⟨x, y⟩ = −x₀y₀ + x₁y₁ + … + xₙyₙ; curvature −1.
//
// Boumal, "An Introduction to Optimization on Smooth Manifolds" (2023), §7.6; Nickel, Kiela 2018, "Learning continuous hierarchies in the Lorentz model of hyperbolic geometry", ICML.
// exp_x(u) = cosh ‖u‖ x + sinh ‖u‖ u/‖u‖.
//
// Deviations:
// 1. Distances are 2 arsinh(½ ⟨y − x, y − x⟩^½), which keeps its digits near 0 where the inverse hyperbolic cosine loses them.
// 2. After each move x₀ is set to (1 + x₁² + … + xₙ²)^½. Far out the coordinates grow like e^d: at a distance d from the apex inner products lose about e^{2d} ε.
import { requireKnownOptions, requireOneOf, type Vector } from "@hessia/core";
import { norm2 } from "@hessia/core/linear";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import { gaussianInto } from "../support/random.js";
import { requireSize } from "../support/require.js";

export interface HyperbolicOptions {
  /** "exp"; or "lift": the space coordinates of x + t u, x₀ from them, of first order. Default "exp". */
  readonly retraction?: "exp" | "lift";
}

export type Hyperbolic = GeodesicManifold & Required<Pick<ManifoldCore, "sectionalCurvature">>;

/**
 * Hyperbolic n-space in n + 1 coordinates.
 * @throws ArgumentError when n isn't an integer ≥ 1 or an option isn't known.
 */
export function hyperbolic(n: number, options: HyperbolicOptions = {}): Hyperbolic {
  requireSize("hyperbolic", "n", n);
  requireKnownOptions("hyperbolic", options, ["retraction"]);
  const { retraction = "exp" } = options;
  const retractions = ["exp", "lift"] as const;
  requireOneOf("hyperbolic", "options.retraction", retraction, retractions);
  const length = n + 1;
  const work = new Float64Array(length);

  const minkowski = (u: Vector, v: Vector) => {
    let sum = -u[0] * v[0];
    for (let i = 1; i < length; i++) sum += u[i] * v[i];
    return sum;
  };
  /** The Minkowski norm of a tangent at x, without the cancellation of −u₀² + …: tangents have u₀ = ⟨x', u'⟩/x₀. */
  const tangentInner = (x: Vector, u: Vector, v: Vector) => {
    let [plain, xu, xv] = [0, 0, 0];
    for (let i = 1; i < length; i++) {
      plain += u[i] * v[i];
      xu += x[i] * u[i];
      xv += x[i] * v[i];
    }
    return plain - (xu / x[0]) * (xv / x[0]);
  };
  const liftInto = (out: Vector, x: Vector) => {
    let square = 1;
    for (let i = 1; i < length; i++) {
      out[i] = x[i];
      square += x[i] * x[i];
    }
    out[0] = Math.sqrt(square);
    return out;
  };
  /** v + ⟨x, v⟩ x: orthogonal in Minkowski's product. */
  const minkowskiProject = (out: Vector, x: Vector, v: Vector) => {
    const along = minkowski(x, v);
    for (let i = 0; i < length; i++) out[i] = v[i] + along * x[i];
    return fixTime(out, x);
  };
  /** u₀ from the others, so that ⟨x, u⟩ = 0. */
  const fixTime = (u: Vector, x: Vector) => {
    let sum = 0;
    for (let i = 1; i < length; i++) sum += x[i] * u[i];
    u[0] = sum / x[0];
    return u;
  };
  const expInto = (out: Vector, x: Vector, u: Vector, t = 1) => {
    const angle = t * Math.sqrt(Math.max(0, tangentInner(x, u, u)));
    const c = Math.cosh(angle);
    const s = angle === 0 ? t : (t * Math.sinh(angle)) / angle;
    for (let i = 0; i < length; i++) work[i] = c * x[i] + s * u[i];
    return liftInto(out, work);
  };
  /** ⟨y − x, y − x⟩ = 4 sinh²(d/2) and d. */
  const chord = (x: Vector, y: Vector) => {
    // y₀ − x₀ = Σ (yᵢ − xᵢ)(yᵢ + xᵢ)/(y₀ + x₀).
    let [square, time] = [0, 0];
    for (let i = 1; i < length; i++) {
      square += (y[i] - x[i]) ** 2;
      time += (y[i] - x[i]) * (y[i] + x[i]);
    }
    time /= y[0] + x[0];
    return Math.max(0, square - time * time);
  };
  const dist = (x: Vector, y: Vector) => 2 * Math.asinh(0.5 * Math.sqrt(chord(x, y)));

  return defineManifold({
    name: `hyperbolic(${n})`,
    constraint: "−x₀² + x₁² + … + xₙ² = −1 and x₀ > 0",
    shape: [length],
    length,
    dim: n,
    retractions,
    retraction,
    retractionOrder: retraction === "exp" ? 2 : 1,
    transportKind: "parallel",
    injectivityRadius: Number.POSITIVE_INFINITY,
    typicalDistance: Math.sqrt(n),

    inner: tangentInner,
    /** Orthogonal in the coordinates' Euclidean product: v minus its part along the normal (−x₀, x₁, …). */
    projInto(out, x, v) {
      const size = norm2(x);
      const along = minkowski(x, v) / (size * size);
      const time = v[0] + along * x[0];
      for (let i = 1; i < length; i++) out[i] = v[i] - along * x[i];
      out[0] = time;
      return out;
    },
    expInto,
    logInto(out, x, y) {
      const d = dist(x, y);
      const square = chord(x, y);
      // y − cosh(d) x = (y − x) − (cosh d − 1) x, cosh d − 1 = ½⟨y − x, y − x⟩; its norm is sinh d.
      for (let i = 0; i < length; i++) work[i] = y[i] - x[i] - 0.5 * square * x[i];
      const factor = d === 0 ? 1 : d / Math.sinh(d);
      for (let i = 0; i < length; i++) work[i] *= factor;
      fixTime(work, x);
      out.set(work);
      return out;
    },
    dist,
    retractInto:
      retraction === "exp"
        ? expInto
        : (out, x, u, t = 1) => {
            for (let i = 0; i < length; i++) work[i] = x[i] + t * u[i];
            return liftInto(out, work);
          },
    transportInto(out, x, y, u) {
      // u + ⟨y, u⟩ (x + y)/(1 − ⟨x, y⟩), 1 − ⟨x, y⟩ = 2 + ½⟨y − x, y − x⟩.
      const factor = minkowski(y, u) / (2 + 0.5 * chord(x, y));
      for (let i = 0; i < length; i++) work[i] = u[i] + factor * (x[i] + y[i]);
      fixTime(work, y);
      out.set(work);
      return out;
    },
    euclideanToRiemannianGradientInto(out, x, gradient) {
      for (let i = 0; i < length; i++) work[i] = i === 0 ? -gradient[0] : gradient[i];
      minkowskiProject(work, x, work);
      out.set(work);
      return out;
    },
    euclideanToRiemannianHessianInto(out, x, gradient, hessianTimesU, u) {
      // J H + ⟨x, J G⟩ u, projected; J changes the sign of the first entry.
      let along = 0;
      for (let i = 0; i < length; i++) along += x[i] * gradient[i];
      for (let i = 0; i < length; i++) work[i] = (i === 0 ? -hessianTimesU[0] : hessianTimesU[i]) + along * u[i];
      minkowskiProject(work, x, work);
      out.set(work);
      return out;
    },
    sectionalCurvature: () => (n > 1 ? -1 : 0),
    randomPoint: (random) => {
      const x = gaussianInto(new Float64Array(length), random);
      return liftInto(x, x);
    },
    distanceFromManifold(x) {
      if (!(x[0] > 0)) return Math.abs(x[0]) + 1;
      let square = 1;
      for (let i = 1; i < length; i++) square += x[i] * x[i];
      // The gap in x₀, over the slope of the hyperboloid.
      return (Math.abs(x[0] - Math.sqrt(square)) * x[0]) / (norm2(x) || 1);
    },
    projectPointInto: liftInto,
  });
}
