// ℝⁿ, or ℝᵐˣⁿ, or the symmetric matrices, with the inner product of their entries: geodesics are straight lines. What the others are made of and measured against.
import { misuse, type Vector } from "@hessia/core";
import { dot } from "@hessia/core/linear";
import { defineManifold, type GeodesicManifold, type ManifoldCore } from "../manifold.js";
import { symmetrize } from "../support/dense.js";
import { gaussianInto } from "../support/random.js";
import { requireSize } from "../support/require.js";

export type Euclidean = GeodesicManifold & Required<Pick<ManifoldCore, "invRetractInto" | "sectionalCurvature">>;

/**
 * Vectors (one size), matrices (two) or larger arrays with the Euclidean inner product; `euclidean(3, 4)` are the 3 × 4 matrices.
 * @throws ArgumentError when no size is given or one isn't an integer ≥ 1.
 */
export function euclidean(...shape: readonly number[]): Euclidean {
  if (shape.length === 0) misuse("euclidean", "shape", "empty", "at least one size");
  shape.forEach((size, i) => {
    requireSize("euclidean", `shape[${i}]`, size);
  });
  const length = shape.reduce((product, size) => product * size, 1);
  const copy = (out: Vector, v: Vector) => {
    if (out !== v) out.set(v);
    return out;
  };
  return flat(`euclidean(${shape.join(", ")})`, "any finite array", shape, length, copy, () => 0);
}

/**
 * The symmetric n × n matrices with tr(UV).
 * @throws ArgumentError when n isn't an integer ≥ 1.
 */
export function symmetricMatrices(n: number): Euclidean {
  requireSize("symmetricMatrices", "n", n);
  const project = (out: Vector, v: Vector) => {
    if (out !== v) out.set(v);
    return symmetrize(out, n);
  };
  const distance = (x: Vector) => {
    let square = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) square += 0.5 * (x[i * n + j] - x[j * n + i]) ** 2;
    return Math.sqrt(square);
  };
  return flat(`symmetricMatrices(${n})`, "symmetric", [n, n], n * n, project, distance, (n * (n + 1)) / 2);
}

/** A linear space given by the projection on it. */
function flat(
  name: string,
  constraint: string,
  shape: readonly number[],
  length: number,
  project: (out: Vector, v: Vector) => Vector,
  distanceFromManifold: (x: Vector) => number,
  dim = length,
): Euclidean {
  const moveInto = (out: Vector, x: Vector, u: Vector, t = 1) => {
    for (let i = 0; i < length; i++) out[i] = x[i] + t * u[i];
    return out;
  };
  const differenceInto = (out: Vector, x: Vector, y: Vector) => {
    for (let i = 0; i < length; i++) out[i] = y[i] - x[i];
    return out;
  };
  return defineManifold({
    name,
    constraint,
    shape,
    length,
    dim,
    retractions: ["exp"],
    retraction: "exp",
    retractionOrder: 2,
    transportKind: "parallel",
    injectivityRadius: Number.POSITIVE_INFINITY,
    typicalDistance: Math.sqrt(dim),

    inner: (_x, u, v) => dot(u, v),
    projInto: (out, _x, v) => project(out, v),
    expInto: moveInto,
    logInto: differenceInto,
    dist(x, y) {
      let square = 0;
      for (let i = 0; i < length; i++) square += (y[i] - x[i]) ** 2;
      return Math.sqrt(square);
    },
    retractInto: moveInto,
    invRetractInto: differenceInto,
    transportInto: (out, _x, _y, u) => {
      if (out !== u) out.set(u);
      return out;
    },
    euclideanToRiemannianGradientInto: (out, _x, gradient) => project(out, gradient),
    euclideanToRiemannianHessianInto: (out, _x, _gradient, hessianTimesU) => project(out, hessianTimesU),
    sectionalCurvature: () => 0,
    randomPoint(random) {
      const x = gaussianInto(new Float64Array(length), random);
      return project(x, x);
    },
    distanceFromManifold,
    projectPointInto: project,
  });
}
