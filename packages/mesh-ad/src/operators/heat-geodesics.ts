// Distances along a surface by heat. Crane, Weischedel, Wardetzky, "Geodesics in heat: a new approach to computing distance based on heat flow" (2013), algorithm 1:
//
//   (M + t L) u = δ,   X = −∇u / ‖∇u‖ on each triangle,   L φ = ∇·X,
//
// with t the square of the mean edge length. Both matrices are factored once for all sources. Error O(h).
//
// 1. At a boundary u is the mean of the solutions for no flow out (Neumann) and for u = 0 (Dirichlet); inner sources only for the latter.
// 2. L is made definite by one vertex a component, where φ is held; φ is then shifted so that the least over the sources' component is 0.
import { describe, misuse, requireKnownOptions, requireNumber, type SparseMatrix } from "@hessia/core";
import {
  addSparse,
  analyze,
  type SparseFactor,
  sparseFactorize,
  sparseFromTriplets,
  sparseSolveInto,
} from "@hessia/core/linear";
import { requirePositions, requireTriangles, type TriangleMesh } from "../mesh/mesh.js";
import { boundaryLoops, components } from "../mesh/topology.js";
import { edgeLengths, faceAreas } from "./geometry.js";
import { cotangentLaplacian, massMatrix, requireArea } from "./laplacian.js";

export interface HeatOptions {
  /** t as a multiple of the squared mean edge length, > 0: larger is smoother. Default 1. */
  readonly time?: number;
}

export interface HeatGeodesics {
  /** Writes the distance of each vertex to the nearest of the source vertices into `out`; Infinity in components without one. */
  distanceInto(out: Float64Array, sources: ArrayLike<number>): Float64Array;
}

/**
 * Factors what distances need.
 * @throws ArgumentError without positions, when the mesh isn't manifold, or naming a triangle without area or an isolated vertex.
 */
export function heatGeodesics(mesh: TriangleMesh, options: HeatOptions = {}): HeatGeodesics {
  const routine = "heatGeodesics";
  const { faces, vertexCount: n } = requireTriangles(routine, mesh);
  requireKnownOptions(routine, options, ["time"]);
  const { time = 1 } = options;
  requireNumber(routine, "options.time", time, { above: 0, below: Number.POSITIVE_INFINITY });
  const x = requirePositions(routine, mesh);
  const isBoundary = new Uint8Array(n);
  for (const loop of boundaryLoops(mesh)) for (const v of loop) isBoundary[v] = 1;
  for (let v = 0; v < n; v++)
    if (mesh.corners.atVertex[v]! < 0)
      misuse(routine, "mesh", `with the isolated vertex ${v}`, "every vertex in a triangle");
  const areas = faceAreas(mesh);
  for (let f = 0; f < areas.length; f++) requireArea(routine, areas, f);
  const lengths = edgeLengths(mesh);
  const h = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const L = cotangentLaplacian(mesh);
  const heat = addSparse(1, massMatrix(mesh), time * h * h, L);
  const { count, ofVertex } = components(mesh);
  const held = new Int32Array(count).fill(-1);
  for (let v = n - 1; v >= 0; v--) held[ofVertex[v]!] = v;
  const neumann = factorOf(routine, heat);
  const dirichlet = isBoundary.includes(1)
    ? factorOf(
        routine,
        withoutRows(heat, (v) => isBoundary[v] === 1),
      )
    : undefined;
  const poisson = factorOf(
    routine,
    withoutRows(L, (v) => held[ofVertex[v]!] === v),
  );
  const right = new Float64Array(n);
  const u = new Float64Array(n);
  const other = new Float64Array(n);

  return {
    distanceInto(out, sources) {
      if (!(out instanceof Float64Array) || out.length !== n)
        misuse("distanceInto", "out", describe(out), `a Float64Array of length ${n}`);
      if (typeof sources !== "object" || !(sources.length > 0))
        misuse("distanceInto", "sources", describe(sources), "at least one vertex");
      right.fill(0);
      for (let k = 0; k < sources.length; k++) {
        const v = sources[k]!;
        if (!(Number.isInteger(v) && v >= 0 && v < n))
          misuse("distanceInto", `sources[${k}]`, describe(v), `a vertex number from 0 to ${n - 1}`);
        right[v] = 1;
      }
      sparseSolveInto(u, neumann, right);
      if (dirichlet !== undefined) {
        for (let v = 0; v < n; v++) if (isBoundary[v] === 1) right[v] = 0;
        sparseSolveInto(other, dirichlet, right);
        for (let v = 0; v < n; v++) u[v] = (u[v]! + other[v]!) / 2;
      }
      divergenceInto(right, u, x, faces);
      for (const v of held) right[v] = 0;
      sparseSolveInto(out, poisson, right);
      const least = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
      for (let k = 0; k < sources.length; k++) {
        const c = ofVertex[sources[k]!]!;
        least[c] = Math.min(least[c]!, out[sources[k]!]!);
      }
      for (let v = 0; v < n; v++)
        out[v] =
          least[ofVertex[v]!] === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : out[v]! - least[ofVertex[v]!]!;
      for (let k = 0; k < sources.length; k++) out[sources[k]!] = 0;
      return out;
    },
  };
}

