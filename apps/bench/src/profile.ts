// Profiles over a set of problems.
// Performance profile: Dolan, Moré 2002, "Benchmarking optimization software with performance profiles".
// Data profile: Moré, Wild 2009, "Benchmarking derivative-free optimization algorithms", §2.
import type { Curve, Row } from "./row.js";
import { totalEvaluations } from "./row.js";

export type Cost = "evaluations" | "time";

const costOf: Record<Cost, (row: Row) => number> = {
  evaluations: (row) => totalEvaluations(row.counts),
  time: (row) => Math.max(row.ms, 0.05),
};

/**
 * ρ_s(τ): the share of problems that method s solves within τ times the cost of the best method on that problem.
 * A problem that no method solves counts for none. Times under 0.05 ms are taken as 0.05 ms: below that is noise.
 */
export function performanceProfile(rows: readonly Row[], cost: Cost): Curve {
  const problems = groupBy(rows, (row) => row.problem);
  const methods = unique(rows.map((row) => row.method));
  const ratios = new Map(methods.map((method) => [method, [] as number[]]));
  for (const group of problems.values()) {
    const solved = group.filter((row) => row.solved);
    const best = Math.min(...solved.map(costOf[cost]));
    for (const row of solved) ratios.get(row.method)!.push(costOf[cost](row) / best);
  }
  const lines = methods.map((name) => ({ name, points: cumulative(ratios.get(name)!, problems.size, 1) }));
  return {
    id: `performance-${cost}`,
    title: `Performance profile, ${cost} (share of ${problems.size} problems solved within τ × the best)`,
    xLabel: "τ",
    yLabel: "share solved",
    logX: true,
    logY: false,
    steps: true,
    lines: closeLines(lines),
  };
}

/**
 * d_s(κ): the share of problems for which method s reaches f(x) ≤ f_L + accuracy · (f(x₀) − f_L), f_L the best value that any
 * method found or the known optimum, within κ (n + 1) evaluations.
 */
export function dataProfile(rows: readonly Row[], accuracy = 1e-6): Curve {
  const problems = groupBy(rows, (row) => row.problem);
  const methods = unique(rows.map((row) => row.method));
  const costs = new Map(methods.map((method) => [method, [] as number[]]));
  for (const group of problems.values()) {
    const lowest = Math.min(
      ...group.map((row) => row.value).filter(Number.isFinite),
      ...group.map((row) => row.optimum ?? Number.POSITIVE_INFINITY),
    );
    for (const row of group) {
      const goal = lowest + accuracy * (row.startValue - lowest);
      const reached = row.progress.find((point) => point.value <= goal);
      if (reached) costs.get(row.method)!.push(Math.max(1e-2, reached.evaluations / (row.n + 1)));
    }
  }
  const lines = methods.map((name) => ({ name, points: cumulative(costs.get(name)!, problems.size, 1e-2) }));
  return {
    id: "data",
    title: `Data profile (share of ${problems.size} problems brought to ${accuracy.toExponential()} of their decrease within κ (n + 1) evaluations)`,
    xLabel: "κ",
    yLabel: "share solved",
    logX: true,
    logY: false,
    steps: true,
    lines: closeLines(lines),
  };
}

/** The steps of a cumulative distribution over `count` items, from x = start. */
function cumulative(values: number[], count: number, start: number): [number, number][] {
  const sorted = [...values].sort((a, b) => a - b);
  const points: [number, number][] = [[start, 0]];
  sorted.forEach((value, i) => {
    const share = (i + 1) / count;
    if (points.at(-1)![0] === value) points.at(-1)![1] = share;
    else points.push([value, share]);
  });
  return points;
}

/** Draws every line on to the largest x, so that the final shares can be compared. */
function closeLines(lines: { name: string; points: [number, number][] }[]): Curve["lines"] {
  const end = Math.max(...lines.map(({ points }) => points.at(-1)![0]), 1);
  for (const { points } of lines) if (points.at(-1)![0] < end) points.push([end, points.at(-1)![1]]);
  return lines;
}

export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const k = key(item);
    const group = groups.get(k);
    if (group) group.push(item);
    else groups.set(k, [item]);
  }
  return groups;
}

export const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];
