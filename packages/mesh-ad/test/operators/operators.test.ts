// Operators against closed forms: linear and quadratic functions, spheres and boxes, a solved eigenvalue, first order of distances; and what they can't be asked.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { multiplySparseVectorInto, toDenseMatrix } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import {
  boundarySurface,
  boxOfTetrahedra,
  cornerAngles,
  cotangentLaplacian,
  cylinderMesh,
  dihedralAngles,
  edgeLengths,
  faceAreas,
  faceNormals,
  flippedTriangles,
  gridMesh,
  heatGeodesics,
  hinges,
  icosphere,
  largestStep,
  massMatrix,
  readObj,
  tetrahedronVolumes,
  triangleMesh,
  tutteEmbedding,
  vertexAreas,
  vertexNormals,
  withPositions,
} from "../../src/index.js";
import { jittered, noise } from "../function/energies.js";

const grid = gridMesh(6, 4, { width: 3, height: 2 });
const bent = withPositions(grid, jittered(grid.positions!, 0.1));
const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
const at = (mesh: { positions: Float64Array | null }, f: (x: number, y: number, z: number) => number) =>
  Float64Array.from({ length: mesh.positions!.length / 3 }, (_, v) =>
    f(mesh.positions![3 * v]!, mesh.positions![3 * v + 1]!, mesh.positions![3 * v + 2]!),
  );

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

describe("largestStep", () => {
  const plane = triangleMesh(null, [
    [0, 1, 2],
    [2, 1, 3],
  ]);
  const x = Float64Array.of(0, 0, 1, 0, 0, 1, 1, 1);
  it("stops where the first triangle has no area: closed forms", () => {
    // Corner 3 goes toward the diagonal x + y = 1, which it meets at (½, ½).
    expect(largestStep(plane, x, Float64Array.of(0, 0, 0, 0, 0, 0, -1, -1))).toEqual({
      step: expect.closeTo(0.5, 14) as number,
      element: 1,
    });
    expect(largestStep(plane, x, Float64Array.of(0, 0, 0, 0, 0, 0, 1, 1)).step).toBe(Number.POSITIVE_INFINITY);
    // Shrinking to a point: a double root.
    const shrink = largestStep(
      plane,
      x,
      x.map((value) => -value),
    );
    expect(shrink.step).toBeCloseTo(1, 6);
    // Turning by −tan: never flat.
    const turn = Float64Array.from(x, (_, i) => (i % 2 === 0 ? -x[i + 1]! : x[i - 1]!));
    expect(largestStep(plane, x, turn)).toEqual({ step: Number.POSITIVE_INFINITY, element: -1 });
  });
  it("keeps every triangle and tetrahedron unflipped up to the step, and none beyond", () => {
    const mesh = gridMesh(5);
    const flat = Float64Array.from({ length: 72 }, (_, i) => mesh.positions![3 * (i >> 1) + (i & 1)]!);
    const box = boxOfTetrahedra(2);
    for (let trial = 0; trial < 20; trial++) {
      const d = flat.map((_, i) => noise(i + 100 * trial));
      const { step, element } = largestStep(mesh, flat, d);
      const moved = (t: number) => flat.map((value, i) => value + t * d[i]!);
      expect(flippedTriangles(mesh, moved(0.999999 * step))).toEqual([]);
      expect(flippedTriangles(mesh, moved(1.000001 * step))).toContain(element);
      const D = box.positions!.map((_, i) => noise(i + 100 * trial));
      const space = largestStep(box, box.positions!, D);
      const volumes = (t: number) =>
        tetrahedronVolumes(
          box,
          box.positions!.map((value, i) => value + t * D[i]!),
        );
      expect(volumes(0.999999 * space.step).every((v) => v > 0)).toBe(true);
      expect(volumes(1.000001 * space.step)[space.element]!).toBeLessThan(0);
    }
  });
  it("is misused", () => {
    expect(() => largestStep(plane, x.map((value) => -value).fill(0), x)).toThrow(/triangle 0 is flipped or flat/);
    expect(() => largestStep(plane, x, new Float64Array(3))).toThrow(/`d`/);
    expect(() => largestStep(7 as never, x, x)).toThrow(/mesh/);
    expect(() => flippedTriangles(plane, new Float64Array(3))).toThrow(/of length 8/);
    expect(() => flippedTriangles(boxOfTetrahedra(1), x)).toThrow(/mesh/);
  });
});

