// Distances along a surface by heat. Crane, Weischedel, Wardetzky, "Geodesics in heat: a new approach to computing distance based on heat flow" (2013), algorithm 1:
//
//   (M + t L) u = δ,   X = −∇u / ‖∇u‖ on each triangle,   L φ = ∇·X,
//
// with t a multiple of the squared mean edge length h². Both matrices are factored once for all sources.
//
// 1. X is the direction of ∇w, w = −√t log u at the vertices, and not that of −∇u: the same for functions, but u falls by a factor from vertex to vertex, so that the gradient of its
//    linear interpolant points elsewhere by a few degrees, however fine the mesh; w is nearly linear (Varadhan's formula: w tends to the distance).
// 2. X = ∇w / max(‖∇w‖, ½). Where fronts meet (at the cut locus) ‖∇w‖ falls from 1 to the cosine of half of their angle, which is what the distance grows by along the ridge;
//    a unit vector there would add a length of the order of √t to all that lies around.
// 3. φ is shifted so that the sources' neighbours are at the length of an edge, in the mean: at a source itself, the tip of a cone, a piecewise linear φ is off by a part of h.
// 4. At a boundary u is the mean of the solutions for no flow out (Neumann) and for u = 0 (Dirichlet); inner sources only for the latter.
// 5. L is made definite by one vertex a component, where φ is held.
// 6. Heat that underflows on its way has no direction: where it doesn't come to all vertices (at some 1,900 edges), the time is quadrupled, as often as it takes.
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
  /** t as a multiple of the squared mean edge length, > 0. Larger: rounder where fronts meet, less bent by the mesh's directions elsewhere. Default 2. */
  readonly time?: number;
}

export interface HeatGeodesics {
  /** Writes the distance of each vertex to the nearest of the source vertices into `out`; Infinity in components without one. */
  distanceInto(out: Float64Array, sources: ArrayLike<number>): Float64Array;
}

/** Heat at a source, about, and the least that has come anywhere: the range of numbers, and some. */
const most = 1e280;
const least = 1e-290;
const mostQuadruplings = 8;
/** ‖∇w‖ below which X isn't made a unit vector. */
const steep = 0.5;

interface Flow {
  readonly t: number;
  readonly neumann: SparseFactor;
  readonly dirichlet: SparseFactor | undefined;
}

/**
 * Factors what distances need.
 * @throws ArgumentError without positions, when the mesh isn't manifold, or naming a triangle without area or an isolated vertex.
 */
export function heatGeodesics(mesh: TriangleMesh, options: HeatOptions = {}): HeatGeodesics {
  const routine = "heatGeodesics";
  const { faces, vertexCount: n } = requireTriangles(routine, mesh);
  requireKnownOptions(routine, options, ["time"]);
  const { time = 2 } = options;
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
  const { count, ofVertex } = components(mesh);
  const held = new Int32Array(count).fill(-1);
  for (let v = n - 1; v >= 0; v--) held[ofVertex[v]!] = v;
  const M = massMatrix(mesh);
  const hasBoundary = isBoundary.includes(1);
  const flows: Flow[] = [];
  /** The flow for time · h² · 4^k. */
  const flowOf = (k: number): Flow => {
    if (flows[k] !== undefined) return flows[k];
    const t = time * h * h * 4 ** k;
    const heat = addSparse(1, M, t, L);
    const inside = hasBoundary ? withoutRows(heat, (v) => isBoundary[v] === 1) : undefined;
    return (flows[k] = { t, neumann: factorOf(routine, heat), dirichlet: inside && factorOf(routine, inside) });
  };
  flowOf(0);
  const poisson = factorOf(
    routine,
    withoutRows(L, (v) => held[ofVertex[v]!] === v),
  );
  const right = new Float64Array(n);
  const u = new Float64Array(n);
  const other = new Float64Array(n);
  /** u of the sources that are 1 in `right`, scaled so that it comes far. */
  const heatInto = (u: Float64Array, { neumann, dirichlet }: Flow): void => {
    const scaled = right.map((value) => value * most * h * h);
    sparseSolveInto(u, neumann, scaled);
    if (dirichlet === undefined) return;
    for (let v = 0; v < n; v++) if (isBoundary[v] === 1) scaled[v] = 0;
    sparseSolveInto(other, dirichlet, scaled);
    for (let v = 0; v < n; v++) u[v] = (u[v]! + other[v]!) / 2;
  };

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
      const isWarm = new Uint8Array(count);
      for (let k = 0; k < sources.length; k++) isWarm[ofVertex[sources[k]!]!] = 1;
      let flow = flowOf(0);
      for (let k = 0; k <= mostQuadruplings; k++) {
        flow = flowOf(k);
        heatInto(u, flow);
        if (u.every((value, v) => isWarm[ofVertex[v]!] === 0 || Math.abs(value) > least)) break;
      }
      divergenceInto(right, u, flow.t, x, faces);
      for (const v of held) right[v] = 0;
      sparseSolveInto(out, poisson, right);
      const shift = shiftOf(out, sources, mesh.corners.edges, lengths, count, ofVertex);
      for (let v = 0; v < n; v++) {
        const c = ofVertex[v]!;
        out[v] = isWarm[c] === 0 ? Number.POSITIVE_INFINITY : Math.max(0, out[v]! - shift[c]!);
      }
      for (let k = 0; k < sources.length; k++) out[sources[k]!] = 0;
      return out;
    },
  };
}

