// A surface pulled by handles, as rigid as possible: Sorkine, Alexa, "As-rigid-as-possible surface modeling" (2007),
//
//   Σ_i Σ_{j ∈ N(i)} w_ij ‖(p_i − p_j) − R_i (q_i − q_j)‖²,   w_ij = ½ (cot α + cot β),
//
// q at rest. There positions and rotations are improved in turn; here both are unknowns, a rigid motion a vertex, and Newton's method moves them together.
//
// 1. Negative cotangent weights (obtuse triangles on both sides) are taken as 0, so that every term is a square.
import { describe, misuse, requireKnownOptions } from "@hessia/core";
import { type Expr, type Mat, scalar, type Vec, vec3, vector } from "@hessia/core/kernel";
import type { MeshProblem } from "../function/mesh-problem.js";
import { scalarFunction } from "../function/scalar-function.js";
import { rotation, type Unknowns } from "../function/unknowns.js";
import { requirePositions, type TriangleMesh } from "../mesh/mesh.js";
import { cotangentLaplacian } from "../operators/laplacian.js";

/** A point and a rotation: 12 numbers, x, y, z and then R row by row; tangent coordinates are those of the point and of the rotation. */
export const rigidMotion: Unknowns<{ readonly at: Vec<3>; readonly turn: Mat<3, 3> }> = {
  name: "the rigid motions",
  tangent: 6,
  ambient: 12,
  frame: 12,
  frameInto(out, at, x, xAt) {
    for (let i = 0; i < 12; i++) out[at + i] = x[xAt + i]!;
  },
  point: (f: readonly Expr[], t: readonly Expr[]) => ({
    at: vector(f[0]!.add(t[0]!), f[1]!.add(t[1]!), f[2]!.add(t[2]!)),
    turn: rotation.point(f.slice(3), t.slice(3)),
  }),
  moveInto(out, at, x, xAt, t, tAt) {
    for (let i = 0; i < 3; i++) out[at + i] = x[xAt + i]! + t[tAt + i]!;
    rotation.moveInto(out, at + 3, x, xAt + 3, t, tAt + 3);
  },
  fault: (x, at) => rotation.fault(x, at + 3),
};

export interface DeformationOptions {
  /** Handles: vertices and where they are to be. Held exactly. At least one. */
  readonly handles: readonly { readonly vertex: number; readonly position: readonly [number, number, number] }[];
}

export interface Deformation {
  readonly problem: MeshProblem;
  /** Positions, x, y, z a vertex, for a solution. */
  positions(y: Float64Array): Float64Array;
}

/**
 * The problem of the deformation, as residuals; with Gauss–Newton's matrix, which is definite where handles hold the surface. It begins at rest with the handles moved.
 * @throws ArgumentError naming a handle that is no vertex or given twice, or a triangle without area.
 */
export function deformation(mesh: TriangleMesh, options: DeformationOptions): Deformation {
  const routine = "deformation";
  const q = requirePositions(routine, mesh);
  if (options === null || typeof options !== "object") misuse(routine, "options", describe(options), "{ handles: … }");
  requireKnownOptions(routine, options, ["handles"]);
  const { handles } = options;
  if (!Array.isArray(handles) || handles.length === 0)
    misuse(routine, "options.handles", describe(handles), "at least one handle { vertex, position }");
  const weights = edgeWeights(mesh);
  const start = new Float64Array(12 * mesh.vertexCount);
  for (let v = 0; v < mesh.vertexCount; v++) {
    start.set(q.subarray(3 * v, 3 * v + 3), 12 * v);
    start.set([1, 0, 0, 0, 1, 0, 0, 0, 1], 12 * v + 3);
  }
  const seen = new Set<number>();
  for (const [k, handle] of handles.entries()) {
    const { vertex, position } = handle;
    if (!(Number.isInteger(vertex) && vertex >= 0 && vertex < mesh.vertexCount))
      misuse(
        routine,
        `options.handles[${k}].vertex`,
        describe(vertex),
        `a vertex number from 0 to ${mesh.vertexCount - 1}`,
      );
    if (seen.has(vertex)) misuse(routine, `options.handles[${k}].vertex`, `${vertex} once more`, "each vertex once");
    if (position?.length !== 3 || !Array.from(position).every(Number.isFinite))
      misuse(routine, `options.handles[${k}].position`, describe(position), "three finite numbers");
    seen.add(vertex);
    start.set(position, 12 * vertex);
  }
  const energy = scalarFunction(mesh, { unknowns: rigidMotion }).addEdgeTerms(
    { name: "rigidity", data: { s: [scalar, weights.map((w) => Math.sqrt(2 * w))] }, vertexData: { rest: [vec3, q] } },
    ([a, b], { data: { s }, vertexData: { rest } }) => {
      const [now, was] = [a.at.sub(b.at), rest[0]!.sub(rest[1]!)];
      const [r, t] = [now.sub(a.turn.mul(was)).scale(s), now.sub(b.turn.mul(was)).scale(s)];
      return vector(...r, ...t) as unknown as Vec;
    },
  );
  const fixed = [...seen].flatMap((v) => [0, 1, 2].map((c) => [v, c] as const));
  const problem = energy.problem({ start, fixed, gaussNewton: true });
  return {
    problem,
    positions(y) {
      const all = problem.extend(y);
      return Float64Array.from({ length: q.length }, (_, i) => all[12 * Math.floor(i / 3) + (i % 3)]!);
    },
  };
}

/** max(½ (cot α + cot β), 0) of each edge. */
function edgeWeights(mesh: TriangleMesh): Float64Array {
  const L = cotangentLaplacian(mesh);
  const { edges } = mesh.corners;
  const place = new Map<number, number>();
  for (let j = 0; j < L.cols; j++)
    for (let p = L.colPointers[j]!; p < L.colPointers[j + 1]!; p++)
      place.set(L.rowIndices[p]! * L.cols + j, L.values[p]!);
  return Float64Array.from({ length: edges.length / 2 }, (_, e) =>
    Math.max(0, -(place.get(edges[2 * e + 1]! * L.cols + edges[2 * e]!) ?? 0)),
  );
}
