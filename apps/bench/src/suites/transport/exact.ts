// Exact transport against POT's network simplex in C++, linear assignment against SciPy's.
import { denseMatrix } from "@hessia/core/linear";
import { assignment, exactTransport } from "@hessia/sinkhorn";
import {
  randomAssignment,
  randomClouds,
  type TransportInput,
  withRandomWeights,
} from "../../problems/transport/input.js";
import type { Claim } from "../../row.js";
import { stopwatch } from "../../stopwatch.js";
import { inTurn, type One, type Runs, runsTable } from "../in-turn.js";
import { claim, duration, type Part } from "../parts.js";
import { peerContenders, type TransportContext } from "./part.js";

const simplex = ({ source, target, rows, cols, cost }: TransportInput): One => {
  const matrix = denseMatrix(rows, cols, cost);
  const lap = stopwatch();
  const { pivots, plan, cost: value, reason } = exactTransport({ source, target, cost: matrix });
  const times = lap();
  const [r, c] = [source.slice(), target.slice()];
  plan.amounts.forEach((amount, k) => {
    r[plan.sources[k]!]! -= amount;
    c[plan.targets[k]!]! -= amount;
  });
  const error = [...r, ...c].reduce((sum, rest) => sum + Math.abs(rest), 0);
  return { ...times, iterations: pivots, error, value, note: reason.kind === "converged" ? "" : reason.rule };
};

const assign = ({ rows, cols, cost }: TransportInput): One => {
  const matrix = denseMatrix(rows, cols, cost);
  const lap = stopwatch();
  const { assignment: columns, cost: value, reason } = assignment(matrix);
  const times = lap();
  // The part of the rows that don't have a column of their own.
  const error = 1 - new Set(columns).size / rows;
  return { ...times, iterations: 0, error, value, note: reason.kind === "converged" ? "" : reason.rule };
};

export async function exactFigures({ quick, signal, say, peers }: TransportContext): Promise<Part> {
  const n = quick ? 100 : 1000;
  const rounds = quick ? 1 : 5;
  const limits = { regularization: 1, tolerance: 0, iterations: 0, seconds: 30 };
  const claims: Claim[] = [];
  const groups: [string, ReadonlyMap<string, Runs>][] = [];
  const both = async (
    id: string,
    input: TransportInput,
    ours: readonly [string, (input: TransportInput) => One],
    peer: readonly [string, "pot.emd" | "scipy.linear_sum_assignment"],
    most: number,
    goal: string,
  ) => {
    if (signal.aborted) return;
    say(`${ours[0]}, ${input.name}`);
    const runs = await inTurn(
      { [ours[0]]: () => ours[1](input), ...peerContenders(peers, { [peer[0]]: peer[1] }, input, limits) },
      rounds,
      20_000,
      signal,
    );
    if (signal.aborted) return;
    groups.push([input.name, runs]);
    const mine = runs.get(ours[0])!;
    const other = runs.get(peer[0]);
    const there = other !== undefined && other.times.length > 0;
    const apart = there ? Math.abs(mine.value! - other.value!) / Math.abs(other.value!) : Number.NaN;
    const measured = there
      ? `${(mine.ms / other.ms).toPrecision(3)} × (${duration(mine.ms)} against ${duration(other.ms)}), costs apart by ${apart.toExponential(1)}`
      : null;
    const judged = Number.isFinite(most) && !quick;
    claims.push(
      claim(
        id,
        `${input.name}: time of ${ours[0]} over that of ${peer[0]}, the same cost`,
        judged ? goal : `the same cost${Number.isFinite(most) ? ` (at full size: ${goal})` : ""}`,
        measured,
        apart <= 1e-9 && mine.error <= 1e-12 && (!judged || mine.ms <= most * other!.ms),
      ),
    );
  };
  const clouds = randomClouds(n, 1);
  const costs = randomAssignment(n, 1);
  for (const [id, input] of [
    ["assignment", withRandomWeights(costs, 1)],
    ["clouds", withRandomWeights(clouds, 1)],
  ] as const)
    await both(`exact-${id}`, input, ["exactTransport", simplex], ["POT emd", "pot.emd"], 3, "≤ 3 ×");
  for (const [id, input] of [
    ["uniform", costs],
    ["clouds", clouds],
  ] as const)
    await both(
      `assignment-${id}`,
      input,
      ["assignment", assign],
      ["SciPy linear_sum_assignment", "scipy.linear_sum_assignment"],
      Number.POSITIVE_INFINITY,
      "",
    );
  return {
    claims,
    tables: [
      runsTable("exact", "Exact transport and assignment", groups, [
        "marginal error, or rows without a column",
        "cost",
      ]),
    ],
  };
}
