// The corner table of a triangle mesh: who is across each edge. Rossignac, "3D compression made simple: edgebreaker with zip & wrap on a corner-table" (2001).
//
// Corner 3 f + k is vertex k of triangle f; behind it, counterclockwise, come `nextCorner` and `previousCorner`. Two triangles that share an edge
// see each other by the corners that lie opposite it.
//
// 1. Edges are matched by buckets of their smaller vertex: O(corners · valence), without hashing.
// 2. Edges of more than two triangles, and those that two triangles go through in the same direction, are matched with nothing and noted.

/** Connectivity of a triangle mesh; corners and edges are numbers, −1 where there is none. Plain data. */
export interface Corners {
  /** Two vertices an edge, the smaller first; in the order in which triangles bring them. */
  readonly edges: Int32Array;
  /** The edge opposite each corner. */
  readonly edge: Int32Array;
  /** The corner across the edge opposite each corner; −1 at the boundary and where an edge isn't manifold. */
  readonly opposite: Int32Array;
  /** The triangles at each edge. */
  readonly valence: Uint16Array;
  /** 1 where two triangles go through the edge in the same direction. */
  readonly twisted: Uint8Array;
  /** A corner at each vertex, at the boundary the one from which the others follow counterclockwise; −1 at an isolated vertex. */
  readonly atVertex: Int32Array;
}

export const nextCorner = (c: number): number => (c % 3 === 2 ? c - 2 : c + 1);
export const previousCorner = (c: number): number => (c % 3 === 0 ? c + 2 : c - 1);

export function makeCorners(faces: Int32Array, vertexCount: number): Corners {
  const count = faces.length;
  // Corners by the smaller vertex of the edge opposite them.
  const starts = new Int32Array(vertexCount + 1);
  const smaller = (c: number) => Math.min(faces[nextCorner(c)]!, faces[previousCorner(c)]!);
  for (let c = 0; c < count; c++) starts[smaller(c) + 1]!++;
  for (let v = 0; v < vertexCount; v++) starts[v + 1]! += starts[v]!;
  const next = starts.slice();
  const bucket = new Int32Array(count);
  for (let c = 0; c < count; c++) bucket[next[smaller(c)]!++] = c;

  // The first corner of the bucket with the same larger vertex: a chain through equal edges.
  const first = new Int32Array(vertexCount).fill(-1);
  const leader = new Int32Array(count);
  const opposite = new Int32Array(count).fill(-1);
  const members = new Uint16Array(count);
  const twist = new Uint8Array(count);
  for (let v = 0; v < vertexCount; v++) {
    for (let p = starts[v]!; p < starts[v + 1]!; p++) {
      const c = bucket[p]!;
      const larger = Math.max(faces[nextCorner(c)]!, faces[previousCorner(c)]!);
      const f = first[larger]!;
      if (f < 0) {
        first[larger] = c;
        leader[c] = c;
        members[c] = 1;
        continue;
      }
      leader[c] = f;
      if (members[f]! < 65535) members[f]!++;
      if (faces[nextCorner(c)] === faces[nextCorner(f)]) twist[f] = 1;
      if (members[f] === 2 && twist[f] === 0) {
        opposite[c] = f;
        opposite[f] = c;
      } else if (opposite[f]! >= 0) {
        opposite[opposite[f]!] = -1;
        opposite[f] = -1;
      }
    }
    for (let p = starts[v]!; p < starts[v + 1]!; p++) {
      const c = bucket[p]!;
      first[Math.max(faces[nextCorner(c)]!, faces[previousCorner(c)]!)] = -1;
    }
  }

  // Edges are numbered in the order of their first corner.
  const numberOf = new Int32Array(count).fill(-1);
  const edge = new Int32Array(count);
  let edgeCount = 0;
  for (let c = 0; c < count; c++) {
    const f = leader[c]!;
    if (numberOf[f]! < 0) numberOf[f] = edgeCount++;
    edge[c] = numberOf[f]!;
  }
  const edges = new Int32Array(2 * edgeCount);
  const valence = new Uint16Array(edgeCount);
  const twisted = new Uint8Array(edgeCount);
  const atVertex = new Int32Array(vertexCount).fill(-1);
  for (let c = 0; c < count; c++) {
    const [p, q] = [faces[nextCorner(c)]!, faces[previousCorner(c)]!];
    const e = edge[c]!;
    edges[2 * e] = Math.min(p, q);
    edges[2 * e + 1] = Math.max(p, q);
    valence[e] = members[leader[c]!]!;
    twisted[e] = twist[leader[c]!]!;
    const v = faces[c]!;
    // Clockwise of this corner, across the edge to the next vertex, there is nothing: the star begins here.
    if (atVertex[v]! < 0 || opposite[previousCorner(c)]! < 0) atVertex[v] = c;
  }
  return { edges, edge, opposite, valence, twisted, atVertex };
}
