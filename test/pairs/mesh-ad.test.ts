// Applications of @hessia/mesh-ad solved by @hessia/newton: answers that are known beforehand, invariants, and real meshes.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { any, gradientNorm, maxIterations, solve } from "@hessia/core";
import { scalar } from "@hessia/core/kernel";
import { addSparse, analyze, multiplySparseVectorInto, sparseFactorize, sparseSolveInto } from "@hessia/core/linear";
import {
  boxOfTetrahedra,
  cloth,
  cotangentLaplacian,
  deformation,
  flippedTriangles,
  gridMesh,
  hinges,
  icosphere,
  largestStep,
  type MeshProblem,
  massMatrix,
  neoHookean,
  parameterization,
  readObj,
  scalarFunction,
  smoothing,
  sphericalParameterization,
  tetrahedronVolumes,
  tutteEmbedding,
  vertexAreas,
  withPositions,
} from "@hessia/mesh-ad";
import { arcqk, lbfgs, newton, trustRegion } from "@hessia/newton";
import { describe, expect, it } from "vitest";

const noise = (i: number) => (Math.sin(12.9898 * (i + 1)) * 43758.5453) % 1;
const most = (values: ArrayLike<number>) => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
function minimum(problem: MeshProblem, start = problem.start, tolerance = 1e-9) {
  const result = solve(newton(), problem, start, { stop: any(gradientNorm(tolerance), maxIterations(300)) });
  expect(result.reason.kind, JSON.stringify(result.reason)).toBe("converged");
  return result;
}
const folder = join(import.meta.dirname, "../../../shared/data/meshes");
const real = (name: string) => join(folder, `${name}.obj`);
const skipped = (name: string) => (existsSync(real(name)) ? name : `${name}: skipped, no ../shared/data/meshes here`);

describe("parameterization", () => {
  it("of a sheet rolled up: flat again, energy 1, lengths as they were", () => {
    const grid = gridMesh(12, 8, { width: 3, height: 2 });
    const rolled = grid.positions!.slice();
    // Vertices on a cone would do as well; creases along mesh lines make a polyhedral cylinder, which is developable.
    let [x, z] = [0, 0];
    const column = new Map<number, [number, number]>([[0, [0, 0]]]);
    for (let i = 1; i <= 12; i++) {
      const angle = 0.35 * (i - 1);
      [x, z] = [x + 0.25 * Math.cos(angle), z + 0.25 * Math.sin(angle)];
      column.set(i, [x, z]);
    }
    for (let v = 0; v < grid.vertexCount; v++) {
      const [px, pz] = column.get(v % 13)!;
      rolled[3 * v] = px;
      rolled[3 * v + 2] = pz;
    }
    // Diagonals cross no crease but at vertices: each cell is a plane quadrilateral.
    const problem = parameterization(withPositions(grid, rolled));
    const result = minimum(problem);
    expect(result.value).toBeCloseTo(1, 12);
    const uv = problem.extend(result.x);
    expect(flippedTriangles(grid, uv)).toEqual([]);
    for (const [p, q, length] of [
      [0, 12, 3],
      [0, 8 * 13, 2],
      [0, 116, Math.sqrt(13)],
    ] as const)
      expect(Math.hypot(uv[2 * p]! - uv[2 * q]!, uv[2 * p + 1]! - uv[2 * q + 1]!)).toBeCloseTo(length, 6);
  });

  it("projections and methods reach the same minimum; each iterate is unflipped", () => {
    const mesh = withPositions(
      gridMesh(8),
      gridMesh(8).positions!.map((value, i) => (i % 3 === 2 ? 0.4 * noise(i) : value)),
    );
    const values = (["clamp", "absolute", "none"] as const).map((projection) => {
      const problem = parameterization(mesh, { projection });
      const uvs: Float64Array[] = [];
      const result = solve(newton(), problem, problem.start, {
        stop: any(gradientNorm(1e-9), maxIterations(200)),
        observers: [(row) => uvs.push(row.state.x.slice())],
      });
      expect(result.reason.kind).toBe("converged");
      for (const y of uvs) expect(flippedTriangles(mesh, problem.extend(y))).toEqual([]);
      return result.value;
    });
    const exact = parameterization(mesh, { projection: "none" });
    const stop = any(gradientNorm(1e-8), maxIterations(3000));
    for (const { reason, value } of [
      solve(trustRegion(), exact, exact.start, { stop }),
      solve(arcqk(), exact, exact.start, { stop }),
      solve(lbfgs(), exact, exact.start, { stop }),
    ]) {
      expect(reason.kind).toBe("converged");
      values.push(value);
    }
    for (const value of values) expect(Math.abs(value / values[0]! - 1)).toBeLessThan(1e-9);
  });

  for (const name of ["cat_head", "hand_lowres", "bunnyhead"])
    it.skipIf(!existsSync(real(name)))(`of ${skipped(name)} without flips, to a small gradient`, () => {
      const mesh = readObj(readFileSync(real(name), "latin1"));
      const problem = parameterization(mesh);
      const result = minimum(problem, problem.start, 1e-8);
      expect(flippedTriangles(mesh, problem.extend(result.x))).toEqual([]);
      expect(result.value).toBeGreaterThan(1);
      expect(result.value).toBeLessThan(parameterization(mesh).value(problem.start));
    });

  it("the largest step bounds every line search along a Newton direction", () => {
    const mesh = gridMesh(4);
    const uv = tutteEmbedding(mesh);
    const direction = uv.map((_, i) => noise(i));
    const { step } = largestStep(mesh, uv, direction);
    const problem = scalarFunction(mesh, { dimension: 2 })
      .addTriangleTerms(([a, b, c]) => b.sub(a).cross(c.sub(a)).log().neg())
      .problem({ start: uv });
    const at = (t: number) => problem.value(uv.map((value, i) => value + t * direction[i]!));
    expect(Number.isFinite(at(0.9999 * step))).toBe(true);
    expect(Number.isFinite(at(1.0001 * step))).toBe(false);
  });
});

