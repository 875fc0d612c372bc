import { describe, expect, it } from "vitest";
import {
  all,
  any,
  type GradientState,
  gradientNorm,
  maxEvaluations,
  maxIterations,
  type Observation,
  projectedGradientNorm,
  relativeDecrease,
  stepNorm,
  targetValue,
  timeLimit,
  unboundedBelow,
} from "../src/index.js";

const counts = { value: 5, gradient: 4, hessian: 3, hessianApply: 2, residual: 0, jacobian: 0, factorization: 1 };
const see = (
  state: Partial<GradientState>,
  more: Partial<Observation<GradientState>> = {},
): Observation<GradientState> => ({
  state: {
    method: "m",
    iteration: 7,
    x: Float64Array.of(3, 4),
    value: 2,
    failure: null,
    gradient: Float64Array.of(1e-3, 0),
    gradientNorm: 1e-3,
    initialGradientNorm: 100,
    stepNorm: 1e-9,
    ...state,
  },
  previousValue: 2.5,
  counts,
  elapsed: 50,
  ...more,
});

describe("stop rules", () => {
  it("gradientNorm is the larger of the absolute and the relative test", () => {
    expect(gradientNorm({ absolute: 1e-3, relative: 0 })(see({}))?.kind).toBe("converged");
    expect(gradientNorm({ absolute: 0, relative: 1e-5 })(see({}))?.kind).toBe("converged");
    expect(gradientNorm({ absolute: 9e-4, relative: 9e-6 })(see({}))).toBeNull();
    expect(gradientNorm(1e-5)(see({}))?.kind).toBe("converged");
    expect(gradientNorm(1e-5)(see({ gradientNorm: Number.NaN }))).toBeNull();
  });

  it("projectedGradientNorm looks at the projected gradient where the state has one, and is gradientNorm else", () => {
    const bounded = { projectedGradientNorm: 1e-6, initialProjectedGradientNorm: 10 } as object;
    expect(projectedGradientNorm({ absolute: 1e-6, relative: 0 })(see(bounded))).toEqual({
      kind: "converged",
      rule: "projectedGradientNorm",
      detail: "‖P(x − g) − x‖∞ = 1.00e-6 ≤ 1.00e-6",
    });
    expect(projectedGradientNorm({ absolute: 0, relative: 1e-7 })(see(bounded))?.kind).toBe("converged");
    expect(projectedGradientNorm({ absolute: 9e-7, relative: 9e-8 })(see(bounded))).toBeNull();
    expect(gradientNorm({ absolute: 1e-6, relative: 0 })(see(bounded))).toBeNull();
    expect(projectedGradientNorm({ absolute: 1e-3, relative: 0 })(see({}))).toEqual(
      gradientNorm({ absolute: 1e-3, relative: 0 })(see({})),
    );
    expect(projectedGradientNorm({ absolute: 9e-4, relative: 9e-6 })(see({}))).toBeNull();
  });

  it("stepNorm is relative to x and doesn't count a rejected step or the start", () => {
    expect(stepNorm(2e-10)(see({}))?.rule).toBe("stepNorm");
    expect(stepNorm(1.9e-10)(see({}))).toBeNull();
    expect(stepNorm(0.5)(see({ stepNorm: 0 }))).toBeNull();
    expect(stepNorm(0.5)(see({ stepNorm: Number.POSITIVE_INFINITY }))).toBeNull();
  });

  it("relativeDecrease compares with the value before the step", () => {
    expect(relativeDecrease(0.25)(see({}))?.kind).toBe("converged");
    expect(relativeDecrease(0.24)(see({}))).toBeNull();
    expect(relativeDecrease(0.25)(see({ stepNorm: 0 }))).toBeNull();
    expect(relativeDecrease(0.25)(see({}, { previousValue: undefined }))).toBeNull();
  });

  it("targetValue, maxIterations, maxEvaluations, timeLimit and unboundedBelow", () => {
    expect(targetValue(2)(see({}))?.kind).toBe("converged");
    expect(targetValue(1.99)(see({}))).toBeNull();
    expect(maxIterations(7)(see({}))?.kind).toBe("budget");
    expect(maxIterations(8)(see({}))).toBeNull();
    expect(maxEvaluations({ hessian: 3 })(see({}))?.detail).toBe("3 hessian evaluations");
    expect(maxEvaluations({ hessian: 4, factorization: 2 })(see({}))).toBeNull();
    expect(timeLimit(50)(see({}))?.kind).toBe("budget");
    expect(timeLimit(51)(see({}))).toBeNull();
    expect(unboundedBelow()(see({ value: -2e20 }))?.kind).toBe("failed");
    expect(unboundedBelow()(see({ value: -9e19 }))).toBeNull();
  });

  it("any takes the first answer, all wants every one", () => {
    expect(any(timeLimit(50), maxIterations(7))(see({}))?.rule).toBe("timeLimit");
    expect(any(timeLimit(99), maxIterations(99))(see({}))).toBeNull();
    expect(all(maxIterations(7), timeLimit(50))(see({}))).toEqual({
      kind: "budget",
      rule: "maxIterations and timeLimit",
      detail: "7 iterations; 50 ms",
    });
    expect(all(maxIterations(7), timeLimit(51))(see({}))).toBeNull();
  });

  it("throws on misuse", () => {
    expect(() => gradientNorm(-1)).toThrow(
      "gradientNorm: argument `absolute` is -1; wanted a number >= 0 and < Infinity.",
    );
    expect(() => projectedGradientNorm({ relative: 1 })).toThrow(
      "projectedGradientNorm: argument `relative` is 1; wanted a number >= 0 and < 1.",
    );
    expect(() => gradientNorm(Number.NaN)).toThrow("gradientNorm: argument `absolute` is NaN");
    expect(() => maxIterations(1.5)).toThrow("maxIterations: argument `limit` is 1.5; wanted an integer >= 0.");
    expect(() => maxEvaluations({ hessians: 3 } as object)).toThrow(
      "maxEvaluations: argument `limits.hessians` is not a kind of evaluation",
    );
    expect(() => any()).toThrow("any: argument `rules` is empty; wanted at least one stop rule.");
    expect(() => all(3 as never)).toThrow("all: argument `rules[0]` is 3; wanted a stop rule (a function).");
    expect(() => timeLimit(-1)).toThrow("timeLimit: argument `milliseconds` is -1");
    expect(() => unboundedBelow(0)).toThrow("unboundedBelow: argument `bound` is 0; wanted a number > 0.");
  });
});
