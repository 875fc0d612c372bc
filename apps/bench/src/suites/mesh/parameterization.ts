// Full parameterization of disks to Newton's decrement 1e-8 without a flip: iterations, and where the time goes; the grid against TinyAD's published time.
import { faceAreas, gridMesh, type TriangleMesh, withPositions } from "@hessia/mesh-ad";
import { diskMesh, diskNames, gridDisk } from "../../problems/mesh/inputs.js";
import type { Claim, Curve } from "../../row.js";
import { claim, duration, type Part, small } from "../parts.js";
import { type Disk, front, methods, type Parameterized, parameterize, prepare } from "./parameterize.js";
import type { MeshContext } from "./part.js";
import { tinyad } from "./published.js";

const tolerance = 1e-8;
/** What runs thrice: the others show what else was tried. */
const repeated = ["newton, clamped", front];

/** A hill over a square, 2 · cells² triangles. */
export function hill(cells: number): TriangleMesh {
  const flat = gridMesh(cells, cells, { width: 2, height: 2 });
  const positions = flat.positions!.slice();
  for (let v = 0; v < flat.vertexCount; v++) {
    const [x, y] = [positions[3 * v]! - 1, positions[3 * v + 1]! - 1];
    positions[3 * v + 2] = 1.2 * Math.exp(-4 * (x * x + y * y)) + 0.1 * Math.sin(5 * x) * Math.cos(4 * y);
  }
  return withPositions(flat, positions);
}

/** The disks of the folder that are there, and those that are made. */
export function disks(quick: boolean): {
  readonly found: readonly (() => Disk)[];
  readonly leftOut: readonly string[];
} {
  const leftOut: string[] = [];
  const found: (() => Disk)[] = [];
  for (const name of quick ? (["cat_head"] as const) : diskNames) {
    const mesh = diskMesh(name);
    if (mesh === undefined) leftOut.push(`${name}.obj isn't in ../shared/data/meshes (or the folder MESHES): left out`);
    else found.push(() => ({ name, mesh, tolerance }));
  }
  const cells = quick ? 20 : 224;
  found.push(() => ({ name: "hill", mesh: hill(quick ? 16 : 100), tolerance }));
  found.push(() => {
    const { mesh, start } = gridDisk(cells);
    const total = faceAreas(mesh).reduce((sum, area) => sum + area, 0);
    // ½ λ² ≤ 1e-8 of Σ A (‖J‖² + ‖J⁻¹‖²), as it was measured there: ours is over 4 Σ A.
    return {
      name: "grid",
      mesh,
      start,
      tolerance: 1e-8 / (4 * total),
    };
  });
  return { found, leftOut };
}

export async function parameterizationFigures({ quick, signal, say }: MeshContext): Promise<Part> {
  const { found, leftOut } = disks(quick);
  const rows: string[][] = [];
  const claims: Claim[] = [];
  const curves: Curve[] = [];
  const limit = quick ? 2000 : 15_000;
  for (const make of found) {
    if (signal.aborted) break;
    const disk = make();
    const { name, mesh } = disk;
    say(`${name}: analysis`);
    const problems = prepare(disk);
    const runs = new Map<string, Parameterized[]>();
    for (let round = 0; round < (quick ? 1 : 3); round++)
      for (const by of round === 0 ? Object.keys(methods) : repeated) {
        if (signal.aborted) break;
        say(`${name}: ${by}`);
        runs.set(by, [...(runs.get(by) ?? []), await parameterize(disk, problems, by, limit)]);
      }
    if (signal.aborted) break;
    const middle = new Map([...runs].map(([by, all]) => [by, medianRun(all)]));
    for (const [by, run] of middle)
      rows.push([
        `${name} (${mesh.faceCount.toLocaleString("en")})`,
        by,
        String(run.iterations),
        String(run.factorizations),
        duration(run.ms),
        duration(run.processorMs),
        duration(run.evaluate),
        duration(problems.analyse),
        duration(run.factorize),
        duration(run.lineSearch),
        duration(run.rest),
        run.value.toPrecision(9),
        small(run.decrement),
        String(run.flipped),
        run.note,
      ]);
    claims.push(...claimsOn(disk, middle, quick));
    curves.push(energyCurve(name, middle));
  }
  const table = {
    id: "parameterization",
    title: `Parameterization to ½λ² ≤ ${small(tolerance)} (grid: of the energy that isn't divided by 4 Σ A), no triangle flipped`,
    head: [
      "mesh (triangles)",
      "by",
      "iterations",
      "factorizations",
      "time",
      "processor time",
      "evaluate",
      "analyse",
      "factorize",
      "line search",
      "rest",
      "f",
      "½λ² at the end",
      "flipped",
      "note",
    ],
    rows,
    note: `From Tutte's embedding, the grid from its stretched shape. The symbolic analysis is timed by itself and is a part of "rest" (of the two stages each has one), as are solves. Medians of 3 for ${repeated.join(" and ")}, else one run of at most ${limit / 1000} s. ½λ² at the end is the benchmark's own, of the exact Hessian where that is positive definite; methods stop by the Hessian that they use.`,
  };
  return { claims, curves, tables: rows.length === 0 ? [] : [table], leftOut };
}

