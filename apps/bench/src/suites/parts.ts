// Suites that are made of parts: what a part is given and gives back, and how all are run and put into one report.
import { setImmediate } from "node:timers/promises";
import { SingleBar } from "cli-progress";
import { describeCommit, describeMachine, describeVersions } from "../machine.js";
import type { CliOptions } from "../options.js";
import type { Claim, Curve, Picture, ReportTable, SuiteReport } from "../row.js";
import { select } from "../select.js";
import { median } from "../statistics.js";

/** Other packages in a process of their own. */
export interface Peers {
  /** By package: those that are there. */
  readonly versions: Readonly<Record<string, string>>;
  close(): void;
}

export interface PartContext<P extends Peers = Peers> {
  /** Small sizes and few seeds: does it run, not how fast. */
  readonly quick: boolean;
  readonly signal: AbortSignal;
  /** Says what is being done, for the progress bar. */
  readonly say: (what: string) => void;
  readonly peers: P | undefined;
}

export interface Part {
  readonly claims: readonly Claim[];
  readonly tables?: readonly ReportTable[];
  readonly curves?: readonly Curve[];
  readonly pictures?: readonly Picture[];
  /** What wasn't run and why, a line each. */
  readonly leftOut?: readonly string[];
}

/** "12.3 ms", "4.56 s". */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  return ms < 1000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1000).toPrecision(3)} s`;
}

/** "3.1e-11". */
export const small = (value: number): string => (Number.isFinite(value) ? value.toExponential(1) : "–");

/** "12.3 (11.0 to 15.2)": the median and the extremes. */
export function spread(values: readonly number[], show: (value: number) => string): string {
  if (values.length === 0) return "–";
  if (values.length === 1) return show(values[0]!);
  return `${show(median(values))} (${show(Math.min(...values))} to ${show(Math.max(...values))})`;
}

/** A claim; what wasn't measured doesn't hold or fail. */
export function claim(id: string, statement: string, goal: string, measured: string | null, holds: boolean): Claim {
  return { id, statement, goal, measured, holds: measured === null ? null : holds };
}

export interface NamedPart<P extends Peers> {
  readonly name: string;
  readonly run: (context: PartContext<P>) => Promise<Part>;
}

export interface PartedSuite<P extends Peers> {
  readonly suite: string;
  /** In the order in which they run; `--problems` picks some of them. */
  readonly parts: readonly NamedPart<P>[];
  readonly startPeers: () => Promise<P | undefined>;
  /** Titles of the packages that are looked for in Python. */
  readonly wanted: readonly string[];
  /** Packages whose versions are named. */
  readonly packages: readonly string[];
}

/** Runs the parts one after another, with a progress bar; those that were done when the signal came. */
export async function runParts<P extends Peers>(
  { suite, parts, startPeers, wanted, packages }: PartedSuite<P>,
  options: CliOptions,
  signal: AbortSignal,
): Promise<SuiteReport> {
  const chosen = select(parts, options.problems, "part");
  const bar = new SingleBar({
    format: "{bar} {value}/{total}  {part}: {what}",
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(chosen.length, 0, { part: "peers", what: wanted.join(", ") });
  const peers = await startPeers();
  const done: Part[] = [];
  try {
    for (const { name, run } of chosen) {
      await setImmediate();
      if (signal.aborted) break;
      const say = (what: string) => bar.update(done.length, { part: name, what });
      say("");
      done.push(await run({ quick: options.quick, signal, say, peers }));
    }
  } finally {
    bar.stop();
    peers?.close();
  }
  const missing = wanted.filter((name) => peers?.versions[name] === undefined);
  return {
    suite,
    startedAt: new Date().toISOString(),
    options: { ...options },
    machine: describeMachine(),
    versions: { ...describeVersions(packages), ...peers?.versions },
    commit: describeCommit(),
    interrupted: signal.aborted,
    rows: [],
    curves: done.flatMap(({ curves = [] }) => curves),
    claims: done.flatMap(({ claims }) => claims),
    tables: done.flatMap(({ tables = [] }) => tables),
    pictures: done.flatMap(({ pictures = [] }) => pictures),
    leftOut: [
      ...missing.map((name) => `${name} isn't installed for python3: its figures are left out`),
      ...done.flatMap(({ leftOut = [] }) => leftOut),
    ],
  };
}
