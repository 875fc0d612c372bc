// All permutations of small problems, stored values of another program, the network simplex method, certificates, and cuts of infeasible problems.
import { describe, expect, it } from "vitest";
import { assignment, exactTransport, pointCost } from "../../src/index.js";
import { randomCost, uniform } from "../problems-for-tests.js";

/** The least Σ C over all injections of the rows into the columns, by trying all. */
function exhaustive(C: number[][]): number {
  const m = C[0]!.length;
  const best = (i: number, used: number): number => {
    if (i === C.length) return 0;
    let least = Infinity;
    for (let j = 0; j < m; j++)
      if ((used & (1 << j)) === 0) least = Math.min(least, C[i]![j]! + best(i + 1, used | (1 << j)));
    return least;
  };
  return best(0, 0);
}

const transposed = (C: number[][]) => C[0]!.map((_, j) => C.map((row) => row[j]!));

/** One column for each row or the reverse, the cost as said, and potentials that prove it to be the least. */
function expectOptimal(C: number[][], result: ReturnType<typeof assignment>, tolerance: number): void {
  const { assignment: sigma, cost, potentials, reason } = result;
  expect(reason).toMatchObject({ kind: "converged", rule: "optimal" });
  const n = C.length;
  const m = C[0]!.length;
  expect(sigma.length).toBe(n);
  const pairs = [...sigma].flatMap((j, i) => (j < 0 ? [] : [[i, j] as const]));
  expect(pairs.length).toBe(Math.min(n, m));
  expect(new Set(pairs.map(([, j]) => j)).size).toBe(pairs.length);
  const { source: u, target: v } = potentials;
  let dual = 0;
  for (const p of u) dual += p;
  for (const p of v) dual += p;
  expect(Math.abs(pairs.reduce((sum, [i, j]) => sum + C[i]![j]!, 0) - cost)).toBeLessThanOrEqual(tolerance);
  expect(Math.abs(dual - cost)).toBeLessThanOrEqual(tolerance);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) expect(u[i]! + v[j]! - C[i]![j]!).toBeLessThanOrEqual(tolerance);
  if (n < m) for (const p of v) expect(p).toBeLessThanOrEqual(0);
  if (n > m) for (const p of u) expect(p).toBeLessThanOrEqual(0);
}

