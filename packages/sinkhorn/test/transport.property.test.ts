// Properties of transport on random measures: what holds for every problem, whoever solves it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  assignment,
  batchedTransport,
  exactTransport,
  lineTransport,
  type PlanEntries,
  quadraticTransport,
  roundPlanInto,
  transport,
} from "../src/index.js";
import { greatestDifference, randomCost, randomWeights, uniform } from "./problems-for-tests.js";

const problems = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  n: fc.integer({ min: 1, max: 12 }),
  m: fc.integer({ min: 1, max: 12 }),
});
const runs = { numRuns: 40 };
const make = ({ seed, n, m }: { seed: number; n: number; m: number }) => {
  const random = uniform(seed);
  return { random, source: randomWeights(n, random), target: randomWeights(m, random), cost: randomCost(n, m, random) };
};
const cloud = (count: number, random: () => number, d = 2) =>
  Array.from({ length: count }, () => Array.from({ length: d }, () => 4 * random() - 2));
const sumsOf = (P: ArrayLike<number>, n: number, m: number) => ({
  rows: Array.from({ length: n }, (_, i) => Array.from({ length: m }, (_, j) => P[i * m + j]!).reduce((a, b) => a + b)),
  cols: Array.from({ length: m }, (_, j) => Array.from({ length: n }, (_, i) => P[i * m + j]!).reduce((a, b) => a + b)),
});
const full = ({ rows, cols, sources, targets, amounts }: PlanEntries) => {
  const P = new Float64Array(rows * cols);
  amounts.forEach((p, k) => {
    P[sources[k]! * cols + targets[k]!] = p;
  });
  return P;
};
const shuffled = (count: number, random: () => number) =>
  Array.from({ length: count }, (_, k) => k)
    .map((k) => [random(), k] as const)
    .sort(([a], [b]) => a - b)
    .map(([, k]) => k);

describe("rounded plans", () => {
  it("have their marginals to 1e-15 n, and move no more than twice the error", () => {
    fc.assert(
      fc.property(problems, (given) => {
        const { n, m } = given;
        const { random, source, target } = make(given);
        const P = Float64Array.from({ length: n * m }, () => (random() < 0.3 ? 0 : (2 * random()) / (n * m)));
        const before = sumsOf(P, n, m);
        const error =
          before.rows.reduce((sum, s, i) => sum + Math.abs(s - source[i]!), 0) +
          before.cols.reduce((sum, s, j) => sum + Math.abs(s - target[j]!), 0);
        const rounded = roundPlanInto(P.slice(), n, m, source, target);
        const { rows, cols } = sumsOf(rounded, n, m);
        expect(greatestDifference(rows, source)).toBeLessThan(1e-15 * (n + m));
        expect(greatestDifference(cols, target)).toBeLessThan(1e-15 * (n + m));
        expect(Math.min(...rounded)).toBeGreaterThanOrEqual(0);
        expect(rounded.reduce((sum, p, k) => sum + Math.abs(p - P[k]!), 0)).toBeLessThan(2 * error + 1e-12);
      }),
      runs,
    );
  });
});

describe("exact transport", () => {
  it("costs what the best assignment costs where there are as many equal weights", () => {
    fc.assert(
      fc.property(problems, (given) => {
        const { cost } = make({ ...given, m: given.n });
        const equal = new Float64Array(given.n).fill(1 / given.n);
        const exact = exactTransport({ source: equal, target: equal, cost });
        expect(exact.reason.kind).toBe("converged");
        expect(exact.cost).toBeCloseTo(assignment(cost).cost / given.n, 13);
      }),
      runs,
    );
  });

  it("costs what sorting finds on the line", () => {
    fc.assert(
      fc.property(problems, fc.constantFrom(1, 1.5, 2, 3), (given, power) => {
        const { random, source, target } = make(given);
        const [x, y] = [cloud(given.n, random, 1).flat(), cloud(given.m, random, 1).flat()];
        const line = lineTransport({ sourcePoints: x, targetPoints: y, source, target, power });
        const exact = exactTransport({ source, target, points: { source: x, target: y, power } });
        expect(exact.cost).toBeCloseTo(line.cost, 12);
      }),
      runs,
    );
  });

  it("gives a metric: W_p is symmetric, 0 from a measure to itself, and meets the triangle inequality", () => {
    const sizes = fc.record({
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      counts: fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 9 }))),
      power: fc.constantFrom(1, 2, 3),
    });
    fc.assert(
      fc.property(sizes, ({ seed, counts, power }) => {
        const random = uniform(seed);
        const measures = counts.map((count) => ({
          points: cloud(count, random),
          weights: randomWeights(count, random),
        }));
        const W = (a: number, b: number) => {
          const [α, β] = [measures[a]!, measures[b]!];
          const { cost } = exactTransport({
            source: α.weights,
            target: β.weights,
            points: { source: α.points, target: β.points, power },
          });
          return Math.max(0, cost) ** (1 / power);
        };
        expect(W(0, 1)).toBeCloseTo(W(1, 0), 11);
        expect(W(0, 0)).toBeLessThan(1e-4);
        expect(W(0, 2)).toBeLessThanOrEqual(W(0, 1) + W(1, 2) + 1e-11);
      }),
      runs,
    );
  });

  it("W₂² of moved clouds grows by |t|² + 2 ⟨t, mean y − mean x⟩", () => {
    fc.assert(
      fc.property(
        problems,
        fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true })),
        (given, t) => {
          const { random, source, target } = make(given);
          const [X, Y] = [cloud(given.n, random), cloud(given.m, random)];
          const moved = Y.map((y) => y.map((yq, q) => yq + t[q]!));
          const mean = (points: number[][], w: Float64Array, q: number) =>
            points.reduce((sum, p, i) => sum + w[i]! * p[q]!, 0);
          const added = [0, 1].reduce(
            (sum, q) => sum + t[q]! ** 2 + 2 * t[q]! * (mean(Y, target, q) - mean(X, source, q)),
            0,
          );
          const [plain, other] = [Y, moved].map(
            (points) => exactTransport({ source, target, points: { source: X, target: points } }).cost,
          );
          expect(other!).toBeCloseTo(plain! + added, 10);
        },
      ),
      runs,
    );
  });
});

