// The table of Tang et al. 2024 (ICLR, arXiv 2401.12253): random assignment and two pairs of pictures at η = 1200. Where they have digits of MNIST here are drawn ones.
import { setImmediate } from "node:timers/promises";
import { sinkhornNewtonSparse } from "@hessia/sinkhorn";
import { digitPair } from "../../problems/transport/digits.js";
import { costOf, problemOf, randomAssignment, type TransportInput } from "../../problems/transport/input.js";
import type { Claim } from "../../row.js";
import { median } from "../../statistics.js";
import { claim, duration, type Part, small, spread } from "../parts.js";
import { attempt, byDefault, ours, plainSinkhorn, type TransportContender, type Trial } from "./contenders.js";
import type { TransportContext } from "./part.js";

const eta = 1200;
/** P_ij = exp(η (xᵢ + yⱼ − C_ij)): rounding in x is η times as large in P, some 1e-13 of it. */
const machinePrecision = 1e-13;

interface Case {
  readonly id: string;
  readonly inputs: readonly TransportInput[];
  readonly mostIterations: number;
  readonly mostMs?: number;
  /** Iterations and seconds as published: Sinkhorn-Newton-Sparse, Sinkhorn. */
  readonly published: readonly [string, string];
  /** N₁ as published. */
  readonly steps: number;
  /** Seconds that Sinkhorn's algorithm is given. */
  readonly sinkhornSeconds: number;
}

const published = (sinkhornSteps: number): TransportContender =>
  ours(`sinkhornNewtonSparse, N₁ = ${sinkhornSteps}`, () => sinkhornNewtonSparse({ sinkhornSteps }));
const automatic = ours("sinkhornNewtonSparse, N₁ by itself", () => sinkhornNewtonSparse());

const pictures = (whole: boolean, sinkhornSeconds: number): Case[] => [
  {
    id: whole ? "digits-l2-whole" : "digits-l2",
    inputs: [digitPair(3, 5, "l2", whole)],
    mostIterations: 60,
    published: ["53 (20 + 33), 2.33 s", "2,041, 18.8 s"],
    steps: 20,
    sinkhornSeconds,
  },
  {
    id: whole ? "digits-l1-whole" : "digits-l1",
    inputs: [digitPair(3, 5, "l1", whole)],
    mostIterations: 800,
    published: ["777 (700 + 77), 12.2 s", "5,748, 45.8 s"],
    steps: 700,
    sinkhornSeconds,
  },
];

export async function paperFigures({ quick, signal, say }: TransportContext): Promise<Part> {
  const n = quick ? 100 : 500;
  const cases: Case[] = [
    {
      id: "assignment",
      inputs: Array.from({ length: quick ? 2 : 10 }, (_, seed) => randomAssignment(n, seed + 1)),
      mostIterations: 30,
      mostMs: 340,
      published: ["29 (20 + 9), 0.34 s", "56,199, 233 s"],
      steps: 20,
      sinkhornSeconds: quick ? 0.1 : 90,
    },
    // On the pixels with ink, and on whole pictures, as is the custom with MNIST.
    ...(quick ? [false] : [false, true]).flatMap((whole) => pictures(whole, quick ? 0.1 : 10)),
  ];
  const claims: Claim[] = [];
  const rows: string[][] = [];
  for (const { id, inputs, steps, sinkhornSeconds, ...one } of cases) {
    const contenders = [published(steps), automatic, byDefault];
    const trials = new Map<TransportContender, Trial[]>(contenders.map((contender) => [contender, []]));
    const times = new Map<TransportContender, number[]>(contenders.map((contender) => [contender, []]));
    const [first] = inputs as [TransportInput, ...TransportInput[]];
    const problems = inputs.map((input) => problemOf(input, costOf(input), input.range / eta));
    // One round that doesn't count; then the first input's times are medians of five, in turn.
    for (let round = 0; round <= (quick ? 1 : 5); round++)
      for (const contender of contenders) {
        await setImmediate();
        if (signal.aborted) return { claims };
        say(`${first.name}: ${contender.name}`);
        const trial = attempt(contender, problems[0]!, machinePrecision, 20_000);
        if (round > 0) times.get(contender)!.push(trial.ms);
        if (round === 1) trials.get(contender)!.push(trial);
      }
    for (const problem of problems.slice(1))
      for (const contender of contenders) {
        await setImmediate();
        if (signal.aborted) return { claims };
        trials.get(contender)!.push(attempt(contender, problem, machinePrecision, 20_000));
      }
    say(`${first.name}: Sinkhorn's algorithm for ${sinkhornSeconds} s`);
    await setImmediate();
    const sinkhorn = attempt(plainSinkhorn, problems[0]!, machinePrecision, 1000 * sinkhornSeconds);

    for (const [k, contender] of contenders.entries()) {
      const list = trials.get(contender)!;
      rows.push([
        inputs.length === 1 ? first.name : `${first.name} … ${inputs.length}`,
        contender.name,
        spread(
          list.map(({ iterations }) => iterations),
          String,
        ),
        duration(median(times.get(contender)!)),
        small(Math.max(...list.map(({ marginalError }) => marginalError))),
        k === 0 ? one.published[0] : "",
      ]);
    }
    rows.push([
      first.name,
      plainSinkhorn.name,
      `${sinkhorn.reached ? "" : "cut at "}${sinkhorn.iterations}`,
      duration(sinkhorn.ms),
      small(sinkhorn.marginalError),
      one.published[1],
    ]);
    const main = trials.get(contenders[0]!)!;
    const all = main.every(({ reached }) => reached);
    const iterations = main.map((trial) => trial.iterations);
    const worst = small(Math.max(...main.map(({ marginalError }) => marginalError)));
    claims.push(
      claim(
        `paper-${id}-iterations`,
        `${first.name}, η = ${eta}: sweeps and Newton steps of sinkhornNewtonSparse with the paper's N₁ = ${steps} to marginal error ${small(machinePrecision)}${inputs.length > 1 ? `, ${inputs.length} seeds` : ""}`,
        quick
          ? `reached (at full size: ≤ ${one.mostIterations})`
          : `≤ ${one.mostIterations}${inputs.length > 1 ? " in the median" : ""}`,
        `${spread(iterations, String)}, worst marginal error ${worst}`,
        all && (quick || median(iterations) <= one.mostIterations),
      ),
    );
    if (one.mostMs !== undefined) {
      const ms = median(times.get(contenders[0]!)!);
      claims.push(
        claim(
          `paper-${id}-time`,
          `${first.name}, η = ${eta}: time to the same, median of ${times.get(contenders[0]!)!.length}`,
          quick ? `reached (at full size: ≤ ${one.mostMs} ms)` : `≤ ${one.mostMs} ms`,
          `${duration(ms)} (Sinkhorn's algorithm ${sinkhorn.reached ? "takes" : "after"} ${sinkhorn.iterations} sweeps and ${duration(sinkhorn.ms)}: ${small(sinkhorn.marginalError)})`,
          all && (quick || ms <= one.mostMs),
        ),
      );
    }
  }
  return {
    claims,
    tables: [
      {
        id: "paper",
        title: `The paper's table, η = ${eta}, to marginal error ${small(machinePrecision)}`,
        head: ["input", "method", "iterations", "time", "marginal error", "published for the like"],
        rows,
        note: "Iterations over several seeds: median (extremes). Times: medians on the first seed. Published times are of the authors' laptop.",
      },
    ],
  };
}
