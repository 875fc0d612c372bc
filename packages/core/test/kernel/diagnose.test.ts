// Which term and which operation is blamed where something is not finite.
import { describe, expect, it } from "vitest";
import { lt, problemFromTerms, select } from "../../src/kernel/index.js";

describe("diagnose", () => {
  it("names the term and the operation that is not finite", () => {
    const problem = problemFromTerms(2, [{ indices: [[0], [1]], term: ([x]) => x!.sub(1).log().mul(2) }]);
    const faults = problem.diagnose(Float64Array.of(3, 0.5));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ block: 0, term: 1, operation: "log(-0.5)" });
    expect(faults[0]!.message).toMatch(/^block 0, term 1: log\(-0\.5\) is NaN in log\(/);
    expect(problem.diagnose(Float64Array.of(3, 4))).toEqual([]);
  });

  it("looks at derivatives where all values are finite", () => {
    const problem = problemFromTerms(2, [{ indices: [[0], [1]], term: ([x]) => x!.sqrt() }]);
    const faults = problem.diagnose(Float64Array.of(4, 0));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ block: 0, term: 1, of: "gradient", value: Number.POSITIVE_INFINITY });
    expect(faults[0]!.operation).toBe("div(1, 0)");
    const curved = problemFromTerms(1, [{ indices: [[0]], term: ([x]) => x!.abs().pow(1.5) }]);
    expect(curved.diagnose(Float64Array.of(0))[0]).toMatchObject({ of: "hessian" });
  });

  it("never blames a branch that isn't chosen", () => {
    const problem = problemFromTerms(1, [
      { indices: [[0]], term: ([x]) => select(lt(0, x!), x!.log(), x!.square()).add(x!.add(3).sqrt()) },
    ]);
    expect(problem.diagnose(Float64Array.of(-2))).toEqual([]);
    expect(problem.diagnose(Float64Array.of(-5))[0]).toMatchObject({ of: "value", operation: "sqrt(-2)" });
    const both = problemFromTerms(1, [
      { indices: [[0]], term: ([x]) => select(lt(0, x!), x!.log(), x!.sqrt()).mul(2) },
    ]);
    expect(both.diagnose(Float64Array.of(-5))[0]).toMatchObject({ of: "value", operation: "sqrt(-5)" });
  });

  it("names the inner block or the outer function of a group", () => {
    const problem = problemFromTerms(2, [
      {
        groups: 2,
        inner: [{ indices: [[0], [1]], group: [0, 1], term: ([x]) => x!.inv() }],
        outer: (s) => s.log(),
      },
    ]);
    expect(problem.diagnose(Float64Array.of(1, 0))[0]).toMatchObject({ block: 0, inner: 0, term: 1 });
    const [fault] = problem.diagnose(Float64Array.of(1, -2));
    expect(fault).toMatchObject({ block: 0, term: 1, operation: "log(-0.5)" });
    expect(fault).not.toHaveProperty("inner");
  });
});
