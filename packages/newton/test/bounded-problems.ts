// Problems with bounds whose solutions are known before a method runs.
import {
  type AnyProblem,
  defineProblem,
  type HasBounds,
  type HasHessian,
  type HasHessianApply,
  withBounds,
} from "@hessia/core";
import { problemFromTerms } from "@hessia/core/kernel";
import { coshes } from "./problems-for-tests.js";

export type BoundedProblem = AnyProblem & HasHessian & HasHessianApply & HasBounds;

export interface Known {
  readonly problem: BoundedProblem;
  readonly start: Float64Array;
  readonly solution: Float64Array;
  /** λ of the solution. */
  readonly multipliers: Float64Array;
}

/** Where a variable of a manufactured solution is, and its multiplier. */
export type Place = readonly ["lower" | "upper" | "free" | "fixed", number];

/**
 * q(x) = ½ (x − x*)ᵀA(x − x*) + λᵀ(x − x*), A = tridiag(−1, 4, −1): with the signs of λ right at the bounds, x* is the only minimizer.
 * x*ᵢ = sin i, and the other bound is 2 away.
 */
export function manufactured(places: readonly Place[], dense = false): Known {
  const n = places.length;
  const solution = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
  const multipliers = Float64Array.from(places, ([, lambda]) => lambda);
  const far = (i: number, sign: number, ...kinds: string[]) =>
    kinds.includes(places[i]![0]) ? solution[i]! : solution[i]! + sign * 2;
  const lower = solution.map((_, i) => far(i, -1, "lower", "fixed"));
  const upper = solution.map((_, i) => far(i, 1, "upper", "fixed"));
  const sparse = problemFromTerms(n, [
    {
      indices: Array.from({ length: n }, (_, i) => [i]),
      data: Array.from({ length: n }, (_, i) => [solution[i]!, multipliers[i]!]),
      term: ([x], [c, l]) => x!.sub(c!).square().mul(2).add(x!.sub(c!).mul(l!)),
    },
    {
      indices: Array.from({ length: n - 1 }, (_, i) => [i, i + 1]),
      data: Array.from({ length: n - 1 }, (_, i) => [solution[i]!, solution[i + 1]!]),
      term: ([x, y], [c, d]) => x!.sub(c!).mul(y!.sub(d!)).neg(),
    },
  ]);
  const entry = (i: number, j: number): number => (i === j ? 4 : Math.abs(i - j) === 1 ? -1 : 0);
  const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => entry(i, j)));
  const times = (v: ArrayLike<number>) => rows.map((row) => row.reduce((sum, a, j) => sum + a * v[j]!, 0));
  const full = defineProblem({
    dimension: n,
    value: (x) => {
      const d = x.map((xi, i) => xi - solution[i]!);
      return times(d).reduce((sum, Ad, i) => sum + (0.5 * Ad + multipliers[i]!) * d[i]!, 0);
    },
    gradient: (x) => times(x.map((xi, i) => xi - solution[i]!)).map((Ad, i) => Ad + multipliers[i]!),
    hessian: () => rows,
    hessianApply: (_x, v) => times(v),
  });
  const problem: BoundedProblem = withBounds(dense ? full : sparse, lower, upper);
  const start = solution.map((s, i) => Math.min(upper[i]!, Math.max(lower[i]!, s + 1.5 * Math.cos(3 * i))));
  return { problem, start, solution, multipliers };
}

/** A mixture: every third variable at its lower bound, every fifth at its upper one, strictly complementary. */
export const mixture = (n: number): Place[] =>
  Array.from({ length: n }, (_, i) =>
    i % 3 === 0 ? ["lower", 1 + (i % 2)] : i % 5 === 0 ? ["upper", -0.5] : ["free", 0],
  );

/** Σ cosh(xᵢ − sin i) over |xᵢ| ≤ ½: the minimizer is the projection of (sin i). */
export function boundedCoshes(n: number): Known {
  const problem: BoundedProblem = withBounds(coshes(n), -0.5, 0.5);
  const solution = Float64Array.from({ length: n }, (_, i) => Math.min(0.5, Math.max(-0.5, Math.sin(i))));
  const multipliers = solution.map((s, i) => Math.sinh(s - Math.sin(i)));
  return { problem, start: new Float64Array(n).fill(0.4), solution, multipliers };
}

/**
 * An elastic membrane over an obstacle, on a grid of m × m inner points with zero boundary: ½ Σ (differences)² − c Σ u, u ≥ ψ.
 * The solution comes from projected Gauss and Seidel sweeps, until nothing moves by more than 1e-14.
 */
export function obstacle(m: number): Known & { readonly psi: Float64Array } {
  const force = -2 / m ** 2;
  const at = (i: number, j: number) => i * m + j;
  const psi = Float64Array.from({ length: m * m }, (_, k) => {
    const [s, t] = [(Math.floor(k / m) + 1) / (m + 1), ((k % m) + 1) / (m + 1)];
    return 0.3 * Math.sin(3 * Math.PI * s) * Math.sin(2 * Math.PI * t) - 0.1;
  });
  const inside = (i: number) => i >= 0 && i < m;
  const pairs: number[][] = [];
  const edges: number[][] = [];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      for (const [a, b] of [
        [i + 1, j],
        [i, j + 1],
      ] as const)
        if (inside(a) && inside(b)) pairs.push([at(i, j), at(a, b)]);
      for (const [a, b] of [
        [i + 1, j],
        [i, j + 1],
        [i - 1, j],
        [i, j - 1],
      ] as const)
        if (!inside(a) || !inside(b)) edges.push([at(i, j)]);
    }
  const problem: BoundedProblem = withBounds(
    problemFromTerms(m * m, [
      { indices: pairs, term: ([u, v]) => u!.sub(v!).square().mul(0.5) },
      { indices: edges, term: ([u]) => u!.square().mul(0.5) },
      { indices: Array.from({ length: m * m }, (_, k) => [k]), term: ([u]) => u!.mul(-force) },
    ]),
    psi,
    Number.POSITIVE_INFINITY,
  );
  const u = psi.map((p) => Math.max(0, p));
  const value = (i: number, j: number) => (inside(i) && inside(j) ? u[at(i, j)]! : 0);
  for (let moved = 1; moved > 1e-14; ) {
    moved = 0;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < m; j++) {
        const sum = value(i + 1, j) + value(i - 1, j) + value(i, j + 1) + value(i, j - 1);
        const next = Math.max(psi[at(i, j)]!, (sum + force) / 4);
        moved = Math.max(moved, Math.abs(next - u[at(i, j)]!));
        u[at(i, j)] = next;
      }
  }
  const multipliers = problem.gradientInto(new Float64Array(m * m), u);
  return { problem, start: psi.map((p) => p + 1), solution: u, multipliers, psi };
}
