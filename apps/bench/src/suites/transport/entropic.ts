// Entropic transport against POT and RegOT on the same machine: n = 1000 at ε = range/1000 to marginal error 1e-9, and RegOT's own example.
import { denseMatrix } from "@hessia/core/linear";
import { transport } from "@hessia/sinkhorn";
import type { PeerSolver } from "../../peers/transport.js";
import {
  costOf,
  problemOf,
  randomAssignment,
  randomClouds,
  type TransportInput,
  twoDensities,
} from "../../problems/transport/input.js";
import type { Claim } from "../../row.js";
import { stopwatch } from "../../stopwatch.js";
import { type Contenders, inTurn, type One, type Runs, runsTable } from "../in-turn.js";
import { claim, duration, type Part, small } from "../parts.js";
import { attempt, dualLbfgs, lowRank, newtonSparse, scaledSinkhorn, type TransportContender } from "./contenders.js";
import { peerContenders, type TransportContext } from "./part.js";

const tolerance = 1e-9;
const solvers: Readonly<Record<string, PeerSolver>> = {
  "POT sinkhorn_log": "pot.sinkhorn_log",
  "POT sinkhorn": "pot.sinkhorn",
  "RegOT ssns": "regot.sinkhorn_ssns",
  "RegOT splr": "regot.sinkhorn_splr",
  "RegOT lbfgs_dual": "regot.sinkhorn_lbfgs_dual",
};
export const front = "transport (default)";

/** The front door with a dense plan, as the peers give one. */
const frontDoor = (
  { source, target, rows, cols, cost }: TransportInput,
  regularization: number,
  limit: number,
): One => {
  const matrix = denseMatrix(rows, cols, cost);
  const lap = stopwatch();
  const {
    iterations,
    marginalErrors,
    reason,
    cost: linear,
  } = transport({
    source,
    target,
    cost: matrix,
    regularization,
    tolerance,
    dualGap: false,
    timeLimit: limit,
  });
  const times = lap();
  const note = reason.kind === "converged" ? "" : `${reason.rule}: ${reason.detail}`;
  return { ...times, iterations, error: marginalErrors.source + marginalErrors.target, value: linear, note };
};

export function contendersOn(
  input: TransportInput,
  regularization: number,
  methods: readonly TransportContender[],
  limit: number,
): Contenders {
  const problem = problemOf(input, costOf(input), regularization);
  return {
    [front]: () => frontDoor(input, regularization, limit),
    ...Object.fromEntries(
      methods.map((method) => [
        method.name,
        (): One => {
          const { ms, processorMs, iterations, marginalError, reached, reason } = attempt(
            method,
            problem,
            tolerance,
            limit,
          );
          return { ms, processorMs, iterations, error: marginalError, note: reached ? "" : reason };
        },
      ]),
    ),
  };
}

export async function entropicFigures({ quick, signal, say, peers }: TransportContext): Promise<Part> {
  const n = quick ? 200 : 1000;
  const seconds = quick ? 0.15 : 30;
  const claims: Claim[] = [];
  const groups: [string, ReadonlyMap<string, Runs>][] = [];
  for (const [kind, input] of [
    ["assignment", randomAssignment(n, 1)],
    ["clouds", randomClouds(n, 1)],
  ] as const) {
    if (signal.aborted) break;
    say(`${input.name}, ε = range/1000`);
    const regularization = input.range / 1000;
    const runs = await inTurn(
      {
        ...contendersOn(input, regularization, [newtonSparse, lowRank, scaledSinkhorn, dualLbfgs], quick ? 200 : 5000),
        ...peerContenders(peers, solvers, input, { regularization, tolerance, iterations: 1_000_000, seconds }),
      },
      quick ? 1 : 5,
      quick ? 200 : 4000,
      signal,
    );
    groups.push([input.name, runs]);
    if (!signal.aborted) claims.push(...claimsOn(kind, input, runs, quick));
  }

  for (const regularization of quick ? [0.01] : [0.1, 0.01, 0.001]) {
    if (signal.aborted) break;
    const input = twoDensities();
    say(`${input.name}, ε = ${regularization}`);
    const all = peerContenders(peers, solvers, input, {
      regularization,
      tolerance,
      iterations: 100_000,
      seconds: quick ? 0.3 : 5,
    });
    const { "POT sinkhorn": _plain, ...others } = all;
    const runs = await inTurn(
      { ...contendersOn(input, regularization, [newtonSparse, lowRank, scaledSinkhorn], 2000), ...others },
      quick ? 1 : 5,
      500,
      signal,
    );
    groups.push([`${input.name}, ε = ${regularization}`, runs]);
  }
  const note =
    "Times: medians; one run where it is long. The front door's time is of the whole call with a dense plan, as the peers'; the methods' is of the method alone. RegOT's is the run with the loosest tolerance of its own that meets ours.";
  return {
    claims,
    tables: [
      runsTable(
        "entropic",
        `Marginal error ${small(tolerance)}, ε = range/1000 where not said otherwise`,
        groups,
        ["marginal error", "cost"],
        note,
      ),
    ],
  };
}

/** Exported for its test. */
export function claimsOn(
  kind: string,
  input: TransportInput,
  runs: ReadonlyMap<string, Runs>,
  quick: boolean,
): Claim[] {
  const mine = runs.get(front)!;
  const reached = mine.error <= tolerance;
  const against = (id: string, name: string, most: number, goal: string): Claim => {
    const other = runs.get(name);
    const statement = `${input.name}, ε = range/1000, marginal error ${small(tolerance)}: time of ${front} over that of ${name}`;
    const wanted = quick ? `both run (at full size: ${goal})` : goal;
    if (other === undefined || other.times.length === 0)
      return claim(id, statement, wanted, other === undefined ? null : `no time: ${other.note}`, false);
    // A peer that was cut short would have taken longer.
    const least = other.error > tolerance && other.note !== "" ? "at most " : "";
    const measured = `${least}${(mine.ms / other.ms).toPrecision(3)} × (${duration(mine.ms)} at ${small(mine.error)} against ${duration(other.ms)} at ${small(other.error)}${other.note === "" ? "" : `, ${other.note}`})`;
    return claim(id, statement, wanted, measured, reached && (quick || mine.ms <= most * other.ms));
  };
  return [
    against(`entropic-${kind}-pot`, "POT sinkhorn_log", 0.1, "≤ 0.1 ×"),
    against(`entropic-${kind}-regot`, "RegOT ssns", 1, "≤ 1 ×"),
  ];
}
