import {
  any,
  type DenseInput,
  describe,
  maxIterations,
  misuse,
  type Result,
  requireFiniteVector,
  requireKnownOptions,
  requireOneOf,
  type SolveOptions,
  solve,
  type Vector,
} from "@hessia/core";
import type { Cost } from "../cost/cost.js";
import { type PointCostOptions, pointCost } from "../cost/points.js";
import {
  type NetworkSimplexOptions,
  type NetworkSimplexState,
  networkSimplex,
  optimalTree,
} from "../exact/network-simplex.js";
import type { PlanEntries } from "../plan-entries.js";
import { givenWeights } from "../problem.js";
import { type ArcList, arcsOf } from "./arcs.js";
import { type Cut, cutOf } from "./cut.js";
import { type NetworkProblem, networkProblem } from "./problem.js";
import type { Tree } from "./tree.js";

export interface ExactTransportOptions
  extends NetworkSimplexOptions,
    Pick<SolveOptions<NetworkSimplexState>, "observers" | "signal" | "timeLimit" | "trace" | "resume"> {
  /** r: weights ≥ 0. Default with `points`: equal weights of sum 1. */
  readonly source?: ArrayLike<number>;
  /** c: weights ≥ 0 of the same sum as r. */
  readonly target?: ArrayLike<number>;
  /** C, n × m, where Infinity forbids an arc; or a list of the arcs there are; or … */
  readonly cost?: DenseInput | Cost | ArcList;
  /** … the points between which it is measured, see {@link pointCost}. */
  readonly points?: PointCostOptions;
  /** Scales both weights to sum 1. Default false: unequal sums are refused. */
  readonly normalize?: boolean;
  /** Potentials of a similar problem, or of an entropic one: the first plan is made from them. Default 0. */
  readonly initial?: { readonly source: ArrayLike<number>; readonly target: ArrayLike<number> };
  /** Steps of `pivotsPerStep` exchanges. Default 10,000. */
  readonly maxIterations?: number;
}

export interface ExactTransportResult extends Omit<Result<NetworkSimplexState>, "x" | "value"> {
  /** At most n + m − 1 entries. Without those on forbidden arcs where the problem is infeasible or the run ended early. */
  readonly plan: PlanEntries;
  /** u and v with uᵢ + vⱼ ≤ C_ij, equal where the plan has an entry; ⟨r, u⟩ = ⟨c, v⟩. */
  readonly potentials: { readonly source: Vector; readonly target: Vector };
  /** ⟨C, P⟩; Infinity while forbidden arcs are used. */
  readonly cost: number;
  /** max(0, max uᵢ + vⱼ − C_ij): rounding when converged. */
  readonly violation: number;
  /** cost − (⟨r, u⟩ + ⟨c, v⟩ − mass · violation): the cost is above the optimal one by no more. */
  readonly dualGap: number;
  /** Exchanges of the simplex method. */
  readonly pivots: number;
  /** Where `reason.rule` is "infeasible": rows that weigh more than all columns they reach. Else null. */
  readonly cut: Cut | null;
}

const optionNames = [
  "source",
  "target",
  "cost",
  "points",
  "normalize",
  "initial",
  "maxIterations",
  "block",
  "pivotsPerStep",
  "observers",
  "signal",
  "timeLimit",
  "trace",
  "resume",
];

/**
 * Exact optimal transport, min ⟨C, P⟩ over P ≥ 0 with P1 = r, Pᵀ1 = c, by the network simplex method.
 *
 * Converged: no arc has a negative reduced cost, `dualGap` says to what rounding. A problem that forbidden arcs make infeasible is returned with the reason "infeasible" and a `cut` that proves it.
 * @throws ArgumentError on weights that are negative, not finite, without mass, of unequal mass or of the wrong number; on costs that are NaN or −Infinity; on options out of range.
 */
