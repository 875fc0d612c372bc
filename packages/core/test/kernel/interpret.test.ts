// The interpreter against compiled code, bit by bit, and when it is chosen.
import { describe, expect, it, vi } from "vitest";
import { div, type Expr, mul, problemFromTerms, sub } from "../../src/kernel/index.js";

const rosenbrock = ([x, y]: Expr[]) => mul(100, y!.sub(x!.square()).square()).add(sub(1, x!).square());

describe("interpreted evaluation", () => {
  it("gives the same bits as compiled code", () => {
    const blocks = [
      {
        indices: [
          [0, 1],
          [1, 2],
          [2, 2],
        ],
        data: [[0.3], [1.7], [2]],
        term: ([x, y]: Expr[], [c]: Expr[]) => div(x!.exp().sin(), y!.square().add(c!)).add(x!.mul(y!).tanh()),
      },
      {
        groups: 2,
        inner: [{ indices: [[0], [1], [2]], group: [0, 1, 1], term: ([x]: Expr[]) => x!.cosh() }],
        outer: (s: Expr) => s.log().mul(s),
      },
    ];
    const [a, b] = (["compiled", "interpreted"] as const).map((evaluation) =>
      problemFromTerms(3, blocks, { evaluation }),
    );
    expect(b!.structure.evaluation).toBe("interpreted");
    const x = Float64Array.of(0.3, -1.1, 0.7);
    const v = Float64Array.of(1, 2, -3);
    expect(b!.value(x)).toBe(a!.value(x));
    const [ga, gb] = [a!, b!].map((p) => p.gradientInto(new Float64Array(3), x));
    expect(gb).toEqual(ga);
    const [Ha, Hb] = [a!, b!].map((p) => {
      const H = p.newHessian();
      p.hessianInto(H, x);
      return H.values;
    });
    expect(Hb).toEqual(Ha);
    expect(b!.hessianApplyInto(new Float64Array(3), x, v)).toEqual(a!.hessianApplyInto(new Float64Array(3), x, v));
  });

  it("is chosen where code may not be compiled from text", () => {
    vi.stubGlobal("Function", () => {
      throw new EvalError("Refused to evaluate a string as JavaScript");
    });
    try {
      const problem = problemFromTerms(2, [{ indices: [[0, 1]], term: rosenbrock }]);
      expect(problem.value(Float64Array.of(0, 0))).toBe(1);
      expect(problem.structure.evaluation).toBe("interpreted");
    } finally {
      vi.unstubAllGlobals();
    }
    expect(problemFromTerms(2, []).structure.evaluation).toBe("compiled");
  });
});
