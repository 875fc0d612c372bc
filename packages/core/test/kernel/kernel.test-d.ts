// What the shapes of a kernel say to the type checker.
import { expectTypeOf, test } from "vitest";
import {
  type Expr,
  fromColumns,
  kernel,
  type Mat,
  mat2,
  matN,
  matrix,
  outer,
  type ScalarKernel,
  scalar,
  select,
  type Vec,
  type VectorKernel,
  vec2,
  vec3,
  vecN,
  vector,
} from "../../src/kernel/index.js";

test("shapes become the arguments' types", () => {
  const k = kernel(
    { inputs: { a: vec2, b: vec3, s: scalar }, parameters: { rest: mat2, w: vecN(5), G: matN(2, 3) } },
    ({ a, b, s }, { rest, w, G }) => {
      expectTypeOf(a).toEqualTypeOf<Vec<2>>();
      expectTypeOf(b).toEqualTypeOf<Vec<3>>();
      expectTypeOf(s).toEqualTypeOf<Expr>();
      expectTypeOf(rest).toEqualTypeOf<Mat<2, 2>>();
      expectTypeOf(w).toEqualTypeOf<Vec<5>>();
      expectTypeOf(G).toEqualTypeOf<Mat<2, 3>>();
      expectTypeOf(a.cross(a)).toEqualTypeOf<Expr>();
      expectTypeOf(b.cross(b)).toEqualTypeOf<Vec<3>>();
      expectTypeOf(G.mul(b)).toEqualTypeOf<Vec<2>>();
      expectTypeOf(rest.mul(G)).toEqualTypeOf<Mat<2, 3>>();
      expectTypeOf(G.transpose()).toEqualTypeOf<Mat<3, 2>>();
      expectTypeOf(outer(a, b)).toEqualTypeOf<Mat<2, 3>>();
      expectTypeOf(fromColumns(b, b)).toEqualTypeOf<Mat<3, 2>>();
      expectTypeOf(matrix([1, s, 2], [s, 0, 1])).toEqualTypeOf<Mat<2, 3>>();
      expectTypeOf(vector(1, s)).toEqualTypeOf<Vec<2>>();
      expectTypeOf(select(s.lt(0), a, a.neg())).toEqualTypeOf<Vec<2>>();
      expectTypeOf(select(s.lt(0), s, 1)).toEqualTypeOf<Expr>();
      return a.dot(a);
    },
  );
  expectTypeOf(k).toExtend<ScalarKernel>();
  expectTypeOf(k.kind).toEqualTypeOf<"scalar">();
  k.flattenInputsInto(new Float64Array(6), { a: [1, 2], b: new Float64Array(3), s: 1 });
  // @ts-expect-error a scalar is a number
  k.flattenInputsInto(new Float64Array(6), { a: [1, 2], b: [1, 2, 3], s: [1] });
  // @ts-expect-error s is missing
  k.flattenInputsInto(new Float64Array(6), { a: [1, 2], b: [1, 2, 3] });
});

test("a vector result makes a vector kernel", () => {
  const r = kernel({ inputs: { a: vec2 } }, ({ a }) => a.scale(2));
  expectTypeOf(r).toExtend<VectorKernel>();
  expectTypeOf(r.kind).toEqualTypeOf<"vector">();
  // @ts-expect-error a vector has no gradient
  r.gradientInto;
});

test("what must not compile", () => {
  kernel({ inputs: { a: vec2, b: vec3 }, parameters: { M: mat2 } }, ({ a, b }, { M }) => {
    // @ts-expect-error lengths differ
    const sum = () => a.add(b);
    // @ts-expect-error a 2×2 matrix takes vectors of length 2
    const product = () => M.mul(b);
    // @ts-expect-error no such input
    const missing = ({ c }: { a: typeof a }) => c;
    return [sum, product, missing].length;
  });
  // @ts-expect-error a matrix is no result
  kernel({ inputs: { M: mat2 } }, ({ M }) => M);
});
