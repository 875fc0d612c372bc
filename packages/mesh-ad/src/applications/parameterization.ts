// A disk laid flat with as little distortion as may be, no triangle flipped: the symmetric Dirichlet energy
//
//   Σ_t A_t ‖J_t‖² (1 + 1 / det² J_t) / (4 Σ A_t),   J_t = [b − a, c − a] R_t,   +∞ where det J_t ≤ 0,
//
// 1 at an isometry. Smith, Schaefer, "Bijective parameterization with free boundaries" (2015). It begins at Tutte's embedding, scaled to the least energy.
//
// 1. Moving the whole changes nothing: one vertex is held. Neither does turning it; that is left free, since holding a direction as well costs Newton's method iterations: at a minimum one
//    eigenvalue of the Hessian is zero to rounding.
import { misuse, requireKnownOptions } from "@hessia/core";
import { fromColumns, mat2, scalar } from "@hessia/core/kernel";
import { infiniteUnless } from "../function/barrier.js";
import type { MeshProblem, ProblemOptions } from "../function/mesh-problem.js";
import { scalarFunction } from "../function/scalar-function.js";
import type { TriangleMesh } from "../mesh/mesh.js";
import { flippedTriangles } from "../operators/largest-step.js";
import { triangleRest } from "../operators/rest-shape.js";
import { requireDisk, tutteEmbedding } from "../operators/tutte-embedding.js";

export interface ParameterizationOptions extends Pick<ProblemOptions, "projection"> {
  /** x, y a vertex to begin at, no triangle flipped. Default: Tutte's embedding. */
  readonly start?: ArrayLike<number>;
}

/**
 * The problem of a parameterization; `extend` of a solution has x, y a vertex. With projection "clamp" (the default) Newton's method always descends.
 * @throws ArgumentError when the mesh isn't a disk with positions, a triangle has no area, or the start has flipped triangles.
 */
export function parameterization(mesh: TriangleMesh, options: ParameterizationOptions = {}): MeshProblem {
  const routine = "parameterization";
  requireKnownOptions(routine, options, ["start", "projection"]);
  const loop = requireDisk(routine, mesh);
  const { inverse, area } = triangleRest(mesh);
  const { start: given, projection = "clamp" } = options;
  const total = area.reduce((sum, one) => sum + one, 0);
  const energy = scalarFunction(mesh, { dimension: 2 }).addTriangleTerms(
    { name: "distortion", data: { R: [mat2, inverse], w: [scalar, area.map((one) => one / (4 * total))] } },
    ([a, b, c], { data: { R, w } }) => {
      const J = fromColumns(b.sub(a), c.sub(a)).mul(R);
      const det = J.det();
      return w
        .mul(J.squaredNorm())
        .mul(det.square().inv().add(1))
        .add(infiniteUnless(det.gt(0)));
    },
  );
  const start = given === undefined ? scaledTutte(mesh, inverse, area) : Float64Array.from(given);
  const flipped = start.length === 2 * mesh.vertexCount ? flippedTriangles(mesh, start) : [];
  if (flipped.length > 0) {
    const more = flipped.length > 1 ? ` and ${flipped.length - 1} more` : "";
    misuse(
      routine,
      given === undefined ? "mesh" : "options.start",
      `with triangle ${flipped[0]}${more} flipped at the start`,
      "no flipped triangle",
    );
  }

  // Deviation 1. An inner vertex is farther from what moves most.
  const boundary = new Set(loop);
  let held = loop[0]!;
  for (let v = mesh.vertexCount - 1; v >= 0; v--) if (!boundary.has(v) && mesh.corners.atVertex[v]! >= 0) held = v;
  return energy.problem({ start, fixed: [held], projection });
}

/** s times Tutte's embedding, for which the energy s² Σ A ‖J‖² + s⁻² Σ A ‖J‖² / det² is least. */
function scaledTutte(mesh: TriangleMesh, inverse: Float64Array, area: Float64Array): Float64Array {
  const x = tutteEmbedding(mesh);
  let [stretch, shrink] = [0, 0];
  for (let f = 0; f < area.length; f++) {
    const [a, b, c] = [0, 1, 2].map((k) => 2 * mesh.faces[3 * f + k]!) as [number, number, number];
    const [r00, r01, r10, r11] = inverse.subarray(4 * f, 4 * f + 4) as unknown as [number, number, number, number];
    const row = (i: number) => {
      const [e, g] = [x[b + i]! - x[a + i]!, x[c + i]! - x[a + i]!];
      return [e * r00 + g * r10, e * r01 + g * r11] as const;
    };
    const [p, q] = [row(0), row(1)];
    const size = p[0] ** 2 + p[1] ** 2 + q[0] ** 2 + q[1] ** 2;
    const det = p[0] * q[1] - p[1] * q[0];
    stretch += area[f]! * size;
    shrink += (area[f]! * size) / det ** 2;
  }
  const s = (shrink / stretch) ** 0.25;
  return Number.isFinite(s) && s > 0 ? x.map((value) => s * value) : x;
}
