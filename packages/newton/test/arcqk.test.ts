import { gradientNorm, type HessianApplyProblem, lanczosCubicInto, maxIterations, solve } from "@hessia/core";
import { problemFromTerms } from "@hessia/core/kernel";
import { dot, krylovSpace, norm2, operatorFromFunction } from "@hessia/core/linear";
import { describe, expect, it } from "vitest";
import { arcqk } from "../src/index.js";
import { chainedRosenbrock, convexQuadratic, coshes, largeSaddle } from "./problems-for-tests.js";
import { behavesLikeAMethod, behavesLikeASecondOrderMethod } from "./shared-behaviour.js";

const tight = gradientNorm({ absolute: 1e-10, relative: 0 });

describe("arcqk", () => {
  behavesLikeAMethod(() => arcqk());
  behavesLikeASecondOrderMethod("arcqk", arcqk);

  it("asks for products only, of which a rejected step takes none", () => {
    // Newton's step from x is −x³ − x for √(1 + x²): far too long, and α far too large to see it.
    const problem = problemFromTerms(30, [
      { indices: Array.from({ length: 30 }, (_, i) => [i]), term: ([x]) => x!.square().add(1).sqrt() },
    ]);
    const method = arcqk({ initialAlpha: 1e6 });
    const { counts, reason, state } = solve(method, problem, new Float64Array(30).fill(10), {
      stop: maxIterations(1),
    });
    expect(reason.kind).toBe("budget");
    expect(counts.value).toBeGreaterThan(3);
    expect(counts.hessian).toBe(0);
    expect(counts.hessianApply).toBeLessThanOrEqual(3);
    expect(state.alpha).toBeLessThan(1e6);
  });

  it("comes within a few per cent of the cubic model's minimum", () => {
    const n = 20;
    const problem = chainedRosenbrock(n);
    const x0 = Float64Array.from({ length: n }, (_, i) => Math.sin(3 * i));
    for (const initialAlpha of [1e-4, 1e-3, 1e-2]) {
      const { x, state } = solve(arcqk({ initialAlpha }), problem, x0, { stop: maxIterations(1) });
      expect(state.alpha).toBeGreaterThanOrEqual(initialAlpha);
      const g = problem.gradientInto(new Float64Array(n), x0);
      const A = operatorFromFunction(n, (out, v) => problem.hessianApplyInto(out, x0, v), { symmetric: true });
      const M = 2 / initialAlpha;
      const model = (s: Float64Array) =>
        dot(g, s) + 0.5 * dot(s, A.applyInto(new Float64Array(n), s)) + (M / 6) * norm2(s) ** 3;
      const best = new Float64Array(n);
      lanczosCubicInto(best, A, g, M, krylovSpace(n, n), 1e-10);
      const step = x.map((v, i) => v - x0[i]!);
      expect(model(step)).toBeLessThan(0.93 * model(best));
      expect(model(step)).toBeGreaterThanOrEqual(model(best) * (1 + 1e-10));
    }
  });

  it("gets along with one product a step", () => {
    const { problem, solution } = convexQuadratic(20);
    const { x, reason, counts, iterations } = solve(arcqk({ maxProducts: 1 }), problem, new Float64Array(20));
    expect(reason.kind).toBe("converged");
    for (let i = 0; i < 20; i++) expect(x[i]).toBeCloseTo(solution[i]!, 6);
    // The second-order test at the end has its own products.
    expect(counts.hessianApply).toBeLessThanOrEqual(iterations + 20);
  });
});

describe("arcqk with a kept basis", () => {
  behavesLikeAMethod(() => arcqk({ basisPeriod: 3 }));

  it("leaves a strict saddle", () => {
    const { value } = solve(arcqk({ basisPeriod: 5 }), largeSaddle(300), new Float64Array(300));
    expect(value).toBeCloseTo(-0.5, 10);
  });

  it("takes one product for a step with it", () => {
    const n = 60;
    const start = new Float64Array(n).fill(2);
    const { trace } = solve(arcqk({ basisPeriod: 4 }), coshes(n), start, { stop: tight, trace: true });
    const products = trace.slice(1).map((row, k) => row.counts.hessianApply - trace[k]!.counts.hessianApply);
    // Every first step of four makes a basis, the rest use it; a refusal would make one sooner.
    expect(products.filter((count) => count <= 1).length).toBeGreaterThan(products.length / 2);
    expect(Math.max(...products)).toBeGreaterThan(1);
  });
});

describe("arcqk's ends", () => {
  const bowl: HessianApplyProblem = {
    dimension: 2,
    value: (x) => x[0]! ** 2 + x[1]! ** 2,
    gradientInto: (out, x) => {
      out[0] = 2 * x[0]!;
      out[1] = 2 * x[1]!;
      return out;
    },
    hessianApplyInto: (out, _x, v) => {
      out[0] = 2 * v[0]!;
      out[1] = 2 * v[1]!;
      return out;
    },
  };

  it("fails where no step lowers f", () => {
    let calls = 0;
    const cliff = { ...bowl, value: (x: Float64Array) => (calls++ === 0 ? bowl.value(x) : Number.POSITIVE_INFINITY) };
    const { reason, x } = solve(arcqk(), cliff, [1, 1]);
    expect(reason.kind).toBe("failed");
    expect(Array.from(x)).toEqual([1, 1]);
  });

  it("fails at once where the products aren't finite", () => {
    const broken = { ...bowl, hessianApplyInto: (out: Float64Array) => out.fill(Number.NaN) };
    const { reason } = solve(arcqk(), broken, [1, 1]);
    expect(reason).toMatchObject({ kind: "failed", detail: "a Hessian-vector product isn't finite" });
  });

  it("ends at the limit of rounding", () => {
    // The decrease is below f's rounding, and the gradient doesn't fall.
    const slope: HessianApplyProblem = {
      ...bowl,
      value: (x) => 1e8 + 1e-9 * x[0]!,
      gradientInto: (out) => {
        out[0] = 1e-9;
        out[1] = 0;
        return out;
      },
      hessianApplyInto: (out) => out.fill(0),
    };
    const { reason } = solve(arcqk(), slope, [1, 1], { stop: gradientNorm({ absolute: 0, relative: 0 }) });
    expect(reason).toMatchObject({
      kind: "failed",
      rule: "noProgress",
      detail: "f and ‖∇f‖ no longer decrease: the limit of rounding is reached",
    });
  });

  it.each([
    [{ initialAlpha: 0 }, "arcqk: argument `initialAlpha` is 0; wanted a number > 0 and < Infinity."],
    [{ maxProducts: 0.5 }, "arcqk: argument `maxProducts` is 0.5; wanted an integer >= 1."],
    [{ basisPeriod: 0 }, "arcqk: argument `basisPeriod` is 0; wanted an integer >= 1."],
  ])("throws on %j", (options, message) => {
    expect(() => arcqk(options)).toThrow(message);
  });
});
