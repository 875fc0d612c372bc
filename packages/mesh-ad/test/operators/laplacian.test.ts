// The Laplacian and mass matrices against integrals of linear functions, cotangents, and an eigenvalue of the sphere.
import { multiplySparseVectorInto, toDenseMatrix } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import {
  cornerAngles,
  cotangentLaplacian,
  faceAreas,
  gridMesh,
  icosphere,
  massMatrix,
  withPositions,
} from "../../src/index.js";
import { jittered } from "../function/energies.js";

const grid = gridMesh(6, 4, { width: 3, height: 2 });
const bent = withPositions(grid, jittered(grid.positions!, 0.1));
const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
const at = (mesh: { positions: Float64Array | null }, f: (x: number, y: number, z: number) => number) =>
  Float64Array.from({ length: mesh.positions!.length / 3 }, (_, v) =>
    f(mesh.positions![3 * v]!, mesh.positions![3 * v + 1]!, mesh.positions![3 * v + 2]!),
  );

describe("Laplacian and mass", () => {
  it("L kills constants, and has ∫ |∇x|² of linear functions exactly", () => {
    const flat = withPositions(
      grid,
      bent.positions!.map((value, i) => (i % 3 === 2 ? 0 : value)),
    );
    const L = cotangentLaplacian(flat);
    const out = new Float64Array(grid.vertexCount);
    multiplySparseVectorInto(
      out,
      L,
      out.map(() => 1),
    );
    expect(Math.max(...out.map(Math.abs))).toBeLessThan(1e-13);
    const u = at(flat, (x, y) => 2 * x - 3 * y + 1);
    multiplySparseVectorInto(out, L, u);
    expect(out.reduce((total, value, i) => total + value * u[i]!, 0)).toBeCloseTo(13 * sum(faceAreas(flat)), 10);
    // Inside, a linear function is harmonic.
    expect(Math.abs(out[8]!)).toBeLessThan(1e-13);
  });
  it("has −½ (cot α + cot β) beside the diagonal", () => {
    const angles = cornerAngles(bent);
    const L = toDenseMatrix(cotangentLaplacian(bent));
    const { edges, edge } = bent.corners;
    const weights = new Float64Array(edges.length / 2);
    angles.forEach((angle, c) => {
      weights[edge[c]!]! -= 0.5 / Math.tan(angle);
    });
    weights.forEach((w, e) => {
      expect(L.data[edges[2 * e]! * grid.vertexCount + edges[2 * e + 1]!]).toBeCloseTo(w, 12);
    });
  });
  it("mass matrices have the area as their sum, and the consistent one ∫ u² of linear functions exactly", () => {
    const one = new Float64Array(grid.vertexCount).fill(1);
    const out = one.slice();
    for (const kind of ["lumped", "consistent"] as const) {
      multiplySparseVectorInto(out, massMatrix(grid, { kind }), one);
      expect(sum(out)).toBeCloseTo(6, 13);
    }
    const x = at(grid, (x) => x);
    multiplySparseVectorInto(out, massMatrix(grid, { kind: "consistent" }), x);
    // ∫ x² over [0, 3] × [0, 2].
    expect(out.reduce((total, value, i) => total + value * x[i]!, 0)).toBeCloseTo(18, 12);
    expect(massMatrix(grid).values.length).toBe(grid.vertexCount);
  });
  it("z on the sphere is an eigenfunction of eigenvalue 2, to second order", () => {
    const errors = [3, 4].map((level) => {
      const ball = icosphere(level);
      const z = at(ball, (_x, _y, z) => z);
      const out = new Float64Array(z.length);
      multiplySparseVectorInto(out, cotangentLaplacian(ball), z);
      const energy = out.reduce((total, value, i) => total + value * z[i]!, 0);
      multiplySparseVectorInto(out, massMatrix(ball, { kind: "consistent" }), z);
      return Math.abs(energy / out.reduce((total, value, i) => total + value * z[i]!, 0) - 2);
    });
    expect(errors[1]!).toBeLessThan(0.01);
    expect(errors[0]! / errors[1]!).toBeGreaterThan(3.8);
  });
});
