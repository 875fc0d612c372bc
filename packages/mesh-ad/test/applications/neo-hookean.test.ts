// The neo-Hookean solid without a solver: derivatives, rest, small strains, misuse. Its solutions are in test/pairs of the repository.
import { checkGradient, checkHessian } from "@hessia/core";
import { symmetricEigenvalues, toDenseMatrix } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { boxOfTetrahedra, gridMesh, neoHookean, tetrahedralMesh } from "../../src/index.js";
import { jittered } from "../function/energies.js";

const most = (values: ArrayLike<number>) => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
const grid = gridMesh(3);
const box = boxOfTetrahedra(2);

describe("neoHookean", () => {
  it("has the derivatives that differences have", () => {
    const problem = neoHookean(box, { gravity: [0.1, 0, -1] }).problem({ fixed: [0], projection: "none" });
    const y = jittered(problem.start, 0.05);
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect(checkHessian(problem, y).verdict).toBe("right");
  });

  it("without weight feels no force at rest, and resists every change of shape", () => {
    const solid = neoHookean(box).problem({ projection: "none" });
    expect(most(solid.gradientInto(new Float64Array(81), solid.start))).toBeLessThan(1e-14);
    const H = solid.newHessian();
    solid.hessianInto(H, solid.start);
    const values = symmetricEigenvalues(toDenseMatrix(H));
    // Six motions of the whole.
    expect(values.slice(0, 6).every((value) => Math.abs(value) < 1e-13)).toBe(true);
    expect(values[6]!).toBeGreaterThan(1e-3);
  });

  it("linear elasticity's modulus: a slender bar pulled a little has ½ E ε² by volume", () => {
    // Uniaxial: lateral contraction −ν ε, for small ε.
    const [E, nu, eps] = [7, 0.3, 1e-4];
    const x = box.positions!.map((value, i) => value * (1 + (i % 3 === 0 ? eps : -nu * eps)));
    const problem = neoHookean(box, { young: E, poisson: nu }).problem();
    expect(problem.value(x) / (0.5 * E * eps * eps * 8)).toBeCloseTo(1, 3);
  });

  it("is misused", () => {
    expect(() => neoHookean(grid as never)).toThrow(/a triangle mesh/);
    expect(() => neoHookean(box, { poisson: 0.5 })).toThrow(/poisson/);
    expect(() => neoHookean(box, { young: 0 })).toThrow(/young/);
    expect(() => neoHookean(box, { density: -1 })).toThrow(/density/);
    expect(() => neoHookean(box, { gravity: [1] as never })).toThrow(/gravity/);
    expect(() => neoHookean(box, { E: 1 } as never)).toThrow(/options\.E/);
    const inverted = tetrahedralMesh(box.positions, [[0, 3, 1, 9]]);
    expect(() => neoHookean(inverted)).toThrow(/tetrahedron 0 of volume -0\.1/);
  });
});
