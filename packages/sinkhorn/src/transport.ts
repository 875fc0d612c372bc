import {
  any,
  type DenseInput,
  describe,
  type Method,
  maxIterations,
  misuse,
  type Result,
  requireKnownOptions,
  requireNumber,
  requireOneOf,
  type SolveOptions,
  solve,
  type Vector,
} from "@hessia/core";
import type { Cost } from "./cost/cost.js";
import type { GridCostOptions } from "./cost/grid.js";
import type { PointCostOptions } from "./cost/points.js";
import { logSinkhorn } from "./methods/log-sinkhorn.js";
import { safeSparseNewton } from "./methods/safe-sparse-newton.js";
import { sinkhorn } from "./methods/sinkhorn.js";
import { sinkhornNewtonSparse } from "./methods/sinkhorn-newton-sparse.js";
import { sparseLowRank } from "./methods/sparse-low-rank.js";
import { type PlanKind, type PlanOf, planOf, requirePlan } from "./plan.js";
import {
  dualValue,
  givenWeights,
  marginalError,
  type TransportProblem,
  type TransportState,
  transportProblem,
} from "./problem.js";
import { roundedValues, roundingOf } from "./rounding.js";
import { givenCost } from "./support/given-cost.js";

/** The methods by name. */
const methods = {
  safeSparseNewton: () => erase(safeSparseNewton()),
  sinkhornNewtonSparse: () => erase(sinkhornNewtonSparse()),
  sparseLowRank: () => erase(sparseLowRank()),
  logSinkhorn: () => erase(logSinkhorn({ scaling: true, relaxation: "auto" })),
  sinkhorn: () => erase(sinkhorn({ relaxation: "auto" })),
} as const;

export type TransportMethodName = keyof typeof methods;

/** Methods that take weights that are 0; for the others such points are left out. */
const takeZeros: readonly string[] = ["logSinkhorn", "sinkhorn"];

export interface TransportOptions<K extends PlanKind = "dense">
  extends Pick<SolveOptions<TransportState>, "observers" | "signal" | "timeLimit" | "trace" | "resume"> {
  /** r: weights ≥ 0. Default with `points`: equal weights of sum 1. */
  readonly source?: ArrayLike<number>;
  /** c: weights ≥ 0 of the same sum as r. */
  readonly target?: ArrayLike<number>;
  /** One of the three: C itself, n × m (Infinity forbids an arc) … */
  readonly cost?: DenseInput | Cost;
  /** … or the points between which it is measured, see {@link pointCost} … */
  readonly points?: PointCostOptions;
  /** … or grids, see {@link gridCost}. */
  readonly grid?: GridCostOptions;
  /** ε > 0, in the units of the cost. */
  readonly regularization: number;
  /** "auto" (default, see {@link transport}), a name, or a method of this package with options of your own. */
  readonly method?: "auto" | TransportMethodName | Method<TransportProblem, TransportState>;
  /** (‖P1 − r‖₁ + ‖Pᵀ1 − c‖₁)/mass, in [0, 2). Default 1e-9. */
  readonly tolerance?: number;
  /** Default 10,000. */
  readonly maxIterations?: number;
  /** Scales both weights to sum 1. Default false: unequal sums are refused. */
  readonly normalize?: boolean;
  /** Potentials to begin from; −Infinity is taken for points without weight. Default 0. */
  readonly initial?: { readonly source: ArrayLike<number>; readonly target: ArrayLike<number> };
  /** The form of the plan: a matrix ("dense", default), its entries that count ("sparse"), its products ("operator"), or "none". */
  readonly plan?: K;
  /** What a sparse plan leaves out is below threshold · min(rᵢ/m, cⱼ/n). In [0, 1). Default 1e-6. */
  readonly threshold?: number;
  /** Whether the dual gap is computed: five more passes over the cost. Default true. */
  readonly dualGap?: boolean;
}

const optionNames = [
  "source",
  "target",
  "cost",
  "points",
  "grid",
  "regularization",
  "method",
  "tolerance",
  "maxIterations",
  "normalize",
  "initial",
  "plan",
  "threshold",
  "dualGap",
  "observers",
  "signal",
  "timeLimit",
  "trace",
  "resume",
];

export interface MarginalErrors {
  /** ‖P1 − r‖₁ and ‖Pᵀ1 − c‖₁. */
  readonly source: number;
  readonly target: number;
  /** The greatest |(P1 − r)ᵢ| or |(Pᵀ1 − c)ⱼ|. */
  readonly greatest: number;
}

