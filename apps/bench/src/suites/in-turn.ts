// Contenders that run in turn, so that what else the machine does falls on all of them alike.
import { setImmediate } from "node:timers/promises";
import type { ReportTable } from "../row.js";
import { median } from "../statistics.js";
import { duration, small } from "./parts.js";

/** What one run gives. */
export interface One {
  readonly ms: number;
  readonly iterations: number;
  /** How near it came: marginal error, norm of the gradient. */
  readonly error: number;
  readonly value?: number;
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
        runs.set(name, { ms: Number.NaN, iterations: 0, error: Number.NaN, note, times: [] });
        finished.add(name);
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
    head: ["input", "by", "time", "runs", "iterations", ...columns, "note"],
    rows: groups.flatMap(([input, runs]) =>
      [...runs].map(([name, { ms, times, iterations, error, value, note: remark = "" }]) => [
        input,
        name,
        duration(ms),
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
