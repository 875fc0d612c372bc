// Values and gradients on manifolds by points that are computed once: the same as those that come with the Hessian, where each term computes its own points.
import { checkGradient } from "@hessia/core";
import { type Expr, type Mat, mat2, matrix, scalar, select, type Vec, vec3 } from "@hessia/core/kernel";
import { startThreads } from "@hessia/core/wasm";
import { describe, expect, it } from "vitest";
import {
  icosphere,
  type MeshProblem,
  pointSet,
  rigidMotion,
  rotation,
  scalarFunction,
  type Unknowns,
  unitSphere,
} from "../../src/index.js";
import { noise } from "./energies.js";

const mesh = icosphere(2);
const n = mesh.vertexCount;
const most = (values: ArrayLike<number>) => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
const somewhere = (problem: MeshProblem) => Float64Array.from({ length: problem.dimension }, (_, i) => 0.1 * noise(i));

/** Value and gradient of both ways at y, as far as they differ, relative to the largest. */
function difference(problem: MeshProblem, y = somewhere(problem)): number {
  const [g, h] = [y.slice(), y.slice()];
  const value = problem.valueAndGradientInto(g, y);
  const other = problem.valueGradientHessianInto(h, problem.newHessian(), y);
  expect(problem.value(y)).toBeCloseTo(value, 10);
  expect(most(h)).toBeGreaterThan(1e-3);
  return Math.max(Math.abs(value - other) / Math.abs(other), most(g.map((one, i) => one - h[i]!)) / most(h));
}

// Symmetric positive definite matrices of two rows: S + T for small T, three numbers of which one stands twice.
const symmetric: Unknowns<Mat<2, 2>> = {
  name: "the symmetric matrices",
  tangent: 3,
  ambient: 3,
  frame: 3,
  frameInto(out, at, x, xAt) {
    for (let i = 0; i < 3; i++) out[at + i] = x[xAt + i]!;
  },
  point: (f, t) => {
    const [a, b, c] = f.map((one, i) => one.add(t[i]!.exp().sub(1))) as [Expr, Expr, Expr];
    return matrix([a, b], [b, c]);
  },
  moveInto(out, at, x, xAt, t, tAt) {
    for (let i = 0; i < 3; i++) out[at + i] = x[xAt + i]! + Math.expm1(t[tAt + i]!);
  },
  fault: () => undefined,
};
const identities = (rows: number) =>
  Float64Array.from({ length: rows * rows * n }, (_, i) => +((i % (rows * rows)) % (rows + 1) === 0));
/** What terms are given in a wrapping that can't be taken apart. */
class Wrapped<V> {
  constructor(readonly inner: V) {}
}
const wrapped = <V>(unknowns: Unknowns<V>): Unknowns<Wrapped<V>> => ({
  ...unknowns,
  point: (f, t) => new Wrapped(unknowns.point(f, t)),
});

