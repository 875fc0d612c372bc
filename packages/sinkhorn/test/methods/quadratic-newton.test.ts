import { any, checkGradient, deserialize, maxIterations, serialize, solve, timeLimit } from "@hessia/core";
import { describe, expect, it } from "vitest";
import {
  exactTransport,
  gridCost,
  marginalError,
  type PlanEntries,
  pointCost,
  type QuadraticNewtonState,
  type QuadraticProblem,
  type QuadraticTransportOptions,
  quadraticNewton,
  quadraticProblem,
  quadraticTransport,
  roundPlanInto,
  transportProblem,
} from "../../src/index.js";
import { greatestDifference, randomCost, randomWeights, uniform } from "../problems-for-tests.js";

/** P, row by row. */
function full({ rows, cols, sources, targets, amounts }: PlanEntries): Float64Array {
  const P = new Float64Array(rows * cols);
  amounts.forEach((p, k) => {
    P[sources[k]! * cols + targets[k]!] = p;
  });
  return P;
}

/**
 * The plan as the projection of −C/γ onto the polytope of plans, by Dykstra's algorithm (Boyle, Dykstra 1986) between {P1 = r, Pᵀ1 = c} and {P ≥ 0}: nothing in common with the method.
 */
function byProjections(C: number[][], r: Float64Array, c: Float64Array, gamma: number, rounds: number): Float64Array {
  const [n, m] = [r.length, c.length];
  const P = Float64Array.from(C.flat(), (value) => -value / gamma);
  const kept = new Float64Array(n * m);
  for (let round = 0; round < rounds; round++) {
    const rows = r.slice();
    const cols = c.slice();
    let rest = r.reduce((a, b) => a + b, 0);
    for (let k = 0; k < n * m; k++) {
      rows[Math.floor(k / m)]! -= P[k]!;
      cols[k % m]! -= P[k]!;
      rest -= P[k]!;
    }
    for (let k = 0; k < n * m; k++) {
      const inside = P[k]! + rows[Math.floor(k / m)]! / m + cols[k % m]! / n - rest / (n * m) + kept[k]!;
      P[k] = Math.max(0, inside);
      kept[k] = inside - P[k]!;
    }
  }
  return P;
}

const random = uniform(41);
const n = 7;
const m = 6;
const C = randomCost(n, m, random);
const source = randomWeights(n, random);
const target = randomWeights(m, random);
const base = { source, target, cost: C };

