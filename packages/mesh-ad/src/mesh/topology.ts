// Boundary loops, components, vertex stars and hinges of a triangle mesh, from its corner table; and what is wrong with it.
import { misuse } from "@hessia/core";
import { nextCorner, previousCorner } from "./corners.js";
import { requireTriangles, type TriangleMesh } from "./mesh.js";

/** What is wrong with a triangle mesh; empty lists where nothing is. At most ten of each kind. */
export interface MeshReport {
  /** Every edge has one or two triangles, every vertex one fan of them, and neighbours agree on the outside. */
  readonly isManifold: boolean;
  /** Edges (two vertices) of more than two triangles. */
  readonly crowdedEdges: readonly (readonly [number, number])[];
  /** Edges (two vertices) that two triangles go through in the same direction: their outsides differ. */
  readonly twistedEdges: readonly (readonly [number, number])[];
  /** Vertices at which several fans of triangles touch. */
  readonly pinchedVertices: readonly number[];
  /** Vertices of no triangle. */
  readonly isolatedVertices: readonly number[];
  /** Triangles whose area is below 2⁻⁴⁰ of the square of their longest edge; none without positions. */
  readonly flatFaces: readonly number[];
}

const most = 10;

/** @throws ArgumentError when it isn't a triangle mesh. */
export function checkMesh(mesh: TriangleMesh): MeshReport {
  requireTriangles("checkMesh", mesh);
  const { faces, corners, vertexCount } = mesh;
  const { edges, valence, twisted, atVertex } = corners;
  const crowdedEdges: [number, number][] = [];
  const twistedEdges: [number, number][] = [];
  for (let e = 0; e < valence.length; e++) {
    const pair: [number, number] = [edges[2 * e]!, edges[2 * e + 1]!];
    if (valence[e]! > 2) crowdedEdges.length < most && crowdedEdges.push(pair);
    else if (twisted[e] === 1) twistedEdges.length < most && twistedEdges.push(pair);
  }
  const around = new Int32Array(vertexCount);
  for (let c = 0; c < faces.length; c++) around[faces[c]!]!++;
  const pinchedVertices: number[] = [];
  const isolatedVertices: number[] = [];
  for (let v = 0; v < vertexCount; v++) {
    if (atVertex[v]! < 0) isolatedVertices.length < most && isolatedVertices.push(v);
    else if (pinchedVertices.length < most && fanLength(mesh, v) < around[v]!) pinchedVertices.push(v);
  }
  const isManifold = crowdedEdges.length + twistedEdges.length + pinchedVertices.length === 0;
  return { isManifold, crowdedEdges, twistedEdges, pinchedVertices, isolatedVertices, flatFaces: findFlat(mesh) };
}

/** Triangles of the fan that begins at a vertex's corner. */
function fanLength({ corners: { opposite, atVertex } }: TriangleMesh, v: number): number {
  const first = atVertex[v]!;
  let length = 0;
  for (let c = first; ; ) {
    length++;
    const across = opposite[nextCorner(c)]!;
    if (across < 0) return length;
    c = nextCorner(across);
    if (c === first) return length;
  }
}

function findFlat({ positions: x, faces }: TriangleMesh): number[] {
  const flat: number[] = [];
  if (x === null) return flat;
  for (let f = 0; f < faces.length && flat.length < most; f += 3) {
    const [a, b, c] = [3 * faces[f]!, 3 * faces[f + 1]!, 3 * faces[f + 2]!];
    const u = [0, 1, 2].map((i) => x[b + i]! - x[a + i]!) as [number, number, number];
    const w = [0, 1, 2].map((i) => x[c + i]! - x[a + i]!) as [number, number, number];
    const area = Math.hypot(u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]) / 2;
    const longest = Math.max(Math.hypot(...u), Math.hypot(...w), Math.hypot(w[0] - u[0], w[1] - u[1], w[2] - u[2]));
    if (!(area > 2 ** -40 * longest * longest)) flat.push(f / 3);
  }
  return flat;
}

/**
 * Checks that the mesh is manifold with one orientation.
 * @throws ArgumentError naming the first edge or vertex that isn't.
 */
export function requireManifold(mesh: TriangleMesh, routine = "requireManifold"): void {
  const { crowdedEdges, twistedEdges, pinchedVertices } = checkMesh(mesh);
  if (crowdedEdges.length > 0) {
    const [p, q] = crowdedEdges[0]!;
    const { edges, valence } = mesh.corners;
    const e = valence.findIndex((_, k) => edges[2 * k] === p && edges[2 * k + 1] === q);
    misuse(routine, "mesh", `not manifold: edge (${p}, ${q}) has ${valence[e]} triangles`, "at most two at an edge");
  }
  if (twistedEdges.length > 0) {
    const [p, q] = twistedEdges[0]!;
    misuse(
      routine,
      "mesh",
      `of two orientations: both triangles at edge (${p}, ${q}) go from ${p} to ${q} or back`,
      "neighbours that agree on the outside",
    );
  }
  if (pinchedVertices.length > 0)
    misuse(routine, "mesh", `not manifold: several fans touch at vertex ${pinchedVertices[0]}`, "one fan at a vertex");
}

