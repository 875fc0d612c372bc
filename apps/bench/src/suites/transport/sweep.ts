// What the paper left out: random assignment over η and n, several seeds with their spread, an automatic switch to Newton's steps, and other methods than Sinkhorn's algorithm. Scaling in n and in η.
import { setImmediate } from "node:timers/promises";
import type { TransportProblem } from "@hessia/sinkhorn";
import type { PeerSolver } from "../../peers/transport.js";
import { costOf, problemOf, randomAssignment, type TransportInput } from "../../problems/transport/input.js";
import { groupBy, unique } from "../../profile.js";
import type { Claim, Curve, ReportTable } from "../../row.js";
import { median } from "../../statistics.js";
import { claim, duration, type Part, small, spread } from "../parts.js";
import { attempt, byDefault, dualLbfgs, lowRank, newtonSparse, plainSinkhorn, scaledSinkhorn } from "./contenders.js";
import type { TransportContext } from "./part.js";

const tolerance = 1e-10;
/** What plain Sinkhorn still has after the time of the default method, for the case to count. */
const farOff = 1e-4;
const rivals = [newtonSparse, lowRank, scaledSinkhorn, dualLbfgs];
const solvers: Readonly<Record<string, PeerSolver>> = {
  "RegOT ssns": "regot.sinkhorn_ssns",
  "RegOT splr": "regot.sinkhorn_splr",
};

interface Result {
  readonly n: number;
  readonly eta: number;
  readonly seed: number;
  readonly by: string;
  readonly ms: number;
  readonly iterations: number;
  readonly marginalError: number;
  readonly reached: boolean;
}

/** One input and its problems, one for each η. */
interface Group {
  readonly n: number;
  readonly seed: number;
}

export async function sweepFigures({ quick, signal, say, peers }: TransportContext): Promise<Part> {
  const sizes = quick ? [100, 200] : [500, 1000, 2000, 4000];
  const etas = quick ? [100, 1000] : [10, 100, 1000, 10_000];
  const seeds = quick ? 1 : 10;
  const longest = quick ? 1000 : 30_000;
  const results: Result[] = [];
  const leftOut: string[] = [];
  const first = new Map<string, number>();
  const key = (n: number, eta: number, seed: number) => `${n} ${eta} ${seed}`;

  /** Sizes from small to large for each seed, the first seed first; at most so many seeds of a size. */
  const groups = (most: (n: number) => number): Group[] =>
    Array.from({ length: seeds }, (_, k) => k + 1).flatMap((seed) =>
      sizes.filter((n) => seed <= most(n)).map((n) => ({ n, seed })),
    );
  /** Runs `work` on every problem of the groups for so many seconds; what is left then is named. */
  const each = async (
    what: string,
    seconds: number,
    list: readonly Group[],
    work: (input: TransportInput, problem: TransportProblem, at: Group & { readonly eta: number }) => unknown,
  ): Promise<void> => {
    const ends = performance.now() + 1000 * (quick ? 2 : seconds);
    let skipped = 0;
    for (const { n, seed } of list) {
      if (signal.aborted) return;
      if (performance.now() > ends) {
        skipped++;
        continue;
      }
      const input = randomAssignment(n, seed);
      const cost = costOf(input);
      for (const eta of etas) {
        await setImmediate();
        if (signal.aborted) return;
        say(`${what}: n = ${n}, η = ${eta}, seed ${seed}`);
        const problem = problemOf(input, cost, input.range / eta);
        // Whoever comes first doesn't pay for bringing the cost into the caches.
        problem.value(new Float64Array(problem.dimension));
        await work(input, problem, { n, eta, seed });
      }
    }
    if (skipped > 0) leftOut.push(`${what}: ${skipped} of ${list.length} pairs of size and seed`);
  };

  // Compiled before the clock runs: no size and no method pays for being first.
  const little = randomAssignment(100, 99);
  const warm = problemOf(little, costOf(little), little.range / 200);
  for (const contender of [byDefault, plainSinkhorn, ...rivals]) attempt(contender, warm, tolerance, quick ? 50 : 300);

  await each(
    "the default and plain Sinkhorn",
    270,
    groups(() => seeds),
    (_input, problem, at) => {
      const trial = attempt(byDefault, problem, tolerance, longest);
      first.set(key(at.n, at.eta, at.seed), trial.ms);
      results.push({ ...at, by: byDefault.name, ...trial });
      // The same processor time: what else runs on the machine stretches neither.
      const same = attempt(plainSinkhorn, problem, tolerance, 4 * longest, { processor: trial.processorMs });
      results.push({ ...at, by: plainSinkhorn.name, ...same });
    },
  );
  const limitAt = (at: Group & { readonly eta: number }) =>
    Math.min(longest, Math.max(quick ? 60 : 200, 4 * (first.get(key(at.n, at.eta, at.seed)) ?? 0)));
  /** Sizes at which a solver didn't end: it isn't asked for those or larger ones again. */
  const tooLarge = new Map<PeerSolver, number>();
  await each(
    "RegOT",
    90,
    groups(() => 1),
    async (input, { regularization }, at) => {
      for (const [by, solver] of Object.entries(solvers)) {
        if (signal.aborted || !peers?.has(solver) || at.n >= (tooLarge.get(solver) ?? Number.POSITIVE_INFINITY))
          continue;
        const seconds = Math.max(quick ? 0.15 : 3, limitAt(at) / 1000);
        try {
          const limits = { regularization, tolerance, iterations: 2000, seconds, patience: 10 };
          const run = await peers.run(solver, input, limits);
          results.push({ ...at, by, ...run, reached: run.marginalError <= tolerance });
        } catch (error) {
          leftOut.push(`${by} at n = ${at.n}, η = ${at.eta}: ${error instanceof Error ? error.message : error}`);
          tooLarge.set(solver, at.n);
        }
      }
    },
  );
  await each(
    "rivals",
    120,
    groups((n) => (n <= 1000 ? seeds : n <= 2000 ? 3 : 1)),
    async (_input, problem, at) => {
      for (const rival of rivals) {
        await setImmediate();
        if (signal.aborted) return;
        results.push({ ...at, by: rival.name, ...attempt(rival, problem, tolerance, limitAt(at)) });
      }
    },
  );
  return {
    claims: claimsOf(results, quick),
    tables: [tableOf(results, leftOut)],
    curves: [...scaling(results, "n"), ...scaling(results, "eta")],
  };
}