/** By component: φ less the length of the shortest edge to a source, in the mean over the sources' neighbours; φ at a source where there are none. */
function shiftOf(
  phi: Float64Array,
  sources: ArrayLike<number>,
  edges: Int32Array,
  lengths: Float64Array,
  count: number,
  ofVertex: Int32Array,
): Float64Array {
  const shift = new Float64Array(count);
  const neighbours = new Float64Array(count);
  const nearest = new Float64Array(phi.length).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < sources.length; k++) {
    nearest[sources[k]!] = 0;
    shift[ofVertex[sources[k]!]!] = phi[sources[k]!]!;
  }
  for (let e = 0; e < lengths.length; e++) {
    const [a, b] = [edges[2 * e]!, edges[2 * e + 1]!];
    if (nearest[a] === 0) nearest[b] = Math.min(nearest[b]!, lengths[e]!);
    if (nearest[b] === 0) nearest[a] = Math.min(nearest[a]!, lengths[e]!);
  }
  for (let v = 0; v < nearest.length; v++) {
    if (!(nearest[v]! > 0 && nearest[v]! < Number.POSITIVE_INFINITY)) continue;
    const c = ofVertex[v]!;
    // The mean so far, and one more.
    const k = ++neighbours[c]!;
    shift[c] = k === 1 ? phi[v]! - nearest[v]! : shift[c]! + (phi[v]! - nearest[v]! - shift[c]!) / k;
  }
  return shift;
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

/** out = ∫ ∇φ_v · X for X = −∇w / max(‖∇w‖, ½), w = −√t log u: with e_k the edge opposite corner k and N the unit normal, ∇φ_k = N × e_k / 2A. */
function divergenceInto(out: Float64Array, u: Float64Array, t: number, x: Float64Array, faces: Int32Array): void {
  out.fill(0);
  const e = new Float64Array(9);
  const root = Math.sqrt(t);
  for (let f = 0; f < faces.length; f += 3) {
    for (let k = 0; k < 3; k++)
      for (let i = 0; i < 3; i++)
        e[3 * k + i] = x[3 * faces[f + ((k + 2) % 3)]! + i]! - x[3 * faces[f + ((k + 1) % 3)]! + i]!;
    const [a, b, c] = [u[faces[f]!]!, u[faces[f + 1]!]!, u[faces[f + 2]!]!];
    const size = Math.max(Math.abs(a), Math.abs(b), Math.abs(c)) || 1;
    // Obtuse triangles may leave u negative somewhere: there the direction is that of u itself.
    const isPositive = a > 0 && b > 0 && c > 0;
    let [s0, s1, s2] = [0, 0, 0];
    for (let k = 0; k < 3; k++) {
      const value = u[faces[f + k]!]! / size;
      const weight = isPositive ? root * Math.log(value) : value;
      s0 += weight * e[3 * k]!;
      s1 += weight * e[3 * k + 1]!;
      s2 += weight * e[3 * k + 2]!;
    }
    // N × s has the products of s turned by a right angle: with s = Σ w_k e_k, ∇w = N × s / 2A and ∇φ_k · ∇w = e_k · s / 4A².
    const norm = Math.hypot(s0, s1, s2);
    const doubleArea = Math.hypot(
      e[1]! * e[5]! - e[2]! * e[4]!,
      e[2]! * e[3]! - e[0]! * e[5]!,
      e[0]! * e[4]! - e[1]! * e[3]!,
    );
    const by = isPositive ? Math.max(norm, steep * doubleArea) : norm;
    if (!(by > 0)) continue;
    // A ∇φ_k · X = −A (e_k · s / 4A²) / (max(‖s‖, ½ 2A) / 2A).
    for (let k = 0; k < 3; k++)
      out[faces[f + k]!]! -= (e[3 * k]! * s0 + e[3 * k + 1]! * s1 + e[3 * k + 2]! * s2) / (2 * by);
  }
}
