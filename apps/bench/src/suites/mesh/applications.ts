// The applications of @hessia/mesh-ad as a user runs them: time, iterations, what is known of the answer, and a picture of each.
import { setImmediate } from "node:timers/promises";
import {
  any,
  type GradientState,
  gradientNorm,
  type HessianProblem,
  maxIterations,
  type Result,
  solve,
} from "@hessia/core";
import {
  boundarySurface,
  boxOfTetrahedra,
  cloth,
  cylinderMesh,
  deformation,
  edgeLengths,
  gridMesh,
  heatGeodesics,
  icosphere,
  type MeshProblem,
  neoHookean,
  smoothing,
  sphericalParameterization,
  type TriangleMesh,
  tetrahedronVolumes,
  withPositions,
} from "@hessia/mesh-ad";
import { newton } from "@hessia/newton";
import { noise } from "../../problems/mesh/inputs.js";
import { type MeshPanel, meshesSvg, seen } from "../../report/meshes.js";
import type { Claim, Picture } from "../../row.js";
import { stopwatch } from "../../stopwatch.js";
import { claim, duration, type Part } from "../parts.js";
import type { MeshContext } from "./part.js";

interface Done {
  readonly id: string;
  readonly name: string;
  readonly ms: number;
  readonly processorMs: number;
  readonly iterations: number;
  /** What is claimed of the answer. */
  readonly goal: string;
  readonly measured: string;
  readonly holds: boolean;
  readonly panels: readonly MeshPanel[];
}

function minimum(problem: MeshProblem, start = problem.start, tolerance = 1e-7): Result<GradientState> {
  return solve(newton() as never, problem as HessianProblem, start, {
    stop: any<GradientState>(gradientNorm({ absolute: 1e-12, relative: tolerance }), maxIterations(300)),
    secondOrder: false,
  });
}
const reached = ({ reason }: Result<GradientState>) => reason.kind === "converged";

export async function applicationFigures({ quick, signal, say }: MeshContext): Promise<Part> {
  const done: Done[] = [];
  for (const [what, run] of Object.entries(applications)) {
    await setImmediate();
    if (signal.aborted) return { claims: [] };
    say(what);
    done.push(run(quick));
  }
  const claims: Claim[] = done.map(({ id, name, goal, measured, holds }) =>
    claim(`application-${id}`, name, goal, measured, holds),
  );
  const pictures: Picture[] = done.map(({ id, name, panels }) => ({
    id: `application-${id}`,
    title: name,
    svg: meshesSvg(name, panels, { legend: false }),
  }));
  const table = {
    id: "applications",
    title: "Applications, by newton",
    head: ["application", "time", "processor time", "iterations", "found"],
    rows: done.map(({ name, ms, processorMs, iterations, measured }) => [
      name,
      duration(ms),
      duration(processorMs),
      iterations === 0 ? "–" : String(iterations),
      measured,
    ]),
    note: "With tracing and compiling; to ‖∇f‖ ≤ 1e-7 of that at the start; deformation 1e-6, the sphere 1e-2 with clamped terms and then 1e-5 of that with the exact Hessian.",
  };
  return { claims, pictures, tables: [table] };
}