describe("neoHookean", () => {
  it("follows an affine map of its boundary inside", () => {
    const mesh = boxOfTetrahedra(3);
    const F = [1.3, 0.2, 0, -0.1, 0.9, 0.1, 0, 0.15, 1.1];
    const x = mesh.positions!;
    const wanted = x.map((_, k) => {
      const v = 3 * Math.floor(k / 3);
      return F[3 * (k % 3)]! * x[v]! + F[3 * (k % 3) + 1]! * x[v + 1]! + F[3 * (k % 3) + 2]! * x[v + 2]!;
    });
    const isOnBoundary = (v: number) => [0, 1, 2].some((i) => x[3 * v + i] === 0 || x[3 * v + i] === 3);
    const fixed = Array.from({ length: mesh.vertexCount }, (_, v) => v).filter(isOnBoundary);
    expect(mesh.vertexCount - fixed.length).toBe(8);
    const start = wanted.map((value, k) => (isOnBoundary(Math.floor(k / 3)) ? value : value + 0.1 * noise(k)));
    const problem = neoHookean(mesh).problem({ start, fixed });
    const result = minimum(problem);
    expect(most(problem.extend(result.x).map((value, k) => value - wanted[k]!))).toBeLessThan(1e-8);
  });

  it("a beam bends under its weight: downward, all volumes positive, and back when gravity is gone", () => {
    const mesh = boxOfTetrahedra(6, 2, 2, 0.5);
    const solid = neoHookean(mesh, { young: 50, poisson: 0.4, gravity: [0, 0, -0.5] });
    const fixed = Array.from({ length: mesh.vertexCount }, (_, v) => v).filter((v) => mesh.positions![3 * v] === 0);
    const problem = solid.problem({ fixed });
    const bent = minimum(problem, problem.start, 1e-8);
    const x = problem.extend(bent.x);
    const tip = mesh.vertexCount - 1;
    expect(x[3 * tip + 2]!).toBeLessThan(mesh.positions![3 * tip + 2]! - 0.05);
    expect(tetrahedronVolumes(mesh, x).every((volume) => volume > 0)).toBe(true);
    solid.setParameters({ gravity: [0, 0, 0] });
    const back = minimum(problem, bent.x, 1e-10);
    expect(most(problem.extend(back.x).map((value, k) => value - mesh.positions![k]!))).toBeLessThan(1e-7);
  });
});

