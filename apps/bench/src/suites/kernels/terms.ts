// Figures of the term compiler: value, gradient and sparse Hessian of mesh energies as WebAssembly, as JavaScript, and written by hand.
import { type DataTable, problemFromTerms, type TermFunction, type TermsProblem } from "@hessia/core/kernel";
import { startThreads, type ThreadPool } from "@hessia/core/wasm";
import {
  clock,
  type FigureContext,
  type Figures,
  interleaved,
  type Measured,
  proportionClaim,
  ratioClaim,
  type Timer,
  timeClaim,
} from "../../figures.js";
import type { Claim } from "../../row.js";
import { cloth, type ElementMesh, solidCube } from "../../yardsticks/element-meshes.js";
import { hinge, neoHookean, symmetricDirichlet } from "../../yardsticks/mesh-energies.js";
import { assemble, stretchedGrid, valueGradientHessian } from "../../yardsticks/symmetric-dirichlet.js";

/** An energy on a mesh: everything that makes it a problem. */
interface Energy {
  readonly name: string;
  readonly term: TermFunction;
  readonly n: number;
  readonly arity: number;
  readonly table: Int32Array;
  readonly data: DataTable;
  readonly x: Float64Array;
}

const problemOf = ({ n, arity, table, data, term }: Energy, evaluation: "wasm" | "compiled", threads?: ThreadPool) => {
  const options = threads === undefined ? { evaluation } : { evaluation, threads };
  return problemFromTerms(n, [{ indices: { arity, table }, data, term }], options);
};

function planarEnergy(cells: number): Energy {
  const { positions, triangles, rest } = stretchedGrid(cells);
  const table = Int32Array.from({ length: 2 * triangles.length }, (_, k) => 2 * triangles[k >> 1]! + (k & 1));
  const name = `symmetric Dirichlet, ${triangles.length / 3} triangles`;
  const data = { width: 5, table: rest };
  return { name, term: symmetricDirichlet, n: positions.length, arity: 6, table, data, x: positions };
}

function spatialEnergy(what: string, term: TermFunction, { positions, elements, data }: ElementMesh): Energy {
  const table = Int32Array.from({ length: 3 * elements.length }, (_, k) => 3 * elements[Math.floor(k / 3)]! + (k % 3));
  const name = `${what}, ${elements.length / 4} elements`;
  return { name, term, n: positions.length, arity: 12, table, data, x: positions };
}

/** Value, gradient and Hessian, into arrays that are there. */
function everything(problem: TermsProblem, x: Float64Array): () => number {
  const hessian = problem.newHessian();
  const gradient = new Float64Array(x.length);
  return () => problem.valueGradientHessianInto(gradient, hessian, x);
}

export async function termFigures({ quick, signal, say }: FigureContext): Promise<Figures> {
  const rounds = quick ? 3 : 11;
  const measured: Measured[] = [];
  const claims: Claim[] = [];
  const pool = await startThreads(2).catch(() => undefined);
  const plane = planarEnergy(quick ? 40 : 224);
  const solid = spatialEnergy("Neo-Hookean tetrahedra", neoHookean, solidCube(quick ? 6 : 20));
  const bending = spatialEnergy("hinge bending", hinge, cloth(quick ? 20 : 130));

  for (const energy of [plane, solid, bending]) {
    if (signal.aborted) break;
    say(energy.name);
    const problem = problemOf(energy, "wasm");
    const { structure } = problem;
    const { operations, terms, hessianEntries } = structure.blocks[0]!;
    const width = structure.blocks[0]!.width;
    const bytes =
      terms * (4 * energy.arity + 8 * width + 4 * hessianEntries) + 16 * structure.nonzeros + 24 * energy.x.length;
    const contenders: Record<string, Timer> = {
      "hessia wasm": clock(everything(problem, energy.x)),
      "hessia javascript": clock(everything(problemOf(energy, "compiled"), energy.x)),
    };
    if (pool !== undefined)
      contenders["hessia wasm, 2 threads"] = clock(everything(problemOf(energy, "wasm", pool), energy.x));
    if (energy === plane) {
      const mesh = stretchedGrid(quick ? 40 : 224);
      const assembly = assemble(mesh, "lower");
      const gradient = new Float64Array(energy.x.length);
      contenders["written by hand, javascript"] = clock(() =>
        valueGradientHessian(mesh, assembly, gradient, mesh.positions),
      );
    }
    const times = await interleaved(contenders, rounds, signal);
    const kernel = `f, ∇f, lower ∇²f: ${energy.name}`;
    for (const [contender, time] of Object.entries(times))
      measured.push({ kernel, contender, ...time, flops: operations.hessian * terms, bytes, items: terms });
    const ms = (name: string) => times[name]?.ms;
    if (energy === plane) {
      const hand = ms("written by hand, javascript");
      const statement = `${energy.name}: time over that of the version written by hand, value, gradient and lower Hessian`;
      claims.push(
        proportionClaim("terms-by-hand", `${statement}, WebAssembly`, ms("hessia wasm"), hand, 1.3),
        proportionClaim("terms-by-hand-javascript", `${statement}, JavaScript`, ms("hessia javascript"), hand, 1.3),
      );
    } else {
      const id = energy === solid ? "terms-wasm-tetrahedra" : "terms-wasm-hinges";
      const statement = `${energy.name}: time as JavaScript over time as WebAssembly`;
      claims.push(ratioClaim(id, statement, ms("hessia javascript"), ms("hessia wasm"), 1.5));
    }
    if (pool !== undefined) {
      const statement = `${energy.name}: time on one thread over time on two`;
      const ratio = ratioClaim(
        `terms-threads-${energy.arity}-${terms}`,
        statement,
        ms("hessia wasm"),
        ms("hessia wasm, 2 threads"),
        1,
      );
      claims.push({ ...ratio, goal: "reported", holds: ratio.measured === null ? null : true });
    }
  }

  say("trace, derive, emit, compile");
  for (const [name, energy] of Object.entries({ triangle: plane, tetrahedron: solid, hinge: bending })) {
    if (signal.aborted) break;
    const contenders = Object.fromEntries(
      (["wasm", "compiled"] as const).map((evaluation) => [
        `hessia ${evaluation}`,
        () => compileOnce(energy, evaluation),
      ]),
    );
    const times = await interleaved(contenders, rounds, signal);
    for (const [contender, time] of Object.entries(times))
      measured.push({ kernel: `trace, derive, emit and compile: ${name}`, contender, ...time });
    const statement = `${name}: trace, derive, emit and compile value, gradient, Hessian and product, and run each once on two elements`;
    claims.push(timeClaim(`terms-compile-${name}`, statement, times["hessia wasm"]?.ms, 150));
  }
  pool?.close();
  return { measured, claims, curves: [] };
}

/** Milliseconds from the term as a function to all of its derivatives on two elements. */
function compileOnce(energy: Energy, evaluation: "wasm" | "compiled"): number {
  const { data, arity } = energy;
  const few =
    "table" in data
      ? { width: data.width, table: data.table.slice(0, 2 * data.width) }
      : "width" in data
        ? data
        : data.slice(0, 2);
  const small = { ...energy, table: energy.table.slice(0, 2 * arity), data: few };
  const start = performance.now();
  const problem = problemOf(small, evaluation);
  const out = new Float64Array(energy.n);
  problem.value(energy.x);
  problem.gradientInto(out, energy.x);
  everything(problem, energy.x)();
  problem.hessianApplyInto(out, energy.x, energy.x);
  return performance.now() - start;
}