function claimsOf(results: readonly Result[], quick: boolean): Claim[] {
  const mine = results.filter(({ by }) => by === byDefault.name);
  if (mine.length === 0) return [];
  const plain = new Map(
    results.filter(({ by }) => by === plainSinkhorn.name).map((one) => [`${one.n} ${one.eta} ${one.seed}`, one]),
  );
  const failed = mine.filter(({ reached }) => !reached);
  const worst = Math.max(...mine.map(({ marginalError }) => marginalError));
  const behind = mine.filter(({ n, eta, seed }) => plain.get(`${n} ${eta} ${seed}`)!.marginalError > farOff);
  const small = mine.filter(({ eta }) => eta >= 1000);
  const behindSmall = small.filter((one) => behind.includes(one));
  const name = (one: Result) => `n = ${one.n}, η = ${one.eta}, seed ${one.seed}`;
  return [
    claim(
      "sweep-reached",
      `random assignment over n, η and seeds: ${byDefault.name} reaches marginal error ${tolerance.toExponential()}`,
      "all",
      `${mine.length - failed.length} of ${mine.length}, worst ${worst.toExponential(1)}${failed.length === 0 ? "" : `; not ${failed.map(name).join("; ")}`}`,
      failed.length === 0,
    ),
    claim(
      "sweep-against-sinkhorn",
      `the same at η ≥ 1000: plain Sinkhorn (log domain) still has marginal error > ${farOff.toExponential()} after the same processor time`,
      quick ? "reported (at full size: all)" : "all",
      `${behindSmall.length} of ${small.length}; at any η ${behind.length} of ${mine.length}`,
      quick || behindSmall.length === small.length,
    ),
  ];
}

function tableOf(results: readonly Result[], leftOut: readonly string[]): ReportTable {
  const cases = [...groupBy(results, ({ n, eta, by }) => `${n} ${eta} ${by}`).values()].sort(
    ([a], [b]) => a!.n - b!.n || a!.eta - b!.eta,
  );
  return {
    id: "sweep",
    title: `Random assignment, ε = range/η, to marginal error ${tolerance.toExponential()}`,
    head: ["n", "η", "by", "reached", "time", "iterations", "marginal error"],
    rows: cases.map((group) => {
      const [{ n, eta, by }] = group as [Result];
      const there = group.filter(({ ms }) => Number.isFinite(ms));
      return [
        String(n),
        String(eta),
        by,
        `${group.filter(({ reached }) => reached).length} of ${group.length}`,
        spread(
          there.map(({ ms }) => ms),
          duration,
        ),
        spread(
          there.map(({ iterations }) => iterations),
          String,
        ),
        spread(
          there.map(({ marginalError }) => marginalError),
          small,
        ),
      ];
    }),
    note: `Medians over seeds (extremes). ${plainSinkhorn.name} has the processor time that ${byDefault.name} took on the same problem; the others four times that and at least 0.2 s, RegOT at least 3 s a run.${leftOut.length === 0 ? "" : ` Left out: ${leftOut.join("; ")}.`}`,
  };
}

/** Median time to the tolerance over n or η, of the methods that reach it on every seed there. */
function scaling(results: readonly Result[], over: "n" | "eta"): Curve[] {
  const other = over === "n" ? "eta" : "n";
  return unique(results.map((one) => one[other])).map((fixed) => ({
    id: `scaling-${over}-${fixed}`,
    title: `Time to marginal error ${tolerance.toExponential()} over ${over === "n" ? "n" : "η"}, ${other === "n" ? "n" : "η"} = ${fixed}`,
    xLabel: over === "n" ? "n" : "η = range/ε",
    yLabel: "ms",
    logX: true,
    logY: true,
    steps: false,
    lines: [
      ...groupBy(
        results.filter((one) => one[other] === fixed),
        ({ by }) => by,
      ),
    ]
      .map(([name, group]) => ({
        name,
        points: [...groupBy(group, (one) => String(one[over])).values()]
          .filter((same) => same.every(({ reached }) => reached))
          .map((same) => [same[0]![over], median(same.map(({ ms }) => ms))] as const)
          .sort((a, b) => a[0] - b[0]),
      }))
      .filter(({ points }) => points.length > 0),
  }));
}