const applications: Readonly<Record<string, (quick: boolean) => Done>> = {
  cloth(quick) {
    const n = quick ? 8 : 40;
    const steps = quick ? 5 : 100;
    const mesh = gridMesh(n);
    const fixed = [n * (n + 1), n * (n + 1) + n];
    const lap = stopwatch();
    const sheet = cloth(mesh, { stiffness: 200, bending: 1e-4, fixed });
    const panels: MeshPanel[] = [{ caption: "at rest", ...seen(mesh) }];
    let [iterations, failed] = [0, 0];
    for (let step = 1; step <= steps; step++) {
      const result = minimum(sheet.problem, sheet.start());
      if (!reached(result)) failed++;
      iterations += result.iterations;
      sheet.advance(result.x);
      if (step === Math.ceil(0.3 * steps) || step === steps)
        panels.push({ caption: `after ${step} steps of 10 ms`, ...seen(mesh, sheet.positions) });
    }
    // Two corners are held: nothing hangs lower than the diagonal is long, stretched a little.
    const lowest = sheet.positions.reduce((least, z, i) => (i % 3 === 2 ? Math.min(least, z) : least), 0);
    return {
      ...lap(),
      id: "cloth",
      name: `cloth, St. Venant–Kirchhoff with bending, ${mesh.faceCount} triangles, ${steps} steps of implicit Euler`,
      iterations,
      goal: "every step converged",
      measured: `${steps - failed} of ${steps} steps, lowest point ${lowest.toFixed(3)}`,
      holds: failed === 0 && lowest < 0 && lowest > -1.6,
      panels,
    };
  },
  smoothing(quick) {
    const round = icosphere(quick ? 3 : 5);
    const size = 0.08;
    const rough = round.positions!.map((value, i) => value * (1 + size * noise(Math.floor(i / 3))));
    const mesh = withPositions(round, rough);
    const lap = stopwatch();
    const problem = smoothing(mesh, { weight: 0.02 });
    const result = minimum(problem);
    const times = lap();
    const smooth = problem.extend(result.x);
    return {
      ...times,
      id: "smoothing",
      name: `smoothing of a rough sphere, ${mesh.faceCount} triangles`,
      iterations: result.iterations,
      goal: "one Newton step: it is quadratic",
      measured: `${result.iterations} step, radii ${spreadOf(rough)} before, ${spreadOf(smooth)} after`,
      holds: reached(result) && result.iterations === 1,
      panels: [
        { caption: "before", ...seen(mesh) },
        { caption: "after", ...seen(mesh, smooth) },
      ],
    };
  },
  spherical(quick) {
    const round = icosphere(quick ? 2 : 4);
    const bumpy = round.positions!.map((value, i, p) => {
      const at = 3 * Math.floor(i / 3);
      return value * (1 + 0.35 * Math.sin(4 * p[at]!) * Math.cos(3 * p[at + 1]! + 2 * p[at + 2]!));
    });
    const mesh = withPositions(round, bumpy);
    const lap = stopwatch();
    // Clamped terms to near the minimum, then the exact Hessian, with a coordinate of a neighbour held so that no turning is free.
    const near = sphericalParameterization(mesh, { fixed: [0] });
    const first = minimum(near, near.start, 1e-2);
    const start = near.extend(first.x);
    const neighbour = mesh.corners.edges[0] === 0 ? mesh.corners.edges[1]! : mesh.faces.find((v) => v !== 0)!;
    const problem = sphericalParameterization(mesh, { start, fixed: [0, [neighbour, 0]], projection: "none" });
    const result = minimum(problem, problem.start, 1e-5);
    const times = lap();
    const sphere = problem.extend(result.x);
    const inside = Array.from({ length: mesh.faceCount }, (_, f) => determinant(mesh, sphere, f)).filter(
      (d) => !(d > 0),
    );
    return {
      ...times,
      id: "spherical",
      name: `spherical parameterization, ${mesh.faceCount} triangles`,
      iterations: first.iterations + result.iterations,
      goal: "converged, 0 triangles inside out",
      measured: `${result.reason.kind}, ${inside.length} inside out`,
      holds: reached(result) && inside.length === 0,
      panels: [
        { caption: "the surface", ...seen(mesh) },
        { caption: "on the sphere", ...seen(mesh, sphere) },
      ],
    };
  },
  deformation(quick) {
    const [around, along] = quick ? [8, 10] : [32, 60];
    const mesh = cylinderMesh(around, along, { radius: 0.25, height: 2 });
    const x = mesh.positions!;
    const handles = [];
    for (let i = 0; i < around; i++) {
      const [low, high] = [i, along * around + i];
      handles.push({ vertex: low, position: [x[3 * low]!, x[3 * low + 1]!, x[3 * low + 2]!] as const });
      // The upper ring laid on its side.
      handles.push({ vertex: high, position: [1, x[3 * high + 1]!, 1.2 - x[3 * high]!] as const });
    }
    const lap = stopwatch();
    const { problem, positions } = deformation(mesh, { handles });
    const result = minimum(problem, problem.start, 1e-6);
    const times = lap();
    const bent = positions(result.x);
    const missed = handles.reduce(
      (most, { vertex, position }) => Math.max(most, ...position.map((p, k) => Math.abs(bent[3 * vertex + k]! - p))),
      0,
    );
    return {
      ...times,
      id: "deformation",
      name: `as rigid as possible, ${mesh.faceCount} triangles, both ends held`,
      iterations: result.iterations,
      goal: "converged, handles met to 1e-12",
      measured: `${result.reason.kind}, energy ${problem.value(problem.start).toPrecision(3)} to ${result.value.toPrecision(3)}, handles missed by ${missed.toExponential(1)}`,
      holds: reached(result) && missed <= 1e-12,
      panels: [
        { caption: "at rest", ...seen(mesh) },
        { caption: "bent", ...seen(mesh, bent) },
      ],
    };
  },
  elasticity(quick) {
    const [n, m] = quick ? [6, 2] : [24, 6];
    const mesh = boxOfTetrahedra(n, m, m, 1 / m);
    const solid = neoHookean(mesh, { young: 100, poisson: 0.4, gravity: [0, 0, quick ? -0.2 : -0.3] });
    const fixed = Array.from({ length: mesh.vertexCount }, (_, v) => v).filter((v) => mesh.positions![3 * v] === 0);
    const lap = stopwatch();
    const problem = solid.problem({ fixed });
    const result = minimum(problem);
    const times = lap();
    const bent = problem.extend(result.x);
    const least = tetrahedronVolumes(mesh, bent).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const surface = boundarySurface(mesh);
    return {
      ...times,
      id: "elasticity",
      name: `Neo-Hookean beam under its weight, ${mesh.cellCount} tetrahedra`,
      iterations: result.iterations,
      goal: "converged, no tetrahedron inverted",
      measured: `${result.reason.kind}, least volume ${(6 * least * m ** 3).toFixed(3)} of that at rest`,
      holds: reached(result) && least > 0,
      panels: [
        { caption: "at rest", ...seen(surface, mesh.positions!) },
        { caption: "bent", ...seen(surface, bent) },
      ],
    };
  },
  geodesics(quick) {
    const levels = quick ? ([2, 3] as const) : ([4, 5] as const);
    const lap = stopwatch();
    const errors = levels.map((level) => {
      const mesh = icosphere(level);
      const d = heatGeodesics(mesh).distanceInto(new Float64Array(mesh.vertexCount), [0]);
      const p = mesh.positions!;
      let worst = 0;
      for (let v = 0; v < mesh.vertexCount; v++) {
        const cosine = p[0]! * p[3 * v]! + p[1]! * p[3 * v + 1]! + p[2]! * p[3 * v + 2]!;
        worst = Math.max(worst, Math.abs(d[v]! - Math.acos(Math.min(1, Math.max(-1, cosine)))));
      }
      return { mesh, d, worst, h: edgeLengths(mesh).reduce((a, b) => Math.max(a, b), 0) };
    });
    const times = lap();
    const [coarse, fine] = errors as [(typeof errors)[0], (typeof errors)[0]];
    const { mesh, d } = fine;
    const bands = Float64Array.from({ length: mesh.faceCount }, (_, f) => {
      const mean = (d[mesh.faces[3 * f]!]! + d[mesh.faces[3 * f + 1]!]! + d[mesh.faces[3 * f + 2]!]!) / 3;
      return Math.floor(8 * mean) % 2 === 0 ? 1.05 : 2;
    });
    const order = Math.log(coarse.worst / fine.worst) / Math.log(coarse.h / fine.h);
    return {
      ...times,
      id: "geodesics",
      name: `geodesic distance on the sphere by heat, ${mesh.faceCount} triangles`,
      iterations: 0,
      goal: "order ≥ 0.8 of the largest error",
      measured: `largest error ${coarse.worst.toFixed(4)} at h = ${coarse.h.toFixed(3)}, ${fine.worst.toFixed(4)} at h = ${fine.h.toFixed(3)}: order ${order.toFixed(2)}`,
      holds: order >= 0.8,
      panels: [{ caption: "bands of distance 1/8", ...seen(mesh), values: bands }],
    };
  },
};

/** "0.92 to 1.08": least and largest distance from 0. */
function spreadOf(x: Float64Array): string {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < x.length; i += 3) {
    const r = Math.hypot(x[i]!, x[i + 1]!, x[i + 2]!);
    least = Math.min(least, r);
    most = Math.max(most, r);
  }
  return `${least.toFixed(3)} to ${most.toFixed(3)}`;
}

function determinant({ faces }: TriangleMesh, x: Float64Array, f: number): number {
  const [a, b, c] = [0, 1, 2].map((k) => 3 * faces[3 * f + k]!) as [number, number, number];
  return (
    x[a]! * (x[b + 1]! * x[c + 2]! - x[b + 2]! * x[c + 1]!) +
    x[a + 1]! * (x[b + 2]! * x[c]! - x[b]! * x[c + 2]!) +
    x[a + 2]! * (x[b]! * x[c + 1]! - x[b + 1]! * x[c]!)
  );
}
