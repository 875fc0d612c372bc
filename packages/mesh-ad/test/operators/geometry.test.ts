// Areas, normals, lengths and angles against closed forms on grids, boxes and spheres.
import { describe, expect, it } from "vitest";
import {
  boundarySurface,
  boxOfTetrahedra,
  cornerAngles,
  dihedralAngles,
  edgeLengths,
  faceAreas,
  faceNormals,
  gridMesh,
  hinges,
  icosphere,
  triangleMesh,
  vertexAreas,
  vertexNormals,
  withPositions,
} from "../../src/index.js";
import { jittered } from "../function/energies.js";

const grid = gridMesh(6, 4, { width: 3, height: 2 });
const bent = withPositions(grid, jittered(grid.positions!, 0.1));
const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

describe("areas, normals, lengths, angles", () => {
  it("areas add up to those of the grid, and tend to the sphere's by second order", () => {
    expect(sum(faceAreas(grid))).toBeCloseTo(6, 13);
    expect(sum(vertexAreas(bent))).toBeCloseTo(sum(faceAreas(bent)), 13);
    const errors = [2, 3, 4].map((level) => 4 * Math.PI - sum(faceAreas(icosphere(level))));
    expect(errors[0]! / errors[1]!).toBeCloseTo(4, 0);
    expect(errors[1]! / errors[2]!).toBeCloseTo(4, 1);
    expect(errors.every((error) => error > 0)).toBe(true);
  });
  it("normals of a grid point up; of a closed surface areas times normals cancel; a sphere's vertices are their normals", () => {
    expect([...faceNormals(grid)].every((n, i) => n === +(i % 3 === 2))).toBe(true);
    const ball = icosphere(2);
    const moved = withPositions(ball, jittered(ball.positions!, 0.2));
    const [areas, normals] = [faceAreas(moved), faceNormals(moved)];
    for (let i = 0; i < 3; i++)
      expect(areas.reduce((total, area, f) => total + area * normals[3 * f + i]!, 0)).toBeCloseTo(0, 13);
    const n = vertexNormals(ball);
    expect(Math.max(...n.map((value, i) => Math.abs(value - ball.positions![i]!)))).toBeLessThan(0.03);
    expect([
      ...vertexNormals(
        triangleMesh(
          [
            [0, 0],
            [1, 0],
            [0, 1],
            [5, 5],
          ],
          [[0, 1, 2]],
        ),
      ).slice(9),
    ]).toEqual([0, 0, 0]);
  });
  it("angles of each triangle add up to π; around an inner vertex of a plane to 2π", () => {
    const angles = cornerAngles(bent);
    for (let c = 0; c < angles.length; c += 3)
      expect(angles[c]! + angles[c + 1]! + angles[c + 2]!).toBeCloseTo(Math.PI, 13);
    const flat = withPositions(
      bent,
      bent.positions!.map((value, i) => (i % 3 === 2 ? 0 : value)),
    );
    const around = new Float64Array(grid.vertexCount);
    cornerAngles(flat).forEach((angle, c) => {
      around[grid.faces[c]!]! += angle;
    });
    expect(around[1 + 7]).toBeCloseTo(2 * Math.PI, 13);
  });
  it("edges of a grid", () => {
    const lengths = [...edgeLengths(grid)].map((length) => length.toFixed(9));
    expect(new Set(lengths)).toEqual(new Set([0.5, Math.SQRT1_2].map((length) => length.toFixed(9))));
    expect(edgeLengths(boxOfTetrahedra(1)).reduce((most, length) => Math.max(most, length), 0)).toBeCloseTo(
      Math.sqrt(3),
      14,
    );
  });
  it("dihedral angles: a box bends by a right angle at its sides, a sphere everywhere outward; inside out they change sign", () => {
    const box = boundarySurface(boxOfTetrahedra(2));
    const angles = dihedralAngles(box);
    expect(new Set([...angles].map((angle) => angle.toFixed(12)))).toEqual(
      new Set([0, Math.PI / 2].map((angle) => angle.toFixed(12))),
    );
    expect([...angles].filter((angle) => angle > 1).length).toBe(12 * 2);
    const ball = icosphere(1);
    expect(dihedralAngles(ball).every((angle) => angle > 0.1)).toBe(true);
    const inside = triangleMesh(
      ball.positions,
      Int32Array.from(ball.faces, (_, c) => ball.faces[c % 3 === 0 ? c : c % 3 === 1 ? c + 1 : c - 1]!),
    );
    expect(dihedralAngles(inside).every((angle) => angle < -0.1)).toBe(true);
    expect(dihedralAngles(bent).length).toBe(hinges(bent).length / 4);
    // Gauss and Bonnet for the mean: Σ length · angle / 2 tends to the integral of the mean curvature, 4π on the sphere.
    const fine = icosphere(4);
    const all = hinges(fine);
    const x = fine.positions!;
    const total = dihedralAngles(fine).reduce((s, angle, k) => {
      const [i, j] = [3 * all[4 * k]!, 3 * all[4 * k + 1]!];
      return s + (angle * Math.hypot(x[i]! - x[j]!, x[i + 1]! - x[j + 1]!, x[i + 2]! - x[j + 2]!)) / 2;
    }, 0);
    expect(total / (4 * Math.PI)).toBeCloseTo(1, 2);
  });
});
