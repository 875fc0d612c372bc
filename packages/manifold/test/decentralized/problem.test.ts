import { any, defineProblem, maxIterations, solve } from "@hessia/core";
import { describe, expect, it } from "vitest";
import { inducedMeanInto } from "../../src/decentralized/problem.js";
import {
  decentralizedProblem,
  decentralizedStationarity,
  dprgd,
  euclidean,
  grassmann,
  hyperbolic,
  metropolisWeights,
  network,
  oblique,
  orthogonal,
  ringGraph,
  sameForAll,
  spdAffineInvariant,
  specialOrthogonal,
  sphere,
  stiefel,
} from "../../src/index.js";
import { brockett, randomSymmetric } from "../problems-for-tests.js";
import { seeded } from "../random.js";

const ring = (agents: number) => network(metropolisWeights(ringGraph(agents)));
const linear = (dimension: number) =>
  defineProblem({ dimension, value: (x) => x[0]!, gradient: () => [1, ...new Array(dimension - 1).fill(0)] });

describe("decentralizedProblem", () => {
  it("has the points of all agents as its variables, and f at their induced mean as its value", () => {
    const S = sphere(2);
    const problem = decentralizedProblem(
      S,
      ring(3),
      [1, 2, 6].map((c) => ({ ...linear(2), value: (x) => c * x[0]! })),
    );
    expect(problem.dimension).toBe(6);
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    // Symmetric about (1, 0).
    const x = Float64Array.of(c, s, 1, 0, c, -s);
    expect(Array.from(inducedMeanInto(S.zero(), S, x))).toEqual([1, 0]);
    expect(problem.value(x)).toBeCloseTo(3, 14);
  });

  it("has no mean where points cancel", () => {
    const M = stiefel(3, 2);
    const X = M.randomPoint(seeded(1));
    expect(inducedMeanInto(M.zero(), M, Float64Array.from([...X, ...X.map((v) => -v)])).every(Number.isNaN)).toBe(true);
    const problem = decentralizedProblem(M, ring(2), [linear(6), linear(6)]);
    const { reason } = solve(dprgd(), problem, [...X, ...X.map((v) => -v)]);
    expect(reason).toMatchObject({ kind: "failed", rule: "nonFiniteStart" });
  });

  it("takes every manifold that lies in its space with its metric", () => {
    for (const M of [euclidean(4), sphere(4), stiefel(4, 1), orthogonal(2), specialOrthogonal(2), oblique(2, 2)])
      expect(() => decentralizedProblem(M, ring(3), Array(3).fill(linear(4))), M.name).not.toThrow();
  });

  it("averages in flat space as the mean of the agents' minimizers", () => {
    // Quadratics ½‖x − aᵢ‖²: the minimizer of their mean is the mean of the aᵢ.
    const targets = [
      [1, 0],
      [2, 5],
      [3, 1],
      [-2, 2],
    ];
    const locals = targets.map(([a, b]) =>
      defineProblem({
        dimension: 2,
        value: ([x, y]) => 0.5 * ((x! - a!) ** 2 + (y! - b!) ** 2),
        gradient: ([x, y]) => [x! - a!, y! - b!],
      }),
    );
    const problem = decentralizedProblem(euclidean(2), ring(4), locals);
    const { state, reason } = solve(dprgd(), problem, new Float64Array(8), {
      stop: any(decentralizedStationarity(1e-11, 1e-11), maxIterations(5000)),
    });
    expect(reason.kind).toBe("converged");
    for (let i = 0; i < 4; i++) {
      expect(state.x[2 * i]!).toBeCloseTo(1, 10);
      expect(state.x[2 * i + 1]!).toBeCloseTo(2, 10);
    }
  });

  it("refuses what doesn't fit, by name", () => {
    const M = sphere(3);
    const [good, short] = [linear(3), linear(2)];
    const made =
      (...given: unknown[]) =>
      () =>
        decentralizedProblem(...(given as Parameters<typeof decentralizedProblem>));
    expect(made(M, ring(3), [good, short, good])).toThrow(
      "decentralizedProblem: argument `locals[1]` is of 2 variables; wanted 3, the coordinates of a point of sphere(3), as for all agents",
    );
    expect(made(M, ring(3), [good, good])).toThrow(
      "argument `locals` is an Array of length 2; wanted an array of 3 problems",
    );
    expect(made(M, ring(2), [good, { dimension: 3, value: () => 0 }])).toThrow(
      "argument `locals[1]` is an Object; wanted a problem with value and gradient",
    );
    expect(made(M, ring(2), [good, null])).toThrow("argument `locals[1]` is null");
    expect(made(null, ring(2), [good, good])).toThrow("argument `manifold` is null; wanted a manifold");
    expect(made(M, metropolisWeights(ringGraph(2)), [good, good])).toThrow(
      "argument `network` is an Object; wanted a network",
    );
    expect(made(grassmann(3, 1), ring(2), [good, good])).toThrow(
      "argument `manifold` is grassmann(3, 1); wanted a manifold on which points have one set of coordinates",
    );
    for (const bent of [stiefel(3, 2, { metric: "canonical" }), spdAffineInvariant(2), hyperbolic(2)]) {
      const local = linear(bent.length);
      expect(made(bent, ring(2), [local, local]), bent.name).toThrow(
        "whose metric isn't that of the surrounding space",
      );
    }
    const problem = decentralizedProblem(M, ring(2), [good, good]);
    expect(() => sameForAll(problem, Float64Array.of(1, 1, 0))).toThrow(/^sameForAll: argument `x` is off sphere\(3\)/);
    expect(Array.from(sameForAll(problem, Float64Array.of(0, 1, 0)))).toEqual([0, 1, 0, 0, 1, 0]);
  });
});

describe("decentralizedStationarity", () => {
  it("needs consensus and a small gradient, and says both", () => {
    const problem = decentralizedProblem(sphere(4), ring(3), Array(3).fill(brockett(randomSymmetric(4, 1), [1])));
    const x0 = sameForAll(problem, sphere(4).randomPoint(seeded(1)));
    const { state, reason } = solve(dprgd(), problem, x0, { stop: decentralizedStationarity(1e-9, 1e-7) });
    expect(reason.detail).toMatch(/^‖x − x̄‖ = .* ≤ 1\.00e-9, ‖grad f\(x̄\)‖ = .* ≤ 1\.00e-7$/);
    const look = (consensusError: number, gradientNorm: number) =>
      decentralizedStationarity(
        1e-3,
        1e-2,
      )({
        state: { ...state, consensusError, gradientNorm },
        previousValue: undefined,
        counts: { value: 0, gradient: 0, hessian: 0, hessianApply: 0, residual: 0, jacobian: 0, factorization: 0 },
        elapsed: 0,
      })?.kind;
    expect([look(1e-3, 1e-2), look(2e-3, 1e-2), look(1e-3, 2e-2), look(Number.NaN, 0), look(0, Number.NaN)]).toEqual([
      "converged",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("refuses tolerances out of range", () => {
    expect(() => decentralizedStationarity(-1)).toThrow(
      "decentralizedStationarity: argument `consensusTolerance` is -1; wanted a number >= 0",
    );
    expect(() => decentralizedStationarity(1, Number.NaN)).toThrow("argument `gradientTolerance` is NaN");
  });
});
