// What the paper left out: random assignment over η and n, several seeds with their spread, an automatic switch to Newton's steps, and other methods than Sinkhorn's algorithm. Scaling in n and in η.
import { setImmediate } from "node:timers/promises";
import type { PeerSolver } from "../../peers/transport.js";
import { costOf, problemOf, randomAssignment, type TransportInput } from "../../problems/transport/input.js";
import { groupBy, unique } from "../../profile.js";
import type { Claim, Curve, ReportTable } from "../../row.js";
import { median } from "../../statistics.js";
import { attempt, byDefault, dualLbfgs, lowRank, newtonSparse, plainSinkhorn, scaledSinkhorn } from "./contenders.js";
import { claim, duration, type Part, small, spread, type TransportContext } from "./part.js";

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

export async function sweepFigures({ quick, signal, say, peers }: TransportContext): Promise<Part> {
  const sizes = quick ? [100, 200] : [500, 1000, 2000, 4000];
  const etas = quick ? [100, 1000] : [10, 100, 1000, 10_000];
  const seeds = quick ? 1 : 10;
  /** The default method and plain Sinkhorn run on every seed; the others on fewer where that would take long. */
  const seedsOfRivals = (n: number) => (n <= 1000 ? seeds : n <= 2000 ? 3 : 1);
  const seedsOfPeers = (n: number) => (n <= 1000 ? 3 : 1);
  const longest = quick ? 1000 : 30_000;
  const budget = quick ? 6000 : 420_000;
  const begin = performance.now();
  const results: Result[] = [];
  let leftOut = 0;

  // Compiled before the clock runs: no size and no method pays for being first.
  const small100 = randomAssignment(100, 99);
  const warm = problemOf(small100, costOf(small100), small100.range / 200);
  for (const contender of [byDefault, plainSinkhorn, ...rivals]) attempt(contender, warm, tolerance, 300);

  for (let seed = 1; seed <= seeds; seed++)
    for (const n of sizes) {
      if (performance.now() - begin > budget) {
        leftOut++;
        continue;
      }
      const input = randomAssignment(n, seed);
      const cost = costOf(input);
      for (const eta of etas) {
        const problem = problemOf(input, cost, input.range / eta);
        const add = (by: string, trial: Omit<Result, "n" | "eta" | "seed" | "by">) =>
          results.push({ n, eta, seed, by, ...trial });
        await setImmediate();
        if (signal.aborted) break;
        say(`n = ${n}, η = ${eta}, seed ${seed}`);
        const first = attempt(byDefault, problem, tolerance, longest);
        add(byDefault.name, first);
        // At the same time, and not shorter than a few sweeps.
        add(plainSinkhorn.name, attempt(plainSinkhorn, problem, tolerance, first.ms));
        const limit = Math.min(longest, Math.max(200, 4 * first.ms));
        for (const rival of seed <= seedsOfRivals(n) ? rivals : []) {
          await setImmediate();
          if (signal.aborted) break;
          add(rival.name, attempt(rival, problem, tolerance, limit));
        }
        for (const [name, solver] of seed <= seedsOfPeers(n) ? Object.entries(solvers) : [])
          if (!signal.aborted) await addPeer(name, solver, input, problem.regularization, limit, add);
      }
    }

  async function addPeer(
    name: string,
    solver: PeerSolver,
    input: TransportInput,
    regularization: number,
    limit: number,
    add: (by: string, trial: Omit<Result, "n" | "eta" | "seed" | "by">) => void,
  ): Promise<void> {
    if (peers === undefined || !peers.has(solver)) return;
    try {
      const run = await peers.run(solver, input, {
        regularization,
        tolerance,
        iterations: 2000,
        seconds: Math.max(1, limit / 1000),
      });
      add(name, { ...run, reached: run.marginalError <= tolerance });
    } catch {
      add(name, { ms: Number.NaN, iterations: 0, marginalError: Number.NaN, reached: false });
    }
  }

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
      `the same at η ≥ 1000: plain Sinkhorn (log domain) still has marginal error > ${farOff.toExponential()} after the same time`,
      quick ? "reported (at full size: all)" : "all",
      `${behindSmall.length} of ${small.length}; at any η ${behind.length} of ${mine.length}`,
      quick || behindSmall.length === small.length,
    ),
  ];
}

function tableOf(results: readonly Result[], leftOut: number): ReportTable {
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
    note: `Medians over seeds (extremes). ${plainSinkhorn.name} has the time that ${byDefault.name} took on the same problem; the others four times that and at least 0.2 s, RegOT at least 1 s.${leftOut === 0 ? "" : ` For lack of time ${leftOut} pairs of seed and size were left out.`}`,
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
