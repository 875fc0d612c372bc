// Stored optimal values of a linear-programming code, certificates checked from scratch, degenerate and infeasible problems, and what every method must do.
import { any, deserialize, gradientNorm, maxIterations, serialize, solve, timeLimit } from "@hessia/core";
import { describe, expect, it } from "vitest";
import {
  exactTransport,
  type NetworkSimplexState,
  networkProblem,
  networkSimplex,
  optimalTree,
  pointCost,
  transport,
} from "../../src/index.js";
import { randomCost, randomWeights, uniform } from "../problems-for-tests.js";
import { expectOptimal, marginalDifference } from "./certificates-for-tests.js";
import { references } from "./references-for-tests.js";

const equal = (n: number) => new Float64Array(n).fill(1 / n);
const zero = (n: number) => new Float64Array(n);

describe("networkSimplex", () => {
  it("finds the stored optimal values, with a plan and potentials that prove it", () => {
    for (const { cost, source, target, optimal } of references) {
      const result = exactTransport({ source, target, cost });
      expect(result.reason).toMatchObject({ kind: "converged", rule: "optimalTree" });
      // Whole numbers: flows and sums of costs are exact.
      expect(result.cost).toBe(optimal);
      expect(result.violation).toBeLessThan(1e-9);
      expect(Math.abs(result.dualGap)).toBeLessThan(1e-7);
      expect(result.plan.amounts.length).toBeLessThan(source.length + target.length);
      expect(marginalDifference(result.plan, source, target)).toBe(0);
      expectOptimal((i, j) => cost[i]![j]!, result, 1e-9);
      const half = (w: number[], of: Float64Array) => w.reduce((sum, wi, i) => sum + wi * of[i]!, 0);
      expect(half(source, result.potentials.source)).toBeCloseTo(optimal / 2, 8);
      expect(half(target, result.potentials.target)).toBeCloseTo(optimal / 2, 8);
    }
  });

  it("certifies 300 × 400 random problems with real weights, whatever the block", () => {
    const random = uniform(2);
    const C = randomCost(300, 400, random);
    const source = randomWeights(300, random, 2.5);
    const target = randomWeights(400, random, 2.5);
    const costs = [1, 37, 120_000].map((block) => {
      const result = exactTransport({ source, target, cost: C, block });
      expect(result.reason.kind).toBe("converged");
      expect(marginalDifference(result.plan, source, target)).toBeLessThan(1e-15 * 700);
      expectOptimal((i, j) => C[i]![j]!, result, 1e-14);
      expect(Math.abs(result.dualGap)).toBeLessThan(1e-13);
      return result.cost;
    });
    expect(Math.max(...costs) - Math.min(...costs)).toBeLessThan(1e-14);
  });

  it("lowers the cost from step to step", () => {
    const random = uniform(3);
    const problem = networkProblem({ source: equal(80), target: equal(80), cost: randomCost(80, 80, random) });
    const { trace, reason } = solve(networkSimplex({ pivotsPerStep: 5 }), problem, zero(160), {
      stop: any(optimalTree(), maxIterations(10_000)),
      trace: true,
    });
    expect(reason.kind).toBe("converged");
    expect(trace.length).toBeGreaterThan(20);
    for (let k = 1; k < trace.length; k++) expect(trace[k]!.value).toBeLessThan(trace[k - 1]!.value + 1e-15);
    expect(trace[0]!.gradientNorm).toBeGreaterThan(0.1);
  });

  it("ends on problems that are degenerate throughout", () => {
    const n = 120;
    const same = Array.from({ length: n }, () => new Float64Array(n).fill(3));
    expect(exactTransport({ source: equal(n), target: equal(n), cost: same }).cost).toBeCloseTo(3, 12);
    // Few different costs, equal weights: nearly every exchange moves nothing.
    for (const kinds of [2, 3, 10]) {
      const random = uniform(kinds);
      const C = randomCost(n, n, random).map((row) => row.map((c) => Math.floor(kinds * c)));
      const result = exactTransport({
        source: new Float64Array(n).fill(1),
        target: new Float64Array(n).fill(1),
        cost: C,
      });
      expect(result.reason.kind).toBe("converged");
      expectOptimal((i, j) => C[i]![j]!, result, 0);
      expect(result.plan.amounts.every((amount) => amount === 1)).toBe(true);
    }
    // A grid of points against itself, moved by a half: ties in all directions.
    const side = Array.from({ length: 144 }, (_, k) => [k % 12, Math.floor(k / 12)]);
    const moved = side.map(([a, b]) => [a! + 0.5, b! + 0.5]);
    const result = exactTransport({ points: { source: side, target: moved } });
    expect(result.reason.kind).toBe("converged");
    // The mean moves by (1/2, 1/2), and no plan costs less than that of the means.
    expect(result.cost).toBeCloseTo(0.5, 12);
  });

  it("solves one point, one row, one column", () => {
    expect(exactTransport({ source: [2], target: [2], cost: [[5]] })).toMatchObject({ cost: 10, dualGap: 0 });
    const row = exactTransport({ source: [3], target: [1, 2], cost: [[5, -7]] });
    expect(row.cost).toBe(-9);
    expect(Array.from(row.plan.targets)).toEqual([0, 1]);
    const column = exactTransport({ source: [1, 2], target: [3], cost: [[5], [-7]] });
    expect(column.cost).toBe(-9);
    expectOptimal((i) => [5, -7][i]!, column, 1e-14);
  });

  it("gives nothing to points without weight, and potentials that stay feasible there", () => {
    const random = uniform(7);
    const C = randomCost(12, 9, random);
    const source = randomWeights(12, random).map((w, i) => (i % 3 === 0 ? 0 : w));
    const target = randomWeights(9, random).map((w, j) => (j === 4 ? 0 : w));
    const result = exactTransport({ source, target, cost: C, normalize: true });
    expect(result.reason.kind).toBe("converged");
    expectOptimal((i, j) => C[i]![j]!, result, 1e-14);
    expect(Array.from(result.plan.sources).every((i) => i % 3 !== 0)).toBe(true);
    expect(Array.from(result.plan.targets)).not.toContain(4);
    // As large as they may be: each is held by an arc.
    const { source: u, target: v } = result.potentials;
    expect(Math.min(...C.map((row, i) => row[4]! - u[i]! - v[4]!))).toBeCloseTo(0, 14);
    for (const i of [0, 3, 6, 9]) expect(Math.min(...C[i]!.map((c, j) => c - u[i]! - v[j]!))).toBeCloseTo(0, 14);
    // Without these points the problem is the same.
    const rows = [...source.keys()].filter((i) => source[i]! > 0);
    const cols = [...target.keys()].filter((j) => target[j]! > 0);
    const less = exactTransport({
      source: rows.map((i) => source[i]!),
      target: cols.map((j) => target[j]!),
      cost: rows.map((i) => cols.map((j) => C[i]![j]!)),
      normalize: true,
    });
    expect(result.cost).toBeCloseTo(less.cost, 14);
  });

  it("takes a list of arcs for the matrix with Infinity in the other places", () => {
    const { cost, source, target, optimal } = references[2]!;
    const arcs = cost.flatMap((row, i) => row.flatMap((c, j) => (c < 1e9 ? [{ i, j, c }] : []))).reverse();
    const list = {
      rows: source.length,
      cols: target.length,
      sources: arcs.map(({ i }) => i),
      targets: arcs.map(({ j }) => j),
      costs: arcs.map(({ c }) => c),
    };
    const result = exactTransport({ source, target, cost: list });
    expect(result.cost).toBe(optimal);
    expectOptimal((i, j) => cost[i]![j]!, result, 1e-9);
    // Of two arcs between the same points the cheaper one is used.
    const twice = { rows: 1, cols: 1, sources: [0, 0], targets: [0, 0], costs: [4, 3] };
    expect(exactTransport({ source: [1], target: [1], cost: twice }).cost).toBe(3);
  });

  it("finds the only plan that forbidden arcs leave", () => {
    const n = 30;
    // Arcs on and above the diagonal, cheaper the farther off, and equal weights: only the diagonal is left.
    const C = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (j < i ? Infinity : -(j - i))));
    const result = exactTransport({ source: equal(n), target: equal(n), cost: C });
    expect(result.reason.kind).toBe("converged");
    expect(Array.from(result.plan.sources)).toEqual(Array.from(result.plan.targets));
    expect(result.cost).toBeCloseTo(0, 12);
    expectOptimal((i, j) => C[i]![j]!, result, 1e-12);
    // Its rows and columns in another order.
    const random = uniform(5);
    const order = Array.from({ length: n }, (_, k) => ({ k, key: random() })).sort((a, b) => a.key - b.key);
    const shuffled = C.map((row) => order.map(({ k }) => row[k]!)).reverse();
    const other = exactTransport({ source: equal(n), target: equal(n), cost: shuffled });
    expect(other.reason.kind).toBe("converged");
    expectOptimal((i, j) => shuffled[i]![j]!, other, 1e-12);
  });

  it("values a plan on forbidden arcs above any other while it drives flow off them", () => {
    const n = 30;
    const C = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (j < i ? Infinity : i - j)));
    const options = { source: equal(n), target: equal(n), cost: C };
    const early = exactTransport({ ...options, pivotsPerStep: 1, maxIterations: 1 });
    expect(early.reason.kind).toBe("budget");
    expect(early.cost).toBe(Infinity);
    expect(early.state.forbiddenFlow).toBeGreaterThan(0);
    // No plan costs less than 1 - n.
    expect(early.state.value).toBeGreaterThan(0);
    expect(early.plan.amounts.length).toBeLessThan(n);
    expect(exactTransport(options).cost).toBeCloseTo(0, 12);
  });

  it("names the rows that weigh more than all columns they reach", () => {
    // Rows 1 and 3 reach column 0 only.
    const C = [
      [1, 2, 3],
      [1, Infinity, Infinity],
      [4, 5, 6],
      [2, Infinity, Infinity],
    ];
    const result = exactTransport({ source: [1, 2, 3, 4], target: [5, 3, 2], cost: C });
    expect(result.reason).toMatchObject({ kind: "failed", rule: "infeasible" });
    expect(result.reason.detail).toBe(
      "the rows 1, 3 of weight 6 reach only the column 0 of weight 5; permit more arcs, or change the weights",
    );
    expect(result.cost).toBe(Infinity);
    expect(result.cut).toMatchObject({ rows: Int32Array.of(1, 3), cols: Int32Array.of(0), supply: 6, demand: 5 });
    const alone = exactTransport({
      source: [1, 1],
      target: [1, 1],
      cost: [
        [1, 2],
        [Infinity, Infinity],
      ],
    });
    expect(alone.reason.detail).toMatch(/^the row 1 of weight 1 reach no column with weight/);
  });

  it("says that random sparse problems are infeasible only with a cut that proves it", () => {
    let infeasible = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = uniform(seed);
      const C = randomCost(25, 20, random).map((row) => row.map((c) => (random() < 0.72 ? Infinity : c)));
      const source = randomWeights(25, random);
      const target = randomWeights(20, random);
      const result = exactTransport({ source, target, cost: C });
      if (result.cut === null) {
        expect(result.reason.kind).toBe("converged");
        expectOptimal((i, j) => C[i]![j]!, result, 1e-13);
        expect(marginalDifference(result.plan, source, target)).toBeLessThan(1e-14);
        continue;
      }
      infeasible++;
      expect(result.reason.rule).toBe("infeasible");
      const cols = new Set(result.cut.cols);
      for (const i of result.cut.rows)
        C[i]!.forEach((c, j) => {
          if (c < Infinity) expect(cols.has(j)).toBe(true);
        });
      const weight = (w: Float64Array, of: Int32Array) => of.reduce((sum, k) => sum + w[k]!, 0);
      expect(weight(source, result.cut.rows)).toBeGreaterThan(weight(target, result.cut.cols) + 1e-6);
    }
    expect(infeasible).toBeGreaterThan(5);
    expect(infeasible).toBeLessThan(35);
  });

  it("is the limit of entropic transport as its regularization goes to 0", () => {
    const random = uniform(11);
    const points = (n: number) => Array.from({ length: n }, () => [random(), random()]);
    const cost = pointCost({ source: points(40), target: points(30) });
    const source = randomWeights(40, random);
    const target = randomWeights(30, random);
    const exact = exactTransport({ source, target, cost });
    const errors = [0.1, 0.01, 0.001, 1e-4].map((regularization) => {
      const { cost: value, reason } = transport({ source, target, cost, regularization, tolerance: 1e-12 });
      expect(reason.kind).toBe("converged");
      return value - exact.cost;
    });
    for (let k = 1; k < errors.length; k++) expect(errors[k]!).toBeLessThan(errors[k - 1]! / 3);
    // ⟨C, P_ε⟩ is above the exact cost by at most ε (H(P_ε) − H(P)) ≤ ε log(n m).
    expect(errors[3]!).toBeGreaterThan(0);
    expect(errors[3]!).toBeLessThan(1e-4 * Math.log(40 * 30));
  });

  it("needs fewer exchanges from the potentials of entropic transport", () => {
    const random = uniform(12);
    const points = (n: number) => Array.from({ length: n }, () => [random(), random()]);
    const cost = pointCost({ source: points(200), target: points(200) });
    const source = randomWeights(200, random);
    const target = randomWeights(200, random);
    const cold = exactTransport({ source, target, cost });
    const { potentials } = transport({ source, target, cost, regularization: 1e-4, tolerance: 1e-6 });
    const warm = exactTransport({ source, target, cost, initial: potentials });
    expect(warm.cost).toBeCloseTo(cold.cost, 14);
    expect(warm.pivots).toBeLessThan(cold.pivots / 2);
  });

  it("keeps its accuracy over the range of numbers", () => {
    const random = uniform(13);
    const C = randomCost(20, 25, random);
    const source = randomWeights(20, random);
    const target = randomWeights(25, random);
    const { cost } = exactTransport({ source, target, cost: C });
    for (const scale of [1e-290, 1e290]) {
      const scaled = exactTransport({ source, target, cost: C.map((row) => row.map((c) => scale * c)) });
      expect(scaled.reason.kind).toBe("converged");
      expect(scaled.cost / scale).toBeCloseTo(cost, 13);
      const heavy = exactTransport({
        source: source.map((w) => scale * w),
        target: target.map((w) => scale * w),
        cost: C,
      });
      expect(heavy.cost / scale).toBeCloseTo(cost, 13);
    }
    // Weights that differ by 14 orders of magnitude.
    const steep = source.map((w, i) => w * 10 ** (-0.7 * i));
    const result = exactTransport({ source: steep, target, cost: C, normalize: true });
    const sum = steep.reduce((a, b) => a + b, 0);
    expect(
      marginalDifference(
        result.plan,
        steep.map((w) => w / sum),
        target,
      ),
    ).toBeLessThan(1e-15);
  });

  it("evens out masses that differ by rounding, and refuses others", () => {
    const third = [1 / 3, 1 / 3, 1 / 3 + 1e-12];
    const result = exactTransport({ source: [0.5, 0.5], target: third, cost: randomCost(2, 3, uniform(1)) });
    expect(result.reason.kind).toBe("converged");
    expect(result.plan.amounts.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 15);
    expect(() =>
      exactTransport({
        source: [1, 1],
        target: [1, 1.001],
        cost: [
          [1, 2],
          [3, 4],
        ],
      }),
    ).toThrow(
      "exactTransport: argument `options.target` is of sum 2.001, options.source of sum 2; wanted weights of the same sum. `exactTransport` takes `normalize: true` to scale both to 1.",
    );
  });

  it("goes on from a stored state with the same bits", () => {
    const random = uniform(17);
    const problem = networkProblem({
      source: randomWeights(50, random),
      target: randomWeights(60, random),
      cost: randomCost(50, 60, random).map((row) => row.map((c) => (c > 0.7 ? Infinity : c))),
    });
    const method = networkSimplex({ pivotsPerStep: 20 });
    const stop = any<NetworkSimplexState>(optimalTree(), maxIterations(1000));
    const whole = solve(method, problem, zero(110), { stop });
    const first = solve(method, problem, zero(110), { stop: maxIterations(4) });
    expect(first.reason).toMatchObject({ kind: "budget", rule: "maxIterations" });
    const resume = deserialize<NetworkSimplexState>(serialize(first.state));
    const rest = solve(method, problem, zero(110), { stop, resume });
    expect(whole.iterations).toBeGreaterThan(6);
    expect(rest.state.pivots).toBe(whole.state.pivots);
    expect([...rest.x]).toEqual([...whole.x]);
    expect([...rest.state.tree.flow]).toEqual([...whole.state.tree.flow]);
  });

  it("ends by time, by an abort, and under core's own tolerance on the violation", () => {
    const random = uniform(19);
    const source = randomWeights(60, random);
    const C = randomCost(60, 60, random);
    const options = { source, target: source, cost: C };
    expect(exactTransport({ ...options, timeLimit: 0 }).reason).toMatchObject({ kind: "budget", rule: "timeLimit" });
    const signal = { aborted: true };
    const aborted = exactTransport({ ...options, signal });
    expect(aborted.reason.kind).toBe("aborted");
    // A plan it is already, and the gap bounds its error.
    expect(marginalDifference(aborted.plan, source, source)).toBeLessThan(1e-14);
    const best = exactTransport(options);
    expect(aborted.cost - aborted.dualGap).toBeLessThan(best.cost);
    const problem = networkProblem(options);
    const run = solve(networkSimplex(), problem, zero(120), { stop: gradientNorm({ absolute: 1e-10, relative: 0 }) });
    expect(run.reason).toMatchObject({ kind: "converged", rule: "gradientNorm" });
    expect(run.value).toBeCloseTo(best.cost, 9);
    expect(solve(networkSimplex(), problem, zero(120), { stop: timeLimit(0) }).reason.rule).toBe("timeLimit");
  });

  it("has the cost of the plan as the value of its potentials", () => {
    const { source, target, cost } = references[1]!;
    const problem = networkProblem({ source, target, cost });
    const { state } = solve(networkSimplex({ pivotsPerStep: 10 }), problem, zero(95), { stop: maxIterations(3) });
    expect(state.gradientNorm).toBeGreaterThan(1);
    expect(problem.value(state.x) / state.value).toBeCloseTo(1, 12);
  });

  it("refuses what can't be meant", () => {
    const good = {
      source: [1, 1],
      target: [1, 1],
      cost: [
        [1, 2],
        [3, 4],
      ],
    };
    const bad = (change: object) => () => exactTransport({ ...good, ...change });
    expect(bad({ source: [1, -1] })).toThrow("argument `options.source` is -1 at index 1; wanted finite weights >= 0.");
    expect(bad({ source: [1, Number.NaN] })).toThrow("NaN at index 1");
    expect(bad({ target: [1] })).toThrow(
      "argument `options.target` is of length 1; wanted length 2, the columns of the cost.",
    );
    expect(bad({ source: [0, 0] })).toThrow("0 throughout");
    expect(bad({ source: undefined })).toThrow("argument `options.source` is undefined");
    expect(
      bad({
        cost: [
          [1, Number.NaN],
          [3, 4],
        ],
      }),
    ).toThrow("NaN at row 0, column 1");
    expect(
      bad({
        cost: [
          [1, -Infinity],
          [3, 4],
        ],
      }),
    ).toThrow("-Infinity at row 0, column 1");
    expect(bad({ cost: [] })).toThrow("0 × 0");
    expect(bad({ cost: undefined })).toThrow("without cost and points");
    expect(bad({ points: { source: [[1], [2]], target: [[1], [2]] } })).toThrow("with cost and points");
    expect(bad({ block: 0 })).toThrow("networkSimplex: argument `block` is 0; wanted a number >= 1.");
    expect(bad({ pivotsPerStep: 0.5 })).toThrow("pivotsPerStep");
    expect(bad({ normalize: 1 })).toThrow("options.normalize");
    expect(bad({ pivots: 3 })).toThrow("argument `options.pivots` is not an option");
    expect(bad({ initial: { source: [1], target: [1, 2] } })).toThrow("options.initial.source");
    expect(bad({ initial: { source: [1, Number.NaN], target: [1, 2] } })).toThrow("options.initial.source");
    const list = { rows: 2, cols: 2, sources: [0, 1], targets: [0, 1], costs: [1, 1] };
    expect(bad({ cost: { ...list, rows: 0 } })).toThrow(
      "argument `options.cost.rows` is 0; wanted a positive integer.",
    );
    expect(bad({ cost: { ...list, sources: [0, 2] } })).toThrow("argument `options.cost.sources[1]` is 2");
    expect(bad({ cost: { ...list, targets: [0, -1] } })).toThrow("argument `options.cost.targets[1]` is -1");
    expect(bad({ cost: { ...list, costs: [1] } })).toThrow("with 2 sources, 2 targets, 1 costs");
    expect(bad({ cost: { ...list, costs: [1, Number.NaN] } })).toThrow("NaN at row 1, column 1");
    expect(() => networkSimplex({ block: Number.NaN })).toThrow("block");
  });
});
