// Applications without a solver: derivatives against differences, what vanishes at rest, and misuse. Their solutions are in test/pairs of the repository.
import { checkGradient, checkHessian } from "@hessia/core";
import { symmetricEigenvalues, toDenseMatrix } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import {
  boxOfTetrahedra,
  cloth,
  cylinderMesh,
  deformation,
  gridMesh,
  icosphere,
  type MeshProblem,
  neoHookean,
  parameterization,
  smoothing,
  sphericalParameterization,
  tetrahedralMesh,
  tetrahedronRest,
  triangleMesh,
  triangleRest,
  withPositions,
} from "../../src/index.js";
import { jittered, noise } from "../function/energies.js";

const most = (values: ArrayLike<number>) => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
const grid = gridMesh(3);
const rough = withPositions(grid, jittered(grid.positions!, 0.05));
const ball = icosphere(1);
const box = boxOfTetrahedra(2);

const problems: [string, MeshProblem, number][] = [
  ["parameterization", parameterization(rough, { projection: "none" }), 0.02],
  ["neoHookean", neoHookean(box, { gravity: [0.1, 0, -1] }).problem({ fixed: [0], projection: "none" }), 0.05],
  ["cloth, stvk", cloth(rough, { projection: "none", fixed: [1] }).problem, 0.05],
  ["cloth, springs", cloth(rough, { projection: "none", membrane: "springs" }).problem, 0.05],
  ["smoothing, membrane", smoothing(rough), 0.1],
  ["smoothing, bending", smoothing(rough, { energy: "bending" }), 0.1],
  ["sphericalParameterization", sphericalParameterization(ball, { projection: "none" }), 0.05],
];

describe.each(problems)("%s", (_name, problem, size) => {
  it("has the derivatives that differences have", () => {
    const y = jittered(problem.start, size);
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect(checkHessian(problem, y).verdict).toBe("right");
  });
});

describe("at rest", () => {
  it("a solid and a cloth without weight feel no force, and resist every change of shape", () => {
    const solid = neoHookean(box).problem({ projection: "none" });
    expect(most(solid.gradientInto(new Float64Array(81), solid.start))).toBeLessThan(1e-14);
    const H = solid.newHessian();
    solid.hessianInto(H, solid.start);
    const values = symmetricEigenvalues(toDenseMatrix(H));
    // Six motions of the whole.
    expect(values.slice(0, 6).every((value) => Math.abs(value) < 1e-13)).toBe(true);
    expect(values[6]!).toBeGreaterThan(1e-3);
    const sheet = cloth(rough, { gravity: [0, 0, 0] });
    expect(most(sheet.problem.gradientInto(new Float64Array(48), sheet.problem.start))).toBeLessThan(1e-10);
  });
  it("linear elasticity's modulus: a slender bar pulled a little has ½ E ε² by volume", () => {
    // Uniaxial: lateral contraction −ν ε, for small ε.
    const [E, nu, eps] = [7, 0.3, 1e-4];
    const x = box.positions!.map((value, i) => value * (1 + (i % 3 === 0 ? eps : -nu * eps)));
    const problem = neoHookean(box, { young: E, poisson: nu }).problem();
    expect(problem.value(x) / (0.5 * E * eps * eps * 8)).toBeCloseTo(1, 3);
    // Plane stress in the cloth, likewise; A = 1.
    const flat = gridMesh(3);
    const y = flat.positions!.map((value, i) => value * (1 + (i % 3 === 0 ? eps : -nu * eps)));
    const sheet = cloth(flat, { stiffness: E, poisson: nu, density: 1e-12, gravity: [0, 0, 0] });
    expect(sheet.problem.value(y) / (0.5 * E * eps * eps)).toBeCloseTo(1, 3);
  });
  it("shapes at rest: E R is the identity, in a frame of each triangle's own and for tetrahedra", () => {
    const { inverse, area } = triangleRest(rough);
    const x = rough.positions!;
    for (let f = 0; f < rough.faceCount; f++) {
      const [a, b, c] = [0, 1, 2].map((k) => 3 * rough.faces[3 * f + k]!) as [number, number, number];
      const edge = (p: number) => [0, 1, 2].map((i) => x[p + i]! - x[a + i]!);
      const [u, w] = [edge(b), edge(c)];
      // Rᵀ (EᵀE) R = I for the metric EᵀE.
      const dot = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * q[i]!, 0);
      const metric = [dot(u, u), dot(u, w), dot(w, w)] as const;
      const R = inverse.subarray(4 * f, 4 * f + 4);
      const form = (i: number, j: number) =>
        R[i]! * (metric[0] * R[j]! + metric[1] * R[2 + j]!) + R[2 + i]! * (metric[1] * R[j]! + metric[2] * R[2 + j]!);
      expect(form(0, 0)).toBeCloseTo(1, 12);
      expect(form(0, 1)).toBeCloseTo(0, 12);
      expect(form(1, 1)).toBeCloseTo(1, 12);
      expect(R[0]! * R[3]! * 2 * area[f]!).toBeCloseTo(1, 12);
    }
    const twisted = tetrahedralMesh(jittered(box.positions!, 0.1), box.cells);
    const rest = tetrahedronRest(twisted);
    for (let t = 0; t < box.cellCount; t++)
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++) {
          let sum = 0;
          for (let k = 0; k < 3; k++) {
            const at = (v: number) => twisted.positions![3 * twisted.cells[4 * t + v]! + i]!;
            sum += (at(k + 1) - at(0)) * rest.inverse[9 * t + 3 * k + j]!;
          }
          expect(sum).toBeCloseTo(+(i === j), 11);
        }
  });
});

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

describe("misuse", () => {
  it("of parameterization", () => {
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
  it("of neoHookean", () => {
    expect(() => neoHookean(grid as never)).toThrow(/a triangle mesh/);
    expect(() => neoHookean(box, { poisson: 0.5 })).toThrow(/poisson/);
    expect(() => neoHookean(box, { young: 0 })).toThrow(/young/);
    expect(() => neoHookean(box, { density: -1 })).toThrow(/density/);
    expect(() => neoHookean(box, { gravity: [1] as never })).toThrow(/gravity/);
    expect(() => neoHookean(box, { E: 1 } as never)).toThrow(/options\.E/);
    const inverted = tetrahedralMesh(box.positions, [[0, 3, 1, 9]]);
    expect(() => neoHookean(inverted)).toThrow(/tetrahedron 0 of volume -0\.1/);
  });
  it("of cloth", () => {
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
  it("of smoothing and sphericalParameterization", () => {
    expect(() => smoothing(grid, { energy: "thin plate" } as never)).toThrow(/energy/);
    expect(() => smoothing(grid, { weight: -1 })).toThrow(/weight/);
    expect(() => smoothing(grid, { lambda: 1 } as never)).toThrow(/options\.lambda/);
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
