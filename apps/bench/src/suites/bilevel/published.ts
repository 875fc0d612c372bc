// The examples of the LV-HBA paper: by the default schedule, by the paper's own, and by rivals; errors against time.
import { setImmediate } from "node:timers/promises";
import {
  type BilevelProblem,
  type BilevelState,
  bicGaffa,
  implicitDifferentiation,
  type LvHbaOptions,
  lvHba,
  stationary,
} from "@hessia/bilevel";
import {
  any,
  type GradientState,
  gradientNorm,
  type Method,
  maxIterations,
  type Observer,
  solve,
  timeLimit,
  type Vector,
} from "@hessia/core";
import { lbfgs } from "@hessia/newton";
import { coupledExample, type StrongExample, strongExample } from "../../problems/bilevel/published.js";
import type { Claim, Curve } from "../../row.js";
import { claim, duration, type Part, type PartContext, small } from "../parts.js";

interface Run {
  readonly name: string;
  readonly ms: number;
  readonly iterations: number;
  readonly error: number;
  readonly z: Vector;
  readonly reason: string;
  readonly path: readonly (readonly [number, number])[];
}

function attempt(
  name: string,
  method: Method<BilevelProblem, BilevelState>,
  problem: BilevelProblem,
  z0: Vector,
  errorOf: (z: Vector) => number,
  limits: { readonly ms: number; readonly iterations: number; readonly tolerance: number },
): Run {
  const path: (readonly [number, number])[] = [];
  let next = 0;
  const watch: Observer<BilevelState> = ({ state, elapsed }) => {
    if (elapsed < next) return;
    path.push([elapsed, Math.max(errorOf(state.x), 1e-16)]);
    next = Math.max(1.03 * elapsed, 0.2);
  };
  const { state, iterations, times, reason } = solve(method, problem, z0, {
    stop: any<BilevelState>(stationary(limits.tolerance), maxIterations(limits.iterations), timeLimit(limits.ms)),
    observers: [watch],
    secondOrder: false,
  });
  const error = errorOf(state.x);
  path.push([times.total, Math.max(error, 1e-16)]);
  return { name, ms: times.total, iterations, error, z: state.x, reason: `${reason.kind}: ${reason.rule}`, path };
}

const erase = (method: unknown): Method<BilevelProblem, BilevelState> => method as Method<BilevelProblem, BilevelState>;

/** As the authors' code has them (read there for n = 100). */
const coupledSettings: LvHbaOptions = {
  schedule: "paper",
  upperStep: 0.008,
  multiplierStep: 0.02,
  innerStep: 0.01,
  proximal: 10,
  dual: 10,
  bound: 1000,
  penalty: 0.025,
  growth: 0.3,
};
const strongSettings: LvHbaOptions = {
  schedule: "paper",
  upperStep: 0.1,
  multiplierStep: 0.1,
  innerStep: 0.1,
  proximal: 0.1,
  dual: 1,
  penalty: 1,
  growth: 0.3,
};

