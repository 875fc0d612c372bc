// Timing of kernels: contenders run in turn in one process, medians of several rounds; what was measured is plain data for the report.
import { setImmediate } from "node:timers/promises";
import type { Claim, Curve, Measured, Roof } from "./row.js";
import { median } from "./statistics.js";

export type { Measured, Roof } from "./row.js";

/** Bars of one picture: one measured kernel by all contenders. */
export interface Figures {
  readonly measured: readonly Measured[];
  readonly claims: readonly Claim[];
  readonly curves: readonly Curve[];
}

/** What all parts of a suite are given. */
export interface FigureContext {
  /** Small sizes and few rounds: does it run, not how fast. */
  readonly quick: boolean;
  readonly signal: AbortSignal;
  /** Says what is being done, for the progress bar. */
  readonly say: (what: string) => void;
  /** What a core and its memory reach in WebAssembly here, measured in this run. */
  readonly machine: Roof;
}

/** Answers the milliseconds that it took: a synchronous function is timed by `clock`, a peer's process times itself. */
export type Timer = () => Promise<number> | number;

/**
 * The median milliseconds of each contender: all run in turn, `rounds` times after one round that doesn't count.
 * A contender whose first run throws has null, and its message as the reason.
 */
export async function interleaved(
  contenders: Readonly<Record<string, Timer>>,
  rounds: number,
  signal: AbortSignal,
): Promise<Record<string, { readonly ms: number | null; readonly note?: string }>> {
  const times = new Map<string, number[]>();
  const faults = new Map<string, string>();
  for (const name of Object.keys(contenders)) times.set(name, []);
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      if (faults.has(name)) continue;
      await setImmediate();
      if (signal.aborted) break;
      try {
        const ms = await run();
        if (round > 0) times.get(name)!.push(ms);
      } catch (error) {
        faults.set(name, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return Object.fromEntries(
    [...times].map(([name, list]) => {
      const note = faults.get(name);
      if (note !== undefined) return [name, { ms: null, note }];
      return [name, list.length === 0 ? { ms: null, note: "cut short" } : { ms: median(list) }];
    }),
  );
}

/** Times `work`, repeated until it takes at least `atLeast` milliseconds; answers the milliseconds of one. */
export function clock(work: () => unknown, atLeast = 20): Timer {
  let repeats = 1;
  return () => {
    for (;;) {
      const start = performance.now();
      for (let k = 0; k < repeats; k++) work();
      const ms = performance.now() - start;
      if (ms >= atLeast) return ms / repeats;
      repeats = Math.max(repeats + 1, Math.ceil((1.2 * repeats * atLeast) / Math.max(ms, 0.01)));
    }
  };
}

/** A claim on a ratio of two measured times: `slow` over `fast` is at least `goal`. Absent where one of them is. */
export function ratioClaim(
  id: string,
  statement: string,
  slow: number | null | undefined,
  fast: number | null | undefined,
  goal: number,
): Claim {
  if (slow == null || fast == null) return { id, statement, goal: `≥ ${goal} ×`, measured: null, holds: null };
  const ratio = slow / fast;
  const measured = `${ratio.toFixed(2)} × (${slow.toFixed(2)} ms against ${fast.toFixed(2)} ms)`;
  return { id, statement, goal: `≥ ${goal} ×`, measured, holds: ratio >= goal };
}

/** A claim on a time. */
export function timeClaim(id: string, statement: string, ms: number | null | undefined, most: number): Claim {
  const goal = `≤ ${most} ms`;
  if (ms == null) return { id, statement, goal, measured: null, holds: null };
  return { id, statement, goal, measured: `${ms.toFixed(1)} ms`, holds: ms <= most };
}

/** A claim on a proportion of two measured times: `ms` is at most `most` times `other`. Absent where one of them is. */
export function proportionClaim(
  id: string,
  statement: string,
  ms: number | null | undefined,
  other: number | null | undefined,
  most: number,
): Claim {
  if (ms == null || other == null) return { id, statement, goal: `≤ ${most} ×`, measured: null, holds: null };
  const measured = `${(ms / other).toFixed(2)} × (${ms.toFixed(2)} ms against ${other.toFixed(2)} ms)`;
  return { id, statement, goal: `≤ ${most} ×`, measured, holds: ms <= most * other };
}