describe("cloth", () => {
  it.each(["stvk", "springs"] as const)("%s: falls freely as implicit Euler has it, g h² k (k + 1) / 2", (membrane) => {
    const mesh = gridMesh(4);
    const sheet = cloth(mesh, { membrane, timeStep: 0.02 });
    for (let k = 0; k < 5; k++) sheet.advance(minimum(sheet.problem, sheet.start()).x);
    const fallen = (-9.81 * 0.02 ** 2 * 5 * 6) / 2;
    for (let i = 0; i < sheet.positions.length; i++)
      expect(sheet.positions[i]).toBeCloseTo(mesh.positions![i]! + (i % 3 === 2 ? fallen : 0), 9);
  });

  it.each(["stvk", "springs"] as const)(
    "%s: held at two corners it swings, symmetric, never gaining energy",
    (membrane) => {
      const mesh = gridMesh(6);
      const sheet = cloth(mesh, { membrane, fixed: [0, 42], timeStep: 0.02 });
      const held = [0, 42].flatMap((v) => [...mesh.positions!.slice(3 * v, 3 * v + 3)]);
      // f is inertia and the energy E; E alone is f less inertia, which is what is left when x̃ is x.
      const before = sheet.energyOfMotion();
      for (let k = 0; k < 10; k++) sheet.advance(minimum(sheet.problem, sheet.start(), 1e-8).x);
      expect([0, 42].flatMap((v) => [...sheet.positions.slice(3 * v, 3 * v + 3)])).toEqual(held);
      expect(sheet.energyOfMotion()).toBeLessThan(before + 1e-12);
      expect(sheet.positions[3 * 48 + 2]!).toBeLessThan(-0.05);
      expect(sheet.positions.every(Number.isFinite)).toBe(true);
      // 10 steps by other iterates: the same to the solver's tolerance.
      const again = cloth(mesh, { membrane, fixed: [0, 42], timeStep: 0.02 });
      for (let k = 0; k < 10; k++)
        again.advance(
          solve(trustRegion(), again.problem, again.start(), { stop: any(gradientNorm(1e-9), maxIterations(300)) }).x,
        );
      expect(most(again.positions.map((value, i) => value - sheet.positions[i]!))).toBeLessThan(1e-5);
    },
  );

  it("a hinge bent by hand goes back flat", () => {
    const mesh = gridMesh(2);
    const bent = mesh.positions!.map((value, i) => (i % 3 === 2 ? 0.1 * noise(i) : value));
    const angles = scalarFunction(mesh, { dimension: 3 }).addHingeTerms(([i, j, k, l]) => {
      const e = j.sub(i);
      const [n, m] = [e.cross(k.sub(i)), l.sub(i).cross(e)];
      return n.cross(m).dot(e).atan2(n.dot(m).mul(e.norm())).square();
    });
    const problem = angles.problem({ start: bent, fixed: [0, 2, 6], projection: "clamp" });
    const result = solve(trustRegion(), problem, problem.start, { stop: any(gradientNorm(1e-10), maxIterations(300)) });
    expect(result.value).toBeLessThan(1e-16);
    expect(hinges(mesh).length / 4).toBe(8);
  });
});

describe("deformation", () => {
  it("handles moved rigidly take the whole with them, without energy", () => {
    const mesh = icosphere(2);
    const x = mesh.positions!;
    const [c, s] = [Math.cos(1), Math.sin(1)];
    const moved = (v: number): [number, number, number] => [
      c * x[3 * v]! - s * x[3 * v + 1]! + 1,
      s * x[3 * v]! + c * x[3 * v + 1]! - 2,
      x[3 * v + 2]! + 0.5,
    ];
    const { problem, positions } = deformation(mesh, {
      handles: [0, 1, 5, 9].map((vertex) => ({ vertex, position: moved(vertex) })),
    });
    const result = minimum(problem);
    expect(result.value).toBeLessThan(1e-16);
    const now = positions(result.x);
    for (let v = 0; v < mesh.vertexCount; v++)
      for (let i = 0; i < 3; i++) expect(now[3 * v + i]).toBeCloseTo(moved(v)[i]!, 7);
  });

  it("a bar that is twisted keeps its edges' lengths better than a linear map of them", () => {
    const grid = gridMesh(10, 3, { width: 5, height: 1 });
    const x = grid.positions!;
    const ends = Array.from({ length: grid.vertexCount }, (_, v) => v).filter((v) => v % 11 === 0 || v % 11 === 10);
    const handles = ends.map((vertex) => {
      const y = x[3 * vertex + 1]! - 0.5;
      const position: [number, number, number] =
        vertex % 11 === 0 ? [x[3 * vertex]!, x[3 * vertex + 1]!, 0] : [4.6, 0.5, y];
      return { vertex, position };
    });
    const { problem, positions } = deformation(grid, { handles });
    const result = minimum(problem, problem.start, 1e-9);
    expect(result.value).toBeLessThan(0.3 * problem.value(problem.start));
    const now = positions(result.x);
    for (const { vertex, position } of handles) expect([...now.slice(3 * vertex, 3 * vertex + 3)]).toEqual(position);
  });
});

