// Deformation without a solver: derivatives, a value by hand, misuse. Its solutions are in test/pairs of the repository.
import { checkGradient } from "@hessia/core";
import { symmetricEigenvalues, toDenseMatrix } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { deformation, gridMesh, triangleMesh, withPositions } from "../../src/index.js";
import { jittered, noise } from "../function/energies.js";

const grid = gridMesh(3);
const rough = withPositions(grid, jittered(grid.positions!, 0.05));

describe("deformation", () => {
  const handles = [
    { vertex: 0, position: [0, 0, 1] as const },
    { vertex: 15, position: [1, 1.2, 0] as const },
    { vertex: 3, position: [1, 0, 0] as const },
  ].map(({ vertex, position }) => ({ vertex, position: [...position] as [number, number, number] }));
  it("has the gradient that differences have, at a point where all turn", () => {
    const { problem, positions } = deformation(rough, { handles });
    const y = problem.start.map((_, i) => 0.3 * noise(i));
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect([...positions(y).slice(0, 3)]).toEqual([0, 0, 1]);
    // Gauss–Newton's matrix is definite: handles hold everything.
    const H = problem.newHessian();
    problem.hessianInto(H, y);
    expect(symmetricEigenvalues(toDenseMatrix(H))[0]!).toBeGreaterThan(1e-6);
  });
  it("is Sorkine and Alexa's energy, term by term", () => {
    const { problem } = deformation(grid, { handles: [handles[0]!] });
    // Rotations are the identity, vertex 0 is lifted by 1: edges at it are off by 1, seen from both ends; right angles have weight ½, diagonals 0.
    expect(problem.value(problem.start)).toBeCloseTo(2 * (0.5 + 0.5), 12);
  });
  it("is misused", () => {
    expect(() => deformation(rough, { handles: [] })).toThrow(/at least one handle/);
    expect(() => deformation(rough, {} as never)).toThrow(/handles/);
    expect(() => deformation(rough, undefined as never)).toThrow(/options/);
    expect(() => deformation(rough, { handles: [{ vertex: 99, position: [0, 0, 0] }] })).toThrow(
      /handles\[0\]\.vertex` is 99/,
    );
    expect(() => deformation(rough, { handles: [handles[0]!, handles[0]!] })).toThrow(
      /handles\[1\]\.vertex` is 0 once more/,
    );
    expect(() => deformation(rough, { handles: [{ vertex: 0, position: [0, Number.NaN, 0] }] })).toThrow(/position/);
    expect(() => deformation(triangleMesh(null, [[0, 1, 2]]), { handles })).toThrow(/without positions/);
  });
});
