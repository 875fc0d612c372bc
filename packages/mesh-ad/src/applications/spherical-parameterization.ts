// A closed surface of genus 0 on the unit sphere, no triangle turned inside out:
//
//   Σ_ij ‖x_i − x_j‖² − b Σ_t log det [a, b, c],   +∞ where det ≤ 0,
//
// short edges against a barrier that keeps the triangles' cones outward. After Schmidt et al., "TinyAD" (2022), and Friedel, Schröder, Desbrun, "Unconstrained spherical parameterization" (2005).
// Unknowns are unit vectors.
//
// 1. Three vertices of a triangle aren't held: rotations change nothing, and a method must bear with a semidefinite Hessian, or `fixed` holds one vertex and more.
import { misuse, requireKnownOptions, requireNumber } from "@hessia/core";
import { fromColumns } from "@hessia/core/kernel";
import { infiniteUnless } from "../function/barrier.js";
import type { MeshProblem, ProblemOptions } from "../function/mesh-problem.js";
import { scalarFunction } from "../function/scalar-function.js";
import { unitSphere } from "../function/unknowns.js";
import type { TriangleMesh } from "../mesh/mesh.js";
import { eulerCharacteristic, requireManifold } from "../mesh/topology.js";

export interface SphericalOptions extends Pick<ProblemOptions, "fixed" | "projection"> {
  /** Unit vectors, three numbers a vertex, no triangle inside out. Default: positions seen from their centroid, for star-shaped surfaces. */
  readonly start?: Float64Array;
  /** b > 0. Default 0.1. */
  readonly barrier?: number;
}

/** @throws ArgumentError when the mesh isn't a closed manifold of genus 0, or triangles are inside out at the start (how many, and which is the first). */
export function sphericalParameterization(mesh: TriangleMesh, options: SphericalOptions = {}): MeshProblem {
  const routine = "sphericalParameterization";
  requireKnownOptions(routine, options, ["start", "barrier", "fixed", "projection"]);
  const { barrier = 0.1, projection = "clamp", fixed = [] } = options;
  requireNumber(routine, "options.barrier", barrier, { above: 0, below: Number.POSITIVE_INFINITY });
  requireManifold(mesh, routine);
  if (mesh.corners.opposite.includes(-1)) misuse(routine, "mesh", "with a boundary", "a closed surface");
  const euler = eulerCharacteristic(mesh);
  if (euler !== 2)
    misuse(routine, "mesh", `of Euler characteristic ${euler}`, "one of genus 0: Euler characteristic 2");
  const start = options.start ?? fromCentroid(mesh);
  const inside: number[] = [];
  for (let f = 0; start.length === 3 * mesh.vertexCount && f < mesh.faces.length; f += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => start.subarray(3 * mesh.faces[f + k]!, 3 * mesh.faces[f + k]! + 3)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const det =
      a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) +
      a[1]! * (b[2]! * c[0]! - b[0]! * c[2]!) +
      a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!);
    if (!(det > 0)) inside.push(f / 3);
  }
  if (inside.length > 0)
    misuse(
      routine,
      options.start === undefined ? "mesh" : "options.start",
      `with ${inside.length} triangles inside out on the sphere at the start, first ${inside[0]}`,
      "a start without",
      "Where the surface isn't star-shaped, give a start of your own.",
    );
  return scalarFunction(mesh, { unknowns: unitSphere })
    .addEdgeTerms({ name: "length" }, ([a, b]) => a.sub(b).squaredNorm())
    .addTriangleTerms({ name: "barrier" }, ([a, b, c]) => {
      const det = fromColumns(a, b, c).det();
      return det
        .log()
        .mul(-barrier)
        .add(infiniteUnless(det.gt(0)));
    })
    .problem({ start, fixed, projection });
}

function fromCentroid(mesh: TriangleMesh): Float64Array {
  const { positions: x, vertexCount: n } = mesh;
  if (x === null)
    return misuse("sphericalParameterization", "mesh", "without positions", "positions, or options.start");
  const centre = [0, 1, 2].map((i) => x.reduce((sum, value, k) => (k % 3 === i ? sum + value : sum), 0) / n);
  const out = x.map((value, k) => value - centre[k % 3]!);
  for (let v = 0; v < n; v++) {
    const norm = Math.hypot(out[3 * v]!, out[3 * v + 1]!, out[3 * v + 2]!);
    for (let i = 0; i < 3; i++) out[3 * v + i] = norm > 0 ? out[3 * v + i]! / norm : +(i === 2);
  }
  return out;
}
