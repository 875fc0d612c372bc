// Selections: what happens in the branch that is not chosen stays there.
import { describe, expect, it } from "vitest";
import { type Expr, lt, problemFromTerms, select } from "../../src/kernel/index.js";

describe("select", () => {
  it("keeps a NaN in the branch that isn't chosen out of the value and of every derivative", () => {
    const problem = problemFromTerms(1, [{ indices: [[0]], term: ([x]) => select(lt(0, x!), x!.log(), x!.square()) }]);
    const at = Float64Array.of(-2);
    expect(problem.value(at)).toBe(4);
    expect(problem.gradientInto(new Float64Array(1), at)[0]).toBe(-4);
    const H = problem.newHessian();
    problem.hessianInto(H, at);
    expect(H.values[0]).toBe(2);
    expect(problem.hessianApplyInto(new Float64Array(1), at, Float64Array.of(1))[0]).toBe(2);
  });

  it("also where the derivatives of the other branch are NaN or infinite", () => {
    // √x and its derivatives are NaN at −2, x^1.5 has an infinite second derivative at 0; the branch is squared and scaled.
    const term = ([x, y]: Expr[]) =>
      select(lt(0, x!), x!.sqrt().add(x!.abs().pow(1.5)), x!.square())
        .mul(y!)
        .square();
    for (const evaluation of ["compiled", "interpreted"] as const) {
      const problem = problemFromTerms(2, [{ indices: [[0, 1]], term }], { evaluation });
      for (const x of [-2, 0]) {
        // (x² y)² there: gradient (4 x³ y², 2 x⁴ y).
        const at = Float64Array.of(x, 3);
        expect(problem.value(at)).toBe((x * x * 3) ** 2);
        expect(Array.from(problem.gradientInto(new Float64Array(2), at))).toEqual([36 * x ** 3 + 0, 6 * x ** 4]);
        const H = problem.newHessian();
        problem.hessianInto(H, at);
        expect(Array.from(H.values)).toEqual([108 * x ** 2, 24 * x ** 3 + 0, 2 * x ** 4]);
        const Hv = problem.hessianApplyInto(new Float64Array(2), at, Float64Array.of(1, 1));
        expect(Array.from(Hv)).toEqual([108 * x ** 2 + 24 * x ** 3, 24 * x ** 3 + 2 * x ** 4]);
      }
    }
  });
});