describe("the two ways agree to rounding", () => {
  for (const evaluation of ["wasm", "compiled", "interpreted"] as const) {
    it(`unit vectors, ${evaluation}`, () => {
      const problem = scalarFunction(mesh, { unknowns: unitSphere, evaluation })
        .addEdgeTerms(([a, b]) => a.sub(b).squaredNorm())
        .addTriangleTerms(([a, b, c]) => a.dot(b.cross(c)).log().mul(-0.1))
        .addStarTerms(([centre, ...ring]) =>
          ring
            .reduce((sum, p) => sum.add(p))
            .dot(centre)
            .square(),
        )
        .problem({ start: mesh.positions! });
      expect(difference(problem)).toBeLessThan(1e-12);
      expect(checkGradient(problem, somewhere(problem)).verdict).toBe("right");
    });
    it(`rotations, ${evaluation}`, () => {
      const problem = scalarFunction(mesh, { unknowns: rotation, evaluation })
        .addEdgeTerms({ data: { A: [vec3, (e) => [noise(e), 1, noise(e + 1)]] } }, ([R, S], { data: { A } }) =>
          R.mul(A).sub(S.mul(S).mul(A)).squaredNorm(),
        )
        .problem({ start: identities(3) });
      expect(difference(problem)).toBeLessThan(1e-12);
    });
    it(`symmetric matrices, ${evaluation}`, () => {
      const start = Float64Array.from({ length: 3 * n }, (_, i) => (i % 3 === 1 ? 0.1 : 2));
      const problem = scalarFunction(mesh, { unknowns: symmetric, evaluation })
        .addEdgeTerms({ data: { D: [mat2, () => [1, 0.5, 0, 2]] } }, ([S, T], { data: { D } }) =>
          S.sub(T.mul(D)).squaredNorm().sub(S.det().log()),
        )
        .problem({ start });
      expect(difference(problem)).toBeLessThan(1e-12);
      expect(checkGradient(problem, somewhere(problem)).verdict).toBe("right");
    });
  }
  it("rigid motions: a record of a vector and a matrix", () => {
    const start = Float64Array.from({ length: 12 * n }, (_, i) => {
      const [v, k] = [Math.floor(i / 12), i % 12];
      return k < 3 ? mesh.positions![3 * v + k]! : +((k - 3) % 4 === 0);
    });
    const problem = scalarFunction(mesh, { unknowns: rigidMotion })
      .addEdgeTerms(([a, b]) => a.at.sub(b.at).sub(a.turn.mul(b.at)).squaredNorm())
      .problem({ start });
    expect(difference(problem)).toBeLessThan(1e-12);
  });
  it("points in lists, with numbers among them, and expressions", () => {
    const listed: Unknowns<readonly [Expr, 7, { readonly p: Vec<3> }]> = {
      ...unitSphere,
      point: (f, t) => {
        const p = unitSphere.point(f, t);
        return [p.x.add(p.y), 7, { p }];
      },
    };
    const term = ([a, b]: readonly (readonly [Expr, 7, { readonly p: Vec<3> }])[]) =>
      a![0].mul(b![2].p.z).mul(a![1]).add(a![2].p.dot(b![2].p).square());
    const make = (as: typeof listed) =>
      scalarFunction(mesh, { unknowns: as }).addEdgeTerms(term).problem({ start: mesh.positions! });
    expect(difference(make(listed))).toBeLessThan(1e-12);
  });
  it("what can't be taken apart goes by the one way", () => {
    const problem = scalarFunction(mesh, { unknowns: wrapped(unitSphere) })
      .addEdgeTerms(([a, b]) => a.inner.sub(b.inner).squaredNorm())
      .problem({ start: mesh.positions! });
    expect(difference(problem)).toBeLessThan(1e-12);
  });
});

