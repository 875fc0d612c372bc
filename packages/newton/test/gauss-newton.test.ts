import { any, type DenseMatrix, leastSquaresProblem, maxIterations, solve } from "@hessia/core";
import { choleskyFactorize, choleskySolveInto, denseMatrix } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import {
  type GaussNewtonState,
  gaussNewton,
  type LeastSquaresState,
  orthogonality,
  residualNorm,
} from "../src/index.js";
import { behavesLikeALeastSquaresMethod } from "./least-squares-behaviour.js";
import { brownDennis, nist, wide, withDenseJacobian } from "./least-squares-problems.js";

describe("gaussNewton", () => {
  behavesLikeALeastSquaresMethod("gaussNewton", gaussNewton as never);
});

const stop = any<LeastSquaresState>(orthogonality(1e-8), residualNorm(1e-11), maxIterations(500));
const once = maxIterations(1);

/** x − (JᵀJ + λI)⁻¹Jᵀr by the book, dense. */
function dampedStep(problem: ReturnType<typeof withDenseJacobian>, x: Float64Array, lambda: number): Float64Array {
  const { dimension: n, residuals: m } = problem;
  const J = problem.jacobianInto(problem.newJacobian(), x) as DenseMatrix;
  const r = problem.residualInto(new Float64Array(m), x);
  const H = denseMatrix(n, n);
  const g = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < m; k++) {
      g[i]! += J.data[k * n + i]! * r[k]!;
      for (let j = 0; j < n; j++) H.data[i * n + j]! += J.data[k * n + i]! * J.data[k * n + j]!;
    }
    H.data[i * n + i]! += lambda;
  }
  const d = choleskySolveInto(new Float64Array(n), choleskyFactorize(H), g);
  return x.map((xi, i) => xi - d[i]!);
}

describe("the exact Gauss–Newton step", () => {
  it("is the same from m × m and n × n systems, and the one of the normal equations (Duncan, Guttman)", () => {
    for (const problem of [wide, brownDennis]) {
      const n = problem.dimension;
      const start = Float64Array.from({ length: n }, (_, i) => (problem === wide ? 0.9 + 0.05 * i : 2 + i));
      const wanted = dampedStep(withDenseJacobian(problem), start, 0.25);
      for (const one of [problem, withDenseJacobian(problem)])
        for (const system of ["rows", "columns"] as const) {
          const { state } = solve(gaussNewton({ damping: 0.25, system }), one, start, { stop: once });
          expect((state as GaussNewtonState).step).toBe(1);
          for (let i = 0; i < n; i++) expect(state.x[i]).toBeCloseTo(wanted[i]!, 9);
        }
    }
  });

  it("without damping is the step of least norm for fewer equations than unknowns", () => {
    // x + 2y + 2z = 9 from 0: (1, 2, 2).
    const plane = leastSquaresProblem({
      dimension: 3,
      residuals: 1,
      residual: ([x, y, z]) => [x! + 2 * y! + 2 * z! - 9],
      jacobian: () => [[1, 2, 2]],
    });
    const { x } = solve(gaussNewton(), plane, [0, 0, 0], { stop: once });
    for (const [i, wanted] of [1, 2, 2].entries()) expect(x[i]).toBeCloseTo(wanted, 12);
  });

  it("raises the damping from rounding's size where rows are dependent", () => {
    // The same equation twice: JJᵀ is singular.
    const twice = leastSquaresProblem({
      dimension: 3,
      residuals: 2,
      residual: ([x, y]) => [x! + y! - 2, x! + y! - 2],
      jacobian: () => [
        [1, 1, 0],
        [1, 1, 0],
      ],
    });
    const { x, state, reason } = solve(gaussNewton(), twice, [0, 0, 5], { stop });
    expect(reason.kind).toBe("converged");
    expect(state.damping).toBeGreaterThan(0);
    expect(state.damping).toBeLessThan(1e-12);
    for (const [i, wanted] of [1, 1, 5].entries()) expect(x[i]).toBeCloseTo(wanted, 10);
  });

  it("leaves dependent columns of a tall Jacobian unused", () => {
    const { problem, starts } = nist[0]!;
    const doubled = leastSquaresProblem({
      dimension: 3,
      residuals: problem.residuals,
      residual: ([a, b, c]) => problem.residualInto(new Float64Array(14), Float64Array.of(a!, b! + c!)),
      jacobian([a, b, c]) {
        const J = problem.jacobianInto(problem.newJacobian(), Float64Array.of(a!, b! + c!)) as { values: Float64Array };
        return Array.from({ length: 14 }, (_, k) => [J.values[k]!, J.values[14 + k]!, J.values[14 + k]!]);
      },
    });
    const { x, reason, value } = solve(gaussNewton(), doubled, [...starts[1]!, 0], { stop });
    expect(reason.kind).toBe("converged");
    expect(2 * value).toBeCloseTo(1.2455138894e-1, 9);
    expect(x[1]! + x[2]!).toBeCloseTo(5.5015643181e-4, 10);
  });
});

describe("gaussNewton's ends", () => {
  it("says that the line search found nothing, where one trial is all it may make", () => {
    const { reason } = solve(gaussNewton({ maxTrials: 1 }), nist[5]!.problem, nist[5]!.starts[0]!, { stop });
    expect(reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(reason.detail).toContain("line search");
  });

  it("says that the direction leads nowhere where J says nothing", () => {
    const blind = leastSquaresProblem({ dimension: 1, residuals: 1, residual: () => [1], jacobian: () => [[0]] });
    const { reason } = solve(gaussNewton(), blind, [0], { stop: maxIterations(5) });
    expect(reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(reason.detail).toContain("downhill");
  });

  it("refuses options out of range", () => {
    expect(() => gaussNewton({ damping: -1 })).toThrow("options.damping");
    expect(() => gaussNewton({ maxTrials: 0 })).toThrow("options.maxTrials");
    expect(() => gaussNewton({ system: "both" as never })).toThrow("options.system");
    expect(() => solve(gaussNewton({ system: "rows" }), nist[0]!.problem, [500, 1e-4])).toThrow("JJᵀ is singular here");
  });
});
