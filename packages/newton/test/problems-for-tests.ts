// Problems with known minimizers, for the tests of the methods.
import { defineProblem, type HessianProblem } from "@hessia/core";
import { problemFromTerms } from "@hessia/core/kernel";

export const rosenbrock = problemFromTerms(2, [
  { indices: [[0, 1]], term: ([x, y]) => y!.sub(x!.square()).square().mul(100).add(x!.sub(1).square()) },
]);

/** The chain Σ 100 (x_{i+1} − xᵢ²)² + (1 − xᵢ)²: minimum 0 at (1, …, 1), a sparse Hessian. */
export const chainedRosenbrock = (n: number) =>
  problemFromTerms(n, [
    {
      indices: Array.from({ length: n - 1 }, (_, i) => [i, i + 1]),
      term: ([x, y]) => y!.sub(x!.square()).square().mul(100).add(x!.sub(1).square()),
    },
  ]);

/** f = ½ xᵀ A x − bᵀx with A = tridiag(−1, 4, −1): convex, its minimizer solves A x = b. Here b = A·(1, …, n)/n. */
export function convexQuadratic(n: number): { problem: ReturnType<typeof problemFromTerms>; solution: Float64Array } {
  const solution = Float64Array.from({ length: n }, (_, i) => (i + 1) / n);
  const b = solution.map((x, i) => 4 * x - (solution[i - 1] ?? 0) - (solution[i + 1] ?? 0));
  const problem = problemFromTerms(n, [
    {
      indices: Array.from({ length: n }, (_, i) => [i]),
      data: Array.from(b, (bi) => [bi]),
      term: ([x], [bi]) => x!.square().mul(2).sub(bi!.mul(x!)),
    },
    { indices: Array.from({ length: n - 1 }, (_, i) => [i, i + 1]), term: ([x, y]) => x!.mul(y!).neg() },
  ]);
  return { problem, solution };
}

/** f = x² − y² + y⁴ / 2: a strict saddle at 0 (λ = −2), minima −½ at (0, ±1). */
export const saddle = problemFromTerms(2, [
  { indices: [[0, 1]], term: ([x, y]) => x!.square().sub(y!.square()).add(y!.square().square().mul(0.5)) },
]);

/** The same saddle in the middle of n variables that are all quadratic but the last, so that n is sparse and large. */
export const largeSaddle = (n: number) =>
  problemFromTerms(n, [
    { indices: Array.from({ length: n - 1 }, (_, i) => [i]), term: ([x]) => x!.square() },
    { indices: [[n - 1]], term: ([y]) => y!.square().square().mul(0.5).sub(y!.square()) },
  ]);

/** Strictly convex with unbounded third derivative growth: Σ cosh(xᵢ − cᵢ), minimum n at c. */
export const coshes = (n: number) =>
  problemFromTerms(n, [
    {
      indices: Array.from({ length: n }, (_, i) => [i]),
      data: Array.from({ length: n }, (_, i) => [Math.sin(i)]),
      term: ([x], [c]) => x!.sub(c!).cosh(),
    },
  ]);

/** f(x) = x, unbounded below. */
export const unbounded: HessianProblem = defineProblem({
  dimension: 1,
  value: (x) => x[0]!,
  gradient: () => [1],
  hessian: () => [[0]],
});

/** f = −log x + x, only for x > 0: minimum 1 at 1. Trial points outside of the domain give NaN. */
export const barrier = problemFromTerms(1, [{ indices: [[0]], term: ([x]) => x!.sub(x!.log()) }]);
