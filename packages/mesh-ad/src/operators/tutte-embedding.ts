// Tutte's embedding of a disk: the boundary on a circle, every inner vertex the mean of its neighbours. Tutte, "How to draw a graph" (1963): no triangle is flipped.
import { misuse } from "@hessia/core";
import { analyze, sparseFactorize, sparseFromTriplets, sparseSolveInto } from "@hessia/core/linear";
import { requireTriangles, type TriangleMesh } from "../mesh/mesh.js";
import { boundaryLoops, components, eulerCharacteristic } from "../mesh/topology.js";

/**
 * x, y a vertex in the unit disk, boundary vertices spaced on the unit circle as their edges are long (evenly without positions), counterclockwise. Isolated vertices lie at the centre.
 * @throws ArgumentError when the mesh isn't manifold or isn't a disk: several components, no boundary, holes, handles.
 */
export function tutteEmbedding(mesh: TriangleMesh): Float64Array {
  const routine = "tutteEmbedding";
  requireTriangles(routine, mesh);
  const loop = requireDisk(routine, mesh);
  const { vertexCount, corners, positions } = mesh;
  const out = new Float64Array(2 * vertexCount);
  const m = loop.length;
  const lengths = Float64Array.from(loop, (v, k) => {
    const w = loop[(k + 1) % m]!;
    return positions === null ? 1 : Math.hypot(...[0, 1, 2].map((i) => positions[3 * v + i]! - positions[3 * w + i]!));
  });
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (!(total > 0)) misuse(routine, "mesh", "with a boundary of length 0", "a boundary with a length");
  for (let k = 0, along = 0; k < m; along += lengths[k]!, k++) {
    const angle = (2 * Math.PI * along) / total;
    out[2 * loop[k]!] = Math.cos(angle);
    out[2 * loop[k]! + 1] = Math.sin(angle);
  }

  const place = new Int32Array(vertexCount).fill(-1);
  const isBoundary = new Uint8Array(vertexCount);
  for (const v of loop) isBoundary[v] = 1;
  const inner: number[] = [];
  for (let v = 0; v < vertexCount; v++) {
    if (isBoundary[v] === 1 || corners.atVertex[v]! < 0) continue;
    place[v] = inner.length;
    inner.push(v);
  }
  const n = inner.length;
  const right = [new Float64Array(n), new Float64Array(n)] as const;
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  for (let e = 0; e < corners.edges.length; e += 2) {
    const [p, q] = [corners.edges[e]!, corners.edges[e + 1]!];
    for (const [v, w] of [
      [p, q],
      [q, p],
    ] as const) {
      const i = place[v]!;
      if (i < 0) continue;
      rows.push(i);
      cols.push(i);
      values.push(1);
      if (place[w]! < 0) for (let c = 0; c < 2; c++) right[c]![i]! += out[2 * w + c]!;
      else if (i > place[w]!) {
        rows.push(i);
        cols.push(place[w]!);
        values.push(-1);
      }
    }
  }
  const L = sparseFromTriplets(n, n, rows, cols, values, { symmetric: true });
  const factor = sparseFactorize(analyze(L), L);
  const solution = new Float64Array(n);
  for (let c = 0; c < 2; c++) {
    sparseSolveInto(solution, factor, right[c]!);
    for (const [i, v] of inner.entries()) out[2 * v + c] = solution[i]!;
  }
  return out;
}

/** The one boundary loop of a disk. @throws ArgumentError saying what it is instead. */
export function requireDisk(routine: string, mesh: TriangleMesh): Int32Array {
  const loops = boundaryLoops(mesh);
  const { ofVertex } = components(mesh);
  const used = new Set<number>();
  for (let v = 0; v < mesh.vertexCount; v++) if (mesh.corners.atVertex[v]! >= 0) used.add(ofVertex[v]!);
  if (used.size !== 1) misuse(routine, "mesh", `of ${used.size} components`, "a disk: one component");
  if (loops.length !== 1)
    misuse(
      routine,
      "mesh",
      loops.length === 0 ? "closed" : `with ${loops.length} boundary loops`,
      "a disk: one boundary loop",
      "Cut the mesh, or fill its holes.",
    );
  const euler = eulerCharacteristic(mesh);
  if (euler !== 1)
    misuse(routine, "mesh", `of Euler characteristic ${euler}: it has handles`, "a disk: Euler characteristic 1");
  return loops[0]!;
}
