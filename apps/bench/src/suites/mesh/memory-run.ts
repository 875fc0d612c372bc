// Symmetric Dirichlet on a grid of a million triangles: what memory the Hessian needs besides itself and the mesh.
import { fromColumns, mat2, scalar } from "@hessia/core/kernel";
import { gridMesh, infiniteUnless, scalarFunction, triangleRest } from "@hessia/mesh-ad";

export interface MemoryRun {
  readonly triangles: number;
  /** Of the mesh's arrays, and of the Hessian's values and pattern; bytes. */
  readonly meshBytes: number;
  readonly hessianBytes: number;
  /** The process before the mesh, with the mesh, and its peak; bytes. */
  readonly before: number;
  readonly withMesh: number;
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

export function memoryRun(cells: number): MemoryRun {
  // What is loaded and compiled for any size counts as the process itself.
  evaluate(8);
  collect();
  const before = process.memoryUsage.rss();
  return { before, ...evaluate(cells) };
}

function evaluate(cells: number): Omit<MemoryRun, "before"> {
  const mesh = gridMesh(cells);
  const meshBytes = [mesh.positions!, mesh.faces, ...Object.values(mesh.corners)].reduce(
    (sum, one) => sum + (ArrayBuffer.isView(one) ? one.byteLength : 0),
    0,
  );
  collect();
  const withMesh = process.memoryUsage.rss();
  const from = performance.now();
  const { inverse, area } = triangleRest(mesh);
  const energy = scalarFunction(mesh, { dimension: 2 }).addTriangleTerms(
    { data: { R: [mat2, inverse], A: [scalar, area] } },
    ([a, b, c], { data: { R, A } }) => {
      const J = fromColumns(b.sub(a), c.sub(a)).mul(R);
      const det = J.det();
      return A.mul(J.squaredNorm())
        .mul(det.square().inv().add(1))
        .add(infiniteUnless(det.gt(0)));
    },
  );
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
    withMesh,
    peak: peakNow(),
    held: process.memoryUsage.rss(),
    make: made - from,
    first: once - made,
    second: twice - once,
    value,
  };
}
