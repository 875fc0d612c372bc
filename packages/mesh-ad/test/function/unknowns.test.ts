// Unknowns on manifolds: points stay on them, retractions are of second order, derivatives at the base point are Riemannian, and known minima.
import { checkGradient, checkHessian } from "@hessia/core";
import { fromRows, mat3, vec3 } from "@hessia/core/kernel";
import { choleskyFactorize, choleskySolveInto, toDenseMatrix } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { icosphere, type MeshProblem, pointSet, rotation, scalarFunction, unitSphere } from "../../src/index.js";
import { noise } from "./energies.js";

/** Newton's method with whole steps from the base point, which moves along. */
function newton(problem: MeshProblem, steps: number): Float64Array {
  const zero = new Float64Array(problem.dimension);
  const H = problem.newHessian();
  const g = new Float64Array(problem.dimension);
  for (let k = 0; k < steps; k++) {
    problem.valueGradientHessianInto(g, H, zero);
    const d = choleskySolveInto(new Float64Array(g.length), choleskyFactorize(toDenseMatrix(H)), g);
    problem.rebase(d.map((value) => -value));
  }
  return problem.extend(zero);
}

const sphere = icosphere(1);
const turn = (axis: readonly [number, number, number], angle: number): number[] => {
  const [x, y, z] = axis;
  const [c, s, t] = [Math.cos(angle), Math.sin(angle), 1 - Math.cos(angle)];
  return [
    ...[c + x * x * t, x * y * t - z * s, x * z * t + y * s],
    ...[y * x * t + z * s, c + y * y * t, y * z * t - x * s],
    ...[z * x * t - y * s, z * y * t + x * s, c + z * z * t],
  ];
};

