// Energies of a million triangles or tetrahedra: what memory the Hessian needs besides itself and the mesh.
import { type Expr, fromColumns, identity, type Mat, mat2, matrix, scalar, type Vec, vec3 } from "@hessia/core/kernel";
import { boxOfTetrahedra, gridMesh, infiniteUnless, scalarFunction, triangleRest } from "@hessia/mesh-ad";

/**
 * Symmetric Dirichlet on triangles of the plane with rest shapes by "triangle" (five numbers that were computed before) or by "vertex" (rest positions);
 * St. Venant–Kirchhoff membranes of triangles in "space" and neo-Hookean "tetrahedra", both by rest positions.
 */
export const memoryCases = ["triangle", "vertex", "space", "tetrahedra"] as const;
export type MemoryCase = (typeof memoryCases)[number];

export interface MemoryRun {
  readonly elements: number;
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
  /** Milliseconds to make mesh and problem, and of the first and the second evaluation of value, gradient and Hessian. */
  readonly make: number;
  readonly first: number;
  readonly second: number;
  readonly value: number;
}

const peakNow = () => 1024 * process.resourceUsage().maxRSS;
const collect = () => (globalThis as { readonly gc?: () => void }).gc?.();

export function memoryRun(cells: number, which: MemoryCase = "triangle"): MemoryRun {
  // What is loaded and compiled for any size counts as the process itself.
  evaluate(8, which);
  collect();
  const before = process.memoryUsage.rss();
  return { before, ...evaluate(cells, which) };
}

const unlessFlipped = (det: Expr, value: Expr): Expr => value.add(infiniteUnless(det.gt(0)));

/** tr(JᵀJ) (1 + 1/det² J) times the area A, with J from the edges u of a triangle and the inverse M of those at rest. */
function distortion(u: readonly [Vec<2>, Vec<2>], M: Mat<2, 2>, A: Expr): Expr {
  const J = fromColumns(...u).mul(M);
  const det = J.det();
  return unlessFlipped(det, A.mul(J.squaredNorm()).mul(det.square().inv().add(1)));
}

/** The inverse of a triangle's edges at rest, the first of which is the first axis, and its area. */
function restOf([p, q, r]: readonly Vec<3>[]): { readonly M: Mat<2, 2>; readonly A: Expr } {
  const [e, f] = [q!.sub(p!), r!.sub(p!)];
  const length = e.norm();
  const height = e.cross(f).norm().div(length);
  const M = matrix([length.inv(), e.dot(f).neg().div(length.square().mul(height))], [0, height.inv()]);
  return { M, A: length.mul(height).mul(0.5) };
}

function setUp(cells: number, which: MemoryCase) {
  if (which === "tetrahedra") {
    const mesh = boxOfTetrahedra(cells);
    const energy = scalarFunction(mesh, { dimension: 3 }).addTetrahedronTerms(
      { vertexData: { rest: [vec3, mesh.positions!] } },
      ([a, b, c, d], { vertexData: { rest } }) => {
        const [p, q, r, s] = rest;
        const R = fromColumns(q.sub(p), r.sub(p), s.sub(p));
        const F = fromColumns(b.sub(a), c.sub(a), d.sub(a)).mul(R.inverse());
        const det = F.det();
        const W = F.squaredNorm().sub(3).sub(det.log().mul(2)).add(det.log().square());
        return unlessFlipped(det, W.mul(R.det().div(6)));
      },
    );
    return { mesh, energy, dimension: 3, restBytes: 0 };
  }
  const mesh = gridMesh(cells);
  if (which === "space") {
    const energy = scalarFunction(mesh, { dimension: 3 }).addTriangleTerms(
      { vertexData: { rest: [vec3, mesh.positions!] } },
      ([a, b, c], { vertexData }) => {
        const { M, A } = restOf(vertexData.rest);
        const F = fromColumns(b.sub(a), c.sub(a)).mul(M);
        // Twice Green's strain.
        const E = F.transpose().mul(F).sub(identity(2));
        return E.squaredNorm().add(E.trace().square()).mul(A);
      },
    );
    return { mesh, energy, dimension: 3, restBytes: 0 };
  }
  const energy = scalarFunction(mesh, { dimension: 2 });
  if (which === "vertex") {
    energy.addTriangleTerms({ vertexData: { rest: [vec3, mesh.positions!] } }, ([a, b, c], { vertexData }) => {
      const { M, A } = restOf(vertexData.rest);
      return distortion([b.sub(a), c.sub(a)], M, A);
    });
    return { mesh, energy, dimension: 2, restBytes: 0 };
  }
  const { inverse, area } = triangleRest(mesh);
  energy.addTriangleTerms({ data: { R: [mat2, inverse], A: [scalar, area] } }, ([a, b, c], { data: { R, A } }) =>
    distortion([b.sub(a), c.sub(a)], R, A),
  );
  return { mesh, energy, dimension: 2, restBytes: inverse.byteLength + area.byteLength };
}

/** Bytes of all arrays of a mesh, also of those in its parts; an array that occurs twice counts once. */
function bytesOf(value: unknown, seen = new Set<unknown>()): number {
  if (typeof value !== "object" || value === null || seen.has(value)) return 0;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return value.byteLength;
  return Object.values(value).reduce((sum: number, one) => sum + bytesOf(one, seen), 0);
}

function evaluate(cells: number, which: MemoryCase): Omit<MemoryRun, "before"> {
  const from = performance.now();
  const { mesh, energy, dimension, restBytes } = setUp(cells, which);
  collect();
  const y = new Float64Array(dimension * mesh.vertexCount);
  for (let v = 0; v < mesh.vertexCount; v++)
    for (let c = 0; c < dimension; c++)
      y[dimension * v + c] = (c === 0 ? 1.2 : c === 1 ? 0.9 : 1) * mesh.positions![3 * v + c]!;
  const problem = energy.problem({ start: y });
  const H = problem.newHessian();
  const g = new Float64Array(y.length);
  const made = performance.now();
  const value = problem.valueGradientHessianInto(g, H, y);
  const once = performance.now();
  problem.valueGradientHessianInto(g, H, y);
  const twice = performance.now();
  collect();
  return {
    elements: problem.structure.blocks[0]!.terms,
    meshBytes: bytesOf(mesh),
    hessianBytes: H.values.byteLength + H.rowIndices.byteLength + H.colPointers.byteLength,
    callerBytes: restBytes + y.byteLength + g.byteLength,
    peak: peakNow(),
    held: process.memoryUsage.rss(),
    make: made - from,
    first: once - made,
    second: twice - once,
    value,
  };
}
