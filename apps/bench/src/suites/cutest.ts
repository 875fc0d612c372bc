// The suite `cutest`: genuine CUTEst problems from their SIF files, by every method of Hessia that takes them and by the peers that are installed.
import { gaussNewton, lbfgsb, levenbergMarquardt, nl2sol, tron } from "@hessia/newton";
import { describeCommit, describeMachine, describeVersions } from "../machine.js";
import type { CliOptions } from "../options.js";
import { npmPeers } from "../peers/npm.js";
import { startScipy } from "../peers/scipy.js";
import { loadPublishedSizes } from "../problems/published-sizes.js";
import { loadSif, parseParameters, type SifTest } from "../problems/sif.js";
import { dataProfile, groupBy, performanceProfile } from "../profile.js";
import type { Claim, Curve, Row, SuiteReport } from "../row.js";
import { type Contender, contender } from "../run.js";
import { select } from "../select.js";
import { median } from "../statistics.js";
import { method, methods, onRequest, runAll } from "./newton.js";

const kinds = ["unconstrained", "residuals", "bounds"] as const;

/** Methods of Hessia that take bounds. */
const bounded: readonly Contender[] = [
  contender(
    "tron",
    method(() => tron()),
  ),
  contender(
    "tron products",
    method(() => tron({ preconditioner: "none" })),
  ),
  contender(
    "lbfgsb",
    method(() => lbfgsb()),
  ),
];

/** Methods of Hessia that take residuals. */
const residuals: readonly Contender[] = [
  contender(
    "levenbergMarquardt",
    method(() => levenbergMarquardt()),
  ),
  contender(
    "gaussNewton",
    method(() => gaussNewton()),
  ),
  contender(
    "nl2sol",
    method(() => nl2sol()),
  ),
];

export async function cutestSuite(options: CliOptions, signal: AbortSignal): Promise<SuiteReport> {
  const published = options.sif?.length === 1 && options.sif[0]!.toLowerCase() === "published";
  const tests = published ? loadPublishedSizes() : loadSif(options.sif ?? ["*"], parseParameters(options.param ?? []));
  const scipy = options.peers === true ? await startScipy() : undefined;
  if (options.peers === true && scipy === undefined)
    process.stdout.write(
      "SciPy isn't installed: its methods are left out (see docs/bench.md for how to install the peers).\n",
    );
  const contenders: Readonly<Record<SifTest["kind"], readonly Contender[]>> = {
    unconstrained: [
      ...methods,
      ...(options.methods === undefined ? [] : onRequest),
      ...(options.peers === true ? npmPeers : []),
      ...(scipy?.unconstrained ?? []),
    ],
    residuals: [...residuals, ...(scipy?.residuals ?? [])],
    bounds: [...bounded, ...(scipy?.bounds ?? [])],
    constraints: [],
  };
  const seconds = options.maxTime ?? (options.quick ? 1 : 10);
  const limits = { tolerance: options.tolerance, maxTime: 1000 * seconds, maxIterations: 20_000 };
  const everyone = [...new Set(Object.values(contenders).flat())];
  const chosen = new Set(options.methods === undefined ? everyone : select(everyone, options.methods, "method"));
  const tasks = tests.flatMap((problem) =>
    contenders[problem.kind]
      .filter((one) => chosen.has(one) && one.takes(problem.n))
      .map((contender) => ({ problem, contender })),
  );
  const rows = await runAll(tasks, limits, signal);
  scipy?.close();
  const own = new Set([...methods, ...bounded, ...residuals].map(({ name }) => name));
  const ofKind = (kind: SifTest["kind"]): Row[] => rows.filter((_, k) => tasks[k]!.problem.kind === kind);
  return {
    suite: "cutest",
    startedAt: new Date().toISOString(),
    options: { ...options },
    machine: describeMachine(),
    versions: { ...describeVersions(["@hessia/core", "@hessia/newton", "@hessia/sif"]), ...scipy?.versions },
    commit: describeCommit(),
    interrupted: signal.aborted,
    rows,
    curves: kinds.flatMap((kind) => curvesOf(kind, ofKind(kind))),
    claims: signal.aborted ? [] : published ? publishedClaims(rows, own) : claimsOf(rows, ofKind, own),
  };
}

/** Profiles of each kind by itself: a method that isn't asked doesn't fail. */
function curvesOf(kind: SifTest["kind"], rows: readonly Row[]): Curve[] {
  if (rows.length === 0) return [];
  return [performanceProfile(rows, "evaluations"), performanceProfile(rows, "time"), dataProfile(rows)].map(
    (curve) => ({ ...curve, id: `${curve.id}-${kind}`, title: `${curve.title}: ${kind}` }),
  );
}

/** The claims on the unconstrained set and on the set with bounds. */
function claimsOf(
  rows: readonly Row[],
  ofKind: (kind: SifTest["kind"]) => readonly Row[],
  own: ReadonlySet<string>,
): Claim[] {
  const unconstrained = ofKind("unconstrained");
  const bounds = ofKind("bounds");
  const wrong = rows.filter((row) => own.has(row.method) && row.reason.kind === "converged" && !row.solved);
  return [
    ...solvedClaim("cutest-unconstrained", "unconstrained", unconstrained, own, 92, 94),
    ...hessianClaims(unconstrained, own),
    ...solvedClaim("cutest-bounds", "bound-constrained", bounds, own, 35, 37),
    {
      id: "converged-is-true",
      statement: "no result of Hessia says converged where the benchmark's own evaluation of the gradient disagrees",
      goal: "0 of all",
      measured: `${wrong.length} of ${rows.filter((row) => own.has(row.method)).length}${wrong.map((row) => ` ${row.problem}/${row.method}`).join("")}`,
      holds: wrong.length === 0,
    },
  ];
}