describe("on manifolds", () => {
  const make = () =>
    scalarFunction(mesh, { unknowns: unitSphere, parameters: { w: [scalar, 2] } })
      .addEdgeTerms(
        {
          name: "springs",
          data: { length: [scalar, (e) => 0.1 + 0.001 * e] },
          vertexData: { pull: [vec3, mesh.positions!] },
        },
        ([a, b], { data, vertexData: { pull }, parameters: { w } }) =>
          a.sub(b).norm().sub(data.length).square().mul(w).sub(pull[0]!.dot(a)),
      )
      .addTriangleTerms({ name: "volume" }, ([a, b, c]) => a.dot(b.cross(c)));

  it("parameters and data change both ways, whether or not they were compiled before", () => {
    const f = make();
    const problem = f.problem({ start: mesh.positions! });
    const late = f.problem({ start: mesh.positions! });
    const before = problem.value(somewhere(problem));
    f.setParameters({ w: 3 });
    f.setData("springs", {
      length: Array.from({ length: mesh.corners.edges.length / 2 }, (_, e) => 0.2 + noise(e) / 9),
    });
    f.setData("springs", { pull: mesh.positions!.map((x) => 2 * x) });
    expect(problem.value(somewhere(problem))).not.toBeCloseTo(before, 1);
    expect(difference(problem)).toBeLessThan(1e-12);
    expect(late.value(somewhere(late))).toBe(problem.value(somewhere(problem)));
    expect(difference(late)).toBeLessThan(1e-12);
  });
  it("terms that are added later aren't in problems that were made before", () => {
    const f = make();
    const problem = f.problem({ start: mesh.positions! });
    const y = somewhere(problem);
    f.addVertexTerms(([a]) => a.x.add(10));
    const H = problem.newHessian();
    const other = problem.valueGradientHessianInto(y.slice(), H, y);
    expect(problem.value(y)).toBeCloseTo(other, 9);
    expect(f.problem({ start: mesh.positions! }).value(y) - other).toBeGreaterThan(9 * n);
  });
  it("fixed vertices and a base that moves", () => {
    const problem = make().problem({ start: mesh.positions!, fixed: [0, 5, [7, 1]] });
    expect(problem.dimension).toBe(2 * n - 5);
    expect(difference(problem)).toBeLessThan(1e-12);
    const y = somewhere(problem);
    const value = problem.value(y);
    for (const first of ["gradient", "hessian"] as const) {
      problem.rebase(first === "gradient" ? y : new Float64Array(y.length));
      const zero = new Float64Array(y.length);
      if (first === "hessian") problem.hessianInto(problem.newHessian(), zero);
      expect(problem.value(zero)).toBeCloseTo(value, 9);
      expect(difference(problem)).toBeLessThan(1e-12);
    }
  });
  it("threads don't change the bits", async () => {
    const threads = await startThreads(2);
    const round = icosphere(4);
    const run = (options: { threads?: typeof threads }) => {
      const problem = scalarFunction(round, { unknowns: unitSphere, ...options })
        .addEdgeTerms(([a, b]) => a.sub(b).squaredNorm())
        .addTriangleTerms(([a, b, c]) => a.dot(b.cross(c)).log())
        .problem({ start: round.positions! });
      const g = somewhere(problem);
      const value = problem.valueAndGradientInto(
        g,
        g.map((t) => t / 10),
      );
      expect(value).toBeLessThan(0);
      return { value, g };
    };
    const two = run({ threads });
    threads.close();
    const one = run({});
    expect(two).toEqual(one);
  });
  it("terms outside of their domain: the element is named", () => {
    const problem = scalarFunction(mesh, { unknowns: unitSphere })
      .addTriangleTerms({ name: "volume", data: { shift: [scalar, (f) => +(f === 17)] } }, ([a, b, c], { data }) =>
        a.dot(b.cross(c)).sub(data.shift).log(),
      )
      .problem({ start: mesh.positions! });
    const zero = new Float64Array(problem.dimension);
    expect(problem.value(zero)).toBeNaN();
    const [fault, ...others] = problem.diagnose(zero);
    expect(others).toEqual([]);
    expect(fault).toMatchObject({ terms: "volume", element: 17, of: "value" });
  });
  it("barriers stay Infinity", () => {
    const problem = scalarFunction(mesh, { unknowns: unitSphere })
      .addTriangleTerms(([a, b, c]) => select(a.dot(b.cross(c)).gt(1), 0, Number.POSITIVE_INFINITY))
      .problem({ start: mesh.positions! });
    expect(problem.value(new Float64Array(problem.dimension))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("traces", () => {
  const counted = (unknowns: Unknowns<Vec<3>>) => {
    let calls = 0;
    const f = scalarFunction(mesh, { unknowns }).addEdgeTerms(([a, b]) => {
      calls++;
      return a.dot(b);
    });
    const problem = f.problem({ start: mesh.positions! });
    return { problem, calls: () => calls };
  };
  it("in ambient coordinates only when a value or a gradient is asked for", () => {
    const { problem, calls } = counted(unitSphere);
    const zero = new Float64Array(problem.dimension);
    const before = calls();
    problem.hessianInto(problem.newHessian(), zero);
    problem.hessianApplyInto(zero.slice(), zero, zero);
    expect(calls()).toBe(before);
    problem.value(zero);
    const after = calls();
    expect(after).toBeGreaterThan(before);
    problem.valueAndGradientInto(zero.slice(), zero);
    problem.rebase(zero);
    problem.value(zero);
    expect(calls()).toBe(after);
  });
  it("not where points aren't shared", () => {
    let calls = 0;
    const problem = scalarFunction(pointSet(3), { unknowns: unitSphere })
      .addTerms([[0], [1], [2]], ([a]) => {
        calls++;
        return a!.x;
      })
      .problem({ start: [1, 0, 0, 0, 1, 0, 0, 0, 1] });
    const before = calls;
    expect(problem.value(new Float64Array(6))).toBe(1);
    expect(calls).toBe(before);
  });
});
