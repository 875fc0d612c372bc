// Spherical parameterization without a solver: derivatives and misuse. Its solutions are in test/pairs of the repository.
import { checkGradient, checkHessian } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { gridMesh, icosphere, sphericalParameterization, triangleMesh } from "../../src/index.js";
import { jittered } from "../function/energies.js";

const grid = gridMesh(3);
const ball = icosphere(1);

describe("sphericalParameterization", () => {
  it("has the derivatives that differences have", () => {
    const problem = sphericalParameterization(ball, { projection: "none" });
    const y = jittered(problem.start, 0.05);
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect(checkHessian(problem, y).verdict).toBe("right");
  });

  it("is misused", () => {
    expect(() => sphericalParameterization(grid)).toThrow(/with a boundary/);
    expect(() => sphericalParameterization(ball, { barrier: 0 })).toThrow(/barrier/);
    const torus = triangleMesh(
      null,
      Array.from({ length: 7 }, (_, i) => [
        [i, (i + 1) % 7, (i + 3) % 7],
        [i, (i + 3) % 7, (i + 2) % 7],
      ]).flat(),
    );
    expect(() => sphericalParameterization(torus)).toThrow(/Euler characteristic 0/);
    const start = ball.positions!.slice();
    start.set(
      start.slice(3, 6).map((value) => -value),
      3,
    );
    expect(() => sphericalParameterization(ball, { start })).toThrow(/inside out on the sphere at the start, first \d/);
    expect(() => sphericalParameterization(triangleMesh(null, ball.faces))).toThrow(/without positions/);
    expect(() => sphericalParameterization(ball, { start: new Float64Array(3) })).toThrow(/start/);
  });
});
