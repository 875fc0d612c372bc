// All kinds of terms on random elements against hyper-dual numbers: the same energy written once over an arithmetic, evaluated element by element with numbers that carry two directions,
// against value, gradient and Hessian of the compiled sum along these.
import type { Expr } from "@hessia/core/kernel";
import { type Vec, vector } from "@hessia/core/kernel";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type HyperDual, hyper } from "../../../core/test/kernel/dual.js";
import {
  boxOfTetrahedra,
  gridMesh,
  hinges,
  icosphere,
  type MeshProblem,
  scalarFunction,
  vertexStars,
} from "../../src/index.js";

/** What energies are written with. */
interface Arithmetic<T> {
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  exp(a: T): T;
  log(a: T): T;
  sqrt(a: T): T;
  sin(a: T): T;
  tanh(a: T): T;
  constant(value: number): T;
}
const symbols = (some: Expr): Arithmetic<Expr> => ({
  add: (a, b) => a.add(b),
  sub: (a, b) => a.sub(b),
  mul: (a, b) => a.mul(b),
  div: (a, b) => a.div(b),
  exp: (a) => a.exp(),
  log: (a) => a.log(),
  sqrt: (a) => a.sqrt(),
  sin: (a) => a.sin(),
  tanh: (a) => a.tanh(),
  constant: (value) => some.mul(0).add(value),
});

type Point<T> = readonly T[];
type Energy = <T>(a: Arithmetic<T>, points: readonly Point<T>[], data: T) => T;

/** Edges between consecutive points, mixed by products and functions: nothing that any one kind of element has as a special case. */
const energyOf =
  (seed: readonly number[]): Energy =>
  (a, points, data) => {
    const { add, sub, mul } = a;
    const dot = (p: Point<typeof data>, q: Point<typeof data>) => p.map((x, i) => mul(x, q[i]!)).reduce(add);
    const minus = (p: Point<typeof data>, q: Point<typeof data>) => p.map((x, i) => sub(x, q[i]!));
    let sum = mul(data, dot(points[0]!, points[0]!));
    for (const [k, p] of points.entries()) {
      const d = minus(p, points[(k + 1) % points.length]!);
      const size = add(dot(d, d), a.constant(0.3));
      const kind = Math.floor(8 * seed[k % seed.length]!);
      if (kind === 0) sum = add(sum, a.sqrt(size));
      else if (kind === 1) sum = add(sum, mul(data, a.log(size)));
      else if (kind === 2) sum = add(sum, a.exp(mul(a.constant(-1), size)));
      else if (kind === 3) sum = add(sum, a.div(data, size));
      else if (kind === 4) sum = add(sum, a.sin(mul(d[0]!, p[1]!)));
      else if (kind === 5) sum = mul(a.tanh(sum), size);
      else sum = add(sum, mul(size, size));
    }
    return sum;
  };

const ball = icosphere(0);
const sheet = gridMesh(2, 2);
const box = boxOfTetrahedra(1);
const rows = (table: Int32Array, arity: number) =>
  Array.from({ length: table.length / arity }, (_, t) => [...table.subarray(arity * t, arity * (t + 1))]);
const corners = rows(sheet.faces, 3).flatMap(([a, b, c]) => [
  [a!, b!, c!],
  [b!, c!, a!],
  [c!, a!, b!],
]);

/** The function of one kind, and its elements. */
function sumOf(kind: string, energy: Energy): { problem: MeshProblem; elements: number[][] } {
  const term = (points: readonly Vec[], data: Expr): Expr =>
    energy(
      symbols(data),
      points.map((p) => p.entries),
      data,
    );
  const one = <V extends readonly Vec[]>(v: V) => term(v, vector(0.7).at(0));
  const on = kind === "tetrahedron" ? box : kind === "corner" || kind === "hinge" || kind === "star" ? sheet : ball;
  const f = scalarFunction(on, { dimension: 3 });
  switch (kind) {
    case "vertex":
      return {
        problem: f.addVertexTerms(one).problem(),
        elements: rows(
          Int32Array.from({ length: 12 }, (_, v) => v),
          1,
        ),
      };
    case "edge":
      return { problem: f.addEdgeTerms(one).problem(), elements: rows(ball.corners.edges, 2) };
    case "triangle":
      return { problem: f.addTriangleTerms(one).problem(), elements: rows(ball.faces, 3) };
    case "corner":
      return { problem: f.addCornerTerms(one).problem(), elements: corners };
    case "hinge":
      return { problem: f.addHingeTerms(one).problem(), elements: rows(hinges(sheet), 4) };
    case "tetrahedron":
      return { problem: f.addTetrahedronTerms(one).problem(), elements: rows(box.cells, 4) };
    default:
      return {
        problem: f.addStarTerms(one).problem(),
        elements: vertexStars(sheet).map(({ vertex, neighbours }) => [vertex, ...neighbours]),
      };
  }
}

it.each(["vertex", "edge", "triangle", "corner", "hinge", "tetrahedron", "star"])("%s terms", (kind) => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const coordinate = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(unit, { minLength: 1, maxLength: 4 }),
      fc.array(coordinate, { minLength: 81, maxLength: 81 }),
      (seed, numbers) => {
        const energy = energyOf(seed);
        const { problem, elements } = sumOf(kind, energy);
        const n = problem.dimension;
        const x = Float64Array.from({ length: n }, (_, i) => numbers[i % 27]! + 0.01 * i);
        const u = Float64Array.from({ length: n }, (_, i) => numbers[27 + (i % 27)]!);
        const v = Float64Array.from({ length: n }, (_, i) => numbers[54 + (i % 27)]! - 0.3);
        const dual = (i: number): HyperDual => ({ a: x[i]!, b: u[i]!, c: v[i]!, d: 0 });
        let [value, along, curvature, size] = [0, 0, 0, 0];
        for (const element of elements) {
          const points = element.map((w) => [dual(3 * w), dual(3 * w + 1), dual(3 * w + 2)]);
          const { a, b, d } = energy<HyperDual>(hyper, points, hyper.constant(0.7));
          value += a;
          along += b;
          curvature += d;
          size += Math.abs(a) + Math.abs(b) + Math.abs(d);
        }
        const g = problem.gradientInto(new Float64Array(n), x);
        const Hv = problem.hessianApplyInto(new Float64Array(n), x, v);
        const dot = (p: Float64Array, q: Float64Array) => p.reduce((sum, one, i) => sum + one * q[i]!, 0);
        const tolerance = 1e-11 * (1 + size + Math.hypot(...g) + Math.hypot(...Hv));
        expect(Math.abs(problem.value(x) - value)).toBeLessThan(tolerance);
        expect(Math.abs(dot(g, u) - along)).toBeLessThan(tolerance);
        expect(Math.abs(dot(Hv, u) - curvature)).toBeLessThan(tolerance);
      },
    ),
    { numRuns: 12 },
  );
});
