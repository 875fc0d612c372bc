// One parameterization by each method, with the time split into evaluations, analysis, factorizations and line search.
import { setImmediate } from "node:timers/promises";
import {
  any,
  type GradientState,
  type HessianProblem,
  type Method,
  maxIterations,
  type Result,
  type SparseMatrix,
  solve,
} from "@hessia/core";
import { fromColumns, mat2, scalar } from "@hessia/core/kernel";
import { analyze } from "@hessia/core/linear";
import {
  flippedTriangles,
  infiniteUnless,
  type MeshProblem,
  parameterization,
  scalarFunction,
  type TriangleMesh,
  triangleRest,
} from "@hessia/mesh-ad";
import { lazyRegularizedNewton, newton } from "@hessia/newton";
import { median } from "../../statistics.js";
import { processorNow } from "../../stopwatch.js";
import { decrementAt, newtonDecrement } from "./decrement.js";
import { keptFactorNewton } from "./kept-factor.js";

export interface Disk {
  readonly name: string;
  readonly mesh: TriangleMesh;
  /** Default: Tutte's embedding. */
  readonly start?: Float64Array;
  /** Of ½ λ². */
  readonly tolerance: number;
}

export interface Parameterized {
  readonly by: string;
  readonly iterations: number;
  readonly hessians: number;
  readonly factorizations: number;
  readonly value: number;
  /** ½ λ² at the end, by the benchmark itself: of the exact Hessian where it is positive definite, else of the clamped one. */
  readonly decrement: number;
  readonly flipped: number;
  readonly reached: boolean;
  readonly note: string;
  /** Milliseconds: by the clock, and of processor time, which other work on the machine doesn't stretch. The parts below are by the clock. */
  readonly ms: number;
  readonly processorMs: number;
  readonly evaluate: number;
  readonly factorize: number;
  readonly lineSearch: number;
  /** What is left: the analysis, solves, vectors. */
  readonly rest: number;
  /** Milliseconds and f, a row a step. */
  readonly path: readonly (readonly [number, number])[];
  /** x, y a vertex. */
  readonly uv: Float64Array;
}

type Stage = readonly [method: Method<HessianProblem, GradientState>, projection: "clamp" | "none", tolerance: number];
const asStage = <S extends GradientState>(
  method: Method<HessianProblem, S>,
  projection: "clamp" | "none",
  tolerance: number,
): Stage => [method as unknown as Method<HessianProblem, GradientState>, projection, tolerance];

/** By name: what runs one after another, each from where the last one came. */
export const methods: Readonly<Record<string, (tolerance: number) => readonly Stage[]>> = {
  "newton, clamped": (tolerance) => [asStage(newton(), "clamp", tolerance)],
  // Far away clamped terms keep the direction downhill; near the minimum the exact Hessian alone is quadratically convergent.
  "newton, clamped, then exact": (tolerance) => [
    asStage(newton(), "clamp", Math.max(1e-3, tolerance)),
    asStage(newton(), "none", tolerance),
  ],
  "one factor kept, clamped": (tolerance) => [asStage(keptFactorNewton(), "clamp", tolerance)],
  "lazyRegularizedNewton, clamped": (tolerance) => [
    asStage(lazyRegularizedNewton({ hessianPeriod: 4 }), "clamp", tolerance),
  ],
};
export const front = "newton, clamped, then exact";

export interface Prepared {
  readonly clamp: MeshProblem;
  /** The exact problem from a layout on, turning held: without that its Hessian is singular at a minimum, and rounding makes it indefinite. */
  readonly exactAt: (uv: Float64Array) => MeshProblem;
  /** Milliseconds of one symbolic analysis of the Hessian, the median of three. */
  readonly analyse: number;
}