function medianRun(all: readonly Parameterized[]): Parameterized {
  const sorted = [...all].sort((a, b) => a.processorMs - b.processorMs);
  return sorted[sorted.length >> 1]!;
}

/** Exported for its test. */
export function claimsOn(
  { name, mesh, start, tolerance: wanted }: Disk,
  runs: ReadonlyMap<string, Parameterized>,
  quick: boolean,
): Claim[] {
  const run = runs.get(front)!;
  const id = name.replaceAll(/\W+/g, "-");
  const title = `${name}, ${mesh.faceCount.toLocaleString("en")} triangles`;
  const text = ({ iterations, factorizations, ms, processorMs, decrement, flipped }: Parameterized) =>
    `${duration(processorMs)} of processor time, ${duration(ms)} by the clock, ${iterations} iterations, ${factorizations} factorizations, ½λ² = ${small(decrement)}, ${flipped} flipped`;
  const claims = [
    claim(
      `parameterization-${id}`,
      `${title}, ${front}: ½λ² ≤ ${small(wanted)}, no triangle flipped`,
      "reached",
      text(run),
      run.reached,
    ),
  ];
  // With a start of its own it is the grid that TinyAD's time is of.
  const same = runs.get("newton, clamped");
  if (start !== undefined && same !== undefined)
    claims.push(
      claim(
        "parameterization-tinyad",
        `${title}, projected Newton to ½λ² ≤ 1e-8: the whole run, where TinyAD with Eigen takes ${tinyad.newton / 1000} s (published; ${tinyad.newtonCholmod / 1000} s by an estimate with CHOLMOD on two threads)`,
        quick ? "reached" : "≤ 3 s of processor time",
        `${text(same)}; evaluate ${duration(same.evaluate)}, factorize ${duration(same.factorize)}, line search ${duration(same.lineSearch)}, rest ${duration(same.rest)}`,
        same.reached && (quick || same.processorMs <= 3000),
      ),
    );
  return claims;
}

/** f above the least that any method found, against time. */
function energyCurve(name: string, runs: ReadonlyMap<string, Parameterized>): Curve {
  const least = Math.min(...[...runs.values()].map(({ value }) => value));
  return {
    id: `energy-${name.replaceAll(/\W+/g, "-")}`,
    title: `Energy above the least against time: ${name}`,
    xLabel: "ms",
    yLabel: "f − f*",
    logX: true,
    logY: true,
    steps: false,
    lines: [...runs].map(([by, { path }]) => ({
      name: by,
      points: path.filter(([ms, f]) => ms > 0 && f - least > 1e-15).map(([ms, f]) => [ms, f - least] as const),
    })),
  };
}
