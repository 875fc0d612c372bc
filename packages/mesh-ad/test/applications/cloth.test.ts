// Cloth without a solver: derivatives, rest, small strains, misuse. Its solutions are in test/pairs of the repository.
import { checkGradient, checkHessian } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { cloth, gridMesh, triangleMesh, withPositions } from "../../src/index.js";
import { jittered } from "../function/energies.js";

const most = (values: ArrayLike<number>) => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
const grid = gridMesh(3);
const rough = withPositions(grid, jittered(grid.positions!, 0.05));

describe("cloth", () => {
  it("has the derivatives that differences have", () => {
    const problem = cloth(rough, { projection: "none", fixed: [1] }).problem;
    const y = jittered(problem.start, 0.05);
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect(checkHessian(problem, y).verdict).toBe("right");
  });

  it("of springs has the derivatives that differences have", () => {
    const problem = cloth(rough, { projection: "none", membrane: "springs" }).problem;
    const y = jittered(problem.start, 0.05);
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect(checkHessian(problem, y).verdict).toBe("right");
  });

  it("begins a step where the velocities lead, and has exact Hessians unless told otherwise", () => {
    const sheet = cloth(rough, { timeStep: 0.1, fixed: [0] });
    const free = sheet.problem.start.length;
    expect([...sheet.start()]).toEqual([...sheet.problem.start]);
    sheet.advance(sheet.problem.start.map((x, i) => x + 0.01 * i));
    for (const [i, x] of sheet.start().entries()) expect(x).toBeCloseTo(sheet.problem.start[i]! + 0.02 * i, 12);
    expect(sheet.velocities.slice(0, 3)).toEqual(new Float64Array(3));
    const y = jittered(sheet.problem.start, 0.3);
    const [exact, clamped] = (["none", "clamp"] as const).map((projection) => {
      const { problem } = cloth(rough, { timeStep: 0.1, fixed: [0], projection });
      const matrix = problem.newHessian();
      problem.hessianInto(matrix, y);
      return matrix.values;
    });
    const matrix = cloth(rough, { timeStep: 0.1, fixed: [0] }).problem;
    const H = matrix.newHessian();
    matrix.hessianInto(H, y);
    expect(H.values).toEqual(exact);
    expect(most(H.values.map((value, k) => value - clamped![k]!))).toBeGreaterThan(1);
    expect(free).toBe(45);
  });

  it("without weight feels no force at rest", () => {
    const sheet = cloth(rough, { gravity: [0, 0, 0] });
    expect(most(sheet.problem.gradientInto(new Float64Array(48), sheet.problem.start))).toBeLessThan(1e-10);
  });

  it("has plane stress: pulled a little, ½ E ε² by area", () => {
    const [E, nu, eps] = [7, 0.3, 1e-4];
    // A = 1.
    const flat = gridMesh(3);
    const y = flat.positions!.map((value, i) => value * (1 + (i % 3 === 0 ? eps : -nu * eps)));
    const sheet = cloth(flat, { stiffness: E, poisson: nu, density: 1e-12, gravity: [0, 0, 0] });
    expect(sheet.problem.value(y) / (0.5 * E * eps * eps)).toBeCloseTo(1, 3);
  });

  it("is misused", () => {
    for (const [name, value] of [
      ["stiffness", 0],
      ["poisson", -0.1],
      ["bending", -1],
      ["density", 0],
      ["timeStep", 0],
      ["gravity", [0, 0]],
      ["membrane", "silk"],
      ["wind", 1],
    ] as const)
      expect(() => cloth(grid, { [name]: value } as never)).toThrow(new RegExp(name));
    expect(() => cloth(triangleMesh(null, [[0, 1, 2]]))).toThrow(/without positions/);
    const sheet = cloth(grid);
    expect(() => sheet.advance(new Float64Array(3))).toThrow(/`y`/);
  });
});