describe("heatGeodesics", () => {
  it("has the sphere's distances, arc cosines, by first order", () => {
    const errors = [2, 3, 4].map((level) => {
      const ball = icosphere(level);
      const distance = heatGeodesics(ball).distanceInto(new Float64Array(ball.vertexCount), [0]);
      const x = ball.positions!;
      let total = 0;
      for (let v = 0; v < ball.vertexCount; v++) {
        const dot = x[0]! * x[3 * v]! + x[1]! * x[3 * v + 1]! + x[2]! * x[3 * v + 2]!;
        total += Math.abs(distance[v]! - Math.acos(Math.max(-1, Math.min(1, dot))));
      }
      return total / ball.vertexCount;
    });
    expect(errors[2]!).toBeLessThan(0.03);
    // Halved with the edges, or better.
    for (const k of [0, 1]) expect(Math.log2(errors[k]! / errors[k + 1]!)).toBeGreaterThan(0.8);
  });
  it("on a plane, to several sources: the nearest", () => {
    const mesh = gridMesh(40, 40);
    const distance = heatGeodesics(mesh).distanceInto(new Float64Array(mesh.vertexCount), [10 * 41 + 10, 30 * 41 + 30]);
    const x = mesh.positions!;
    let worst = 0;
    for (let v = 0; v < mesh.vertexCount; v++) {
      const to = (c: number) => Math.hypot(x[3 * v]! - c, x[3 * v + 1]! - c);
      worst = Math.max(worst, Math.abs(distance[v]! - Math.min(to(0.25), to(0.75))));
    }
    expect(worst).toBeLessThan(0.06);
    expect(distance[10 * 41 + 10]).toBe(0);
  });
  it("doesn't reach another component", () => {
    const mesh = triangleMesh(
      [
        [0, 0],
        [1, 0],
        [0, 1],
        [5, 0],
        [6, 0],
        [5, 1],
      ],
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
    );
    const distance = heatGeodesics(mesh).distanceInto(new Float64Array(6), [1]);
    expect(distance.slice(0, 3).every(Number.isFinite)).toBe(true);
    expect([...distance.slice(3)]).toEqual([1, 1, 1].map(() => Number.POSITIVE_INFINITY));
  });
  it("is misused", () => {
    const heat = heatGeodesics(grid);
    const out = new Float64Array(grid.vertexCount);
    expect(() => heat.distanceInto(out, [])).toThrow(/sources/);
    expect(() => heat.distanceInto(out, [99])).toThrow(/sources\[0\]` is 99/);
    expect(() => heat.distanceInto(new Float64Array(1), [0])).toThrow(/out/);
    expect(() => heatGeodesics(grid, { time: 0 })).toThrow(/time/);
    expect(() => heatGeodesics(grid, { t: 1 } as never)).toThrow(/options\.t`/);
    expect(() => heatGeodesics(triangleMesh(null, [[0, 1, 2]]))).toThrow(/without positions/);
    expect(() =>
      heatGeodesics(
        triangleMesh(
          [
            [0, 0],
            [1, 0],
            [0, 1],
            [9, 9],
          ],
          [[0, 1, 2]],
        ),
      ),
    ).toThrow(/isolated vertex 3/);
    expect(() =>
      heatGeodesics(
        triangleMesh(
          [
            [0, 0],
            [1, 0],
            [2, 0],
          ],
          [[0, 1, 2]],
        ),
      ),
    ).toThrow(/triangle 0 has area 0/);
    expect(() =>
      cotangentLaplacian(
        triangleMesh(
          [
            [0, 0],
            [1, 0],
            [2, 0],
          ],
          [[0, 1, 2]],
        ),
      ),
    ).toThrow(/triangle 0/);
    expect(() => massMatrix(grid, { kind: "full" } as never)).toThrow(/kind/);
    expect(() => faceAreas(grid, new Float64Array(3))).toThrow(/positions/);
  });
});
