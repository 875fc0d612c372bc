// Shapes at rest: edges times their inverse are the identity.
import { describe, expect, it } from "vitest";
import {
  boxOfTetrahedra,
  gridMesh,
  tetrahedralMesh,
  tetrahedronRest,
  triangleRest,
  withPositions,
} from "../../src/index.js";
import { jittered } from "../function/energies.js";

const grid = gridMesh(3);
const rough = withPositions(grid, jittered(grid.positions!, 0.05));
const box = boxOfTetrahedra(2);

describe("rest shapes", () => {
  it("shapes at rest: E R is the identity, in a frame of each triangle's own and for tetrahedra", () => {
    const { inverse, area } = triangleRest(rough);
    const x = rough.positions!;
    for (let f = 0; f < rough.faceCount; f++) {
      const [a, b, c] = [0, 1, 2].map((k) => 3 * rough.faces[3 * f + k]!) as [number, number, number];
      const edge = (p: number) => [0, 1, 2].map((i) => x[p + i]! - x[a + i]!);
      const [u, w] = [edge(b), edge(c)];
      // Rᵀ (EᵀE) R = I for the metric EᵀE.
      const dot = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * q[i]!, 0);
      const metric = [dot(u, u), dot(u, w), dot(w, w)] as const;
      const R = inverse.subarray(4 * f, 4 * f + 4);
      const form = (i: number, j: number) =>
        R[i]! * (metric[0] * R[j]! + metric[1] * R[2 + j]!) + R[2 + i]! * (metric[1] * R[j]! + metric[2] * R[2 + j]!);
      expect(form(0, 0)).toBeCloseTo(1, 12);
      expect(form(0, 1)).toBeCloseTo(0, 12);
      expect(form(1, 1)).toBeCloseTo(1, 12);
      expect(R[0]! * R[3]! * 2 * area[f]!).toBeCloseTo(1, 12);
    }
    const twisted = tetrahedralMesh(jittered(box.positions!, 0.1), box.cells);
    const rest = tetrahedronRest(twisted);
    for (let t = 0; t < box.cellCount; t++)
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++) {
          let sum = 0;
          for (let k = 0; k < 3; k++) {
            const at = (v: number) => twisted.positions![3 * twisted.cells[4 * t + v]! + i]!;
            sum += (at(k + 1) - at(0)) * rest.inverse[9 * t + 3 * k + j]!;
          }
          expect(sum).toBeCloseTo(+(i === j), 11);
        }
  });
});
