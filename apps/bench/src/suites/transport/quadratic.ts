// Quadratically regularized transport against RegOT's semismooth Newton methods: the same problem, min ⟨C, P⟩ + γ/2 ‖P‖², the same marginal error, and plans of the same cost.
import { denseMatrix } from "@hessia/core/linear";
import { quadraticTransport } from "@hessia/sinkhorn";
import type { PeerSolver } from "../../peers/transport.js";
import { randomAssignment, randomClouds, type TransportInput } from "../../problems/transport/input.js";
import type { Claim } from "../../row.js";
import { stopwatch } from "../../stopwatch.js";
import { inTurn, type One, type Runs, runsTable } from "../in-turn.js";
import { claim, duration, type Part, small } from "../parts.js";
import { peerContenders, type TransportContext } from "./part.js";

const tolerance = 1e-8;
const front = "quadraticTransport";
const solvers: Readonly<Record<string, PeerSolver>> = {
  "RegOT grssn": "regot.qrot_grssn",
  "RegOT assn": "regot.qrot_assn",
};

const solveOne = ({ source, target, rows, cols, cost }: TransportInput, regularization: number, limit: number): One => {
  const matrix = denseMatrix(rows, cols, cost);
  const lap = stopwatch();
  const run = quadraticTransport({
    source,
    target,
    cost: matrix,
    regularization,
    tolerance,
    dualGap: false,
    timeLimit: limit,
  });
  const times = lap();
  const { iterations, marginalErrors, cost: linear, reason, plan } = run;
  const entries = `${plan.amounts.length} entries`;
  const note = reason.kind === "converged" ? entries : `${entries}; ${reason.rule}: ${reason.detail}`;
  return { ...times, iterations, error: marginalErrors.source + marginalErrors.target, value: linear, note };
};

export async function quadraticFigures({ quick, signal, say, peers }: TransportContext): Promise<Part> {
  const n = quick ? 100 : 1000;
  const claims: Claim[] = [];
  const groups: [string, ReadonlyMap<string, Runs>][] = [];
  for (const [kind, input] of [
    ["assignment", randomAssignment(n, 1)],
    ["clouds", randomClouds(n, 1)],
  ] as const)
    for (const regularization of quick ? [1] : [10, 1, 0.1]) {
      if (signal.aborted) break;
      say(`${input.name}, γ = ${regularization}`);
      const limits = { regularization, tolerance, iterations: 2000, seconds: quick ? 0.15 : 4 };
      const runs = await inTurn(
        {
          [front]: () => solveOne(input, regularization, quick ? 2000 : 10_000),
          ...peerContenders(peers, solvers, input, limits),
        },
        quick ? 1 : 5,
        1500,
        signal,
      );
      if (signal.aborted) break;
      groups.push([`${input.name}, γ = ${regularization}`, runs]);
      claims.push(claimOn(kind, input, regularization, runs));
    }
  return {
    claims,
    tables: [
      runsTable("quadratic", `Quadratic regularization γ/2 ‖P‖², marginal error ${small(tolerance)}`, groups, [
        "marginal error",
        "cost",
      ]),
    ],
  };
}

/** Ours reaches the marginal error; its time against the faster of RegOT's that reach it. */
function claimOn(kind: string, input: TransportInput, regularization: number, runs: ReadonlyMap<string, Runs>): Claim {
  const mine = runs.get(front)!;
  const reached = mine.error <= 1.01 * tolerance;
  const others = Object.keys(solvers)
    .map((name) => [name, runs.get(name)] as const)
    .filter((pair): pair is readonly [string, Runs] => pair[1] !== undefined && pair[1].error <= tolerance)
    .sort((a, b) => a[1].ms - b[1].ms);
  const best = others[0];
  const apart = best === undefined ? 0 : Math.abs(mine.value! - best[1].value!) / best[1].value!;
  const against =
    best === undefined
      ? "no solver of RegOT is there or reaches it"
      : `${(mine.ms / best[1].ms).toPrecision(3)} × ${best[0]} (${duration(best[1].ms)}), costs apart by ${apart.toExponential(1)}`;
  return claim(
    `quadratic-${kind}-${regularization}`,
    `${input.name}, γ = ${regularization}: ${front} to marginal error ${small(tolerance)}, the same cost as RegOT's best`,
    "reached, costs within 1e-6",
    `${duration(mine.ms)} at ${small(mine.error)}; ${against}`,
    reached && apart <= 1e-6,
  );
}
