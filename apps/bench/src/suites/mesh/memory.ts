// A million triangles in a process that does nothing else: peak memory beyond the mesh and the Hessian.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { claim, duration, type Part } from "../parts.js";
import type { MemoryRun } from "./memory-run.js";
import type { MeshContext } from "./part.js";

/** The child is a file of the built benchmark. */
export const childFile = (): string => join(dirname(fileURLToPath(import.meta.url)), "memory-child.js");

/** Runs `memoryRun` in a process of its own. */
export async function memoryInChild(file: string, cells: number, signal?: AbortSignal): Promise<MemoryRun> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", file, String(cells)], {
    timeout: 300_000,
    ...(signal === undefined ? {} : { signal }),
  });
  return JSON.parse(stdout) as MemoryRun;
}

export async function memoryFigures({ quick, signal, say }: MeshContext): Promise<Part> {
  const cells = quick ? 50 : 708;
  const statement = `symmetric Dirichlet, ${(2 * cells * cells).toLocaleString("en")} triangles, value, gradient and Hessian: peak memory of the process beyond the mesh, over the Hessian's own`;
  const goal = quick ? "runs (at 1,002,528 triangles: ≤ 1.5 ×)" : "≤ 1.5 ×";
  const id = "memory";
  const file = childFile();
  if (!existsSync(file)) return { claims: [claim(id, statement, goal, null, false)] };
  say(statement);
  try {
    const run = await memoryInChild(file, cells, signal);
    return { claims: [claim(id, statement, goal, memoryText(run), quick || beyond(run) <= 1.5)] };
  } catch (error) {
    if (signal.aborted) return { claims: [] };
    return { claims: [claim(id, statement, goal, `failed: ${error instanceof Error ? error.message : error}`, false)] };
  }
}

const beyond = ({ peak, withMesh, hessianBytes }: MemoryRun): number => (peak - withMesh) / hessianBytes;

function memoryText(run: MemoryRun): string {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  const { meshBytes, hessianBytes, peak, withMesh, held, make, first, second } = run;
  return `${beyond(run).toFixed(2)} × (peak ${mb(peak)}, ${mb(withMesh)} with the mesh of ${mb(meshBytes)}, Hessian ${mb(hessianBytes)}; beyond mesh and Hessian ${(beyond(run) - 1).toFixed(2)} ×, held in the end ${((held - withMesh) / hessianBytes).toFixed(2)} ×), made in ${duration(make)}, first evaluation ${duration(first)}, next ${duration(second)}`;
}
