// Distances by heat against those of the sphere, to first order, and of a plane.
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
  // The largest error over all vertices and the mean one, on icospheres of levels 3 to 6, against the least arc cosine.
  const errorsOnSphere = (sources: readonly number[]) =>
    [3, 4, 5, 6].map((level) => {
      const ball = icosphere(level);
      const distance = heatGeodesics(ball).distanceInto(new Float64Array(ball.vertexCount), sources);
      const x = ball.positions!;
      let [most, total] = [0, 0];
      for (let v = 0; v < ball.vertexCount; v++) {
        const exact = sources.map((s) => {
          const dot = x[3 * s]! * x[3 * v]! + x[3 * s + 1]! * x[3 * v + 1]! + x[3 * s + 2]! * x[3 * v + 2]!;
          return Math.acos(Math.max(-1, Math.min(1, dot)));
        });
        const error = Math.abs(distance[v]! - Math.min(...exact));
        most = Math.max(most, error);
        total += error;
      }
      return { most, mean: total / ball.vertexCount };
    });
  // Vertex 0 has five neighbours, 40 has six; fronts of two sources meet in a great circle, at all angles.
  it.each([
    { sources: [0], most: 0.016, mean: 0.0009 },
    { sources: [40], most: 0.016, mean: 0.0009 },
    { sources: [0, 40], most: 0.013, mean: 0.0032 },
  ])("has the sphere's distances to first order, in the maximum and the mean, from %o", ({ sources, most, mean }) => {
    const errors = errorsOnSphere(sources);
    expect(errors[3]!.most).toBeLessThan(most);
    expect(errors[3]!.mean).toBeLessThan(mean);
    for (const k of [0, 1, 2]) {
      expect(Math.log2(errors[k]!.most / errors[k + 1]!.most)).toBeGreaterThan(0.9);
      expect(Math.log2(errors[k]!.most / errors[k + 1]!.most)).toBeLessThan(1.1);
    }
    expect(Math.log2(errors[0]!.mean / errors[3]!.mean) / 3).toBeGreaterThan(0.8);
  });
  it("comes to the end of a strip of 4,000 edges, where heat would underflow at first", () => {
    const strip = gridMesh(4000, 4, { width: 4000, height: 4 });
    const heat = heatGeodesics(strip);
    const distance = heat.distanceInto(new Float64Array(strip.vertexCount), [2 * 4001]);
    for (const i of [10, 1000, 2000, 3000, 3990]) expect(Math.abs(distance[2 * 4001 + i]! - i)).toBeLessThan(1);
    // What was factored for that doesn't change what is near to its source.
    const near = heatGeodesics(strip).distanceInto(new Float64Array(strip.vertexCount), [2 * 4001 + 2000]);
    expect(heat.distanceInto(distance, [2 * 4001 + 2000])).toEqual(near);
    expect(Math.abs(near[2 * 4001 + 2003]! - 3)).toBeLessThan(0.5);
  });
  it("sources next to each other, all of a component, and none of their neighbours beyond", () => {
    const mesh = gridMesh(40, 40);
    const line = Array.from({ length: 41 }, (_, row) => 41 * row);
    const distance = heatGeodesics(mesh).distanceInto(new Float64Array(mesh.vertexCount), line);
    let worst = 0;
    for (let v = 0; v < mesh.vertexCount; v++)
      worst = Math.max(worst, Math.abs(distance[v]! - mesh.positions![3 * v]!));
    expect(worst).toBeLessThan(0.02);
    const all = Array.from({ length: grid.vertexCount }, (_, v) => v);
    expect([...heatGeodesics(grid).distanceInto(new Float64Array(all.length), all)]).toEqual(all.map(() => 0));
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
    expect(worst).toBeLessThan(0.03);
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
