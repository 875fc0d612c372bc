// Meshes to begin with: for examples, tests and benchmarks.
import { requireKnownOptions, requireNumber } from "@hessia/core";
import type { TetrahedralMesh, TriangleMesh } from "./mesh.js";
import { tetrahedralMesh } from "./tetrahedral-mesh.js";
import { triangleMesh } from "./triangle-mesh.js";

export interface GridOptions {
  /** Extent in x and in y. Default 1. */
  readonly width?: number;
  readonly height?: number;
}

/** A rectangle in the plane z = 0 of nx × ny cells, two triangles each; vertex (i, j) at column i of row j is number j (nx + 1) + i. */
export function gridMesh(nx: number, ny = nx, options: GridOptions = {}): TriangleMesh {
  const routine = "gridMesh";
  requireNumber(routine, "nx", nx, { atLeast: 1, integer: true });
  requireNumber(routine, "ny", ny, { atLeast: 1, integer: true });
  requireKnownOptions(routine, options, ["width", "height"]);
  const { width = 1, height = 1 } = options;
  requireNumber(routine, "options.width", width, { above: 0 });
  requireNumber(routine, "options.height", height, { above: 0 });
  const positions = new Float64Array(3 * (nx + 1) * (ny + 1));
  for (let j = 0, p = 0; j <= ny; j++) {
    for (let i = 0; i <= nx; i++, p += 3) {
      positions[p] = (width * i) / nx;
      positions[p + 1] = (height * j) / ny;
    }
  }
  const faces = new Int32Array(6 * nx * ny);
  for (let j = 0, f = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++, f += 6) {
      const v = j * (nx + 1) + i;
      faces.set([v, v + 1, v + nx + 1, v + nx + 2, v + nx + 1, v + 1], f);
    }
  }
  return triangleMesh(positions, faces);
}

/** A tube around the z axis, open at both ends: `around` ≥ 3 vertices a ring, `along` ≥ 1 rows of cells. */
export function cylinderMesh(
  around: number,
  along: number,
  options: { radius?: number; height?: number } = {},
): TriangleMesh {
  const routine = "cylinderMesh";
  requireNumber(routine, "around", around, { atLeast: 3, integer: true });
  requireNumber(routine, "along", along, { atLeast: 1, integer: true });
  requireKnownOptions(routine, options, ["radius", "height"]);
  const { radius = 1, height = 1 } = options;
  requireNumber(routine, "options.radius", radius, { above: 0 });
  requireNumber(routine, "options.height", height, { above: 0 });
  const positions = new Float64Array(3 * around * (along + 1));
  const faces = new Int32Array(6 * around * along);
  for (let j = 0, p = 0; j <= along; j++) {
    for (let i = 0; i < around; i++, p += 3) {
      const angle = (2 * Math.PI * i) / around;
      positions.set([radius * Math.cos(angle), radius * Math.sin(angle), (height * j) / along], p);
    }
  }
  for (let j = 0, f = 0; j < along; j++) {
    for (let i = 0; i < around; i++, f += 6) {
      const [p, q] = [j * around + i, j * around + ((i + 1) % around)];
      faces.set([p, q, p + around, q + around, p + around, q], f);
    }
  }
  return triangleMesh(positions, faces);
}

/** The unit sphere: an icosahedron whose triangles are divided into four `levels` times (0 to 9). 20 · 4^levels triangles. */
export function icosphere(levels: number): TriangleMesh {
  requireNumber("icosphere", "levels", levels, { atLeast: 0, atMost: 9, integer: true });
  const phi = (1 + Math.sqrt(5)) / 2;
  const points: number[] = [];
  const push = (x: number, y: number, z: number): number => {
    const r = Math.hypot(x, y, z);
    points.push(x / r, y / r, z / r);
    return points.length / 3 - 1;
  };
  for (const [x, y, z] of [
    [-1, phi, 0],
    [1, phi, 0],
    [-1, -phi, 0],
    [1, -phi, 0],
    [0, -1, phi],
    [0, 1, phi],
    [0, -1, -phi],
    [0, 1, -phi],
    [phi, 0, -1],
    [phi, 0, 1],
    [-phi, 0, -1],
    [-phi, 0, 1],
  ] as const)
    push(x, y, z);
  let faces = Int32Array.of(
    ...[0, 11, 5, 0, 5, 1, 0, 1, 7, 0, 7, 10, 0, 10, 11, 1, 5, 9, 5, 11, 4, 11, 10, 2, 10, 7, 6, 7, 1, 8],
    ...[3, 9, 4, 3, 4, 2, 3, 2, 6, 3, 6, 8, 3, 8, 9, 4, 9, 5, 2, 4, 11, 6, 2, 10, 8, 6, 7, 9, 8, 1],
  );
  for (let level = 0; level < levels; level++) {
    const count = points.length / 3;
    const middles = new Map<number, number>();
    const middle = (p: number, q: number): number => {
      const key = Math.min(p, q) * count + Math.max(p, q);
      let m = middles.get(key);
      if (m === undefined) {
        const at = (i: number) => points[3 * p + i]! + points[3 * q + i]!;
        middles.set(key, (m = push(at(0), at(1), at(2))));
      }
      return m;
    };
    const finer = new Int32Array(4 * faces.length);
    for (let f = 0; f < faces.length; f += 3) {
      const [a, b, c] = [faces[f]!, faces[f + 1]!, faces[f + 2]!];
      const [p, q, r] = [middle(a, b), middle(b, c), middle(c, a)];
      finer.set([a, p, r, b, q, p, c, r, q, p, q, r], 4 * f);
    }
    faces = finer;
  }
  return triangleMesh(Float64Array.from(points), faces);
}

/** A box of nx × ny × nz cubes of the given size, six tetrahedra each (Freudenthal 1942), none inverted. */
export function boxOfTetrahedra(nx: number, ny = nx, nz = nx, size = 1): TetrahedralMesh {
  const routine = "boxOfTetrahedra";
  for (const [name, n] of [
    ["nx", nx],
    ["ny", ny],
    ["nz", nz],
  ] as const)
    requireNumber(routine, name, n, { atLeast: 1, integer: true });
  requireNumber(routine, "size", size, { above: 0 });
  const positions = new Float64Array(3 * (nx + 1) * (ny + 1) * (nz + 1));
  const steps = [1, nx + 1, (nx + 1) * (ny + 1)] as const;
  for (let k = 0, p = 0; k <= nz; k++)
    for (let j = 0; j <= ny; j++)
      for (let i = 0; i <= nx; i++, p += 3) positions.set([i * size, j * size, k * size], p);
  // From the corner (0, 0, 0) of a cube to (1, 1, 1) along its axes in any order; odd orders are turned round.
  const orders = [
    [0, 1, 2],
    [1, 2, 0],
    [2, 0, 1],
    [1, 0, 2],
    [0, 2, 1],
    [2, 1, 0],
  ] as const;
  const cells = new Int32Array(24 * nx * ny * nz);
  let to = 0;
  for (let k = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++) {
        const v = i * steps[0] + j * steps[1] + k * steps[2];
        for (const [o, [first, second, third]] of orders.entries()) {
          const [a, b] = [v + steps[first], v + steps[first] + steps[second]];
          const c = b + steps[third];
          cells.set(o < 3 ? [v, a, b, c] : [v, b, a, c], to);
          to += 4;
        }
      }
  return tetrahedralMesh(positions, cells);
}
