// Symmetric Dirichlet on a grid of a million triangles: what memory the Hessian needs besides itself and the mesh.
import { type Expr, fromColumns, type Mat, mat2, matrix, scalar, type Vec, vec3 } from "@hessia/core/kernel";
import { gridMesh, infiniteUnless, scalarFunction, type TriangleMesh, triangleRest } from "@hessia/mesh-ad";

/** Where a term has its rest shape from: five numbers a triangle that were computed before, or the rest positions of its vertices. */
export type RestShape = "triangle" | "vertex";

export interface MemoryRun {
  readonly triangles: number;
  /** Of the mesh's arrays, and of the Hessian's values and pattern; bytes. */
  readonly meshBytes: number;
  readonly hessianBytes: number;
  /** Of what the caller has besides: rest shapes by triangle, the point and the gradient; bytes. */
  readonly callerBytes: number;
  /** The process before the mesh, and its peak; bytes. */
  readonly before: number;
  readonly peak: number;
  /** What the process holds once all is made and garbage is collected (where node runs with --expose-gc); bytes. */
  readonly held: number;
  /** Milliseconds to make the problem, and of the first and the second evaluation of value, gradient and Hessian. */
  readonly make: number;
  readonly first: number;
  readonly second: number;
  readonly value: number;
}

const peakNow = () => 1024 * process.resourceUsage().maxRSS;
const collect = () => (globalThis as { readonly gc?: () => void }).gc?.();

export function memoryRun(cells: number, rest: RestShape = "triangle"): MemoryRun {
  // What is loaded and compiled for any size counts as the process itself.
  evaluate(8, rest);
  collect();
  const before = process.memoryUsage.rss();
  return { before, ...evaluate(cells, rest) };
}

/** tr(JᵀJ) (1 + 1/det² J) times the area A, with J from the edges u of a triangle and the inverse M of those at rest. */
function distortion(u: readonly [Vec<2>, Vec<2>], M: Mat<2, 2>, A: Expr): Expr {
  const J = fromColumns(...u).mul(M);
  const det = J.det();
  return A.mul(J.squaredNorm())
    .mul(det.square().inv().add(1))
    .add(infiniteUnless(det.gt(0)));
}

function energyOf(mesh: TriangleMesh, rest: RestShape) {
  const energy = scalarFunction(mesh, { dimension: 2 });
  if (rest === "vertex") {
    energy.addTriangleTerms({ vertexData: { rest: [vec3, mesh.positions!] } }, ([a, b, c], { vertexData }) => {
      const [p, q, r] = vertexData.rest;
      const [e, f] = [q.sub(p), r.sub(p)];
      // The first edge is the first axis.
      const length = e.norm();
      const height = e.cross(f).norm().div(length);
      const M = matrix([length.inv(), e.dot(f).neg().div(length.square().mul(height))], [0, height.inv()]);
      return distortion([b.sub(a), c.sub(a)], M, length.mul(height).mul(0.5));
    });
    return { energy, restBytes: 0 };
  }
  const { inverse, area } = triangleRest(mesh);
  energy.addTriangleTerms({ data: { R: [mat2, inverse], A: [scalar, area] } }, ([a, b, c], { data: { R, A } }) =>
    distortion([b.sub(a), c.sub(a)], R, A),
  );
  return { energy, restBytes: inverse.byteLength + area.byteLength };
}

function evaluate(cells: number, rest: RestShape): Omit<MemoryRun, "before"> {
  const mesh = gridMesh(cells);
  const meshBytes = [mesh.positions!, mesh.faces, ...Object.values(mesh.corners)].reduce(
    (sum, one) => sum + (ArrayBuffer.isView(one) ? one.byteLength : 0),
    0,
  );
  collect();
  const from = performance.now();
  const { energy, restBytes } = energyOf(mesh, rest);
  const y = new Float64Array(2 * mesh.vertexCount);
  for (let v = 0; v < mesh.vertexCount; v++) {
    y[2 * v] = 1.2 * mesh.positions![3 * v]!;
    y[2 * v + 1] = 0.9 * mesh.positions![3 * v + 1]!;
  }
  const problem = energy.problem({ start: y });
  const H = problem.newHessian();
  const g = new Float64Array(y.length);
  const made = performance.now();
  const value = problem.valueGradientHessianInto(g, H, y);
  const once = performance.now();
  problem.valueGradientHessianInto(g, H, y);
  const twice = performance.now();
  collect();
  const hessianBytes = H.values.byteLength + H.rowIndices.byteLength + H.colPointers.byteLength;
  return {
    triangles: mesh.faceCount,
    meshBytes,
    hessianBytes,
    callerBytes: restBytes + y.byteLength + g.byteLength,
    peak: peakNow(),
    held: process.memoryUsage.rss(),
    make: made - from,
    first: once - made,
    second: twice - once,
    value,
  };
}
