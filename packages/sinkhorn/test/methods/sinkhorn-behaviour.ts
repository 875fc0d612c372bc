// What both forms of Sinkhorn's algorithm must do.
import { any, deserialize, type Method, maxIterations, serialize, solve, timeLimit } from "@hessia/core";
import { expect, it } from "vitest";
import { gridCost, marginalError, type TransportProblem, transportProblem } from "../../src/index.js";
import type { SinkhornOptions, SinkhornState } from "../../src/support/sinkhorn-method.js";
import { greatestDifference, planAt, randomProblem, randomWeights, twoByTwo, uniform } from "../problems-for-tests.js";

export function behavesLikeSinkhorn(
  name: string,
  make: (options?: SinkhornOptions) => Method<TransportProblem, SinkhornState>,
): void {
  const run = (problem: TransportProblem, options: SinkhornOptions = {}, tolerance = 1e-12, most = 20_000) =>
    solve(make(options), problem, new Float64Array(problem.dimension), {
      stop: any<SinkhornState>(marginalError(tolerance), maxIterations(most)),
      trace: true,
    });

  it("finds the plan between two points on either side, which is known in closed form", () => {
    const C = [
      [0, 1.3],
      [0.7, 0.2],
    ];
    for (const epsilon of [1, 0.2, 0.05]) {
      const [a, b] = [0.3, 0.45];
      const problem = transportProblem({ source: [a, 1 - a], target: [b, 1 - b], cost: C, regularization: epsilon });
      const { x, reason, value } = run(problem);
      expect(reason.kind).toBe("converged");
      const known = twoByTwo(C, a, b, epsilon);
      expect(greatestDifference(planAt(problem.cost, x, epsilon).flat(), known.flat())).toBeLessThan(1e-12);
      // The dual is the primal at the solution.
      const primal = known
        .flat()
        .reduce((s, p, k) => s + C.flat()[k]! * p + (p > 0 ? epsilon * p * Math.log(p) : 0), 0);
      expect(-value).toBeCloseTo(primal, 12);
    }
  });

  it("contracts between two points as the second singular value of the scaled plan says", () => {
    const C = [
      [0, 1.3],
      [0.7, 0.2],
    ];
    const [a, b] = [0.3, 0.45];
    const problem = transportProblem({ source: [a, 1 - a], target: [b, 1 - b], cost: C, regularization: 0.3 });
    const P = twoByTwo(C, a, b, 0.3);
    // The matrix P_ij/√(r_i c_j) has singular values 1 and |det|; the error of the dual falls by its square a sweep.
    const det = (P[0]![0]! * P[1]![1]! - P[0]![1]! * P[1]![0]!) / Math.sqrt(a * (1 - a) * b * (1 - b));
    const { trace } = run(problem, {}, 1e-13);
    const errors = trace.map((row) => row.gradientNorm).filter((e) => e > 1e-10);
    const rates = errors.slice(3).map((e, k) => e / errors[k + 2]!);
    expect(rates.length).toBeGreaterThan(2);
    expect(rates.at(-1)!).toBeCloseTo(det * det, 4);
  });

  it("gives the same potentials whatever is done to make it faster", () => {
    const { problem } = randomProblem(30, 40, 0.02, 3);
    const plain = run(problem);
    expect(plain.reason.kind).toBe("converged");
    const P = planAt(problem.cost, plain.x, 0.02).flat();
    for (const options of [
      { scaling: true },
      { scaling: { from: 0.5, factor: 2, sweeps: 3 } },
      { relaxation: 1.4 },
      { relaxation: "auto" },
      { scaling: true, relaxation: "auto" },
      { anderson: 1 },
      { anderson: 5 },
      { scaling: true, anderson: 8 },
    ] as const) {
      const other = run(problem, options);
      expect(other.reason.kind).toBe("converged");
      expect(other.value).toBeCloseTo(plain.value, 12);
      expect(greatestDifference(planAt(problem.cost, other.x, 0.02).flat(), P)).toBeLessThan(1e-12);
    }
  });

  it("is made several times faster by over-relaxation and by Anderson acceleration where it is slow", () => {
    const random = uniform(7);
    const source = Array.from({ length: 60 }, () => [random(), random()]);
    const target = Array.from({ length: 60 }, () => [random(), random()]);
    const C = source.map(([a, b]) => target.map(([p, q]) => (a! - p!) ** 2 + (b! - q!) ** 2));
    const w = new Float64Array(60).fill(1 / 60);
    const problem = transportProblem({ source: w, target: w, cost: C, regularization: 0.005 });
    const plain = run(problem, {}, 1e-9);
    for (const options of [{ relaxation: "auto" }, { anderson: 8 }] as const) {
      const faster = run(problem, options, 1e-9);
      expect(faster.reason.kind).toBe("converged");
      expect(3 * faster.iterations).toBeLessThan(plain.iterations);
    }
  });

  it("never lowers the dual, over-relaxed or not", () => {
    const { problem } = randomProblem(20, 15, 0.01, 5);
    for (const options of [{}, { relaxation: 1.9 }, { relaxation: "auto" }, { anderson: 5 }] as const) {
      const { trace } = run(problem, options, 1e-11, 300);
      for (let k = 2; k < trace.length; k++) expect(trace[k]!.value).toBeLessThanOrEqual(trace[k - 1]!.value + 1e-14);
    }
  });

  it("doesn't mind a shift of the cost, a permutation, or another mass", () => {
    const epsilon = 0.05;
    const { C, problem } = randomProblem(12, 9, epsilon, 11);
    const { source, target } = problem;
    const P = planAt(problem.cost, run(problem).x, epsilon);
    const shifted = transportProblem({
      source,
      target,
      cost: C.map((row) => row.map((c) => c + 100)),
      regularization: epsilon,
    });
    expect(greatestDifference(planAt(shifted.cost, run(shifted, {}, 1e-10).x, epsilon).flat(), P.flat())).toBeLessThan(
      1e-9,
    );
    const permuted = transportProblem({
      source: source.slice().reverse(),
      target,
      cost: C.slice().reverse(),
      regularization: epsilon,
    });
    expect(greatestDifference(planAt(permuted.cost, run(permuted).x, epsilon).reverse().flat(), P.flat())).toBeLessThan(
      1e-12,
    );
    const heavy = transportProblem({
      source: source.map((w) => 5 * w),
      target: target.map((w) => 5 * w),
      cost: C,
      regularization: epsilon,
    });
    const scaled = planAt(heavy.cost, run(heavy).x, epsilon).flat();
    expect(
      greatestDifference(
        scaled.map((p) => p / 5),
        P.flat(),
      ),
    ).toBeLessThan(1e-12);
  });

  it("takes weights that are 0: their rows and columns of the plan are 0", () => {
    const { C } = randomProblem(4, 4, 0.1, 2);
    const problem = transportProblem({
      source: [0.5, 0, 0.25, 0.25],
      target: [0.25, 0.25, 0.5, 0],
      cost: C,
      regularization: 0.1,
    });
    const { x, reason } = run(problem);
    expect(reason.kind).toBe("converged");
    const P = planAt(problem.cost, x, 0.1);
    expect(Math.max(...P[1]!)).toBeLessThan(1e-300);
    expect(Math.max(...P.map((row) => row[3]!))).toBeLessThan(1e-300);
  });

  it("moves nothing along forbidden arcs", () => {
    const cost = [
      [Number.POSITIVE_INFINITY, 1, 2],
      [1, Number.POSITIVE_INFINITY, 1],
      [0, 3, Number.POSITIVE_INFINITY],
    ];
    const w = [1 / 3, 1 / 3, 1 / 3];
    const problem = transportProblem({ source: w, target: w, cost, regularization: 2 });
    const { x, reason } = run(problem, {}, 1e-11);
    expect(reason.kind).toBe("converged");
    const P = planAt(problem.cost, x, 2);
    // Two cyclic permutations are left: costs 1 + 1 + 0 and 2 + 1 + 3; the plan mixes them with t³/(1/3 − t)³ = exp(4/2).
    const t = 1 / 3 / (1 + Math.exp(-2 / 3));
    expect([P[0]![0], P[1]![1], P[2]![2]]).toEqual([0, 0, 0]);
    expect(P[0]![1]!).toBeCloseTo(t, 10);
    expect(P[0]![2]!).toBeCloseTo(1 / 3 - t, 10);
  });

  it("works on a grid as on its dense matrix", () => {
    const random = uniform(4);
    const grid = gridCost({ shape: [4, 5], targetShape: [3, 6], spacing: 0.3 });
    const C = Array.from({ length: 20 }, (_, i) => Array.from(grid.rowInto(new Float64Array(18), i)));
    const source = randomWeights(20, random);
    const target = randomWeights(18, random);
    const [a, b] = [grid, C].map((cost) => transportProblem({ source, target, cost, regularization: 0.05 }));
    const one = run(a!, {}, 1e-11);
    const other = run(b!, {}, 1e-11);
    expect(one.reason.kind).toBe("converged");
    expect(one.iterations).toBe(other.iterations);
    expect(greatestDifference(one.x, other.x)).toBeLessThan(1e-12);
  });

  it("goes on from a stored state with the same iterates to the last bit", () => {
    const { problem } = randomProblem(15, 20, 0.005, 9);
    for (const options of [{}, { scaling: true }, { scaling: true, relaxation: "auto" }, { anderson: 4 }] as const) {
      const stop = (most: number) => any<SinkhornState>(marginalError(1e-11), maxIterations(most));
      const z0 = new Float64Array(35);
      const whole = solve(make(options), problem, z0, { stop: stop(60), trace: true });
      const half = Math.floor(whole.iterations / 2);
      const first = solve(make(options), problem, z0, { stop: stop(half) });
      const state = deserialize<SinkhornState>(serialize(first.state));
      const rest = solve(make(options), problem, z0, { stop: stop(60), trace: true, resume: state });
      expect(rest.state.x).toEqual(whole.state.x);
      expect(rest.trace.map((row) => row.gradientNorm)).toEqual(whole.trace.slice(half).map((row) => row.gradientNorm));
    }
  });

  it("ends for each reason it can: converged, budget, time, aborted", () => {
    const { problem } = randomProblem(10, 10, 0.01, 1);
    const z0 = new Float64Array(20);
    expect(run(problem, {}, 1e-9, 3).reason).toMatchObject({ kind: "budget", rule: "maxIterations" });
    expect(solve(make(), problem, z0, { stop: timeLimit(0) }).reason).toMatchObject({
      kind: "budget",
      rule: "timeLimit",
    });
    const signal = { aborted: true, reason: "enough" };
    expect(solve(make(), problem, z0, { stop: marginalError(), signal }).reason).toMatchObject({
      kind: "aborted",
      detail: "enough",
    });
    expect(run(problem, {}, 1e-9).reason).toMatchObject({ kind: "converged", rule: "marginalError" });
    // While ε is larger than asked, nothing converges.
    const early = run(problem, { scaling: { from: 1e6, factor: 1.01, sweeps: 1000 } }, 1e-3, 20);
    expect(early.state.gradientNorm).toBeLessThan(1e-3);
    expect(early.reason.kind).toBe("budget");
  });

  it("fails where forbidden arcs leave no plan, instead of going on for ever", () => {
    const infinite = Number.POSITIVE_INFINITY;
    const problem = transportProblem({
      source: [0.5, 0.5],
      target: [0.9, 0.1],
      cost: [
        [1, infinite],
        [infinite, 1],
      ],
      regularization: 0.1,
    });
    const { reason } = run(problem, {}, 1e-9);
    expect(reason).toMatchObject({ kind: "failed", rule: "infeasible" });
  });

  it("fails where sweeps make no progress any more, instead of going on for ever", () => {
    const { problem } = randomProblem(10, 12, 0.05, 1);
    const stop = marginalError(0);
    const { reason, state } = solve(make(), problem, new Float64Array(problem.dimension), { stop });
    // It may by chance come to 0.
    if (reason.kind !== "converged") expect(reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(state.gradientNorm).toBeLessThan(1e-14);
  });

  it("throws on bad options", () => {
    const throws = (options: object, message: string) =>
      expect(() => make(options as SinkhornOptions)).toThrow(`${name}: argument \`options.${message}`);
    throws({ foo: 1 }, "foo` is not an option");
    throws({ relaxation: 2 }, "relaxation` is 2; wanted a number >= 1 and < 2.");
    throws({ relaxation: 0.5 }, "relaxation` is 0.5");
    throws({ anderson: 21 }, "anderson` is 21; wanted an integer >= 0 and <= 20.");
    throws({ anderson: 2, relaxation: 1.5 }, "anderson (with a relaxation)` is 2");
    throws({ scaling: { factor: 1 } }, "scaling.factor` is 1; wanted a number > 1");
    throws({ scaling: { from: 0 } }, "scaling.from` is 0");
    throws({ scaling: { sweeps: 0 } }, "scaling.sweeps` is 0");
    throws({ scaling: { steps: 3 } }, "steps` is not an option");
  });
}
