// A million triangles or tetrahedra in a process that does nothing else: peak memory beyond the mesh, over the Hessian.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Claim } from "../../row.js";
import { claim, duration, type Part } from "../parts.js";
import { type MemoryCase, type MemoryRun, memoryCases } from "./memory-run.js";
import type { MeshContext } from "./part.js";

/** The child is a file of the built benchmark. */
export const childFile = (): string => join(dirname(fileURLToPath(import.meta.url)), "memory-child.js");

/** Runs `memoryRun` in a process of its own. */
export async function memoryInChild(
  file: string,
  cells: number,
  which: MemoryCase,
  signal?: AbortSignal,
): Promise<MemoryRun> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", file, String(cells), which], {
    timeout: 300_000,
    ...(signal === undefined ? {} : { signal }),
  });
  return JSON.parse(stdout) as MemoryRun;
}

const statements: Readonly<Record<MemoryCase, (elements: string) => string>> = {
  triangle: (elements) => `symmetric Dirichlet, ${elements} triangles, rest shapes by triangle`,
  vertex: (elements) => `symmetric Dirichlet, ${elements} triangles, rest positions by vertex`,
  space: (elements) => `St. Venant–Kirchhoff membrane, ${elements} triangles in space, rest positions by vertex`,
  tetrahedra: (elements) => `neo-Hookean, ${elements} tetrahedra, rest positions by vertex`,
};

export async function memoryFigures({ quick, signal, say }: MeshContext): Promise<Part> {
  const file = childFile();
  const figure = async (id: string, which: MemoryCase): Promise<Claim[]> => {
    const isSolid = which === "tetrahedra";
    const cells = isSolid ? (quick ? 8 : 55) : quick ? 50 : 708;
    const elements = isSolid ? 6 * cells ** 3 : 2 * cells ** 2;
    const statement = `${statements[which](elements.toLocaleString("en"))}, value, gradient and Hessian: peak memory of the process beyond the mesh, over the Hessian's own`;
    const goal = quick ? "runs (at a million elements: ≤ 1.5 ×)" : "≤ 1.5 ×";
    if (!existsSync(file)) return [claim(id, statement, goal, null, false)];
    say(statement);
    try {
      const run = await memoryInChild(file, cells, which, signal);
      return [claim(id, statement, goal, memoryText(run), quick || beyond(run) <= 1.5)];
    } catch (error) {
      if (signal.aborted) return [];
      return [claim(id, statement, goal, `failed: ${error instanceof Error ? error.message : error}`, false)];
    }
  };
  const claims: Claim[] = [];
  for (const which of memoryCases)
    if (!signal.aborted) claims.push(...(await figure(which === "triangle" ? "memory" : `memory-${which}`, which)));
  return { claims };
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
