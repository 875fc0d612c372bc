import { gradientNorm, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { lazyCubicNewton } from "../src/index.js";
import { fittedOrder } from "./order.js";
import { chainedRosenbrock, coshes, largeSaddle, rosenbrock, saddle } from "./problems-for-tests.js";
import { behavesLikeAMethod } from "./shared-behaviour.js";

const tight = gradientNorm({ absolute: 1e-10, relative: 0 });

describe("lazyCubicNewton", () => {
  behavesLikeAMethod(() => lazyCubicNewton());
});

describe("lazyCubicNewton, m = 1", () => {
  behavesLikeAMethod(() => lazyCubicNewton({ hessianPeriod: 1 }));

  it("takes one Hessian a step", () => {
    const { counts, iterations } = solve(
      lazyCubicNewton({ hessianPeriod: 1 }),
      coshes(8),
      new Float64Array(8).fill(2),
      { stop: tight, secondOrder: false },
    );
    expect(counts.hessian).toBe(iterations);
  });

  it("converges with order 2", () => {
    const { trace } = solve(lazyCubicNewton({ hessianPeriod: 1 }), coshes(4), new Float64Array(4).fill(1.5), {
      stop: tight,
      trace: true,
    });
    expect(fittedOrder(trace.map((row) => row.gradientNorm))).toBeGreaterThan(1.8);
  });
});

describe("laziness", () => {
  it("takes fewer Hessians than steps, and each phase of m steps at least squares the error", () => {
    const n = 8;
    const lazy = solve(lazyCubicNewton({ hessianPeriod: 3 }), coshes(n), new Float64Array(n).fill(1.2), {
      stop: tight,
      trace: true,
      secondOrder: false,
    });
    expect(lazy.reason.kind).toBe("converged");
    expect(lazy.counts.hessian).toBeLessThan(lazy.iterations);
    expect(lazy.counts.hessian).toBeGreaterThanOrEqual(Math.ceil(lazy.iterations / 3));
  });

  it("factors a dense Hessian once a phase", () => {
    const { counts } = solve(lazyCubicNewton(), rosenbrock, [-1.2, 1], { stop: tight });
    expect(counts.factorization).toBe(counts.hessian);
  });

  it('chooses the period from the measured times with "auto"', () => {
    const { state, reason } = solve(
      lazyCubicNewton({ hessianPeriod: "auto" }),
      chainedRosenbrock(40),
      new Float64Array(40),
      { stop: tight },
    );
    expect(reason.kind).toBe("converged");
    expect(state.period).toBeGreaterThanOrEqual(1);
    expect(state.period).toBeLessThanOrEqual(400);
  });
});

describe("second-order points", () => {
  it.each([
    ["a dense saddle", saddle, 2, -0.5],
    ["a sparse saddle of 500 variables", largeSaddle(500), 500, -0.5],
  ])("leaves %s that it starts at", (_name, problem, n, optimum) => {
    const { reason, value, leastCurvature } = solve(lazyCubicNewton(), problem, new Float64Array(n), {
      stop: gradientNorm(1e-8),
    });
    expect(reason.kind).toBe("converged");
    expect(value).toBeCloseTo(optimum, 10);
    expect(leastCurvature).toBeGreaterThanOrEqual(-1e-6);
  });

  it("leaves the saddle also from its stable manifold, where the gradient never points away", () => {
    const { value } = solve(lazyCubicNewton(), saddle, [1, 0]);
    expect(value).toBeCloseTo(-0.5, 10);
  });
});

describe("misuse", () => {
  it.each([
    [{ hessianPeriod: 0 }, "lazyCubicNewton: argument `hessianPeriod` is 0; wanted an integer >= 1."],
    [
      { hessianPeriod: "often" },
      'lazyCubicNewton: argument `hessianPeriod` is "often"; wanted a positive integer, "dimension" or "auto".',
    ],
    [{ initialM: -1 }, "lazyCubicNewton: argument `initialM` is -1; wanted a number > 0 and < Infinity."],
    [
      { period: 3 },
      "lazyCubicNewton: argument `options.period` is not an option; wanted one of hessianPeriod, initialM.",
    ],
  ])("throws on %j", (options, message) => {
    expect(() => lazyCubicNewton(options as object)).toThrow(message);
  });

  it("throws where there is no Hessian", () => {
    const { value, gradientInto } = rosenbrock;
    const bare = { dimension: 2, value, gradientInto } as never;
    expect(() => solve(lazyCubicNewton(), bare, [0, 0], { stop: maxIterations(1) })).toThrow(
      "lazyCubicNewton: argument `problem` is without second derivatives; wanted `newHessian` and `hessianInto`. Give them, or use lbfgs(), which needs the gradient alone.",
    );
  });
});
