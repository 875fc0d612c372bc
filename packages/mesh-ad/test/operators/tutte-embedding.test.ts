// Tutte embeddings: means of neighbours, no flips, also of real meshes; what is no disk is told.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  boxOfTetrahedra,
  cylinderMesh,
  flippedTriangles,
  gridMesh,
  icosphere,
  readObj,
  triangleMesh,
  tutteEmbedding,
  withPositions,
} from "../../src/index.js";
import { jittered } from "../function/energies.js";

const grid = gridMesh(6, 4, { width: 3, height: 2 });

describe("tutteEmbedding", () => {
  const folder = join(import.meta.dirname, "../../../../../shared/data/meshes");
  it("lays a disk out without flips, each inner vertex at the mean of its neighbours, the boundary on the circle", () => {
    const mesh = withPositions(grid, jittered(grid.positions!, 0.4));
    const uv = tutteEmbedding(mesh);
    expect(flippedTriangles(mesh, uv)).toEqual([]);
    const { edges } = mesh.corners;
    const [total, count] = [new Float64Array(uv.length), new Float64Array(uv.length)];
    for (let e = 0; e < edges.length; e += 2)
      for (const [p, q] of [
        [edges[e]!, edges[e + 1]!],
        [edges[e + 1]!, edges[e]!],
      ] as const)
        for (let c = 0; c < 2; c++) {
          total[2 * p + c]! += uv[2 * q + c]!;
          count[2 * p + c]!++;
        }
    for (let v = 0; v < mesh.vertexCount; v++) {
      const isInner = v % 7 > 0 && v % 7 < 6 && v > 6 && v < 28;
      if (isInner)
        for (let c = 0; c < 2; c++) expect(total[2 * v + c]! / count[2 * v + c]!).toBeCloseTo(uv[2 * v + c]!, 13);
      else expect(Math.hypot(uv[2 * v]!, uv[2 * v + 1]!)).toBeCloseTo(1, 14);
    }
    expect(flippedTriangles(gridMesh(3), tutteEmbedding(triangleMesh(null, gridMesh(3).faces)))).toEqual([]);
  });
  for (const name of ["hand_lowres", "mountain", "cat_head", "bunnyhead"]) {
    const file = join(folder, `${name}.obj`);
    it.skipIf(!existsSync(file))(
      `${name} without flips${existsSync(file) ? "" : ": skipped, no ../shared/data/meshes here"}`,
      () => {
        const mesh = readObj(readFileSync(file, "latin1"));
        expect(flippedTriangles(mesh, tutteEmbedding(mesh))).toEqual([]);
      },
    );
  }
  it("says what isn't a disk", () => {
    expect(() => tutteEmbedding(icosphere(1))).toThrow(/is closed; wanted a disk/);
    expect(() => tutteEmbedding(cylinderMesh(5, 2))).toThrow(/2 boundary loops/);
    expect(() =>
      tutteEmbedding(
        triangleMesh(null, [
          [0, 1, 2],
          [3, 4, 5],
        ]),
      ),
    ).toThrow(/2 components/);
    expect(() =>
      tutteEmbedding(
        triangleMesh(
          [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
          [[0, 1, 2]],
        ),
      ),
    ).toThrow(/length 0/);
    expect(() => tutteEmbedding(boxOfTetrahedra(1) as never)).toThrow(/a tetrahedral mesh/);
  });
});
