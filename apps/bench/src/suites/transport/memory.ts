// Point clouds without storing the cost: time and peak memory of a process that does nothing else.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { claim, duration, type Part, small } from "../parts.js";
import type { CloudRun } from "./cloud-run.js";
import type { TransportContext } from "./part.js";

/** The child is a file of the built benchmark. */
export const childFile = (): string => join(dirname(fileURLToPath(import.meta.url)), "cloud-child.js");

/** Runs `cloudRun` in a process of its own. */
export async function cloudInChild(file: string, n: number, limit: number, signal?: AbortSignal): Promise<CloudRun> {
  const { stdout } = await promisify(execFile)(process.execPath, [file, String(n), String(limit)], {
    timeout: limit + 60_000,
    ...(signal === undefined ? {} : { signal }),
  });
  return JSON.parse(stdout) as CloudRun;
}

export async function memoryFigures({ quick, signal, say }: TransportContext): Promise<Part> {
  const n = quick ? 2000 : 10_000;
  const statement = `two clouds of ${n.toLocaleString("en")} points, ε = range/500, marginal error 1e-9, the cost never stored: peak memory of the process`;
  const goal = quick ? "reached (at n = 10,000: < 2 GB)" : "< 2 GB";
  const id = "cloud-memory";
  const file = childFile();
  if (!existsSync(file)) return { claims: [claim(id, statement, goal, null, false)] };
  say(statement);
  try {
    const run = await cloudInChild(file, n, quick ? 10_000 : 180_000, signal);
    const reached = run.marginalError <= 1e-9;
    const gigabytes = run.peakBytes / 1e9;
    const measured = `${gigabytes.toFixed(2)} GB, ${run.iterations} iterations in ${duration(run.ms)}, marginal error ${small(run.marginalError)} (${run.reason}); the matrix alone would have ${((8 * n * n) / 1e9).toFixed(2)} GB`;
    return { claims: [claim(id, statement, goal, measured, reached && gigabytes < 2)] };
  } catch (error) {
    if (signal.aborted) return { claims: [] };
    return { claims: [claim(id, statement, goal, `failed: ${error instanceof Error ? error.message : error}`, false)] };
  }
}
