// The best values of the collection against a grid over x with the lower level solved on a grid of its own (one lower variable), or its solution at the point that is known (more).
import { describe, expect, it } from "vitest";
import { type BilevelCase, collection, problemOfCase } from "../src/problems/bilevel/collection.js";

const grid = (l: number, u: number, count: number): number[] =>
  Array.from({ length: count + 1 }, (_, k) => l + ((u - l) * k) / count);
const within = ([l, u]: readonly [number, number], reach: number): readonly [number, number] => [
  Math.max(l, -reach),
  Math.min(u, reach),
];

/** The least F over a grid, optimistic: among lower solutions that are equal to `slack`. */
function bruteForce(one: BilevelCase, count: number): number {
  const problem = problemOfCase(one);
  const g = problem.lowerConstraints;
  const values = new Float64Array(g?.count ?? 0);
  const z = new Float64Array(2);
  const [xl, xu] = within(one.xBounds?.[0] ?? [-12, 12], 100);
  const [yl, yu] = within(one.yBounds?.[0] ?? [-12, 12], 100);
  let best = Number.POSITIVE_INFINITY;
  for (const x of grid(xl, xu, count)) {
    z[0] = x;
    const lower: number[] = [];
    const upper: number[] = [];
    const tolerance = (1.5 * (yu - yl)) / count;
    for (const y of grid(yl, yu, count)) {
      z[1] = y;
      g?.valueInto(values, z);
      if (values.some((v) => v > 1e-12)) continue;
      lower.push(problem.lowerObjective.value(z));
      upper.push(problem.upperObjective.value(z));
    }
    const least = Math.min(...lower);
    lower.forEach((f, k) => {
      if (f <= least + 1e-9 * tolerance) best = Math.min(best, upper[k]!);
    });
  }
  return best;
}

/** Points a side where 400 are too few: the best value lies at a corner that a coarser grid misses. */
const finer: Readonly<Record<string, number>> = { TuyEtal2007: 1200, Mirrlees1999: 1200 };

describe("the collection of bilevel problems", () => {
  it("has at least 30 problems, each named once", () => {
    expect(collection.length).toBeGreaterThanOrEqual(30);
    expect(new Set(collection.map(({ name }) => name)).size).toBe(collection.length);
  });

  it.each(
    collection.filter(({ x, y, name }) => x.length + y.length === 2 && !/HendersonQuandt|MacalHurter/.test(name)),
  )("$name: the best value is that of a grid", (one) => {
    const found = bruteForce(one, finer[one.name] ?? 400);
    // A grid can't be better than the optimum but for its own width, nor much worse.
    const scale = Math.max(1, Math.abs(one.best));
    expect(found).toBeGreaterThan(one.best - 0.03 * scale);
    expect(found).toBeLessThan(one.best + 0.08 * scale);
  });

  it("HendersonQuandt1958 and MacalHurter1997: closed forms", () => {
    // y = 50 − x/4 and F = 3x²/8 − 70x; y = 50x − 500 and F = (x − 1)² + (50x − 501)².
    const [henderson, macal] = ["HendersonQuandt1958", "MacalHurter1997"].map(
      (name) => collection.find((one) => one.name === name)!,
    );
    const x = 280 / 3;
    expect(henderson!.best).toBeCloseTo((3 * x * x) / 8 - 70 * x, 9);
    const t = 25051 / 2501;
    expect(macal!.best).toBeCloseTo((t - 1) ** 2 + (50 * t - 501) ** 2, 5);
  });
});
