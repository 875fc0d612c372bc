// Smoothing without a solver: derivatives and misuse. Its solutions are in test/pairs of the repository.
import { checkGradient, checkHessian } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { gridMesh, smoothing, withPositions } from "../../src/index.js";
import { jittered } from "../function/energies.js";

const grid = gridMesh(3);
const rough = withPositions(grid, jittered(grid.positions!, 0.05));

describe("smoothing", () => {
  it("membrane: has the derivatives that differences have", () => {
    const problem = smoothing(rough);
    const y = jittered(problem.start, 0.1);
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect(checkHessian(problem, y).verdict).toBe("right");
  });

  it("bending: has the derivatives that differences have", () => {
    const problem = smoothing(rough, { energy: "bending" });
    const y = jittered(problem.start, 0.1);
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect(checkHessian(problem, y).verdict).toBe("right");
  });

  it("is misused", () => {
    expect(() => smoothing(grid, { energy: "thin plate" } as never)).toThrow(/energy/);
    expect(() => smoothing(grid, { weight: -1 })).toThrow(/weight/);
    expect(() => smoothing(grid, { lambda: 1 } as never)).toThrow(/options\.lambda/);
  });
});