/** Boundary loops, each a list of vertices in the direction in which the triangles inside go through its edges. */
export function boundaryLoops(mesh: TriangleMesh): Int32Array[] {
  requireTriangles("boundaryLoops", mesh);
  requireManifold(mesh, "boundaryLoops");
  const { faces, corners, vertexCount } = mesh;
  const follow = new Int32Array(vertexCount).fill(-1);
  for (let c = 0; c < faces.length; c++)
    if (corners.opposite[c]! < 0) follow[faces[nextCorner(c)]!] = faces[previousCorner(c)]!;
  const loops: Int32Array[] = [];
  for (let v = 0; v < vertexCount; v++) {
    if (follow[v]! < 0) continue;
    const loop: number[] = [];
    for (let w = v; follow[w]! >= 0; ) {
      loop.push(w);
      const next = follow[w]!;
      follow[w] = -1;
      w = next;
    }
    loops.push(Int32Array.from(loop));
  }
  return loops;
}

/** The component of each vertex, numbered from 0 in order of their first vertex; isolated vertices are components of their own. */
export function components(mesh: TriangleMesh): { readonly count: number; readonly ofVertex: Int32Array } {
  requireTriangles("components", mesh);
  const { faces, vertexCount } = mesh;
  const parent = Int32Array.from({ length: vertexCount }, (_, v) => v);
  const root = (v: number): number => {
    let r = v;
    while (parent[r] !== r) {
      parent[r] = parent[parent[r]!]!;
      r = parent[r]!;
    }
    return r;
  };
  for (let f = 0; f < faces.length; f += 3) {
    for (const k of [1, 2]) {
      const [p, q] = [root(faces[f]!), root(faces[f + k]!)];
      parent[Math.max(p, q)] = Math.min(p, q);
    }
  }
  const ofVertex = new Int32Array(vertexCount);
  let count = 0;
  for (let v = 0; v < vertexCount; v++) ofVertex[v] = root(v) === v ? count++ : ofVertex[root(v)]!;
  return { count, ofVertex };
}

/** Vertices − edges + triangles, isolated vertices not counted: 2 for a sphere, 1 for a disk, 0 for a torus or a cylinder. */
export function eulerCharacteristic(mesh: TriangleMesh): number {
  requireTriangles("eulerCharacteristic", mesh);
  let vertices = 0;
  for (let v = 0; v < mesh.vertexCount; v++) if (mesh.corners.atVertex[v]! >= 0) vertices++;
  return vertices - mesh.corners.edges.length / 2 + mesh.faceCount;
}

/** The neighbours of a vertex, counterclockwise; at the boundary from the first to the last. */
export interface VertexStar {
  readonly vertex: number;
  readonly neighbours: Int32Array;
  /** Whether the star is open: its last neighbour isn't joined to its first. */
  readonly isBoundary: boolean;
}

/** The stars of all vertices but isolated ones. @throws ArgumentError when the mesh isn't manifold. */
export function vertexStars(mesh: TriangleMesh): VertexStar[] {
  requireTriangles("vertexStars", mesh);
  requireManifold(mesh, "vertexStars");
  const { faces, vertexCount, corners } = mesh;
  const { opposite, atVertex } = corners;
  const stars: VertexStar[] = [];
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    const first = atVertex[vertex]!;
    if (first < 0) continue;
    const ring: number[] = [];
    let isBoundary = false;
    for (let c = first; ; ) {
      ring.push(faces[nextCorner(c)]!);
      const across = opposite[nextCorner(c)]!;
      if (across < 0) {
        ring.push(faces[previousCorner(c)]!);
        isBoundary = true;
        break;
      }
      c = nextCorner(across);
      if (c === first) break;
    }
    stars.push({ vertex, neighbours: Int32Array.from(ring), isBoundary });
  }
  return stars;
}

/**
 * Four vertices a hinge (i, j, k, l): the inner edge from i to j, the tip k of the triangle to its left, (i, j, k), and the tip l of that to its right, (j, i, l).
 * @throws ArgumentError when the mesh isn't manifold.
 */
export function hinges(mesh: TriangleMesh): Int32Array {
  requireTriangles("hinges", mesh);
  requireManifold(mesh, "hinges");
  const { faces, corners } = mesh;
  const out: number[] = [];
  for (let c = 0; c < faces.length; c++) {
    const o = corners.opposite[c]!;
    if (o > c) out.push(faces[nextCorner(c)]!, faces[previousCorner(c)]!, faces[c]!, faces[o]!);
  }
  return Int32Array.from(out);
}
