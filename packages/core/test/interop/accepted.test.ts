// Matrices of ml-matrix and of mathjs stand wherever a dense matrix is wanted.
import { all, create } from "mathjs";
import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { defineProblem, toMathjs, toMlMatrix } from "../../src/index.js";
import { fromRows } from "../../src/linear/dense/dense.js";
import {
  choleskyFactorize,
  ldlFactorize,
  luFactorize,
  modifiedCholesky,
  operatorFrom,
  pivotedCholesky,
  qrFactorize,
  schnabelEskow,
  singularValues,
  svd,
  symmetricEigen,
  symmetricEigenvalues,
  tridiagonalize,
} from "../../src/linear/index.js";

const rows = [
  [4, 1, 0],
  [1, 3, -1],
  [0, -1, 2],
];
const math = create(all!);
const inputs = {
  "nested arrays": rows,
  "ml-matrix": new Matrix(rows),
  "mathjs dense": math.matrix(rows),
  "mathjs sparse": math.sparse(rows),
};
const own = fromRows(rows);

describe("foreign matrices", () => {
  for (const [name, input] of Object.entries(inputs)) {
    const matrix = input as never;
    it(`${name}: factorizations and decompositions are those of the same dense matrix`, () => {
      for (const factor of [
        choleskyFactorize,
        pivotedCholesky,
        ldlFactorize,
        luFactorize,
        qrFactorize,
        modifiedCholesky,
        schnabelEskow,
        symmetricEigen,
        symmetricEigenvalues,
        svd,
        singularValues,
        tridiagonalize,
      ] as ((A: unknown) => unknown)[]) {
        expect(factor(matrix)).toEqual(factor(own));
      }
      const x = Float64Array.of(1, 2, 3);
      expect(operatorFrom(matrix).applyInto(new Float64Array(3), x)).toEqual(Float64Array.of(6, 4, 4));
    });

    it(`${name}: a problem's Hessian`, () => {
      const problem = defineProblem({ dimension: 3, value: () => 0, gradient: () => [0, 0, 0], hessian: () => matrix });
      expect(problem.hessianInto(problem.newHessian(), new Float64Array(3))).toEqual(own);
    });
  }

  it("are given back on request", () => {
    expect(toMlMatrix(own, Matrix).to2DArray()).toEqual(rows);
    expect(toMathjs(own, math).toArray()).toEqual(rows);
  });
});
