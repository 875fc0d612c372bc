// The suite `newton`: the collection of unconstrained problems by every method and npm peer, and the lazy-Hessian figures.
import { setImmediate } from "node:timers/promises";
import type { GradientProblem, GradientState, Method } from "@hessia/core";
import {
  arc,
  arcqk,
  lazyCubicNewton,
  lazyRegularizedNewton,
  lbfgs,
  minimize,
  newton,
  trustRegion,
} from "@hessia/newton";
import { SingleBar } from "cli-progress";
import { describeCommit, describeMachine, describeVersions } from "../machine.js";
import type { CliOptions } from "../options.js";
import { npmPeers } from "../peers/npm.js";
import type { AnyTest } from "../problems/collection.js";
import { collection } from "../problems/index.js";
import { dataProfile, groupBy, performanceProfile } from "../profile.js";
import type { Claim, Row, SuiteReport } from "../row.js";
import { type Contender, contender, type Limits, minimizeContender, runOne } from "../run.js";
import { select } from "../select.js";
import { lazyFigures } from "./lazy.js";

// A contender is given problems with every capability; the narrower need of each method is met.
export const method = (make: () => unknown) => make as () => Method<GradientProblem, GradientState>;

/** The methods of Hessia that run on the whole collection. */
export const methods: readonly Contender[] = [
  minimizeContender("minimize", minimize),
  contender(
    "lazyCubicNewton",
    method(() => lazyCubicNewton()),
  ),
  contender(
    "lazyCubicNewton m=1",
    method(() => lazyCubicNewton({ hessianPeriod: 1 })),
  ),
  contender(
    "trustRegion",
    method(() => trustRegion()),
  ),
  contender(
    "trustRegion products",
    method(() => trustRegion({ subproblem: "products" })),
  ),
  contender(
    "arc",
    method(() => arc()),
  ),
  contender(
    "arcqk",
    method(() => arcqk()),
  ),
  contender(
    "newton",
    method(() => newton()),
  ),
  contender(
    "lbfgs",
    method(() => lbfgs()),
  ),
];

/** Run when asked for by name: for convex functions only, and a variant. */
export const onRequest: readonly Contender[] = [
  contender(
    "arcqk kept basis",
    method(() => arcqk({ basisPeriod: 4 })),
  ),
  contender(
    "lazyRegularizedNewton",
    method(() => lazyRegularizedNewton()),
  ),
];

/** Runs all tasks one after another under the same limits, with a progress bar; those that were done when the signal came. */
export async function runAll(
  tasks: readonly { readonly problem: AnyTest; readonly contender: Contender }[],
  limits: Limits,
  signal: AbortSignal,
): Promise<Row[]> {
  const bar = new SingleBar({
    format: "{bar} {value}/{total}  {problem}  {method}  eta {eta_formatted}",
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
  });
  const rows: Row[] = [];
  bar.start(tasks.length, 0, { problem: "", method: "" });
  for (const task of tasks) {
    // Lets Ctrl-C be seen between runs.
    await setImmediate();
    if (signal.aborted) break;
    bar.update(rows.length, { problem: task.problem.name, method: task.contender.name });
    rows.push(await runOne(task.problem, task.contender, limits));
  }
  bar.stop();
  return rows;
}

export async function newtonSuite(options: CliOptions, signal: AbortSignal): Promise<SuiteReport> {
  const quickSet = options.quick && options.problems === undefined;
  const problems = select(collection, options.problems, "problem").filter((problem) => !quickSet || problem.n <= 200);
  const everyone = [...methods, ...npmPeers];
  const contenders =
    options.methods === undefined ? everyone : select([...everyone, ...onRequest], options.methods, "method");
  const seconds = options.maxTime ?? (options.quick ? 1 : 5);
  const limits = { tolerance: options.tolerance, maxTime: 1000 * seconds, maxIterations: 20_000 };

  const tasks = problems.flatMap((problem) =>
    contenders.filter((one) => one.takes(problem.n)).map((one) => ({ problem, contender: one })),
  );
  const rows = await runAll(tasks, limits, signal);

  const wantsLazy = options.problems === undefined && options.methods === undefined;
  const lazy = wantsLazy ? await lazyFigures({ quick: options.quick, signal }) : { claims: [], curves: [] };
  return {
    suite: "newton",
    startedAt: new Date().toISOString(),
    options: { ...options },
    machine: describeMachine(),
    versions: describeVersions(["@hessia/core", "@hessia/newton", "fmin", "numeric"]),
    commit: describeCommit(),
    interrupted: signal.aborted,
    rows,
    curves:
      rows.length === 0
        ? []
        : [
            performanceProfile(rows, "evaluations"),
            performanceProfile(rows, "time"),
            dataProfile(rows),
            ...lazy.curves,
          ],
    // A run that was cut short claims nothing about the collection.
    claims: [...claimsOf(signal.aborted ? [] : rows, new Set(methods.map((one) => one.name))), ...lazy.claims],
  };
}

/** The claims about the collection. */
export function claimsOf(rows: readonly Row[], own: ReadonlySet<string>): Claim[] {
  const shares = new Map<string, { share: number; text: string }>();
  for (const [name, group] of groupBy(rows, (row) => row.method)) {
    const solved = group.filter((row) => row.solved).length;
    shares.set(name, {
      share: solved / group.length,
      text: `${solved} of ${group.length} (${((100 * solved) / group.length).toFixed(1)} %)`,
    });
  }
  const ownShares = [...shares].filter(([name]) => own.has(name)).sort((a, b) => b[1].share - a[1].share);
  const share = (id: string, name: string, statement: string, goal: number): Claim => {
    const found = shares.get(name);
    return {
      id,
      statement,
      goal: `≥ ${100 * goal} %`,
      measured: found?.text ?? null,
      holds: found === undefined ? null : found.share >= goal,
    };
  };
  const best = ownShares[0];
  const false_ = rows.filter((row) => own.has(row.method) && row.reason.kind === "converged" && !row.solved);
  return [
    best === undefined
      ? {
          id: "best-solves",
          statement: "the best method of Hessia solves the problems of this run",
          goal: "≥ 95 %",
          measured: null,
          holds: null,
        }
      : {
          id: "best-solves",
          statement: "the best method of Hessia solves the problems of this run",
          goal: "≥ 95 %",
          measured: `${best[0]}: ${best[1].text}`,
          holds: best[1].share >= 0.95,
        },
    share("lazy-solves", "lazyCubicNewton", "lazyCubicNewton solves the problems of this run", 0.9),
    share("minimize-solves", "minimize", "minimize solves the problems of this run", 0.95),
    {
      id: "converged-is-true",
      statement: "no result of Hessia says converged where the benchmark's own evaluation of the gradient disagrees",
      goal: "0 of all",
      measured:
        rows.length === 0
          ? null
          : `${false_.length} of ${rows.length}${false_.map((row) => ` ${row.problem}/${row.method}`).join("")}`,
      holds: rows.length === 0 ? null : false_.length === 0,
    },
  ];
}