describe("quadratically regularized transport", () => {
  it("of two points on either side: a quadratic in one variable", () => {
    const cost = [
      [0.2, 0.9],
      [0.6, 0.5],
    ];
    const [a, b] = [0.3, 0.55];
    for (const gamma of [0.05, 0.5, 1, 2, 50]) {
      const slope = cost[0]![0]! + cost[1]![1]! - cost[0]![1]! - cost[1]![0]!;
      const t = Math.min(a, b, Math.max(0, a + b - 1, (2 * a + 2 * b - 1 - slope / gamma) / 4));
      const { plan, reason } = quadraticTransport({
        source: [a, 1 - a],
        target: [b, 1 - b],
        cost,
        regularization: gamma,
        tolerance: 1e-12,
      });
      expect(reason.kind).toBe("converged");
      expect(greatestDifference(full(plan), [t, a - t, b - t, 1 - a - b + t])).toBeLessThan(1e-11);
    }
  });

  it.each([0.5, 2, 20])("is the projection of −C/γ onto the plans, γ = %s", (gamma) => {
    const found = quadraticTransport({ ...base, regularization: gamma, tolerance: 1e-12 });
    expect(found.reason.kind).toBe("converged");
    const P = byProjections(C, source, target, gamma, 40_000);
    expect(greatestDifference(full(found.plan), P)).toBeLessThan(1e-10);
    const value = P.reduce((sum, p, k) => sum + p * C.flat()[k]! + 0.5 * gamma * p * p, 0);
    expect(found.dualValue).toBeCloseTo(value, 10);
  });

  it("has the values that another program finds between two densities on the line", () => {
    // RegOT 0.0.3 (Python, C++), qrot_grssn(C, a, b, γ, tol=1e-11, max_iter=20000): ⟨C, P⟩ + γ/2 ‖P‖² of its plan, whose marginal errors (l1) were 2e-12 and 1e-10. At γ = 0.01 it didn't end.
    //   x1, x2 = np.linspace(0, 5, 100), np.linspace(0, 5, 80); C = (x1[:, None] - x2[None, :])**2
    //   a = exp(-x1), b = 0.2 exp(-((x2 - 1)/0.2)**2/2)/0.2 + 0.8 exp(-((x2 - 3)/0.5)**2/2)/0.5, scaled to sum 1
    const line = (count: number) => Array.from({ length: count }, (_, i) => (5 * i) / (count - 1));
    const bump = (x: number, at: number, width: number) => Math.exp(-(((x - at) / width) ** 2) / 2) / width;
    const problem = {
      points: { source: line(100), target: line(80) },
      source: line(100).map((x) => Math.exp(-x)),
      target: line(80).map((x) => 0.2 * bump(x, 1, 0.2) + 0.8 * bump(x, 3, 0.5)),
      normalize: true,
      tolerance: 1e-11,
    };
    for (const [regularization, value] of [
      [10, 3.0984092179761666],
      [1, 3.0765012235016496],
    ] as const) {
      const found = quadraticTransport({ ...problem, regularization });
      expect(found.reason.kind).toBe("converged");
      expect(found.dualValue).toBeCloseTo(value, 8);
    }
    expect(quadraticTransport({ ...problem, regularization: 0.01 }).reason.kind).toBe("converged");
  });

  it("at small γ has the plan of the linear program itself", () => {
    const random = uniform(5);
    const big = {
      source: randomWeights(60, random),
      target: randomWeights(50, random),
      cost: randomCost(60, 50, random),
    };
    const exact = exactTransport(big);
    const found = quadraticTransport({ ...big, regularization: 1e-3, tolerance: 1e-11 });
    expect(found.reason.kind).toBe("converged");
    expect(greatestDifference(full(found.plan), full(exact.plan))).toBeLessThan(1e-10);
    expect(found.cost).toBeCloseTo(exact.cost, 10);
    expect(found.plan.amounts.length).toBe(exact.plan.amounts.length);
    // Above the exact cost by no more than γ/2 times the difference of the squared norms.
    const costs = [0.1, 1, 10].map((regularization) => quadraticTransport({ ...big, regularization }).cost);
    expect(costs[0]! <= costs[1]! + 1e-12 && costs[1]! < costs[2]!).toBe(true);
  });

  it("at large γ spreads the mass: rᵢ/m + cⱼ/n − mass/(n m)", () => {
    const { plan } = quadraticTransport({ ...base, regularization: 1e8, tolerance: 1e-12 });
    const expected = Array.from(source).flatMap((r) => Array.from(target, (c) => r / m + c / n - 1 / (n * m)));
    expect(Math.min(...expected)).toBeGreaterThan(0);
    expect(greatestDifference(full(plan), expected)).toBeLessThan(1e-8);
  });

  it("doesn't mind a shift of the cost, a permutation, the other direction, other units of cost and mass", () => {
    const P = full(quadraticTransport({ ...base, regularization: 1, tolerance: 1e-12 }).plan);
    const at = (options: Partial<QuadraticTransportOptions>) =>
      full(quadraticTransport({ ...base, regularization: 1, tolerance: 1e-11, ...options }).plan);
    expect(greatestDifference(at({ cost: C.map((row) => row.map((c) => c - 30)) }), P)).toBeLessThan(1e-10);
    expect(
      greatestDifference(at({ cost: C.map((row) => row.map((c) => 1e6 * c)), regularization: 1e6 }), P),
    ).toBeLessThan(1e-10);
    const reversed = at({ source: source.slice().reverse(), cost: C.slice().reverse() });
    expect(
      greatestDifference(
        reversed.map((_, k) => reversed[(n - 1 - Math.floor(k / m)) * m + (k % m)]!),
        P,
      ),
    ).toBeLessThan(1e-10);
    const back = at({ source: target, target: source, cost: C[0]!.map((_, j) => C.map((row) => row[j]!)) });
    expect(
      greatestDifference(
        P.map((_, k) => back[(k % m) * n + Math.floor(k / m)]!),
        P,
      ),
    ).toBeLessThan(1e-10);
    const heavy = at({ source: source.map((w) => 8 * w), target: target.map((w) => 8 * w), regularization: 1 / 8 });
    expect(
      greatestDifference(
        heavy.map((p) => p / 8),
        P,
      ),
    ).toBeLessThan(1e-10);
  });

  it("reports marginal errors, the gap and the rounded cost of its plan", () => {
    const rough = quadraticTransport({ ...base, regularization: 0.3, tolerance: 0.2, path: "none", sweeps: 1 });
    const P = full(rough.plan);
    const rows = Array.from(source, (r, i) => P.slice(i * m, (i + 1) * m).reduce((a, b) => a + b, 0) - r);
    expect(rough.marginalErrors.source).toBeCloseTo(
      rows.reduce((a, e) => a + Math.abs(e), 0),
      13,
    );
    expect(rough.marginalErrors.source + rough.marginalErrors.target).toBeCloseTo(rough.state.gradientNorm, 13);
    expect(rough.marginalErrors.greatest).toBeGreaterThan(0);
    const rounded = roundPlanInto(P.slice(), n, m, source, target);
    const cost = rounded.reduce((sum, p, k) => sum + p * C.flat()[k]!, 0);
    expect(rough.roundedCost).toBeCloseTo(cost, 13);
    const primal = cost + 0.15 * rounded.reduce((sum, p) => sum + p * p, 0);
    expect(rough.dualGap).toBeCloseTo(primal - rough.dualValue, 13);
    const exact = quadraticTransport({ ...base, regularization: 0.3 });
    expect(primal).toBeGreaterThan(exact.dualValue);
    expect(rough.dualValue).toBeLessThan(exact.dualValue);
    expect(Math.abs(exact.dualGap)).toBeLessThan(1e-9);
    expect(quadraticTransport({ ...base, regularization: 0.3, dualGap: false }).dualGap).toBeNaN();
  });

  it("takes points and grids as their matrices, and weights that are 0", () => {
    const points = {
      source: [
        [0, 0],
        [1, 2],
        [3, 1],
      ],
      target: [
        [1, 1],
        [0, 2],
      ],
    };
    const matrix = points.source.map(([a, b]) => points.target.map(([p, q]) => (a! - p!) ** 2 + (b! - q!) ** 2));
    const weights = { source: [0.5, 0, 0.5], target: [0.25, 0.75] };
    const [byPoints, byMatrix] = [{ points }, { cost: matrix }].map((cost) =>
      quadraticTransport({ ...weights, ...cost, regularization: 4 }),
    );
    expect(byPoints!.reason.kind).toBe("converged");
    expect(greatestDifference(full(byPoints!.plan), full(byMatrix!.plan))).toBeLessThan(1e-12);
    expect(full(byMatrix!.plan).slice(2, 4)).toEqual(new Float64Array(2));
    const uniform = quadraticTransport({ points, regularization: 4 });
    expect(uniform.marginalErrors.source).toBeLessThan(1e-9);
    const grid = gridCost({ shape: [3, 2], spacing: 0.5 });
    const asMatrix = Array.from({ length: 6 }, (_, i) => Array.from(grid.rowInto(new Float64Array(6), i)));
    const [r, c] = [randomWeights(6, random), randomWeights(6, random)];
    const ofGrid = quadraticTransport({
      source: r,
      target: c,
      grid: { shape: [3, 2], spacing: 0.5 },
      regularization: 1,
    });
    const ofMatrix = quadraticTransport({ source: r, target: c, cost: asMatrix, regularization: 1 });
    expect(greatestDifference(full(ofGrid.plan), full(ofMatrix.plan))).toBeLessThan(1e-12);
    const doubled = quadraticTransport({
      source: r.map((w) => 3 * w),
      target: c,
      cost: asMatrix,
      regularization: 1,
      normalize: true,
    });
    expect(greatestDifference(full(doubled.plan), full(ofMatrix.plan))).toBeLessThan(1e-10);
  });

  it("takes one point, costs without differences, and weights below rounding", () => {
    expect(full(quadraticTransport({ source: [2], target: [2], cost: [[5]], regularization: 1 }).plan)).toEqual(
      Float64Array.of(2),
    );
    const flat = quadraticTransport({
      source: [1, 3],
      target: [2, 2],
      cost: [
        [1, 1],
        [1, 1],
      ],
      regularization: 0.5,
    });
    expect(flat.reason.kind).toBe("converged");
    expect(greatestDifference(full(flat.plan), [0.5, 0.5, 1.5, 1.5])).toBeLessThan(1e-9);
    // Rows that weigh next to nothing never have an entry: no reason to sweep.
    const some = uniform(19);
    const points = {
      source: Array.from({ length: 40 }, () => [some(), some()]),
      target: Array.from({ length: 40 }, () => [some(), some()]),
    };
    const equal = new Float64Array(40).fill(1 / 40);
    for (const w of [1e-300, 1e-20, 1e-15]) {
      const source = equal.map((weight, i) => (i === 0 ? w : weight + 1 / 1560 - w / 39));
      const found = quadraticTransport({ source, target: equal, points, regularization: 0.5 });
      expect(found.reason.kind).toBe("converged");
      expect(found.state.sweeps).toBeLessThan(10);
      expect(found.iterations).toBeLessThan(60);
    }
  });

  it("says so where γ is below what the potentials' digits can tell", () => {
    const { reason, state } = quadraticTransport({ ...base, regularization: 1e-14 });
    expect(reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(state.gradientNorm).toBeLessThan(0.5);
  });

  it("moves nothing along forbidden arcs", () => {
    const infinite = Number.POSITIVE_INFINITY;
    const cost = [
      [infinite, 1, 2],
      [1, infinite, 1],
      [0, 3, infinite],
    ];
    const w = [1 / 3, 1 / 3, 1 / 3];
    const { plan, reason } = quadraticTransport({ source: w, target: w, cost, regularization: 30 });
    expect(reason.kind).toBe("converged");
    // A mixture of two cyclic permutations, t and 1/3 − t: 2 + 30 · 3 t = 6 + 30 · 3 (1/3 − t).
    const t = 1 / 6 + 4 / 180;
    expect(greatestDifference(full(plan), [0, t, 1 / 3 - t, 1 / 3 - t, 0, t, t, 1 / 3 - t, 0])).toBeLessThan(1e-9);
  });
});

describe("quadraticNewton", () => {
  const cloud = (size: number, seed: number, gamma: number) => {
    const random = uniform(seed);
    const points = () => Array.from({ length: size }, () => [random(), random()]);
    return quadraticProblem({
      source: randomWeights(size, random),
      target: randomWeights(size, random),
      cost: pointCost({ source: points(), target: points() }),
      regularization: gamma,
    });
  };
  const run = (problem: ReturnType<typeof cloud>, options = {}, tolerance = 1e-11, most = 300) =>
    solve(quadraticNewton(options), problem, new Float64Array(problem.dimension), {
      stop: any(marginalError(tolerance), maxIterations(most)),
      trace: true,
    });

  it("has the gradient of its problem right", () => {
    const problem = quadraticProblem({ ...base, regularization: 0.4 });
    const z = Float64Array.from({ length: n + m }, () => 0.6 * random());
    expect(checkGradient(problem, z).verdict).toBe("right");
    expect(problem.value(z)).toBeCloseTo(problem.valueAndGradientInto(new Float64Array(n + m), z), 14);
  });

  it("converges faster than linearly, and on its last piece in one step", () => {
    const { trace, reason } = run(cloud(100, 3, 10), {}, 1e-9);
    expect(reason.kind).toBe("converged");
    const errors = trace.map((row) => row.gradientNorm);
    expect(errors.at(-1)! / errors.at(-2)!).toBeLessThan(1e-4);
    expect(errors.at(-1)! / errors.at(-2)!).toBeLessThan(0.1 * (errors.at(-2)! / errors.at(-3)!));
  });

  it("solves γ over five orders of size; a path of γ saves steps where γ is small", () => {
    for (const gamma of [1000, 10, 0.1, 0.01]) {
      const { reason, iterations, state } = run(cloud(120, 9, gamma));
      expect(reason.kind).toBe("converged");
      expect(iterations).toBeLessThan(120);
      expect(state.support).toBeGreaterThanOrEqual(120);
    }
    const plain = run(cloud(60, 9, 0.05), { path: "none" }, 1e-10, 1000);
    const stepwise = run(cloud(60, 9, 0.05), { path: { from: 5, factor: 3, error: 0.2 } }, 1e-10);
    expect(stepwise.reason.kind).toBe("converged");
    expect(stepwise.iterations).toBeLessThan(plain.iterations);
    expect(stepwise.value).toBeCloseTo(run(cloud(60, 9, 0.05), {}, 1e-10).value, 10);
  });

  it("gives the same whatever solves its systems, and without sweeps", () => {
    const problem = cloud(50, 4, 1);
    const value = run(problem).value;
    for (const options of [
      { solver: "sparse" },
      { solver: "conjugateGradients" },
      { solver: "dense" },
      { sweeps: 0 },
      { shift: 1 },
    ]) {
      const other = run(problem, options);
      expect(other.reason.kind).toBe("converged");
      expect(other.value).toBeCloseTo(value, 11);
    }
  });

  it("a sweep makes the sums of the columns right, and never raises f", () => {
    const problem = cloud(30, 8, 2);
    const { state, trace } = run(problem, { sweeps: 1000, path: "none" }, 1e-12, 20);
    const ofCols = state.gradient.subarray(30);
    expect(Math.max(...ofCols.map(Math.abs))).toBeLessThan(1e-15);
    for (let k = 1; k < trace.length; k++) expect(trace[k]!.value).toBeLessThanOrEqual(trace[k - 1]!.value + 1e-15);
    expect(state.sweeps).toBe(20);
  });

  it("a sweep finds the roots of the rows for the columns before it", () => {
    const problem = cloud(30, 8, 2);
    const { state } = run(problem, { path: "none" }, 0, 1);
    const row = new Float64Array(30);
    for (let i = 0; i < 30; i++) {
      // From potentials 0: Σ_j (xᵢ − C_ij)₊ = γ rᵢ.
      problem.cost.rowInto(row, i);
      const sum = row.reduce((total, c) => total + Math.max(0, state.x[i]! - c), 0);
      expect(sum).toBeCloseTo(2 * problem.source[i]!, 14);
    }
  });

  it("sweeps where a row has no entry, whatever was asked", () => {
    const problem = cloud(30, 8, 2);
    expect(run(problem, { path: "none", sweeps: 0 }, 0, 1).state.sweeps).toBe(1);
    expect(run(problem, { path: "none", sweeps: 0 }, 1e-11).reason.kind).toBe("converged");
  });

  it("goes on from a stored state with the same bits, from any place of its path", () => {
    const problem = cloud(40, 6, 0.2);
    const z0 = new Float64Array(80);
    const whole = run(problem, {}, 1e-11);
    expect(whole.reason.kind).toBe("converged");
    for (const first of [1, 5, 9, whole.iterations - 2]) {
      const half = solve(quadraticNewton(), problem, z0, { stop: maxIterations(first) });
      const state = deserialize<QuadraticNewtonState>(serialize(half.state));
      const rest = solve(quadraticNewton(), problem, z0, { stop: marginalError(1e-11), resume: state, trace: true });
      expect(rest.state.x).toEqual(whole.state.x);
      expect(rest.trace.map((row) => row.gradientNorm)).toEqual(
        whole.trace.slice(first).map((row) => row.gradientNorm),
      );
    }
  });

  it("ends for each reason: converged, budgets, aborted, infeasible, no progress, a start that isn't finite", () => {
    const problem = cloud(20, 2, 0.5);
    const z0 = new Float64Array(40);
    expect(run(problem).reason).toMatchObject({ kind: "converged", rule: "marginalError" });
    expect(run(problem, {}, 1e-9, 2).reason).toMatchObject({ kind: "budget", rule: "maxIterations" });
    expect(solve(quadraticNewton(), problem, z0, { stop: timeLimit(0) }).reason.rule).toBe("timeLimit");
    expect(
      solve(quadraticNewton(), problem, z0, { stop: marginalError(), signal: { aborted: true, reason: "enough" } })
        .reason,
    ).toMatchObject({ kind: "aborted", detail: "enough" });
    const last = run(problem, {}, 0);
    expect(last.reason).toMatchObject({ kind: "failed", rule: "noProgress" });
    expect(last.state.gradientNorm).toBeLessThan(1e-13);
    expect(
      solve(
        quadraticNewton(),
        problem,
        z0.map(() => 1e200),
      ).reason,
    ).toMatchObject({
      kind: "failed",
      rule: "nonFiniteStart",
    });
    const infinite = Number.POSITIVE_INFINITY;
    for (const path of ["auto", "none"] as const)
      expect(
        quadraticTransport({
          source: [0.5, 0.5],
          target: [0.9, 0.1],
          cost: [
            [1, infinite],
            [infinite, 1],
          ],
          regularization: 0.1,
          path,
        }).reason,
      ).toMatchObject({ kind: "failed", rule: "infeasible" });
    // While γ is larger than asked, nothing converges.
    const early = run(problem, { path: { from: 1e6, factor: 1.01, error: 0.5 } }, 1e-3, 20);
    expect(early.state.gradientNorm).toBeLessThan(1e-3);
    expect(early.reason.kind).toBe("budget");
  });

  it("goes on from given potentials", () => {
    const first = quadraticTransport({ ...base, regularization: 0.5 });
    const again = quadraticTransport({
      ...base,
      regularization: 0.5,
      initial: first.potentials,
      path: "none",
      sweeps: 0,
    });
    expect(again.iterations).toBe(0);
    expect(again.reason.kind).toBe("converged");
  });

  it("refuses misuse", () => {
    const throws = (options: object, message: string) =>
      expect(() => quadraticTransport({ ...base, regularization: 1, ...options })).toThrow(message);
    throws({ regularization: 0 }, "quadraticTransport: argument `options.regularization` is 0; wanted a number > 0");
    throws({ regularization: Number.NaN }, "`options.regularization` is NaN");
    throws({ foo: 1 }, "`options.foo` is not an option");
    throws(
      { points: { source: [0], target: [0] } },
      "argument `options` is with 2 of cost, points and grid; wanted exactly one of them.",
    );
    throws({ source: [1] }, "`options.source` is of length 1; wanted length 7, the rows of the cost.");
    throws({ source: source.map((w) => -w) }, "`options.source`");
    throws({ source: source.map((w) => 2 * w) }, "wanted weights of the same sum");
    throws({ cost: [[Number.NaN]], source: [1], target: [1] }, "`options.cost` is NaN at row 0, column 0");
    throws({ tolerance: 2 }, "`tolerance` is 2");
    throws({ maxIterations: -1 }, "`options.maxIterations` is -1");
    throws({ normalize: 1 }, "`options.normalize` is 1");
    throws({ dualGap: 1 }, "`options.dualGap` is 1");
    throws({ sweeps: -1 }, "quadraticNewton: argument `options.sweeps` is -1; wanted an integer >= 0.");
    throws({ shift: 0 }, "quadraticNewton: argument `options.shift` is 0");
    throws({ path: "long" }, 'quadraticNewton: argument `options.path` is "long"');
    throws({ path: { from: 1, factor: 1, error: 0.1 } }, "`options.path.factor` is 1");
    throws({ solver: "lu" }, '`options.solver` is "lu"');
    throws(
      { initial: { source: [1], target } },
      "`options.initial.source` is an Array of length 1; wanted 7 potentials.",
    );
    throws({ initial: { source: source.map(() => Number.NaN), target } }, "`options.initial.source` is NaN at index 0");
    expect(() => quadraticProblem({ ...base, regularization: -1 })).toThrow(
      "quadraticProblem: argument `options.regularization` is -1",
    );
    const entropic = transportProblem({ ...base, regularization: 1 }) as unknown as QuadraticProblem;
    expect(() => solve(quadraticNewton(), entropic, new Float64Array(n + m))).toThrow(
      "quadraticNewton: argument `problem` is no quadratic one; wanted what quadraticProblem gives.",
    );
    expect(() => solve(quadraticNewton(), quadraticProblem({ ...base, regularization: 1 }), [1])).toThrow(
      "`x0` is of length 1",
    );
  });
});
