// What proves a plan optimal, checked from scratch.
import { expect } from "vitest";
import type { PlanEntries } from "../../src/index.js";

/** The greatest difference between the marginals of a plan and the weights. */
export function marginalDifference(
  { rows, cols, sources, targets, amounts }: PlanEntries,
  source: ArrayLike<number>,
  target: ArrayLike<number>,
): number {
  const lack = [Float64Array.from(source), Float64Array.from(target)] as const;
  expect([lack[0].length, lack[1].length]).toEqual([rows, cols]);
  for (let k = 0; k < amounts.length; k++) {
    expect(amounts[k]).toBeGreaterThan(0);
    lack[0][sources[k]!] = lack[0][sources[k]!]! - amounts[k]!;
    lack[1][targets[k]!] = lack[1][targets[k]!]! - amounts[k]!;
  }
  return Math.max(...lack.flatMap((side) => Array.from(side, Math.abs)));
}

/** Dual feasibility at all permitted arcs, and equality where the plan has an entry. */
export function expectOptimal(
  cost: (i: number, j: number) => number,
  { plan, potentials }: { plan: PlanEntries; potentials: { source: ArrayLike<number>; target: ArrayLike<number> } },
  tolerance: number,
): void {
  let violation = 0;
  for (let i = 0; i < plan.rows; i++)
    for (let j = 0; j < plan.cols; j++)
      violation = Math.max(violation, potentials.source[i]! + potentials.target[j]! - cost(i, j));
  let slack = 0;
  for (let k = 0; k < plan.amounts.length; k++) {
    const i = plan.sources[k]!;
    const j = plan.targets[k]!;
    slack = Math.max(slack, Math.abs(potentials.source[i]! + potentials.target[j]! - cost(i, j)));
  }
  expect(violation).toBeLessThanOrEqual(tolerance);
  expect(slack).toBeLessThanOrEqual(tolerance);
}
