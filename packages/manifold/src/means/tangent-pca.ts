// Principal components in the tangent space at a point, mostly the mean: logarithms of the points, and the singular values of their coordinates in an orthonormal basis of the metric.
//
// Fletcher, Lu, Pizer, Joshi 2004, "Principal geodesic analysis for the study of nonlinear statistics of shape", IEEE Trans. Med. Imaging 23(8), §IV.
//
// Deviation: the basis is made of the logarithms themselves (Gram–Schmidt in the metric, twice): it has as many vectors as they span, and no basis of the tangent space is needed.
import { denseMatrix, describe, misuse, requireKnownOptions, requireNumber, type Vector } from "@hessia/core";
import { svd } from "@hessia/core/linear";
import { isGeodesic, type Manifold } from "../manifold.js";

export interface TangentPcaOptions {
  /** How many components to give back. Default all. */
  readonly components?: number;
  /** Subtract the average of the logarithms first: needed only where `at` isn't the mean. Default false. */
  readonly center?: boolean;
}

export interface TangentPca {
  /** Unit tangents at the point, orthogonal in the metric, by falling variance. */
  readonly components: readonly Vector[];
  /** The variance along each, Σ scoreᵢ²/N. */
  readonly variances: Vector;
  /** scores[i * components + k]: coordinate k of point i. */
  readonly scores: Vector;
  /** The sum of all variances, also of components that aren't given back. */
  readonly totalVariance: number;
}

/**
 * Principal components of log_at(pᵢ).
 * @throws ArgumentError when a point isn't on the manifold, there is none, the manifold has no logarithm, or an option is wrong.
 */
export function tangentPca(
  manifold: Manifold,
  at: Vector,
  points: readonly Vector[],
  options: TangentPcaOptions = {},
): TangentPca {
  const routine = "tangentPca";
  requireKnownOptions(routine, options, ["components", "center"]);
  if (!isGeodesic(manifold))
    misuse(routine, "manifold", `${manifold.name}, which has no logarithm`, "a manifold with logInto");
  if (!Array.isArray(points) || points.length === 0) misuse(routine, "points", describe(points), "at least one point");
  manifold.checkPoint(routine, "at", at);
  points.forEach((p, i) => {
    manifold.checkPoint(routine, `points[${i}]`, p);
  });
  const { components: wanted = Number.POSITIVE_INFINITY, center = false } = options;
  if (wanted !== Number.POSITIVE_INFINITY)
    requireNumber(routine, "options.components", wanted, { atLeast: 0, integer: true });

  const logs = points.map((p) => manifold.logInto(manifold.zero(), at, p));
  if (center) subtractAverage(logs);
  const basis = orthonormalBasis(manifold, at, logs);
  const [N, r] = [points.length, basis.length];
  const coordinates = denseMatrix(N, r);
  logs.forEach((log, i) => {
    for (let k = 0; k < r; k++) coordinates.data[i * r + k] = manifold.inner(at, log, basis[k]!);
  });
  const { values, V } = svd(coordinates);
  const count = Math.min(wanted, values.length, r);
  const components = Array.from({ length: count }, (_, k) => {
    const u = manifold.zero();
    for (let j = 0; j < r; j++) for (let i = 0; i < u.length; i++) u[i] += V.data[j * values.length + k] * basis[j]![i];
    return u;
  });
  const scores = new Float64Array(N * count);
  for (let i = 0; i < N; i++)
    for (let k = 0; k < count; k++)
      for (let j = 0; j < r; j++) scores[i * count + k] += coordinates.data[i * r + j] * V.data[j * values.length + k];
  const variances = values.map((σ) => (σ * σ) / N);
  return {
    components,
    variances: variances.slice(0, count),
    scores,
    totalVariance: variances.reduce((sum, v) => sum + v, 0),
  };
}

function subtractAverage(logs: readonly Vector[]): void {
  const n = logs[0]!.length;
  for (let k = 0; k < n; k++) {
    let sum = 0;
    for (const log of logs) sum += log[k];
    for (const log of logs) log[k] -= sum / logs.length;
  }
}

function orthonormalBasis(manifold: Manifold, x: Vector, vectors: readonly Vector[]): Vector[] {
  const basis: Vector[] = [];
  const largest = Math.max(...vectors.map((v) => manifold.norm(x, v)));
  for (const v of vectors) {
    if (basis.length === manifold.dim) break;
    const w = v.slice();
    for (let pass = 0; pass < 2; pass++)
      for (const b of basis) {
        const along = manifold.inner(x, w, b);
        for (let k = 0; k < w.length; k++) w[k] -= along * b[k];
      }
    const size = manifold.norm(x, w);
    if (!(size > 1e-12 * largest)) continue;
    for (let k = 0; k < w.length; k++) w[k] /= size;
    basis.push(w);
  }
  return basis;
}
