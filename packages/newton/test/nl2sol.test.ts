import { any, gradientNorm, maxIterations, solve } from "@hessia/core";
import { type Expr, leastSquaresFromTerms } from "@hessia/core/kernel";
import { describe, expect, it } from "vitest";
import {
  type LeastSquaresState,
  levenbergMarquardt,
  nl2sol,
  orthogonality,
  residualNorm,
  trustRegion,
} from "../src/index.js";
import { behavesLikeALeastSquaresMethod } from "./least-squares-behaviour.js";
import { brownDennis, himmelblau, nist, withDenseJacobian } from "./least-squares-problems.js";
import { fittedOrder } from "./order.js";

describe("nl2sol", () => {
  behavesLikeALeastSquaresMethod("nl2sol", nl2sol as never);
});
describe("nl2sol by secants", () => {
  behavesLikeALeastSquaresMethod("nl2sol", (options = {}) => nl2sol({ second: "secant", ...options }));
});

const stop = any<LeastSquaresState>(orthogonality(1e-8), residualNorm(1e-11), maxIterations(2000));

describe("nl2sol on certified fits", () => {
  for (const second of ["exact", "secant"] as const)
    for (const { name, problem, starts, residualSum } of nist)
      it(`${name} from the far start, ${second}`, () => {
        const { value, reason } = solve(nl2sol({ second }), problem, starts[0]!, { stop });
        expect(reason.kind).toBe("converged");
        expect(Math.abs((2 * value) / residualSum - 1)).toBeLessThan(1e-10);
      });
});

describe("nl2sol where residuals stay large", () => {
  const start = [25, 5, -5, -1];
  const tight = any<LeastSquaresState>(orthogonality(1e-9), maxIterations(3000));

  it("goes over to Newton's model, and needs far fewer Jacobians than Levenberg–Marquardt", () => {
    const marquardt = solve(levenbergMarquardt(), brownDennis, start, { stop: tight });
    for (const second of ["exact", "secant"] as const) {
      const { reason, value, counts, state } = solve(nl2sol({ second }), brownDennis, start, { stop: tight });
      expect(reason.kind).toBe("converged");
      expect(2 * value).toBeCloseTo(85822.2, 1);
      expect(state.model).toBe("newton");
      expect(counts.jacobian).toBeLessThan(0.5 * marquardt.counts.jacobian);
      expect(counts.hessian > 0).toBe(second === "exact");
    }
  });

  it("converges quadratically with the exact Hessian, superlinearly by secants", () => {
    const relative = (second: "exact" | "secant") => {
      const { trace } = solve(nl2sol({ second }), brownDennis, start, { stop: tight, trace: true });
      return trace.map((row) => row.gradientNorm / trace[0]!.gradientNorm);
    };
    expect(fittedOrder(relative("exact").map((e) => Math.min(1, 10 * e)))).toBeGreaterThan(1.7);
    const secant = relative("secant");
    const ratios = secant.slice(1).map((e, k) => e / secant[k]!);
    expect(Math.min(...ratios.slice(-4))).toBeLessThan(0.05);
  });

  it("by secants meets the secant equation S p = (J⁺ − J)ᵀ r⁺ after each step", () => {
    const dense = withDenseJacobian(brownDennis);
    const one = solve(nl2sol(), dense, start, { stop: maxIterations(1) }).state;
    const two = solve(nl2sol(), dense, start, { stop: maxIterations(2) }).state;
    expect(two.second).toBe("secant");
    expect(two.stepNorm).toBeGreaterThan(0);
    const n = 4;
    const [J, K] = [one, two].map(({ jacobian }) => (jacobian as { data: Float64Array }).data) as [
      Float64Array,
      Float64Array,
    ];
    for (let i = 0; i < n; i++) {
      let Sp = 0;
      for (let j = 0; j < n; j++) Sp += two.S[i * n + j]! * (two.x[j]! - one.x[j]!);
      let wanted = 0;
      for (let k = 0; k < 20; k++) wanted += (K[k * n + i]! - J[k * n + i]!) * two.residual[k]!;
      expect(Math.abs(Sp - wanted)).toBeLessThan(1e-8 * Math.max(1, Math.abs(wanted)));
      for (let j = 0; j < n; j++) expect(two.S[i * n + j]).toBeCloseTo(two.S[j * n + i]!, 6);
    }
  });
});

describe("nl2sol with an exact sparse Hessian", () => {
  it("takes the chained Rosenbrock function with large residuals added, by sparse factors, to where trustRegion ends", () => {
    // r = 10(x_{i+1} − xᵢ²), 1 − xᵢ, and 2 + xᵢ² that never vanishes.
    const n = 500;
    const own = Array.from({ length: n }, (_, i) => i);
    const pairs = own.slice(0, -1).map((i) => [i, i + 1]);
    const row = (indices: number[][], term: (x: Expr[]) => Expr) => ({
      groups: indices.length,
      outer: (s: Expr) => s,
      inner: [{ indices, group: indices.map((_, k) => k), term }],
    });
    const problem = leastSquaresFromTerms(n, [
      row(pairs, ([x, y]) => y!.sub(x!.square()).mul(10)),
      row(
        own.map((i) => [i]),
        ([x]) => x!.neg().add(1),
      ),
      row(
        own.map((i) => [i]),
        ([x]) => x!.square().add(2),
      ),
    ]);
    const start = new Float64Array(n).fill(0.8);
    const { x, reason, state, counts } = solve(nl2sol(), problem, start, { stop });
    expect(reason.kind).toBe("converged");
    expect(state.S.length).toBe(0);
    expect(counts.hessian).toBeGreaterThan(0);
    const other = solve(trustRegion(), problem, x, { stop: gradientNorm({ absolute: 1e-7, relative: 0 }) });
    for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(other.x[i]!, 6);
  });
});

describe("nl2sol's options", () => {
  it("asks for no Hessian while Gauss–Newton does well", () => {
    expect(solve(nl2sol(), nist[4]!.problem, nist[4]!.solution, { stop }).counts.hessian).toBe(0);
    expect(solve(nl2sol(), himmelblau, [3.1, 2.1], { stop }).counts.hessian).toBe(0);
  });

  it("refuses what it can't have", () => {
    expect(() => nl2sol({ second: "third" as never })).toThrow("options.second");
    expect(() => nl2sol({ factor: -1 })).toThrow("options.factor");
    const dense = withDenseJacobian(himmelblau);
    expect(() => solve(nl2sol({ second: "exact" }), dense, [1, 1])).toThrow('`options.second` is "exact"');
  });
});