describe("assignment", () => {
  it("is the least over all assignments", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = uniform(seed);
      const n = 1 + Math.floor(6 * random());
      const m = n + Math.floor(3 * random());
      // Also whole costs with many ties, and negative ones.
      const C = randomCost(n, m, random).map((row) => row.map((c) => (seed % 2 === 0 ? c - 0.5 : Math.floor(4 * c))));
      expectOptimal(C, assignment(C), 1e-14);
      expect(assignment(C).cost).toBeCloseTo(exhaustive(C), 13);
      expectOptimal(transposed(C), assignment(transposed(C)), 1e-14);
      expect(assignment(transposed(C)).cost).toBeCloseTo(exhaustive(C), 13);
    }
  });

  // SciPy 1.17.1: i, j = linear_sum_assignment(C, maximize=…); C[i, j].sum(), with C = ((a * i + b * j + d * i * j) % p) for n, m, p, a, b, d.
  it.each([
    [[60, 60, 10007, 7919, 4729, 31], 13092, 581059],
    [[50, 80, 10007, 7919, 4729, 31], 7803, 487508],
    [[80, 50, 997, 37, 91, 11], 1030, 48884],
  ] as const)("finds the stored values of %j", ([n, m, p, a, b, d], least, greatest) => {
    const C = Array.from({ length: n }, (_, i) =>
      Array.from({ length: m }, (__, j) => (a * i + b * j + d * i * j) % p),
    );
    const cheapest = assignment(C);
    expect(cheapest.cost).toBe(least);
    expectOptimal(C, cheapest, 0);
    const dearest = assignment(C, { maximize: true });
    expect(dearest.cost).toBe(greatest);
    const { source: u, target: v } = dearest.potentials;
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) expect(u[i]! + v[j]!).toBeGreaterThanOrEqual(C[i]![j]!);
  });

  it("agrees with the network simplex method at n = 300", () => {
    const random = uniform(4);
    const points = () => Array.from({ length: 300 }, () => [random(), random()]);
    for (const cost of [randomCost(300, 300, random), pointCost({ source: points(), target: points() })]) {
      const ones = new Float64Array(300).fill(1);
      const simplex = exactTransport({ source: ones, target: ones, cost });
      const { cost: least, assignment: sigma } = assignment(cost);
      expect(Math.abs(simplex.cost - least)).toBeLessThan(1e-12);
      // Almost surely there is one optimal plan.
      expect(Array.from(simplex.plan.targets)).toEqual(Array.from(sigma));
    }
  });

  it("sorts points on a line, whatever the ties", () => {
    const n = 100;
    const random = uniform(6);
    const a = Array.from({ length: n }, () => Math.floor(20 * random()));
    const b = Array.from({ length: n }, () => Math.floor(20 * random()));
    const sorted = (x: number[]) => [...x].sort((p, q) => p - q);
    const known = sorted(a).reduce((sum, p, k) => sum + (p - sorted(b)[k]!) ** 2, 0);
    const C = a.map((p) => b.map((q) => (p - q) ** 2));
    expectOptimal(C, assignment(C), 0);
    expect(assignment(C).cost).toBe(known);
    const same = a.map(() => b.map(() => 7));
    expect(assignment(same).cost).toBe(700);
  });

  it("keeps off forbidden arcs", () => {
    const random = uniform(8);
    for (const [n, m] of [
      [12, 12],
      [9, 15],
      [15, 9],
    ] as const) {
      // The diagonal is always permitted.
      const C = randomCost(n, m, random).map((row, i) => row.map((c, j) => (i !== j && random() < 0.7 ? Infinity : c)));
      const result = assignment(C);
      expectOptimal(C, result, 1e-14);
      if (n <= 12) expect(result.cost).toBeLessThanOrEqual(C.reduce((sum, row, i) => sum + row[i]!, 0));
    }
    const upper = Array.from({ length: 20 }, (_, i) =>
      Array.from({ length: 20 }, (__, j) => (j < i ? Infinity : i - j)),
    );
    expect(assignment(upper).cost).toBe(0);
    expect(
      assignment(
        upper.map((row) => row.map((c) => -c)),
        { maximize: true },
      ).cost,
    ).toBe(-0);
  });

  it("names rows that have too few columns", () => {
    const I = Infinity;
    const C = [
      [1, 2, 3, 4],
      [I, 5, I, 6],
      [I, 1, I, 2],
      [I, 3, I, 4],
    ];
    const result = assignment(C);
    expect(result.cost).toBe(I);
    expect(result.reason).toMatchObject({ kind: "failed", rule: "infeasible" });
    expect(result.reason.detail).toBe(
      "the rows 1, 2, 3 of weight 3 reach only the columns 1, 3 of weight 2; permit more arcs, or change the weights",
    );
    expect(result.cut).toMatchObject({ rows: Int32Array.of(1, 2, 3), cols: Int32Array.of(1, 3) });
    const tall = assignment([...transposed(C), [1, I, I, I]]);
    expect(tall.reason.detail).toMatch(/^the columns 1, 2, 3 of weight 3 reach only the rows 1, 3 of weight 2/);
    expect(assignment([[I]]).reason.detail).toMatch(/^the row 0 of weight 1 reach no column/);
  });

  it("solves one pair, one row, one column", () => {
    expect(assignment([[-3]])).toMatchObject({ cost: -3, assignment: Int32Array.of(0) });
    expect(assignment([[3, 1, 2]])).toMatchObject({ cost: 1, assignment: Int32Array.of(1) });
    expect(assignment([[3], [1], [2]])).toMatchObject({ cost: 1, assignment: Int32Array.of(-1, 0, -1) });
  });

  it("ends where costs differ by less than the rounding of potentials", () => {
    const random = uniform(10);
    const C = randomCost(60, 60, random).map((row) => row.map((c) => 1e8 + 1e-8 * Math.floor(3 * c)));
    expectOptimal(C, assignment(C), 1e-5);
    const wide = randomCost(40, 40, random).map((row, i) => row.map((c) => c * 10 ** (i - 20)));
    expect(assignment(wide).reason.kind).toBe("converged");
  });

  it("doesn't bid a column down unit by unit where the next choice is far dearer", () => {
    const far = 1e13;
    const C = [
      [0, 3, far, far],
      [0, 1, far, far + 1],
      [0, 2, far, far],
    ];
    expectOptimal(C, assignment(C), 0);
    expect(assignment(C).cost).toBe(far + 1);
  });

  it("refuses what can't be meant", () => {
    expect(() => assignment([])).toThrow(
      "assignment: argument `cost` is 0 × 0; wanted at least one row and one column.",
    );
    expect(() => assignment([[1, Number.NaN]])).toThrow("argument `cost` is NaN at row 0, column 1");
    expect(() => assignment([[1, -Infinity]])).toThrow("-Infinity at row 0, column 1");
    expect(() => assignment([[1], [Infinity]], { maximize: true })).toThrow(
      "assignment: argument `cost` is Infinity at row 1, column 0; wanted finite numbers, or -Infinity for an arc that is forbidden.",
    );
    expect(() => assignment([[1, 2], [3]])).toThrow("cost[1]");
    expect(() => assignment([[1]], { maximize: 1 as unknown as boolean })).toThrow("options.maximize");
    expect(() => assignment([[1]], { maximise: true } as object)).toThrow("options.maximise");
    const list = { rows: 1, cols: 1, sources: [0], targets: [0], costs: [1] };
    expect(() => assignment(list as never)).toThrow("argument `cost` is a list of arcs; wanted a matrix.");
  });
});
