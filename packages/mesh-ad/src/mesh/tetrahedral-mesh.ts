import { misuse } from "@hessia/core";
import {
  type Cells,
  countVertices,
  flattenCells,
  flattenPositions,
  type Positions,
  requireTetrahedra,
  type TetrahedralMesh,
  type TriangleMesh,
} from "./mesh.js";
import { givenCount, type MeshOptions, triangleMesh } from "./triangle-mesh.js";

/** The faces of a tetrahedron (a, b, c, d), each seen counterclockwise from outside. */
const outward = [
  [0, 2, 1],
  [0, 1, 3],
  [1, 2, 3],
  [0, 3, 2],
] as const;
const pairs = [
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 2],
  [1, 3],
  [2, 3],
] as const;

/**
 * A tetrahedral mesh: positions and four vertices a tetrahedron, both copied, with its edges.
 *
 * @throws ArgumentError naming the tetrahedron and the vertex: a number that is no vertex, a vertex twice, a position that isn't finite.
 */
export function tetrahedralMesh(positions: Positions | null, cells: Cells, options: MeshOptions = {}): TetrahedralMesh {
  const routine = "tetrahedralMesh";
  const flat = flattenPositions(routine, positions);
  const count = givenCount(routine, flat, options);
  const flatCells = flattenCells(routine, "cells", cells, 4, count);
  const vertexCount = count ?? countVertices(flat, flatCells);
  return {
    kind: "tetrahedra",
    vertexCount,
    cellCount: flatCells.length / 4,
    positions: flat,
    cells: flatCells,
    edges: edgesOf(flatCells, vertexCount),
  };
}

/** Each edge once: by buckets of the smaller vertex, in which the larger ones are marked. */
function edgesOf(cells: Int32Array, vertexCount: number): Int32Array {
  const count = (cells.length / 4) * 6;
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  const starts = new Int32Array(vertexCount + 1);
  for (let t = 0, e = 0; t < cells.length; t += 4) {
    for (const [i, j] of pairs) {
      const [p, q] = [cells[t + i]!, cells[t + j]!];
      low[e] = Math.min(p, q);
      high[e] = Math.max(p, q);
      starts[low[e]! + 1]!++;
      e++;
    }
  }
  for (let v = 0; v < vertexCount; v++) starts[v + 1]! += starts[v]!;
  const next = starts.slice();
  const bucket = new Int32Array(count);
  for (let e = 0; e < count; e++) bucket[next[low[e]!]!++] = e;
  const seenFor = new Int32Array(vertexCount).fill(-1);
  const isFirst = new Uint8Array(count);
  let edges = 0;
  for (let v = 0; v < vertexCount; v++) {
    for (let p = starts[v]!; p < starts[v + 1]!; p++) {
      const e = bucket[p]!;
      if (seenFor[high[e]!] === v) continue;
      seenFor[high[e]!] = v;
      isFirst[e] = 1;
      edges++;
    }
  }
  const out = new Int32Array(2 * edges);
  for (let e = 0, to = 0; e < count; e++) {
    if (isFirst[e] === 0) continue;
    out[to++] = low[e]!;
    out[to++] = high[e]!;
  }
  return out;
}

/** The boundary of a tetrahedral mesh as a triangle mesh over the same vertices, outward where tetrahedra aren't inverted. */
export function boundarySurface(mesh: TetrahedralMesh): TriangleMesh {
  requireTetrahedra("boundarySurface", mesh);
  const { cells, vertexCount } = mesh;
  const owners = new Map<string, number>();
  const kept: number[][] = [];
  for (let t = 0; t < cells.length; t += 4) {
    for (const face of outward) {
      const row = face.map((i) => cells[t + i]!);
      const key = [...row].sort((p, q) => p - q).join();
      const other = owners.get(key);
      if (other === undefined) {
        owners.set(key, kept.length);
        kept.push(row);
      } else if (kept[other]!.length === 0)
        misuse("boundarySurface", `cells[${t / 4}]`, `the third at face ${key}`, "at most two tetrahedra at a face");
      else kept[other] = [];
    }
  }
  const faces = kept.filter((row) => row.length > 0);
  return triangleMesh(mesh.positions, faces, { vertexCount });
}

/** Signed volumes, negative where a tetrahedron is inverted. */
export function tetrahedronVolumes(mesh: TetrahedralMesh, positions = mesh.positions): Float64Array {
  requireTetrahedra("tetrahedronVolumes", mesh);
  if (positions === null || positions.length !== 3 * mesh.vertexCount)
    return misuse(
      "tetrahedronVolumes",
      "positions",
      String(positions?.length ?? null),
      `${3 * mesh.vertexCount} numbers`,
    );
  const { cells } = mesh;
  return Float64Array.from({ length: mesh.cellCount }, (_, t) => {
    const [a, b, c, d] = [0, 1, 2, 3].map((i) => 3 * cells[4 * t + i]!) as [number, number, number, number];
    const e = (p: number, i: number) => positions[p + i]! - positions[a + i]!;
    return (
      (e(b, 0) * (e(c, 1) * e(d, 2) - e(c, 2) * e(d, 1)) -
        e(b, 1) * (e(c, 0) * e(d, 2) - e(c, 2) * e(d, 0)) +
        e(b, 2) * (e(c, 0) * e(d, 1) - e(c, 1) * e(d, 0))) /
      6
    );
  });
}
