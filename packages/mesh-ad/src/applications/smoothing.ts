// Fairing: positions near the given ones with small Laplacians,
//
//   ½ Σ_v A_v ‖x_v − p_v‖² + λ/2 Σ_ij w_ij ‖x_i − x_j‖²          ("membrane": a step of implicit mean curvature flow), or
//   ½ Σ_v A_v ‖x_v − p_v‖² + λ/2 Σ_v A_v ‖Σ_j (x_j − x_v) / |N(v)|‖² / h⁴   ("bending": of uniform umbrellas).
//
// Desbrun, Meyer, Schröder, Barr, "Implicit fairing of irregular meshes using diffusion and curvature flow" (1999). Both are quadratic: Newton's method needs one step.
import { requireKnownOptions, requireNumber, requireOneOf } from "@hessia/core";
import { scalar, vec3 } from "@hessia/core/kernel";
import type { MeshProblem } from "../function/mesh-problem.js";
import { scalarFunction } from "../function/scalar-function.js";
import { requirePositions, type TriangleMesh } from "../mesh/mesh.js";
import { cornerAngles, edgeLengths } from "../operators/geometry.js";
import { vertexAreas } from "../operators/laplacian.js";

export interface SmoothingOptions {
  /** Default "membrane". */
  readonly energy?: "membrane" | "bending";
  /** λ, ≥ 0: an area for "membrane", an area squared for "bending". Default the mean edge length to the second or fourth power. */
  readonly weight?: number;
  /** Vertices that stay. Boundary vertices shrink inward unless they are held. */
  readonly fixed?: ArrayLike<number>;
}

/** @throws ArgumentError without positions, when the mesh isn't manifold ("bending"), or an option is out of range. */
export function smoothing(mesh: TriangleMesh, options: SmoothingOptions = {}): MeshProblem {
  const routine = "smoothing";
  requireKnownOptions(routine, options, ["energy", "weight", "fixed"]);
  const { energy: kind = "membrane", fixed = [] } = options;
  requireOneOf(routine, "options.energy", kind, ["membrane", "bending"]);
  const p = requirePositions(routine, mesh);
  const lengths = edgeLengths(mesh);
  const h = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const { weight = kind === "membrane" ? h ** 2 : h ** 4 } = options;
  requireNumber(routine, "options.weight", weight, { atLeast: 0, below: Number.POSITIVE_INFINITY });
  const area = vertexAreas(mesh);
  const energy = scalarFunction(mesh, { dimension: 3 }).addVertexTerms(
    { name: "fidelity", vertexData: { at: [vec3, p], A: [scalar, area] } },
    ([a], { vertexData: { at, A } }) => a.sub(at[0]!).squaredNorm().mul(A[0]!).mul(0.5),
  );
  if (kind === "membrane") {
    const cotangents = new Float64Array(lengths.length);
    cornerAngles(mesh).forEach((angle, c) => {
      cotangents[mesh.corners.edge[c]!]! += 0.5 / Math.tan(angle);
    });
    energy.addEdgeTerms({ name: "membrane", data: { w: [scalar, cotangents] } }, ([a, b], { data: { w } }) =>
      a
        .sub(b)
        .squaredNorm()
        .mul(w)
        .mul(weight / 2),
    );
  } else {
    energy.addStarTerms(
      { name: "bending", data: { A: [scalar, area] } },
      ([centre, ...ring], { valence, data: { A } }) => {
        const mean = ring.reduce((sum, v) => sum.add(v)).scale(1 / valence);
        return mean
          .sub(centre)
          .squaredNorm()
          .mul(A)
          .mul(weight / (2 * h ** 4));
      },
    );
  }
  return energy.problem({ start: p, fixed });
}
