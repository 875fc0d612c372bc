import { describe, misuse, requireKnownOptions, requireNumber } from "@hessia/core";
import { makeCorners } from "./corners.js";
import {
  type Cells,
  countVertices,
  flattenCells,
  flattenPositions,
  type Positions,
  requireTriangles,
  type TriangleMesh,
} from "./mesh.js";

export interface MeshOptions {
  /** The number of vertices, where positions don't say it; default: one more than the largest in use. */
  readonly vertexCount?: number;
}

/**
 * A triangle mesh: positions and three vertices a triangle, both copied, with its corner table. Any set of triangles is taken, boundaries, several components and edges of more than two
 * triangles too: see `checkMesh` and `requireManifold` for what some operations need.
 *
 * @param positions rows [x, y] or [x, y, z], a Float64Array of x, y, z a vertex, or null for connectivity alone.
 * @throws ArgumentError naming the triangle and the vertex: a number that is no vertex, a vertex twice in a triangle, a position that isn't finite.
 */
export function triangleMesh(positions: Positions | null, faces: Cells, options: MeshOptions = {}): TriangleMesh {
  const routine = "triangleMesh";
  const flat = flattenPositions(routine, positions);
  const count = givenCount(routine, flat, options);
  const flatFaces = flattenCells(routine, "faces", faces, 3, count);
  const vertexCount = count ?? countVertices(flat, flatFaces);
  return {
    kind: "triangles",
    vertexCount,
    faceCount: flatFaces.length / 3,
    positions: flat,
    faces: flatFaces,
    corners: makeCorners(flatFaces, vertexCount),
  };
}

/** The number of vertices as far as it is given. */
export function givenCount(routine: string, positions: Float64Array | null, options: MeshOptions): number | undefined {
  if (options === null || typeof options !== "object") misuse(routine, "options", describe(options), "an object");
  requireKnownOptions(routine, options, ["vertexCount"]);
  const { vertexCount } = options;
  if (vertexCount === undefined) return positions === null ? undefined : positions.length / 3;
  requireNumber(routine, "options.vertexCount", vertexCount, { atLeast: 0, integer: true });
  if (positions !== null && positions.length !== 3 * vertexCount)
    misuse(routine, "options.vertexCount", String(vertexCount), `${positions.length / 3}, the number of positions`);
  return vertexCount;
}

/** The same triangles at other positions (x, y, z a vertex; copied); connectivity is shared. */
export function withPositions(mesh: TriangleMesh, positions: Positions | null): TriangleMesh {
  const flat = flattenPositions("withPositions", positions);
  if (flat !== null && flat.length !== 3 * mesh.vertexCount)
    misuse("withPositions", "positions", `${flat.length / 3} vertices`, `${mesh.vertexCount}, those of the mesh`);
  return { ...mesh, positions: flat };
}

/** The mesh without the vertices that no triangle has, and the number of each of its vertices in the given mesh; the order is kept. */
export function removeIsolated(mesh: TriangleMesh): { readonly mesh: TriangleMesh; readonly vertices: Int32Array } {
  const { faces, positions, vertexCount, corners } = requireTriangles("removeIsolated", mesh);
  const place = new Int32Array(vertexCount).fill(-1);
  const kept: number[] = [];
  for (let v = 0; v < vertexCount; v++) if (corners.atVertex[v]! >= 0) place[v] = kept.push(v) - 1;
  const vertices = Int32Array.from(kept);
  const moved =
    positions &&
    Float64Array.from({ length: 3 * kept.length }, (_, i) => positions[3 * kept[Math.floor(i / 3)]! + (i % 3)]!);
  return {
    mesh: triangleMesh(
      moved,
      faces.map((v) => place[v]!),
      { vertexCount: kept.length },
    ),
    vertices,
  };
}
