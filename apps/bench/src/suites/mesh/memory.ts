// A million triangles in a process that does nothing else: peak memory beyond the mesh and the Hessian.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Claim } from "../../row.js";
import { claim, duration, type Part } from "../parts.js";
import type { MemoryRun, RestShape } from "./memory-run.js";
import type { MeshContext } from "./part.js";

/** The child is a file of the built benchmark. */
export const childFile = (): string => join(dirname(fileURLToPath(import.meta.url)), "memory-child.js");

/** Runs `memoryRun` in a process of its own. */
export async function memoryInChild(
  file: string,
  cells: number,
  rest: RestShape,
  signal?: AbortSignal,
): Promise<MemoryRun> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", file, String(cells), rest], {
    timeout: 300_000,
    ...(signal === undefined ? {} : { signal }),
  });
  return JSON.parse(stdout) as MemoryRun;
}

export async function memoryFigures({ quick, signal, say }: MeshContext): Promise<Part> {
  const cells = quick ? 50 : 708;
  const file = childFile();
  const figure = async (id: string, rest: RestShape): Promise<Claim[]> => {
    const statement = `symmetric Dirichlet, ${(2 * cells * cells).toLocaleString("en")} triangles, rest shapes by ${rest}, value, gradient and Hessian: peak memory of the process beyond the mesh, over the Hessian's own`;
    const goal = quick ? "runs (at 1,002,528 triangles: ≤ 1.5 ×)" : "≤ 1.5 ×";
    if (!existsSync(file)) return [claim(id, statement, goal, null, false)];
    say(statement);
    try {
      const run = await memoryInChild(file, cells, rest, signal);
      return [claim(id, statement, goal, memoryText(run), quick || beyond(run) <= 1.5)];
    } catch (error) {
      if (signal.aborted) return [];
      return [claim(id, statement, goal, `failed: ${error instanceof Error ? error.message : error}`, false)];
    }
  };
  return { claims: [...(await figure("memory", "triangle")), ...(await figure("memory-by-vertex", "vertex"))] };
}

/** The mesh counts with the bytes of its arrays: what was left of making it is counted as the problem's. */
const beyondMesh = ({ peak, before, meshBytes }: MemoryRun): number => peak - before - meshBytes;
const beyond = (run: MemoryRun): number => beyondMesh(run) / run.hessianBytes;

function memoryText(run: MemoryRun): string {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  const { meshBytes, hessianBytes, callerBytes, peak, before, make, first, second } = run;
  const own = beyondMesh(run) - callerBytes;
  return `${beyond(run).toFixed(2)} × (peak ${mb(peak)}, ${mb(before)} before, mesh ${mb(meshBytes)}, Hessian ${mb(hessianBytes)}; without the caller's own point, gradient and rest shapes of ${mb(callerBytes)} ${(own / hessianBytes).toFixed(2)} ×), made in ${duration(make)}, first evaluation ${duration(first)}, next ${duration(second)}`;
}
