// The largest step without flips against closed forms, and from both sides of it.
import { describe, expect, it } from "vitest";
import {
  boxOfTetrahedra,
  flippedTriangles,
  gridMesh,
  largestStep,
  tetrahedronVolumes,
  triangleMesh,
} from "../../src/index.js";
import { noise } from "../function/energies.js";

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
