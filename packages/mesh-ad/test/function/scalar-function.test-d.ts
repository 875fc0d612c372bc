// What the types of terms say, and what doesn't compile.
import type { HessianApplyProblem, HessianProblem } from "@hessia/core";
import { type Expr, type Mat, mat2, scalar, type Vec, vec3 } from "@hessia/core/kernel";
import { expectTypeOf, it } from "vitest";
import { gridMesh, pointSet, rotation, scalarFunction, unitSphere } from "../../src/index.js";

const mesh = gridMesh(1);

it("terms get vectors of the dimension, as many as the element has vertices", () => {
  scalarFunction(mesh, { dimension: 2 }).addTriangleTerms((v) => {
    expectTypeOf(v).toEqualTypeOf<readonly [Vec<2>, Vec<2>, Vec<2>]>();
    return v[0].x;
  });
  scalarFunction(mesh, { dimension: 3 }).addHingeTerms((v) => {
    expectTypeOf(v).toEqualTypeOf<readonly [Vec<3>, Vec<3>, Vec<3>, Vec<3>]>();
    return v[0].x;
  });
  scalarFunction(mesh, { unknowns: unitSphere }).addEdgeTerms(([a]) => {
    expectTypeOf(a).toEqualTypeOf<Vec<3>>();
    return a.x;
  });
  scalarFunction(pointSet(1), { unknowns: rotation }).addTerms([[0]], ([R]) => {
    expectTypeOf(R).toEqualTypeOf<Mat<3, 3>>();
    return R.trace();
  });
});

it("data, vertices' data and parameters have the types of their shapes", () => {
  scalarFunction(mesh, { dimension: 2, parameters: { k: [scalar, 1] } }).addTriangleTerms(
    { data: { R: [mat2, () => [1, 0, 0, 1]], w: [scalar, (t) => t] }, vertexData: { q: [vec3, new Float64Array(12)] } },
    ([a, b], { data, vertexData, parameters }) => {
      expectTypeOf(data.R).toEqualTypeOf<Mat<2, 2>>();
      expectTypeOf(data.w).toEqualTypeOf<Expr>();
      expectTypeOf(vertexData.q[0]!).toEqualTypeOf<Vec<3>>();
      expectTypeOf(parameters.k).toEqualTypeOf<Expr>();
      // @ts-expect-error there is no such datum
      data.S;
      // @ts-expect-error a plane vector and one in space
      a.sub(vertexData.q[0]!);
      return data.R.mul(a).dot(b).mul(data.w);
    },
  );
});

it("problems have what methods ask for", () => {
  const problem = scalarFunction(mesh, { dimension: 3 })
    .addVertexTerms(([a]) => a.squaredNorm())
    .problem();
  expectTypeOf(problem).toExtend<HessianProblem>();
  expectTypeOf(problem).toExtend<HessianApplyProblem>();
  // @ts-expect-error a term must answer something
  scalarFunction(mesh, { dimension: 3 }).addVertexTerms(() => undefined);
});
