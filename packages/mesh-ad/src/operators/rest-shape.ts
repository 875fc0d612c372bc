// What terms over triangles and tetrahedra need of the shape at rest: the inverse of its edges, and its measure. With E the edges now and R the inverse, the deformation gradient is E R.
import { misuse } from "@hessia/core";
import {
  requirePositions,
  requireTetrahedra,
  requireTriangles,
  type TetrahedralMesh,
  type TriangleMesh,
} from "../mesh/mesh.js";
import { tetrahedronVolumes } from "../mesh/tetrahedral-mesh.js";
import { faceAreas } from "./geometry.js";
import { requireArea } from "./laplacian.js";

export interface TriangleRest {
  /** By triangle, row by row: the inverse of [b − a, c − a] in a plane frame of its own, whose first axis lies along b − a. */
  readonly inverse: Float64Array;
  readonly area: Float64Array;
}

/** @throws ArgumentError naming a triangle without area. */
export function triangleRest(mesh: TriangleMesh, positions?: Float64Array): TriangleRest {
  const routine = "triangleRest";
  const { faces, faceCount } = requireTriangles(routine, mesh);
  const x = requirePositions(routine, mesh, positions);
  const area = faceAreas(mesh, x);
  const inverse = new Float64Array(4 * faceCount);
  for (let f = 0; f < faceCount; f++) {
    requireArea(routine, area, f);
    const [a, b, c] = [3 * faces[3 * f]!, 3 * faces[3 * f + 1]!, 3 * faces[3 * f + 2]!];
    const length = Math.hypot(x[b]! - x[a]!, x[b + 1]! - x[a + 1]!, x[b + 2]! - x[a + 2]!);
    let along = 0;
    for (let i = 0; i < 3; i++) along += ((x[b + i]! - x[a + i]!) * (x[c + i]! - x[a + i]!)) / length;
    const height = (2 * area[f]!) / length;
    // [length along; 0 height]⁻¹.
    inverse.set([1 / length, -along / (length * height), 0, 1 / height], 4 * f);
  }
  return { inverse, area };
}

export interface TetrahedronRest {
  /** By tetrahedron, row by row: the inverse of [b − a, c − a, d − a]. */
  readonly inverse: Float64Array;
  readonly volume: Float64Array;
}

/** @throws ArgumentError naming a tetrahedron that is inverted or without volume. */
export function tetrahedronRest(mesh: TetrahedralMesh, positions?: Float64Array): TetrahedronRest {
  const routine = "tetrahedronRest";
  const { cells, cellCount } = requireTetrahedra(routine, mesh);
  const x = requirePositions(routine, mesh, positions);
  const volume = tetrahedronVolumes(mesh, x);
  const inverse = new Float64Array(9 * cellCount);
  for (let t = 0; t < cellCount; t++) {
    if (!(volume[t]! > 0)) misuse(routine, "mesh", `with tetrahedron ${t} of volume ${volume[t]}`, "volumes above 0");
    const [u, v, w] = [1, 2, 3].map((k) =>
      [0, 1, 2].map((i) => x[3 * cells[4 * t + k]! + i]! - x[3 * cells[4 * t]! + i]!),
    ) as [number[], number[], number[]];
    const det = 6 * volume[t]!;
    // Rows of the inverse of the matrix with columns u, v, w: cross products over the determinant.
    for (const [r, [p, q]] of (
      [
        [v, w],
        [w, u],
        [u, v],
      ] as const
    ).entries()) {
      for (let i = 0; i < 3; i++) {
        const [j, k] = [(i + 1) % 3, (i + 2) % 3];
        inverse[9 * t + 3 * r + i] = (p[j]! * q[k]! - p[k]! * q[j]!) / det;
      }
    }
  }
  return { inverse, volume };
}