/** Hessians and factorizations at published sizes: geometric means over the problems that the best method solves. */
function publishedClaims(rows: readonly Row[], own: ReadonlySet<string>): Claim[] {
  const groups = [...groupBy(rows, (row) => row.method)].filter(
    ([name, group]) => own.has(name) && group.some((row) => row.counts.factorization > 0),
  );
  const best = bestOf(
    groups.flatMap(([, group]) => group),
    own,
  );
  if (best === undefined) return [];
  const solved = best.filter((row) => row.solved);
  const mean = (of: "hessian" | "factorization") =>
    Math.exp(solved.reduce((sum, row) => sum + Math.log(Math.max(1, row.counts[of])), 0) / solved.length);
  const claim = (of: "hessian" | "factorization", most: number, others: string): Claim => ({
    id: `cutest-published-${of}`,
    statement: `published sizes: ${of} count of ${best[0]!.method}, geometric mean over what it solves (published for other sets of such sizes: ${others})`,
    goal: `≤ ${most}`,
    measured: `${mean(of).toFixed(1)} over ${solved.length} of ${best.length}`,
    holds: mean(of) <= most,
  });
  return [
    claim("hessian", 16, "CAT-II 16.3, GALAHAD TRU 22.6"),
    claim("factorization", 100, "medians: GALAHAD ARC 112, TRU 124, CAT-II 225"),
  ];
}

function bestOf(rows: readonly Row[], own: ReadonlySet<string>): readonly Row[] | undefined {
  const groups = [...groupBy(rows, (row) => row.method)].filter(([name]) => own.has(name)).map(([, group]) => group);
  const solved = (group: readonly Row[]) => group.filter((row) => row.solved).length;
  return groups.sort((a, b) => solved(b) - solved(a) || medianHessians(a) - medianHessians(b))[0];
}

const medianHessians = (rows: readonly Row[]): number =>
  median(rows.filter((row) => row.solved).map((row) => row.counts.hessian));

function solvedClaim(
  id: string,
  kind: string,
  rows: readonly Row[],
  own: ReadonlySet<string>,
  goal: number,
  of: number,
): Claim[] {
  const best = bestOf(rows, own);
  if (best === undefined) return [];
  const solved = best.filter((row) => row.solved).length;
  const whole = best.length === of;
  return [
    {
      id,
      statement: `${kind} files: the best method of Hessia solves, ‖g‖∞ ≤ 1e-6 max(1, ‖g₀‖∞)`,
      goal: `≥ ${goal} of ${of}`,
      measured: `${best[0]!.method}: ${solved} of ${best.length}`,
      holds: whole ? solved >= goal : null,
    },
  ];
}

/** Hessians of a method that forms them, and its own time, against trust-exact. */
function hessianClaims(rows: readonly Row[], own: ReadonlySet<string>): Claim[] {
  const groups = [...groupBy(rows, (row) => row.method)].filter(
    ([name, group]) => own.has(name) && group.some((row) => row.counts.hessian > 0),
  );
  const best = bestOf(
    groups.flatMap(([, group]) => group),
    own,
  );
  if (best === undefined) return [];
  const { method } = best[0]!;
  const hessians = medianHessians(best);
  const claims: Claim[] = [
    {
      id: "cutest-hessians",
      statement: `unconstrained files: median Hessian evaluations of ${method} on what it solves`,
      goal: "≤ 15",
      measured: String(hessians),
      holds: hessians <= 15,
    },
  ];
  const exact = new Map(
    rows.filter((row) => row.method === "SciPy trust-exact" && row.solved).map((row) => [row.problem, row]),
  );
  const both = best
    .filter((row) => row.solved && exact.has(row.problem))
    .map((row) => [row, exact.get(row.problem)!] as const);
  if (both.length === 0) return claims;
  const ours = median(both.map(([row]) => row.counts.hessian));
  const theirs = median(both.map(([, row]) => row.counts.hessian));
  const total = (pick: 0 | 1) => both.reduce((sum, pair) => sum + pair[pick].counts.hessian, 0);
  const ratios = both.map(
    ([row, other]) => (other.ms - other.evaluationMs) / Math.max(1e-3, row.ms - row.evaluationMs),
  );
  claims.push(
    {
      id: "cutest-hessians-trust-exact",
      statement: `the ${both.length} files that ${method} and SciPy's trust-exact both solve: Hessian evaluations`,
      goal: "median no more than trust-exact's",
      measured: `median ${ours} against ${theirs}; in all ${total(0)} against ${total(1)}`,
      holds: ours <= theirs,
    },
    {
      id: "cutest-time-trust-exact",
      statement: `the same files: time without evaluations, trust-exact's over ${method}'s, median`,
      goal: "> 1 ×",
      measured: `${median(ratios).toFixed(2)} ×`,
      holds: median(ratios) > 1,
    },
  );
  return claims;
}
