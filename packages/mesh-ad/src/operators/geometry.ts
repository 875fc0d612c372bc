// Areas, normals, lengths and angles of a triangle mesh. All take positions (x, y, z a vertex) of their own, for meshes that move; default: those of the mesh.
import { type Mesh, requirePositions, requireTriangles, type TriangleMesh } from "../mesh/mesh.js";
import { hinges } from "../mesh/topology.js";

/** (b − a) × (c − a) of triangle f into n: twice the area long. */
function crossInto(n: Float64Array, x: Float64Array, faces: Int32Array, f: number): Float64Array {
  const [a, b, c] = [3 * faces[3 * f]!, 3 * faces[3 * f + 1]!, 3 * faces[3 * f + 2]!];
  const [u0, u1, u2] = [x[b]! - x[a]!, x[b + 1]! - x[a + 1]!, x[b + 2]! - x[a + 2]!];
  const [w0, w1, w2] = [x[c]! - x[a]!, x[c + 1]! - x[a + 1]!, x[c + 2]! - x[a + 2]!];
  n[0] = u1 * w2 - u2 * w1;
  n[1] = u2 * w0 - u0 * w2;
  n[2] = u0 * w1 - u1 * w0;
  return n;
}

/** The area of each triangle. @throws ArgumentError without positions. */
export function faceAreas(mesh: TriangleMesh, positions?: Float64Array): Float64Array {
  const { faces, faceCount } = requireTriangles("faceAreas", mesh);
  const x = requirePositions("faceAreas", mesh, positions);
  const n = new Float64Array(3);
  return Float64Array.from({ length: faceCount }, (_, f) => {
    crossInto(n, x, faces, f);
    return Math.hypot(n[0]!, n[1]!, n[2]!) / 2;
  });
}

/** The unit normal of each triangle, three numbers each; zeros where it has no area. */
export function faceNormals(mesh: TriangleMesh, positions?: Float64Array): Float64Array {
  const { faces, faceCount } = requireTriangles("faceNormals", mesh);
  const x = requirePositions("faceNormals", mesh, positions);
  const out = new Float64Array(3 * faceCount);
  const n = new Float64Array(3);
  for (let f = 0; f < faceCount; f++) normalizedInto(out, 3 * f, crossInto(n, x, faces, f));
  return out;
}

/** The unit normal at each vertex, three numbers each: triangles' normals weighted by their areas; zeros where these cancel or there are none. */
export function vertexNormals(mesh: TriangleMesh, positions?: Float64Array): Float64Array {
  const { faces, faceCount, vertexCount } = requireTriangles("vertexNormals", mesh);
  const x = requirePositions("vertexNormals", mesh, positions);
  const out = new Float64Array(3 * vertexCount);
  const n = new Float64Array(3);
  for (let f = 0; f < faceCount; f++) {
    crossInto(n, x, faces, f);
    for (let k = 0; k < 3; k++) for (let i = 0; i < 3; i++) out[3 * faces[3 * f + k]! + i]! += n[i]!;
  }
  for (let v = 0; v < vertexCount; v++) normalizedInto(out, 3 * v, out.slice(3 * v, 3 * v + 3));
  return out;
}

function normalizedInto(out: Float64Array, at: number, n: Float64Array): void {
  const norm = Math.hypot(n[0]!, n[1]!, n[2]!) || 1;
  for (let i = 0; i < 3; i++) out[at + i] = n[i]! / norm;
}

/** The length of each edge, in the order of `mesh.corners.edges` (of `mesh.edges` for tetrahedra). */
export function edgeLengths(mesh: Mesh, positions?: Float64Array): Float64Array {
  const x = requirePositions("edgeLengths", mesh, positions);
  const edges = mesh.kind === "triangles" ? mesh.corners.edges : mesh.edges;
  return Float64Array.from({ length: edges.length / 2 }, (_, e) => {
    const [p, q] = [3 * edges[2 * e]!, 3 * edges[2 * e + 1]!];
    return Math.hypot(x[p]! - x[q]!, x[p + 1]! - x[q + 1]!, x[p + 2]! - x[q + 2]!);
  });
}

/** The angle at each corner, in radians. Corner 3 f + k is vertex k of triangle f. */
export function cornerAngles(mesh: TriangleMesh, positions?: Float64Array): Float64Array {
  const { faces } = requireTriangles("cornerAngles", mesh);
  const x = requirePositions("cornerAngles", mesh, positions);
  const n = new Float64Array(3);
  return Float64Array.from({ length: faces.length }, (_, c) => {
    const f = Math.floor(c / 3);
    crossInto(n, x, faces, f);
    return Math.atan2(Math.hypot(n[0]!, n[1]!, n[2]!), cornerDot(x, faces, c));
  });
}

/** The product of the two edges at a corner. */
export function cornerDot(x: Float64Array, faces: Int32Array, c: number): number {
  const f = c - (c % 3);
  const [a, b, d] = [3 * faces[c]!, 3 * faces[f + ((c + 1) % 3)]!, 3 * faces[f + ((c + 2) % 3)]!];
  let sum = 0;
  for (let i = 0; i < 3; i++) sum += (x[b + i]! - x[a + i]!) * (x[d + i]! - x[a + i]!);
  return sum;
}

/**
 * The angle by which the mesh is bent at each hinge, in the order of `hinges`: 0 where it is flat, positive where it is convex (seen from outside), within (−π, π]:
 * atan2((n × m) · e / |e|, n · m) with n, m the normals to the left and to the right of the edge e.
 */
export function dihedralAngles(mesh: TriangleMesh, positions?: Float64Array): Float64Array {
  requireTriangles("dihedralAngles", mesh);
  const x = requirePositions("dihedralAngles", mesh, positions);
  const all = hinges(mesh);
  const [n, m] = [new Float64Array(3), new Float64Array(3)];
  return Float64Array.from({ length: all.length / 4 }, (_, h) => {
    const [i, j, k, l] = all.subarray(4 * h, 4 * h + 4) as unknown as [number, number, number, number];
    crossInto(n, x, Int32Array.of(i, j, k), 0);
    crossInto(m, x, Int32Array.of(j, i, l), 0);
    const e = [0, 1, 2].map((c) => x[3 * j + c]! - x[3 * i + c]!) as [number, number, number];
    const along =
      (n[1]! * m[2]! - n[2]! * m[1]!) * e[0] +
      (n[2]! * m[0]! - n[0]! * m[2]!) * e[1] +
      (n[0]! * m[1]! - n[1]! * m[0]!) * e[2];
    return Math.atan2(along, (n[0]! * m[0]! + n[1]! * m[1]! + n[2]! * m[2]!) * Math.hypot(...e));
  });
}