export function prepare({ mesh, start }: Disk): Prepared {
  const clamp = parameterization(mesh, start === undefined ? {} : { start });
  const { inverse, area } = triangleRest(mesh);
  const total = area.reduce((sum, one) => sum + one, 0);
  // The energy of `parameterization`, which has no say in what is held.
  const energy = scalarFunction(mesh, { dimension: 2 }).addTriangleTerms(
    { data: { R: [mat2, inverse], w: [scalar, area.map((one) => one / (4 * total))] } },
    ([a, b, c], { data: { R, w } }) => {
      const J = fromColumns(b.sub(a), c.sub(a)).mul(R);
      const det = J.det();
      return w
        .mul(J.squaredNorm())
        .mul(det.square().inv().add(1))
        .add(infiniteUnless(det.gt(0)));
    },
  );
  const exactAt = (uv: Float64Array) => energy.problem({ start: uv, fixed: heldIn(mesh, uv) });
  const none = exactAt(clamp.extend(clamp.start));
  const H = none.hessianInto(none.newHessian(), none.start) as SparseMatrix;
  const times = [0, 1, 2].map(() => {
    const from = performance.now();
    analyze(H);
    return performance.now() - from;
  });
  return { clamp, exactAt, analyse: median(times) };
}

/** A vertex, and the coordinate of the farthest vertex that turning around it changes most. */
function heldIn(mesh: TriangleMesh, uv: Float64Array): (number | readonly [number, number])[] {
  const held = mesh.faces[0]!;
  let [far, most] = [held, 0];
  const across = (v: number, i: number) => Math.abs(uv[2 * v + i]! - uv[2 * held + i]!);
  for (const v of mesh.faces) {
    const distance = Math.hypot(across(v, 0), across(v, 1));
    if (distance > most) [far, most] = [v, distance];
  }
  return [held, [far, across(far, 0) > across(far, 1) ? 1 : 0]];
}

/** Runs a method's stages; the run stops at `limit` milliseconds in all. */
export async function parameterize(
  { mesh, tolerance }: Disk,
  problems: Prepared,
  by: string,
  limit: number,
): Promise<Parameterized> {
  let problem = problems.clamp;
  let x = problem.start;
  const results: Result<GradientState>[] = [];
  const path: (readonly [number, number])[] = [];
  let spent = 0;
  let processorMs = 0;
  for (const [method, projection, goal] of methods[by]!(tolerance)) {
    await setImmediate();
    const started = processorNow();
    const begin = performance.now();
    if (projection === "none") {
      problem = problems.exactAt(problem.extend(x));
      x = problem.start;
    }
    spent += performance.now() - begin;
    const result = solve(method, problem as HessianProblem, x, {
      stop: any<GradientState>(newtonDecrement(goal), maxIterations(2000)),
      timeLimit: Math.max(1, limit - spent),
      secondOrder: false,
      trace: true,
    });
    for (const { elapsed, value } of result.trace) path.push([spent + elapsed, value]);
    spent += result.times.total;
    processorMs += processorNow() - started;
    results.push(result);
    x = result.x;
  }
  const sum = (of: (result: Result<GradientState>) => number) => results.reduce((total, one) => total + of(one), 0);
  const { reason, value } = results.at(-1)!;
  const evaluate = sum(({ times }) => times.gradient + times.hessian);
  const factorize = sum(({ times }) => times.factorization);
  const lineSearch = sum(({ times }) => times.value);
  const uv = problem.extend(x);
  const exact = problems.exactAt(uv);
  const half = decrementAt(exact as HessianProblem, exact.start);
  const decrement = Number.isNaN(half)
    ? decrementAt(problems.clamp as HessianProblem, problems.clamp.restrict(uv))
    : half;
  const flipped = flippedTriangles(mesh, uv).length;
  return {
    by,
    iterations: sum(({ iterations }) => iterations),
    hessians: sum(({ counts }) => counts.hessian),
    factorizations: sum(({ counts }) => counts.factorization),
    value,
    decrement,
    flipped,
    reached: decrement <= tolerance && flipped === 0,
    note: reason.kind === "converged" ? "" : `${reason.rule}: ${reason.detail}`,
    ms: spent,
    processorMs,
    evaluate,
    factorize,
    lineSearch,
    rest: spent - evaluate - factorize - lineSearch,
    path,
    uv,
  };
}
