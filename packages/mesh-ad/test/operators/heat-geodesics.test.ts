// Distances by heat against those of the sphere, by first order, and of a plane.
import { describe, expect, it } from "vitest";
import {
  cotangentLaplacian,
  faceAreas,
  gridMesh,
  heatGeodesics,
  icosphere,
  massMatrix,
  triangleMesh,
} from "../../src/index.js";

const grid = gridMesh(6, 4, { width: 3, height: 2 });

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