describe("unitSphere", () => {
  // f(p) = ½ pᵀ A p on one point: stationary at eigenvectors, the least at that of the smallest eigenvalue.
  const A = [2, 0.3, -0.1, 0.3, 1, 0.4, -0.1, 0.4, 3];
  const make = (p: readonly number[]) =>
    scalarFunction(pointSet(1), { unknowns: unitSphere })
      .addTerms([[0]], { data: { M: [mat3, A] } }, ([p], { data: { M } }) => p.dot(M.mul(p)).mul(0.5))
      .problem({ start: p });
  it.each([[[0, 0, 1]], [[0, 0, -1]], [[0.6, -0.8, 0]], [[0.48, 0.6, -0.64]]])(
    "at %o: gradient P A p, Hessian P A P − (pᵀAp) P",
    (p) => {
      const problem = make(p);
      const zero = new Float64Array(2);
      const Ap = [0, 1, 2].map((i) => A[3 * i]! * p[0]! + A[3 * i + 1]! * p[1]! + A[3 * i + 2]! * p[2]!);
      const rayleigh = Ap[0]! * p[0]! + Ap[1]! * p[1]! + Ap[2]! * p[2]!;
      expect(problem.value(zero)).toBeCloseTo(rayleigh / 2, 14);
      // The tangent basis, seen by moving a little.
      const B = [0, 1].map((a) => {
        const h = 1e-6;
        const [forth, back] = [h, -h].map((step) =>
          problem.extend(Float64Array.from({ length: 2 }, (_, i) => (i === a ? step : 0))),
        );
        return [0, 1, 2].map((i) => (forth![i]! - back![i]!) / (2 * h));
      });
      for (const [a, b] of [
        [0, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        const dot = B[a]![0]! * B[b]![0]! + B[a]![1]! * B[b]![1]! + B[a]![2]! * B[b]![2]!;
        expect(dot).toBeCloseTo(+(a === b), 8);
      }
      expect(B.every((b) => Math.abs(b[0]! * p[0]! + b[1]! * p[1]! + b[2]! * p[2]!) < 1e-8)).toBe(true);
      const g = problem.gradientInto(new Float64Array(2), zero);
      const H = problem.newHessian();
      problem.hessianInto(H, zero);
      const dense = toDenseMatrix(H).data;
      for (let a = 0; a < 2; a++) {
        expect(g[a]).toBeCloseTo(
          B[a]!.reduce((sum, b, i) => sum + b * Ap[i]!, 0),
          8,
        );
        for (let b = 0; b < 2; b++) {
          let sum = a === b ? -rayleigh : 0;
          for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) sum += B[a]![i]! * A[3 * i + j]! * B[b]![j]!;
          expect(dense[2 * a + b]).toBeCloseTo(sum, 7);
        }
      }
    },
  );
  it("Newton's steps with a base that moves find the eigenvector", () => {
    const p = newton(make([0.2, -0.9, Math.sqrt(1 - 0.04 - 0.81)]), 8);
    const Ap = [0, 1, 2].map((i) => A[3 * i]! * p[0]! + A[3 * i + 1]! * p[1]! + A[3 * i + 2]! * p[2]!);
    const lambda = Ap[0]! * p[0]! + Ap[1]! * p[1]! + Ap[2]! * p[2]!;
    for (let i = 0; i < 3; i++) expect(Ap[i]! - lambda * p[i]!).toBeCloseTo(0, 13);
    expect(Math.hypot(...p)).toBeCloseTo(1, 15);
  });
  it("over a mesh: differences agree away from the base, fixed vertices stay", () => {
    const f = scalarFunction(sphere, { unknowns: unitSphere }).addTriangleTerms(([a, b, c]) =>
      a.cross(b).dot(c).add(0.1).log().neg(),
    );
    const problem = f.problem({ start: sphere.positions!, fixed: [0, 3] });
    expect(problem.dimension).toBe(80);
    const t = Float64Array.from({ length: 80 }, (_, i) => 0.05 * noise(i));
    expect(checkGradient(problem, t).verdict).toBe("right");
    expect(checkHessian(problem, t).verdict).toBe("right");
    const moved = problem.extend(t);
    expect([...moved.slice(0, 3), ...moved.slice(9, 12)]).toEqual([
      ...sphere.positions!.slice(0, 3),
      ...sphere.positions!.slice(9, 12),
    ]);
    for (let v = 0; v < 42; v++) expect(Math.hypot(...moved.subarray(3 * v, 3 * v + 3))).toBeCloseTo(1, 14);
    const before = problem.value(t);
    problem.rebase(t);
    expect(problem.value(new Float64Array(80))).toBeCloseTo(before, 12);
  });
});

describe("rotation", () => {
  it("agrees with the exponential map to second order, and never leaves the rotations", () => {
    const base = turn([0.6, 0, 0.8], 1.1);
    const problem = scalarFunction(pointSet(1), { unknowns: rotation })
      .addTerms([[0]], ([R]) => R.trace())
      .problem({ start: base });
    const error = (h: number) => {
      const R = problem.extend(Float64Array.of(0.48 * h, 0.6 * h, -0.64 * h));
      const E = turn([0.48, 0.6, -0.64], h);
      let worst = 0;
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++) {
          const wanted = base[3 * i]! * E[j]! + base[3 * i + 1]! * E[3 + j]! + base[3 * i + 2]! * E[6 + j]!;
          worst = Math.max(worst, Math.abs(R[3 * i + j]! - wanted));
        }
      return worst;
    };
    expect(error(0.02) / error(0.01)).toBeGreaterThan(7.9);
    expect(error(0.02) / error(0.01)).toBeLessThan(8.1);
    const far = problem.extend(Float64Array.of(30, -2, 7));
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        expect(
          far[3 * i]! * far[3 * j]! + far[3 * i + 1]! * far[3 * j + 1]! + far[3 * i + 2]! * far[3 * j + 2]!,
        ).toBeCloseTo(+(i === j), 12);
  });
  it("finds the rotation between two sets of points, one a vertex (Procrustes with a known answer)", () => {
    const angles = [0.5, -1.2, 2.1, 0.01];
    const wanted = angles.map((angle) => turn([0.36, 0.48, 0.8], angle));
    const points = [
      [1, 0.2, -0.3],
      [0.1, -1, 0.4],
      [0.3, 0.5, 0.9],
    ];
    const images = wanted.map((R) =>
      points.flatMap((p) => [0, 1, 2].map((i) => R[3 * i]! * p[0]! + R[3 * i + 1]! * p[1]! + R[3 * i + 2]! * p[2]!)),
    );
    const f = scalarFunction(pointSet(4), { unknowns: rotation }).addTerms(
      [[0], [1], [2], [3]],
      { data: { P: [mat3, () => points.flat()], Q: [mat3, images] } },
      ([R], { data: { P, Q } }) =>
        fromRows(R.mul(P.row(0)), R.mul(P.row(1)), R.mul(P.row(2)))
          .sub(Q)
          .squaredNorm(),
    );
    const start = angles.flatMap((angle) => turn([0.36, 0.48, 0.8], angle + 0.3));
    const problem = f.problem({ start, projection: "clamp" });
    expect(
      checkGradient(
        problem,
        Float64Array.from({ length: 12 }, (_, i) => 0.3 * noise(i)),
      ).verdict,
    ).toBe("right");
    const R = newton(problem, 7);
    for (const [i, value] of wanted.flat().entries()) expect(R[i]).toBeCloseTo(value, 12);
  });
});

describe("misuse", () => {
  const f = scalarFunction(pointSet(2), { unknowns: unitSphere }).addTerms(
    [[0, 1]],
    { vertexData: { q: [vec3, new Float64Array(6)] } },
    ([a, b]) => a.dot(b!),
  );
  const start = [1, 0, 0, 0, 1, 0];
  it("names the vertex that is no point of the manifold", () => {
    expect(() => f.problem({ start: [1, 0, 0, 0, 2, 0] })).toThrow(
      /vertex 1` is of norm 2; wanted a point of the unit sphere/,
    );
    const g = scalarFunction(pointSet(1), { unknowns: rotation }).addTerms([[0]], ([R]) => R.trace());
    expect(() => g.problem({ start: [2, 0, 0, 0, 1, 0, 0, 0, 1] })).toThrow(/vertex 0` is not orthogonal/);
    expect(() => g.problem({ start: [1] })).toThrow(/9 numbers/);
    expect(() => f.problem()).toThrow(/start/);
  });
  it("has no equations and no coordinates of its points", () => {
    expect(() => f.problem({ start, equations: [{ terms: [[0, 0, 1]], value: 0 }] })).toThrow(/on a manifold/);
    expect(() => f.problem({ start }).restrict(Float64Array.from(start))).toThrow(/manifold/);
    expect(() => scalarFunction(pointSet(2), { unknowns: unitSphere, dimension: 3 } as never)).toThrow(
      /neither or both/,
    );
  });
});
