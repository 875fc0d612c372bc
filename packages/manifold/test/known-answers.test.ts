// Problems whose minimizers are known by other means, each by several methods.
import { denseMatrix, type Vector } from "@hessia/core";
import { problemFromTerms } from "@hessia/core/kernel";
import { luDeterminant, luFactorize, multiplyInto, svd, symmetricEigen } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import {
  euclidean,
  fixedRank,
  grassmann,
  type MethodName,
  minimize,
  oblique,
  orthogonal,
  power,
  product,
  specialOrthogonal,
  sphere,
  stiefel,
} from "../src/index.js";
import {
  brockett,
  brockettMinimum,
  completion,
  gaussian,
  jointDiagonalization,
  lowRankSamples,
  nearest,
  procrustes,
  procrustesSolution,
  randomSymmetric,
} from "./problems-for-tests.js";
import { seeded } from "./random.js";

const secondOrder = ["trustRegion", "arc", "lazyCubicNewton"] as const;
const all = [...secondOrder, "lbfgs", "conjugateGradient", "steepestDescent"] as const satisfies readonly MethodName[];

describe("known answers", () => {
  for (const method of all) {
    it(`${method}: the dominant subspace of a symmetric matrix on the Grassmann manifold`, () => {
      const [n, p] = [25, 4];
      const A = randomSymmetric(n, 1);
      const { values, vectors } = symmetricEigen(A);
      const M = grassmann(n, p);
      // −½ tr(XᵀAX): the p largest eigenvalues.
      const minusA = denseMatrix(
        n,
        n,
        A.data.map((a) => -a),
      );
      const f = brockett(minusA, new Array<number>(p).fill(1));
      const { x, value, reason } = minimize(M, f, M.randomPoint(seeded(2)), { method, tolerance: 1e-7 });
      expect(reason.kind).toBe("converged");
      expect(value).toBeCloseTo(-0.5 * values.slice(-p).reduce((sum, v) => sum + v, 0), 9);
      const basis = new Float64Array(n * p);
      for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) basis[i * p + j] = vectors.data[i * n + n - 1 - j]!;
      expect(M.dist(x, basis)).toBeLessThan(1e-5);
    });

    it(`${method}: Procrustes on O(6), whose solution is a polar factor`, () => {
      const n = 6;
      const [A, B] = [denseMatrix(n, n, gaussian(n * n, 3)), denseMatrix(n, n, gaussian(n * n, 4))];
      const expected = procrustesSolution(A, B);
      // O(n) has two components: the start is in that of the solution.
      const M = orthogonal(n);
      const determinant = (X: Vector) => Math.sign(luDeterminant(luFactorize(denseMatrix(n, n, X.slice()))));
      const x0 = M.randomPoint(seeded(5));
      if (determinant(x0) !== determinant(expected)) for (let i = 0; i < n; i++) x0[i * n] = -x0[i * n]!;
      const { x, reason } = minimize(M, procrustes(A, B), x0, { method, tolerance: 1e-8 });
      expect(reason.kind).toBe("converged");
      for (let k = 0; k < n * n; k++) expect(x[k]).toBeCloseTo(expected[k]!, 5);
    });

    it(`${method}: the nearest frame to a matrix is its polar factor`, () => {
      const [n, p] = [9, 3];
      const B = gaussian(n * p, 6);
      const { U, V } = svd(denseMatrix(n, p, B));
      const expected = multiplyInto(denseMatrix(n, p), U, V, { transposeB: true }).data;
      const M = stiefel(n, p);
      const { x, reason } = minimize(M, nearest(B), M.randomPoint(seeded(7)), { method, tolerance: 1e-8 });
      expect(reason.kind).toBe("converged");
      for (let k = 0; k < n * p; k++) expect(x[k]).toBeCloseTo(expected[k]!, 6);
    });

    it(`${method}: completion of a matrix of exact rank finds every entry`, () => {
      const [m, n, r] = [60, 50, 2];
      const { rows, cols, entries, entryOf } = lowRankSamples(m, n, r, 0.35, 8);
      const M = fixedRank(m, n, r);
      const f = completion(m, n, r, rows, cols, entries);
      const { x, value, reason } = minimize(M, f, M.randomPoint(seeded(9)), {
        method,
        tolerance: 1e-9,
        secondOrder: false,
      });
      expect(reason.kind).toBe("converged");
      expect(value).toBeLessThan(1e-10);
      const X = M.toMatrix(x).data;
      for (let i = 0; i < m; i += 7) for (let j = 0; j < n; j += 3) expect(X[i * n + j]).toBeCloseTo(entryOf(i, j), 4);
    });

    it(`${method}: joint diagonalization of matrices that share their eigenvectors`, () => {
      const n = 5;
      const Q = specialOrthogonal(n).randomPoint(seeded(10));
      const diagonals = [11, 12, 13].map((seed) => gaussian(n, seed));
      const matrices = diagonals.map((d) => {
        const QD = denseMatrix(
          n,
          n,
          Q.map((q, k) => q * d[k % n]!),
        );
        return multiplyInto(denseMatrix(n, n), QD, denseMatrix(n, n, Q), { transposeB: true });
      });
      const M = orthogonal(n);
      const start = M.retractInto(M.zero(), Q, M.randomTangent(Q, seeded(14)), 0.3);
      const { value, reason } = minimize(M, jointDiagonalization(matrices), start, { method, tolerance: 1e-8 });
      expect(reason.kind).toBe("converged");
      expect(value).toBeCloseTo(-0.5 * diagonals.flatMap((d) => Array.from(d)).reduce((sum, d) => sum + d * d, 0), 10);
    });

    it(`${method}: a product of a sphere, frames and a Euclidean space, each with its own minimum`, () => {
      const [A, B] = [randomSymmetric(6, 15), randomSymmetric(8, 16)];
      const a = gaussian(4, 17);
      const [f, g, h] = [brockett(A, [1]), brockett(B, [2, 1]), nearest(a)] as const;
      const parts = [f, g, h];
      const M = product(sphere(6), stiefel(8, 2), euclidean(4));
      const sum = {
        dimension: M.length,
        value: (x: Vector) => parts.reduce((total, part, i) => total + part.value(M.part(x, i)), 0),
        gradientInto(out: Vector, x: Vector) {
          parts.forEach((part, i) => {
            part.gradientInto(M.part(out, i), M.part(x, i));
          });
          return out;
        },
        hessianApplyInto(out: Vector, x: Vector, u: Vector) {
          parts.forEach((part, i) => {
            part.hessianApplyInto(M.part(out, i), M.part(x, i), M.part(u, i));
          });
          return out;
        },
      };
      const { value, x, reason } = minimize(M, sum, M.randomPoint(seeded(18)), { method, tolerance: 1e-7 });
      expect(reason.kind).toBe("converged");
      expect(value).toBeCloseTo(brockettMinimum(A, [1]) + brockettMinimum(B, [2, 1]), 8);
      for (let k = 0; k < 4; k++) expect(M.part(x, 2)[k]).toBeCloseTo(a[k]!, 5);
    });
  }

  for (const method of all)
    it(`${method}: a Rayleigh quotient of condition 1e10 converges, or ends with a reason and the best value so far`, () => {
      const n = 40;
      const D = denseMatrix(n, n);
      for (let i = 0; i < n; i++) D.data[i * (n + 1)] = 10 ** ((10 * i) / (n - 1));
      const M = sphere(n);
      const x0 = M.randomPoint(seeded(21));
      const { value, reason, iterations, state } = minimize(M, brockett(D, [1]), x0, {
        method,
        tolerance: 1e-12,
        maxIterations: 1000,
      });
      if (secondOrder.includes(method as never)) {
        expect(reason.kind).toBe("converged");
        expect(iterations).toBeLessThan(method === "lazyCubicNewton" ? 500 : 40);
        // The error of f is ½ ‖grad f‖²/(λ₂ − λ₁).
        expect(value - 0.5).toBeLessThan(1e-5);
        expect(value).toBeGreaterThan(0.5 - 1e-9);
      } else {
        expect(["budget", "failed"]).toContain(reason.kind);
        expect(value).toBeLessThanOrEqual(state.value);
        expect(value).toBeLessThan(1e5);
      }
    });

  it("four charges on a sphere, given as terms, make a tetrahedron; two on an oblique manifold point apart", () => {
    const pairs = [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].filter((j) => j > i).map((j) => [i, j] as const));
    const blocks = (columns: readonly (readonly number[])[], of: readonly (readonly [number, number])[]) => [
      {
        indices: of.map(([i, j]) => [...columns[i]!, ...columns[j]!]),
        term: ([a, b, c, d, e, f]: readonly import("@hessia/core/kernel").Expr[]) =>
          a!.sub(d!).square().add(b!.sub(e!).square()).add(c!.sub(f!).square()).sqrt().inv(),
      },
    ];
    const M = power(sphere(3), 4);
    const { value, reason, picked } = minimize(
      M,
      blocks(
        [0, 1, 2, 3].map((i) => [3 * i, 3 * i + 1, 3 * i + 2]),
        pairs,
      ),
      M.randomPoint(seeded(19)),
    );
    expect(reason.kind).toBe("converged");
    expect(picked.method).toBe("trustRegion");
    // Six edges of length √(8/3).
    expect(value).toBeCloseTo(6 / Math.sqrt(8 / 3), 10);
    const O = oblique(3, 2);
    const f = problemFromTerms(
      6,
      blocks(
        [
          [0, 2, 4],
          [1, 3, 5],
        ],
        [[0, 1]],
      ),
    );
    expect(minimize(O, f, O.randomPoint(seeded(20))).value).toBeCloseTo(0.5, 10);
  });
});