describe("smoothing", () => {
  const ball = icosphere(2);
  const rough = withPositions(
    ball,
    ball.positions!.map((value, i) => value * (1 + 0.1 * noise(Math.floor(i / 3)))),
  );
  it("membrane: (M + λ L) x = M p, by another route", () => {
    const problem = smoothing(rough, { weight: 0.05 });
    const x = minimum(problem, problem.start, 1e-12).x;
    const A = addSparse(1, massMatrix(rough), 0.05, cotangentLaplacian(rough));
    const factor = sparseFactorize(analyze(A), A);
    const area = vertexAreas(rough);
    for (let i = 0; i < 3; i++) {
      const right = area.map((a, v) => a * rough.positions![3 * v + i]!);
      const wanted = sparseSolveInto(new Float64Array(right.length), factor, right);
      for (let v = 0; v < right.length; v++) expect(x[3 * v + i]).toBeCloseTo(wanted[v]!, 10);
    }
  });
  it.each(["membrane", "bending"] as const)("%s: one Newton step, and less roughness", (energy) => {
    const problem = smoothing(rough, { energy });
    const result = minimum(problem, problem.start, 1e-11);
    expect(result.iterations).toBeLessThanOrEqual(2);
    const roughness = (x: Float64Array) => {
      const r = Array.from({ length: ball.vertexCount }, (_, v) => Math.hypot(...x.subarray(3 * v, 3 * v + 3)));
      const L = cotangentLaplacian(ball);
      const out = multiplySparseVectorInto(new Float64Array(r.length), L, Float64Array.from(r));
      return out.reduce((sum, value, v) => sum + value * r[v]!, 0);
    };
    expect(roughness(result.x)).toBeLessThan(0.5 * roughness(rough.positions!));
  });
  it("what is held stays, and a plane stays a plane", () => {
    const grid = gridMesh(5);
    const problem = smoothing(grid, { energy: "bending", fixed: [0, 5, 30, 35], weight: 1 });
    const x = problem.extend(minimum(problem).x);
    expect(x.every((value, i) => i % 3 !== 2 || Math.abs(value) < 1e-12)).toBe(true);
    expect([...x.slice(0, 3)]).toEqual([0, 0, 0]);
  });
});

describe("sphericalParameterization", () => {
  it("of a distorted sphere: unit vectors, no triangle inside out, the gradient small", () => {
    const ball = icosphere(2);
    const potato = withPositions(
      ball,
      ball.positions!.map((value, i) => value * (1 + 0.3 * noise(Math.floor(i / 3))) * [1, 1.7, 0.6][i % 3]!),
    );
    const problem = sphericalParameterization(potato, { fixed: [0] });
    const result = solve(trustRegion(), problem, problem.start, { stop: any(gradientNorm(1e-8), maxIterations(300)) });
    expect(result.reason.kind).toBe("converged");
    const x = problem.extend(result.x);
    for (let v = 0; v < ball.vertexCount; v++) expect(Math.hypot(...x.subarray(3 * v, 3 * v + 3))).toBeCloseTo(1, 13);
    expect(result.value).toBeLessThan(problem.value(problem.start));
    expect(Number.isFinite(result.value)).toBe(true);
    problem.rebase(result.x);
    expect(
      most(problem.gradientInto(new Float64Array(problem.dimension), new Float64Array(problem.dimension))),
    ).toBeLessThan(1e-7);
  });
});

describe("a function of one's own", () => {
  it("five lines: springs that shrink a sphere to a known radius", () => {
    // Σ (‖a − b‖² − l²)² with l half of each edge: the minimum is the sphere at half its size.
    const ball = icosphere(1);
    const x = ball.positions!;
    const energy = scalarFunction(ball, { dimension: 3 }).addEdgeTerms(
      {
        data: {
          l2: [
            scalar,
            (_e, [i, j]) => 0.25 * [0, 1, 2].reduce((sum, c) => sum + (x[3 * i! + c]! - x[3 * j! + c]!) ** 2, 0),
          ],
        },
      },
      ([a, b], { data: { l2 } }) => a.sub(b).squaredNorm().sub(l2).square(),
    );
    const problem = energy.problem({ projection: "clamp" });
    const result = solve(trustRegion(), problem, problem.start, { stop: any(gradientNorm(1e-10), maxIterations(300)) });
    expect(result.value).toBeLessThan(1e-15);
    const y = problem.extend(result.x);
    expect(Math.hypot(y[0]! - y[3]!, y[1]! - y[4]!, y[2]! - y[5]!)).toBeCloseTo(
      0.5 * Math.hypot(x[0]! - x[3]!, x[1]! - x[4]!, x[2]! - x[5]!),
      6,
    );
  });
});