function factorOf(routine: string, A: SparseMatrix): SparseFactor {
  const factor = sparseFactorize(analyze(A), A);
  if (factor.failedAt >= 0)
    misuse(
      routine,
      "mesh",
      `so degenerate at vertex ${factor.failedAt} that its Laplacian isn't positive definite`,
      "triangles that aren't slivers",
    );
  return factor;
}

/** The same with the rows and columns of some vertices replaced by those of the identity. */
function withoutRows(A: SparseMatrix, isOut: (v: number) => boolean): SparseMatrix {
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  for (let j = 0; j < A.cols; j++) {
    for (let p = A.colPointers[j]!; p < A.colPointers[j + 1]!; p++) {
      const i = A.rowIndices[p]!;
      if (i !== j && (isOut(i) || isOut(j))) continue;
      rows.push(i);
      cols.push(j);
      values.push(i === j && isOut(j) ? 1 : A.values[p]!);
    }
  }
  return sparseFromTriplets(A.rows, A.cols, rows, cols, values, { symmetric: true });
}

/** out = ∫ ∇φ_v · X for X = −∇u / ‖∇u‖: with e_k the edge opposite corner k and N the unit normal, ∇φ_k = N × e_k / 2A. */
function divergenceInto(out: Float64Array, u: Float64Array, x: Float64Array, faces: Int32Array): void {
  out.fill(0);
  const e = new Float64Array(9);
  for (let f = 0; f < faces.length; f += 3) {
    for (let k = 0; k < 3; k++)
      for (let i = 0; i < 3; i++)
        e[3 * k + i] = x[3 * faces[f + ((k + 2) % 3)]! + i]! - x[3 * faces[f + ((k + 1) % 3)]! + i]!;
    // N × w has the products of w turned by a right angle: with s = Σ u_k e_k, ∇u = N × s / 2A and ∇φ_k · ∇u = e_k · s / 4A².
    const size = Math.max(Math.abs(u[faces[f]!]!), Math.abs(u[faces[f + 1]!]!), Math.abs(u[faces[f + 2]!]!)) || 1;
    let [s0, s1, s2] = [0, 0, 0];
    for (let k = 0; k < 3; k++) {
      const weight = u[faces[f + k]!]! / size;
      s0 += weight * e[3 * k]!;
      s1 += weight * e[3 * k + 1]!;
      s2 += weight * e[3 * k + 2]!;
    }
    const norm = Math.hypot(s0, s1, s2);
    if (!(norm > 0)) continue;
    // A ∇φ_k · X = −A (e_k · s / 4A²) / (‖s‖ / 2A).
    for (let k = 0; k < 3; k++)
      out[faces[f + k]!]! -= (e[3 * k]! * s0 + e[3 * k + 1]! * s1 + e[3 * k + 2]! * s2) / (2 * norm);
  }
}
