// Contenders that run in turn, so that what else the machine does falls on all of them alike.
import { setImmediate } from "node:timers/promises";
import type { PeerLimits, PeerSolver, TransportPeers } from "../../peers/transport.js";
import type { TransportInput } from "../../problems/transport/input.js";
import type { ReportTable } from "../../row.js";
import { median } from "../../statistics.js";
import { duration, small } from "./part.js";

/** What one run gives. */
export interface One {
  readonly ms: number;
  readonly iterations: number;
  readonly marginalError: number;
  readonly cost?: number;
  readonly note?: string;
}

/** The last run's figures, and the times of all that count. */
export interface Runs extends One {
  readonly times: readonly number[];
}

export type Contenders = Readonly<Record<string, () => One | Promise<One>>>;

/**
 * The medians of `rounds` rounds after one that doesn't count. Whoever takes longer than `once` milliseconds runs once, which counts; whoever throws has no times, and the message as its note.
 */
export async function inTurn(
  contenders: Contenders,
  rounds: number,
  once: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Runs>> {
  const runs = new Map<string, Runs>();
  const finished = new Set<string>();
  for (let round = 0; round <= rounds; round++)
    for (const [name, run] of Object.entries(contenders)) {
      if (finished.has(name)) continue;
      await setImmediate();
      if (signal.aborted) return runs;
      const before = runs.get(name)?.times ?? [];
      try {
        const one = await run();
        const slow = one.ms > once;
        const times = round > 0 || slow ? [...before, one.ms] : before;
        runs.set(name, { ...one, times, ms: times.length > 0 ? median(times) : one.ms });
        if (slow) finished.add(name);
      } catch (error) {
        const note = error instanceof Error ? error.message : String(error);
        runs.set(name, { ms: Number.NaN, iterations: 0, marginalError: Number.NaN, note, times: [] });
        finished.add(name);
      }
    }
  return runs;
}

/** Solvers of the peers that are there, on one input. */
export function peerContenders(
  peers: TransportPeers | undefined,
  solvers: Readonly<Record<string, PeerSolver>>,
  input: TransportInput,
  limits: PeerLimits,
): Contenders {
  return Object.fromEntries(
    Object.entries(solvers)
      .filter(([, solver]) => peers?.has(solver))
      .map(([name, solver]) => [name, () => peers!.run(solver, input, limits)]),
  );
}

/** One line a contender. */
export function runsTable(
  id: string,
  title: string,
  groups: readonly (readonly [string, ReadonlyMap<string, Runs>])[],
  note?: string,
): ReportTable {
  return {
    id,
    title,
    head: ["input", "by", "time", "runs", "iterations", "marginal error", "cost", "note"],
    rows: groups.flatMap(([input, runs]) =>
      [...runs].map(([name, { ms, times, iterations, marginalError, cost, note: remark = "" }]) => [
        input,
        name,
        duration(ms),
        String(times.length),
        iterations === 0 ? "–" : String(iterations),
        small(marginalError),
        cost === undefined ? "–" : cost.toPrecision(9),
        remark,
      ]),
    ),
    ...(note === undefined ? {} : { note }),
  };
}