export async function publishedFigures({ quick, signal, say }: PartContext): Promise<Part> {
  const claims: Claim[] = [];
  const rows: string[][] = [];
  const curves: Curve[] = [];
  const sizes = quick ? [30] : [100, 1000, 10_000];
  const add = (title: string, runs: readonly Run[]): void => {
    for (const run of runs)
      rows.push([title, run.name, small(run.error), duration(run.ms), String(run.iterations), run.reason]);
  };

  for (const n of sizes) {
    const { problem, solution } = coupledExample(n);
    const size = Math.hypot(...[0.3, 0.7, 0.4]) * Math.sqrt(n);
    const errorOf = (z: Vector): number => {
      let sum = 0;
      for (let k = 0; k < z.length; k++) sum += (z[k]! - solution[k]!) ** 2;
      return Math.sqrt(sum) / size;
    };
    // Symmetric, as the paper's; and one that isn't, where the lower level's flat directions show.
    const z0 = new Float64Array(3 * n).fill(10);
    const uneven = Float64Array.from({ length: 3 * n }, (_, k) => 10 + Math.sin(k));
    const title = `coupled, n = ${n}`;
    const limits = { ms: quick ? 1500 : 20_000, iterations: quick ? 3000 : 400_000, tolerance: 1e-7 };
    const runs: Run[] = [];
    for (const [name, method, start] of [
      ["lvHba, no parameters", erase(lvHba()), z0],
      ["bicGaffa, no parameters", erase(bicGaffa()), z0],
      ["lvHba, the paper's settings", erase(lvHba(coupledSettings)), z0],
      ["lvHba, c_k = (k + 1)^0.49", erase(lvHba({ ...coupledSettings, penalty: 1, growth: 0.49 })), z0],
      [
        "lvHba, c_k = (k + 1)^0.49, momentum 0.5",
        erase(lvHba({ ...coupledSettings, penalty: 1, growth: 0.49, momentum: 0.5 })),
        z0,
      ],
      ["implicit differentiation (as AiPOD), uneven start", erase(implicitDifferentiation()), uneven],
      ["lvHba, no parameters, uneven start", erase(lvHba()), uneven],
    ] as const) {
      await setImmediate();
      if (signal.aborted) return { claims };
      say(`${title}: ${name}`);
      runs.push(attempt(name, method, problem, start, errorOf, limits));
    }
    // What the last c of the paper's settings can give at all, and the c that 1e-3 takes.
    const last = 0.025 * (runs[2]!.iterations + 1) ** 0.3;
    if (n === sizes[0])
      for (const [c, name] of [
        [last, `lvHba, c fixed at ${last.toFixed(2)}, the last of the paper's settings`],
        [210, "lvHba, c fixed at 210"],
      ] as const) {
        await setImmediate();
        if (signal.aborted) return { claims };
        const fixed = erase(lvHba({ ...coupledSettings, penalty: c, growth: 0 }));
        runs.push(attempt(name, fixed, problem, z0, errorOf, limits));
      }
    add(title, runs);
    const [path, , paper, tuned, , implicit, unevenPath] = runs;
    claims.push(
      claim(
        `coupled-${n}-default`,
        `${title}: relative error of lvHba without parameters, from the paper's start and an uneven one`,
        "≤ 1e-6",
        `${small(path!.error)} in ${duration(path!.ms)}, ${small(unevenPath!.error)} in ${duration(unevenPath!.ms)}`,
        Math.max(path!.error, unevenPath!.error) <= 1e-6,
      ),
      claim(
        `coupled-${n}-paper`,
        `${title}: relative error with the paper's settings, c_k = 0.025 (k + 1)^0.3, ${paper!.iterations} iterations (beside it c_k = (k + 1)^0.49)`,
        quick ? "finite (at full size: ≤ 1e-3)" : "≤ 1e-3",
        `${small(paper!.error)} (${small(tuned!.error)} after ${tuned!.iterations})`,
        quick ? Number.isFinite(paper!.error) : paper!.error <= 1e-3,
      ),
      claim(
        `coupled-${n}-implicit`,
        `${title}: implicit differentiation fails by name, the lower level not being strongly convex`,
        "lowerNotStronglyConvex",
        implicit!.reason,
        implicit!.reason.includes("lowerNotStronglyConvex"),
      ),
    );
    if (n === sizes.at(-1) || n === 100)
      curves.push(curveOf(`coupled-${n}`, `Relative error against time: ${title}`, runs));
  }

  for (const n of quick ? [120] : sizes) {
    const example = strongExample(n);
    const { problem, start } = example;
    const title = `strongly convex, n = ${n}, 90 equations`;
    // F falls along its own valleys to many stationary points: each run is held against where L-BFGS on Φ(x) = F(x, y*(x)) goes from its end.
    const errorOf = (z: Vector): number => {
      const x = z.slice(0, n);
      const y = example.lowerSolution(x);
      const value = problem.value(Float64Array.from([...x, ...y]));
      return Math.abs(value - reference) / Math.max(1, Math.abs(reference));
    };
    let reference = 0;
    const limits = { ms: quick ? 2000 : 60_000, iterations: quick ? 2000 : 400_000, tolerance: 1e-7 };
    const runs: Run[] = [];
    for (const [name, method] of [
      ["lvHba, no parameters", erase(lvHba())],
      ["lvHba, the paper's settings", erase(lvHba(strongSettings))],
      ["implicit differentiation (as AiPOD)", erase(implicitDifferentiation())],
    ] as const) {
      await setImmediate();
      if (signal.aborted) return { claims };
      say(`${title}: ${name}`);
      reference = 0;
      const run = attempt(name, method, problem, start, (z) => problem.value(z), limits);
      reference = polished(example, run.z);
      runs.push({ ...run, error: errorOf(run.z) });
    }
    add(title, runs);
    const [path, paper] = runs;
    claims.push(
      claim(
        `strong-${n}-default`,
        `${title}: F with y*(x) in closed form against where L-BFGS on the reduced problem goes from there, lvHba without parameters`,
        "≤ 1e-6",
        `${small(path!.error)} in ${duration(path!.ms)}`,
        path!.error <= 1e-6,
      ),
      claim(
        `strong-${n}-paper`,
        `${title}: the same with the paper's settings, ${paper!.iterations} iterations`,
        quick ? "finite (at full size: ≤ 1e-3)" : "≤ 1e-3",
        `${small(paper!.error)} in ${duration(paper!.ms)}`,
        quick ? Number.isFinite(paper!.error) : paper!.error <= 1e-3,
      ),
    );
    if (n === 100) curves.push(curveOf(`strong-${n}`, `F against time: ${title}`, runs));
  }
  return {
    claims,
    curves,
    tables: [
      {
        id: "published",
        title: "The examples of Yao, Yu, Zeng, Zhang 2024",
        head: ["example", "method", "relative error", "time", "iterations", "ended"],
        rows,
        note: "Errors: of (x, y) for the coupled example, of F with y*(x) in closed form for the strongly convex one.",
      },
    ],
  };
}

const curveOf = (id: string, title: string, runs: readonly Run[]): Curve => ({
  id,
  title,
  xLabel: "ms",
  yLabel: "relative error",
  logX: true,
  logY: true,
  steps: false,
  dots: false,
  lines: runs.map(({ name, path }) => ({ name, points: [...path] })),
});

/** F at the end of L-BFGS on Φ(x) = F(Px, y*(Px)), P the projection onto {Bx = 0}, from the x of z: it knows nothing of the bilevel structure. */
function polished({ problem, lowerSolution, pullBack }: StrongExample, z: Vector): number {
  const n = problem.upperDimension;
  const joint = (x: Vector): Vector => {
    const px = problem.upperSet.projectInto(new Float64Array(n), x);
    return Float64Array.from([...px, ...lowerSolution(px)]);
  };
  const gradient = new Float64Array(2 * n);
  const reduced = {
    dimension: n,
    value: (x: Vector) => problem.value(joint(x)),
    gradientInto(out: Vector, x: Vector) {
      problem.upperObjective.gradientInto(gradient, joint(x));
      const back = pullBack(gradient.slice(n));
      for (let i = 0; i < n; i++) out[i] = gradient[i]! + back[i]!;
      return problem.upperSet.projectInto(out, out);
    },
  };
  const stop = any<GradientState>(gradientNorm(1e-10), maxIterations(20_000), timeLimit(20_000));
  return solve(lbfgs(), reduced, z.slice(0, n), { stop, secondOrder: false }).value;
}
