import { defineProblem, EvaluationError, type Vector } from "@hessia/core";
import { describe, expect, it } from "vitest";
import {
  alternatingDescent,
  euclidean,
  lbfgs,
  type MethodName,
  minimize,
  product,
  sphere,
  stiefel,
  trustRegion,
} from "../src/index.js";
import { brockett, brockettMinimum, randomSymmetric } from "./problems-for-tests.js";
import { seeded } from "./random.js";

const A = randomSymmetric(15, 1);
const weights = [2, 1];
const M = stiefel(15, 2);
const f = brockett(A, weights);
const x0 = M.randomPoint(seeded(2));
const { dimension, value, gradientInto } = f;
const firstOrder = { dimension, value, gradientInto };

describe("minimize", () => {
  it("picks the trust region where there are products, L-BFGS else, and says why", () => {
    const second = minimize(M, f, x0);
    expect(second.picked).toEqual({ method: "trustRegion", because: "products with the Hessian" });
    expect(second.reason).toMatchObject({ kind: "converged", rule: "riemannianGradientNorm" });
    expect(second.leastCurvature).toBeGreaterThan(0);
    const first = minimize(M, firstOrder, x0);
    expect(first.picked).toEqual({ method: "lbfgs", because: "a gradient without second derivatives" });
    expect(first.reason.kind).toBe("converged");
    for (const result of [first, second]) {
      expect(result.value).toBeCloseTo(brockettMinimum(A, weights), 9);
      expect(result.state.gradientNorm).toBeLessThanOrEqual(1e-6 * Math.max(1, result.state.initialGradientNorm));
    }
  });

  for (const method of [
    "trustRegion",
    "arc",
    "lazyCubicNewton",
    "lbfgs",
    "conjugateGradient",
    "steepestDescent",
    "alternatingDescent",
  ] as const satisfies readonly MethodName[])
    it(`by name: ${method}`, () => {
      const manifold = method === "alternatingDescent" ? product(M) : M;
      const result = minimize(manifold, f, x0, { method });
      expect(result.reason.kind).toBe("converged");
      expect(result.picked).toEqual({ method, because: "it was asked for" });
      expect(result.value).toBeCloseTo(brockettMinimum(A, weights), 8);
    });

  it("takes a method with options of its own", () => {
    expect(minimize(M, f, x0, { method: lbfgs({ memory: 3 }) }).picked).toEqual({
      method: "lbfgs",
      because: "it was given",
    });
    expect(minimize(product(M), f, x0, { method: alternatingDescent({ order: "largest" }) }).reason.kind).toBe(
      "converged",
    );
  });

  it("takes terms: their derivatives are exact, and the Riemannian ones follow", () => {
    // Σ dᵢ xᵢ²/2 on the sphere, least at the axis of the least d.
    const d = [3, 1, 2, 5];
    const S = sphere(4);
    const {
      x,
      value: least,
      picked,
      reason,
    } = minimize(
      S,
      [
        {
          indices: d.map((_, i) => [i]),
          data: d.map((di) => [di]),
          term: ([xi], [di]) => di!.mul(xi!.square()),
        },
      ],
      S.randomPoint(seeded(4)),
    );
    expect(reason.kind).toBe("converged");
    expect(picked.method).toBe("trustRegion");
    expect(least).toBeCloseTo(1, 12);
    expect(Math.abs(x[1]!)).toBeCloseTo(1, 9);
  });

  it("passes on tolerance, limits, observers, signal, trace, resume and secondOrder", () => {
    const seen: number[] = [];
    const tight = minimize(M, f, x0, {
      tolerance: 1e-10,
      trace: true,
      secondOrder: false,
      observers: [({ state }) => seen.push(state.iteration)],
    });
    expect(tight.reason.kind).toBe("converged");
    expect(tight.leastCurvature).toBeUndefined();
    expect(seen).toEqual(tight.trace.map((row) => row.iteration));
    const cut = minimize(M, f, x0, { tolerance: 1e-10, maxIterations: 2 });
    expect(cut.reason).toMatchObject({ kind: "budget", rule: "maxIterations" });
    const rest = minimize(M, f, x0, { tolerance: 1e-10, resume: cut.state, secondOrder: false });
    expect(rest.x).toEqual(tight.x);
    expect(minimize(M, f, x0, { signal: { aborted: true } }).reason.kind).toBe("aborted");
    expect(minimize(M, f, x0, { timeLimit: 0 }).reason).toMatchObject({ kind: "budget", rule: "timeLimit" });
    expect(() => minimize(M, f, x0, { method: "arc", resume: cut.state })).toThrow(
      'argument `options.resume` is a state of method "trustRegion"; wanted a state of method "arc"',
    );
  });

  it("says that a linear function on ℝ is unbounded below", () => {
    const linear = defineProblem({ dimension: 1, value: ([x]) => x!, gradient: () => [1], hessianApply: () => [0] });
    expect(minimize(euclidean(1), linear, [0]).reason).toMatchObject({ kind: "failed", rule: "unboundedBelow" });
  });

  it("passes on what the user's function throws, with the partial result", () => {
    let calls = 0;
    const failing = defineProblem({
      dimension: 3,
      value: ([a]) => {
        if (++calls > 2) throw new Error("no data");
        return a!;
      },
      gradient: () => [1, 0, 0],
    });
    const run = () => minimize(sphere(3), failing, [0, 0.6, 0.8]);
    expect(run).toThrow(EvaluationError);
    calls = 0;
    expect(run).toThrow(/threw at evaluation 3: no data/);
  });

  it("refuses misuse, naming routine, argument, what was given and wanted", () => {
    const of = (options: object) => () => minimize(M, f, x0, options);
    expect(of({ method: "newton" })).toThrow(
      'minimize: argument `options.method` is "newton"; wanted "auto", trustRegion, arc',
    );
    expect(of({ method: {} })).toThrow("argument `options.method` is an Object; wanted a name, or a method");
    expect(of({ foo: 1 })).toThrow("minimize: argument `options.foo` is not an option");
    expect(of({ tolerance: Number.NaN })).toThrow("`absolute` is NaN");
    expect(of({ maxIterations: -1 })).toThrow("`limit` is -1");
    expect(() => minimize(M, f, x0.slice(1))).toThrow("minimize: argument `x0` is of length 29; wanted length 30");
    expect(() =>
      minimize(
        M,
        f,
        x0.map((v, i) => (i === 3 ? Number.NaN : v)),
      ),
    ).toThrow("`x0` is NaN at index 3");
    expect(() =>
      minimize(
        M,
        f,
        x0.map((v) => 1.1 * v),
      ),
    ).toThrow(/^minimize: argument `x0` is off stiefel\(15, 2\) by 1\.41e-1; .*projectPointInto/);
    expect(() => minimize({} as never, f, x0)).toThrow("minimize: argument `manifold` is an Object");
    expect(() => minimize(stiefel(4, 2), f, x0)).toThrow("argument `problem` is of 30 variables; wanted 8");
    expect(() => minimize(M, { dimension, value } as never, x0)).toThrow("argument `f` is without a gradient");
    expect(() => minimize(M, firstOrder, x0, { method: trustRegion() })).toThrow(
      "trustRegion: argument `problem` is without Hessian products",
    );
    expect(() => minimize(M, f, x0, { method: "alternatingDescent" })).toThrow(
      "argument `problem.manifold` is stiefel(15, 2); wanted a product",
    );
  });

  it("x0 isn't changed, and x is a point of its own", () => {
    const before = x0.slice();
    const { x, state } = minimize(M, f, x0);
    expect(x0).toEqual(before);
    expect(x).not.toBe(state.x as Vector);
  });
});
