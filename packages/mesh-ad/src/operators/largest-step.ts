// How far vertices may go before the first triangle or tetrahedron loses its area: the largest step of a line search that keeps all unflipped. Smith, Schaefer, "Bijective parameterization with free
// boundaries" (2015): det [b − a, c − a] along x + t d is quadratic in t, in space cubic; its smallest positive root is sought.
import { describe, misuse, requireFiniteVector } from "@hessia/core";
import type { Mesh } from "../mesh/mesh.js";

export interface LargestStep {
  /** The smallest t > 0 at which an element has no area; Infinity when there is none. */
  readonly step: number;
  /** That element, −1 when there is none. */
  readonly element: number;
}

/**
 * @param x positions: x, y a vertex for triangles (in the plane), x, y, z for tetrahedra.
 * @param d the direction, likewise.
 * @throws ArgumentError naming an element that is flipped or without area at x already.
 */
export function largestStep(mesh: Mesh, x: Float64Array, d: Float64Array): LargestStep {
  const routine = "largestStep";
  if (mesh?.kind !== "triangles" && mesh?.kind !== "tetrahedra")
    return misuse(routine, "mesh", describe(mesh), "a mesh");
  const dimension = mesh.kind === "triangles" ? 2 : 3;
  requireFiniteVector(routine, "x", x, dimension * mesh.vertexCount);
  requireFiniteVector(routine, "d", d, dimension * mesh.vertexCount);
  const cells = mesh.kind === "triangles" ? mesh.faces : mesh.cells;
  const width = dimension + 1;
  let step = Number.POSITIVE_INFINITY;
  let element = -1;
  for (let c = 0; c < cells.length; c += width) {
    const p = dimension === 2 ? quadratic(x, d, cells, c) : cubic(x, d, cells, c);
    if (!(p[0] > 0))
      misuse(
        routine,
        "x",
        `a point at which ${dimension === 2 ? "triangle" : "tetrahedron"} ${c / width} is flipped or flat`,
        "all unflipped",
      );
    const t = firstRoot(p);
    if (t < step) {
      step = t;
      element = c / width;
    }
  }
  return { step, element };
}

/** The triangles whose signed area isn't positive; x, y a vertex. */
export function flippedTriangles(mesh: Mesh, x: Float64Array): number[] {
  if (mesh?.kind !== "triangles") return misuse("flippedTriangles", "mesh", describe(mesh), "a triangle mesh");
  if (!(x instanceof Float64Array) || x.length !== 2 * mesh.vertexCount)
    misuse("flippedTriangles", "x", describe(x), `a Float64Array of length ${2 * mesh.vertexCount}: x, y a vertex`);
  const flipped: number[] = [];
  for (let f = 0; f < mesh.faces.length; f += 3) if (!(quadratic(x, x, mesh.faces, f)[0] > 0)) flipped.push(f / 3);
  return flipped;
}

type Cubic = readonly [number, number, number, number];

/** det [b − a, c − a] along x + t d, by powers of t. */
function quadratic(x: Float64Array, d: Float64Array, cells: Int32Array, at: number): Cubic {
  const [a, b, c] = [2 * cells[at]!, 2 * cells[at + 1]!, 2 * cells[at + 2]!];
  const [u0, u1, w0, w1] = [x[b]! - x[a]!, x[b + 1]! - x[a + 1]!, x[c]! - x[a]!, x[c + 1]! - x[a + 1]!];
  const [p0, p1, q0, q1] = [d[b]! - d[a]!, d[b + 1]! - d[a + 1]!, d[c]! - d[a]!, d[c + 1]! - d[a + 1]!];
  return [u0 * w1 - u1 * w0, u0 * q1 - u1 * q0 + p0 * w1 - p1 * w0, p0 * q1 - p1 * q0, 0];
}

function cubic(x: Float64Array, d: Float64Array, cells: Int32Array, at: number): Cubic {
  const edge = (of: Float64Array, k: number) =>
    [0, 1, 2].map((i) => of[3 * cells[at + k]! + i]! - of[3 * cells[at]! + i]!) as [number, number, number];
  const [u, v, w] = [edge(x, 1), edge(x, 2), edge(x, 3)];
  const [p, q, r] = [edge(d, 1), edge(d, 2), edge(d, 3)];
  const det = (e: readonly number[], f: readonly number[], g: readonly number[]) =>
    e[0]! * (f[1]! * g[2]! - f[2]! * g[1]!) -
    e[1]! * (f[0]! * g[2]! - f[2]! * g[0]!) +
    e[2]! * (f[0]! * g[1]! - f[1]! * g[0]!);
  return [
    det(u, v, w),
    det(p, v, w) + det(u, q, w) + det(u, v, r),
    det(p, q, w) + det(p, v, r) + det(u, q, r),
    det(p, q, r),
  ];
}

/** The smallest positive root of a cubic that is positive at 0: between its extrema it is monotone. */
function firstRoot(p: Cubic): number {
  const value = (t: number) => p[0] + t * (p[1] + t * (p[2] + t * p[3]));
  let low = 0;
  for (const t of [...roots(p[1], 2 * p[2], 3 * p[3]), Number.POSITIVE_INFINITY]) {
    let high = t;
    if (t === Number.POSITIVE_INFINITY) {
      const last = p[3] !== 0 ? p[3] : p[2] !== 0 ? p[2] : p[1];
      if (!(last < 0)) return Number.POSITIVE_INFINITY;
      high = low > 0 ? 2 * low : 1;
      while (value(high) > 0 && high < 1e300) high *= 2;
      if (value(high) > 0) return Number.POSITIVE_INFINITY;
    } else if (value(t) > 0) {
      low = t;
      continue;
    }
    // From the side where it is positive, so that the step never goes beyond.
    for (let k = 0; k < 200; k++) {
      const middle = low + (high - low) / 2;
      if (middle <= low || middle >= high) return low;
      if (value(middle) > 0) low = middle;
      else high = middle;
    }
    return low;
  }
  return Number.POSITIVE_INFINITY;
}

/** Positive roots of c + b t + a t², ascending, without cancellation. */
function roots(c: number, b: number, a: number): number[] {
  if (a === 0) return b === 0 ? [] : [-c / b].filter((t) => t > 0);
  const discriminant = b * b - 4 * a * c;
  if (discriminant < 0) return [];
  const q = -0.5 * (b + (b < 0 ? -1 : 1) * Math.sqrt(discriminant));
  return [q / a, q === 0 ? 0 : c / q].filter((t) => t > 0).sort((s, t) => s - t);
}
