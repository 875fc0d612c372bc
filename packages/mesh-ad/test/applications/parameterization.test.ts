// The problem of a parameterization without a solver: derivatives and misuse. Its solutions are in test/pairs of the repository.
import { checkGradient, checkHessian } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { cylinderMesh, gridMesh, icosphere, parameterization, triangleMesh, withPositions } from "../../src/index.js";
import { jittered } from "../function/energies.js";

const grid = gridMesh(3);
const rough = withPositions(grid, jittered(grid.positions!, 0.05));
const ball = icosphere(1);

describe("parameterization", () => {
  it("has the derivatives that differences have", () => {
    const problem = parameterization(rough, { projection: "none" });
    const y = jittered(problem.start, 0.02);
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect(checkHessian(problem, y).verdict).toBe("right");
  });

  it("is misused", () => {
    expect(() => parameterization(ball)).toThrow(/is closed/);
    expect(() => parameterization(cylinderMesh(5, 1))).toThrow(/2 boundary loops/);
    const flipped = Float64Array.from({ length: 32 }, (_, i) => grid.positions![3 * (i >> 1) + (i & 1)]!);
    flipped[2 * 5] = 3;
    expect(() => parameterization(grid, { start: flipped })).toThrow(/triangle \d+ and \d more flipped at the start/);
    expect(() => parameterization(grid, { start: [1] })).toThrow(/start/);
    expect(() =>
      parameterization(
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
    expect(() => parameterization(grid, { fixed: [0] } as never)).toThrow(/options\.fixed/);
  });
});