export interface TransportResult<K extends PlanKind = "dense"> extends Omit<Result<TransportState>, "x" | "value"> {
  readonly plan: PlanOf[K];
  /** x and y: P_ij = exp((xᵢ + yⱼ − C_ij)/ε). −Infinity where a weight is 0. Known up to x + t, y − t. */
  readonly potentials: { readonly source: Vector; readonly target: Vector };
  /** ⟨C, P⟩. */
  readonly cost: number;
  /** D(x, y) = ⟨r, x⟩ + ⟨c, y⟩ − ε (ΣP − mass): at the solution ⟨C, P⟩ + ε Σ P log P, and never above it. */
  readonly entropicValue: number;
  readonly marginalErrors: MarginalErrors;
  /** ⟨C, P̂⟩ + ε Σ P̂ log P̂ − D ≥ 0 for the plan P̂ moved onto the feasible set: a bound of the error of the value. NaN where not asked for, or where the plan isn't finite. */
  readonly dualGap: number;
  /** ⟨C, P̂⟩: what a plan with exact marginals costs. NaN where not asked for. */
  readonly roundedCost: number;
  readonly picked: { readonly method: string; readonly because: string };
}

/**
 * Entropic optimal transport, min ⟨C, P⟩ + ε Σ P log P over P ≥ 0 with P1 = r, Pᵀ1 = c.
 *
 * "auto" picks `safeSparseNewton` (Sinkhorn sweeps, then Newton steps with a sparse Hessian), and on grids `logSinkhorn`, whose sweeps work axis by axis. Points without weight are left out where
 * the method can't take them. Every numerical outcome is returned with its `reason`; `reason.kind === "converged"` is the success test.
 * @throws ArgumentError on misuse: see transportProblem, denseCost, pointCost, gridCost for weights and costs; options out of range; a dense plan beyond 2 GB.
 */
export function transport<K extends PlanKind = "dense">(options: TransportOptions<K>): TransportResult<K> {
  const routine = "transport";
  requireKnownOptions(routine, options, optionNames);
  const { regularization, tolerance = 1e-9, maxIterations: limit = 10_000, normalize = false } = options;
  const { plan: kind = "dense" as K, threshold = 1e-6, dualGap = true, initial } = options;
  const { method: asked = "auto", observers, signal, timeLimit, trace, resume } = options;
  requireNumber(routine, "options.threshold", threshold, { atLeast: 0, below: 1 });
  requireOneOf(routine, "options.plan", kind as PlanKind, ["dense", "sparse", "operator", "none"]);
  requireOneOf(routine, "options.normalize", normalize, [true, false]);
  requireOneOf(routine, "options.dualGap", dualGap, [true, false]);
  const cost = givenCost(options, routine);
  requirePlan(routine, kind, cost.rows, cost.cols);
  const source = givenWeights(routine, "source", options.source, cost.rows, normalize, options.points !== undefined);
  const target = givenWeights(routine, "target", options.target, cost.cols, normalize, options.points !== undefined);
  const whole = transportProblem({ source, target, cost, regularization }, routine);
  const { method, because } = pick(asked, whole);
  const { problem, rows, cols } = takeZeros.includes(method.name) ? keepAll(whole) : withoutZeros(whole);
  const z0 = startFrom(initial, whole, rows, cols);

  const stop = any<TransportState>(marginalError(tolerance), maxIterations(limit));
  const given = { observers, signal, timeLimit, trace, resume };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { x: _best, value: _value, ...run } = solve(method, problem, z0, { ...known, stop });

  const z = run.state.x;
  const solved = { problem, z, n: whole.source.length, m: whole.target.length, rows, cols };
  const { linear, errors, value } = sums(problem, z);
  let gap = Number.NaN;
  let roundedCost = Number.NaN;
  if (dualGap && Number.isFinite(errors.source + errors.target)) {
    const kept = planOf("operator", { ...keepAll(problem), z, n: rows.length, m: cols.length }, 0);
    const rounded = roundedValues(problem, z, roundingOf(kept, problem.source, problem.target, routine));
    gap = rounded.entropic - value;
    roundedCost = rounded.cost;
  }
  return {
    ...run,
    plan: planOf(kind, solved, threshold),
    potentials: {
      source: expanded(z.subarray(0, rows.length), rows, solved.n, whole.source),
      target: expanded(z.subarray(rows.length), cols, solved.m, whole.target),
    },
    cost: linear,
    entropicValue: value,
    marginalErrors: errors,
    dualGap: gap,
    roundedCost,
    picked: { method: method.name, because },
  };
}

