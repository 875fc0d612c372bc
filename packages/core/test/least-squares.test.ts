import {
  checkGradient,
  checkHessian,
  checkJacobian,
  counted,
  EvaluationError,
  leastSquaresProblem,
  maxEvaluations,
  sumOfSquares,
} from "@hessia/core";
import { leastSquaresFromTerms } from "@hessia/core/kernel";
import { describe, expect, it } from "vitest";

// r = (10 (y − x²), 1 − x): Rosenbrock's function is ‖r‖², its second derivatives are known by hand.
const plain = {
  dimension: 2,
  residuals: 2,
  residual: ([x, y]: Float64Array) => [10 * (y! - x! * x!), 1 - x!],
  jacobian: ([x]: Float64Array) => [
    [-20 * x!, 10],
    [-1, 0],
  ],
};
const exact = {
  ...plain,
  residualHessian: (_x: Float64Array, w: Float64Array) => [
    [-20 * w[0]!, 0],
    [0, 0],
  ],
};
const at = Float64Array.of(-1.2, 1);

describe("leastSquaresProblem", () => {
  it("has value, gradient and exact Hessian that agree with hand calculation", () => {
    const problem = leastSquaresProblem(exact);
    // r = (−4.4, 2.2), J = (24, 10; −1, 0).
    expect(problem.value(at)).toBeCloseTo(0.5 * (4.4 ** 2 + 2.2 ** 2), 12);
    const g = problem.gradientInto(new Float64Array(2), at);
    expect(g[0]).toBeCloseTo(24 * -4.4 - 2.2, 12);
    expect(g[1]).toBeCloseTo(-44, 12);
    const H = problem.hessianInto(problem.newHessian(), at);
    // JᵀJ + r₁ ∇²r₁ = (577 + 88, 240; 240, 100).
    for (const [k, wanted] of [665, 240, 240, 100].entries())
      expect((H as { data: Float64Array }).data[k]).toBeCloseTo(wanted, 10);
    expect(checkGradient(problem, at).verdict).toBe("right");
    expect(checkHessian(problem, at).verdict).toBe("right");
    expect(checkJacobian(problem, at).verdict).toBe("right");
    expect(problem.valueAndGradientInto!(g, at)).toBe(problem.value(at));
  });

  it("has no Hessian where none was given", () => {
    expect("hessianInto" in leastSquaresProblem(plain)).toBe(false);
  });

  it("agrees with residuals and Hessian made of terms", () => {
    const terms = leastSquaresFromTerms(2, [
      {
        groups: 1,
        outer: (s) => s.mul(10),
        inner: [{ indices: [[0, 1]], group: [0], term: ([x, y]) => y!.sub(x!.square()) }],
      },
      { groups: 1, outer: (s) => s, inner: [{ indices: [[0]], group: [0], term: ([x]) => x!.neg().add(1) }] },
    ]);
    const hand = leastSquaresProblem(exact);
    expect(terms.value(at)).toBeCloseTo(hand.value(at), 12);
    expect([...terms.residualInto(new Float64Array(2), at)]).toEqual([expect.closeTo(-4.4), expect.closeTo(2.2)]);
    expect(terms.gradientInto(new Float64Array(2), at)[0]).toBeCloseTo(24 * -4.4 - 2.2, 11);
    const H = terms.hessianInto(terms.newHessian(), at);
    expect(H.kind === "sparse" && H.values[0]).toBeCloseTo(665, 10);
    expect(checkJacobian(terms, at).verdict).toBe("right");
  });

  it("serves no residuals, and no variables", () => {
    const none = leastSquaresProblem({ dimension: 2, residuals: 0, residual: () => [], jacobian: () => [] });
    expect(none.value(at)).toBe(0);
    expect([...none.gradientInto(new Float64Array(2), at)]).toEqual([0, 0]);
  });

  it("refuses what doesn't fit", () => {
    expect(() => leastSquaresProblem({ ...plain, foo: 1 } as never)).toThrow("`options.foo` is not an option");
    expect(() => leastSquaresProblem({ ...plain, residuals: -1 })).toThrow("wanted a non-negative integer");
    expect(() => leastSquaresProblem({ ...plain, jacobian: 3 as never })).toThrow("`jacobian` is 3");
    expect(() => leastSquaresProblem({ ...plain, residual: () => [1] }).value(at)).toThrow("wanted 2 numbers");
    expect(() => leastSquaresProblem({ ...plain, jacobian: () => [[1, 2]] }).gradientInto(at.slice(), at)).toThrow(
      "1 × 2",
    );
    expect(() => sumOfSquares({ dimension: 1, residuals: 1 } as never)).toThrow("`system.residualInto` is undefined");
    expect(() => sumOfSquares(null as never)).toThrow("wanted a system");
  });
});

describe("counts of residuals and Jacobians", () => {
  it("are kept, and may be limited", () => {
    const problem = counted(leastSquaresProblem(plain));
    problem.residualInto(new Float64Array(2), at);
    problem.residualInto(new Float64Array(2), at);
    problem.jacobianInto(problem.newJacobian(), at);
    expect(problem.counts).toMatchObject({ residual: 2, jacobian: 1, value: 0, gradient: 0 });
    const rule = maxEvaluations({ residual: 2 });
    expect(rule({ state: {} as never, previousValue: undefined, counts: problem.counts, elapsed: 0 })).toMatchObject({
      kind: "budget",
      detail: "2 residual evaluations",
    });
  });

  it("an exception in the residual is named", () => {
    const throwing = counted({ ...sumOfSquares(leastSquaresProblem(plain)), dimension: 2, value: () => 0 });
    expect(throwing.dimension).toBe(2);
    const broken = counted(
      leastSquaresProblem({
        ...plain,
        residual: () => {
          throw new Error("no data");
        },
      }),
    );
    expect(() => broken.residualInto(new Float64Array(2), at)).toThrow(EvaluationError);
    expect(() => broken.residualInto(new Float64Array(2), at)).toThrow("`residual` threw at evaluation 2: no data");
  });
});

describe("checkJacobian", () => {
  it("finds the wrong entry", () => {
    const wrong = leastSquaresProblem({
      ...plain,
      jacobian: ([x]) => [
        [-20 * x!, 10],
        [1, 0],
      ],
    });
    const check = checkJacobian(wrong, at);
    expect(check.verdict).toBe("wrong");
    expect(check.suspects[0]).toMatchObject({ row: 1, col: 0, given: 1 });
    expect(check.suspects[0]!.difference).toBeCloseTo(-1, 6);
    expect(check.slope).toBeCloseTo(1, 0);
  });

  it("refuses a problem without residuals", () => {
    expect(() => checkJacobian({ dimension: 1, value: () => 0 } as never, [0])).toThrow("without residuals");
  });
});