export function exactTransport(options: ExactTransportOptions): ExactTransportResult {
  const routine = "exactTransport";
  requireKnownOptions(routine, options, optionNames);
  const { normalize = false, maxIterations: limit = 10_000, block, pivotsPerStep, initial } = options;
  const { observers, signal, timeLimit, trace, resume } = options;
  requireOneOf(routine, "options.normalize", normalize, [true, false]);
  const method = networkSimplex({
    ...(block === undefined ? {} : { block }),
    ...(pivotsPerStep === undefined ? {} : { pivotsPerStep }),
  });
  const problem = problemOf(options, normalize, routine);
  const { rows: n } = problem.arcs;
  const given = { observers, signal, timeLimit, trace, resume };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const stop = any<NetworkSimplexState>(optimalTree(), maxIterations(limit));
  const { x: _x, value: _value, ...run } = solve(method, problem, startFrom(initial, problem), { ...known, stop });

  const { x, value, tree, gradientNorm: violation, forbiddenFlow, pivots } = run.state;
  const cost = forbiddenFlow > 0 ? Number.POSITIVE_INFINITY : value;
  return {
    ...run,
    plan: entriesOf(problem, tree),
    potentials: { source: x.slice(0, n), target: x.slice(n) },
    cost,
    violation,
    dualGap: cost - (problem.value(x) - problem.mass * violation),
    pivots,
    cut: run.reason.rule === "infeasible" ? cutOf(problem, tree) : null,
  };
}

function problemOf(options: ExactTransportOptions, normalize: boolean, routine: string): NetworkProblem {
  const { cost: matrix, points } = options;
  if ((matrix === undefined) === (points === undefined))
    misuse(
      routine,
      "options",
      matrix === undefined ? "without cost and points" : "with cost and points",
      "one of them",
    );
  const cost = points === undefined ? matrix! : pointCost({ store: true, ...points }, routine);
  const arcs = arcsOf(routine, cost);
  const weights = (side: "source" | "target", length: number) =>
    givenWeights(routine, side, options[side], length, normalize, points !== undefined);
  return networkProblem(
    { source: weights("source", arcs.rows), target: weights("target", arcs.cols), cost: arcs },
    routine,
  );
}

function startFrom(initial: ExactTransportOptions["initial"], { arcs, dimension }: NetworkProblem): Vector {
  const z = new Float64Array(dimension);
  if (initial === undefined) return z;
  requireKnownOptions("exactTransport", initial, ["source", "target"]);
  for (const [side, length, at] of [
    ["source", arcs.rows, 0],
    ["target", arcs.cols, arcs.rows],
  ] as const) {
    const part = initial[side];
    const argument = `options.initial.${side}`;
    if (part === null || typeof part !== "object")
      misuse("exactTransport", argument, describe(part), `${length} potentials`);
    // −Infinity stands for points without weight in the results of `transport`.
    const potentials = Float64Array.from(part, (value) => (value === Number.NEGATIVE_INFINITY ? 0 : value));
    requireFiniteVector("exactTransport", argument, potentials, length);
    z.set(potentials, at);
  }
  return z;
}

/** The flow of a tree as a plan, by rows and columns. */
function entriesOf({ arcs, unit }: NetworkProblem, { parent, flow, forbidden }: Tree): PlanEntries {
  const { rows: n, cols: m } = arcs;
  const used: number[] = [];
  for (let v = 0; v < n + m; v++) if (parent[v]! >= 0 && flow[v]! > 0 && forbidden[v] === 0) used.push(v);
  const sourceOf = (v: number) => (v < n ? v : parent[v]!);
  const targetOf = (v: number) => (v < n ? parent[v]! : v) - n;
  used.sort((a, b) => sourceOf(a) - sourceOf(b) || targetOf(a) - targetOf(b));
  return {
    rows: n,
    cols: m,
    sources: Int32Array.from(used, sourceOf),
    targets: Int32Array.from(used, targetOf),
    amounts: Float64Array.from(used, (v) => flow[v]! * unit),
  };
}
