// Contenders that run in turn, so that what else the machine does falls on all of them alike.
import { setImmediate } from "node:timers/promises";
import type { ReportTable } from "../row.js";
import { median } from "../statistics.js";
import { duration, small } from "./parts.js";

/** What one run gives. */
export interface One {
  readonly ms: number;
  /** Processor time, of all threads. */
  readonly processorMs: number;
  readonly iterations: number;
  /** How near it came: marginal error, norm of the gradient. */
  readonly error: number;
  readonly value?: number;
  readonly note?: string;
}

/** The last run's figures, and the times of all that count: `ms` and `processorMs` are their medians. */
export interface Runs extends One {
  readonly times: readonly number[];
  readonly processorTimes: readonly number[];
}

export type Contenders = Readonly<Record<string, () => One | Promise<One>>>;

/** Milliseconds and runs for which a contender is warmed up where more than one round counts: compilers need more than one run of a short one. */
const warmUp = { ms: 200, runs: 30 };

/**
 * The medians of `rounds` rounds after one that doesn't count, in which each runs for a while. Whoever takes longer than `once` milliseconds runs once, which counts; whoever throws has no times, and the message as
 * its note.
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
      let spent = 0;
      for (let k = 0; k < (round > 0 || rounds === 1 ? 1 : warmUp.runs) && spent < warmUp.ms; k++) {
        await setImmediate();
        if (signal.aborted) return runs;
        const { times = [], processorTimes = [] } = runs.get(name) ?? {};
        try {
          const one = await run();
          spent += one.ms;
          const slow = one.ms > once;
          const counts = round > 0 || slow;
          const all = counts ? [...times, one.ms] : times;
          const processor = counts ? [...processorTimes, one.processorMs] : processorTimes;
          runs.set(name, {
            ...one,
            times: all,
            processorTimes: processor,
            ms: counts ? median(all) : one.ms,
            processorMs: counts ? median(processor) : one.processorMs,
          });
          if (!slow) continue;
          finished.add(name);
        } catch (error) {
          const note = error instanceof Error ? error.message : String(error);
          const none = { ms: Number.NaN, processorMs: Number.NaN, iterations: 0, error: Number.NaN };
          runs.set(name, { ...none, note, times: [], processorTimes: [] });
          finished.add(name);
        }
        break;
      }
    }
  return runs;
}

/** One line a contender. */
export function runsTable(
  id: string,
  title: string,
  groups: readonly (readonly [string, ReadonlyMap<string, Runs>])[],
  columns: readonly [error: string, value: string],
  note?: string,
): ReportTable {
  return {
    id,
    title,
    head: ["input", "by", "time", "processor time", "runs", "iterations", ...columns, "note"],
    rows: groups.flatMap(([input, runs]) =>
      [...runs].map(([name, { ms, processorMs, times, iterations, error, value, note: remark = "" }]) => [
        input,
        name,
        duration(ms),
        duration(processorMs),
        String(times.length),
        iterations === 0 ? "–" : String(iterations),
        small(error),
        value === undefined ? "–" : value.toPrecision(9),
        remark,
      ]),
    ),
    ...(note === undefined ? {} : { note }),
  };
}
