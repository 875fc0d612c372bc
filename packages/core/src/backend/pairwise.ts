// Distances of all pairs of two clouds of points, in float64. Differences are taken before they are squared: ‖x‖² + ‖y‖² − 2xᵀy would cancel for
// points that are close.
import type { Vector } from "../linear/matrix.js";
import { axpyAt, dotAt } from "../linear/vec.js";
import type { requireMetric } from "./shapes.js";

/** out (n × m) ← the distances of the rows of x (n × d) from those of y (m × d). */
export function pairwiseInto(
  out: Vector,
  n: number,
  m: number,
  d: number,
  x: Vector,
  y: Vector,
  { name, p }: ReturnType<typeof requireMetric>,
): Vector {
  const distance = distances[name];
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[i * m + j] = distance(d, x, i * d, y, j * d, p);
  return out;
}

type Distance = (d: number, x: Vector, xi: number, y: Vector, yj: number, p: number) => number;

const squared: Distance = (d, x, xi, y, yj) => {
  let sum = 0;
  for (let k = 0; k < d; k++) {
    const difference = x[xi + k]! - y[yj + k]!;
    sum += difference * difference;
  }
  return sum;
};

const largest: Distance = (d, x, xi, y, yj) => {
  let top = 0;
  for (let k = 0; k < d; k++) {
    const size = Math.abs(x[xi + k]! - y[yj + k]!);
    if (!(size <= top)) top = size;
  }
  return top;
};

const distances: Readonly<Record<ReturnType<typeof requireMetric>["name"], Distance>> = {
  squaredEuclidean: squared,
  euclidean: (d, x, xi, y, yj, p) => Math.sqrt(squared(d, x, xi, y, yj, p)),
  manhattan(d, x, xi, y, yj) {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += Math.abs(x[xi + k]! - y[yj + k]!);
    return sum;
  },
  chebyshev: largest,
  minkowski(d, x, xi, y, yj, p) {
    // Scaled by the largest difference, so that no power over- or underflows.
    const top = largest(d, x, xi, y, yj, p);
    if (top === 0) return 0;
    let sum = 0;
    for (let k = 0; k < d; k++) sum += (Math.abs(x[xi + k]! - y[yj + k]!) / top) ** p;
    return top * sum ** (1 / p);
  },
  cosine(d, x, xi, y, yj) {
    const xx = dotAt(x, xi, x, xi, d);
    const yy = dotAt(y, yj, y, yj, d);
    if (xx === 0 || yy === 0) return 1;
    return 1 - Math.max(-1, Math.min(1, dotAt(x, xi, y, yj, d) / Math.sqrt(xx) / Math.sqrt(yy)));
  },
};

/** c ← α c + β c₀ over whole arrays. */
export function combineInto(c: Vector, alpha: number, beta: number, c0: Vector | undefined): Vector {
  if (alpha !== 1) for (let k = 0; k < c.length; k++) c[k]! *= alpha;
  if (beta !== 0 && c0 !== undefined) axpyAt(c, 0, beta, c0, 0, c.length);
  return c;
}