describe("regularized transport", () => {
  it("follows a permutation of the points, as does its value", () => {
    fc.assert(
      fc.property(problems, (given) => {
        const { n, m } = given;
        const { random, source, target, cost } = make(given);
        const [σ, τ] = [shuffled(n, random), shuffled(m, random)];
        const changed = {
          source: σ.map((i) => source[i]!),
          target: τ.map((j) => target[j]!),
          cost: σ.map((i) => τ.map((j) => cost[i]![j]!)),
        };
        const options = { regularization: 0.1, tolerance: 1e-12 };
        const [a, b] = [{ source, target, cost }, changed].map((data) => transport({ ...data, ...options }));
        const [p, q] = [{ source, target, cost }, changed].map((data) => quadraticTransport({ ...data, ...options }));
        for (const { reason } of [a!, b!, p!, q!]) expect(reason.kind).toBe("converged");
        const back = (P: ArrayLike<number>) => σ.flatMap((i) => τ.map((j) => P[i * m + j]!));
        expect(greatestDifference(b!.plan.data, back(a!.plan.data))).toBeLessThan(1e-10);
        expect(greatestDifference(full(q!.plan), back(full(p!.plan)))).toBeLessThan(1e-9);
        expect(b!.entropicValue).toBeCloseTo(a!.entropicValue, 11);
      }),
      runs,
    );
  });

  it("as ε grows the cost rises, the value falls (Σ P log P ≤ 0), and it stays under the exact cost", () => {
    fc.assert(
      fc.property(problems, (given) => {
        const { source, target, cost } = make(given);
        const exact = exactTransport({ source, target, cost }).cost;
        let [lastCost, lastValue] = [exact - 1e-10, exact + 1e-10];
        for (const regularization of [0.02, 0.1, 0.5]) {
          const found = transport({ source, target, cost, regularization, tolerance: 1e-12 });
          expect(found.reason.kind).toBe("converged");
          expect(found.cost).toBeGreaterThanOrEqual(lastCost - 1e-10);
          expect(found.entropicValue).toBeLessThanOrEqual(lastValue + 1e-10);
          expect(found.dualGap).toBeGreaterThan(-1e-10);
          expect(found.cost).toBeCloseTo(found.roundedCost, 9);
          [lastCost, lastValue] = [found.cost, found.entropicValue];
        }
      }),
      runs,
    );
  });

  it("as γ grows the cost and the value of quadratic transport rise, and ‖P‖ falls", () => {
    fc.assert(
      fc.property(problems, (given) => {
        const { source, target, cost } = make(given);
        const exact = exactTransport({ source, target, cost }).cost;
        let last = { cost: exact - 1e-10, value: exact - 1e-10, norm: Number.POSITIVE_INFINITY };
        for (const regularization of [0.1, 1, 10]) {
          const found = quadraticTransport({ source, target, cost, regularization, tolerance: 1e-12 });
          expect(found.reason.kind).toBe("converged");
          const norm = found.plan.amounts.reduce((sum, p) => sum + p * p, 0);
          expect(found.cost).toBeGreaterThanOrEqual(last.cost - 1e-10);
          expect(found.dualValue).toBeGreaterThanOrEqual(last.value - 1e-10);
          expect(norm).toBeLessThanOrEqual(last.norm + 1e-10);
          last = { cost: found.cost, value: found.dualValue, norm };
        }
      }),
      runs,
    );
  });

  it("in a batch is what it is alone", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 1, max: 5 }), (given, count) => {
        const { random, cost } = make(given);
        const sources = Array.from({ length: count }, () => Array.from(randomWeights(given.n, random)));
        const targets = Array.from({ length: count }, () => Array.from(randomWeights(given.m, random)));
        const options = { regularization: 0.2, tolerance: 1e-12 };
        const batch = batchedTransport({ sources, targets, cost, ...options });
        expect(batch.reason.kind).toBe("converged");
        sources.forEach((source, b) => {
          const alone = transport({ source, target: targets[b]!, cost, ...options });
          expect(batch.values[b]!).toBeCloseTo(alone.entropicValue, 11);
        });
      }),
      runs,
    );
  });
});