function pick(
  asked: "auto" | TransportMethodName | Method<TransportProblem, TransportState>,
  { cost }: TransportProblem,
): { method: Method<TransportProblem, TransportState>; because: string } {
  if (typeof asked === "object" && asked !== null && typeof asked.step === "function")
    return { method: asked, because: "it was given" };
  if (asked === "auto")
    return cost.kind === "grid"
      ? { method: methods.logSinkhorn(), because: "a grid: sweeps work axis by axis" }
      : { method: methods.safeSparseNewton(), because: "Newton steps with a sparse Hessian after a few sweeps" };
  if (typeof asked !== "string" || !Object.hasOwn(methods, asked))
    misuse("transport", "options.method", describe(asked), `"auto", ${Object.keys(methods).join(", ")}, or a method`);
  return { method: methods[asked as TransportMethodName](), because: "it was asked for" };
}

interface Part {
  readonly problem: TransportProblem;
  readonly rows: Int32Array;
  readonly cols: Int32Array;
}

const every = (length: number) => Int32Array.from({ length }, (_, i) => i);

const keepAll = (problem: TransportProblem): Part => ({
  problem,
  rows: every(problem.source.length),
  cols: every(problem.target.length),
});

function withoutZeros(whole: TransportProblem): Part {
  if (whole.positive) return keepAll(whole);
  const { source, target, regularization } = whole;
  const rows = every(source.length).filter((i) => source[i]! > 0);
  const cols = every(target.length).filter((j) => target[j]! > 0);
  const problem = transportProblem({
    source: Float64Array.from(rows, (i) => source[i]!),
    target: Float64Array.from(cols, (j) => target[j]!),
    cost: whole.cost.restrict(rows, cols),
    regularization,
  });
  return { problem, rows, cols };
}

/** The start: what was given at the points that are kept, else 0. */
function startFrom(
  initial: TransportOptions["initial"],
  { source, target }: TransportProblem,
  rows: Int32Array,
  cols: Int32Array,
): Vector {
  const z0 = new Float64Array(rows.length + cols.length);
  if (initial === undefined) return z0;
  requireKnownOptions("transport", initial, ["source", "target"]);
  const fill = (side: "source" | "target", weights: Vector, kept: Int32Array, at: number) => {
    const given = initial[side];
    const argument = `options.initial.${side}`;
    if (given === null || typeof given !== "object" || given.length !== weights.length)
      misuse("transport", argument, describe(given), `${weights.length} potentials`);
    kept.forEach((k, i) => {
      const potential = given[k]!;
      if (weights[k]! > 0 && !Number.isFinite(potential))
        misuse("transport", argument, `${potential} at index ${k}`, "finite numbers where there is weight");
      z0[at + i] = weights[k]! > 0 ? potential : 0;
    });
  };
  fill("source", source, rows, 0);
  fill("target", target, cols, rows.length);
  return z0;
}

/** ⟨C, P⟩, the marginal errors and D(z): one pass. */
function sums(problem: TransportProblem, z: Vector): { linear: number; errors: MarginalErrors; value: number } {
  const { source: r, target: c, cost, regularization } = problem;
  const n = r.length;
  const m = c.length;
  const colSums = new Float64Array(m);
  let linear = 0;
  let total = 0;
  let ofRows = 0;
  let greatest = 0;
  cost.planTiles(
    z.subarray(0, n),
    z.subarray(n),
    regularization,
    ({ firstRow, rows, plan, cost: C, rowSums }) => {
      for (let k = 0; k < rows * m; k++) if (plan[k]! > 0) linear += plan[k]! * C[k]!;
      for (let k = 0; k < rows; k++) {
        const error = Math.abs(rowSums[k]! - r[firstRow + k]!);
        total += rowSums[k]!;
        ofRows += error;
        greatest = Math.max(greatest, error);
      }
    },
    { colSums },
  );
  let ofCols = 0;
  for (let j = 0; j < m; j++) {
    const error = Math.abs(colSums[j]! - c[j]!);
    ofCols += error;
    greatest = Math.max(greatest, error);
  }
  const errors = { source: ofRows, target: ofCols, greatest };
  return { linear, errors, value: dualValue(problem, z, total) };
}

/** Potentials at all points: −∞ where there is no weight. */
function expanded(part: Vector, where: Int32Array, length: number, weights: Vector): Vector {
  const out = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
  where.forEach((k, i) => {
    if (weights[k]! > 0) out[k] = part[i]!;
  });
  return out;
}

/** See {@link Method}: the state's own fields are the method's affair. */
const erase = (method: unknown) => method as Method<TransportProblem, TransportState>;
