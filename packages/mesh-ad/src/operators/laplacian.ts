// The cotangent Laplacian and mass matrices of linear finite elements on a triangle mesh. Pinkall, Polthier, "Computing discrete minimal surfaces and their conjugates" (1993); Meyer,
// Desbrun, Schröder, Barr, "Discrete differential-geometry operators for triangulated 2-manifolds" (2003).
import { misuse, requireKnownOptions, requireOneOf, type SparseMatrix } from "@hessia/core";
import { sparseFromTriplets } from "@hessia/core/linear";
import { requirePositions, requireTriangles, type TriangleMesh } from "../mesh/mesh.js";
import { cornerDot, faceAreas } from "./geometry.js";

/**
 * L with xᵀ L x = ∫ |∇x|²: symmetric positive semidefinite, rows add up to zero, L_ij = −½ (cot α + cot β) for the angles opposite edge ij. The lower triangle.
 * @throws ArgumentError without positions, or naming a triangle without area.
 */
export function cotangentLaplacian(mesh: TriangleMesh, positions?: Float64Array): SparseMatrix {
  const routine = "cotangentLaplacian";
  const { faces, vertexCount } = requireTriangles(routine, mesh);
  const x = requirePositions(routine, mesh, positions);
  const areas = faceAreas(mesh, x);
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  for (let v = 0; v < vertexCount; v++) {
    rows.push(v);
    cols.push(v);
    values.push(0);
  }
  for (let c = 0; c < faces.length; c++) {
    const f = (c - (c % 3)) / 3;
    requireArea(routine, areas, f);
    const half = cornerDot(x, faces, c) / (4 * areas[f]!);
    const [p, q] = [faces[3 * f + ((c + 1) % 3)]!, faces[3 * f + ((c + 2) % 3)]!];
    rows.push(p, q, Math.max(p, q));
    cols.push(p, q, Math.min(p, q));
    values.push(half, half, -half);
  }
  return sparseFromTriplets(vertexCount, vertexCount, rows, cols, values, { symmetric: true });
}

/** @throws ArgumentError naming the triangle without area. */
export function requireArea(routine: string, areas: Float64Array, f: number): void {
  if (!(areas[f]! > 0))
    misuse(
      routine,
      "mesh",
      `degenerate: triangle ${f} has area ${areas[f]}`,
      "triangles with an area",
      "checkMesh lists such triangles.",
    );
}

/** A third of the area of the triangles at each vertex: the lumped mass matrix's diagonal, for barycentric cells. */
export function vertexAreas(mesh: TriangleMesh, positions?: Float64Array): Float64Array {
  const { faces, vertexCount } = requireTriangles("vertexAreas", mesh);
  const areas = faceAreas(mesh, requirePositions("vertexAreas", mesh, positions));
  const out = new Float64Array(vertexCount);
  for (let c = 0; c < faces.length; c++) out[faces[c]!]! += areas[Math.floor(c / 3)]! / 3;
  return out;
}

export interface MassOptions {
  /** "lumped" (diagonal, barycentric cells) or "consistent" (∫ φ_i φ_j of linear elements). Default "lumped". */
  readonly kind?: "lumped" | "consistent";
}

/** M with xᵀ M x = ∫ x² (about, where it is lumped): symmetric positive definite where every vertex has an area. The lower triangle. */
export function massMatrix(mesh: TriangleMesh, options: MassOptions = {}, positions?: Float64Array): SparseMatrix {
  const routine = "massMatrix";
  requireKnownOptions(routine, options, ["kind"]);
  const { kind = "lumped" } = options;
  requireOneOf(routine, "options.kind", kind, ["lumped", "consistent"]);
  const { faces, vertexCount } = requireTriangles(routine, mesh);
  const x = requirePositions(routine, mesh, positions);
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  if (kind === "lumped") {
    vertexAreas(mesh, x).forEach((area, v) => {
      rows.push(v);
      cols.push(v);
      values.push(area);
    });
  } else {
    const areas = faceAreas(mesh, x);
    for (let c = 0; c < faces.length; c++) {
      const f = c - (c % 3);
      const [p, q] = [faces[c]!, faces[f + ((c + 1) % 3)]!];
      rows.push(p, Math.max(p, q));
      cols.push(p, Math.min(p, q));
      values.push(areas[f / 3]! / 6, areas[f / 3]! / 12);
    }
  }
  return sparseFromTriplets(vertexCount, vertexCount, rows, cols, values, { symmetric: true });
}
