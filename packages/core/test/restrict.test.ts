import { describe, expect, it } from "vitest";
import { checkGradient, checkHessian, defineProblem, restrictProblem } from "../src/index.js";
import { problemFromTerms } from "../src/kernel/index.js";
import { toDenseMatrix } from "../src/linear/sparse/csc.js";

const n = 6;
const chain = problemFromTerms(n, [
  { indices: Array.from({ length: n - 1 }, (_, i) => [i, i + 1]), term: ([x, y]) => x!.mul(y!.square()).add(x!.sin()) },
]);
const x = Float64Array.of(0.1, 0.2, -0.3, 0.4, 0.5, -0.6);
const free = [0, 2, 3, 5];

describe("restrictProblem", () => {
  it("is the whole problem with the others held: value, gradient, Hessian, products", () => {
    const { problem, restrict, extend } = restrictProblem(chain, free, x);
    const y = Float64Array.of(1, -1, 0.5, 2);
    const whole = extend(y);
    expect([...whole]).toEqual([1, 0.2, -1, 0.5, 0.5, 2]);
    expect([...restrict(whole)]).toEqual([...y]);
    expect(problem.value(y)).toBe(chain.value(whole));
    const g = chain.gradientInto(new Float64Array(n), whole);
    expect([...problem.gradientInto(new Float64Array(4), y)]).toEqual(free.map((i) => g[i]));
    const H = chain.newHessian();
    chain.hessianInto(H, whole);
    const dense = toDenseMatrix(H).data;
    const part = problem.newHessian!();
    problem.hessianInto!(part, y);
    expect([...toDenseMatrix(part as typeof H).data]).toEqual(free.flatMap((i) => free.map((j) => dense[i * n + j]!)));
    expect(checkGradient(problem, y).verdict).toBe("right");
    expect(checkHessian(problem as typeof chain, y).verdict).toBe("right");
  });

  it("takes dense Hessians, and nothing that isn't there", () => {
    const square = defineProblem({
      dimension: 3,
      value: ([a, b, c]) => a! * b! + c! ** 2,
      gradient: ([a, b, c]) => [b!, a!, 2 * c!],
      hessian: () => [
        [0, 1, 0],
        [1, 0, 0],
        [0, 0, 2],
      ],
    });
    const { problem } = restrictProblem(square, [0, 2], [7, 8, 9]);
    const H = problem.newHessian!();
    problem.hessianInto!(H, Float64Array.of(1, 2));
    expect(H.kind === "dense" && [...H.data]).toEqual([0, 0, 0, 2]);
    expect(problem.hessianApplyInto).toBeUndefined();
    expect([...problem.gradientInto(new Float64Array(2), Float64Array.of(1, 2))]).toEqual([8, 4]);
  });

  it("refuses lists that aren't ascending numbers of variables", () => {
    for (const wrong of [[1, 0], [0, 0], [6], [-1], [0.5]])
      expect(() => restrictProblem(chain, wrong, x)).toThrow(/free\[/);
    expect(() => restrictProblem(chain, [0], [1])).toThrow(/x.*6 numbers/s);
  });
});
