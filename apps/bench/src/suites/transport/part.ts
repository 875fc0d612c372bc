// What the parts of the suite `transport` are given and give back.
import type { TransportPeers } from "../../peers/transport.js";
import type { Claim, Curve, Picture, ReportTable } from "../../row.js";
import { median } from "../../statistics.js";

export interface TransportContext {
  /** Small sizes and few seeds: does it run, not how fast. */
  readonly quick: boolean;
  readonly signal: AbortSignal;
  /** Says what is being done, for the progress bar. */
  readonly say: (what: string) => void;
  readonly peers: TransportPeers | undefined;
}

export interface Part {
  readonly claims: readonly Claim[];
  readonly tables?: readonly ReportTable[];
  readonly curves?: readonly Curve[];
  readonly pictures?: readonly Picture[];
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
